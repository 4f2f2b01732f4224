//! What the buttons and keys of a book do: each asks, calls the server once, and shows the answer.
//! A refusal leaves everything typed where it is.

use leptos::prelude::*;

use super::labels::{name_of, place_of};
use super::state::{BookState, Section, Shown};
use crate::book::api;
use crate::book::model::{CopyBook, DeleteRow, HEAD, Head, Row, SaveHead, SaveRow, Side, Step};
use crate::book::rules::{GoodsRow, check_head};
use crate::error::{ApiError, ErrorKind};
use crate::form::{Finding, Severity, today};
use crate::text::{Message, text};
use crate::ui::call::call;
use crate::ui::codes::codes_now;
use crate::ui::dialog::{self, Resolution};
use crate::ui::lang::language;
use crate::ui::{toast, type_ahead};
use crate::workspace::tabs::{self, Tab};

/// Reads the book from the server and shows it; what was typed and not saved is replaced.
pub async fn load(state: BookState) {
    match call(|| api::get(state.id)).await {
        Ok(book) => state.show(book),
        Err(error) => state.loading.set(Shown::Failed(error.message)),
    }
}

/// 暂存 of the head. True when it is stored.
pub async fn save_head(state: BookState) -> bool {
    let sent: Head = state.head.record();
    let faults = grave(check_head(&sent, &codes_now(), today(), false));
    if !faults.is_empty() {
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
    let mut base = state.meta.with_untracked(|meta| meta.as_ref().map_or(0, |meta| meta.head_version));
    let stored = loop {
        let request = SaveHead { id: state.id, base, head: sent.clone() };
        match call(|| api::save_head(request.clone())).await {
            Ok(saved) => {
                let first = state.meta.with_untracked(Option::is_none);
                state.head.saved(&sent, &saved.head);
                state.took(&saved);
                if first {
                    state.exports.start_new(&saved.head);
                    state.reimports.start_new(&saved.head);
                    tabs::replace(state.tab, Tab::Book { id: state.id, new: false, read_only: false });
                }
                toast::success(text("暂存成功！", "Saved"));
                break true;
            }
            Err(error) if error.kind == ErrorKind::Conflict => match settle(&error).await {
                Resolution::Mine => match call(|| api::get(state.id)).await {
                    Ok(latest) => base = latest.meta.head_version,
                    Err(error) => break refused(state, &error),
                },
                Resolution::Theirs => {
                    load(state).await;
                    break false;
                }
                Resolution::Cancel => break false,
            },
            Err(error) => break refused(state, &error),
        }
    };
    state.busy.set(false);
    stored
}

/// Saves the row in the form and opens the next new one. Keys struck meanwhile wait for that row.
pub async fn save_row<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>) -> bool {
    let form = section.form;
    let mut sent: R = form.record();
    sent.complete(&codes_now());
    let seq = form.seq.get_untracked();
    let faults = grave(sent.check(seq.unwrap_or(0), &codes_now(), false));
    if !faults.is_empty() {
        form.findings.set(at_row(faults, seq));
        form.focus_error();
        return false;
    }
    if !form.dirty().get_untracked() && section.current.get_untracked().1 == 0 {
        return false; // an empty new row: nothing to save
    }
    let (row_id, mut base) = section.current.get_untracked();
    let hold = type_ahead::hold();
    let stored = loop {
        let request = SaveRow { book_id: state.id, row_id, base, goods: sent.clone().wrap() };
        match call(|| api::save_row(request.clone())).await {
            Ok(saved) => {
                state.took(&saved);
                if let Some(row) = saved.row
                    && let Some(content) = R::unwrap(row.content)
                {
                    section.put(Row { id: row.id, seq: row.seq, version: row.version, content });
                    section.active.set(Some(row.id));
                }
                section.start_new(&state.head.record());
                form.focus_first();
                break Ok(());
            }
            Err(error) if error.kind == ErrorKind::Conflict => match settle(&error).await {
                Resolution::Mine => match call(|| api::get(state.id)).await {
                    Ok(latest) => base = version_of::<R>(&latest, row_id),
                    Err(error) => break Err(error),
                },
                Resolution::Theirs => {
                    load(state).await;
                    if let Some(row) = section.find(row_id) {
                        section.edit(&row);
                    }
                    break Ok(());
                }
                Resolution::Cancel => break Err(error),
            },
            Err(error) => break Err(error),
        }
    };
    match stored {
        Ok(()) => {
            hold.release();
            true
        }
        Err(error) => {
            form.findings.set(at_row(error.findings.clone(), seq));
            form.focus_error();
            toast::failed(&error);
            hold.stop(error.message);
            false
        }
    }
}

fn version_of<R: GoodsRow>(book: &crate::book::model::Book, id: uuid::Uuid) -> i64 {
    match R::SIDE {
        Side::Exports => book.exports.iter().find(|row| row.id == id).map_or(0, |row| row.version),
        Side::Reimports => book.reimports.iter().find(|row| row.id == id).map_or(0, |row| row.version),
    }
}

