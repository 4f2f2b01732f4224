//! What the buttons and keys of one list do with the row in its form: save, begin anew, delete, fill what follows. What
//! concerns the whole document is in the page's `actions`.

use std::collections::HashSet;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::fold::unfold;
use super::source::{save, take_goods};
use crate::document::page::refusal::grave;
use crate::document::page::section::SectionState;
use crate::document::page::state::DocumentState;
use crate::document::{Mark, Row};
use crate::form::{Finding, Values, pointer};
use crate::text::{Message, Text, text};
use crate::ui::codes::codes_now;
use crate::ui::dialog;
use crate::ui::grid::{Batch, Put};
use crate::ui::type_ahead::{self, Again};
use crate::ui::{focus, toast};

/// So many rows are named by their number before they are deleted.
const MOST_NAMED: usize = 12;

/// Saves the row in the form and opens the next new one. Keys struck meanwhile wait for that row.
pub async fn save_row(state: DocumentState, list: SectionState) -> bool {
    let form = list.form;
    let mut sent = form.values();
    let row_id = list.current.get_untracked();
    let base = list.editing.base_of(row_id);
    if !untrack(|| state.editable()) || (base == 0 && !form.dirty_now()) {
        return false; // nothing may be stored, or an empty new row: nothing is there to be stored
    }
    list.section.rules.complete(&mut sent, None, &codes_now());
    let seq = form.seq.get_untracked();
    let faults = grave(list.section.rules.check(seq.unwrap_or(0), &sent, &codes_now(), false));
    if !faults.is_empty() {
        // The rest of the burst belongs to the next row, not to the field at fault.
        type_ahead::refuse(faults[0].message.clone(), row_again(state, list, false));
        form.findings.set(at_row(faults, seq));
        unfold();
        form.focus_error();
        return false;
    }
    let hold = type_ahead::hold();
    let put = Put { id: row_id, base, seq: 0, values: sent.texts().to_vec(), over: list.editing.over_of(row_id) };
    match save(state, list, Batch { puts: vec![put], removes: Vec::new() }).await {
        Ok(()) => {
            toast::done(row_id);
            list.editing.was_stored(row_id, sent.into_texts());
            list.active.set(Some(row_id));
            list.start_new(&state.head.accepted());
            form.focus_first();
            hold.release();
            true
        }
        Err(error) => {
            form.findings.set(at_row(error.findings.clone(), seq));
            form.focus_error();
            toast::failed_at(row_id, &error);
            hold.stop(error.message, row_again(state, list, error.findings.is_empty()));
            false
        }
    }
}

/// Saving the row in the form once more, as long as it is there and not stored. When nothing in it is to be
/// mended, what is typed next is the next row.
fn row_again(state: DocumentState, list: SectionState, sound: bool) -> Again {
    let row = list.current.get_untracked();
    let there = move || list.current.try_get() == Some(row);
    Again {
        keeps: sound,
        pending: Arc::new(move || there() && list.form.dirty()),
        run: Arc::new(move || {
            spawn_local(async move {
                save_row(state, list).await;
            })
        }),
    }
}

/// Findings about the row being typed (0) belong to the row in the form.
fn at_row(mut findings: Vec<Finding>, seq: Option<i64>) -> Vec<Finding> {
    for found in &mut findings {
        let front = found.pointer.split('[').next().unwrap_or_default().to_owned();
        if let Some((_, key)) = found.pointer.split_once("].") {
            found.pointer = pointer(&front, seq, key);
        }
    }
    findings
}

/// 新增, or another row into the form: true when the form is free for it. What is typed there and not stored
/// is stored first, or given up by a word of the user's.
pub async fn free_form(state: DocumentState, list: SectionState) -> bool {
    focus::commit_active();
    if !list.form.dirty_now() {
        return true;
    }
    let question = text(
        "表单中有一项尚未保存。先保存，还是放弃录入的内容？",
        "The form holds a row that is not saved. Save it first, or discard what was typed?",
    );
    let ways = [text("保存", "Save"), text("放弃", "Discard")];
    match dialog::choose(question, &ways).await {
        Some(0) => save_row(state, list).await,
        Some(_) => {
            list.editing.forget(list.current.get_untracked());
            true
        }
        None => false,
    }
}

