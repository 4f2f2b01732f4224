//! The address of the page follows the tab in front, so that a reload or a link opens it again; the
//! other tabs are remembered by the window and come back with it.
//! There is one screen and no routes: the address names a tab, nothing is mounted by it.

use std::cell::Cell;

use leptos::ev;
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen::JsValue;

use crate::account::model::JOIN;
use crate::kinds;
use crate::ui::type_ahead;
use crate::workspace::tabs::{self, OpenTab, Tab};
use crate::workspace::{drafts, journal, me_now};

thread_local! {
    /// True when the page is left on purpose: then nobody asks about unsaved work again.
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

/// First part of the address of a ledger; no kind of document is called so.
const LEDGER: &str = "ledger";
const REGISTRATION: &str = "registration";
const TODO: &str = "todo";
const STATS: &str = "stats";
const UNSYNCED: &str = "unsynced";
const PEOPLE: &str = "people";

/// The address of a tab.
fn path_of(tab: Tab) -> String {
    match tab {
        Tab::Document { kind, id, new: true, .. } => format!("/{}/{id}/new", kind.key),
        Tab::Document { kind, id, read_only: true, .. } => format!("/{}/{id}/view", kind.key),
        Tab::Document { kind, id, .. } => format!("/{}/{id}", kind.key),
        Tab::QueryList { listing } => format!("/{}", listing.key),
        Tab::Todo => format!("/{TODO}"),
        Tab::Stats => format!("/{STATS}"),
        Tab::Registration => format!("/{REGISTRATION}"),
        Tab::Unsynced => format!("/{UNSYNCED}"),
        Tab::People => format!("/{PEOPLE}"),
        Tab::Ledger { id } => format!("/{LEDGER}/{id}"),
        Tab::Account => "/account".to_owned(),
    }
}

/// The tab of an address; `None` for `/` and for what nobody knows.
fn tab_of(path: &str) -> Option<Tab> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let first = parts.next()?;
    let (id, way, more) = (parts.next(), parts.next(), parts.next());
    if more.is_some() {
        return None;
    }
    if first == "account" {
        return id.is_none().then_some(Tab::Account);
    }
    if first == TODO {
        return id.is_none().then_some(Tab::Todo);
    }
    if first == STATS {
        return id.is_none().then_some(Tab::Stats);
    }
    if first == REGISTRATION {
        return id.is_none().then_some(Tab::Registration);
    }
    if first == UNSYNCED {
        return id.is_none().then_some(Tab::Unsynced);
    }
    if first == PEOPLE {
        return id.is_none().then_some(Tab::People);
    }
    if first == LEDGER {
        let id = Uuid::parse_str(id?).ok()?;
        return way.is_none().then_some(Tab::Ledger { id });
    }
    let Some(id) = id else {
        return kinds::listing(first).map(|listing| Tab::QueryList { listing });
    };
    let kind = kinds::naming(first)?;
    let id = Uuid::parse_str(id).ok()?;
    let (new, read_only) = match way {
        None => (false, false),
        Some("new") => (true, false),
        Some("view") => (false, true),
        Some(_) => return None,
    };
    Some(Tab::Document { kind, id, new, read_only })
}

/// The token of a link by which a user chooses a password. It stands behind `#`, which no browser sends anywhere.
pub(super) fn invitation() -> Option<String> {
    let location = window().location();
    let token = location.hash().ok()?.trim_start_matches('#').to_owned();
    (location.pathname().ok()? == JOIN && !token.is_empty()).then_some(token)
}

/// Takes the link out of the address and out of what 后退 leads to.
pub(super) fn forget_invitation() {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some("/"));
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
        journal::flush(true);
        let kept = journal::holds();
        let fragile = tabs::any_fragile() || type_ahead::holds_keys();
        if !LEAVING.get() && (fragile || (!kept && tabs::any_dirty())) {
            event.prevent_default();
        }
    });
    // Phones and closing windows say no more than this.
    let gone = window_event_listener(ev::pagehide, |_| {
        journal::flush(true);
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

/// 退出 was answered with yes: what the open documents hold unsaved is dropped. While signed in: the server may keep it.
pub(super) async fn drop_unsaved() {
    for open in untrack(tabs::all) {
        if let Tab::Document { kind, id, .. } = open.tab {
            drafts::forget(kind.key, id).await;
        }
    }
}

/// What is in the storage while a sign-out is owed to the server.
const OWED: &str = "opbook.sign-out";

/// Signed out without the server: it is told when the program opens next, before anything else is asked.
pub(super) fn owe_sign_out() {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(OWED, "yes");
    }
}

/// True while the server is to be told of a sign-out.
pub(super) fn owes_sign_out() -> bool {
    window()
        .local_storage()
        .ok()
        .flatten()
        .is_some_and(|storage| storage.get_item(OWED).is_ok_and(|owed| owed.is_some()))
}

/// The server was told.
pub(super) fn signed_out() {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.remove_item(OWED);
    }
}

/// Signed out: the tabs are forgotten, and nobody opens the rest of the journal without signing in.
pub(super) async fn forget_user() {
    if let Some(me) = me_now() {
        journal::forget_user(&me.login).await;
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
        let (id, kind) = (Uuid::from_u128(7), kinds::NAMINGS[0]);
        let tabs = [
            Tab::QueryList { listing: kinds::LISTINGS[1] },
            Tab::Todo,
            Tab::Stats,
            Tab::Registration,
            Tab::Unsynced,
            Tab::Account,
            Tab::Ledger { id },
            Tab::Document { kind, id, new: false, read_only: false },
            Tab::Document { kind, id, new: true, read_only: false },
            Tab::Document { kind, id, new: false, read_only: true },
        ];
        for tab in tabs {
            assert_eq!(tab_of(&path_of(tab)), Some(tab));
        }
        assert_eq!(tab_of("/"), None);
        assert_eq!(tab_of("/filing/not-an-id"), None);
    }
}
