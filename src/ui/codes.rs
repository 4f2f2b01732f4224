//! The code tables in the browser: loaded once at start, read by combo boxes, grids and checks.
//! Loading itself (cache, versions) is `reference::client`.

use std::sync::LazyLock;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::lang::language;
use crate::error::ApiError;
use crate::form::Kind;
use crate::reference::{Codes, Entry, Table, client};
use crate::text::Language;

/// How far loading is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Load {
    #[default]
    Loading,
    Ready,
    Failed(ApiError),
}

static CODES: LazyLock<ArcRwSignal<Codes>> = LazyLock::new(ArcRwSignal::default);
static LOAD: LazyLock<ArcRwSignal<Load>> = LazyLock::new(ArcRwSignal::default);

/// The tables; tracked. Empty until loaded.
pub fn codes() -> Codes {
    CODES.get()
}

/// The tables, without tracking.
pub fn codes_now() -> Codes {
    CODES.get_untracked()
}

/// How far loading is; tracked.
pub fn load_state() -> Load {
    LOAD.get()
}

/// Waits until the tables are there, or could not be read.
pub async fn loaded() {
    while LOAD.with_untracked(|load| *load == Load::Loading) {
        gloo_timers::future::TimeoutFuture::new(20).await;
    }
}

/// Loads the tables; called after sign-in, and again by the user when it failed.
pub fn start() {
    LOAD.set(Load::Loading);
    spawn_local(async {
        match client::load().await {
            Ok(codes) => {
                CODES.set(codes);
                LOAD.set(Load::Ready);
            }
            Err(error) => LOAD.set(Load::Failed(error)),
        }
    });
}

/// The name of an entry in the given language; Chinese where there is no English one.
pub fn name_of<'a>(entry: &Entry<'a>, language: Language) -> &'a str {
    if language == Language::En && !entry.name_en.is_empty() { entry.name_en } else { entry.name }
}

/// A stored value as a person reads it: `code-name` for coded fields and choices; tracked.
pub fn show(kind: Kind, value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    let name = match kind {
        Kind::Coded(Table::Commodity) => None,
        Kind::Coded(table) => {
            CODES.with(|codes| codes.find(table, value).map(|entry| name_of(&entry, language()).to_owned()))
        }
        Kind::Choice(choices) => {
            choices.iter().find(|(code, _)| *code == value).map(|(_, text)| text.of(language()).to_owned())
        }
        _ => None,
    };
    match name {
        Some(name) => format!("{value}-{name}"),
        None => value.to_owned(),
    }
}