/// 新增: an empty form for the next row.
pub async fn new_row(state: DocumentState, list: SectionState) {
    if free_form(state, list).await {
        unfold();
        list.start_new(&state.head.accepted());
        list.form.focus_first();
    }
}

/// 删除 of rows (manual lines 300–304): the ticked ones, else the stored one in the form. A row that is being typed for the
/// first time is no row yet: then nothing else is deleted in its place.
pub async fn delete_rows(list: SectionState) {
    let mut ids: Vec<Uuid> = list.selected.get_untracked().into_iter().collect();
    if ids.is_empty() {
        let in_form = list.find(list.current.get_untracked());
        ids.extend(in_form.filter(|row| row.mark != Mark::Deleted).map(|row| row.id));
    }
    if ids.is_empty() {
        return toast::info(text(
            "请先选择要删除的数据：在列表中单击该行，或勾选一行或多行。",
            "Choose what to delete first: click its row in the list, or tick rows.",
        ));
    }
    if !dialog::confirm_loss(deletion_of(list, &ids)).await {
        return;
    }
    let Some(back) = list.editing.remove(ids).await else { return };
    list.selected.update(HashSet::clear);
    let bring_back = move || {
        let back = back.clone();
        spawn_local(async move {
            if list.rows.try_get_untracked().is_none() {
                toast::error(text(
                    "该数据已关闭，未能恢复。请重新打开，在列表中录入。",
                    "The document was closed; nothing was brought back. Open it again and enter the rows.",
                ));
            } else if list.editing.bring_back(back).await {
                toast::success(text("已恢复。", "Brought back"));
            }
        });
    };
    toast::success_with(
        text("删除成功！", "Deleted"),
        toast::Offer { label: text("撤销删除", "Undo deletion"), keys: "Alt+Z", run: Arc::new(bring_back) },
    );
}

/// The question before rows are deleted, which names them.
fn deletion_of(list: SectionState, ids: &[Uuid]) -> Message {
    let Text { zh, en } = list.section.label;
    let mut stored: Vec<Row<Values>> = ids.iter().filter_map(|id| list.find(*id)).collect();
    stored.sort_by_key(|row| row.seq);
    if let ([row], [_]) = (stored.as_slice(), ids) {
        let (seq, name) = (row.seq, list.section.name_of(&row.content));
        return Message::new(format!("是否删除{zh}第{seq}项（{name}）？"), format!("Delete {en} no. {seq} ({name})?"));
    }
    let count = ids.len();
    if stored.is_empty() {
        let unsaved = format!("是否删除{zh}中尚未保存的{count}项？");
        return Message::new(unsaved, format!("Delete {count} rows of {en} that are not saved?"));
    }
    let numbers: Vec<String> = stored.iter().take(MOST_NAMED).map(|row| row.seq.to_string()).collect();
    let more = if ids.len() > numbers.len() { "…" } else { "" };
    Message::new(
        format!("是否删除{zh}中的{count}项（第{}{more}项）？", numbers.join("、")),
        format!("Delete {count} rows of {en} (no. {}{more})?", numbers.join(", ")),
    )
}

/// Fills what follows from what was just typed in a row (name and units from the code, totals), and keeps it as what
/// is typed of the row and not stored.
pub fn row_committed(state: DocumentState, list: SectionState, key: &'static str) {
    let typed = list.form.values();
    let mut row = typed.clone();
    take_goods(state, list, &mut row, key);
    list.section.rules.complete(&mut row, Some(key), &codes_now());
    for ((field, text), before) in typed.fields().iter().zip(row.texts()).zip(typed.texts()) {
        if text != before {
            list.form.patch(field.key, text.as_str());
        }
    }
    let field = list.section.field(key).map(|field| field.key);
    list.editing.accept(list.current.get_untracked(), row.into_texts(), field);
}
