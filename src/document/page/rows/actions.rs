//! What the buttons and keys of one list do with the row in its form: save, begin anew, delete, fill what follows. What
//! concerns the whole document is in the page's `actions`.

use std::collections::HashSet;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::source::{Outcome, save};
use crate::document::page::refusal::grave;
use crate::document::page::section::SectionState;
use crate::document::page::state::DocumentState;
use crate::form::{Finding, pointer};
use crate::text::text;
use crate::ui::codes::codes_now;
use crate::ui::dialog;
use crate::ui::grid::{Batch, Put};
use crate::ui::type_ahead::{self, Again};
use crate::ui::{focus, toast};

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
        form.focus_error();
        return false;
    }
    let hold = type_ahead::hold();
    let put = Put { id: row_id, base, seq: 0, values: sent.texts().to_vec() };
    match save(state, list, Batch { puts: vec![put], removes: Vec::new() }).await {
        Ok(outcome) => {
            match outcome {
                Outcome::Stored => list.editing.was_stored(row_id, sent.into_texts()),
                Outcome::Theirs => list.editing.forget(row_id),
            }
            match list.find(row_id).filter(|_| outcome == Outcome::Theirs) {
                Some(row) => list.edit(&row),
                None => {
                    list.active.set(Some(row_id));
                    list.start_new(&state.head.accepted());
                    form.focus_first();
                }
            }
            hold.release();
            true
        }
        Err(error) => {
            form.findings.set(at_row(error.findings.clone(), seq));
            form.focus_error();
            toast::failed(&error);
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
        list.start_new(&state.head.accepted());
        list.form.focus_first();
    }
}

/// 删除 of rows: the chosen ones, else the one the keys stand on. No question: it can be undone.
pub async fn delete_rows(list: SectionState) {
    let mut ids: Vec<_> = list.selected.get_untracked().into_iter().collect();
    if ids.is_empty() {
        ids.extend(list.active.get_untracked());
    }
    if ids.is_empty() {
        toast::info(text("请选择一条数据！", "Choose a row first"));
    } else if list.editing.remove(ids).await {
        list.selected.update(HashSet::clear);
        toast::success(text("删除成功！在列表中按Ctrl+Z可恢复。", "Deleted. Ctrl+Z in the list brings it back."));
    }
}

/// Fills what follows from what was just typed in a row (name and units from the code, totals), and keeps it as what
/// is typed of the row and not stored.
pub fn row_committed(list: SectionState, key: &'static str) {
    let typed = list.form.values();
    let mut row = typed.clone();
    list.section.rules.complete(&mut row, Some(key), &codes_now());
    for ((field, text), before) in typed.fields().iter().zip(row.texts()).zip(typed.texts()) {
        if text != before {
            list.form.patch(field.key, text.as_str());
        }
    }
    let field = list.section.field(key).map(|field| field.key);
    list.editing.accept(list.current.get_untracked(), row.into_texts(), field);
}
