//! What a page hears of documents that changed elsewhere. One tab of a browser listens to the server (a browser has six
//! connections to a server in all) and tells the others. Pages follow [`of`], [`looks`] and [`count`], and ask by themselves
//! only while [`is_live`] is false. Asks the server nothing.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{BroadcastChannel, EventSource, MessageEvent};

use super::model::{ADDRESS, BEAT, Event, Hint};
use crate::ui::call::{self, signed_out};
use crate::workspace::{alone, me_now};

/// Name of the lock of the tab that listens, and of the channel to the others.
const NAME: &str = "opbook-hints";
/// After so long without a word the stream is dead.
const SILENCE: Duration = BEAT.saturating_mul(2).saturating_add(Duration::from_secs(5));
/// Between two looks at the stream.
const LOOK: Duration = Duration::from_secs(2);
/// Before a stream that ended is asked for anew; then twice as long, and so on.
const AGAIN: Duration = Duration::from_secs(2);
const AGAIN_AT_MOST: Duration = Duration::from_mins(1);
/// What is remembered of changed documents; beyond it, all is to be looked at.
const MOST: usize = 5_000;
/// Said to the other tabs when the stream broke.
const BROKEN: &str = "";

/// The latest that was heard of each document.
static HINTS: LazyLock<ArcRwSignal<HashMap<Uuid, Hint>>> = LazyLock::new(ArcRwSignal::default);
/// How often all is to be looked at.
static LOOKS: LazyLock<ArcRwSignal<u32>> = LazyLock::new(ArcRwSignal::default);
/// How often anything was heard that calls for a look.
static COUNT: LazyLock<ArcRwSignal<u32>> = LazyLock::new(ArcRwSignal::default);

thread_local! {
    /// When a word came last, since the page began.
    static LAST: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// The latest that was heard of a document; tracked.
pub fn of(document: Uuid) -> Option<Hint> {
    HINTS.with(|hints| hints.get(&document).copied())
}

/// How often something may have been missed; tracked.
pub fn looks() -> u32 {
    LOOKS.get()
}

/// How often anything changed, or may have; tracked.
pub fn count() -> u32 {
    COUNT.get()
}

/// True while changes are heard of: pages need not ask.
pub fn is_live() -> bool {
    LAST.get().is_some_and(|last| now().saturating_sub(last) < SILENCE)
}

/// Since the page began; a clock that nobody sets.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds since the page began are few and none is negative"
)]
fn now() -> Duration {
    Duration::from_millis(window().performance().map_or(0.0, |clock| clock.now()) as u64)
}

/// Begins to listen, for as long as the page lives. Called once, by the frame.
pub fn start() {
    let Ok(channel) = BroadcastChannel::new(NAME) else { return };
    let heard =
        Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| take(&event.data().as_string().unwrap_or_default()));
    channel.set_onmessage(Some(heard.into_js_value().unchecked_ref()));
    spawn_local(alone::run(NAME, lead(channel)));
}

/// What a stream says, here or in another tab.
fn take(said: &str) {
    if said == BROKEN {
        LAST.set(None);
        return;
    }
    let Ok(event) = serde_json::from_str(said) else { return };
    LAST.set(Some(now()));
    let hints = match event {
        Event::Beat => return,
        Event::Look => Vec::new(),
        Event::Changed(hints) => hints,
    };
    let full = HINTS.with_untracked(|known| known.len() + hints.len() > MOST);
    if full {
        HINTS.set(HashMap::new());
    }
    if full || hints.is_empty() {
        LOOKS.update(|looks| *looks = looks.wrapping_add(1));
    }
    if !hints.is_empty() {
        HINTS.update(|known| known.extend(hints.into_iter().map(|hint| (hint.document, hint))));
    }
    COUNT.update(|count| *count = count.wrapping_add(1));
}

/// Listens for all tabs of this browser, until this one is closed.
async fn lead(channel: BroadcastChannel) {
    let mut pause = AGAIN;
    loop {
        let may = untrack(|| signed_out().is_none() && call::online());
        // Where browsers have no locks every tab listens, but only while somebody looks at it.
        let is_seen = alone::is_possible() || !document().hidden();
        if may && is_seen {
            let begun = now();
            listen(&channel).await;
            take(BROKEN);
            let _ = channel.post_message(&BROKEN.into());
            // One that held for a while ended for another reason than one that is refused.
            let held = now().saturating_sub(begun) > BEAT;
            pause = if held { AGAIN } else { (pause * 2).min(AGAIN_AT_MOST) };
        }
        gloo_timers::future::sleep(pause).await;
    }
}

/// Listens until the browser gives the stream up, it falls silent, or somebody else is to be signed in.
async fn listen(channel: &BroadcastChannel) {
    let user = me_now().map(|me| me.login).unwrap_or_default();
    let address = format!("{ADDRESS}?user={}", String::from(js_sys::encode_uri_component(&user)));
    let Ok(source) = EventSource::new(&address) else { return };
    let begun = now();
    let telling = channel.clone();
    let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(said) = event.data().as_string() else { return };
        let _ = telling.post_message(&event.data());
        take(&said);
    });
    source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    loop {
        gloo_timers::future::sleep(LOOK).await;
        let silent = now().saturating_sub(LAST.get().unwrap_or(begun).max(begun)) > SILENCE;
        let unseen = !alone::is_possible() && document().hidden();
        let closed = source.ready_state() == EventSource::CLOSED;
        if silent || closed || unseen || untrack(signed_out).is_some() {
            break;
        }
    }
    source.set_onmessage(None);
    source.close();
}
