//! The two switches of the screen: language, and light or dark. On the login page and in the top bar. What they
//! switch is kept by `lang` and `theme`, and in the user's preferences.

use leptos::prelude::*;

use super::lang::{language, set_language, t};
use super::parts::{action_name, icon};
use super::preferences;
use super::theme::{Theme, set_theme, theme};
use crate::text::{Language, text};

/// 中文 / EN
#[component]
pub fn LanguageSwitch() -> impl IntoView {
    let other = || if language() == Language::Zh { Language::En } else { Language::Zh };
    let switch = move |_| {
        let next = untrack(other);
        set_language(next);
        preferences::set("language", if next == Language::En { "en" } else { "zh" });
    };
    view! {
        <button
            type="button"
            class="button quiet"
            data-action=action_name(text("切换语言", "Change the language"))
            lang=move || other().tag()
            on:click=switch
        >
            {move || if other() == Language::En { "English" } else { "中文" }}
        </button>
    }
}

/// Light or dark.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let other = || if theme() == Theme::Light { Theme::Dark } else { Theme::Light };
    let name = move || t(if other() == Theme::Dark { text("深色", "Dark") } else { text("浅色", "Light") });
    let switch = move |_| {
        let next = untrack(other);
        set_theme(next);
        preferences::set("theme", next.key());
    };
    view! {
        <button type="button" class="icon-button" data-action=action_name(text("切换深色或浅色", "Light or dark")) aria-label=name title=name on:click=switch>
            {move || icon(if other() == Theme::Dark { "moon" } else { "sun" })}
        </button>
    }
}
