//! Tells screen readers what changed without moving the focus (how many matches a list has).
//! One polite live region for the whole page, placed by `app`.

use std::sync::LazyLock;

use leptos::prelude::*;

static SAID: LazyLock<ArcRwSignal<String>> = LazyLock::new(ArcRwSignal::default);

/// Says a text politely. The same text twice in a row is said once.
pub fn announce(text: String) {
    if SAID.with_untracked(|said| *said != text) {
        SAID.set(text);
    }
}

/// The live region.
#[component]
pub fn Announcer() -> impl IntoView {
    view! { <div class="sr-only" role="status" aria-live="polite">{move || SAID.get()}</div> }
}
