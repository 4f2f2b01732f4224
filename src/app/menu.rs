//! The left menu, with the entries of the manual that work; placed by `workspace`. Folds to icons, and remembers
//! that per user. Opens tabs, and knows nothing of what is in them.

use leptos::prelude::*;
use uuid::Uuid;

use crate::text::{Text, text};
use crate::ui::lang::{said, t};
use crate::ui::parts::{action_name, icon};
use crate::ui::preferences;
use crate::workspace::tabs::{self, Tab};

/// Also told by its entry in the command palette.
const FOLD: Text = text("折叠或展开菜单", "Fold or unfold the menu");
const FOLDED: &str = "menu.folded";

/// An entry: name, icon, and the tab it opens.
struct Entry {
    label: Text,
    icon: &'static str,
    tab: fn() -> Tab,
    /// True when the entry's tab is in front.
    is_here: fn(Tab) -> bool,
}

/// Groups of entries, as the manual has them.
const MENU: &[(Text, &[Entry])] = &[
    (
        text("数据录入", "Data entry"),
        &[Entry {
            label: text("出境加工账册(备案/变更)", "Account book (filing/change)"),
            icon: "book",
            tab: || Tab::Book { id: Uuid::now_v7(), new: true, read_only: false },
            is_here: |tab| matches!(tab, Tab::Book { .. }),
        }],
    ),
    (
        text("数据查询", "Query"),
        &[Entry {
            label: text("出境加工账册查询", "Account book query"),
            icon: "search",
            tab: || Tab::BookList,
            is_here: |tab| tab == Tab::BookList,
        }],
    ),
];

#[component]
pub fn SideMenu() -> impl IntoView {
    let folded = Memo::new(|_| preferences::get(FOLDED).is_some_and(|value| value == "yes"));
    let fold_name = move || {
        t(if folded.get() { text("展开菜单", "Unfold the menu") } else { text("折叠菜单", "Fold the menu") })
    };
    let groups = MENU.iter().map(|(title, entries)| group(*title, entries)).collect_view();
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

fn group(title: Text, entries: &'static [Entry]) -> AnyView {
    let entries = entries
        .iter()
        .map(|entry| {
            let here = move || {
                tabs::active().and_then(tabs::get).is_some_and(|open| (entry.is_here)(open.tab)).then_some("page")
            };
            view! {
                <li>
                    <button
                        type="button"
                        class="menu-entry"
                        data-action=action_name(entry.label)
                        aria-current=here
                        // Always: a narrow or magnified window folds the menu too, and only the style sheet knows.
                        title=said(entry.label)
                        on:click=move |_| {
                            tabs::open((entry.tab)());
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
