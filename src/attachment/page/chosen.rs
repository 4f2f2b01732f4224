//! 文件选择: reads what was chosen or dropped, says at once what cannot be attached, and recognises a
//! file whose upload was interrupted.

use js_sys::Uint8Array;
use leptos::prelude::*;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileList};

use super::state::{AttachmentsState, Chosen, Phase, Transfer};
use crate::attachment::content::{START_BYTES, safe_name};
use crate::attachment::model::{Attachment, ChosenFile, WAITING};
use crate::attachment::rules::{check_file, kind_of_name};
use crate::text::Message;
use crate::ui::toast;

/// The files of a list; it empties itself when the control it belongs to does.
pub fn files_of(list: Option<FileList>) -> Vec<File> {
    let Some(list) = list else { return Vec::new() };
    (0..list.length()).filter_map(|at| list.get(at)).collect()
}

/// Takes files in: the good ones into the form, the others with a message each.
pub async fn choose(state: AttachmentsState, files: Vec<File>) {
    if state.current.get_untracked().1 != 0 {
        state.start_new();
    }
    let offered_before = offered_kind(&state.chosen());
    for file in files {
        let name = safe_name(&file.name());
        match read(state, &file, &name).await {
            Ok(about) => place(state, file, about),
            Err(message) => toast::error(message),
        }
    }
    let chosen = state.chosen();
    let typed: Attachment = state.form.values().read();
    let offered = offered_kind(&chosen);
    // What was offered for fewer files goes; what a person chose stays.
    if typed.att_type != offered && (typed.att_type.is_empty() || typed.att_type == offered_before) {
        // Loaded, not patched: the field may have the focus, and then only a new record is shown in it.
        state.form.load(&Attachment { att_type: offered.to_owned(), ..typed });
    }
    if !chosen.is_empty() {
        state.form.focus_first();
    }
}

/// The kind all names speak of. Of several kinds none is offered: each file gets its own when it is stored.
fn offered_kind(chosen: &[Chosen]) -> &'static str {
    let mut kinds = chosen.iter().map(|one| kind_of_name(&one.about.name).unwrap_or_default());
    let first = kinds.next().unwrap_or_default();
    if kinds.all(|kind| kind == first) { first } else { "" }
}

fn place(state: AttachmentsState, file: File, about: ChosenFile) {
    let same = state.rows.with_untracked(|rows| rows.iter().find(|row| row.content.hash == about.hash).cloned());
    match same {
        // Chosen before, perhaps on another day: its upload can go on.
        Some(row) if row.content.status == WAITING => {
            state.keep_file(row.id, file);
            state.selected.update(|selected| {
                selected.insert(row.id);
            });
            toast::info(Message::new(
                format!("“{}”就是第{}项待上传的文件，请点击“上传”，将从断点继续。", about.name, row.seq),
                format!(
                    "“{}” is the file item {} waits for; press Upload, it goes on where it stopped.",
                    about.name, row.seq
                ),
            ));
        }
        _ if state.chosen().iter().any(|other| other.about.hash == about.hash) => {}
        _ => state.choose(Chosen { id: Uuid::now_v7(), file, about }),
    }
}

/// Reads a file once: is it one that can be attached, and what is its hash? From the first moment it counts as
/// being read: 暂存 that is struck meanwhile waits for it.
async fn read(state: AttachmentsState, file: &File, name: &str) -> Result<ChosenFile, Message> {
    let (id, size) = (Uuid::now_v7(), size_of(file));
    state.begin(Transfer { id, name: name.to_owned(), phase: Phase::Reading, done: 0, total: size });
    let about = look_through(state, file, name, id).await;
    state.end(id);
    about
}

async fn look_through(state: AttachmentsState, file: &File, name: &str, id: Uuid) -> Result<ChosenFile, Message> {
    let policy = state.policy.get_untracked();
    let mut about = ChosenFile { name: name.to_owned(), size: size_of(file), hash: String::new(), kind: None };
    // A folder that was dropped, or a file another program holds.
    let first = slice(file, 0, about.size.min(policy.piece_bytes)).await.ok_or_else(|| unreadable(name))?;
    let start = &first[..first.len().min(START_BYTES)];
    // For which paper it is may still change; that is checked when it is stored.
    about.kind = Some(check_file(name, about.size, start, "", &policy)?);
    let mut hash = Sha256::new();
    let mut at = 0;
    while at < about.size {
        let end = (at + policy.piece_bytes).min(about.size);
        hash.update(&slice(file, at, end).await.ok_or_else(|| unreadable(name))?);
        at = end;
        state.moved(id, Phase::Reading, at);
    }
    about.hash = hex(&hash.finalize());
    Ok(about)
}

/// A part of a file; `None` when the file was moved, changed or locked since it was chosen.
pub async fn slice(file: &File, start: i64, end: i64) -> Option<Vec<u8>> {
    let part = file.slice_with_f64_and_f64(start as f64, end as f64).ok()?;
    let buffer = JsFuture::from(part.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

pub fn unreadable(name: &str) -> Message {
    Message::new(
        format!("读不出文件“{name}”：它可能已被移动、修改或被其他程序占用，请重新选择文件。"),
        format!("“{name}” cannot be read: it was moved or changed, or another program holds it. Choose it again."),
    )
}

/// Sizes come as floats; every size there is fits.
pub fn size_of(file: &File) -> i64 {
    file.size() as i64
}

pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
