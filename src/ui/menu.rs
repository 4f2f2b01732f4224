//! A button that opens a small panel of choices: column chooser, tab menu, message log.
//! Esc and a click elsewhere close it; ↑↓ walk through what is in it.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, HtmlElement, Node};

use super::dialog::keep_keys;
use super::lang::{said, t};
use super::parts::{action_name, icon};
use super::popup;
use crate::text::Text;

#[component]
pub fn Menu(
    label: Text,
    icon_name: &'static str,
    /// Shows the label beside the icon; otherwise it is the button's name only.
    #[prop(optional)]
    labelled: bool,
    /// Offered by the command palette.
    #[prop(optional)]
    listed: bool,
    /// Choosing something closes the panel.
    #[prop(optional)]
    close_on_choice: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let panel = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let (Some(panel), Some(button)) = (panel.get(), button.get()) {
            popup::open(panel.clone().into(), button.into());
            if let Some(first) = stops(&panel).first() {
                let _ = first.focus();
            }
        }
    });
    let close = move || {
        open.set(false);
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if !open.get_untracked() {
            return;
        }
        match event.key().as_str() {
            "Escape" => close(),
            "ArrowDown" => walk(panel, 1),
            "ArrowUp" => walk(panel, -1),
            _ => return keep_keys(&event),
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let on_leave = move |event: FocusEvent| {
        let to = event.related_target().and_then(|to| to.dyn_into::<Node>().ok());
        let inside = |node: &Node| {
            panel.try_get_untracked().flatten().is_some_and(|panel| panel.contains(Some(node)))
                || button.try_get_untracked().flatten().is_some_and(|button| button.contains(Some(node)))
        };
        if !to.as_ref().is_some_and(inside) {
            open.try_set(false);
        }
    };
    view! {
        <div class="menu" on:keydown=on_key on:focusout=on_leave>
            <button
                node_ref=button
                type="button"
                class=if labelled { "button" } else { "icon-button" }
                data-action=listed.then(|| action_name(label))
                aria-expanded=move || if open.get() { "true" } else { "false" }
                aria-label=move || (!labelled).then(|| t(label))
                title=move || (!labelled).then(|| t(label))
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {icon(icon_name)}
                {labelled.then(|| view! { <span>{said(label)}</span> })}
            </button>
            {move || {
                let children = children.clone();
                open.get().then(|| view! {
                    <div
                        node_ref=panel
                        class="menu-panel"
                        role="group"
                        aria-label=t(label)
                        tabindex="-1"
                        on:click=move |_| if close_on_choice { close() }
                    >
                        {children()}
                    </div>
                })
            }}
        </div>
    }
    .into_any()
}

fn stops(panel: &HtmlElement) -> Vec<HtmlElement> {
    let Ok(all) = panel.query_selector_all("button,input,a[href]") else { return Vec::new() };
    (0..all.length()).filter_map(|index| all.item(index)?.dyn_into().ok()).collect()
}

fn walk(panel: NodeRef<html::Div>, by: isize) {
    let Some(panel) = panel.get_untracked() else { return };
    let stops = stops(&panel);
    let at = super::focus::active().and_then(|active| stops.iter().position(|stop| *stop == active));
    let next = at.map_or(0, |at| at.saturating_add_signed(by));
    if let Some(stop) = stops.get(next) {
        let _ = stop.focus();
    }
}
