//! Type-ahead: keys struck while a look-up or a save is under way wait, and go in order to the
//! field that has the focus afterwards. When the work fails the queue stops and shows what it holds.
//! Forms and pages take a [`Hold`]; nothing else touches the keys. `queue` is the pure part.

mod notice;
mod queue;
mod strike;

use std::cell::{Cell, RefCell};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    ClipboardEvent, CompositionEvent, Event, HtmlElement, HtmlInputElement, HtmlTextAreaElement, InputEvent,
    KeyboardEvent,
};

use super::{focus, ime, toast};
use crate::text::{Message, text};
pub use notice::TypeAheadNotice;
use queue::{Key, LIMIT, Offer, Press, Queue};
use strike::{is_replaying, is_writable, strike, takes_keys};

thread_local! {
    static QUEUE: RefCell<Queue> = RefCell::default();
    /// A composition that began while keys wait: its field and what stood there before.
    static COMPOSITION: RefCell<Option<(HtmlElement, String)>> = const { RefCell::new(None) };
    static COMPOSING: Cell<bool> = const { Cell::new(false) };
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    /// When the last key was struck, in milliseconds of the page.
    static STRUCK_AT: Cell<i64> = const { Cell::new(0) };
    /// The field that had the focus last: the buttons of the notice give it back.
    static FIELD: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
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
struct Stopped {
    why: Message,
    keys: Vec<Key>,
    again: Again,
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
}

fn field_with_focus() -> Option<String> {
    focus::active().filter(is_writable).map(|field| field.id())
}

static STOPPED: LazyLock<ArcRwSignal<Option<Stopped>>> = LazyLock::new(ArcRwSignal::default);

/// Keys wait as long as this lives. Dropping it lets them go.
#[must_use = "keys wait only while the hold lives"]
pub struct Hold {
    ended: bool,
}

/// Makes keys wait, beginning now.
pub fn hold() -> Hold {
    QUEUE.with_borrow_mut(Queue::hold);
    Hold { ended: false }
}

/// True while keys wait.
pub fn is_waiting() -> bool {
    QUEUE.with_borrow(Queue::is_waiting)
}

/// True while anything typed is in no field yet: a page that goes takes it along.
pub fn holds_keys() -> bool {
    QUEUE.with_borrow(|queue| !queue.is_empty())
        || STOPPED.with_untracked(|stopped| stopped.as_ref().is_some_and(|stopped| !stopped.keys.is_empty()))
}

impl Hold {
    /// The work is done and the focus is where typing goes on.
    pub fn release(mut self) {
        self.end();
    }

    /// The work failed: what was typed since is shown, and goes nowhere by itself.
    pub fn stop(mut self, why: Message, again: Again) {
        self.ended = true;
        show_stopped(why, again, QUEUE.with_borrow_mut(Queue::stop));
    }

    fn end(&mut self) {
        if !self.ended {
            self.ended = true;
            if QUEUE.with_borrow_mut(Queue::release) {
                later(replay);
            }
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.end();
    }
}

/// An Enter was refused at once: the rest of its burst waits in the notice instead of landing in the field.
pub fn refuse(why: Message, again: Again) {
    hold().stop(why, again);
}

/// Shows keys that go nowhere by themselves, behind those that are shown already: who tries again and
/// fails again has not decided about them yet.
fn show_stopped(why: Message, again: Again, keys: Vec<Key>) {
    STOPPED.update(|stopped| {
        let mut all = stopped.take().map(|earlier| earlier.keys).unwrap_or_default();
        all.extend(keys);
        *stopped = Some(Stopped { why, keys: all, again, open: true, field: field_with_focus() });
    });
}

/// Waits until the input method is done, so that moving the focus cannot cut a word in two.
pub async fn composition_over() {
    while COMPOSING.get() {
        gloo_timers::future::TimeoutFuture::new(20).await;
    }
}

/// After the screen has caught up with what happened so far.
fn later(work: impl FnOnce() + 'static) {
    set_timeout(work, Duration::ZERO);
}

/// Replays one waiting key, then lets the screen catch up, then the next.
fn replay() {
    // A dialog that a key of the queue opened is answered first.
    if COMPOSING.get() || focus::is_moving() || in_dialog() {
        return set_timeout(replay, Duration::from_millis(16));
    }
    let Some(key) = QUEUE.with_borrow_mut(Queue::next) else { return };
    if strike(&key) {
        later(replay);
    } else {
        let mut keys = vec![key];
        keys.extend(QUEUE.with_borrow_mut(Queue::stop));
        show_stopped(text("光标不在可录入的字段中", "The focus is not in a field").into(), Again::nothing(), keys);
    }
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
    !is_replaying() && (is_waiting() || joins_stopped) && !in_dialog()
}

/// True while a burst of typing goes on that began before the queue stopped, or as long as what failed keeps
/// what is typed.
fn joins_stopped(now: i64, key: Option<&Key>) -> bool {
    let (open, keeps) =
        STOPPED.with_untracked(|stopped| stopped.as_ref().map_or((false, false), |it| (it.open, it.keeps(key))));
    let joins = open && (keeps || now - STRUCK_AT.get() < BURST);
    if open && !joins {
        close_stopped();
    }
    joins
}

/// From now on typing goes where the cursor is; what was held stays shown.
fn close_stopped() {
    STOPPED.update(|stopped| {
        stopped.iter_mut().for_each(|stopped| stopped.open = false);
        stopped.take_if(|stopped| stopped.keys.is_empty());
    });
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

/// A key joins those that wait, or in a burst those that are stopped: it belongs behind them, not into the
/// field at fault.
fn take(key: Key) -> Offer {
    if is_waiting() {
        return QUEUE.with_borrow_mut(|queue| queue.offer(key));
    }
    match STOPPED.with_untracked(|stopped| stopped.as_ref().map(|stopped| stopped.keys.len() < LIMIT)) {
        None => Offer::Pass,
        Some(false) => Offer::Full,
        Some(true) => {
            STOPPED.update(|stopped| stopped.iter_mut().for_each(|stopped| stopped.keys.push(key.clone())));
            Offer::Taken
        }
    }
}

fn on_key(event: Event) {
    let Some(struck) = event.dyn_ref::<KeyboardEvent>() else { return };
    let key = if ime::owns_key(struck, COMPOSING.get()) { None } else { key_of(struck) };
    let waits = waits(&event, key.as_ref());
    if !is_replaying() && !matches!(struck.key().as_str(), "Shift" | "Control" | "Alt" | "AltGraph" | "Meta") {
        STRUCK_AT.set(event.time_stamp() as i64);
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

/// Dialogs are about the work that is under way: while one is open all keys are its own, also where Tab
/// leads out of it and around the page.
fn in_dialog() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some()
}
