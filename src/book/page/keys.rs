//! Keys that work anywhere in an open book; `view` hands them over. Keys of a field or a list are theirs and come
//! first; what a key does is in `actions`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::KeyboardEvent;

use super::actions::{declare, go_to, row_committed, save_head, save_row};
use super::buttons::print_open;
use super::state::BookState;
use crate::attachment;
use crate::book::model::{HEAD, Side};
use crate::form::Severity;

/// Sections in the order of Alt+1, Alt+2, …
const SECTIONS: [&str; 4] = [HEAD, Side::Exports.key(), Side::Reimports.key(), attachment::model::SECTION];

pub fn on_key(state: BookState, event: &KeyboardEvent) {
    if crate::ui::ime::is_composing(event) {
        return;
    }
    let control = event.ctrl_key() || event.meta_key();
    let alt = event.alt_key() && !control;
    let handled = match event.key().as_str() {
        "s" | "S" if control && !event.alt_key() => {
            if state.editable() {
                save_what_is_open(state);
            }
            true
        }
        // The browser would print the screen, which is no paper for anybody.
        "p" | "P" if control && !event.alt_key() => {
            print_open(state);
            true
        }
        "Enter" if control && event.shift_key() => {
            spawn_local(declare(state));
            true
        }
        "Enter" if control => {
            save_what_is_open(state);
            true
        }
        // In a form with faults it is the form's own; from anywhere else it leads to the first of the book.
        "F8" if !control && !alt => {
            let findings = untrack(|| state.findings());
            let first = findings.iter().find(|found| found.severity > Severity::Warning);
            if let Some(first) = first {
                go_to(state, &first.pointer);
            }
            first.is_some()
        }
        "i" | "I" if alt => {
            if state.editable() {
                state.import_open.set(true);
            }
            true
        }
        "m" | "M" if alt => {
            state.templates_open.set(true);
            true
        }
        digit if alt => match digit.parse::<usize>().ok().and_then(|number| SECTIONS.get(number.checked_sub(1)?)) {
            Some(section) => {
                show(state, section);
                true
            }
            None => false,
        },
        _ => false,
    };
    if handled {
        event.prevent_default();
        event.stop_propagation();
    }
}

fn show(state: BookState, section: &'static str) {
    state.section.set(section);
    match section {
        "exports" => state.exports.form.focus_first(),
        "reimports" => state.reimports.form.focus_first(),
        attachment::model::SECTION => state.attachments.form.focus_first(),
        _ => state.head.focus_first(),
    }
}

/// Ctrl+S and Ctrl+Enter: the head on its tab, the row on a list's tab.
fn save_what_is_open(state: BookState) {
    // A value still being typed is taken over first.
    crate::ui::focus::commit_active();
    spawn_local(async move {
        let saved = state.meta.with_untracked(Option::is_some);
        match state.section.get_untracked() {
            "exports" if saved => {
                row_committed(state.exports, "");
                save_row(state, state.exports).await;
            }
            "reimports" if saved => {
                row_committed(state.reimports, "");
                save_row(state, state.reimports).await;
            }
            attachment::model::SECTION if saved => {
                attachment::page::save(state.attachments).await;
            }
            _ => {
                save_head(state).await;
            }
        }
    });
}
