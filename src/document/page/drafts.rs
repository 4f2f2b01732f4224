//! What was typed in a document and not saved survives a reload: the forms that are kept in the browser, and putting
//! them back over what the server has now. What somebody else changed meanwhile is asked about.

use std::collections::HashMap;

use leptos::prelude::*;

use super::parties::{codes, look_up};
use super::rows::actions::row_committed;
use super::section::SectionState;
use super::state::DocumentState;
use crate::document::kind::HEAD;
use crate::document::place::name_of;
use crate::form::{Difference, Texts, Values, pointer};
use crate::text::{Message, text};
use crate::ui::codes;
use crate::ui::dialog::{Resolution, resolve_conflict};
use crate::ui::grid::KeptRow;
use crate::ui::lang::{language, tm};
use crate::ui::toast;
use crate::workspace::drafts::{self, Draft, Place};
use crate::workspace::tabs;

/// Where the text of a part of this document is kept.
fn place(state: DocumentState, part: impl Into<String>) -> Place {
    Place { kind: state.kind.key, document: state.id, part: part.into() }
}

/// Says which forms are kept, for as long as the page lives. Begins when `ready` becomes true.
pub fn keep(state: DocumentState, ready: RwSignal<bool>) {
    let title = Signal::derive(move || tabs::get(state.tab).map(|open| tm(&open.title)).unwrap_or_default());
    let head = Signal::derive(move || state.head_base.get());
    drafts::keep(place(state, HEAD), state.head, head, title, ready);
    for list in state.lists() {
        let track = move || {
            list.editing.track_unsaved();
            list.form.track_unsaved();
        };
        drafts::keep_rows(place(state, list.key()), track, move || typed_rows(list), title, ready);
    }
}

/// What is typed of the rows of a list, the field of the form that is being typed in included.
fn typed_rows(list: SectionState) -> Vec<KeptRow> {
    let mut rows = list.editing.unsaved();
    let live = list.form.unsaved_now();
    let Some(id) = list.current.try_get_untracked().filter(|_| !live.is_empty()) else { return rows };
    match rows.iter_mut().find(|row| row.id == id) {
        Some(row) => row.values.extend(live),
        None => {
            let base = list.editing.base_of(id);
            rows.push(KeptRow { id, base, in_form: true, values: live.into_iter().collect() });
        }
    }
    rows
}

/// What an earlier visit left.
pub struct Found {
    head: Option<Draft>,
    /// Of each list, in their order.
    rows: Vec<Vec<KeptRow>>,
}

/// Looks for what an earlier visit left. Before the document is shown: what is put back into a form that is there already would
/// be written under the fingers of whoever types.
pub async fn find(state: DocumentState) -> Found {
    let mut rows = Vec::new();
    for list in state.lists() {
        rows.push(drafts::read_rows(&place(state, list.key())).await);
    }
    Found { head: drafts::read(&place(state, HEAD)).await, rows }
}

/// Puts back what was found. `ready` stays false where the document cannot be edited now: then the text waits in the browser
/// until it can.
pub async fn restore(state: DocumentState, ready: RwSignal<bool>, Found { head, rows }: Found) {
    let lists = state.lists();
    if state.loading.is_disposed() {
        return; // closed meanwhile
    }
    if !untrack(|| state.editable()) {
        let kept = head.is_some() || rows.iter().any(|rows| !rows.is_empty());
        if kept && !state.read_only.get_untracked() {
            toast::info(text(
                "本浏览器中有此数据未保存的内容，现在不能修改；可修改时会自动恢复。",
                "This browser holds unsaved text of this document. It comes back when that can be edited.",
            ));
        }
        return;
    }
    if let Some(draft) = head {
        restore_head(state, draft).await;
    }
    if state.loading.is_disposed() {
        return; // closed while a code was looked up
    }
    for (list, kept) in lists.into_iter().zip(rows) {
        restore_rows(state, list, kept).await;
    }
    ready.try_set(true);
}

