//! What the page hears of keys, pastes and input methods, before anybody else does: what is struck while keys wait
//! joins them. Decides what waits, not when it is let go.

use std::cell::{Cell, RefCell};

use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    ClipboardEvent, CompositionEvent, Event, HtmlElement, HtmlInputElement, HtmlTextAreaElement, InputEvent,
    KeyboardEvent,
};

use super::queue::{Key, Offer, Press};
use super::stopped::{self, close_stopped, joins_stopped};
use super::strike::{is_replaying, is_writable, takes_keys};
use super::{QUEUE, hold, in_dialog, is_waiting, later};
use crate::text::text;
use crate::ui::{focus, ime, toast};

thread_local! {
    /// A composition that began while keys wait: its field and what stood there before.
    static COMPOSITION: RefCell<Option<(HtmlElement, String)>> = const { RefCell::new(None) };
    static COMPOSING: Cell<bool> = const { Cell::new(false) };
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    /// The field that had the focus last: the buttons of the notice give it back.
    static FIELD: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
}

/// True while an input method composes.
pub(super) fn is_composing() -> bool {
    COMPOSING.get()
}

/// The field that had the focus last.
pub(super) fn last_field() -> Option<HtmlElement> {
    FIELD.with_borrow(Clone::clone)
}

/// Starts listening; called once by `app`. The listeners run before everybody else's.
pub fn listen() {
    if !LISTENING.replace(true) {
        on("keydown", on_key);
        on("beforeinput", on_insertion);
        on("paste", on_paste);
        on("compositionstart", on_composition_start);
        on("compositionend", on_composition_end);
        // Some input methods never say that they are done.
        on("input", on_input);
        on("focusout", |_| COMPOSING.set(false));
        on("pointerdown", on_pointer);
        on("focusin", |_| {
            if let Some(field) = focus::active().filter(takes_keys) {
                FIELD.set(Some(field));
            }
        });
    }
}

/// Who points into a field means that field.
fn on_pointer(event: Event) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if target.is_some_and(|target| is_writable(target.unchecked_ref())) {
        close_stopped();
    }
}

fn on(name: &str, handler: fn(Event)) {
    let closure = Closure::<dyn Fn(Event)>::new(handler);
    let _ = window().add_event_listener_with_callback_and_bool(name, closure.as_ref().unchecked_ref(), true);
    closure.forget();
}

/// True when what is struck now is not for the field that has the focus. `key` is `None` for what has no
/// meaning yet: a held Shift, an input method's key, the beginning of a composition.
fn waits(event: &Event, key: Option<&Key>) -> bool {
    // Asked in any case: a pause ends the burst, whatever comes after it.
    let joins_stopped = joins_stopped(event.time_stamp() as i64, key);
    if is_replaying() || in_dialog() {
        return false;
    }
    if focus::is_moving() && !is_waiting() && !joins_stopped {
        // The focus that is on its way is waited for like any work: the replay begins where it arrives.
        hold().release();
    }
    is_waiting() || joins_stopped
}

fn offer(event: &Event, key: Key) {
    event.prevent_default();
    event.stop_immediate_propagation();
    if take(key) == Offer::Full {
        toast::error(text(
            "等待期间键入过多，最后的按键未录入，请等待后继续",
            "Too many keys while waiting; the last ones were not taken. Wait, then go on.",
        ));
    }
}

/// A key joins those that wait, or those that are stopped.
fn take(key: Key) -> Offer {
    if is_waiting() { QUEUE.with_borrow_mut(|queue| queue.offer(key)) } else { stopped::take(key) }
}

fn on_key(event: Event) {
    let Some(struck) = event.dyn_ref::<KeyboardEvent>() else { return };
    let key = if ime::owns_key(struck, COMPOSING.get()) { None } else { key_of(struck) };
    let waits = waits(&event, key.as_ref());
    if !is_replaying() && !matches!(struck.key().as_str(), "Shift" | "Control" | "Alt" | "AltGraph" | "Meta") {
        stopped::struck(event.time_stamp() as i64);
    }
    if let Some(key) = key.filter(|_| waits) {
        offer(&event, key);
    }
}

/// What waits of what is struck; `None` for keys that only the browser knows.
fn key_of(struck: &KeyboardEvent) -> Option<Key> {
    let press = Press {
        name: struck.key(),
        code: struck.code(),
        control: struck.ctrl_key(),
        alt: struck.alt_key(),
        shift: struck.shift_key(),
        meta: struck.meta_key(),
    };
    let is_text = press.name.chars().count() == 1 && !(press.control || press.alt || press.meta);
    if press.waits() { Some(Key::Press(press)) } else { is_text.then_some(Key::Text(press.name)) }
}

/// Text that comes without keys: a character picker, speech, an input method without composition.
fn on_insertion(event: Event) {
    let Some(input) = event.dyn_ref::<InputEvent>() else { return };
    if COMPOSING.get() || !event.cancelable() {
        return;
    }
    // `inputType` says what is done to the text; only insertions carry what is inserted.
    if let Some(key) = input.data().filter(|text| !text.is_empty()).map(Key::Text)
        && waits(&event, Some(&key))
    {
        offer(&event, key);
    }
}

fn on_paste(event: Event) {
    let data = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
    if let Some(key) = data.and_then(|data| data.get_data("text/plain").ok()).map(Key::Paste)
        && waits(&event, Some(&key))
    {
        offer(&event, key);
    }
}

fn on_input(event: Event) {
    if COMPOSING.get() && event.dyn_ref::<InputEvent>().is_some_and(|input| !input.is_composing()) {
        COMPOSING.set(false);
    }
}

fn on_composition_start(event: Event) {
    COMPOSING.set(true);
    if waits(&event, None) {
        COMPOSITION.set(focus::active().map(|element| (element.clone(), value_of(&element))));
    }
}

/// Text composed while keys waited belongs to the field that comes: it joins the queue and leaves
/// the old field as it was.
fn on_composition_end(event: Event) {
    COMPOSING.set(false);
    let Some((element, before)) = COMPOSITION.take() else { return };
    let text = event.dyn_ref::<CompositionEvent>().and_then(CompositionEvent::data).unwrap_or_default();
    if text.is_empty() || take(Key::Text(text)) != Offer::Taken {
        return;
    }
    later(move || {
        if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
            input.set_value(&before);
        } else if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
            area.set_value(&before);
        }
        if let Ok(event) = Event::new("input") {
            let _ = element.dispatch_event(&event);
        }
    });
}

fn value_of(element: &HtmlElement) -> String {
    js_sys::Reflect::get(element, &JsValue::from_str("value"))
        .ok()
        .and_then(|value| value.as_string())
        .unwrap_or_default()
}
