//! Which page a tab holds. The one place that knows. It is drawn by `work_part`, so that the frame does not carry the
//! pages.

use leptos::prelude::*;

use super::dialogs_part;
use super::kept_lists::kept_lists;
use crate::document::page::{DocumentPage, QueryListPage};
use crate::kinds;
use crate::ledger::page::LedgerPage;
use crate::stats::page::StatsPage;
use crate::todo::page::TodoPage;
use crate::workspace::tabs::{OpenTab, Tab, TabKey};

/// The page of a tab, as the part `work` draws it.
pub fn page(open: OpenTab) -> AnyView {
    let key = open.key;
    match open.tab {
        Tab::Todo => todo(Some(key)),
        Tab::Stats => view! { <StatsPage/> }.into_any(),
        Tab::Document { kind, id, new, read_only } => {
            let Some(kind) = kinds::find(kind.key) else { return ().into_any() };
            view! { <DocumentPage kind id new read_only tab_key=key place_dialogs=dialogs_part::place/> }.into_any()
        }
        Tab::QueryList { listing } => kinds::listed(listing).map(|listed| view! { <QueryListPage listed/> }).into_any(),
        Tab::Ledger { id } => view! { <LedgerPage id tab_key=key/> }.into_any(),
        // Of other parts: `panels` places them.
        Tab::Registration | Tab::Unsynced | Tab::People | Tab::Account => ().into_any(),
    }
}

fn todo(tab: Option<TabKey>) -> AnyView {
    view! { <TodoPage tab/> }.into_any()
}

/// What is there when no tab is open: what this browser has, and 待办.
pub fn start() -> AnyView {
    view! { {kept_lists()} {todo(None)} }.into_any()
}
