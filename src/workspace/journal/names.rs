//! The names under which something is kept, in this browser or at the server, so that the page can say at any time whether there
//! is anything. Nothing is opened for that. Filled by `journal`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use leptos::prelude::*;

type Names = BTreeSet<String>;

static NAMES: LazyLock<ArcRwSignal<Names>> = LazyLock::new(ArcRwSignal::default);

/// Looks at the names; tracked.
pub fn with<R>(look: impl FnOnce(&Names) -> R) -> R {
    NAMES.with(look)
}

/// What was written, or removed, just now.
pub(super) fn changed(written: &BTreeMap<String, Option<String>>) {
    // A text that goes on being typed is written under the name it has: nothing moves.
    let is_known = |names: &Names| written.iter().all(|(name, text)| names.contains(name) == text.is_some());
    if NAMES.with_untracked(is_known) {
        return;
    }
    NAMES.update(|names| {
        for (name, text) in written {
            match text {
                Some(_) => names.insert(name.clone()),
                None => names.remove(name),
            };
        }
    });
}

/// All names there are.
pub(super) fn set(names: Names) {
    if NAMES.with_untracked(|known| *known != names) {
        NAMES.set(names);
    }
}
