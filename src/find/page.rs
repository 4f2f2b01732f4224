//! The box in which a number is typed and the documents that bear it: a combo box (WAI-ARIA), Enter opens the first. Placed by
//! the page of 待办. Asks the server; opens documents.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::api;
use super::model::{Found, Hit, LEAST};
use crate::account::rights::Right;
use crate::document::Action;
use crate::kinds;
use crate::text::{Message, Text, text};
use crate::ui::announce::announce;
use crate::ui::call::call;
use crate::ui::lang::{said, t, tm};
use crate::ui::{ime, toast};
use crate::workspace::may;
use crate::workspace::tabs::{self, Tab};

const NAME: Text = text(
    "查号：账册编号、统一编号、企业内部编号、报关单号、合同号、料号",
    "Find by book, unified, internal, entry, contract or material number",
);
const NOTHING: Text = text("没有以此开头的号码", "No number begins so");
/// The server is asked when the keys pause.
const PAUSE: Duration = Duration::from_millis(250);

#[derive(Clone, Copy)]
struct FindState {
    typed: RwSignal<String>,
    /// What was found, and for which text.
    found: RwSignal<Option<(String, Found)>>,
    active: RwSignal<usize>,
    open: RwSignal<bool>,
    /// Enter was struck before the answer came: the first is opened as soon as it is there.
    opens_first: RwSignal<bool>,
    failed: RwSignal<Option<Message>>,
}

impl FindState {
    fn type_in(self, value: String) {
        self.typed.set(value.clone());
        self.opens_first.set(false);
        self.failed.set(None);
        self.open.set(true);
        set_timeout(
            move || {
                if self.typed.try_get_untracked().as_deref() == Some(value.as_str()) {
                    self.ask();
                }
            },
            PAUSE,
        );
    }

    fn ask(self) {
        let wanted = self.typed.get_untracked();
        let known = self.found.with_untracked(|found| found.as_ref().is_some_and(|(of, _)| *of == wanted));
        if known || wanted.trim().chars().count() < LEAST {
            return;
        }
        spawn_local(async move {
            let answer = call(|| api::number(wanted.clone())).await;
            // Typed on meanwhile: this answer is to another question.
            if self.typed.try_get_untracked().as_deref() != Some(wanted.as_str()) {
                return;
            }
            match answer {
                Ok(found) => {
                    let count = found.hits.len();
                    let told = Message::new(format!("{count}个结果"), format!("{count} found"));
                    announce(untrack(|| if count == 0 { t(NOTHING).to_owned() } else { tm(&told) }));
                    self.active.set(0);
                    self.found.set(Some((wanted, found)));
                    if self.opens_first.get_untracked() {
                        self.choose(0);
                    }
                }
                Err(error) => {
                    self.opens_first.set(false);
                    self.failed.set(Some(error.message));
                }
            }
        });
    }

    /// What is found for the text that stands there.
    fn hits(self) -> Vec<Hit> {
        let typed = self.typed.get();
        self.found
            .with(|found| found.as_ref().filter(|(of, _)| *of == typed).map(|(_, found)| found.hits.clone()))
            .unwrap_or_default()
    }

    fn is_answered(self) -> bool {
        let typed = self.typed.get();
        self.found.with(|found| found.as_ref().is_some_and(|(of, _)| *of == typed))
    }

    fn choose(self, index: usize) {
        let Some(hit) = untrack(|| self.hits()).into_iter().nth(index) else { return };
        self.opens_first.set(false);
        self.open.set(false);
        let Some(kind) = kinds::naming(&hit.kind) else {
            return toast::error(text(
                "服务器比页面新，请刷新页面后重试",
                "The server is newer than this page; reload it",
            ));
        };
        let read_only = !(hit.status.allows(Action::Edit) && untrack(|| may(Right::Enter, &hit.operator_code)));
        tabs::open(Tab::Document { kind, id: hit.document, new: false, read_only });
    }

    fn step(self, by: isize) {
        let last = untrack(|| self.hits()).len().saturating_sub(1);
        self.open.set(true);
        self.active.update(|active| *active = active.saturating_add_signed(by).min(last));
        if let Some(option) = document().get_element_by_id(&option_id(self.active.get_untracked())) {
            option.scroll_into_view_with_bool(false);
        }
    }

