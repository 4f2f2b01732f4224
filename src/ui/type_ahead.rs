//! Type-ahead: keys struck while a look-up or a save is under way wait, and go in order to the
//! field that has the focus afterwards. When the work fails the queue stops and shows what it holds.
//! Forms and pages take a [`Hold`]; nothing else touches the keys. `queue` is the pure part.

mod queue;

use std::cell::{Cell, RefCell};
use std::sync::LazyLock;
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    ClipboardEvent, CompositionEvent, Event, HtmlElement, HtmlInputElement, HtmlTextAreaElement, InputEvent,
    KeyboardEvent, KeyboardEventInit,
};

use super::lang::{t, tm};
use super::parts::action_name;
use super::{focus, ime, toast};
use crate::text::{Message, Text, text};
use queue::{Key, LIMIT, Offer, Queue, spell};

thread_local! {
    static QUEUE: RefCell<Queue> = RefCell::default();
    /// True while a waiting key is dispatched: our own listener must let it through.
    static REPLAYING: Cell<bool> = const { Cell::new(false) };
    /// A composition that began while keys wait: its field and what stood there before.
    static COMPOSITION: RefCell<Option<(HtmlElement, String)>> = const { RefCell::new(None) };
    static COMPOSING: Cell<bool> = const { Cell::new(false) };
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    /// When the last key was taken, in milliseconds of the page.
    static TAKEN_AT: Cell<i64> = const { Cell::new(0) };
    /// The field that had the focus last: the buttons of the notice give it back.
    static FIELD: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
}

/// Keys that follow each other within this many milliseconds are one burst of typing: who types without
/// looking has not seen yet that the queue stopped.
const BURST: i64 = 800;

const RESUME: Text = text("录入到光标处", "Enter them here");
const DISCARD: Text = text("丢弃", "Discard");

/// What a stopped queue held, until the user decides.
#[derive(Clone, PartialEq)]
struct Stopped {
    why: Message,
    keys: Vec<Key>,
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

impl Hold {
    /// The work is done and the focus is where typing goes on.
    pub fn release(mut self) {
        self.end();
    }

