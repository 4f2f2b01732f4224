//! The tabs inside a page (页签): one strip, one panel each. Panels stay mounted, so that what was
//! typed in one is still there after a look at another.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::focus;
use super::lang::{said, t};
use super::parts::action_name;
use crate::text::{Text, text};

/// One tab.
#[derive(Clone)]
pub struct SectionTab {
    pub key: &'static str,
    pub label: Text,
    /// How many rows it holds.
    pub count: Option<Signal<usize>>,
    /// Something in it needs mending.
    pub faulty: Option<Signal<bool>>,
}

fn tab_id(prefix: &str, key: &str) -> String {
    format!("{prefix}-tab-{key}")
}

/// Id of the content of a tab.
pub fn panel_id(prefix: &str, key: &str) -> String {
    format!("{prefix}-panel-{key}")
}

#[component]
pub fn SectionTabs(
    name: Text,
    #[prop(into)] id_prefix: String,
    tabs: Vec<SectionTab>,
    active: RwSignal<&'static str>,
) -> impl IntoView {
    let keys: Vec<&'static str> = tabs.iter().map(|tab| tab.key).collect();
    let prefix = id_prefix.clone();
    let on_key = move |event: KeyboardEvent| {
        let at = keys.iter().position(|key| *key == active.get_untracked()).unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowLeft" => at.checked_sub(1).unwrap_or(keys.len() - 1),
            "ArrowRight" => (at + 1) % keys.len(),
            "Home" => 0,
            "End" => keys.len() - 1,
            _ => return,
        };
        event.prevent_default();
        active.set(keys[next]);
        focus::focus_id(tab_id(&prefix, keys[next]));
    };
    let strip = tabs.into_iter().enumerate().map(|(at, tab)| one(&id_prefix, at + 1, tab, active)).collect_view();
    view! {
        <div class="section-tabs" role="tablist" aria-label=said(name) on:keydown=on_key>
            {strip}
        </div>
    }
    .into_any()
}

fn one(prefix: &str, number: usize, tab: SectionTab, active: RwSignal<&'static str>) -> AnyView {
    let key = tab.key;
    let is_active = move || active.get() == key;
    view! {
        <button
            type="button"
            id=tab_id(prefix, key)
            class="section-tab"
            role="tab"
            data-action=action_name(tab.label)
            aria-keyshortcuts=format!("Alt+{number}")
            aria-selected=move || if is_active() { "true" } else { "false" }
            aria-controls=panel_id(prefix, key)
            tabindex=move || if is_active() { "0" } else { "-1" }
            on:click=move |_| active.set(key)
        >
            {said(tab.label)}
            {tab.count.map(|count| view! { <span class="section-count">{move || count.get()}</span> })}
            {tab.faulty.map(|faulty| {
                move || faulty.get().then(|| view! {
                    <span class="section-fault" role="img" aria-label=t(text("有待修改", "needs mending"))></span>
                })
            })}
        </button>
    }
    .into_any()
}

/// The content of one tab.
#[component]
pub fn SectionPanel(
    #[prop(into)] id_prefix: String,
    key: &'static str,
    active: RwSignal<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <div
            id=panel_id(&id_prefix, key)
            class="section-panel"
            role="tabpanel"
            aria-labelledby=tab_id(&id_prefix, key)
            hidden=move || active.get() != key
        >
            {children()}
        </div>
    }
    .into_any()
}
