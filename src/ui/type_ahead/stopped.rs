//! A queue that stopped because the work it waited for failed: what it held, how that work is done again, and
//! what of the typing that goes on still belongs behind it. The user alone decides what becomes of the keys.

use std::cell::Cell;
use std::sync::{Arc, LazyLock};

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::queue::{Key, LIMIT, Offer, Press};
use super::strike::{is_writable, strike};
use crate::text::Message;
use crate::ui::focus;

thread_local! {
    /// When the last key was struck, in milliseconds of the page.
    static STRUCK_AT: Cell<i64> = const { Cell::new(0) };
}

/// Keys that follow each other within this many milliseconds are one burst of typing: who types without
/// looking has not seen yet that the queue stopped.
const BURST: i64 = 800;

/// How what failed is done once more. The keys behind it belong where it leads to, so as long as it is
/// not done they are not entered without it.
#[derive(Clone)]
pub struct Again {
    /// True while it is still to be done; tracked. False once its page is gone.
    pub pending: Arc<dyn Fn() -> bool + Send + Sync>,
    pub run: Arc<dyn Fn() + Send + Sync>,
    /// Nothing in the field is to be mended: as long as it is to be done, what is typed there belongs behind
    /// it, after a pause too.
    pub keeps: bool,
}

impl Again {
    /// Nothing is to be done again: the keys go where the cursor is.
    pub fn nothing() -> Self {
        Self { pending: Arc::new(|| false), run: Arc::new(|| ()), keeps: false }
    }

    /// Enter in a field, as long as the field is at fault.
    pub fn enter(id: String, pending: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        let run = move || {
            if let Some(field) =
                document().get_element_by_id(&id).and_then(|field| field.dyn_into::<HtmlElement>().ok())
            {
                let _ = field.focus();
                strike(&Key::Press(Press::enter()));
            }
        };
        Self { pending: Arc::new(pending), run: Arc::new(run), keeps: false }
    }
}

/// What a stopped queue held, until the user decides.
#[derive(Clone)]
pub(super) struct Stopped {
    pub(super) why: Message,
    pub(super) keys: Vec<Key>,
    pub(super) again: Again,
    /// What is typed may still join the keys; who moves on or pauses begins something new.
    open: bool,
    /// Name (`id`) of the field where the cursor stood.
    field: Option<String>,
}

impl Stopped {
    /// True when what is typed after a pause belongs behind what failed, not into the field.
    fn keeps(&self, key: Option<&Key>) -> bool {
        let joins = match key {
            // Enter alone tries again.
            Some(Key::Press(press)) => press.is_of_typing() && !self.keys.is_empty(),
            _ => true,
        };
        joins
            && self.again.keeps
            && self.field.is_some()
            && self.field == field_with_focus()
            && untrack(|| (self.again.pending)())
    }

    /// True for a key that mends the field at fault before anything was typed behind it: who strikes it saw the fault.
    fn is_mended_by(&self, key: Option<&Key>) -> bool {
        self.keys.is_empty()
            && !self.again.keeps
            && field_with_focus().is_some()
            && matches!(key, Some(Key::Press(press)) if press.mends())
    }

    /// True for a Tab with nothing typed before it, where no field is to be mended: it is on its way to the button
    /// that tries again.
    fn lets_through(&self, key: Option<&Key>) -> bool {
        self.keys.is_empty()
            && self.field.is_none()
            && matches!(key, Some(Key::Press(press)) if press.name == "Tab" && !(press.control || press.alt || press.meta))
    }
}

fn field_with_focus() -> Option<String> {
    focus::active().filter(is_writable).map(|field| field.id())
}

pub(super) static STOPPED: LazyLock<ArcRwSignal<Option<Stopped>>> = LazyLock::new(ArcRwSignal::default);

/// Shows keys that go nowhere by themselves, behind those that are shown already: who tries again and
/// fails again has not decided about them yet.
pub(super) fn show_stopped(why: Message, again: Again, keys: Vec<Key>) {
    STOPPED.update(|stopped| {
        let mut all = stopped.take().map(|earlier| earlier.keys).unwrap_or_default();
        all.extend(keys);
        *stopped = Some(Stopped { why, keys: all, again, open: true, field: field_with_focus() });
    });
}

/// A key was struck just now.
pub(super) fn struck(now: i64) {
    STRUCK_AT.set(now);
}

/// True while a burst of typing goes on that began before the queue stopped, or as long as what failed keeps
/// what is typed.
pub(super) fn joins_stopped(now: i64, key: Option<&Key>) -> bool {
    let (open, keeps, through) = STOPPED.with_untracked(|stopped| {
        stopped
            .as_ref()
            .map_or((false, false, false), |it| (it.open, it.keeps(key), it.lets_through(key) || it.is_mended_by(key)))
    });
    let joins = open && !through && (keeps || now - STRUCK_AT.get() < BURST);
    if open && !joins {
        close_stopped();
    }
    joins
}

/// From now on typing goes where the cursor is; what was held stays shown.
pub(super) fn close_stopped() {
    STOPPED.update(|stopped| {
        stopped.iter_mut().for_each(|stopped| stopped.open = false);
        stopped.take_if(|stopped| stopped.keys.is_empty());
    });
}

/// A key joins those that are stopped: it belongs behind them, not into the field at fault.
pub(super) fn take(key: Key) -> Offer {
    match STOPPED.with_untracked(|stopped| stopped.as_ref().map(|stopped| stopped.keys.len() < LIMIT)) {
        None => Offer::Pass,
        Some(false) => Offer::Full,
        Some(true) => {
            STOPPED.update(|stopped| stopped.iter_mut().for_each(|stopped| stopped.keys.push(key.clone())));
            Offer::Taken
        }
    }
}
