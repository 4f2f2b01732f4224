//! What pages and the frame around them both know: who is signed in, which documents are open, and
//! what was typed and not saved.
//! Pages of the business folders use it; `app` draws it. It knows neither of them.

pub mod alone;
pub mod content;
pub mod copies;
pub mod drafts;
pub mod held;
pub mod journal;
pub mod opening;
pub mod queue;
pub mod stored;
mod tab_key;
pub mod tabs;

use std::sync::LazyLock;

use leptos::prelude::*;

use crate::account::model::Me;
use crate::account::rights::Right;
use crate::error::client;

static ME: LazyLock<ArcRwSignal<Option<Me>>> = LazyLock::new(ArcRwSignal::default);

/// The signed-in user; tracked.
pub fn me() -> Option<Me> {
    ME.get()
}

/// The signed-in user, without tracking.
pub fn me_now() -> Option<Me> {
    ME.get_untracked()
}

/// True when the user may do this for an enterprise; for anybody at all, where none is named. Tracked. The server decides:
/// the screen only leaves out what it would refuse.
pub fn may(right: Right, operator_code: &str) -> bool {
    ME.with(|me| {
        me.as_ref().is_some_and(|me| match operator_code {
            "" => me.may_somewhere(right),
            code => me.may(right, code),
        })
    })
}

/// Set by `app` after a login.
pub fn set_me(me: Me) {
    // From now on the server refuses what this page sends while the browser is signed in as somebody else.
    client::page_is_of(&me.login);
    ME.set(Some(me));
}
