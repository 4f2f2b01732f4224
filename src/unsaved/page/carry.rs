//! What this browser has, as a file, and back from one: to go on at another computer. Used by the screen 未同步; the file is
//! sealed for its user (`workspace::held::file`).

use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use super::compare::{HERE, label_of};
use crate::document::page::import::send::{chosen, fit};
use crate::text::{Message, Text, text};
use crate::ui::clock::day_and_time;
use crate::ui::dialog::{self, FIELD};
use crate::ui::download::save_bytes;
use crate::ui::lang::{said, t};
use crate::ui::parts::{action_name, icon};
use crate::ui::toast;
use crate::workspace::content::Content;
use crate::workspace::drafts;
use crate::workspace::held::file::{ENDING, Packed, pack, unpack};
use crate::workspace::held::{self, Held, differing};
use crate::workspace::tabs;

const BRING_IN: Text = text("从文件导入", "Bring in from a file");
const UNREADABLE: Text = text("文件读不出来，没有导入任何内容。", "The file cannot be read; nothing was brought in.");
const NOT_KEPT: Text = text(
    "本机不能保存（空间不足，或浏览器不允许），没有导入任何内容。",
    "This browser does not keep it (no room, or forbidden); nothing was brought in.",
);

/// Saves all of some documents as a file.
pub async fn export(all: Vec<Held>) {
    let packed: Vec<Packed> = all.iter().map(Held::packed).collect();
    let file = match pack(&packed).await {
        Ok(file) => file,
        Err(why) => return toast::error(why),
    };
    let at: String = day_and_time().chars().filter(char::is_ascii_digit).collect();
    let name = format!("{}-{at}.{ENDING}", t(text("未同步", "unsynced")));
    if !save_bytes(&name, &file) {
        return toast::error(text("浏览器没有保存文件。", "The browser did not save the file."));
    }
    let count = all.len();
    let removed: usize = packed.iter().flat_map(|one| one.content.removed.values()).map(Vec::len).sum();
    let mut told = Message::new(
        format!("已导出{count}份单据的内容：{name}。只有您本人登录后才能导入；本机的内容仍在。"),
        format!("Exported what is here of {count} documents: {name}. Only you can bring it in; it also stays here."),
    );
    if removed > 0 {
        told = Message::new(
            format!("{}待同步的删除（{removed}行）不随文件导入，请在导入后重新删除。", told.zh),
            format!(
                "{} Deletions ({removed} rows) are not brought in with it: delete these rows again there.",
                told.en
            ),
        );
    }
    toast::success(told);
}

/// The button that asks for a file and brings it in.
pub fn bring_in_button(done: Callback<()>) -> AnyView {
    let input = NodeRef::<leptos::html::Input>::new();
    let on_change = move |event: leptos::ev::Event| {
        let file = chosen(&event);
        if let Some(input) = input.get_untracked() {
            // The same file once more is a choice, too.
            input.set_value("");
        }
        if file.is_none() {
            return;
        }
        spawn_local(async move {
            match bring_in(file).await {
                Ok(Some(told)) => toast::success(told),
                Ok(None) => {}
                Err(why) => toast::error(why),
            }
            done.run(());
        });
    };
    let ask = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    view! {
        <button type="button" class="button" data-action=action_name(BRING_IN) on:click=ask>
            {icon("upload")}<span>{said(BRING_IN)}</span>
        </button>
        <input node_ref=input type="file" hidden=true accept=format!(".{ENDING}") aria-label=said(BRING_IN) on:change=on_change/>
    }
    .into_any()
}

/// Brings a file in, all of it or nothing. What it says in the end; nothing when the user thought better of it.
async fn bring_in(file: Option<File>) -> Result<Option<Message>, Message> {
    let file = fit(file)?;
    let bytes = JsFuture::from(file.array_buffer()).await.map_err(|_| UNREADABLE)?;
    let all = unpack(&Uint8Array::new(&bytes).to_vec()).await?;
    let open: Vec<&str> =
        all.iter().filter(|packed| tabs::shows(packed.document)).map(|packed| packed.title.as_str()).collect();
    if !open.is_empty() {
        return Err(Message::new(
            format!("“{}”已打开，没有导入任何内容：请先关闭页签，再导入。", open.join("”、“")),
            format!("“{}” is open; nothing was brought in. Close the tab first.", open.join("”, “")),
        ));
    }
    let count = all.len();
    let mut settled = Vec::with_capacity(count);
    for mut packed in all {
        let here = drafts::of(&packed.kind, packed.document).await;
        if !decide(&here, &mut packed).await {
            return Ok(None);
        }
        settled.push((packed, here));
    }
    if !held::bring_in(settled).await {
        return Err(NOT_KEPT.into());
    }
    Ok(Some(Message::new(
        format!("已导入{count}份单据的内容，成为未保存的内容：请逐份打开，核对后暂存。"),
        format!(
            "Brought in what the file has of {count} documents, as text that is not saved: open each, check it and save."
        ),
    )))
}

/// Asks where something else is typed here in the same fields; false when the user does not want either.
async fn decide(here: &Content, packed: &mut Packed) -> bool {
    let rows: Vec<[String; 3]> = differing(here, &packed.content)
        .into_iter()
        .map(|(at, here, brought)| [label_of(&packed.kind, None, at), here.to_owned(), brought.to_owned()])
        .collect();
    if rows.is_empty() {
        return true;
    }
    let words = Message::new(
        format!("“{}”在本机也有未保存的内容，以下字段与文件不同。其余字段两边都保留。", packed.title),
        format!(
            "“{}” has text here that is not saved, and the file differs in these fields. All others are kept from both.",
            packed.title
        ),
    );
    let ways = [text("保留本机的", "Keep what is here"), text("采用文件的", "Take the file's")];
    let headings = [FIELD, HERE, text("文件", "File")];
    match dialog::choose_by(BRING_IN, words, headings, rows, &ways).await {
        Some(0) => {
            packed.content.drop_texts(|at| here.text(at).is_some());
            true
        }
        Some(_) => true,
        None => false,
    }
}
