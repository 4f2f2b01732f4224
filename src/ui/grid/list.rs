//! The list under the active cell of a coded column: the same entries, found the same way, as those of
//! the form's combo box. The input keeps the focus; the list is only looked at and pointed to.

use leptos::prelude::*;
use web_sys::{Element, HtmlInputElement};

use crate::form::Kind;
use crate::ui::announce::announce;
use crate::ui::codes::codes_now;
use crate::ui::combo_box::choices::{Choice, Offer, code_part, offer};
use crate::ui::combo_box::options::option_id;
use crate::ui::lang::{language, tm};

/// What is offered, and where in it the keys stand.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub id: StoredValue<String>,
    pub open: RwSignal<bool>,
    pub offer: RwSignal<Offer>,
    pub active: RwSignal<Option<usize>>,
}

impl List {
    pub fn new(id: String) -> Self {
        Self {
            id: StoredValue::new(id),
            open: RwSignal::new(false),
            offer: RwSignal::new(Offer::default()),
            active: RwSignal::new(None),
        }
    }

    /// Shows what there is for a text; `value` is the code the cell holds.
    pub fn search(self, kind: Kind, typed: &str, value: &str, input: &HtmlInputElement) {
        let codes = codes_now();
        let offer = untrack(|| offer(kind, &codes, language(), &code_part(kind, &codes, typed), value));
        self.active.set(offer.meant);
        self.offer.set(offer);
        self.open.set(true);
        set(input, "aria-expanded", Some("true"));
        set(input, "aria-controls", Some(&self.id.get_value()));
        self.point(input);
        announce(self.offer.with_untracked(|offer| untrack(|| tm(&offer.spoken()))));
    }

    /// The entry the keys stand on.
    pub fn current(self) -> Option<Choice> {
        self.offer.with_untracked(|offer| offer.choices.get(self.active.get_untracked()?).cloned())
    }

    pub fn step(self, by: isize, input: &HtmlInputElement) {
        self.active.update(|active| *active = self.offer.with_untracked(|offer| offer.step(*active, by)));
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
        let id = self.current().and_then(|_| self.active.get_untracked()).map(|active| self.option_id(active));
        set(input, "aria-activedescendant", id.as_deref());
    }

    fn option_id(self, index: usize) -> String {
        option_id(&self.id.get_value(), index)
    }
}

/// Sets an attribute, or takes it away.
pub(super) fn set(element: &Element, attribute: &str, value: Option<&str>) {
    match value {
        Some(value) if element.get_attribute(attribute).as_deref() != Some(value) => {
            let _ = element.set_attribute(attribute, value);
        }
        Some(_) => {}
        None => {
            let _ = element.remove_attribute(attribute);
        }
    }
}
