//! 上传: sends a file piece by piece, asks the server where to go on, tries again by itself when the
//! connection breaks.

use std::time::Duration;

use gloo_net::http::Request;
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use web_sys::File;

use super::chosen::{hex, size_of, slice, unreadable};
use super::state::{AttachmentsState, Phase, Transfer};
use crate::attachment::api;
use crate::attachment::model::{AttachmentRow, Changed, WAITING};
use crate::error::{ApiError, ErrorKind, client};
use crate::text::{Message, text};
use crate::ui::call::call;
use crate::ui::toast;

/// Pauses between attempts while there is no connection.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(20),
];

/// Uploads the marked attachments that wait, or all that wait when none of them is marked.
pub async fn upload(state: AttachmentsState) {
    let waits = |row: &AttachmentRow| row.content.status == WAITING;
    let mut rows: Vec<_> = state.marked().into_iter().filter(waits).collect();
    if rows.is_empty() {
        rows = state.rows.with_untracked(|rows| rows.iter().filter(|row| waits(row)).cloned().collect());
    }
    if rows.is_empty() {
        toast::info(text("没有待上传的数据，请确认！", "There is nothing to upload."));
        return;
    }
    let mut uploaded = 0;
    for row in rows {
        let Some(file) = state.file_of(row.id) else {
            toast::info(Message::new(
                format!(
                    "请用“文件选择”重新选择第{}项的文件“{}”，再点击“上传”，将从断点继续。",
                    row.seq, row.content.file_name
                ),
                format!(
                    "Choose the file “{}” of item {} again, then press Upload: it goes on where it stopped.",
                    row.content.file_name, row.seq
                ),
            ));
            continue;
        };
        uploaded += usize::from(upload_one(state, row, file).await);
    }
    if uploaded > 0 {
        toast::success(text("上传成功！", "Uploaded"));
    }
}

async fn upload_one(state: AttachmentsState, row: AttachmentRow, file: File) -> bool {
    let (id, name) = (row.id, row.content.file_name);
    let total = size_of(&file);
    if !state.begin(Transfer { id, name: name.clone(), phase: Phase::Sending, done: row.received, total }) {
        return false; // on its way already
    }
    match send(state, id, &file, &name).await {
        Ok(Some(changed)) => {
            state.took(&changed);
            state.selected.try_update(|selected| selected.remove(&id));
            state.forget_file(id);
            state.end(id);
            true
        }
        Ok(None) => {
            let stopped = text("已停止，点击“上传”从断点继续", "Stopped; Upload goes on from here");
            state.moved(id, Phase::Failed(stopped.into()), done_of(state, id));
            false
        }
        Err(error) => {
            toast::failed(&error);
            state.moved(id, Phase::Failed(error.message), done_of(state, id));
            // What the server has may have changed: a file with the wrong content starts anew.
            if let Ok(row) = api::get(id).await {
                state.put(row);
            }
            false
        }
    }
}

fn done_of(state: AttachmentsState, id: Uuid) -> i64 {
    let done = |transfers: &Vec<Transfer>| transfers.iter().find(|transfer| transfer.id == id).map(|found| found.done);
    state.transfers.try_with_untracked(done).flatten().unwrap_or(0)
}

/// Sends what the server lacks; `None` when it was stopped.
async fn send(state: AttachmentsState, id: Uuid, file: &File, name: &str) -> Result<Option<Changed>, ApiError> {
    let total = size_of(file);
    let piece = state.policy.get_untracked().piece_bytes;
    let mut failures = 0;
    let mut received: Option<i64> = None;
    loop {
        if state.is_stopped(id) {
            return Ok(None);
        }
        let step = async {
            let Some(start) = received else {
                let row = call(|| api::get(id)).await?;
                // Another window may have finished it; then there is nothing left to send.
                return Ok(Step::Here(if row.content.is_uploaded() { total } else { row.received }));
            };
            if start >= total {
                return call(|| api::finish(id)).await.map(|changed| Step::Done(Box::new(changed)));
            }
            let end = (start + piece).min(total);
            let bytes = slice(file, start, end).await;
            let bytes = bytes.ok_or_else(|| ApiError::new(ErrorKind::Refused, unreadable(name)))?;
            let hash = hex(&Sha256::digest(&bytes));
            let row = call(|| post_piece(id, start, &hash, &bytes)).await?;
            Ok(Step::Here(row.received))
        };
        match step.await {
            Ok(Step::Done(changed)) => return Ok(Some(*changed)),
            Ok(Step::Here(done)) => {
                failures = 0;
                received = Some(done);
                state.moved(id, Phase::Sending, done);
            }
            // Another window sent this piece: ask how far it came.
            Err(error) if error.kind == ErrorKind::Conflict => received = None,
            Err(error)
                if matches!(error.kind, ErrorKind::Network | ErrorKind::Unavailable) && failures < PAUSES.len() =>
            {
                state.moved(id, Phase::Retrying, received.unwrap_or(0));
                gloo_timers::future::sleep(PAUSES[failures]).await;
                failures += 1;
                received = None;
            }
            Err(error) => return Err(error),
        }
    }
}

enum Step {
    /// So much is on the server.
    Here(i64),
    Done(Box<Changed>),
}

async fn post_piece(id: Uuid, start: i64, hash: &str, bytes: &[u8]) -> Result<AttachmentRow, ApiError> {
    let unreachable = |cause: String| ApiError::from_server_fn_error(ServerFnErrorErr::Request(cause));
    let request = Request::post(&api::piece_address(id, start, hash))
        .header("Content-Type", "application/octet-stream")
        .header(client::USER, &client::page_of().unwrap_or_default())
        .body(Uint8Array::from(bytes))
        .map_err(|error| unreachable(error.to_string()))?;
    let answer = request.send().await.map_err(|error| unreachable(error.to_string()))?;
    let kind = answer.headers().get("content-type").unwrap_or_default();
    if let Some(error) = client::not_ours(answer.status(), &kind) {
        return Err(error);
    }
    let text = answer.text().await.map_err(|error| unreachable(error.to_string()))?;
    let broken = |_| unreachable("an answer that is none of ours".to_owned());
    if answer.ok() {
        return serde_json::from_str(&text).map_err(broken);
    }
    Err(serde_json::from_str(&text).unwrap_or_else(broken))
}
