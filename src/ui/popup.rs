//! Places a list or menu beside its control: fixed to the window, so that no scrolling container
//! cuts it off, above the control where there is no room below. One popup is open at a time.

use std::cell::{Cell, RefCell};

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::HtmlElement;

/// Distance kept to the window's edges and to the control.
const GAP: i32 = 4;
/// Below this many pixels of room a popup opens upwards, if there is more room.
const ENOUGH: i32 = 260;

/// Longer lists scroll.
const TALLEST: i32 = 380;

thread_local! {
    static OPEN: RefCell<Option<(HtmlElement, HtmlElement)>> = const { RefCell::new(None) };
    static LISTENING: Cell<bool> = const { Cell::new(false) };
}

/// Shows `popup` at `anchor` and keeps it there while the page scrolls.
pub fn open(popup: HtmlElement, anchor: HtmlElement) {
    place(&popup, &anchor);
    OPEN.set(Some((popup, anchor)));
    if !LISTENING.replace(true) {
        for name in ["scroll", "resize"] {
            let follow = Closure::<dyn Fn()>::new(|| {
                OPEN.with_borrow(|open| {
                    if let Some((popup, anchor)) = open
                        && popup.is_connected()
                    {
                        place(popup, anchor);
                    }
                });
            });
            let _ = window().add_event_listener_with_callback_and_bool(name, follow.as_ref().unchecked_ref(), true);
            follow.forget();
        }
    }
}

/// Places a popup again, after its content changed.
pub fn place(popup: &HtmlElement, anchor: &HtmlElement) {
    let rect = anchor.get_bounding_client_rect();
    let (left, top, bottom, width) = (rect.left() as i32, rect.top() as i32, rect.bottom() as i32, rect.width() as i32);
    let (window_width, window_height) = window_size();
    let (above, below) = (top - 2 * GAP, window_height - bottom - 2 * GAP);
    let style = popup.style();
    let set = |name: &str, value: String| {
        let _ = style.set_property(name, &value);
    };
    set("min-width", format!("{width}px"));
    set("max-height", format!("{}px", if below < ENOUGH && above > below { above } else { below }.clamp(64, TALLEST)));
    if below < ENOUGH && above > below {
        set("top", "auto".to_owned());
        set("bottom", format!("{}px", window_height - top + GAP / 2));
    } else {
        set("bottom", "auto".to_owned());
        set("top", format!("{}px", bottom + GAP / 2));
    }
    let room = window_width - popup.offset_width() - GAP;
    set("left", format!("{}px", left.min(room).max(GAP)));
}

fn window_size() -> (i32, i32) {
    document().document_element().map(|root| (root.client_width(), root.client_height())).unwrap_or_default()
}
