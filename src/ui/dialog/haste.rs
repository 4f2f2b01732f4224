//! Keys of a burst must not answer a question that came up under them. A question that opens by itself, after
//! the server answered, takes no Enter and no Space on the button it offers until the typing has paused.

use std::cell::Cell;
use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::Event;

use crate::ui::focus;

/// Milliseconds without a key after which a key is an answer.
const PAUSE: i64 = 400;

thread_local! {
    /// A key or click of the user's is being handled right now.
    static DIRECT: Cell<bool> = const { Cell::new(false) };
}

/// How long a question does not listen yet.
#[derive(Clone, Copy)]
pub(super) struct Haste {
    /// In milliseconds of the clock.
    until: StoredValue<i64>,
}

fn now() -> i64 {
    js_sys::Date::now() as i64
}

/// True while a key or click of the user's is being handled: what it asks, the next key may answer.
pub(super) fn is_direct() -> bool {
    DIRECT.get()
}

impl Haste {
    /// Of a question that opens now.
    pub(super) fn begin(direct: bool) -> Self {
        Self { until: StoredValue::new(if direct { 0 } else { now() + PAUSE }) }
    }

    /// True while keys may still belong to what was typed before the question.
    pub(super) fn holds(self) -> bool {
        self.until.try_get_value().is_some_and(|until| now() < until)
    }

    /// Swallows an Enter or Space that comes too early; typing that goes on lengthens the pause. Who walks to
    /// another button has seen the question.
    pub(super) fn on_key(self, event: &ev::KeyboardEvent) {
        let key = event.key();
        if !self.holds() || !(key == "Enter" || key.chars().count() == 1) {
            return;
        }
        let preferred = focus::active().is_none_or(|active| active.has_attribute("autofocus"));
        if preferred {
            self.until.set_value(now() + PAUSE);
            event.prevent_default();
        }
    }
}

/// Learns of the user's keys and clicks before anything answers to them; called once.
pub(super) fn listen() {
    let begin = Closure::<dyn Fn(Event)>::new(|event: Event| {
        // Keys that waited and are replayed now were struck before anybody saw the question.
        if event.is_trusted() {
            DIRECT.set(true);
            set_timeout(|| DIRECT.set(false), Duration::ZERO);
        }
    });
    for name in ["keydown", "click"] {
        let _ = window().add_event_listener_with_callback_and_bool(name, begin.as_ref().unchecked_ref(), true);
    }
    begin.forget();
}
