//! Keys that work anywhere in an open document; `view` hands them over. Keys of a field or a list are theirs and come
//! first; what a key does is in `actions`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::actions::{declare, generate};
use super::buttons::{open_ledger, print_open};
use super::faults::go_to_next;
use super::head::save_head;
use super::rows::actions::{row_committed, save_row};
use super::rows::fold::is_folded;
use super::state::DocumentState;
use crate::account::rights::Right;
use crate::attachment;
use crate::document::kind::HEAD;
use crate::document::place::parts;
use crate::text::Message;
use crate::ui::section_tabs::panel_id;
use crate::ui::spelled::spelled;
use crate::ui::{focus, ime, toast};

/// F8 comes before the form and the list that has the focus: they know their own faults only. A list with
/// cells in red leads through those first, and keeps the key.
pub fn on_fault_key(state: DocumentState, event: &KeyboardEvent) {
    let pressed = spelled(event);
    if ime::is_composing(event) || !matches!(pressed.as_str(), "F8" | "Shift+F8") || is_elsewhere(event) {
        return;
    }
    if go_to_next(state, event.shift_key()) {
        event.prevent_default();
        event.stop_propagation();
    }
}

/// In a dialog of the page, or in a list that may have cells in red.
fn is_elsewhere(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest("dialog,[role=grid]").is_ok_and(|inside| inside.is_some()))
}

pub fn on_key(state: DocumentState, event: &KeyboardEvent) {
    if ime::is_composing(event) {
        return;
    }
    let pressed = spelled(event);
    let handled = match pressed.as_str() {
        "Ctrl+S" | "Ctrl+Shift+S" => {
            if state.editable() {
                save_what_is_open(state);
            } else if !untrack(|| state.may(Right::Enter)) {
                not_yours(Right::Enter);
            }
            true
        }
        // The browser would print the screen, which is no paper for anybody.
        "Ctrl+P" | "Ctrl+Shift+P" => {
            print_open(state);
            true
        }
        "Ctrl+Shift+Enter" => {
            if untrack(|| state.may(Right::Declare)) {
                spawn_local(declare(state));
            } else {
                not_yours(Right::Declare);
            }
            true
        }
        "Ctrl+Enter" => {
            save_what_is_open(state);
            true
        }
        // From a list without cells in red.
        "F8" | "Shift+F8" => go_to_next(state, event.shift_key()),
        "Alt+I" => {
            if state.editable() {
                state.import_open.set(true);
            }
            true
        }
        "Alt+G" if state.is_change() => {
            state.differences_open.set(true);
            true
        }
        "Alt+L" if state.book.with_untracked(Option::is_some) => {
            open_ledger(state.id);
            true
        }
        "Alt+B" if state.kind.accounts.is_some() => {
            if state.editable() {
                spawn_local(generate(state));
            }
            true
        }
        "Alt+M" => {
            if untrack(|| state.may(Right::Enter)) {
                state.templates_open.set(true);
            }
            true
        }
        _ => match section_of(state, &pressed) {
            Some(section) => {
                show(state, section);
                true
            }
            None => false,
        },
    };
    if handled {
        event.prevent_default();
        event.stop_propagation();
    }
}

/// A key whose button is not there says why nothing happens.
fn not_yours(right: Right) {
    let right = right.label();
    toast::info(Message::new(
        format!("您对该企业没有“{}”权限，如有需要请联系本企业管理员。", right.zh),
        format!("Your role does not let you {} for this enterprise; ask your administrator if you should.", right.en),
    ));
}

/// Alt+1, Alt+2, …
fn section_of(state: DocumentState, pressed: &str) -> Option<&'static str> {
    let number: usize = pressed.strip_prefix("Alt+")?.parse().ok()?;
    parts(state.kind).get(number.checked_sub(1)?).map(|part| part.key)
}

fn show(state: DocumentState, section: &'static str) {
    state.section.set(section);
    match state.list(section) {
        Some(_) if untrack(is_folded) => focus::enter(panel_id(&state.prefix(), section)),
        Some(list) => list.form.focus_first(),
        None if section == attachment::model::SECTION => state.attachments.form.focus_first(),
        None if section != HEAD => focus::enter(panel_id(&state.prefix(), section)),
        None => state.head.focus_first(),
    }
}

/// Ctrl+S and Ctrl+Enter: the head on its tab, the row on a list's tab.
fn save_what_is_open(state: DocumentState) {
    // A value still being typed is taken over first.
    focus::commit_active();
    spawn_local(async move {
        let saved = state.meta.with_untracked(Option::is_some);
        match state.open_list().filter(|_| saved) {
            Some(list) => {
                row_committed(state, list, "");
                save_row(state, list).await;
            }
            None if saved && state.section.get_untracked() == attachment::model::SECTION => {
                attachment::page::save(state.attachments).await;
            }
            None => {
                save_head(state).await;
            }
        }
    });
}
