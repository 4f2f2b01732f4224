//! What keeps an open document from being declared, or should be looked at: the shared rules over what the screen
//! shows, plus what only the server or customs could know. Shown by `view`, asked by `actions` before 申报.

use std::collections::HashSet;

use leptos::prelude::*;

use super::state::DocumentState;
use crate::attachment::rules::check_items;
use crate::document::Row;
use crate::document::kind::Whole;
use crate::form::{Finding, Values};
use crate::ui::clock::today;
use crate::ui::codes::codes;

/// All findings, the gravest first; tracked.
pub fn findings(state: DocumentState) -> Vec<Finding> {
    state.typed.track();
    state.stored_head.track();
    let codes = codes();
    // Also run while somebody types, in this document or another one: it must not accept half a code.
    let head = state.head.accepted();
    let base = state.base.get();
    let mut found = state.kind.rules.check_head(&head, base.as_ref(), &codes, today(), true);
    let lists = state.lists();
    let is_declared = !state.kind.rules.registers(&head);
    for list in &lists {
        found.extend(list.findings(&codes, is_declared));
    }
    let rows: Vec<_> = lists.iter().map(|list| list.rows.read()).collect();
    let rows: Vec<&[Row<Values>]> = rows.iter().map(|rows| rows.as_slice()).collect();
    let change_seq = state.meta.with(|meta| meta.as_ref().map_or(0, |meta| meta.change_seq));
    let book = state.book.read();
    let whole = Whole {
        kind: state.kind,
        head: &head,
        lists: &rows,
        base: base.as_ref(),
        papers_changed: change_seq > 0 && state.attachments.has_of_change(change_seq),
        book: book.as_ref(),
        codes: &codes,
        today: today(),
    };
    found.extend(state.kind.rules.check_whole(&whole));
    found.extend(state.attachments.findings(&state.kind.rules.papers(&whole), change_seq));
    let numbers = state.row_numbers();
    found.extend(state.attachments.rows.with(|papers| check_items(papers, |item| numbers.contains(&item))));
    found.sort_by_key(|one| std::cmp::Reverse(one.severity));
    let known: HashSet<(&str, &str)> = found.iter().map(|one| (one.pointer.as_str(), one.rule.as_str())).collect();
    let remote: Vec<Finding> = state.remote_findings.with(|remote| {
        remote.iter().filter(|one| !known.contains(&(one.pointer.as_str(), one.rule.as_str()))).cloned().collect()
    });
    found.extend(remote);
    found
}
