//! Small pieces every page uses: icons, buttons, state pills, and the blocks for empty, loading
//! and failed content.

use leptos::prelude::*;

use super::lang::{said, t};
use crate::text::{Message, Text, text};

/// An icon of `server/icons.svg`, which the page carries with it; always beside a text or a name.
pub fn icon(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=format!("#icon-{name}")></use>
        </svg>
    }
}

/// The attribute `data-action` of a control: what it does, in both languages. The command palette and the
/// list of keys read the page for it, so that an action is named once, where it is drawn, and is listed
/// exactly while it is there.
pub fn action_name(label: Text) -> String {
    format!("{}|{}", label.zh, label.en)
}

/// How a button looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// White: acts on this tab.
    #[default]
    Plain,
    /// Blue: acts on the whole document.
    Primary,
    /// Red letters: cannot be undone.
    Danger,
}

/// A button with icon, label and, where it has one, its key.
#[component]
pub fn ActionButton(
    label: Text,
    on_press: Callback<()>,
    #[prop(optional)] icon: &'static str,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Under way: not to be pressed again, and shown so.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// The key that does the same, e.g. `Ctrl+S`.
    #[prop(optional)]
    keys: &'static str,
    /// A double click means one press.
    #[prop(optional)]
    once: bool,
    /// Why it is disabled, or what it does.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
) -> impl IntoView {
    let class = match kind {
        ButtonKind::Plain => "button",
        ButtonKind::Primary => "button primary",
        ButtonKind::Danger => "button danger",
    };
    let title = move || {
        let hint = hint.get().unwrap_or_default();
        match (hint.is_empty(), keys.is_empty()) {
            (true, true) => None,
            (true, false) => Some(keys.to_owned()),
            (false, true) => Some(hint),
            (false, false) => Some(format!("{hint} ({keys})")),
        }
    };
    view! {
        <button
            type="button"
            class=class
            data-action=action_name(label)
            class:busy=busy
            disabled=disabled
            aria-busy=move || busy.get().then_some("true")
            aria-keyshortcuts=(!keys.is_empty()).then(|| keys.replace("Ctrl", "Control"))
            title=title
            on:click=move |event| {
                let again = once && event.detail() > 1;
                if !(busy.get_untracked() || again) {
                    on_press.run(());
                }
            }
        >
            {(!icon.is_empty()).then(|| self::icon(icon))}
            <span>{said(label)}</span>
        </button>
    }
}

/// A state as a coloured pill; `code` chooses the colour, the text says it.
#[component]
pub fn StatusPill(#[prop(into)] code: Signal<String>, #[prop(into)] label: Signal<Text>) -> impl IntoView {
    view! { <span class=move || format!("pill status-{}", code.get())>{move || t(label.get())}</span> }
}

/// Content that is not there (yet).
#[component]
pub fn Block(
    kind: BlockKind,
    /// A `Text`, a `Message`, or a signal of one.
    #[prop(into)]
    text: BlockText,
    #[prop(optional)] on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let (class, icon_name) = match kind {
        BlockKind::Empty => ("block", "inbox"),
        BlockKind::Loading => ("block loading", "spinner"),
        BlockKind::Failed => ("block failed", "warning"),
    };
    view! {
        <div class=class role=if kind == BlockKind::Failed { "alert" } else { "status" }>
            {icon(icon_name)}
            <p>{move || text.show()}</p>
            {on_retry.map(|retry| {
                view! {
                    <button type="button" class="button" on:click=move |_| retry.run(())>
                        {said(TRY_AGAIN)}
                    </button>
                }
            })}
        </div>
    }
}

const TRY_AGAIN: Text = text("重试", "Try again");

/// What a block says.
#[derive(Clone, Copy)]
pub enum BlockText {
    Fixed(Text),
    Made(Signal<Message>),
}

impl BlockText {
    fn show(self) -> String {
        match self {
            Self::Fixed(text) => t(text).to_owned(),
            Self::Made(message) => super::lang::tm(&message.get()),
        }
    }
}

impl From<Text> for BlockText {
    fn from(text: Text) -> Self {
        Self::Fixed(text)
    }
}

impl From<Message> for BlockText {
    fn from(message: Message) -> Self {
        Self::Made(Signal::stored(message))
    }
}

impl From<Signal<Message>> for BlockText {
    fn from(message: Signal<Message>) -> Self {
        Self::Made(message)
    }
}

/// Why content is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    Empty,
    Loading,
    Failed,
}
