//! The control for codes and short lists: an editable combo box with a list that narrows while
//! typing and whose best line is chosen automatically (WAI-ARIA: list autocomplete with automatic
//! selection). Shows `code-name`, stores the code. `choices` decides what is offered.

mod choices;

use leptos::prelude::*;
use leptos::{ev, html};
use web_sys::HtmlElement;

use self::choices::{Offer, code_part, offer, resolve};
use super::announce::announce;
use super::codes::{codes, codes_now, show};
use super::control::{Control, write};
use super::lang::{language, said, t, tm};
use super::{focus, ime, popup};
use crate::form::Kind;
use crate::text::{Message, text};

/// Name of the fault that ends with the next accepted line.
const NO_MATCH_RULE: &str = "no_match";

/// State of one combo box.
#[derive(Clone, Copy)]
struct Combo {
    control: Control,
    node: NodeRef<html::Input>,
    open: RwSignal<bool>,
    offer: RwSignal<Offer>,
    active: RwSignal<usize>,
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
        active: RwSignal::new(0),
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
                tabindex=control.tab_index()
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
                on:focus=move |_| focus::entered(control.id(), move || {
                    if !control.is_gone() {
                        combo.settle();
                    }
                })
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
    let node = NodeRef::<html::Ul>::new();
    Effect::new(move |_| {
        combo.offer.track();
        if let (Some(list), Some(input)) = (node.get(), combo.element()) {
            popup::open(list.into(), input);
        }
    });
    Effect::new(move |_| {
        let id = combo.option_id(combo.active.get());
        combo.offer.track();
        if let (Some(list), Some(option)) = (node.get(), document().get_element_by_id(&id)) {
            reveal(&list, &option);
        }
    });
    let options = move || {
        combo.offer.with(|offer| match offer.hint {
            Some(hint) => {
                view! { <li class="combo-hint" role="option" aria-disabled="true" aria-selected="false">{t(hint)}</li> }
                    .into_any()
            }
            None => offer
                .choices
                .iter()
                .enumerate()
                .map(|(index, choice)| option(combo, index, choice))
                .collect_view()
                .into_any(),
        })
    };
    view! {
        <ul
            node_ref=node
            id=combo.list_id()
            class="combo-list"
            role="listbox"
            aria-label=said(text("可选项", "Options"))
            // The input keeps the focus.
            on:mousedown=|event| event.prevent_default()
        >
            {options}
        </ul>
    }
    .into_any()
}

fn option(combo: Combo, index: usize, choice: &choices::Choice) -> AnyView {
    let is_active = move || combo.active.get() == index;
    view! {
        <li
            id=combo.option_id(index)
            class="combo-option"
            class:active=is_active
            role="option"
            aria-selected=move || if is_active() { "true" } else { "false" }
            on:click=move |_| combo.pick(index)
        >
            <span class="combo-code">{choice.code.clone()}</span>
            <span class="combo-dash">"-"</span>
            <span class="combo-name">{choice.name.clone()}</span>
        </li>
    }
    .into_any()
}

/// Scrolls the list, and only the list, so that an option is seen.
fn reveal(list: &HtmlElement, option: &web_sys::Element) {
    let (frame, line) = (list.get_bounding_client_rect(), option.get_bounding_client_rect());
    let above = frame.top() as i32 - line.top() as i32;
    let below = line.bottom() as i32 - frame.bottom() as i32;
    if above > 0 {
        list.set_scroll_top(list.scroll_top() - above - 4);
    } else if below > 0 {
        list.set_scroll_top(list.scroll_top() + below + 4);
    }
}

impl Combo {
    fn element(self) -> Option<HtmlElement> {
        self.node.get().map(HtmlElement::from)
    }

    fn list_id(self) -> String {
        format!("{}-list", self.control.id())
    }

    fn option_id(self, index: usize) -> String {
        format!("{}-option-{index}", self.control.id())
    }

    fn active_id(self) -> Option<String> {
        let some = self.open.get() && self.offer.with(|offer| !offer.choices.is_empty());
        some.then(|| self.option_id(self.active.get()))
    }

    fn value(self) -> String {
        self.control.state.get_untracked(self.control.key())
    }

    /// Text was typed: search and show what there is.
    fn typed(self, typed: String) {
        self.edited.set_value(true);
        // Kept as typed until a line is accepted, so that unsaved work is known as such.
        self.control.state.set_text(self.control.key(), typed.clone());
        if typed.trim().is_empty() {
            self.close();
        } else {
            self.search(&code_part(&typed));
        }
    }

    fn search(self, query: &str) {
        let value = if self.edited.get_value() { String::new() } else { self.value() };
        let offer = untrack(|| offer(self.control.field.kind, &codes_now(), language(), query, &value));
        let count = offer.choices.len();
        let best = offer.choices.get(offer.first).map(|choice| format!("{}-{}", choice.code, choice.name));
        announce(untrack(|| match (best, offer.hint) {
            (Some(best), _) => {
                tm(&Message::new(format!("{count}个匹配项，当前{best}"), format!("{count} matches, now {best}")))
            }
            (None, hint) => hint.map(t).unwrap_or_default().to_owned(),
        }));
        self.active.set(offer.first);
        self.offer.set(offer);
        self.open.set(true);
    }