    fn on_key(self, event: &ev::KeyboardEvent) {
        if ime::is_composing(event) {
            return;
        }
        match event.key().as_str() {
            "ArrowDown" => self.step(1),
            "ArrowUp" => self.step(-1),
            "Enter" if untrack(|| self.is_answered()) => self.choose(self.active.get_untracked()),
            "Enter" => {
                self.opens_first.set(true);
                self.ask();
            }
            "Escape" if self.open.get_untracked() && !self.typed.with_untracked(String::is_empty) => {
                self.open.set(false);
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    }
}

const LIST: &str = "find-list";

fn option_id(index: usize) -> String {
    format!("find-option-{index}")
}

/// The box.
#[component]
pub fn FindBox() -> impl IntoView {
    let state = FindState {
        typed: RwSignal::new(String::new()),
        found: RwSignal::new(None),
        active: RwSignal::new(0),
        open: RwSignal::new(false),
        opens_first: RwSignal::new(false),
        failed: RwSignal::new(None),
    };
    let is_open = move || state.open.get() && !state.hits().is_empty();
    let list = move || {
        is_open().then(|| {
            let options = state.hits().into_iter().enumerate().map(|(index, hit)| option(state, index, &hit));
            view! {
                <ul id=LIST class="find-list" role="listbox" aria-label=said(NAME)>{options.collect_view()}</ul>
            }
        })
    };
    let note = move || {
        if let Some(failed) = state.failed.get() {
            return Some(tm(&failed));
        }
        let (answered, open) = (state.is_answered(), state.open.get());
        let more = state.found.with(|found| found.as_ref().is_some_and(|(_, found)| found.more));
        match (answered && open, state.hits().is_empty(), more) {
            (true, true, _) => Some(t(NOTHING).to_owned()),
            (true, false, true) => {
                Some(t(text("还有更多，请多录入几位", "There are more: type more of it")).to_owned())
            }
            _ => None,
        }
    };
    view! {
        <div class="find" on:focusout=move |_| state.open.set(false)>
            <input
                type="search"
                class="input find-input"
                role="combobox"
                autocomplete="off"
                spellcheck="false"
                aria-label=said(NAME)
                placeholder=said(NAME)
                aria-expanded=move || if is_open() { "true" } else { "false" }
                aria-autocomplete="list"
                aria-controls=LIST
                aria-activedescendant=move || is_open().then(|| option_id(state.active.get()))
                on:input=move |event| {
                    if !ime::is_partial(&event) {
                        state.type_in(event_target_value(&event));
                    }
                }
                on:compositionend=move |event| state.type_in(event_target_value(&event))
                on:focus=move |_| state.open.set(true)
                on:keydown=move |event| state.on_key(&event)
            />
            {list}
            <span class="find-note" class:failed=move || state.failed.get().is_some() role="status">{note}</span>
        </div>
    }
    .into_any()
}

fn option(state: FindState, index: usize, hit: &Hit) -> AnyView {
    let is_active = move || state.active.get() == index;
    let noun = kinds::naming(&hit.kind).map(|kind| kind.noun);
    // Beside the number that was found, the other one people know.
    let beside = if hit.internal_no == hit.number { hit.book_no.clone() } else { hit.internal_no.clone() };
    let change = (hit.change_seq > 0)
        .then(|| Message::new(format!("第{}次变更", hit.change_seq), format!("change {}", hit.change_seq)));
    view! {
        <li
            id=option_id(index)
            class="find-option"
            class:active=is_active
            role="option"
            aria-selected=move || if is_active() { "true" } else { "false" }
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| state.choose(index)
        >
            <span class="find-what">{t(hit.what.label())}</span>
            <strong>{hit.number.clone()}</strong>
            <span>{noun.map(t)} " " {change.map(|change| tm(&change))}</span>
            <span>{t(hit.status.label())}</span>
            <span>{beside}</span>
            <span class="find-operator">{format!("{} {}", hit.operator_code, hit.operator_name)}</span>
        </li>
    }
    .into_any()
}
