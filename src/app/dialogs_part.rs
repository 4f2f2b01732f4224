//! The part `dialogs`: the large dialogs of an open document, the registering of many entries, 未同步 and 系统管理, which many a
//! day passes without. `pages` places it where the first dialog is asked for, `panels` where the tab is open; fetched after `work` when
//! the page is idle. Draws nothing itself.

use leptos::prelude::*;
use leptos::wasm_split::wasm_split;

use super::parts::{Draw, NotLoaded, Part, part, part_when_wanted};
use crate::document::page::{self, DocumentState};
use crate::entry::register::page::registration_page;
use crate::people::page::people_page;
use crate::unsaved::page::unsynced_page;
use crate::workspace::tabs::TabKey;

const DIALOGS: Part<DocumentState> = Part { name: "dialogs", fetch: || Box::pin(in_dialogs()) };

// As in `frame_part`.
#[wasm_split(dialogs, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_dialogs))]
fn in_dialogs() -> Result<Draw<DocumentState>, NotLoaded> {
    Ok(page::dialogs)
}

/// The same file with another page in it.
const REGISTRATION: Part<()> = Part { name: "dialogs", fetch: || Box::pin(in_registration()) };

#[wasm_split(dialogs, wasm_split_path = leptos::wasm_split, fallible)]
fn in_registration() -> Result<Draw<()>, NotLoaded> {
    Ok(registration_page)
}

/// Places the page of 报关单批量登记.
pub fn registration(tab: TabKey) -> AnyView {
    part(REGISTRATION, (), Some(tab))
}

/// The same file with what this browser has.
const UNSYNCED: Part<TabKey> = Part { name: "dialogs", fetch: || Box::pin(in_unsynced()) };

#[wasm_split(dialogs, wasm_split_path = leptos::wasm_split, fallible)]
fn in_unsynced() -> Result<Draw<TabKey>, NotLoaded> {
    Ok(unsynced_page)
}

/// Places the page of 未同步.
pub fn unsynced(tab: TabKey) -> AnyView {
    part(UNSYNCED, tab, Some(tab))
}

/// The same file with users and delegations.
const PEOPLE: Part<TabKey> = Part { name: "dialogs", fetch: || Box::pin(in_people()) };

#[wasm_split(dialogs, wasm_split_path = leptos::wasm_split, fallible)]
fn in_people() -> Result<Draw<TabKey>, NotLoaded> {
    Ok(people_page)
}

/// Places the page of 系统管理.
pub fn people(tab: TabKey) -> AnyView {
    part(PEOPLE, tab, Some(tab))
}

/// Draws the dialogs of a document from the moment in which one of them is asked for.
pub fn place(document: DocumentState) -> AnyView {
    let wanted = Signal::derive(move || page::wants_dialog(document));
    part_when_wanted(DIALOGS, document, wanted, page::close_dialogs)
}

/// Fetches the part, so that nothing is missing when the line goes.
pub async fn complete() {
    let _ = fetch_dialogs().await;
}
