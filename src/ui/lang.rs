//! The language of the screen. Switching it needs no reload: every text is read through [`t`] or
//! [`tm`] inside a reactive closure. Keeps the choice in the browser for the login page.

use std::sync::LazyLock;

use leptos::prelude::*;

use super::preferences::{remember, remembered};
use crate::text::{Language, Message, Text};

static LANGUAGE: LazyLock<ArcRwSignal<Language>> = LazyLock::new(|| {
    let language = if remembered("language").as_deref() == Some("en") { Language::En } else { Language::Zh };
    mark_page(language);
    ArcRwSignal::new(language)
});

/// The current language; tracked.
pub fn language() -> Language {
    LANGUAGE.get()
}

/// Switches the language of everything on the screen.
pub fn set_language(language: Language) {
    if LANGUAGE.get_untracked() != language {
        LANGUAGE.set(language);
    }
    mark_page(language);
    remember("language", if language == Language::En { "en" } else { "zh" });
}

/// A fixed text in the current language; tracked.
pub fn t(text: Text) -> &'static str {
    text.of(language())
}

/// A fixed text as views take it. One closure type for all texts of the program: a closure written at
/// each place would be compiled, and downloaded, as often.
pub fn said(text: Text) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    move || t(text)
}

/// A message in the current language; tracked.
pub fn tm(message: &Message) -> String {
    message.of(language()).to_owned()
}

/// Screen readers choose their voice by this attribute.
fn mark_page(language: Language) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", language.tag());
    }
}
