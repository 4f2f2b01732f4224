//! The pages of the open tabs. All stay mounted, one is shown: what was typed in a tab is still there
//! after a look at another. The one place that says which page a tab is.

use leptos::prelude::*;

use super::parts::{self, part};
use crate::account::page::AccountPage;
use crate::document::page::{DocumentPage, QueryListPage};
use crate::ui::lang::tm;
use crate::workspace::tabs::{self, OpenTab, Tab};

/// Places the page of a tab. What is not in the frame's own part is fetched.
fn place(open: OpenTab) -> AnyView {
    match open.tab {
        Tab::Account => view! { <AccountPage/> }.into_any(),
        Tab::Document { .. } | Tab::QueryList { .. } => {
            let key = open.key;
            part(parts::WORK, open, Some(key))
        }
    }
}

/// The page of a tab, as the part `work` draws it.
pub(super) fn page(open: OpenTab) -> AnyView {
    let key = open.key;
    match open.tab {
        Tab::Document { kind, id, new, read_only } => {
            view! { <DocumentPage kind id new read_only tab_key=key/> }.into_any()
        }
        Tab::QueryList { kind } => view! { <QueryListPage kind/> }.into_any(),
        Tab::Account => ().into_any(),
    }
}

#[component]
pub fn Panels() -> impl IntoView {
    // In the order of opening, whatever the strip's is: moving a panel on the page would take the focus out of it.
    let by_age = || {
        let mut all = tabs::all();
        all.sort_by_key(|open| open.key);
        all
    };
    view! { <For each=by_age key=|open| open.key children=panel/> }
}

fn panel(open: OpenTab) -> AnyView {
    let key = open.key;
    view! {
        <div
            id=key.panel_id()
            class="tab-panel"
            role="tabpanel"
            aria-label=move || tabs::get(key).map(|open| tm(&open.title))
            tabindex="-1"
            hidden=move || !tabs::is_active(key)
        >
            // A document shows its name in its summary; who listens needs a heading to jump to.
            {matches!(open.tab, Tab::Document { .. }).then(|| view! {
                <h1 class="sr-only">{move || tabs::get(key).map(|open| tm(&open.title))}</h1>
            })}
            {place(open)}
        </div>
    }
    .into_any()
}