/// What was typed of the rows of a list. Where somebody else changed a row meanwhile, storing it asks.
async fn restore_rows(state: DocumentState, list: SectionState, kept: Vec<KeptRow>) {
    let (in_form, kept): (Vec<_>, Vec<_>) = kept.into_iter().partition(|row| row.in_form);
    if let Some(row) = in_form.into_iter().next() {
        restore_form(state, list, row).await;
    }
    if kept.is_empty() {
        return;
    }
    codes::loaded().await;
    let count = list.editing.restore(kept);
    if count > 0 {
        state.section.set(list.key());
        toast::info(Message::new(
            format!("已恢复列表中未保存的{count}行（行首有标记），请核对；在列表中按Ctrl+S保存，按Ctrl+Delete删除。"),
            format!(
                "{count} unsaved rows of the list are back, marked at their left edge. Check them; in the list, Ctrl+S saves and Ctrl+Delete deletes."
            ),
        ));
    }
}

async fn restore_head(state: DocumentState, draft: Draft) {
    let stored = if untrack(|| state.is_saved()) { state.stored_head.get_untracked() } else { state.head.values() };
    if draft.base < 0 {
        // Typed over a save of this browser that was sent since: the server knows what that left.
        state.head_base.set(draft.base);
    } else if draft.base != state.head_base.get_untracked() {
        match whose(state, &draft.values, &stored, HEAD, None).await {
            Resolution::Theirs => return,
            Resolution::Mine => {}
            // Not decided: saving asks again.
            Resolution::Cancel => state.head_base.set(draft.base),
        }
    }
    state.head.restore(&draft.values);
    for code in codes(state.kind).filter(|code| draft.values.contains_key(*code)) {
        // A code nobody has is said when the field is visited.
        let _ = look_up(state, code).await;
    }
}

/// The row that stood in the form.
async fn restore_form(state: DocumentState, list: SectionState, kept: KeptRow) {
    let part = list.key();
    let values: HashMap<String, String> = kept.values.into_iter().collect();
    let mut undecided = false;
    if let Some(row) = list.find(kept.id) {
        if kept.base < 0 {
            undecided = true; // as in the head
        } else if kept.base != row.version {
            let whose = whose(state, &values, &row.content, part, Some(row.seq)).await;
            if whose == Resolution::Theirs {
                return;
            }
            undecided = whose == Resolution::Cancel;
        }
        list.edit(&row);
    } else if kept.base == 0 {
        // The same id: a save that reached the server without its answer is recognised when repeated.
        list.take_id(kept.id);
    } else {
        toast::info(text(
            "未保存的那一项已被删除，内容已恢复为新的一项。",
            "The row you were editing was deleted; what you typed is back as a new row.",
        ));
    }
    list.form.restore(&values);
    row_committed(state, list, "");
    if undecided {
        list.editing.typed_over(kept.id, kept.base);
    }
    state.section.set(part);
}

/// Whose text counts where some was typed over an older version: asks when it differs from what is stored now. Who
/// cancels has it back and is asked again when it is saved; the form says so and offers to discard it.
async fn whose(
    state: DocumentState,
    typed: &HashMap<String, String>,
    stored: &Values,
    part: &str,
    seq: Option<i64>,
) -> Resolution {
    let differences: Vec<Difference> = stored
        .fields()
        .iter()
        .filter_map(|field| {
            let (mine, theirs) = (typed.get(field.key)?, stored.text(field.key));
            (mine != theirs).then(|| Difference {
                pointer: pointer(part, seq, field.key),
                mine: mine.clone(),
                theirs: theirs.to_owned(),
            })
        })
        .collect();
    if differences.is_empty() {
        return Resolution::Theirs; // the same is stored already
    }
    resolve_conflict(differences, |pointer| name_of(state.kind, pointer, language())).await
}