    /// The work failed: what was typed since is shown, and goes nowhere by itself.
    pub fn stop(mut self, why: Message) {
        self.ended = true;
        show_stopped(why, QUEUE.with_borrow_mut(Queue::stop));
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
pub fn refuse(why: Message) {
    if is_waiting() {
        return hold().stop(why);
    }
    TAKEN_AT.set(window().performance().map_or(0, |clock| clock.now() as i64));
    show_stopped(why, Vec::new());
}

/// Shows keys that go nowhere by themselves, behind those that are shown already: who tries again and
/// fails again has not decided about them yet.
fn show_stopped(why: Message, keys: Vec<Key>) {
    STOPPED.update(|stopped| {
        let mut all = stopped.take().map(|earlier| earlier.keys).unwrap_or_default();
        all.extend(keys);
        *stopped = Some(Stopped { why, keys: all });
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
    if COMPOSING.get() {
        return set_timeout(replay, Duration::from_millis(20));
    }
    let Some(key) = QUEUE.with_borrow_mut(Queue::next) else { return };
    if strike(&key) {
        later(replay);
    } else {
        let mut keys = vec![key];
        keys.extend(QUEUE.with_borrow_mut(Queue::stop));
        show_stopped(text("光标不在可录入的字段中", "The focus is not in a field").into(), keys);
    }
}

/// Strikes a key at the focused control; false when there is none that takes it.
fn strike(key: &Key) -> bool {
    let Some(target) = focus::active() else { return false };
    match key {
        Key::Text(text) => {
            REPLAYING.set(true);
            let done = is_writable(&target) && focus::edit("insertText", text);
            REPLAYING.set(false);
            done
        }
        Key::Command { name, shift } => {
            if !is_writable(&target) && target.get_attribute("role").as_deref() != Some("grid") {
                return false;
            }
            let init = KeyboardEventInit::new();
            init.set_key(name);
            init.set_shift_key(*shift);
            init.set_bubbles(true);
            init.set_cancelable(true);
            let Ok(event) = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init) else { return false };
            REPLAYING.set(true);
            let untouched = target.dispatch_event(&event).unwrap_or(true);
            REPLAYING.set(false);
            if untouched {
                match name.as_str() {
                    "Tab" => return focus::tab(*shift),
                    "Backspace" => {
                        focus::edit("delete", "");
                    }
                    _ => {}
                }
            }
            true
        }
    }
}

fn is_writable(element: &HtmlElement) -> bool {
    element.dyn_ref::<HtmlInputElement>().is_some_and(|input| !input.read_only() && !input.disabled())
        || element.dyn_ref::<HtmlTextAreaElement>().is_some_and(|area| !area.read_only() && !area.disabled())
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
        on("focusin", |_| {
            if let Some(field) = focus::active().filter(is_writable) {
                FIELD.set(Some(field));
            }
        });
    }
}

fn on(name: &str, handler: fn(Event)) {
    let closure = Closure::<dyn Fn(Event)>::new(handler);
    let _ = window().add_event_listener_with_callback_and_bool(name, closure.as_ref().unchecked_ref(), true);
    closure.forget();
}

fn offer(event: &Event, key: Key) {
    TAKEN_AT.set(event.time_stamp() as i64);
    let waiting = is_waiting();
    let offer = if waiting { QUEUE.with_borrow_mut(|queue| queue.offer(key)) } else { join_stopped(key) };
    if offer == Offer::Pass {
        return;
    }
    event.prevent_default();
    event.stop_immediate_propagation();
    if offer == Offer::Full {
        toast::error(text(
            "等待期间键入过多，最后的按键未录入，请等待后继续",
            "Too many keys while waiting; the last ones were not taken. Wait, then go on.",
        ));
    }
}

/// True while a burst of typing goes on that began before the queue stopped.
fn in_stopped_burst(event: &Event) -> bool {
    STOPPED.with_untracked(Option::is_some) && event.time_stamp() as i64 - TAKEN_AT.get() < BURST
}

/// A key of such a burst belongs behind what was stopped, not into the field at fault.
fn join_stopped(key: Key) -> Offer {
    let room = STOPPED.with_untracked(|stopped| stopped.as_ref().is_some_and(|stopped| stopped.keys.len() < LIMIT));
    if !room {
        return Offer::Full;
    }
    STOPPED.update(|stopped| stopped.iter_mut().for_each(|stopped| stopped.keys.push(key.clone())));
    Offer::Taken
}

fn on_key(event: Event) {
    if REPLAYING.get() || !(is_waiting() || in_stopped_burst(&event)) || in_dialog() {
        return;
    }
    let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
    if ime::owns_key(key, COMPOSING.get()) || key.ctrl_key() || key.meta_key() || key.alt_key() {
        return;
    }
    let name = key.key();
    match name.as_str() {
        "Enter" | "Tab" | "Backspace" | "Delete" | "Escape" | "ArrowUp" | "ArrowDown" => {
            offer(&event, Key::Command { name, shift: key.shift_key() });
        }
        _ if name.chars().count() == 1 => offer(&event, Key::Text(name)),
        _ => {}
    }
}

/// Text that comes without keys: a character picker, speech, an input method without composition.
fn on_insertion(event: Event) {
    if REPLAYING.get() || !is_waiting() || COMPOSING.get() || !event.cancelable() || in_dialog() {
        return;
    }
    let Some(input) = event.dyn_ref::<InputEvent>() else { return };
    // `inputType` says what is done to the text; only insertions carry what is inserted.
    if let Some(text) = input.data().filter(|text| !text.is_empty()) {
        offer(&event, Key::Text(text));
    }
}

fn on_paste(event: Event) {
    if !is_waiting() || in_dialog() {
        return;
    }
    let data = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
    if let Some(text) = data.and_then(|data| data.get_data("text/plain").ok()) {
        offer(&event, Key::Text(text));
    }
}

fn on_input(event: Event) {
    if COMPOSING.get() && event.dyn_ref::<InputEvent>().is_some_and(|input| !input.is_composing()) {
        COMPOSING.set(false);
    }
}

fn on_composition_start(_: Event) {
    COMPOSING.set(true);
    if is_waiting() && !in_dialog() {
        COMPOSITION.set(focus::active().map(|element| (element.clone(), value_of(&element))));
    }
}

/// Text composed while keys waited belongs to the field that comes: it joins the queue and leaves
/// the old field as it was.
fn on_composition_end(event: Event) {
    COMPOSING.set(false);
    let Some((element, before)) = COMPOSITION.take() else { return };
    let text = event.dyn_ref::<CompositionEvent>().and_then(CompositionEvent::data).unwrap_or_default();
    if text.is_empty() || QUEUE.with_borrow_mut(|queue| queue.offer(Key::Text(text))) == Offer::Pass {
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

/// A button of the notice took the focus from the field that is to receive the keys.
fn give_focus_back() {
    if focus::active().is_none_or(|active| !is_writable(&active))
        && let Some(field) = FIELD.with_borrow(Clone::clone)
    {
        let _ = field.focus();
    }
}

/// Shows what a stopped queue held; placed once by `app`.
#[component]
pub fn TypeAheadNotice() -> impl IntoView {
    let resume = move |_| {
        let Some(stopped) = STOPPED.get_untracked() else { return };
        STOPPED.set(None);
        give_focus_back();
        let hold = hold();
        QUEUE.with_borrow_mut(|queue| queue.take_back(stopped.keys));
        hold.release();
    };
    view! {
        <div class="type-ahead" role="alert">
            {move || {
                STOPPED.get().filter(|stopped| !stopped.keys.is_empty()).map(|stopped| {
                    view! {
                        <div class="type-ahead-box">
                            <p>
                                {format!("{}{}", tm(&stopped.why), t(text("。之后键入的内容未录入：", ". Typed since, not entered:")))}
                                <kbd>{spell(&stopped.keys)}</kbd>
                            </p>
                            // Pressing must not take the focus from the field that is to receive the keys.
                            <button type="button" class="button" data-action=action_name(RESUME) aria-keyshortcuts="Alt+R"
                                on:mousedown=|event| event.prevent_default() on:click=resume>
                                {t(RESUME)} <kbd>"Alt+R"</kbd>
                            </button>
                            <button type="button" class="button" data-action=action_name(DISCARD)
                                on:mousedown=|event| event.prevent_default()
                                on:click=|_| {
                                    STOPPED.set(None);
                                    give_focus_back();
                                }>
                                {t(DISCARD)}
                            </button>
                        </div>
                    }
                })
            }}
        </div>
    }
}
