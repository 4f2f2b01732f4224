//! What a user prefers: one JSON object of texts per user, kept by the server, changed from anywhere.
//! `app` loads it after sign-in and says how it is saved; changes are gathered and saved together.
//! `choices` lists what can be chosen on the account page. [`remember`] keeps the few things the login
//! page needs in the browser itself.

pub mod choices;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use leptos::prelude::*;

static VALUES: LazyLock<ArcRwSignal<HashMap<String, String>>> = LazyLock::new(ArcRwSignal::default);

/// Long enough to gather a few clicks in the column chooser, short enough to survive closing the tab.
const SAVE_AFTER: Duration = Duration::from_millis(700);

type Save = Box<dyn Fn(String, Sent)>;

thread_local! {
    static SAVE: RefCell<Option<Save>> = const { RefCell::new(None) };
    static CHANGES: Cell<u32> = const { Cell::new(0) };
    /// The change the server is known to have.
    static SAVED: Cell<u32> = const { Cell::new(0) };
}

/// A set of preferences on its way to the server.
pub struct Sent(u32);

/// Takes the preferences of the user who signed in, and how to save them from now on.
/// Text that is not a JSON object of texts counts as no preferences.
pub fn load(json: &str, save: impl Fn(String, Sent) + 'static) {
    VALUES.set(serde_json::from_str(json).unwrap_or_default());
    SAVED.set(CHANGES.get());
    SAVE.with_borrow_mut(|slot| *slot = Some(Box::new(save)));
}

/// The server has them.
pub fn saved(sent: Sent) {
    SAVED.set(sent.0);
}

/// What the server is not known to have yet: to be sent before the page goes.
pub fn unsaved() -> Option<String> {
    (SAVED.get() != CHANGES.get()).then(as_json)
}

fn as_json() -> String {
    serde_json::to_string(&*VALUES.read_untracked()).unwrap_or_default()
}

/// One preference; tracked.
pub fn get(key: &str) -> Option<String> {
    VALUES.read().get(key).cloned()
}

/// Changes one preference on the screen at once, on the server a moment later.
pub fn set(key: &str, value: impl Into<String>) {
    let value = value.into();
    if VALUES.read_untracked().get(key) == Some(&value) {
        return;
    }
    VALUES.update(|values| {
        values.insert(key.to_owned(), value);
    });
    let change = CHANGES.get().wrapping_add(1);
    CHANGES.set(change);
    set_timeout(
        move || {
            if CHANGES.get() == change {
                SAVE.with_borrow(|save| {
                    if let Some(save) = save {
                        save(as_json(), Sent(change));
                    }
                });
            }
        },
        SAVE_AFTER,
    );
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Keeps a value in this browser; silently not, where the browser forbids it.
pub fn remember(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(&format!("opbook.{key}"), value);
    }
}

/// Ends what [`remember`] kept.
pub fn forget(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&format!("opbook.{key}"));
    }
}

/// A value kept by [`remember`].
pub fn remembered(key: &str) -> Option<String> {
    storage()?.get_item(&format!("opbook.{key}")).ok().flatten()
}
