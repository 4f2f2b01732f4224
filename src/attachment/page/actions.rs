//! What the buttons of 随附单据 do besides choosing and sending files: each asks, calls the server
//! once, and shows the answer. A refusal leaves everything typed where it is.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::state::{AttachmentsState, Chosen};
use crate::attachment::api;
use crate::attachment::model::{Attachment, AttachmentRow, DeleteAttachment, SECTION, SaveAttachment};
use crate::attachment::rules::{check_attachment, kind_of_name};
use crate::error::{ApiError, ErrorKind};
use crate::form::{Finding, Severity, pointer};
use crate::text::{Message, text};
use crate::ui::call::{act, call};
use crate::ui::dialog::{self, Side};
use crate::ui::download::save_as;
use crate::ui::grid::GridState;
use crate::ui::toast;
use crate::ui::type_ahead::{self, Again};

const LOOK_AGAIN: Duration = Duration::from_millis(30);

/// Reads the list from the server.
pub async fn load(state: AttachmentsState) {
    match call(|| api::list(state.document_id)).await {
        Ok(listing) => {
            state.policy.try_set(listing.policy);
            state.rows.try_set(listing.rows);
            state.loading.try_set(GridState::Ready);
        }
        Err(error) => {
            state.loading.try_set(GridState::Failed(error.message));
        }
    }
}

/// 暂存: the attachment in the form, or one for each chosen file. True when all are stored. Keys struck
/// meanwhile wait for the next one.
pub async fn save(state: AttachmentsState) -> bool {
    let hold = type_ahead::hold();
    let saved = save_chosen(state).await;
    if saved {
        hold.release();
    } else {
        let again = Again {
            keeps: false,
            pending: Arc::new(move || state.dirty()),
            run: Arc::new(move || {
                spawn_local(async move {
                    save(state).await;
                });
            }),
        };
        hold.stop(text("随附单据未能暂存", "The attachment was not saved").into(), again);
    }
    saved
}

async fn save_chosen(state: AttachmentsState) -> bool {
    // The key may be quicker than the disk.
    while state.is_reading() {
        gloo_timers::future::sleep(LOOK_AGAIN).await;
    }
    let typed: Attachment = state.form.values().read();
    let (id, base) = state.current.get_untracked();
    let chosen = state.chosen();
    if base != 0 {
        return save_one(state, id, base, typed, None).await && done(state, &[]);
    }
    if chosen.is_empty() {
        if typed.sample.is_empty() {
            return refused(state, vec![missing_file()]);
        }
        return save_one(state, id, 0, typed, None).await && done(state, &[id]);
    }
    let mut stored = Vec::new();
    for one in chosen {
        let mut content = typed.clone();
        if content.att_type.is_empty() {
            kind_of_name(&one.about.name).unwrap_or_default().clone_into(&mut content.att_type);
        }
        let id = one.id;
        if !save_one(state, id, 0, content, Some(one)).await {
            return false; // those before it are stored, it and the rest stay chosen
        }
        stored.push(id);
    }
    done(state, &stored)
}

fn done(state: AttachmentsState, stored: &[Uuid]) -> bool {
    state.start_new();
    if !stored.is_empty() {
        // Marked, so that 上传 is the next key to press.
        state.selected.set(stored.iter().copied().collect());
        state.active.set(stored.last().copied());
    }
    toast::success(text("暂存成功！", "Saved"));
    state.form.focus_first();
    true
}

async fn save_one(
    state: AttachmentsState,
    id: Uuid,
    mut base: i64,
    mut content: Attachment,
    chosen: Option<Chosen>,
) -> bool {
    let mut known = content.clone();
    if let Some(kind) = chosen.as_ref().and_then(|chosen| chosen.about.kind) {
        kind.name().clone_into(&mut known.file_type);
    }
    let policy = state.policy.get_untracked();
    let faults = check_attachment(state.form.seq.get_untracked(), &known, &policy);
    if !faults.is_empty() {
        return refused(state, faults);
    }
    loop {
        let file = chosen.as_ref().map(|chosen| chosen.about.clone());
        let request = SaveAttachment { document_id: state.document_id, id, base, content: content.clone(), file };
        match act(|| api::save(request.clone())).await {
            Ok(changed) => {
                if let Some(chosen) = chosen {
                    state.chose(chosen);
                }
                state.took(&changed);
                return true;
            }
            Err(error) if error.kind == ErrorKind::Conflict => {
                let label = |pointer: &str| {
                    let key = pointer.rsplit('.').next().unwrap_or_default();
                    <Attachment as crate::form::Record>::field(key)
                        .map_or_else(String::new, |field| field.label.of(crate::ui::lang::language()).to_owned())
                };
                let Some(sides) = dialog::settle(error.differences.clone(), label).await else { return false };
                let row = match call(|| api::get(id)).await {
                    Ok(row) => row,
                    Err(error) => return failed(state, &error),
                };
                if !sides.contains(&Side::Mine) {
                    load(state).await;
                    if let Some(row) = state.find(id) {
                        state.edit(&row);
                    }
                    return false;
                }
                base = row.version;
                for (one, _) in error.differences.iter().zip(sides).filter(|(_, side)| *side == Side::Theirs) {
                    crate::form::Record::set(
                        &mut content,
                        one.pointer.rsplit('.').next().unwrap_or_default(),
                        one.theirs.as_str(),
                    );
                }
            }
            Err(error) => return failed(state, &error),
        }
    }
}

