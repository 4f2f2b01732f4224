//! What the screen does when a record cannot be stored: faults beside their fields, and the question whose content stays
//! where somebody else was quicker. Used by head, rows and the buttons; stores nothing.

use leptos::prelude::*;

use super::state::DocumentState;
use crate::document::place::name_of;
use crate::form::{Difference, Field, Filled, Finding, Severity, pointer};
use crate::ui::dialog::{self, Side};
use crate::ui::lang::language;

/// Shows findings in red beside their fields.
pub fn show_at_fields(state: DocumentState, findings: &[Finding]) {
    for form in state.forms() {
        let mine: Vec<_> = findings.iter().filter(|found| form.key_of(&found.pointer).is_some()).cloned().collect();
        form.findings.set(mine);
    }
}

/// Asks whose text stays, field by field, where two people changed the same; `None` when that is put off. Asks nothing when
/// nothing differs.
pub(super) async fn settle(state: DocumentState, differences: Vec<Difference>) -> Option<Vec<Side>> {
    if differences.is_empty() {
        return Some(Vec::new());
    }
    dialog::settle(differences, |pointer| name_of(state.kind, pointer, language())).await
}

/// Puts what was decided into a record that is sent again: `content` with `was`, as [`merge`](crate::form::merge) takes them.
/// True when something in it was decided.
pub(super) fn decided(
    fields: &[Field],
    (section, seq): (&str, Option<i64>),
    content: &mut Filled,
    was: &mut Option<Filled>,
    sides: &[(Difference, Side)],
) -> bool {
    let mut any = false;
    for field in fields {
        let at = pointer(section, seq, field.key);
        let Some((difference, side)) = sides.iter().find(|(difference, _)| difference.pointer == at) else { continue };
        any = true;
        // All that differs was asked about: the rest of the record is as it is stored.
        let was = was.get_or_insert_default();
        match side {
            Side::Mine => drop(was.insert(field.key.to_owned(), difference.theirs.clone())),
            Side::Theirs => {
                was.remove(field.key);
                content.insert(field.key.to_owned(), difference.theirs.clone());
            }
        }
    }
    any
}

/// What keeps a record from being stored.
pub(super) fn grave(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().filter(|found| found.severity == Severity::Save).collect()
}
