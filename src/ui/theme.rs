//! Light or dark. Without a choice the page follows the system; a choice is kept in this browser
//! (for the login page) and in the user's preferences.

use std::sync::LazyLock;

use leptos::prelude::*;

use super::preferences::{forget, remember, remembered};

/// How the page looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    pub const fn key(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.key() == key)
    }
}

static THEME: LazyLock<ArcRwSignal<Theme>> = LazyLock::new(|| {
    let chosen = remembered("theme").and_then(|key| Theme::from_key(&key));
    if let Some(theme) = chosen {
        mark_page(theme);
    }
    ArcRwSignal::new(chosen.unwrap_or_else(of_system))
});

/// The current theme; tracked. The first call also puts a remembered choice on the page.
pub fn theme() -> Theme {
    THEME.get()
}

pub fn set_theme(theme: Theme) {
    if THEME.get_untracked() != theme {
        THEME.set(theme);
    }
    mark_page(theme);
    remember("theme", theme.key());
}

/// Ends a choice: the page looks as the system does.
pub fn follow_system() {
    if let Some(root) = document().document_element() {
        let _ = root.remove_attribute("data-theme");
    }
    forget("theme");
    let theme = of_system();
    if THEME.get_untracked() != theme {
        THEME.set(theme);
    }
}

fn of_system() -> Theme {
    let dark = window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches());
    if dark { Theme::Dark } else { Theme::Light }
}

fn mark_page(theme: Theme) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-theme", theme.key());
    }
}