fn missing_file() -> Finding {
    Finding::new(
        "attachment.file",
        pointer(SECTION, None, "file_name"),
        Severity::Save,
        "请先点击“文件选择”选择文件，再暂存",
        "Choose a file first, then save",
    )
}

fn failed(state: AttachmentsState, error: &ApiError) -> bool {
    toast::failed(error);
    show(state, error.findings.clone());
    false
}

fn refused(state: AttachmentsState, findings: Vec<Finding>) -> bool {
    toast::error(text("未能暂存，请按红色提示修改后重试。", "Not saved. Mend what is marked in red and try again."));
    show(state, findings);
    false
}

/// Findings come for a number, or for none while the item is new; shown at the form's fields.
fn show(state: AttachmentsState, mut findings: Vec<Finding>) {
    for found in &mut findings {
        let key = found.pointer.rsplit('.').next().unwrap_or_default().to_owned();
        found.pointer = state.form.pointer_of(&key);
    }
    state.form.findings.set(findings);
    state.form.focus_error();
}

/// 删除 of the marked attachments.
pub async fn delete(state: AttachmentsState) {
    let rows = state.marked();
    if rows.is_empty() {
        toast::info(text("请选择一条数据！", "Choose a row first"));
        return;
    }
    let list = rows.iter().map(|row| row.seq.to_string()).collect::<Vec<_>>().join("、");
    let question = Message::new(
        format!("是否删除第{list}项随附单据及其文件？删除后不可恢复。"),
        format!("Delete attachment {list} with its file? It cannot be restored."),
    );
    if !dialog::confirm_loss(question).await {
        return;
    }
    for row in rows {
        let request = DeleteAttachment { document_id: state.document_id, id: row.id, base: row.version };
        match act(|| api::delete(request.clone())).await {
            Ok(changed) => {
                state.took(&changed);
                gone(state, row.id);
            }
            Err(error) => {
                toast::failed(&error);
                if error.kind == ErrorKind::Conflict {
                    load(state).await;
                }
                return;
            }
        }
    }
    toast::success(text("删除成功！", "Deleted"));
}

fn gone(state: AttachmentsState, id: Uuid) {
    state.rows.update(|rows| rows.retain(|row| row.id != id));
    state.selected.update(|selected| {
        selected.remove(&id);
    });
    state.stop(id);
    state.end(id);
    state.forget_file(id);
    if state.current.get_untracked().0 == id {
        state.start_new();
    }
}

/// 下载 of the marked attachments.
pub async fn download(state: AttachmentsState) {
    let rows = state.marked();
    if rows.is_empty() {
        toast::info(text("请选择一条数据！", "Choose a row first"));
    }
    for row in rows {
        // Through the session first: a page that lost it would save an error message under the file's name.
        match fresh(state, row.id).await {
            Some(row) if row.content.is_uploaded() => save_as(&api::file_address(row.id)),
            Some(row) => not_there(&row),
            None => {}
        }
    }
}

/// 导出 of the list as it is shown.
pub async fn export(state: AttachmentsState, columns: Vec<&'static str>) {
    // Through the session first, as in `download`.
    match call(|| api::list(state.document_id)).await {
        Ok(_) => save_as(&api::export_address(state.document_id, &columns)),
        Err(error) => toast::failed(&error),
    }
}

/// 预览 of the attachment the keys stand on.
pub async fn preview(state: AttachmentsState) {
    let Some(row) = state.marked().into_iter().next() else {
        toast::info(text("请选择一条数据！", "Choose a row first"));
        return;
    };
    match fresh(state, row.id).await {
        Some(row) if row.content.is_uploaded() => {
            state.shown.set(Some(row));
            state.shown_open.set(true);
        }
        Some(row) => not_there(&row),
        None => {}
    }
}

async fn fresh(state: AttachmentsState, id: Uuid) -> Option<AttachmentRow> {
    match call(|| api::get(id)).await {
        Ok(row) => {
            state.put(row.clone());
            Some(row)
        }
        Err(error) => {
            toast::failed(&error);
            None
        }
    }
}

fn not_there(row: &AttachmentRow) {
    toast::info(Message::new(
        format!("第{}项没有已上传的文件，请先上传。", row.seq),
        format!("Item {} has no uploaded file; upload it first.", row.seq),
    ));
}
