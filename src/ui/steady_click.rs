//! A click on a button that moves away under the mouse: leaving a field may show its fault, which moves what is below
//! between press and release, and the browser then clicks nothing. `app` listens once; nothing else uses it.

use std::cell::RefCell;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, HtmlElement, MouseEvent};

/// Farther than this between press and release is a drag, or a change of mind.
const STEADY: i32 = 4;

thread_local! {
    /// The button that is being pressed, and where.
    static PRESSED: RefCell<Option<(HtmlElement, i32, i32)>> = const { RefCell::new(None) };
}

/// Begins to listen.
pub fn listen() {
    on("pointerdown", |event| {
        PRESSED.set(button_at(&event).map(|button| (button, event.client_x(), event.client_y())))
    });
    on("pointercancel", |_| PRESSED.set(None));
    on("pointerup", |event| {
        let Some((button, x, y)) = PRESSED.take() else { return };
        let is_steady = (event.client_x() - x).abs() <= STEADY && (event.client_y() - y).abs() <= STEADY;
        if is_steady && event.button() == 0 && button.is_connected() && button_at(&event).as_ref() != Some(&button) {
            button.click();
        }
    });
}

fn button_at(event: &MouseEvent) -> Option<HtmlElement> {
    event.target()?.dyn_into::<Element>().ok()?.closest("button").ok()??.dyn_into().ok()
}

fn on(name: &str, handler: fn(MouseEvent)) {
    let closure = Closure::<dyn Fn(MouseEvent)>::new(handler);
    let _ = window().add_event_listener_with_callback_and_bool(name, closure.as_ref().unchecked_ref(), true);
    closure.forget();
}
