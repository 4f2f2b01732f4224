//! What all controls of a form share: their place in the form, their names for screen readers, and
//! the rule that a control being typed into is never rewritten from outside.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, HtmlTextAreaElement};

use super::focus;
use super::form_state::FormState;
use crate::form::{Field, Need, Source};

/// One control of a form.
#[derive(Clone, Copy)]
pub struct Control {
    pub state: FormState,
    pub field: &'static Field,
    /// Filled by the program: grey, and not on the way of Tab and Enter.
    pub settled: Signal<bool>,
    /// Settled, or the whole form is locked.
    pub read_only: Signal<bool>,
    /// Said after the text of the control went into the state and is to be accepted.
    pub commit: Callback<()>,
}

impl Control {
    pub fn key(&self) -> &'static str {
        self.field.key
    }

    pub fn id(&self) -> String {
        self.state.id_of(self.field.key)
    }

    pub fn help_id(&self) -> String {
        format!("{}-help", self.id())
    }

    pub fn error_id(&self) -> String {
        format!("{}-error", self.id())
    }

    /// True when the page is already taken down: removing a focused control fires `blur` once more.
    pub fn is_gone(&self) -> bool {
        self.read_only.try_get_untracked().is_none()
    }

    /// Ids of the help and the error, as far as there are any; tracked.
    pub fn described_by(&self) -> Option<String> {
        let help = (!self.field.help.zh.is_empty()).then(|| self.help_id());
        let error = self.is_faulty().then(|| self.error_id());
        match (help, error) {
            (Some(help), Some(error)) => Some(format!("{error} {help}")),
            (help, error) => error.or(help),
        }
    }

    pub fn is_faulty(&self) -> bool {
        self.state.fault_of(self.field.key).is_some()
    }

    /// Marked with a star: what a person must see to. What the program or customs fills is not asked of anybody.
    pub fn is_required(&self) -> bool {
        self.field.need != Need::Optional
            && !matches!(self.field.source, Source::Computed | Source::System | Source::Customs)
    }

    /// A locked form can still be walked through; tracked.
    pub fn tab_index(&self) -> Option<&'static str> {
        self.settled.get().then_some("-1")
    }

    /// Keeps an element in step with the state. What is typed or composed right now is left alone;
    /// only loading another record may replace it.
    pub fn keep_in_step(
        self,
        element: impl Fn() -> Option<HtmlElement> + 'static,
        composing: StoredValue<bool>,
        shown: impl Fn() -> String + 'static,
    ) {
        Effect::new(move |seen: Option<u32>| {
            let text = shown();
            let loads = self.state.loads();
            if let Some(element) = element() {
                let loaded = seen != Some(loads);
                if !composing.get_value() && (loaded || !focus::has_focus(&element)) {
                    write(&element, &text);
                }
            }
            loads
        });
    }
}

/// Shows in a control that just got the focus what the state has: what the field before it filled when it was left comes
/// a moment later, and is not written into a control that has the focus.
pub fn catch_up(event: &ev::FocusEvent, shown: &str) {
    if let Some(element) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
        write(&element, shown);
    }
}

/// What stands in an input or textarea.
pub fn read(element: &HtmlElement) -> String {
    match (element.dyn_ref::<HtmlInputElement>(), element.dyn_ref::<HtmlTextAreaElement>()) {
        (Some(input), _) => input.value(),
        (None, Some(area)) => area.value(),
        (None, None) => String::new(),
    }
}

/// Writes into an input or textarea, when it would change anything.
pub fn write(element: &HtmlElement, text: &str) {
    if read(element) == text {
        return;
    }
    if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
        input.set_value(text);
    } else if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
        area.set_value(text);
    }
}
