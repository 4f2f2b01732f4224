//! The control for text, codes, numbers and dates: one line, or several.
//! What is typed goes to the state key by key; it is normalised and checked when the control is left.

use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::control::{Control, catch_up, read, write};
use super::date_pick::DatePick;
use super::lang::said;
use super::{focus, ime};
use crate::form::Kind;

#[component]
pub fn TextBox(control: Control) -> impl IntoView {
    let composing = StoredValue::new(false);
    let key = control.key();
    let state = control.state;
    let on_input = move |event: ev::Event| {
        if ime::is_partial(&event) {
            composing.set_value(true);
            return;
        }
        composing.set_value(false);
        state.set_text(key, event_target_value(&event));
    };
    let on_composition_end = move |event: ev::CompositionEvent| {
        composing.set_value(false);
        state.set_text(key, event_target_value(&event));
    };
    let on_focus = move |event: ev::FocusEvent| {
        if !control.is_gone() {
            catch_up(&event, &state.get_untracked(key));
        }
        focus::entered(control.id(), move || {
            let _ = control.commit.try_run(());
        })
    };
    let on_blur = move |event: ev::FocusEvent| {
        if control.is_gone() {
            return;
        }
        composing.set_value(false);
        control.commit.run(());
        if let Some(element) = target(&event) {
            write(&element, &state.get_untracked(key));
        }
    };
    let is_date = matches!(control.field.kind, Kind::Date);
    let calendar = DatePick::new(control);
    let on_keydown = move |event: ev::KeyboardEvent| {
        if is_date && event.key() == "F4" && !(event.ctrl_key() || event.alt_key() || event.meta_key()) {
            event.prevent_default();
            return calendar.open();
        }
        if ime::owns_key(&event, composing.get_value()) || event.key() != "Escape" || control.read_only.get_untracked()
        {
            return;
        }
        let before = state.committed(key);
        if let Some(element) = target(&event)
            && read(&element) != before
        {
            event.stop_propagation();
            write(&element, &before);
            state.set_text(key, before);
        }
    };
    let shown = move || state.get(key);
    if matches!(control.field.kind, Kind::Lines { .. }) {
        let node = NodeRef::<html::Textarea>::new();
        control.keep_in_step(move || node.get().map(HtmlElement::from), composing, shown);
        view! {
            <textarea
                node_ref=node
                id=control.id()
                class="input"
                rows="3"
                data-key=key
                autocomplete="off"
                spellcheck="false"
                readonly=control.read_only
                tabindex=move || control.tab_index()
                title=said(control.field.help)
                aria-required=control.is_required().then_some("true")
                aria-invalid=move || control.is_faulty().then_some("true")
                aria-describedby=move || control.described_by()
                on:input=on_input
                on:compositionstart=move |_| composing.set_value(true)
                on:compositionend=on_composition_end
                on:focus=on_focus
                on:blur=on_blur
                on:keydown=on_keydown
            ></textarea>
        }
        .into_any()
    } else {
        let node = NodeRef::<html::Input>::new();
        control.keep_in_step(move || node.get().map(HtmlElement::from), composing, shown);
        let input_mode = match control.field.kind {
            Kind::Decimal { .. } => "decimal",
            Kind::Digits { .. } | Kind::Mobile => "numeric",
            _ => "text",
        };
        let input = view! {
            <input
                node_ref=node
                id=control.id()
                class="input"
                type="text"
                data-key=key
                inputmode=input_mode
                autocomplete="off"
                spellcheck="false"
                readonly=control.read_only
                tabindex=move || control.tab_index()
                title=said(control.field.help)
                aria-required=control.is_required().then_some("true")
                aria-invalid=move || control.is_faulty().then_some("true")
                aria-describedby=move || control.described_by()
                on:input=on_input
                on:compositionstart=move |_| composing.set_value(true)
                on:compositionend=on_composition_end
                on:focus=on_focus
                on:blur=on_blur
                on:keydown=on_keydown
            />
        };
        if is_date {
            view! { <span class="combo">{input} {calendar.view()}</span> }.into_any()
        } else {
            input.into_any()
        }
    }
}

fn target(event: &ev::Event) -> Option<HtmlElement> {
    event.target()?.dyn_into().ok()
}
