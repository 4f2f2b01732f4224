//! What the buttons and keys of one list of goods do with the row in its form: save, begin anew, delete, fill
//! what follows. What concerns the whole book is in the page's `actions`.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::book::api;
use crate::book::model::{Row, SaveRow, Side};
use crate::book::page::actions::{grave, load, settle};
use crate::book::page::state::{BookState, Section};
use crate::book::rules::{GoodsRow, fill_from_code};
use crate::error::ErrorKind;
use crate::form::Finding;
use crate::text::text;
use crate::ui::call::{call, store};
use crate::ui::codes::codes_now;
use crate::ui::dialog::{self, Resolution};
use crate::ui::type_ahead::{self, Again};
use crate::ui::{focus, toast};

/// Saves the row in the form and opens the next new one. Keys struck meanwhile wait for that row.
pub async fn save_row<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>) -> bool {
    let form = section.form;
    let mut sent: R = form.record();
    let is_new = section.current.get_untracked().1 == 0;
    if !untrack(|| state.editable()) || (is_new && !form.dirty_now()) {
        return false; // nothing may be stored, or an empty new row: nothing is there to be stored
    }
    sent.complete(&codes_now());
    let seq = form.seq.get_untracked();
    let faults = grave(sent.check(seq.unwrap_or(0), &codes_now(), false));
    if !faults.is_empty() {
        // The rest of the burst belongs to the next row, not to the field at fault.
        type_ahead::refuse(faults[0].message.clone(), row_again(state, section, false));
        form.findings.set(at_row(faults, seq));
        form.focus_error();
        return false;
    }
    let (row_id, mut base) = section.current.get_untracked();
    let hold = type_ahead::hold();
    let stored = loop {
        let request = SaveRow { book_id: state.id, row_id, base, goods: sent.clone().wrap() };
        match store(|| api::save_row(request.clone())).await {
            Ok(saved) => {
                state.took(&saved.meta, &saved.head);
                if let Some(row) = saved.row
                    && let Some(content) = R::unwrap(row.content)
                {
                    section.put(Row { id: row.id, seq: row.seq, version: row.version, content });
                    section.active.set(Some(row.id));
                }
                section.start_new(&state.head.accepted());
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
            hold.stop(error.message, row_again(state, section, error.findings.is_empty()));
            false
        }
    }
}

/// Saving the row in the form once more, as long as it is there and not stored. When nothing in it is to be
/// mended, what is typed next is the next row.
fn row_again<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>, sound: bool) -> Again {
    let row = section.current.get_untracked().0;
    let there = move || section.current.try_get().is_some_and(|(id, _)| id == row);
    Again {
        keeps: sound,
        pending: Arc::new(move || there() && section.form.dirty()),
        run: Arc::new(move || {
            spawn_local(async move {
                save_row(state, section).await;
            })
        }),
    }
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

/// 新增, or another row into the form: true when the form is free for it. What is typed there and not stored
/// is stored first, or given up by a word of the user's.
pub async fn free_form<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>) -> bool {
    focus::commit_active();
    if !section.form.dirty_now() {
        return true;
    }
    let question = text(
        "表单中有一项尚未保存。先保存，还是放弃录入的内容？",
        "The form holds a row that is not saved. Save it first, or discard what was typed?",
    );
    let ways = [text("保存", "Save"), text("放弃", "Discard")];
    match dialog::choose(question, &ways).await {
        Some(0) => save_row(state, section).await,
        Some(_) => true,
        None => false,
    }
}

/// 新增: an empty form for the next row.
pub async fn new_row<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>) {
    if free_form(state, section).await {
        section.start_new(&state.head.accepted());
        section.form.focus_first();
    }
}

/// 删除 of rows: the chosen ones, else the one the keys stand on. No question: it can be undone.
pub async fn delete_rows<R: GoodsRow + Send + Sync>(section: Section<R>) {
    let mut ids: Vec<_> = section.selected.get_untracked().into_iter().collect();
    if ids.is_empty() {
        ids.extend(section.active.get_untracked());
    }
    if ids.is_empty() {
        toast::info(text("请选择一条数据！", "Choose a row first"));
    } else if section.editing.remove(ids).await {
        section.selected.update(std::collections::HashSet::clear);
        toast::success(text("删除成功！在列表中按Ctrl+Z可恢复。", "Deleted. Ctrl+Z in the list brings it back."));
    }
}

/// Fills what follows from what was just typed in a row: name and units from the code, totals.
pub fn row_committed<R: GoodsRow + Send + Sync>(section: Section<R>, key: &'static str) {
    let codes = codes_now();
    let typed: R = section.form.record();
    let mut row = typed.clone();
    fill_from_code(&mut row, key, &codes);
    row.complete(&codes);
    for field in R::FIELDS.iter().filter(|field| row.get(field.key) != typed.get(field.key)) {
        section.form.patch(field.key, row.get(field.key).to_owned());
    }
}

/// Version of a row in a book as it is stored now; 0: it is not there.
pub(super) fn version_of<R: GoodsRow>(book: &crate::book::model::Book, id: uuid::Uuid) -> i64 {
    match R::SIDE {
        Side::Exports => book.exports.iter().find(|row| row.id == id).map_or(0, |row| row.version),
        Side::Reimports => book.reimports.iter().find(|row| row.id == id).map_or(0, |row| row.version),
    }
}
