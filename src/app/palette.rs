//! Ctrl+K: everything that can be done here, by typing a part of its name: actions of the page, open
//! documents, commands, menu. A combo box in a dialog (WAI-ARIA); shows each action's key, so that it teaches.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlElement;

use super::commands::COMMANDS;
use super::page_actions::{Label, page_actions};
use crate::text::{Message, Text, text};
use crate::ui::announce::{Announcer, announce};
use crate::ui::dialog::Dialog;
use crate::ui::grid::keymap::{self, GridCommand};
use crate::ui::ime;
use crate::ui::lang::{language, said, t, tm};
use crate::workspace::tabs::{self, TabKey};

const LIST: &str = "palette-list";
const INPUT: &str = "palette-input";
const NOTHING: Text = text("没有符合的命令", "Nothing matches");

#[derive(Clone)]
enum Run {
    Press(HtmlElement),
    Show(TabKey),
    Call(fn()),
    Grid(GridCommand),
}

#[derive(Clone)]
struct Entry {
    label: Label,
    keys: String,
    /// Said beside it: what kind of thing it is.
    kind: Option<Text>,
    run: Run,
}

#[derive(Clone, Copy)]
struct Palette {
    open: RwSignal<bool>,
    entries: RwSignal<Vec<Entry>, LocalStorage>,
    active: RwSignal<usize>,
    /// Run when the dialog is closed and the focus is back where it was.
    chosen: StoredValue<Option<Run>, LocalStorage>,
}

#[component]
pub fn CommandPalette(open: RwSignal<bool>) -> impl IntoView {
    let palette = Palette {
        open,
        entries: RwSignal::new_local(Vec::new()),
        active: RwSignal::new(0),
        chosen: StoredValue::new_local(None),
    };
    Effect::new(move |_| {
        if open.get() {
            palette.search("");
        }
    });
    let closed = Callback::new(move |()| {
        if let Some(run) = palette.chosen.try_update_value(Option::take).flatten() {
            set_timeout(move || run.now(), std::time::Duration::ZERO);
        }
    });
    view! {
        <Dialog open title=Signal::derive(|| t(text("命令", "Commands")).to_owned()) on_close=closed>
            {move || content(palette)}
        </Dialog>
    }
}

/// All there is, the nearest first.
fn everything() -> Vec<Entry> {
    let (page, frame): (Vec<_>, Vec<_>) = page_actions()
        .into_iter()
        .filter(|action| !action.disabled)
        .partition(|action| action.element.closest(".tab-panel").is_ok_and(|panel| panel.is_some()));
    let press = |kind| {
        move |action: super::page_actions::PageAction| Entry {
            label: action.label,
            keys: action.keys,
            kind,
            run: Run::Press(action.element),
        }
    };
    let open = untrack(tabs::all).into_iter().map(|open| Entry {
        label: Label::new(&open.title.zh, &open.title.en),
        keys: String::new(),
        kind: Some(text("已打开", "open")),
        run: Run::Show(open.key),
    });
    let commands = COMMANDS.iter().map(|command| Entry {
        label: command.label.into(),
        keys: command.keys.to_owned(),
        kind: None,
        run: Run::Call(command.run),
    });
    let grid = keymap::commands_here().map(|(line, command)| Entry {
        label: line.label.into(),
        keys: line.keys.replace("Arrow", ""),
        kind: Some(text("列表", "list")),
        run: Run::Grid(command),
    });
    page.into_iter()
        .map(press(None))
        .chain(grid)
        .chain(open)
        .chain(commands)
        .chain(frame.into_iter().map(press(None)))
        .collect()
}

impl Run {
    fn now(self) {
        match self {
            Self::Press(element) => element.click(),
            Self::Show(key) => tabs::enter(key),
            Self::Call(run) => run(),
            Self::Grid(command) => keymap::run(command),
        }
    }
}