    fn toggle(self) {
        if let Some(element) = untrack(|| self.element()) {
            let _ = element.focus();
        }
        if self.open.get_untracked() {
            self.close();
        } else if !self.control.read_only.get_untracked() {
            self.show_list();
        }
    }

    /// Opens the list: for what is being typed, or else all of it, at the current value.
    fn show_list(self) {
        let typed = if self.edited.get_value() { code_part(&self.value()) } else { String::new() };
        self.search(&typed);
    }

    fn close(self) {
        if self.open.get_untracked() {
            self.open.set(false);
        }
    }

    fn step(self, by: isize) {
        let last = self.offer.with_untracked(|offer| offer.choices.len().saturating_sub(1));
        self.active.update(|active| *active = active.saturating_add_signed(by).min(last));
        let now = self.offer.with_untracked(|offer| {
            offer.choices.get(self.active.get_untracked()).map(|choice| format!("{}-{}", choice.code, choice.name))
        });
        announce(now.unwrap_or_default());
    }

    /// A line was chosen with the mouse.
    fn pick(self, index: usize) {
        self.active.set(index);
        self.accept_active();
        if let Some(element) = untrack(|| self.element()) {
            let _ = element.focus();
        }
    }

    fn accept_active(self) {
        let code = self
            .offer
            .with_untracked(|offer| offer.choices.get(self.active.get_untracked()).map(|choice| choice.code.clone()));
        if let Some(code) = code {
            self.accept(code);
        }
    }

    fn accept(self, code: String) {
        let key = self.control.key();
        self.edited.set_value(false);
        self.close();
        self.control.state.set_text(key, code.clone());
        if let Some(element) = untrack(|| self.element())
            && !self.composing.get_value()
        {
            write(&element, &untrack(|| show(self.control.field.kind, &code)));
        }
        self.control.state.clear_fault(key, NO_MATCH_RULE);
        self.control.commit.run(());
    }

    /// Turns what was typed into a value. False when nothing matches: then the text stays and the
    /// reason stands beside the field.
    fn settle(self) -> bool {
        if !self.edited.get_value() {
            return true;
        }
        let has_choice = self.open.get_untracked() && self.offer.with_untracked(|offer| !offer.choices.is_empty());
        if has_choice {
            self.accept_active();
            return true;
        }
        let typed = self.value();
        if let Kind::Coded(table) = self.control.field.kind
            && codes_now().table(table).is_none()
        {
            // Without the table nothing can be matched; the server will check the code.
            self.accept(code_part(&typed));
            return true;
        }
        match untrack(|| resolve(self.control.field.kind, &codes(), language(), &typed)) {
            Ok(code) => {
                self.accept(code);
                true
            }
            Err(message) => {
                self.close();
                self.control.state.set_fault(self.control.key(), NO_MATCH_RULE, message);
                false
            }
        }
    }

    fn leave(self) {
        if self.control.is_gone() {
            return;
        }
        self.composing.set_value(false);
        let settled = self.settle();
        self.close();
        if settled && let Some(element) = untrack(|| self.element()) {
            let text = untrack(|| show(self.control.field.kind, &self.value()));
            write(&element, &text);
        }
    }

    fn on_key(self, event: &ev::KeyboardEvent) {
        if ime::owns_key(event, self.composing.get_value()) || self.control.read_only.get_untracked() {
            return;
        }
        let open = self.open.get_untracked();
        let handled = match event.key().as_str() {
            "ArrowDown" | "ArrowUp" if event.alt_key() => {
                if open {
                    self.close()
                } else {
                    self.show_list()
                }
                true
            }
            "F4" if !event.alt_key() && !event.ctrl_key() => {
                self.toggle();
                true
            }
            "ArrowDown" if open => {
                self.step(1);
                true
            }
            "ArrowUp" if open => {
                self.step(-1);
                true
            }
            "ArrowDown" | "ArrowUp" => {
                self.show_list();
                true
            }
            "PageDown" if open => {
                self.step(10);
                true
            }
            "PageUp" if open => {
                self.step(-10);
                true
            }
            "Escape" if open => {
                self.close();
                true
            }
            "Escape" => self.restore(),
            "Enter" if event.ctrl_key() || event.alt_key() || event.meta_key() => false,
            "Enter" | "Tab" if open && !self.edited.get_value() => {
                // Walked through the list without typing: the line it stands on is meant.
                self.accept_active();
                false
            }
            // Tab leaves in any case; Enter stays where nothing matches.
            "Enter" => {
                let settled = self.settle();
                if !settled {
                    event.prevent_default();
                }
                !settled
            }
            _ => return,
        };
        if handled {
            event.prevent_default();
            event.stop_propagation();
        }
    }

    /// Esc with a closed list: the value before typing comes back.
    fn restore(self) -> bool {
        let before = self.control.state.committed(self.control.key());
        if !self.edited.get_value() && self.value() == before {
            return false;
        }
        self.edited.set_value(false);
        if let Some(element) = untrack(|| self.element()) {
            write(&element, &untrack(|| show(self.control.field.kind, &before)));
        }
        self.control.state.clear_fault(self.control.key(), NO_MATCH_RULE);
        self.control.state.set_text(self.control.key(), before);
        true
    }
}
