//! Where the focus is and where it goes next, and the text of the control it leaves. Used by forms, grid, dialogs
//! and the type-ahead queue. Never moves the focus by itself: somebody asked for it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, HtmlInputElement, HtmlTextAreaElement};

thread_local! {
    /// A newer request cancels the retries of an older one.
    static REQUESTS: Cell<u32> = const { Cell::new(0) };
    /// The focus is to go where the screen is not ready yet.
    static MOVING: Cell<bool> = const { Cell::new(false) };
    /// The mouse, a finger or a pen is being pressed right now.
    static PRESSED: Cell<bool> = const { Cell::new(false) };
    /// How the control that was entered last hands over its text.
    static COMMIT: RefCell<Option<(String, Commit)>> = const { RefCell::new(None) };
}

type Commit = Rc<dyn Fn()>;

/// How often the focus is asked to go to what is not there yet: for half a second.
const TRIES: u32 = 30;

/// Said by a control when it gets the focus: how it accepts what is typed in it.
pub fn entered(id: String, commit: impl Fn() + 'static) {
    COMMIT.set(Some((id, Rc::new(commit))));
}

/// Makes the control with the focus accept what is typed in it, as leaving it would.
pub fn commit_active() {
    let Some(id) = active().map(|element| element.id()) else { return };
    let commit = COMMIT
        .with_borrow(|known| known.as_ref().filter(|(owner, _)| *owner == id).map(|(_, commit)| Rc::clone(commit)));
    if let Some(commit) = commit {
        commit();
    }
}

/// The control that has the focus, if any.
pub fn active() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

/// True when this element has the focus.
pub fn has_focus(element: &HtmlElement) -> bool {
    active().is_some_and(|active| active == *element)
}

/// Notes when something is pressed; called once by `app`.
pub fn listen() {
    let press = Closure::<dyn Fn()>::new(|| {
        PRESSED.set(true);
        // The focus moves in the same turn.
        set_timeout(|| PRESSED.set(false), Duration::ZERO);
    });
    let _ = window().add_event_listener_with_callback_and_bool("pointerdown", press.as_ref().unchecked_ref(), true);
    press.forget();
}

/// True while a press of the mouse moves the focus, or takes it away.
pub fn is_pressed() -> bool {
    PRESSED.get()
}

/// True while the focus is on its way to what is just being drawn: keys would land where it was.
pub fn is_moving() -> bool {
    MOVING.get()
}

/// Moves the focus to an element by id, and selects its text so that typing replaces it.
/// The element may not be there or not be visible yet (a tab that is just opening): then again
/// a little later, for half a second. Keys wait meanwhile.
pub fn focus_id(id: String) {
    let request = REQUESTS.get().wrapping_add(1);
    REQUESTS.set(request);
    try_focus(id, request, TRIES);
}

/// Moves the focus into a part of the page: to its first field that can be typed into, else to itself.
pub fn enter(id: String) {
    let request = REQUESTS.get().wrapping_add(1);
    REQUESTS.set(request);
    MOVING.set(true);
    set_timeout(
        move || {
            if REQUESTS.get() != request {
                return; // the page put the focus somewhere itself
            }
            MOVING.set(false);
            let Some(part) = document().get_element_by_id(&id) else { return };
            let fields = part.query_selector_all("input:not([readonly]),select,textarea:not([readonly])").ok();
            let first = fields.and_then(|all| {
                (0..all.length())
                    .filter_map(|index| all.item(index)?.dyn_into::<HtmlElement>().ok())
                    .find(|field| is_visible(field) && field.tab_index() >= 0)
            });
            match first {
                Some(first) => {
                    let _ = first.focus();
                }
                None => {
                    focus_now(&id);
                }
            }
        },
        Duration::ZERO,
    );
}

fn try_focus(id: String, request: u32, tries: u32) {
    if REQUESTS.get() != request {
        return;
    }
    MOVING.set(!focus_now(&id) && tries > 0);
    if !MOVING.get() {
        return;
    }
    // Mostly the screen only has to be drawn first.
    let pause = if tries == TRIES { 0 } else { 16 };
    set_timeout(move || try_focus(id, request, tries - 1), Duration::from_millis(pause));
}

fn focus_now(id: &str) -> bool {
    let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok())
    else {
        return false;
    };
    let _ = element.focus();
    if !has_focus(&element) {
        return false;
    }
    select_all(&element);
    true
}

/// Selects the text of an input, as browsers do for Tab.
pub fn select_all(element: &HtmlElement) {
    if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
        input.select();
    } else if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
        area.select();
    }
}

/// Everything Tab stops at, in order.
const STOPS: &str = "a[href],button,input,select,textarea,[tabindex]";

/// Moves the focus as Tab would; false when there is nowhere to go.
pub fn tab(back: bool) -> bool {
    let Ok(all) = document().query_selector_all(STOPS) else { return false };
    let stops: Vec<HtmlElement> = (0..all.length())
        .filter_map(|index| all.item(index)?.dyn_into::<HtmlElement>().ok())
        .filter(|element| element.tab_index() >= 0 && !element.has_attribute("disabled") && is_visible(element))
        .collect();
    let here = active().and_then(|active| stops.iter().position(|element| *element == active));
    let next = match (here, back) {
        (Some(at), true) => at.checked_sub(1),
        (Some(at), false) => Some(at + 1),
        (None, _) => None,
    };
    match next.and_then(|at| stops.get(at)) {
        Some(element) => {
            let _ = element.focus();
            select_all(element);
            true
        }
        None => false,
    }
}

fn is_visible(element: &HtmlElement) -> bool {
    element.offset_width() > 0 || element.offset_height() > 0
}

/// Moves the caret of an input as `ArrowLeft`, `ArrowRight`, `Home` and `End` do; with `select` the
/// selection grows instead. False for other elements.
pub fn move_caret(element: &HtmlElement, key: &str, select: bool) -> bool {
    let Some(input) = element.dyn_ref::<HtmlInputElement>() else { return false };
    let (Ok(Some(start)), Ok(Some(end))) = (input.selection_start(), input.selection_end()) else { return false };
    let length = u32::try_from(input.value().encode_utf16().count()).unwrap_or(0);
    let (start, end) = match (key, select) {
        ("Home", true) => (0, end),
        ("Home", false) => (0, 0),
        ("End", true) => (start, length),
        ("End", false) => (length, length),
        ("ArrowLeft", true) => (start.saturating_sub(1), end),
        ("ArrowRight", true) => (start, (end + 1).min(length)),
        // Out of a selection the caret goes to its edge.
        ("ArrowLeft", false) if start < end => (start, start),
        ("ArrowRight", false) if start < end => (end, end),
        ("ArrowLeft", false) => (start.saturating_sub(1), start.saturating_sub(1)),
        _ => ((end + 1).min(length), (end + 1).min(length)),
    };
    input.set_selection_range(start, end).is_ok()
}

/// Runs an editing command of the browser on the focused control: it keeps the native undo and
/// fires `input` as typing does. False when the browser refuses.
pub fn edit(command: &str, text: &str) -> bool {
    let document = document();
    js_sys::Reflect::get(&document, &JsValue::from_str("execCommand"))
        .ok()
        .and_then(|function| function.dyn_into::<js_sys::Function>().ok())
        .and_then(|function| {
            function.call3(&document, &JsValue::from_str(command), &JsValue::FALSE, &JsValue::from_str(text)).ok()
        })
        .is_some_and(|done| done.is_truthy())
}
