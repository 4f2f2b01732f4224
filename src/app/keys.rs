//! Keys that work everywhere: the palette, the list of keys, the commands of the frame, the keys of whatever
//! button is to be seen, and the page's own keys when the focus is outside the page. Pages and controls come
//! first and keep what they handle.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEventInit};

use super::commands::COMMANDS;
use super::page_actions::page_actions;
use crate::ui::preferences::choices::{SINGLE_KEYS, chosen};
use crate::ui::spelled::spelled;
use crate::ui::{focus, ime};

/// Listens for as long as the screen lives.
pub fn listen(palette: RwSignal<bool>, help: RwSignal<bool>) {
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        if event.default_prevented() || ime::is_composing(&event) {
            return;
        }
        let pressed = spelled(&event);
        let command = COMMANDS.iter().find(|command| command.keys == pressed);
        match (pressed.as_str(), command) {
            _ if in_dialog() => return,
            (_, Some(command)) => (command.run)(),
            ("Ctrl+K", _) => palette.set(true),
            ("F1", _) => help.set(true),
            _ if event.key() == "?" && !is_typing(&event) && untrack(|| chosen(&SINGLE_KEYS)) == "on" => help.set(true),
            _ if hand_to_page(&event) || press(&pressed) => {}
            // A page without anything to save; the browser would save the page itself.
            ("Ctrl+S", _) => {}
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

/// True where a character would be written.
fn is_typing(event: &KeyboardEvent) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    event.ctrl_key()
        || event.alt_key()
        || event.meta_key()
        || element.is_some_and(|element| element.matches("input,textarea,select").unwrap_or(false))
}

/// Presses the control that names this key, of the page in front or of the frame. Pages and fields, which
/// come first, have kept what they handle themselves.
fn press(pressed: &str) -> bool {
    let is_key = pressed.contains('+') || pressed.strip_prefix('F').is_some_and(|number| number.parse::<u8>().is_ok());
    // Looked for only then: it asks the page what is to be seen, which a letter that is typed must not wait for.
    let found = is_key
        .then(page_actions)
        .and_then(|actions| actions.into_iter().find(|action| action.keys == pressed && !action.disabled));
    if let Some(action) = &found {
        // What is being typed counts, as it does for who goes to the button.
        focus::commit_active();
        action.element.click();
    }
    found.is_some()
}

/// True while a dialog covers the page: nothing behind it is to be pressed.
fn in_dialog() -> bool {
    document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some())
}

/// A key struck outside the page (in the menu, in the strip, or where nothing has the focus) is offered to
/// the page in front. True when it took it.
fn hand_to_page(event: &KeyboardEvent) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    if element.is_none_or(|element| element.closest(".page,dialog").is_ok_and(|inside| inside.is_some())) {
        return false;
    }
    let Ok(Some(page)) = document().query_selector(".tab-panel:not([hidden]) .page") else { return false };
    let init = KeyboardEventInit::new();
    init.set_key(&event.key());
    init.set_code(&event.code());
    init.set_ctrl_key(event.ctrl_key());
    init.set_meta_key(event.meta_key());
    init.set_alt_key(event.alt_key());
    init.set_shift_key(event.shift_key());
    init.set_cancelable(true);
    // It does not bubble: our own listener has it already.
    KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init)
        .is_ok_and(|copy| page.dispatch_event(&copy).is_ok_and(|untouched| !untouched))
}
