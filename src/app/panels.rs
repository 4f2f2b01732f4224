//! The pages of the open tabs. All stay mounted, one is shown: what was typed in a tab is still there
//! after a look at another. Which page a tab is, is said by `pages`.

use leptos::prelude::*;

use super::dialogs_part;
use super::parts::part;
use super::work_part::WORK;
use crate::account::model::Me;
use crate::account::page::AccountPage;
use crate::ui::lang::tm;
use crate::workspace::tabs::{self, OpenTab, Tab};
use crate::workspace::{me, me_now, set_me};

/// Places the page of a tab. What is not in the frame's own part is fetched.
fn place(open: OpenTab) -> AnyView {
    match open.tab {
        Tab::Account => account(),
        Tab::Registration => dialogs_part::registration(open.key),
        Tab::Unsynced => dialogs_part::unsynced(open.key),
        Tab::People => dialogs_part::people(open.key),
        Tab::Todo | Tab::Stats | Tab::Document { .. } | Tab::QueryList { .. } | Tab::Ledger { .. } => {
            let key = open.key;
            part(WORK, open, Some(key))
        }
    }
}

fn account() -> AnyView {
    let on_email = Callback::new(|email: String| {
        if let Some(me) = me_now() {
            set_me(Me { email, ..me });
        }
    });
    view! { <AccountPage me=Signal::derive(me) on_email/> }.into_any()
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