impl Palette {
    fn search(self, query: &str) {
        let query = query.trim().to_lowercase();
        let mut found: Vec<(u8, Entry)> =
            everything().into_iter().filter_map(|entry| Some((entry.label.rank(&query)?, entry))).collect();
        found.sort_by_key(|(rank, _)| *rank);
        let entries: Vec<Entry> = found.into_iter().map(|(_, entry)| entry).collect();
        if !query.is_empty() {
            let count = entries.len();
            let found = Message::new(format!("{count}个命令"), format!("{count} found"));
            announce(untrack(|| if count == 0 { t(NOTHING).to_owned() } else { tm(&found) }));
        }
        self.active.set(0);
        self.entries.set(entries);
    }

    fn step(self, by: isize) {
        let last = self.entries.with_untracked(Vec::len).saturating_sub(1);
        self.active.update(|active| *active = active.saturating_add_signed(by).min(last));
        let id = option_id(self.active.get_untracked());
        if let Some(option) = document().get_element_by_id(&id) {
            option.scroll_into_view_with_bool(false);
        }
    }

    fn choose(self, index: usize) {
        let run = self.entries.with_untracked(|entries| entries.get(index).map(|entry| entry.run.clone()));
        if run.is_some() {
            self.chosen.set_value(run);
            self.open.set(false);
        }
    }

    fn on_key(self, event: &ev::KeyboardEvent) {
        if ime::is_composing(event) {
            return;
        }
        match event.key().as_str() {
            "ArrowDown" => self.step(1),
            "ArrowUp" => self.step(-1),
            "PageDown" => self.step(8),
            "PageUp" => self.step(-8),
            "Enter" => self.choose(self.active.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    }
}

fn option_id(index: usize) -> String {
    format!("palette-option-{index}")
}

fn content(palette: Palette) -> AnyView {
    let input = NodeRef::<html::Input>::new();
    let search = move |event: ev::Event| {
        if !ime::is_partial(&event) {
            palette.search(&event_target_value(&event));
        }
    };
    let options = move || {
        let language = language();
        palette.entries.with(|entries| {
            let option = |(index, entry): (usize, &Entry)| option(palette, index, entry, entry.label.of(language));
            entries.iter().enumerate().map(option).collect_view()
        })
    };
    let none = move || palette.entries.with(Vec::is_empty);
    view! {
        <input
            node_ref=input
            id=INPUT
            class="input palette-input"
            type="text"
            // The dialog puts the focus there itself: a request of the page behind it cannot come between.
            autofocus=true
            role="combobox"
            autocomplete="off"
            spellcheck="false"
            aria-label=said(text("输入命令的中文、拼音首字母或英文", "Type a part of a name"))
            placeholder=said(text("中文、拼音首字母或英文", "A part of a name"))
            aria-expanded="true"
            aria-autocomplete="list"
            aria-controls=LIST
            aria-activedescendant=move || (!none()).then(|| option_id(palette.active.get()))
            on:input=search
            on:compositionend=move |event| palette.search(&event_target_value(&event))
            on:keydown=move |event| palette.on_key(&event)
        />
        <ul id=LIST class="palette-list" role="listbox" aria-label=said(text("命令", "Commands"))>{options}</ul>
        {move || none().then(|| view! { <p class="palette-none">{t(NOTHING)}</p> })}
        // The page's own regions are silent behind a dialog.
        <Announcer/>
    }
    .into_any()
}

fn option(palette: Palette, index: usize, entry: &Entry, name: &str) -> AnyView {
    let is_active = move || palette.active.get() == index;
    view! {
        <li
            id=option_id(index)
            class="palette-option"
            class:active=is_active
            role="option"
            aria-selected=move || if is_active() { "true" } else { "false" }
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| palette.choose(index)
        >
            <span class="palette-name">{name.to_owned()}</span>
            {entry.kind.map(|kind| view! { <span class="palette-kind">{t(kind)}</span> })}
            {(!entry.keys.is_empty()).then(|| view! { <kbd>{entry.keys.clone()}</kbd> })}
        </li>
    }
    .into_any()
}
