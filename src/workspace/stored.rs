//! Counts what this page stored, so that lists drawn before read anew when they come to the front. Pages of documents
//! count, query lists look; says nothing of what others stored.

use std::sync::LazyLock;

use leptos::prelude::*;

static COUNT: LazyLock<ArcRwSignal<u32>> = LazyLock::new(ArcRwSignal::default);

/// Something was stored, moved on or deleted.
pub fn note() {
    COUNT.update(|count| *count = count.wrapping_add(1));
}

/// How often so far; tracked.
pub fn count() -> u32 {
    COUNT.get()
}
