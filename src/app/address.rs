//! The address of the page follows the tab in front, so that a reload or a link opens it again; the
//! other tabs are remembered by the window and come back with it.
//! There is one screen and no routes: the address names a tab, nothing is mounted by it.

use std::cell::Cell;

use leptos::ev;
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen::JsValue;

use crate::ui::type_ahead;
use crate::workspace::tabs::{self, OpenTab, Tab};
use crate::workspace::{drafts, me_now};

thread_local! {
    /// True when the page is left on purpose: then nobody asks about unsaved work again.
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

/// The address of a tab.
fn path_of(tab: Tab) -> String {
    match tab {
        Tab::Book { id, new: true, .. } => format!("/book/{id}/new"),
        Tab::Book { id, read_only: true, .. } => format!("/book/{id}/view"),
        Tab::Book { id, .. } => format!("/book/{id}"),
        Tab::BookList => "/books".to_owned(),
        Tab::Account => "/account".to_owned(),
    }
}

/// The tab of an address; `None` for `/` and for what nobody knows.
fn tab_of(path: &str) -> Option<Tab> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["books"] => Some(Tab::BookList),
        ["account"] => Some(Tab::Account),
        ["book", id] => Some(Tab::Book { id: Uuid::parse_str(id).ok()?, new: false, read_only: false }),
        ["book", id, "new"] => Some(Tab::Book { id: Uuid::parse_str(id).ok()?, new: true, read_only: false }),
        ["book", id, "view"] => Some(Tab::Book { id: Uuid::parse_str(id).ok()?, new: false, read_only: true }),
        _ => None,
    }
}

fn current_path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// Where this window remembers its tabs. Two windows of one user do not get into each other's strips.
fn window_entry() -> Option<(web_sys::Storage, String)> {
    let me = me_now()?;
    let storage = window().session_storage().ok().flatten()?;
    Some((storage, format!("opbook.tabs.{}.{}", me.login, me.enterprise.code)))
}

/// The tabs this window had before it was loaded anew.
fn remembered() -> Vec<Tab> {
    let text = window_entry().and_then(|(storage, entry)| storage.get_item(&entry).ok().flatten());
    text.unwrap_or_default().lines().filter_map(tab_of).collect()
}

fn remember(tabs: &[OpenTab]) {
    if let Some((storage, entry)) = window_entry() {
        let paths: Vec<String> = tabs.iter().map(|open| path_of(open.tab)).collect();
        let _ = storage.set_item(&entry, &paths.join("\n"));
    }
}

/// Opens what the window remembers and what the address names, then keeps them together.
pub(super) fn follow() {
    tabs::restore(remembered());
    open_current();
    Effect::new(|_| remember(&tabs::all()));
    Effect::new(move |first: Option<()>| {
        let tab = tabs::active().and_then(tabs::get).map(|open| open.tab);
        let path = tab.map_or_else(|| "/".to_owned(), path_of);
        if path != current_path()
            && let Ok(history) = window().history()
        {
            // Opening the page is no step to go back to.
            let _ = if first.is_none() {
                history.replace_state_with_url(&JsValue::NULL, "", Some(&path))
            } else {
                history.push_state_with_url(&JsValue::NULL, "", Some(&path))
            };
        }
    });
    let back = window_event_listener(ev::popstate, |_| open_current());
    let leave = window_event_listener(ev::beforeunload, |event| {
        let kept = drafts::flush();
        let fragile = tabs::any_fragile() || type_ahead::holds_keys();
        if !LEAVING.get() && (fragile || (!kept && tabs::any_dirty())) {
            event.prevent_default();
        }
    });
    // Phones and closing windows say no more than this.
    let gone = window_event_listener(ev::pagehide, |_| {
        drafts::flush();
    });
    on_cleanup(move || {
        back.remove();
        leave.remove();
        gone.remove();
    });
}

fn open_current() {
    let Some(tab) = tab_of(&current_path()) else {
        // An address that names nothing shows what was open last.
        if untrack(tabs::active).is_none()
            && let Some(last) = untrack(tabs::all).last()
        {
            tabs::show(last.key);
        }
        return;
    };
    let here = untrack(|| tabs::active().and_then(tabs::get)).map(|open| path_of(open.tab));
    if here.as_deref() != Some(&path_of(tab)) {
        tabs::open(tab);
    }
}

/// Starts the page anew where it is.
pub(super) fn reload() {
    let _ = window().location().reload();
}

/// 退出 was answered with yes: what the open documents hold unsaved is dropped, and their tabs.
pub(super) fn drop_everything() {
    for open in untrack(tabs::all) {
        if let Tab::Book { id, .. } = open.tab {
            drafts::forget(id);
        }
    }
    remember(&[]);
}

/// Leaves everything: nothing of this user stays in memory.
pub(super) fn leave() {
    LEAVING.set(true);
    let _ = window().location().assign("/");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reload_opens_the_same_tab() {
        let id = Uuid::from_u128(7);
        let tabs = [
            Tab::BookList,
            Tab::Account,
            Tab::Book { id, new: false, read_only: false },
            Tab::Book { id, new: true, read_only: false },
            Tab::Book { id, new: false, read_only: true },
        ];
        for tab in tabs {
            assert_eq!(tab_of(&path_of(tab)), Some(tab));
        }
        assert_eq!(tab_of("/"), None);
        assert_eq!(tab_of("/book/not-an-id"), None);
    }
}
