//! Sends a file with progress, and can be stopped; used by the import of rows and by the registering of many entries. Not a
//! server function: those know no progress. Does not look into the file.

use leptos::prelude::*;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{File, HtmlInputElement, ProgressEvent, XmlHttpRequest};

use crate::document::import::model::LARGEST_FILE;
use crate::error::{ApiError, ErrorKind, client};
use crate::text::{Message, Text, text};
use crate::ui::call::call;
use crate::ui::lang::{said, t, tm};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::wait::answer;

const CHOOSE_FIRST: Text = text("请先选择要导入的模板文件！", "Choose the file to import first.");
pub const STOP: Text = text("停止", "Stop");

/// What is shown while a file is on its way and while the server reads it. `sent`: in percent.
pub fn sending(sent: RwSignal<u32>, on_stop: Callback<()>) -> AnyView {
    let all = move || sent.get() >= 100;
    let words = move || {
        if all() {
            t(text("文件已上传，服务器正在读取和核对…", "Uploaded; the server reads and checks it…")).to_owned()
        } else {
            tm(&Message::new(format!("正在上传 {}%", sent.get()), format!("Uploading {}%", sent.get())))
        }
    };
    view! {
        <p role="status">{words}</p>
        // Without a value while the server works: how long that takes is not known.
        <progress max="100" value=move || (!all()).then(|| sent.get())
            aria-label=said(text("导入进度", "Progress of the import"))></progress>
        <div class="dialog-buttons">
            <ActionButton label=STOP icon="" kind=ButtonKind::Plain on_press=on_stop/>
        </div>
    }
    .into_any()
}

/// The file a control holds.
pub fn chosen(event: &leptos::ev::Event) -> Option<File> {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    input.and_then(|input| input.files()).and_then(|files| files.get(0))
}

/// The file to be sent, or why none is.
pub fn fit(file: Option<File>) -> Result<File, Message> {
    let file = file.ok_or_else(|| Message::from(CHOOSE_FIRST))?;
    if file.size() > LARGEST_FILE as f64 {
        return Err(Message::new(
            "文件超过10MB，请删除图片等不需要的内容，或分成几个文件。",
            "The file is larger than 10 MB: remove what is not needed, or split it.",
        ));
    }
    Ok(file)
}

/// Sends a file and gives the server's report on it, or what is to be said instead. `address` ends where the name of the
/// file begins.
pub async fn report<R: DeserializeOwned>(
    address: &str,
    file: File,
    sent: RwSignal<u32>,
    under_way: RwSignal<Option<XmlHttpRequest>, LocalStorage>,
) -> Result<R, Message> {
    sent.set(0);
    let address = format!("{address}{}", String::from(js_sys::encode_uri_component(&file.name())));
    let answer = call(|| send(address.clone(), file.clone(), sent, under_way)).await;
    let text = answer.map_err(|error| told(&error))?;
    serde_json::from_str(&text).map_err(|_| {
        Message::new(
            "页面版本与服务器不一致，请刷新页面后重试。",
            "The page does not fit this server: reload it and try again.",
        )
    })
}

/// Sends a file and gives the server's answer as text. `sent` follows the share that has left, in
/// percent; `under_way` holds the request while it can be stopped.
///
/// # Errors
/// What the server refused, or that it cannot be reached. A stopped request looks like the latter.
async fn send(
    address: String,
    file: File,
    sent: RwSignal<u32>,
    under_way: RwSignal<Option<XmlHttpRequest>, LocalStorage>,
) -> Result<String, ApiError> {
    let unreachable = || ApiError::from_server_fn_error(ServerFnErrorErr::Request(String::new()));
    let request = XmlHttpRequest::new().map_err(|_| unreachable())?;
    request.open("POST", &address).map_err(|_| unreachable())?;
    request.set_request_header(client::USER, &client::page_of().unwrap_or_default()).map_err(|_| unreachable())?;
    let (giver, waiter) = answer();
    let moved = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        let (loaded, total) = (event.loaded() as u64, event.total() as u64);
        sent.set((loaded * 100).checked_div(total).unwrap_or(0) as u32);
    });
    let over = Closure::<dyn FnMut()>::new(move || giver.give(()));
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(moved.as_ref().unchecked_ref()));
    }
    request.set_onloadend(Some(over.as_ref().unchecked_ref()));
    request.send_with_opt_blob(Some(&file)).map_err(|_| unreachable())?;
    under_way.set(Some(request.clone()));
    waiter.await;
    under_way.set(None);
    let text = request.response_text().ok().flatten().unwrap_or_default();
    let kind = request.get_response_header("content-type").ok().flatten().unwrap_or_default();
    let status = request.status().unwrap_or(0);
    if let Some(error) = client::not_ours(status, &kind).filter(|_| status != 0) {
        return Err(error);
    }
    match status {
        200 => Ok(text),
        0 => Err(unreachable()),
        _ => Err(serde_json::from_str(&text).unwrap_or_else(|_| unreachable())),
    }
}

/// The error in the words of an import, with the number that leads to the server's log.
pub fn told(error: &ApiError) -> Message {
    if error.kind == ErrorKind::NotFound {
        return Message::new(
            "上传的文件已过期（保留两小时）或数据已被删除，请重新选择文件。",
            "The uploaded file is over (it is kept for two hours), or the document was deleted; choose the file again.",
        );
    }
    let mut message = error.message.clone();
    if error.kind == ErrorKind::Internal && !error.request_id.is_empty() {
        message.zh.push_str(&format!("（编号 {}）", error.request_id));
        message.en.push_str(&format!(" (no. {})", error.request_id));
    }
    message
}
