//! What the buttons and keys of a book do: each asks, calls the server once, and shows the answer.
//! A refusal leaves everything typed where it is. What concerns a single row is in `goods::actions`.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::goods::actions::{free_form, save_row};
use super::state::{BookState, Section, Shown};
use crate::attachment;
use crate::book::api;
use crate::book::model::{CopyBook, HEAD, Head, SaveHead, Side, Step};
use crate::book::place::{name_of, place_of};
use crate::book::rules::{GoodsRow, check_head};
use crate::error::{ApiError, ErrorKind};
use crate::form::{Finding, Severity, today};
use crate::text::{Message, text};
use crate::ui::call::{call, store};
use crate::ui::codes::codes_now;
use crate::ui::dialog::{self, Resolution};
use crate::ui::download::save_as;
use crate::ui::lang::language;
use crate::ui::toast;
use crate::ui::type_ahead::{self, Again, Hold};
use crate::workspace::tabs::{self, Tab};

/// Reads the book from the server and shows it. What is typed and not saved stays where it is.
pub async fn load(state: BookState) {
    let is_first = untrack(|| state.loading.get() != Shown::Ready);
    let book = call(|| api::get(state.id)).await;
    if state.loading.is_disposed() {
        return; // the tab was closed
    }
    match book {
        Ok(book) => {
            if is_first {
                state.show(book);
            } else {
                state.follow(book);
            }
            // The first time the section reads them itself.
            if state.attachments.is_loaded() {
                attachment::page::load(state.attachments).await;
            }
        }
        Err(error) if is_first => state.loading.set(Shown::Failed(error.message)),
        // What is shown, and typed, is worth more than the message in its place.
        Err(error) => toast::failed(&error),
    }
}

/// 暂存 of the head. True when it is stored.
pub async fn save_head(state: BookState) -> bool {
    store_head(state, false).await
}

/// Enter in the last field of the head: 暂存, then on to the first row.
pub async fn finish_head(state: BookState) {
    store_head(state, true).await;
}

async fn store_head(state: BookState, then_rows: bool) -> bool {
    if !untrack(|| state.editable()) {
        return false; // Enter in a head that is only read
    }
    let sent: Head = state.head.record();
    let faults = grave(check_head(&sent, &codes_now(), today(), false));
    if !faults.is_empty() {
        // The rest of the burst belongs behind the head, not into the field at fault.
        type_ahead::refuse(faults[0].message.clone(), head_again(state, then_rows, false));
        state.section.set(HEAD);
        state.head.findings.set(faults);
        state.head.focus_error();
        toast::error(text(
            "未能暂存，请按红色提示修改后重试。",
            "Not saved. Mend what is marked in red and try again.",
        ));
        return false;
    }
    if state.busy.get_untracked() {
        return false;
    }
    state.busy.set(true);
    // A refusal moves the focus to the field at fault: what is typed meanwhile must not land there.
    let hold = type_ahead::hold();
    let mut base = state.head_base.get_untracked();
    let stored = loop {
        let request = SaveHead { id: state.id, base, head: sent.clone() };
        match store(|| api::save_head(request.clone())).await {
            Ok(saved) => {
                let first = state.meta.with_untracked(Option::is_none);
                state.head.saved(&sent, &saved.head);
                state.head_base.set(saved.meta.head_version);
                state.took(&saved.meta, &saved.head);
                if first {
                    state.exports.start_new(&saved.head);
                    state.reimports.start_new(&saved.head);
                    tabs::replace(state.tab, Tab::Book { id: state.id, new: false, read_only: false });
                }
                toast::success(text("暂存成功！", "Saved"));
                break Ok(true);
            }
            Err(error) if error.kind == ErrorKind::Conflict => match settle(&error).await {
                Resolution::Mine => match call(|| api::get(state.id)).await {
                    Ok(latest) => base = latest.meta.head_version,
                    Err(error) => break Err(error),
                },
                Resolution::Theirs => {
                    state.head.revert();
                    load(state).await;
                    break Ok(false);
                }
                Resolution::Cancel => break Ok(false),
            },
            Err(error) => break Err(error),
        }
    };
    state.busy.set(false);
    match stored {
        Ok(stored) => {
            if stored && then_rows {
                state.section.set(Side::Exports.key());
                state.exports.form.focus_first();
            }
            hold.release();
            stored
        }
        Err(error) => {
            refused(state, &error);
            let again = head_again(state, then_rows, error.findings.is_empty());
            hold.stop(error.message, again);
            false
        }
    }
}

