//! What was typed in a book and not saved survives a reload: the forms that are kept in the browser,
//! and putting them back over what the server has now. What somebody else changed meanwhile is asked about.

use leptos::prelude::*;

use super::goods::actions::row_committed;
use super::state::{BookState, Section};
use super::view::{PARTY_CODES, look_up_party};
use crate::book::model::{HEAD, Head, Side};
use crate::book::place::name_of;
use crate::book::rules::GoodsRow;
use crate::form::{Difference, Record, pointer};
use crate::text::{Message, text};
use crate::ui::codes;
use crate::ui::dialog::{Resolution, resolve_conflict};
use crate::ui::lang::{language, tm};
use crate::ui::toast;
use crate::workspace::drafts::{self, Draft, Origin};
use crate::workspace::tabs;

/// Says which forms are kept, for as long as the page lives. Begins when `ready` becomes true.
pub fn keep(state: BookState, ready: RwSignal<bool>) {
    let title = Signal::derive(move || tabs::get(state.tab).map(|open| tm(&open.title)).unwrap_or_default());
    let head = Signal::derive(move || Origin { base: state.head_base.get(), row: None });
    drafts::keep(state.id, HEAD, state.head, head, title, ready);
    keep_row(state, state.exports, title, ready);
    keep_row(state, state.reimports, title, ready);
}

fn keep_row<R: GoodsRow + Send + Sync>(
    state: BookState,
    section: Section<R>,
    title: Signal<String>,
    ready: RwSignal<bool>,
) {
    let origin = Signal::derive(move || {
        let (row, base) = section.current.get();
        Origin { base, row: Some(row) }
    });
    drafts::keep(state.id, R::SIDE.key(), section.form, origin, title, ready);
    drafts::keep_rows(state.id, cells_of(R::SIDE), section.editing, title, ready);
}

/// Name of the part that holds what is typed in the list itself.
const fn cells_of(side: Side) -> &'static str {
    match side {
        Side::Exports => "exports-cells",
        Side::Reimports => "reimports-cells",
    }
}

/// Puts back what an earlier visit left. `ready` stays false where the book cannot be edited now: then
/// the text waits in the browser until it can.
pub async fn restore(state: BookState, ready: RwSignal<bool>) {
    let sides = [Side::Exports, Side::Reimports];
    let kept = [HEAD].into_iter().chain(sides.map(Side::key)).any(|part| drafts::read(state.id, part).is_some())
        || sides.iter().any(|side| !drafts::read_rows(state.id, cells_of(*side)).is_empty());
    if !untrack(|| state.editable()) {
        if kept && !state.read_only.get_untracked() {
            toast::info(text(
                "本浏览器中有此账册未保存的内容，现在不能修改；可修改时会自动恢复。",
                "This browser holds unsaved text of this book. It comes back when the book can be edited.",
            ));
        }
        return;
    }
    if let Some(draft) = drafts::read(state.id, HEAD) {
        restore_head(state, draft).await;
    }
    if state.loading.is_disposed() {
        return; // closed while a code was looked up
    }
    if untrack(|| state.is_saved()) {
        restore_row(state, state.exports).await;
        restore_row(state, state.reimports).await;
        restore_cells(state, state.exports).await;
        restore_cells(state, state.reimports).await;
    }
    ready.try_set(true);
}

/// What was typed in the list itself. Where somebody else changed a row meanwhile, storing it asks.
async fn restore_cells<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>) {
    let kept = drafts::read_rows(state.id, cells_of(R::SIDE));
    if kept.is_empty() {
        return;
    }
    codes::loaded().await;
    let count = section.editing.restore(kept);
    if count > 0 {
        state.section.set(R::SIDE.key());
        toast::info(Message::new(
            format!("已恢复列表中未保存的{count}行（行首有标记），请核对；在列表中按Ctrl+S保存，按Ctrl+Delete删除。"),
            format!(
                "{count} unsaved rows of the list are back, marked at their left edge. Check them; in the list, Ctrl+S saves and Ctrl+Delete deletes."
            ),
        ));
    }
}

async fn restore_head(state: BookState, draft: Draft) {
    let (stored, base) = (
        if untrack(|| state.is_saved()) { state.stored_head.get_untracked() } else { state.head.record::<Head>() },
        state.head_base.get_untracked(),
    );
    if draft.origin.base == base || wanted(&draft, &stored, HEAD, None).await {
        state.head.restore(&draft.values);
        for key in PARTY_CODES.iter().filter(|key| draft.values.contains_key(**key)) {
            // A code nobody has is said when the field is visited.
            let _ = look_up_party(state, key).await;
        }
    }
}

async fn restore_row<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>) {
    let part = R::SIDE.key();
    let Some(draft) = drafts::read(state.id, part) else { return };
    let known = draft.origin.row.and_then(|row| section.find(row));
    if let Some(row) = &known {
        if draft.origin.base != row.version && !wanted(&draft, &row.content, part, Some(row.seq)).await {
            return;
        }
        section.edit(row);
    } else if draft.origin.base == 0 {
        // The same id: a save that reached the server without its answer is recognised when repeated.
        section.current.update(|current| current.0 = draft.origin.row.unwrap_or(current.0));
    } else {
        toast::info(text(
            "未保存的那一项已被删除，内容已恢复为新的一项。",
            "The row you were editing was deleted; what you typed is back as a new row.",
        ));
    }
    section.form.restore(&draft.values);
    row_committed(section, "");
    state.section.set(part);
}

/// True when text typed over an older version is to come back: asks where it differs from what is
/// stored now. Cancelling keeps it too; the form says so and offers to discard it.
async fn wanted<R: Record>(draft: &Draft, stored: &R, part: &str, seq: Option<i64>) -> bool {
    let differences: Vec<Difference> = R::FIELDS
        .iter()
        .filter_map(|field| {
            let (mine, theirs) = (draft.values.get(field.key)?, stored.get(field.key));
            (mine != theirs).then(|| Difference {
                pointer: pointer(part, seq, field.key),
                mine: mine.clone(),
                theirs: theirs.to_owned(),
            })
        })
        .collect();
    !differences.is_empty()
        && resolve_conflict(differences, |pointer| name_of(pointer, language())).await != Resolution::Theirs
}
