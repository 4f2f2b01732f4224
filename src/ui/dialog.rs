//! Modal dialogs on the browser's own `<dialog>`: focus goes in and comes back, Esc cancels.
//! [`confirm`] and its relatives are awaited like any other work; [`Dialog`] holds free content.
//! `app` places [`Dialogs`] once. `haste` keeps keys that were meant for the page from answering.

mod haste;
mod settle;

pub use settle::{Side, settle};

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use leptos::prelude::*;
use leptos::{ev, html};

use self::haste::Haste;
use super::ime;
use super::lang::{said, tm};
use super::parts::icon;
use super::spelled::spelled;
use super::wait::{Giver, answer};
use crate::text::{Message, Text, text};

pub const FIELD: Text = text("字段", "Field");
const CONFIRM: Text = text("提示", "Please confirm");
const OK: Text = text("确定", "OK");
const CANCEL: Text = text("取消", "Cancel");

/// A question with a yes and, usually, a no.
pub struct Question {
    pub message: Message,
    pub ok: Text,
    pub cancel: Option<Text>,
    /// Saying yes cannot be undone.
    pub danger: bool,
}

#[derive(Clone)]
enum Body {
    Text(Message),
    Table {
        words: Message,
        headings: [Text; 3],
        rows: Vec<[String; 3]>,
    },
    /// Drawn by whoever asks, who also says whether a button may answer yet.
    Drawn {
        draw: Arc<dyn Fn(Haste) -> AnyView + Send + Sync>,
        may: Arc<dyn Fn(usize) -> bool + Send + Sync>,
    },
}

/// One dialog that waits for its answer: the number of a button, or `None` when it was closed.
#[derive(Clone)]
struct Asking {
    id: u32,
    title: Text,
    body: Body,
    buttons: Vec<(Text, &'static str)>,
    /// The button that has the focus first.
    preferred: usize,
    /// It answers a key or click of this moment.
    direct: bool,
    giver: Giver<Option<usize>>,
}

static ASKING: LazyLock<ArcRwSignal<Vec<Asking>>> = LazyLock::new(ArcRwSignal::default);

async fn show(title: Text, body: Body, buttons: Vec<(Text, &'static str)>, preferred: usize) -> Option<usize> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let (giver, waiter) = answer();
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let direct = haste::is_direct();
    ASKING.update(|asking| asking.push(Asking { id, title, body, buttons, preferred, direct, giver }));
    waiter.await
}

/// Asks; true when the answer is 确定.
pub async fn confirm(message: impl Into<Message>) -> bool {
    ask(Question { message: message.into(), ok: OK, cancel: Some(CANCEL), danger: false }).await
}

/// Asks before something is destroyed: the focus stands on 取消, so that a key too many destroys nothing.
pub async fn confirm_loss(message: impl Into<Message>) -> bool {
    ask(Question { message: message.into(), ok: OK, cancel: Some(CANCEL), danger: true }).await
}

/// Says something that must be seen before anything else.
pub async fn alert(message: impl Into<Message>) {
    ask(Question { message: message.into(), ok: OK, cancel: None, danger: false }).await;
}

/// Asks with words of one's own.
pub async fn ask(question: Question) -> bool {
    let mut buttons = vec![(question.ok, if question.danger { "button primary danger" } else { "button primary" })];
    buttons.extend(question.cancel.map(|cancel| (cancel, "button")));
    let preferred = if question.danger { buttons.len() - 1 } else { 0 };
    show(CONFIRM, Body::Text(question.message), buttons, preferred).await == Some(0)
}

/// Asks under a table of what differs: field, before, after. True when the answer is 确定.
pub async fn confirm_changes(words: impl Into<Message>, rows: Vec<[String; 3]>) -> bool {
    let headings = [FIELD, text("变更前", "Before"), text("变更后", "After")];
    let body = Body::Table { words: words.into(), headings, rows };
    show(CONFIRM, body, vec![(OK, "button primary"), (CANCEL, "button")], 0).await == Some(0)
}

/// Shows a table of what differs and asks which of some ways to take; `None` when none, or where there is none to take.
pub async fn choose_by(
    title: Text,
    words: impl Into<Message>,
    headings: [Text; 3],
    rows: Vec<[String; 3]>,
    ways: &[Text],
) -> Option<usize> {
    let body = Body::Table { words: words.into(), headings, rows };
    let leave = if ways.is_empty() { text("关闭", "Close") } else { CANCEL };
    let buttons = ways.iter().map(|way| (*way, "button")).chain([(leave, "button")]).collect();
    show(title, body, buttons, ways.len()).await.filter(|chosen| *chosen < ways.len())
}

/// Asks which of some ways to take; `None` when none.
pub async fn choose(message: impl Into<Message>, ways: &[Text]) -> Option<usize> {
    let buttons = ways.iter().map(|way| (*way, "button")).chain([(CANCEL, "button")]).collect();
    let chosen = show(text("请选择", "Please choose"), Body::Text(message.into()), buttons, 0).await;
    chosen.filter(|chosen| *chosen < ways.len())
}

/// Shows the questions, one at a time.
#[component]
pub fn Dialogs() -> impl IntoView {
    haste::listen();
    let first = move || ASKING.get().into_iter().take(1).collect::<Vec<_>>();
    view! { <For each=first key=|asking| asking.id children=question/> }
}

fn question(asking: Asking) -> AnyView {
    let node = NodeRef::<html::Dialog>::new();
    let chosen = StoredValue::new(None);
    let Asking { id, title, body, buttons, preferred, direct, giver } = asking;
    let haste = Haste::begin(direct);
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            let _ = dialog.show_modal();
        }
    });
    // The answer is given once the dialog is closed and the focus is back where it was.
    let on_close = move |_| {
        ASKING.update(|all| all.retain(|one| one.id != id));
        giver.give(chosen.get_value());
    };
    let is_wide = !matches!(body, Body::Text(_));
    let may = if let Body::Drawn { may, .. } = &body { Some(may.clone()) } else { None };
    let buttons = buttons
        .into_iter()
        .enumerate()
        .map(|(index, (label, class))| {
            let may = may.clone();
            view! {
                <button
                    type="button"
                    class=class
                    autofocus={index == preferred}
                    on:click=move |event| {
                        // Space presses a button when it is let go: then no key event tells of it any more.
                        if event.detail() == 0 && index == preferred && haste.holds() {
                            return;
                        }
                        if may.as_ref().is_some_and(|may| !may(index)) {
                            return;
                        }
                        chosen.set_value(Some(index));
                        if let Some(dialog) = node.get_untracked() {
                            dialog.close();
                        }
                    }
                >
                    {said(label)}
                </button>
            }
        })
        .collect_view();
    let title_id = format!("question-{id}");
    let body_id = format!("question-{id}-body");
    view! {
        <dialog
            node_ref=node
            class="dialog"
            class:wide=is_wide
            aria-labelledby=title_id
            aria-describedby=body_id
            on:close=on_close
            on:keydown=move |event| {
                haste.on_key(&event);
                keep_keys(&event);
            }
        >
            <h2 class="dialog-title" id=title_id.clone()>{said(title)}</h2>
            <div class="dialog-body" id=body_id.clone()>{body_view(body, haste)}</div>
            <div class="dialog-buttons">{buttons}</div>
        </dialog>
    }
    .into_any()
}

