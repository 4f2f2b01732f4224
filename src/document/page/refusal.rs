//! What the screen does when a record cannot be stored: faults beside their fields, and the question whose content stays
//! where somebody else was quicker. Used by head, rows and the buttons; stores nothing.

use leptos::prelude::*;

use super::state::DocumentState;
use crate::document::place::name_of;
use crate::error::ApiError;
use crate::form::{Finding, Severity};
use crate::ui::dialog::{self, Resolution};
use crate::ui::lang::language;

/// Shows findings in red beside their fields.
pub fn show_at_fields(state: DocumentState, findings: &[Finding]) {
    for form in state.forms() {
        let mine: Vec<_> = findings.iter().filter(|found| form.key_of(&found.pointer).is_some()).cloned().collect();
        form.findings.set(mine);
    }
}

/// Asks whose content stays where somebody else was quicker.
pub(super) async fn settle(state: DocumentState, error: &ApiError) -> Resolution {
    dialog::resolve_conflict(error.differences.clone(), |pointer| name_of(state.kind, pointer, language())).await
}

/// What keeps a record from being stored.
pub(super) fn grave(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().filter(|found| found.severity == Severity::Save).collect()
}