/// 暂存 once more, as long as the head is not stored. Who was on the way to the rows types rows next, when
/// nothing in the head is to be mended.
fn head_again(state: BookState, then_rows: bool, sound: bool) -> Again {
    Again {
        keeps: then_rows && sound,
        pending: Arc::new(move || state.head.dirty()),
        run: Arc::new(move || {
            spawn_local(async move {
                store_head(state, then_rows).await;
            })
        }),
    }
}

/// 删除 of the whole book.
pub async fn delete(state: BookState) {
    let Some(meta) = state.meta.get_untracked() else {
        tabs::close(state.tab);
        return;
    };
    let question = text(
        "是否删除当前数据？删除的数据将不可恢复，需重新录入，请谨慎操作。",
        "Delete this filing? It cannot be restored and would have to be typed again.",
    );
    if !dialog::confirm_loss(question).await {
        return;
    }
    let step = Step { id: state.id, base: meta.version };
    match store(|| api::delete(step.clone())).await {
        Ok(()) => {
            toast::success(text("删除成功！", "Deleted"));
            tabs::close_now(state.tab);
        }
        Err(error) => report(state, &error),
    }
}

/// 复制 of a stored book into a new draft, opened at once.
pub async fn copy(from: uuid::Uuid) {
    let question = text(
        "复制为新的暂存账册：内容全部复制，编号、日期、状态和回执不复制。随附单据是否一并复制？",
        "A new draft with all content, without numbers, dates, states and receipts. The attachments too?",
    );
    let ways = [text("不复制随附单据", "Without attachments"), text("复制随附单据", "With attachments")];
    // Held from now on: the moment between the answer and the request is long enough for a key.
    let hold = type_ahead::hold();
    let Some(way) = dialog::choose(question, &ways).await else { return };
    let request = CopyBook { from, id: uuid::Uuid::now_v7(), attachments: way == 1 };
    carry_copy_out(request, ArcRwSignal::new(true), hold).await;
}

/// The copy itself: keys struck since it was chosen are meant for what opens. `pending` until it is there.
async fn carry_copy_out(request: CopyBook, pending: ArcRwSignal<bool>, hold: Hold) {
    match store(|| api::copy(request.clone())).await {
        Ok(copied) => {
            pending.set(false);
            tabs::open(Tab::Book { id: request.id, new: false, read_only: false });
            match copied.trouble {
                Some(trouble) => toast::error(trouble),
                None => toast::success(text("复制成功！请核对后暂存。", "Copied. Check it and save.")),
            }
            hold.release();
        }
        Err(error) => {
            toast::failed(&error);
            let still = pending.clone();
            let again = Again {
                keeps: false,
                pending: Arc::new(move || still.get()),
                // The same id: a copy whose answer was lost is not made twice.
                run: Arc::new(move || {
                    spawn_local(carry_copy_out(request.clone(), pending.clone(), type_ahead::hold()));
                }),
            };
            hold.stop(error.message, again);
        }
    }
}

