//! The control for codes and short lists: an editable combo box with a list that narrows while
//! typing and whose best line is chosen automatically (WAI-ARIA: list autocomplete with automatic
//! selection). Shows `code-name`, stores the code. `choices` decides what is offered, `state` what keys and clicks do; here it is drawn.

pub(in crate::ui) mod choices;
pub(in crate::ui) mod options;
mod state;

use leptos::prelude::*;
use leptos::{ev, html};

use self::choices::Offer;
use self::options::options;
use super::codes::show;
use super::control::{Control, catch_up};
use super::lang::said;
use super::{focus, ime};

/// Name of the fault that ends with the next accepted line.
const NO_MATCH_RULE: &str = "no_match";

/// State of one combo box.
#[derive(Clone, Copy)]
struct Combo {
    control: Control,
    node: NodeRef<html::Input>,
    open: RwSignal<bool>,
    offer: RwSignal<Offer>,
    active: RwSignal<Option<usize>>,
    /// Typed into since the last accepted value.
    edited: StoredValue<bool>,
    composing: StoredValue<bool>,
}

#[component]
pub fn ComboBox(control: Control) -> impl IntoView {
    let combo = Combo {
        control,
        node: NodeRef::new(),
        open: RwSignal::new(false),
        offer: RwSignal::new(Offer::default()),
        active: RwSignal::new(None),
        edited: StoredValue::new(false),
        composing: StoredValue::new(false),
    };
    let key = control.key();
    let kind = control.field.kind;
    let shown = move || show(kind, &control.state.get(key));
    control.keep_in_step(move || combo.element(), combo.composing, shown);
    // Loading another record ends what was begun in this box.
    Effect::new(move |_| {
        control.state.loads();
        combo.edited.set_value(false);
        combo.close();
    });
    let on_input = move |event: ev::Event| {
        let partial = ime::is_partial(&event);
        combo.composing.set_value(partial);
        if !partial {
            combo.typed(event_target_value(&event));
        }
    };
    view! {
        <span class="combo">
            <input
                node_ref=combo.node
                id=control.id()
                class="input"
                type="text"
                role="combobox"
                data-key=key
                autocomplete="off"
                spellcheck="false"
                readonly=control.read_only
                tabindex=move || control.tab_index()
                title=said(control.field.help)
                aria-autocomplete="list"
                aria-haspopup="listbox"
                aria-expanded=move || if combo.open.get() { "true" } else { "false" }
                aria-controls=move || combo.open.get().then(|| combo.list_id())
                aria-activedescendant=move || combo.active_id()
                aria-required=control.is_required().then_some("true")
                aria-invalid=move || control.is_faulty().then_some("true")
                aria-describedby=move || control.described_by()
                on:input=on_input
                on:compositionstart=move |_| combo.composing.set_value(true)
                on:compositionend=move |event| {
                    combo.composing.set_value(false);
                    combo.typed(event_target_value(&event));
                }
                on:focus=move |event| {
                    if !control.is_gone() && !combo.edited.get_value() {
                        catch_up(&event, &untrack(shown));
                    }
                    focus::entered(control.id(), move || {
                        if !control.is_gone() {
                            combo.settle();
                        }
                    });
                }
                // The first key over an accepted entry begins anew.
                on:click=move |_| combo.select_accepted()
                on:blur=move |_| combo.leave()
                on:keydown=move |event| combo.on_key(&event)
            />
            // For the mouse only: keys have F4 and the arrows.
            <span
                class="combo-arrow"
                aria-hidden="true"
                on:mousedown=move |event| {
                    event.prevent_default();
                    combo.toggle();
                }
            ></span>
            {move || combo.open.get().then(|| list(combo))}
        </span>
    }
    .into_any()
}

fn list(combo: Combo) -> AnyView {
    let pick = Callback::new(move |index| combo.pick(index));
    options(combo.list_id(), combo.offer, combo.active, move || combo.element(), pick)
}
