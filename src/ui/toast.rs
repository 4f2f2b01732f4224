//! Messages about what just happened. Successes fade after some seconds, errors stay until
//! dismissed (Esc, where it has nothing else to do); both stay in a log, reachable from the top bar, for who
//! looked away. Takes no key from fields, lists or dialogs.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chrono::Timelike;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::ime;
use super::lang::{said, t, tm};
use super::parts::{action_name, icon};
use crate::error::ApiError;
use crate::text::{Message, Text, text};

const FADE_AFTER: Duration = Duration::from_secs(6);
/// Long enough to see what went wrong and to take it back.
const FADE_WITH_OFFER: Duration = Duration::from_secs(20);
const LOG_LENGTH: usize = 50;
const DISMISS: Text = text("关闭消息", "Dismiss message");

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Success,
    Info,
    Error,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Success => "toast success",
            Self::Info => "toast info",
            Self::Error => "toast error",
        }
    }
    const fn icon(self) -> &'static str {
        match self {
            Self::Success => "check",
            Self::Info => "info",
            Self::Error => "warning",
        }
    }
}

/// What can be done about it, by a button or its key, for as long as the message is shown.
#[derive(Clone)]
pub struct Offer {
    pub label: Text,
    pub keys: &'static str,
    pub run: Arc<dyn Fn() + Send + Sync>,
}

/// Something that can be refused and tried again: the id of what it is done to.
pub type Act = uuid::Uuid;

#[derive(Clone)]
struct Toast {
    id: u32,
    tone: Tone,
    message: Message,
    offer: Option<Offer>,
    /// What was refused; the message goes when it is done after all.
    refused: Option<Act>,
    /// Local time, `hh:mm:ss`.
    at: String,
    showing: bool,
}

static TOASTS: LazyLock<ArcRwSignal<Vec<Toast>>> = LazyLock::new(ArcRwSignal::default);
static NEXT: AtomicU32 = AtomicU32::new(1);

pub fn success(message: impl Into<Message>) {
    show(Tone::Success, message.into(), None, None);
}

/// A success that can be taken back, or followed by something.
pub fn success_with(message: impl Into<Message>, offer: Offer) {
    show(Tone::Success, message.into(), Some(offer), None);
}

pub fn info(message: impl Into<Message>) {
    show(Tone::Info, message.into(), None, None);
}

pub fn error(message: impl Into<Message>) {
    show(Tone::Error, message.into(), None, None);
}

/// An act was refused: said until it is dismissed or the act is [`done`].
pub fn refused(act: Act, message: impl Into<Message>) {
    show(Tone::Error, message.into(), None, Some(act));
}

/// The act is done: why it was refused before is of no use any more.
pub fn done(act: Act) {
    TOASTS.update(|toasts| {
        for toast in toasts.iter_mut().filter(|toast| toast.refused == Some(act)) {
            toast.showing = false;
        }
    });
}

/// The error of a call, with the number that leads to the server's log.
pub fn failed(error: &ApiError) {
    show(Tone::Error, numbered(error), None, None);
}

/// [`refused`] with the error of a call.
pub fn failed_at(act: Act, error: &ApiError) {
    refused(act, numbered(error));
}

fn numbered(error: &ApiError) -> Message {
    let mut message = error.message.clone();
    if !error.request_id.is_empty() {
        message.zh.push_str(&format!("（编号 {}）", error.request_id));
        message.en.push_str(&format!(" (no. {})", error.request_id));
    }
    message
}

fn show(tone: Tone, message: Message, offer: Option<Offer>, refused: Option<Act>) {
    let fade = if offer.is_some() { FADE_WITH_OFFER } else { FADE_AFTER };
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let now = chrono::Local::now();
    let at = format!("{:02}:{:02}:{:02}", now.hour(), now.minute(), now.second());
    TOASTS.update(|toasts| {
        // The same message again replaces the one on the screen instead of piling up; of offers the newest counts.
        let replaced = |toast: &&mut Toast| toast.message == message || (offer.is_some() && toast.offer.is_some());
        for toast in toasts.iter_mut().filter(replaced) {
            toast.showing = false;
        }
        toasts.push(Toast { id, tone, message, offer, refused, at, showing: true });
        let surplus = toasts.len().saturating_sub(LOG_LENGTH);
        toasts.drain(..surplus);
    });
    if tone != Tone::Error {
        set_timeout(move || dismiss(id), fade);
    }
}

fn dismiss(id: u32) {
    TOASTS.update(|toasts| {
        for toast in toasts.iter_mut().filter(|toast| toast.id == id) {
            toast.showing = false;
        }
    });
}

/// Esc that a list, a restored value, an edit or a dialog has no use for takes away the newest message: errors
/// would lie over the page for whoever has no mouse.
fn on_key(event: KeyboardEvent) {
    let plain = !(event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key());
    if event.key() != "Escape" || !plain || event.default_prevented() || ime::is_composing(&event) {
        return;
    }
    if document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some()) {
        return;
    }
    let newest = TOASTS.with_untracked(|all| all.iter().rev().find(|toast| toast.showing).map(|toast| toast.id));
    if let Some(id) = newest {
        event.prevent_default();
        dismiss(id);
    }
}

/// Shows the messages; placed once by `app`.
#[component]
pub fn Toaster() -> impl IntoView {
    let listener = window_event_listener(leptos::ev::keydown, on_key);
    on_cleanup(move || listener.remove());
    let of = |errors: bool| {
        move || {
            TOASTS
                .get()
                .into_iter()
                .filter(|toast| toast.showing && (toast.tone == Tone::Error) == errors)
                .collect::<Vec<_>>()
        }
    };
    let list = |errors: bool| {
        view! {
            <For each=of(errors) key=|toast| toast.id let:toast>
                <div class=toast.tone.class()>
                    {icon(toast.tone.icon())}
                    <p>{move || tm(&toast.message)}</p>
                    {toast.offer.map(|offer| offer_button(toast.id, offer))}
                    <button
                        type="button"
                        class="icon-button"
                        aria-label=said(DISMISS)
                        title=move || format!("{} (Esc)", t(DISMISS))
                        on:click=move |_| dismiss(toast.id)
                    >
                        {icon("x")}
                    </button>
                </div>
            </For>
        }
    };
    // Both regions are there before the first message, or screen readers would not hear it.
    view! {
        <div class="toaster">
            <div role="alert">{list(true)}</div>
            <div role="status">{list(false)}</div>
        </div>
    }
}

fn offer_button(toast: u32, offer: Offer) -> AnyView {
    let Offer { label, keys, run } = offer;
    view! {
        <button
            type="button"
            class="button"
            data-action=action_name(label)
            aria-keyshortcuts=keys
            on:click=move |_| {
                dismiss(toast);
                run();
            }
        >
            <span>{said(label)}</span>
            <kbd>{keys}</kbd>
        </button>
    }
    .into_any()
}

/// What was said so far, newest first.
#[component]
pub fn ToastLog() -> impl IntoView {
    view! {
        <ul class="toast-log">
            {move || {
                let toasts = TOASTS.get();
                if toasts.is_empty() {
                    return view! { <li class="toast-log-empty">{t(text("暂无消息", "No messages yet"))}</li> }.into_any();
                }
                toasts
                    .into_iter()
                    .rev()
                    .map(|toast| {
                        view! {
                            <li class=toast.tone.class()>
                                {icon(toast.tone.icon())}
                                <time>{toast.at}</time>
                                <span>{tm(&toast.message)}</span>
                            </li>
                        }
                    })
                    .collect_view()
                    .into_any()
            }}
        </ul>
    }
}
