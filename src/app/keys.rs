//! Keys that work everywhere: the palette, the list of keys, the commands of the frame, and the page's own
//! keys when the focus is outside the page. Pages and controls come first and keep what they handle.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEventInit};

use super::commands::COMMANDS;
use super::page_actions::page_actions;
use crate::ui::ime;
use crate::ui::preferences::choices::{SINGLE_KEYS, chosen};

/// Listens for as long as the screen lives.
pub fn listen(palette: RwSignal<bool>, help: RwSignal<bool>) {
    let listener = window_event_listener(leptos::ev::keydown, move |event| {
        if event.default_prevented() || ime::is_composing(&event) {
            return;
        }
        let pressed = spelled(&event);
        let command = COMMANDS.iter().find(|command| command.keys == pressed);
        match (pressed.as_str(), command) {
            (_, Some(command)) => (command.run)(),
            ("Ctrl+K", _) => palette.set(true),
            ("F1", _) => help.set(true),
            _ if event.key() == "?" && !is_typing(&event) && untrack(|| chosen(&SINGLE_KEYS)) == "on" => help.set(true),
            _ if pressed.contains('+') && press_frame(&pressed) => {}
            _ => {
                if hand_to_page(&event) {
                    event.prevent_default();
                }
                return;
            }
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

/// The key with its modifiers as the tables write it: `Alt+Shift+PageUp`. Letters by their place on the
/// keyboard, since Alt makes other characters of them on some systems.
fn spelled(event: &KeyboardEvent) -> String {
    let mut spelled = String::new();
    let control = event.ctrl_key() || event.meta_key();
    for (held, name) in [(control, "Ctrl+"), (event.alt_key(), "Alt+"), (event.shift_key(), "Shift+")] {
        if held {
            spelled.push_str(name);
        }
    }
    let code = event.code();
    match code.strip_prefix("Key") {
        Some(letter) => spelled.push_str(letter),
        None => spelled.push_str(&event.key()),
    }
    spelled
}

/// True where a character would be written.
fn is_typing(event: &KeyboardEvent) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    event.ctrl_key()
        || event.alt_key()
        || event.meta_key()
        || element.is_some_and(|element| element.matches("input,textarea,select").unwrap_or(false))
}

/// Presses the control of the frame that names this key; those of pages are obeyed by the pages.
fn press_frame(pressed: &str) -> bool {
    let found = page_actions().into_iter().find(|action| {
        action.keys == pressed
            && !action.disabled
            && action.element.closest(".tab-panel").is_ok_and(|panel| panel.is_none())
    });
    if let Some(action) = &found {
        action.element.click();
    }
    found.is_some()
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
