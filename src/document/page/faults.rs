//! F8 and Shift+F8 in an open document: all that is to be mended, over all its sections, in the order of the
//! screen. What a form found, what the rules say, and what customs gave as its reasons are one list.

use leptos::prelude::*;

use super::actions::go_to;
use super::findings::findings;
use super::state::DocumentState;
use crate::attachment::model as attachment;
use crate::document::kind::Kind;
use crate::document::place::{parts, place_of};
use crate::form::{Finding, Severity};
use crate::text::text;
use crate::ui::announce::announce;
use crate::ui::form_state::FormState;
use crate::ui::lang::tm;
use crate::ui::{focus, toast};

/// Where a pointer leads: section, 商品序号 (a new row comes last), field.
type Rank = (usize, i64, usize);

/// Goes to the next place to be mended, from the field with the focus, in a circle. False when there is none.
pub(super) fn go_to_next(state: DocumentState, back: bool) -> bool {
    focus::commit_active();
    let mut faults: Vec<(Rank, Finding)> =
        all(state).into_iter().filter_map(|found| Some((rank(state.kind, &found.pointer)?, found))).collect();
    faults.sort_by_key(|(rank, _)| *rank);
    let ranks: Vec<Rank> = faults.iter().map(|(rank, _)| *rank).collect();
    let here = focused(state).and_then(|pointer| rank(state.kind, &pointer));
    let Some(next) = neighbour(&ranks, here, back) else {
        toast::info(text("没有需要修改的内容", "There is nothing to mend"));
        return true;
    };
    let found = faults.swap_remove(next).1;
    go_to(state, &found.pointer);
    // A row that comes into the form forgets what was marked in it.
    set_timeout(move || show(state, found), std::time::Duration::ZERO);
    true
}

fn all(state: DocumentState) -> Vec<Finding> {
    if !untrack(|| state.editable()) {
        return Vec::new(); // nothing can be mended
    }
    let told = untrack(|| findings(state));
    let mut faults: Vec<Finding> =
        told.into_iter().filter(|found| found.severity > Severity::Warning || found.is_of_customs()).collect();
    for form in state.forms() {
        // What hinders less stands in the list above as long as it holds.
        let grave = |found: &&Finding| found.severity == Severity::Save;
        faults.extend(form.findings.with_untracked(|all| all.iter().filter(grave).cloned().collect::<Vec<_>>()));
    }
    faults
}

/// The form of the open section.
fn open_form(state: DocumentState) -> FormState {
    let section = state.section.get_untracked();
    match state.list(section) {
        Some(list) => list.form,
        None if section == attachment::SECTION => state.attachments.form,
        None => state.head,
    }
}

/// Pointer of the field, or of the cell, that has the focus.
fn focused(state: DocumentState) -> Option<String> {
    let control = focus::active()?;
    let key = control.get_attribute("data-key")?;
    if control.closest("[role=grid]").ok()?.is_none() {
        return Some(open_form(state).pointer_of(&key));
    }
    let section = state.section.get_untracked();
    let list = state.open_list();
    let seq = list.and_then(|list| list.find(list.active.get_untracked()?)).map(|row| row.seq);
    Some(crate::form::pointer(section, seq, &key))
}

fn rank(kind: &'static Kind, pointer: &str) -> Option<Rank> {
    let place = place_of(kind, pointer)?;
    let fields = parts(kind).get(place.at)?.fields;
    let field = place.field.and_then(|field| fields.iter().position(|one| one.key == field.key)).unwrap_or(0);
    let (head, section) = (place.at == 0, place.at);
    Some((section, place.seq.filter(|_| !head).unwrap_or(if head { 0 } else { i64::MAX }), field))
}

/// Which of the sorted places comes after the present one, or before it; in a circle.
fn neighbour(faults: &[Rank], here: Option<Rank>, back: bool) -> Option<usize> {
    let last = faults.len().checked_sub(1)?;
    Some(match (here, back) {
        (None, false) => 0,
        (None, true) => last,
        (Some(here), false) => faults.iter().position(|fault| *fault > here).unwrap_or(0),
        (Some(here), true) => faults.iter().rposition(|fault| *fault < here).unwrap_or(last),
    })
}

/// Says what is wrong, at the field where nothing says it yet.
fn show(state: DocumentState, found: Finding) {
    if state.section.try_get_untracked().is_none() {
        return; // the tab was closed
    }
    announce(untrack(|| tm(&found.message)));
    let form = open_form(state);
    let told = form.findings.with_untracked(|all| all.iter().any(|one| one.pointer == found.pointer));
    if form.key_of(&found.pointer).is_some() && !told {
        form.findings.update(|all| all.push(found));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filing::kind::FILING;

    #[test]
    fn f8_leads_through_all_sections_in_the_order_of_the_screen() {
        let pointers = [
            "head.contract_no",
            "head.remark",
            "exports[1].qty",
            "exports[2].hs_code",
            "exports.hs_code",
            "reimports[1].qty",
        ];
        let ranks: Vec<Rank> = pointers.iter().filter_map(|pointer| rank(&FILING, pointer)).collect();
        assert_eq!(ranks.len(), pointers.len(), "none is left out");
        assert!(ranks.is_sorted());
        let next = |here: Option<&str>, back| {
            neighbour(&ranks, here.and_then(|pointer| rank(&FILING, pointer)), back).map(|at| pointers[at])
        };
        assert_eq!(next(None, false), Some("head.contract_no"));
        assert_eq!(next(None, true), Some("reimports[1].qty"));
        // It must leave the form it is in, or the faults of other sections are never reached.
        assert_eq!(next(Some("head.remark"), false), Some("exports[1].qty"));
        assert_eq!(next(Some("exports[1].hs_code"), true), Some("head.remark"));
        assert_eq!(next(Some("exports[2].hs_code"), false), Some("exports.hs_code"));
        assert_eq!(next(Some("reimports[1].qty"), false), Some("head.contract_no"), "in a circle");
        assert_eq!(next(Some("head.contract_no"), true), Some("reimports[1].qty"));
        assert_eq!(neighbour(&[], None, false), None);
    }
}
