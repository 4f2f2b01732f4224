//! 变更 on the screen: a draft made of the document in force, what it changes, the history of a book. Used by the open
//! document and by the query list; what must not change is said by the rules.

mod comparison;
mod history;

pub use comparison::{ComparisonDialog, changes_to_confirm};
pub use history::HistoryDialog;

use leptos::prelude::*;
use uuid::Uuid;

use super::derive::{Way, derive};
use super::section::SectionState;
use super::state::DocumentState;
use crate::document::kind::Kind;
use crate::document::{Action, Derive, DocumentMeta, Mark};
use crate::text::{Text, text};
use crate::ui::grid::{Batch, Put};
use crate::ui::{dialog, toast, type_ahead};

/// 修改标志 of a row, as a pill of its list.
pub const MARKS: &[(&str, Text)] = &[
    ("mark-0", Mark::Same.label()),
    ("mark-1", Mark::Changed.label()),
    ("mark-2", Mark::Deleted.label()),
    ("mark-3", Mark::Added.label()),
];

/// The pill of a mark.
pub fn mark_code(mark: Mark) -> &'static str {
    MARKS[Mark::ALL.iter().position(|one| *one == mark).unwrap_or(0)].0
}

/// True for the document of a book that customs works by: only that one can be changed.
pub fn is_changeable(meta: &DocumentMeta) -> bool {
    meta.in_force && meta.status.allows(Action::Change)
}

/// 变更 of an approved document: asks, makes the draft and opens it.
pub async fn begin_change(kind: &'static Kind, from: Uuid) {
    // Keys struck from now on are meant for the draft.
    let hold = type_ahead::hold();
    if !dialog::confirm(text("是否确认变更该数据？", "Change this book?")).await {
        return;
    }
    let request = Derive { from, id: Uuid::now_v7(), attachments: true };
    let done = text(
        "已生成变更草稿，请修改后申报；审批通过前账册仍按原内容执行。",
        "The draft of the change is open. Until it is approved, the book stays as it is.",
    );
    derive(kind, Way::Change, request, done, hold).await;
}

/// 恢复: takes the deletion of rows of a change back, of the chosen rows or the one the keys stand on.
pub async fn restore_rows(state: DocumentState, list: SectionState) {
    let mut ids: Vec<Uuid> = list.selected.get_untracked().into_iter().collect();
    if ids.is_empty() {
        ids.extend(list.active.get_untracked());
    }
    let deleted = ids.into_iter().filter_map(|id| list.find(id)).filter(|row| row.mark == Mark::Deleted);
    let puts: Vec<Put> = deleted
        .map(|row| Put { id: row.id, base: row.version, seq: row.seq, values: row.content.into_texts(), over: None })
        .collect();
    if puts.is_empty() {
        return toast::info(text("请选择已删除（带删除线）的数据！", "Choose a row that is struck through first"));
    }
    match super::rows::save(state, list, Batch { puts, removes: Vec::new() }).await {
        Ok(_) => toast::success(text("已恢复。", "Taken back")),
        Err(error) => toast::failed(&error),
    }
}
