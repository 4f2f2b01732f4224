//! The left menu, with the entries of the manual that work; placed by `workspace`. Folds to icons, and remembers
//! that per user. Opens tabs, and knows nothing of what is in them.

use leptos::prelude::*;
use uuid::Uuid;

use crate::document::kind::{Listing, Naming};
use crate::kinds;
use crate::text::{Text, text};
use crate::ui::lang::{said, t};
use crate::ui::parts::{action_name, icon};
use crate::ui::preferences;
use crate::workspace::tabs::{self, REGISTRATION, STATS, TODO, Tab, UNSYNCED};

/// Also told by its entry in the command palette.
const FOLD: Text = text("折叠或展开菜单", "Fold or unfold the menu");
const FOLDED: &str = "menu.folded";

/// An entry: name, icon, and the tab it opens.
#[derive(Clone, Copy)]
struct Entry {
    label: Text,
    icon: &'static str,
    tab: Opens,
}

/// What an entry opens.
#[derive(Clone, Copy)]
enum Opens {
    /// A new document.
    New(&'static Naming),
    /// The same tab each time.
    Same(Tab),
}

impl Opens {
    fn tab(self) -> Tab {
        match self {
            Self::New(kind) => Tab::Document { kind, id: Uuid::now_v7(), new: true, read_only: false },
            Self::Same(tab) => tab,
        }
    }

    /// True when the tab in front is the entry's.
    fn is(self, front: Tab) -> bool {
        match (self, front) {
            (Self::New(own), Tab::Document { kind, .. }) => kind == own,
            (Self::New(_), _) => false,
            (Self::Same(tab), front) => tab == front,
        }
    }
}

/// Groups of entries, as the manual has them: each kind of document is entered and queried.
fn groups() -> [(Text, Vec<Entry>); 3] {
    let enter = |kind: &&'static Naming| Entry { label: kind.label, icon: "book", tab: Opens::New(kind) };
    let query = |listing: &&'static Listing| {
        let tab = Opens::Same(Tab::QueryList { listing });
        Entry { label: listing.label, icon: "search", tab }
    };
    let register = Entry { label: REGISTRATION, icon: "upload", tab: Opens::Same(Tab::Registration) };
    let todo = Entry { label: TODO, icon: "list", tab: Opens::Same(Tab::Todo) };
    let unsynced = Entry { label: UNSYNCED, icon: "inbox", tab: Opens::Same(Tab::Unsynced) };
    let stats = Entry { label: STATS, icon: "columns", tab: Opens::Same(Tab::Stats) };
    [
        (text("工作台", "Desk"), vec![todo, unsynced]),
        (
            text("数据录入", "Data entry"),
            kinds::NAMINGS.iter().filter(|kind| !kind.is_notice).map(enter).chain([register]).collect(),
        ),
        (text("数据查询", "Query"), kinds::LISTINGS.iter().map(query).chain([stats]).collect()),
    ]
}

#[component]
pub fn SideMenu() -> impl IntoView {
    let folded = Memo::new(|_| preferences::get(FOLDED).is_some_and(|value| value == "yes"));
    let fold_name = move || {
        t(if folded.get() { text("展开菜单", "Unfold the menu") } else { text("折叠菜单", "Fold the menu") })
    };
    let groups = groups().into_iter().map(|(title, entries)| group(title, entries)).collect_view();
    view! {
        <nav class="side-menu" class:folded=folded aria-label=said(text("功能菜单", "Menu"))>
            <button
                type="button"
                class="menu-fold"
                data-action=action_name(FOLD)
                aria-expanded=move || if folded.get() { "false" } else { "true" }
                aria-label=fold_name
                title=fold_name
                on:click=move |_| preferences::set(FOLDED, if folded.get_untracked() { "no" } else { "yes" })
            >
                {icon("fold")}
            </button>
            {groups}
        </nav>
    }
    .into_any()
}

fn group(title: Text, entries: Vec<Entry>) -> AnyView {
    let entries = entries
        .into_iter()
        .map(|entry| {
            let here =
                move || tabs::active().and_then(tabs::get).is_some_and(|open| entry.tab.is(open.tab)).then_some("page");
            view! {
                <li>
                    <button
                        type="button"
                        class="menu-entry"
                        data-action=action_name(entry.label)
                        aria-current=here
                        // Always: a narrow or magnified window folds the menu too, and only the style sheet knows.
                        title=said(entry.label)
                        on:click=move |event| {
                            // Who clicks twice, as on the desktop, wants one.
                            if event.detail() < 2 {
                                tabs::open(entry.tab.tab());
                            }
                        }
                    >
                        {icon(entry.icon)}
                        {said(entry.label)}
                    </button>
                </li>
            }
        })
        .collect_view();
    view! {
        <h2 class="menu-group">{said(title)}</h2>
        <ul>{entries}</ul>
    }
    .into_any()
}