/// 申报: stores what is typed, asks, checks, sends.
pub async fn declare(state: BookState) {
    if state.busy.get_untracked() {
        return;
    }
    let unsaved = state.meta.get_untracked().is_none() || state.head.dirty_now();
    if unsaved && !save_head(state).await {
        return;
    }
    if state.exports.form.dirty_now() && has_goods(&state.exports) && !save_row(state, state.exports).await {
        state.section.set(Side::Exports.key());
        return;
    }
    if state.reimports.form.dirty_now() && has_goods(&state.reimports) && !save_row(state, state.reimports).await {
        state.section.set(Side::Reimports.key());
        return;
    }
    for (editing, side) in [(state.exports.editing, Side::Exports), (state.reimports.editing, Side::Reimports)] {
        if !editing.save_all().await {
            state.section.set(side.key());
            return;
        }
    }
    let hindering: Vec<_> =
        untrack(|| state.findings()).into_iter().filter(|found| found.severity > Severity::Warning).collect();
    if let Some(first) = hindering.first() {
        toast::error(Message::new(
            format!("还有{}处需要修改才能申报，已跳到第一处。", hindering.len()),
            format!("{} things must be mended first; this is the first.", hindering.len()),
        ));
        go_to(state, &first.pointer.clone());
        show_at_fields(state, &hindering);
        return;
    }
    let question = text(
        "申报即向海关发送数据并等待其审批，申报后不能再修改。是否确认申报？",
        "Declaring sends the data to customs for a decision; it cannot be edited after that. Declare?",
    );
    if !dialog::confirm(question).await {
        return;
    }
    state.busy.set(true);
    let base = state.meta.with_untracked(|meta| meta.as_ref().map_or(0, |meta| meta.version));
    let step = Step { id: state.id, base };
    match store(|| api::declare(step.clone())).await {
        Ok(saved) => {
            state.took(&saved.meta, &saved.head);
            toast::success(text("申报成功！正在等待海关回执。", "Declared. Waiting for the answer of customs."));
        }
        Err(error) => report(state, &error),
    }
    state.busy.set(false);
}

/// A row form counts as typed once it has a commodity code: its other fields are filled in advance.
fn has_goods<R: GoodsRow + Send + Sync>(section: &Section<R>) -> bool {
    !section.form.get_untracked("hs_code").is_empty()
}

/// Opens the place a pointer names and puts the cursor there. A row that is typed in another row's place is
/// not given up for it without a word.
pub fn go_to(state: BookState, pointer: &str) {
    let Some(place) = place_of(pointer) else { return };
    state.section.set(place.section);
    let key = place.field.map_or("hs_code", |field| field.key);
    match place.section {
        "exports" => open_row(state, state.exports, place.seq, key),
        "reimports" => open_row(state, state.reimports, place.seq, key),
        attachment::model::SECTION => {
            if let Some(row) = place.seq.and_then(|seq| state.attachments.find_seq(seq)) {
                state.attachments.edit(&row);
            }
            state.attachments.form.focus(key);
        }
        _ => state.head.focus(key),
    }
}

fn open_row<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>, seq: Option<i64>, key: &'static str) {
    let row = seq.and_then(|seq| section.find_seq(seq));
    let (current, base) = section.current.get_untracked();
    if row.as_ref().map_or(base == 0, |row| row.id == current) {
        return section.form.focus(key);
    }
    spawn_local(async move {
        if free_form(state, section).await {
            match row {
                Some(row) => section.edit(&row),
                None => section.start_new(&state.head.accepted()),
            }
            section.form.focus(key);
        }
    });
}

/// 导出: saves a workbook of the server. Through the session first: a page that lost it would save
/// an error message as if it were the workbook.
pub async fn export(address: String) {
    match call(|| api::status(Vec::new())).await {
        Ok(_) => save_as(&address),
        Err(error) => toast::failed(&error),
    }
}

/// Shows findings in red beside their fields.
pub fn show_at_fields(state: BookState, findings: &[Finding]) {
    for form in [state.head, state.exports.form, state.reimports.form, state.attachments.form] {
        let mine: Vec<_> = findings.iter().filter(|found| form.key_of(&found.pointer).is_some()).cloned().collect();
        form.findings.set(mine);
    }
}

/// Shows why the server refused; a conflict reloads what it has.
fn report(state: BookState, error: &ApiError) {
    toast::failed(error);
    state.remote_findings.set(error.findings.clone());
    show_at_fields(state, &error.findings);
    if error.kind == ErrorKind::Conflict {
        spawn_local(load(state));
    } else if let Some(first) = error.findings.first() {
        go_to(state, &first.pointer);
    }
}

fn refused(state: BookState, error: &ApiError) {
    toast::failed(error);
    state.section.set(HEAD);
    state.head.findings.set(error.findings.clone());
    state.head.focus_error();
}

pub(super) async fn settle(error: &ApiError) -> Resolution {
    dialog::resolve_conflict(error.differences.clone(), |pointer| name_of(pointer, language())).await
}

pub(super) fn grave(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().filter(|found| found.severity == Severity::Save).collect()
}
