//! The calendar beside a date that is typed: the browser's own, opened with the mouse or F4. Part of `text_box`; what is
//! chosen there is typed into the field like anything else.

use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::control::{Control, write};
use super::focus;
use super::parts::icon;

/// The calendar of one field.
#[derive(Clone, Copy)]
pub struct DatePick {
    control: Control,
    /// The browser's date field, of which only the calendar is ever seen.
    native: NodeRef<html::Input>,
}

impl DatePick {
    pub fn new(control: Control) -> Self {
        Self { control, native: NodeRef::new() }
    }

    /// Opens the calendar at the day that stands in the field.
    pub fn open(self) {
        let Some(native) = self.native.get_untracked().filter(|_| !self.control.read_only.get_untracked()) else {
            return;
        };
        // What is typed is read first: `1231` opens at that day. What is no day opens at today.
        self.control.commit.run(());
        native.set_value(&self.control.state.get_untracked(self.control.key()));
        // A browser without a calendar leaves the typing, which is complete without it.
        let _ = native.show_picker();
    }

    fn chosen(self, event: &ev::Event) {
        let day = event_target_value(event);
        if day.is_empty() {
            return;
        }
        let Control { state, commit, .. } = self.control;
        state.set_text(self.control.key(), day.clone());
        commit.run(());
        focus::focus_id(self.control.id());
        let field = document().get_element_by_id(&self.control.id());
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
            write(&field, &day);
        }
    }

    /// What stands beside the field; for the mouse only, keys have F4.
    pub fn view(self) -> AnyView {
        view! {
            <span
                class="date-arrow"
                aria-hidden="true"
                on:mousedown=move |event| event.prevent_default()
                on:click=move |_| self.open()
            >{icon("calendar")}</span>
            <input
                node_ref=self.native
                class="date-native"
                type="date"
                tabindex="-1"
                aria-hidden="true"
                on:change=move |event| self.chosen(&event)
            />
        }
        .into_any()
    }
}
