//! The left menu, with the entries of the manual that work; placed by `workspace`. Folds to icons, and remembers
//! that per user. Opens tabs, and knows nothing of what is in them.

use leptos::prelude::*;
use uuid::Uuid;

use crate::account::rights::Right;
use crate::document::kind::{Listing, Naming};
use crate::kinds;
use crate::text::{Text, text};
use crate::ui::lang::{said, t};
use crate::ui::parts::{action_name, icon};
use crate::ui::preferences;
use crate::workspace::tabs::{self, PEOPLE, REGISTRATION, STATS, TODO, Tab, UNSYNCED};
use crate::workspace::{may, me};

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

/// Groups of entries, as the manual has them: each kind of document is entered and queried. What the user's roles do not allow
/// is not there.
fn groups() -> Vec<(Text, Vec<Entry>)> {
    let enter = |kind: &&'static Naming| Entry { label: kind.label, icon: "book", tab: Opens::New(kind) };
    let query = |listing: &&'static Listing| {
        let tab = Opens::Same(Tab::QueryList { listing });
        Entry { label: listing.label, icon: "search", tab }
    };
    let register = Entry { label: REGISTRATION, icon: "upload", tab: Opens::Same(Tab::Registration) };
    let todo = Entry { label: TODO, icon: "list", tab: Opens::Same(Tab::Todo) };
    let unsynced = Entry { label: UNSYNCED, icon: "inbox", tab: Opens::Same(Tab::Unsynced) };
    let stats = Entry { label: STATS, icon: "columns", tab: Opens::Same(Tab::Stats) };
    let people = Entry { label: PEOPLE, icon: "user", tab: Opens::Same(Tab::People) };
    let entered = || kinds::NAMINGS.iter().filter(|kind| !kind.is_notice).map(enter).collect();
    let for_right = |right, entries| if may(right, "") { entries } else { Vec::new() };
    let mut groups = vec![
        (text("工作台", "Desk"), for_right(Right::Query, vec![todo, unsynced])),
        (
            text("数据录入", "Data entry"),
            for_right(Right::Enter, entered()).into_iter().chain(for_right(Right::Declare, vec![register])).collect(),
        ),
        (
            text("数据查询", "Query"),
            for_right(Right::Query, kinds::LISTINGS.iter().map(query).chain([stats]).collect()),
        ),
        (text("管理", "Administration"), if keeps_people() { vec![people] } else { Vec::new() }),
    ];
    groups.retain(|(_, entries)| !entries.is_empty());
    groups
}

/// True for whoever has something to do in 系统管理; tracked.
pub(super) fn keeps_people() -> bool {
    may(Right::Manage, "") || may(Right::Operate, "")
}

#[component]
pub fn SideMenu() -> impl IntoView {
    let folded = Memo::new(|_| preferences::get(FOLDED).is_some_and(|value| value == "yes"));
    let fold_name = move || {
        t(if folded.get() { text("展开菜单", "Unfold the menu") } else { text("折叠菜单", "Fold the menu") })
    };
    // A memo: only other rights are another menu.
    let rights = Memo::new(|_| me().map(|me| me.acts_for.iter().map(|one| one.rights).collect::<Vec<_>>()));
    let groups = move || {
        rights.track();
        untrack(groups).into_iter().map(|(title, entries)| group(title, entries)).collect_view()
    };
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
