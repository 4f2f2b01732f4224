//! Input methods: tells commands from keys that belong to a composition.
//! Three signs are needed, since browsers disagree on the order of events (Safari ends the
//! composition before the Enter that ended it; only key code 229 tells).

use wasm_bindgen::JsCast;
use web_sys::{Event, InputEvent, KeyboardEvent};

/// True when a key belongs to the input method and must not run a command. Controls that follow the
/// composition themselves use [`owns_key`].
pub fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}

/// [`is_composing`], or the control knows that a composition is under way.
pub fn owns_key(event: &KeyboardEvent, composing: bool) -> bool {
    composing || is_composing(event)
}

/// True when an `input` event comes from the middle of a composition.
pub fn is_partial(event: &Event) -> bool {
    event.dyn_ref::<InputEvent>().is_some_and(InputEvent::is_composing)
}
