//! Strikes a waiting key at the control that has the focus, as if it were struck now: the program sees it
//! first, then what a browser would do with it is done. Used by the queue's replay and by a second try;
//! decides nothing about when.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::{
    ClipboardEvent, ClipboardEventInit, DataTransfer, HtmlElement, HtmlInputElement, HtmlTextAreaElement,
    KeyboardEvent, KeyboardEventInit,
};

use super::queue::{Key, Press};
use crate::ui::focus;

thread_local! {
    /// True while a waiting key is dispatched: our own listeners must let it through.
    static REPLAYING: Cell<bool> = const { Cell::new(false) };
}

/// True while a key is struck from here.
pub(super) fn is_replaying() -> bool {
    REPLAYING.get()
}

/// Strikes a key at the focused control; false when there is none that takes it.
pub(super) fn strike(key: &Key) -> bool {
    let Some(target) = focus::active() else { return false };
    let for_keys = takes_keys(&target);
    REPLAYING.set(true);
    let done = match key {
        Key::Text(text) => is_writable(&target) && focus::edit("insertText", text),
        Key::Paste(text) => for_keys && paste(&target, text),
        // Who tabbed to a button while it was waiting presses it.
        Key::Press(press) if *press == Press::enter() && target.matches("button,a[href]").unwrap_or(false) => {
            target.click();
            true
        }
        // A key with Ctrl or Alt is for the page, and Tab leads on, wherever the focus is.
        Key::Press(press) => {
            let anywhere = press.control || press.meta || press.alt || press.name == "Tab";
            (for_keys || anywhere) && strike_press(&target, press)
        }
    };
    REPLAYING.set(false);
    done
}

/// The program sees the key first, as always; what it leaves alone is done as the browser would.
fn strike_press(target: &HtmlElement, press: &Press) -> bool {
    let init = KeyboardEventInit::new();
    init.set_key(&press.name);
    init.set_code(&press.code);
    init.set_ctrl_key(press.control);
    init.set_alt_key(press.alt);
    init.set_shift_key(press.shift);
    init.set_meta_key(press.meta);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let Ok(event) = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init) else { return false };
    if !target.dispatch_event(&event).unwrap_or(true) {
        return true;
    }
    match (press.control || press.meta, press.name.as_str()) {
        (false, "Tab") => return focus::tab(press.shift),
        (false, "Backspace") => focus::edit("delete", ""),
        (false, "Delete") => focus::edit("forwardDelete", ""),
        (true, "z" | "Z") => focus::edit(if press.shift { "redo" } else { "undo" }, ""),
        (true, "y" | "Y") => focus::edit("redo", ""),
        (true, "a" | "A") => {
            focus::select_all(target);
            true
        }
        (false, name @ ("ArrowLeft" | "ArrowRight" | "Home" | "End")) if !press.alt => {
            focus::move_caret(target, name, press.shift)
        }
        _ => true,
    };
    true
}

/// A list takes a block; a field what text there is.
fn paste(target: &HtmlElement, text: &str) -> bool {
    let Ok(data) = DataTransfer::new() else { return false };
    let _ = data.set_data("text/plain", text);
    let init = ClipboardEventInit::new();
    init.set_clipboard_data(Some(&data));
    init.set_bubbles(true);
    init.set_cancelable(true);
    let Ok(event) = ClipboardEvent::new_with_event_init_dict("paste", &init) else { return false };
    !target.dispatch_event(&event).unwrap_or(true) || (is_writable(target) && focus::edit("insertText", text))
}

/// True for what does something with keys beside text: a field, grey ones too, and any cell of a list.
pub(super) fn takes_keys(element: &HtmlElement) -> bool {
    element.dyn_ref::<HtmlInputElement>().is_some_and(|input| !input.disabled())
        || element.dyn_ref::<HtmlTextAreaElement>().is_some_and(|area| !area.disabled())
        || element.closest("[role=grid]").ok().flatten().is_some()
}

pub(super) fn is_writable(element: &HtmlElement) -> bool {
    element.dyn_ref::<HtmlInputElement>().is_some_and(|input| !input.read_only() && !input.disabled())
        || element.dyn_ref::<HtmlTextAreaElement>().is_some_and(|area| !area.read_only() && !area.disabled())
}