/// 删除 of rows: the chosen ones, else the one the keys stand on.
pub async fn delete_rows<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>) {
    let mut ids: Vec<_> = section.selected.get_untracked().into_iter().collect();
    if ids.is_empty() {
        ids.extend(section.active.get_untracked());
    }
    let mut rows: Vec<_> = ids.into_iter().filter_map(|id| section.find(id)).collect();
    rows.sort_by_key(|row| row.seq);
    if rows.is_empty() {
        toast::info(text("请选择一条数据！", "Choose a row first"));
        return;
    }
    let list = rows.iter().map(|row| row.seq.to_string()).collect::<Vec<_>>().join("、");
    let question = Message::new(
        format!("是否删除第{list}项？删除的数据不可恢复，需重新录入。"),
        format!("Delete item {list}? It cannot be restored."),
    );
    if !dialog::confirm(question).await {
        return;
    }
    for row in rows {
        let request = DeleteRow { book_id: state.id, row_id: row.id, base: row.version };
        match call(|| api::delete_row(request.clone())).await {
            Ok(saved) => {
                state.took(&saved);
                section.rows.update(|rows| rows.retain(|known| known.id != row.id));
                section.selected.update(|chosen| {
                    chosen.remove(&row.id);
                });
                if section.current.get_untracked().0 == row.id {
                    section.start_new(&state.head.record());
                }
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
    if !dialog::confirm(question).await {
        return;
    }
    let step = Step { id: state.id, base: meta.version };
    match call(|| api::delete(step.clone())).await {
        Ok(()) => {
            toast::success(text("删除成功！", "Deleted"));
            tabs::close_now(state.tab);
        }
        Err(error) => report(state, &error),
    }
}

/// 复制 of a stored book into a new draft, opened at once.
pub async fn copy(from: uuid::Uuid) {
    let request = CopyBook { from, id: uuid::Uuid::now_v7() };
    match call(|| api::copy(request.clone())).await {
        Ok(()) => {
            tabs::open(Tab::Book { id: request.id, new: false, read_only: false });
            toast::success(text(
                "复制成功！编号、日期和回执不复制，请核对后暂存。",
                "Copied, without numbers, dates and receipts. Check it and save.",
            ));
        }
        Err(error) => toast::failed(&error),
    }
}

/// 申报: stores what is typed, asks, checks, sends.
pub async fn declare(state: BookState) {
    if state.busy.get_untracked() {
        return;
    }
    let unsaved = state.meta.get_untracked().is_none() || state.head.dirty().get_untracked();
    if unsaved && !save_head(state).await {
        return;
    }
    if state.exports.form.dirty().get_untracked() && has_goods(&state.exports) && !save_row(state, state.exports).await
    {
        state.section.set(Side::Exports.key());
        return;
    }
    if state.reimports.form.dirty().get_untracked()
        && has_goods(&state.reimports)
        && !save_row(state, state.reimports).await
    {
        state.section.set(Side::Reimports.key());
        return;
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
    match call(|| api::declare(step.clone())).await {
        Ok(saved) => {
            state.took(&saved);
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

/// Opens the place a pointer names and puts the cursor there.
pub fn go_to(state: BookState, pointer: &str) {
    let Some(place) = place_of(pointer) else { return };
    state.section.set(place.section);
    let key = place.field.map_or("hs_code", |field| field.key);
    match place.section {
        "exports" => open_row(state, state.exports, place.seq, key),
        "reimports" => open_row(state, state.reimports, place.seq, key),
        _ => state.head.focus(key),
    }
}

fn open_row<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>, seq: Option<i64>, key: &'static str) {
    match seq.and_then(|seq| section.find_seq(seq)) {
        Some(row) if section.current.get_untracked().0 != row.id => section.edit(&row),
        Some(_) => {}
        None => section.start_new(&state.head.record()),
    }
    section.form.focus(key);
}

/// Shows findings in red beside their fields.
pub fn show_at_fields(state: BookState, findings: &[Finding]) {
    for form in [state.head, state.exports.form, state.reimports.form] {
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
        leptos::task::spawn_local(load(state));
    } else if let Some(first) = error.findings.first() {
        go_to(state, &first.pointer);
    }
}

fn refused(state: BookState, error: &ApiError) -> bool {
    toast::failed(error);
    state.section.set(HEAD);
    state.head.findings.set(error.findings.clone());
    state.head.focus_error();
    false
}

async fn settle(error: &ApiError) -> Resolution {
    dialog::resolve_conflict(error.differences.clone(), |pointer| name_of(pointer, language())).await
}

fn grave(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().filter(|found| found.severity == Severity::Save).collect()
}

/// Findings about the row being typed (0) belong to the row in the form.
fn at_row(mut findings: Vec<Finding>, seq: Option<i64>) -> Vec<Finding> {
    for found in &mut findings {
        let front = found.pointer.split('[').next().unwrap_or_default().to_owned();
        if let Some((_, key)) = found.pointer.split_once("].") {
            found.pointer = crate::form::pointer(&front, seq, key);
        }
    }
    findings
}

/// Fills what follows from what was just typed in a row: name and units from the code, totals.
pub fn row_committed<R: GoodsRow + Send + Sync>(section: Section<R>, key: &'static str) {
    let codes = codes_now();
    let typed: R = section.form.record();
    let mut row = typed.clone();
    if key == "hs_code"
        && let Some(entry) = codes.find(crate::reference::Table::Commodity, row.get("hs_code"))
    {
        let name = entry.name.to_owned();
        row.set("goods_name", name);
    }
    row.complete(&codes);
    for field in R::FIELDS.iter().filter(|field| row.get(field.key) != typed.get(field.key)) {
        section.form.patch(field.key, row.get(field.key).to_owned());
    }
}
