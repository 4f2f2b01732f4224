//! F1: the keys that work here. Those of the page are read from its controls, the others from the tables
//! of `commands`.

use leptos::prelude::*;

use super::commands::{COMMANDS, FIXED_KEYS};
use super::page_actions::page_actions;
use crate::text::{Text, text};
use crate::ui::dialog::Dialog;
use crate::ui::grid::keymap::GRID_KEYS;
use crate::ui::lang::{language, t};

const LISTS: Text = text("可直接录入的列表", "Lists that can be typed into");

#[component]
pub fn HelpDialog(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title=Signal::derive(|| t(text("按键说明", "Keys that work here")).to_owned()) wide=true>
            {content}
        </Dialog>
    }
}

fn content() -> AnyView {
    let language = language();
    let mut page: Vec<(String, String)> = page_actions()
        .into_iter()
        .filter(|action| !action.keys.is_empty())
        .map(|action| (action.keys, action.label.of(language).to_owned()))
        .collect();
    page.dedup();
    let frame = COMMANDS.iter().filter(|command| !command.keys.is_empty());
    let frame = frame.map(|command| (command.keys.to_owned(), t(command.label).to_owned())).collect();
    let fixed = FIXED_KEYS.iter().map(|(title, keys)| {
        (*title, keys.iter().map(|(keys, does)| ((*keys).to_owned(), t(*does).to_owned())).collect())
    });
    let mut groups = vec![(text("本页", "This page"), page)];
    groups.extend(fixed);
    let grid = GRID_KEYS.iter().filter(|line| !line.keys.is_empty());
    groups.push((LISTS, grid.map(|line| (arrows(line.keys), t(line.label).to_owned())).collect()));
    groups.push((text("页签", "Tabs"), frame));
    let groups = groups.into_iter().map(|(title, keys)| group(title, keys)).collect_view();
    view! { <div class="keys">{groups}</div> }.into_any()
}

/// Arrow keys by their signs.
fn arrows(keys: &str) -> String {
    keys.replace("ArrowLeft", "←").replace("ArrowRight", "→")
}

fn group(title: Text, keys: Vec<(String, String)>) -> AnyView {
    let keys = keys
        .into_iter()
        .map(|(keys, does)| {
            let keys = keys.split("  ").map(|keys| view! { <kbd>{keys.to_owned()}</kbd> }).collect_view();
            view! { <div><dt>{keys}</dt><dd>{does}</dd></div> }
        })
        .collect_view();
    view! {
        <section class="keys-group">
            <h3>{t(title)}</h3>
            <dl>{keys}</dl>
        </section>
    }
    .into_any()
}
