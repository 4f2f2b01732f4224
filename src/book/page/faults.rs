//! F8 and Shift+F8 in an open book: all that is to be mended, over all its sections, in the order of the
//! screen. What a form found, what the rules say, and what customs gave as its reasons are one list.

use leptos::prelude::*;

use super::actions::go_to;
use super::state::BookState;
use crate::attachment;
use crate::attachment::model::Attachment;
use crate::book::model::{ExportGoods, HEAD, Head, ReimportGoods, Side};
use crate::book::place::place_of;
use crate::form::{Field, Finding, Record, Severity};
use crate::text::text;
use crate::ui::announce::announce;
use crate::ui::form_state::FormState;
use crate::ui::lang::tm;
use crate::ui::{focus, toast};

/// Sections in the order of Alt+1, Alt+2, …
pub(super) const SECTIONS: [&str; 4] = [HEAD, Side::Exports.key(), Side::Reimports.key(), attachment::model::SECTION];

/// Where a pointer leads: section, 商品序号 (a new row comes last), field.
type Rank = (usize, i64, usize);

/// Goes to the next place to be mended, from the field with the focus, in a circle. False when there is none.
pub(super) fn go_to_next(state: BookState, back: bool) -> bool {
    focus::commit_active();
    let mut faults: Vec<(Rank, Finding)> =
        all(state).into_iter().filter_map(|found| Some((rank(&found.pointer)?, found))).collect();
    faults.sort_by_key(|(rank, _)| *rank);
    let ranks: Vec<Rank> = faults.iter().map(|(rank, _)| *rank).collect();
    let here = focused(state).and_then(|pointer| rank(&pointer));
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

fn all(state: BookState) -> Vec<Finding> {
    if !untrack(|| state.editable()) {
        return Vec::new(); // nothing can be mended
    }
    let told = untrack(|| state.findings());
    let mut faults: Vec<Finding> =
        told.into_iter().filter(|found| found.severity > Severity::Warning || found.rule == "customs").collect();
    for form in forms(state) {
        // What hinders less stands in the list above as long as it holds.
        let grave = |found: &&Finding| found.severity == Severity::Save;
        faults.extend(form.findings.with_untracked(|all| all.iter().filter(grave).cloned().collect::<Vec<_>>()));
    }
    faults
}

fn forms(state: BookState) -> [FormState; 4] {
    [state.head, state.exports.form, state.reimports.form, state.attachments.form]
}

/// The form of the open section.
fn open_form(state: BookState) -> FormState {
    let section = state.section.get_untracked();
    forms(state)[SECTIONS.iter().position(|one| *one == section).unwrap_or(0)]
}

/// Pointer of the field, or of the cell, that has the focus.
fn focused(state: BookState) -> Option<String> {
    let control = focus::active()?;
    let key = control.get_attribute("data-key")?;
    if control.closest("[role=grid]").ok()?.is_none() {
        return Some(open_form(state).pointer_of(&key));
    }
    let section = state.section.get_untracked();
    let seq = match section {
        "exports" => state.exports.find(state.exports.active.get_untracked()?).map(|row| row.seq),
        "reimports" => state.reimports.find(state.reimports.active.get_untracked()?).map(|row| row.seq),
        _ => None,
    };
    Some(crate::form::pointer(section, seq, &key))
}

fn rank(pointer: &str) -> Option<Rank> {
    let place = place_of(pointer)?;
    let section = SECTIONS.iter().position(|section| *section == place.section)?;
    let fields: &[Field] = match section {
        0 => Head::FIELDS,
        1 => ExportGoods::FIELDS,
        2 => ReimportGoods::FIELDS,
        _ => Attachment::FIELDS,
    };
    let field = place.field.and_then(|field| fields.iter().position(|one| one.key == field.key)).unwrap_or(0);
    Some((section, place.seq.filter(|_| section > 0).unwrap_or(if section > 0 { i64::MAX } else { 0 }), field))
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
fn show(state: BookState, found: Finding) {
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
        let ranks: Vec<Rank> = pointers.iter().filter_map(|pointer| rank(pointer)).collect();
        assert_eq!(ranks.len(), pointers.len(), "none is left out");
        assert!(ranks.is_sorted());
        let next = |here: Option<&str>, back| neighbour(&ranks, here.and_then(rank), back).map(|at| pointers[at]);
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
