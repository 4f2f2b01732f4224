//! The list under the active cell of a coded column: the same entries, found the same way, as those of
//! the form's combo box. The input keeps the focus; the list is only looked at and pointed to.

use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

use super::cells::{Sheet, set};
use crate::form::Kind;
use crate::text::text;
use crate::ui::announce::announce;
use crate::ui::codes::codes_now;
use crate::ui::combo_box::choices::{Choice, Offer, code_part, offer};
use crate::ui::lang::{language, said, t, tm};
use crate::ui::popup;

/// What is offered, and where in it the keys stand.
#[derive(Clone, Copy)]
pub(super) struct List {
    id: StoredValue<String>,
    pub open: RwSignal<bool>,
    offer: RwSignal<Offer>,
    active: RwSignal<usize>,
}

impl List {
    pub fn new(id: String) -> Self {
        Self {
            id: StoredValue::new(id),
            open: RwSignal::new(false),
            offer: RwSignal::new(Offer::default()),
            active: RwSignal::new(0),
        }
    }

    /// Shows what there is for a text; `value` is the code the cell holds.
    pub fn search(self, kind: Kind, typed: &str, value: &str, input: &HtmlInputElement) {
        let codes = codes_now();
        let offer = untrack(|| offer(kind, &codes, language(), &code_part(kind, &codes, typed), value));
        self.active.set(offer.first);
        self.offer.set(offer);
        self.open.set(true);
        set(input, "aria-expanded", Some("true"));
        set(input, "aria-controls", Some(&self.id.get_value()));
        self.point(input);
        announce(self.offer.with_untracked(|offer| untrack(|| tm(&offer.spoken()))));
    }

    /// The entry the keys stand on.
    pub fn current(self) -> Option<Choice> {
        self.offer.with_untracked(|offer| offer.choices.get(self.active.get_untracked()).cloned())
    }

    pub fn step(self, by: isize, input: &HtmlInputElement) {
        let last = self.offer.with_untracked(|offer| offer.choices.len().saturating_sub(1));
        self.active.update(|active| *active = active.saturating_add_signed(by).min(last));
        self.point(input);
        announce(self.current().map(|choice| format!("{}-{}", choice.code, choice.name)).unwrap_or_default());
    }

    pub fn close(self, input: &HtmlInputElement) {
        if self.open.get_untracked() {
            self.open.set(false);
            set(input, "aria-expanded", Some("false"));
            set(input, "aria-controls", None);
            set(input, "aria-activedescendant", None);
        }
    }

    fn point(self, input: &HtmlInputElement) {
        let id = self.current().map(|_| self.option_id(self.active.get_untracked()));
        set(input, "aria-activedescendant", id.as_deref());
    }

    fn option_id(self, index: usize) -> String {
        format!("{}-{index}", self.id.get_value())
    }
}

/// The list as it is drawn while it is open.
pub(super) fn list_view(sheet: Sheet) -> impl IntoView {
    let list = sheet.cells.list;
    move || list.open.get().then(|| drawn(sheet))
}

fn drawn(sheet: Sheet) -> AnyView {
    let list = sheet.cells.list;
    let node = NodeRef::<html::Ul>::new();
    Effect::new(move |_| {
        list.offer.track();
        if let Some(list) = node.get() {
            popup::open(list.into(), sheet.input().into());
        }
    });
    Effect::new(move |_| {
        let option = list.option_id(list.active.get());
        if let Some(option) = document().get_element_by_id(&option) {
            let near = web_sys::ScrollIntoViewOptions::new();
            near.set_block(web_sys::ScrollLogicalPosition::Nearest);
            option.scroll_into_view_with_scroll_into_view_options(&near);
        }
    });
    let option = move |index: usize, choice: &Choice| {
        let is_active = move || list.active.get() == index;
        view! {
            <li
                id=list.option_id(index)
                class="combo-option"
                class:active=is_active
                role="option"
                aria-selected=move || if is_active() { "true" } else { "false" }
                on:click=move |_| {
                    list.active.set(index);
                    sheet.commit();
                }
            >
                <span class="combo-code">{choice.code.clone()}</span>
                <span class="combo-dash">"-"</span>
                <span class="combo-name">{choice.name.clone()}</span>
            </li>
        }
        .into_any()
    };
    let options = move || {
        list.offer.with(|offer| match offer.hint {
            Some(hint) => {
                view! { <li class="combo-hint" role="option" aria-disabled="true" aria-selected="false">{t(hint)}</li> }
                    .into_any()
            }
            None => {
                offer.choices.iter().enumerate().map(|(index, choice)| option(index, choice)).collect_view().into_any()
            }
        })
    };
    view! {
        <ul
            node_ref=node
            id=list.id.get_value()
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
