//! What was typed in a document and not saved survives a reload: the forms that are kept in the browser, and putting
//! them back over what the server has now. What somebody else changed meanwhile is asked about.

use leptos::prelude::*;

use super::parties::{codes, look_up};
use super::refusal::settle;
use super::rows::actions::row_committed;
use super::section::SectionState;
use super::state::DocumentState;
use crate::document::kind::HEAD;
use crate::form::{Difference, Filled, Texts, Values, pointer};
use crate::text::{Message, text};
use crate::ui::codes;
use crate::ui::dialog::Side;
use crate::ui::grid::KeptRow;
use crate::ui::lang::tm;
use crate::ui::toast;
use crate::workspace::content::Draft;
use crate::workspace::drafts::{self, Place};
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
    let before = list.form.changed(&list.form.typed_now());
    let Some(id) = list.current.try_get_untracked().filter(|_| !live.is_empty()) else { return rows };
    match rows.iter_mut().find(|row| row.id == id) {
        Some(row) => {
            // What is a draft already knows what it was typed over.
            for (key, text) in before {
                row.was.entry(key).or_insert(text);
            }
            row.values.extend(live);
        }
        None => {
            let base = list.editing.base_of(id);
            rows.push(KeptRow { id, base, in_form: true, values: live, was: before });
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

async fn restore_head(state: DocumentState, mut draft: Draft) {
    if untrack(|| state.is_saved()) {
        let stored = state.stored_head.get_untracked();
        let Draft { values, was, .. } = &mut draft;
        decide(state, values, was, &stored, HEAD, None).await;
    }
    if draft.values.is_empty() || state.loading.is_disposed() {
        return;
    }
    state.head.restore(&draft.values, &draft.was);
    for code in codes(state.kind).filter(|code| draft.values.contains_key(*code)) {
        // A code nobody has is said when the field is visited.
        let _ = look_up(state, code).await;
    }
}

/// The row that stood in the form.
async fn restore_form(state: DocumentState, list: SectionState, mut kept: KeptRow) {
    let part = list.key();
    if let Some(row) = list.find(kept.id) {
        decide(state, &mut kept.values, &mut kept.was, &row.content, part, Some(row.seq)).await;
        if kept.values.is_empty() || state.loading.is_disposed() {
            return;
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
    list.form.restore(&kept.values, &kept.was);
    row_committed(state, list, "");
    list.editing.typed_over(kept.id, &kept.was);
    state.section.set(part);
}

/// Asks whose text stays in each field that was typed over another text than is stored now. What the user takes from the other
/// is typed no longer. Who cancels has all of it back and is asked again when it is saved; the form says so and offers to
/// discard it.
async fn decide(
    state: DocumentState,
    typed: &mut Filled,
    was: &mut Filled,
    stored: &Values,
    part: &str,
    seq: Option<i64>,
) {
    // Not what is stored already, nor what follows from what was typed.
    let is_typed = |key: &str| stored.fields().iter().any(|field| field.key == key && field.is_typed());
    typed.retain(|key, mine| is_typed(key) && mine != stored.text(key));
    let differing = stored.fields().iter().filter_map(|field| {
        let (mine, theirs) = (typed.get(field.key)?, stored.text(field.key));
        (was.get(field.key)? != theirs).then(|| {
            let pointer = pointer(part, seq, field.key);
            (field.key, Difference { pointer, mine: mine.clone(), theirs: theirs.to_owned() })
        })
    });
    let (keys, differences): (Vec<_>, Vec<_>) = differing.unzip();
    let Some(sides) = settle(state, differences).await else { return };
    for (key, side) in keys.into_iter().zip(sides) {
        match side {
            Side::Mine => drop(was.insert(key.to_owned(), stored.text(key).to_owned())),
            Side::Theirs => drop(typed.remove(key)),
        }
    }
}