/// Keys struck in a dialog (or an open menu) are its own: neither the page behind it obeys them, nor, where they are keys of
/// ours, the browser, which would save or print the page or open its own help.
pub fn keep_keys(event: &ev::KeyboardEvent) {
    event.stop_propagation();
    if matches!(spelled(event).as_str(), "Ctrl+S" | "Ctrl+K" | "Ctrl+P" | "F1") {
        event.prevent_default();
    }
}

fn body_view(body: Body, haste: Haste) -> AnyView {
    match body {
        Body::Drawn { draw, .. } => draw(haste),
        Body::Text(message) => view! { <p>{move || tm(&message)}</p> }.into_any(),
        Body::Table { words, headings, rows } => {
            let row = |[label, one, other]: [String; 3]| {
                view! { <tr><th scope="row">{label}</th><td>{one}</td><td>{other}</td></tr> }
            };
            let headings =
                headings.into_iter().map(|heading| view! { <th scope="col">{said(heading)}</th> }).collect_view();
            let name = words.clone();
            view! {
                <p>{move || tm(&words)}</p>
                // Scrolled with the arrow keys.
                <div class="differences-scroll" tabindex="0" role="region" aria-label=move || tm(&name)>
                    <table class="differences">
                        <thead><tr>{headings}</tr></thead>
                        <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
            }
            .into_any()
        }
    }
}

/// A modal dialog with free content, mounted while it is open.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(optional)] wide: bool,
    #[prop(optional)] on_close: Option<Callback<()>>,
    children: ChildrenFn,
) -> impl IntoView {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let id = format!("dialog-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let node = NodeRef::<html::Dialog>::new();
    // The browser tells a little later that a dialog is closed. Opened again before that, it waits.
    let closing = StoredValue::new(false);
    Effect::new(move |_| {
        let open = open.get();
        let Some(dialog) = node.get() else { return };
        match (open, dialog.open()) {
            (true, false) if !closing.get_value() => {
                let _ = dialog.show_modal();
            }
            (false, true) => {
                closing.set_value(true);
                dialog.close();
            }
            _ => {}
        }
    });
    let closed = move |_| {
        if !closing.try_update_value(std::mem::take).unwrap_or_default() {
            open.set(false); // by a gesture of the device
        }
        if let Some(on_close) = on_close {
            on_close.run(());
        }
        if let Some(dialog) = node.get_untracked().filter(|dialog| open.get_untracked() && !dialog.open()) {
            let _ = dialog.show_modal();
        }
    };
    view! {
        <dialog
            node_ref=node
            class="dialog"
            class:wide=wide
            aria-labelledby=id
            on:close=closed
            on:keydown=move |event| {
                // The browser would close the dialog now and tell of it later: what is struck between would be lost.
                if spelled(&event) == "Escape" && !event.default_prevented() && !ime::is_composing(&event) {
                    event.prevent_default();
                    open.set(false);
                }
                keep_keys(&event);
            }
        >
            <div class="dialog-head">
                <h2 class="dialog-title" id=id.clone()>{move || title.get()}</h2>
                <button
                    type="button"
                    class="icon-button"
                    aria-label=said(text("关闭", "Close"))
                    on:click=move |_| open.set(false)
                >
                    {icon("x")}
                </button>
            </div>
            {move || {
                let children = children.clone();
                open.get().then(|| view! { <div class="dialog-body">{children()}</div> })
            }}
        </dialog>
    }
    .into_any()
}
