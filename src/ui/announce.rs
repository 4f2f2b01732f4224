//! Tells screen readers what changed without moving the focus (how many matches a list has, why an Enter
//! was refused). Polite live regions for the whole page, placed by `app`.

use std::sync::LazyLock;

use leptos::prelude::*;

/// What was said last, and in which of the two regions.
static SAID: LazyLock<ArcRwSignal<(String, bool)>> = LazyLock::new(ArcRwSignal::default);

/// Says a text politely, also when it is the same as before: a second step undone is news.
pub fn announce(text: String) {
    SAID.update(|(said, second)| {
        *said = text;
        *second = !*second;
    });
}

/// The live regions. Two that take turns: a text that does not change would not be heard again.
#[component]
pub fn Announcer() -> impl IntoView {
    let region = |is_second: bool| {
        let said = move || SAID.with(|(said, second)| if *second == is_second { said.clone() } else { String::new() });
        view! { <div class="sr-only" role="status" aria-live="polite">{said}</div> }
    };
    view! {
        {region(false)}
        {region(true)}
    }
}
