//! How the screen calls the server: [`call`] repeats a call once after the user signed in again,
//! so that a session that ends in the middle of work costs nothing but the password.
//! `app` shows the login while [`signed_out`] is true and reports the renewed sign-in.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::sync::LazyLock;

use leptos::prelude::*;

use super::wait::{Giver, answer};
use crate::error::{ApiError, ErrorKind};

static SIGNED_OUT: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);
static OUTDATED: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);

thread_local! {
    static WAITING: RefCell<Vec<Giver<()>>> = const { RefCell::new(Vec::new()) };
    /// Counts sign-ins: a refusal of a call begun before the latest one needs no new login.
    static SIGN_INS: Cell<u32> = const { Cell::new(0) };
}

/// True while calls wait for a renewed sign-in; tracked.
pub fn signed_out() -> bool {
    SIGNED_OUT.get()
}

/// True once the server said that this page is older than it; tracked.
pub fn outdated() -> bool {
    OUTDATED.get()
}

/// The same user is signed in again: the waiting calls go on.
pub fn signed_in() {
    SIGN_INS.set(SIGN_INS.get().wrapping_add(1));
    SIGNED_OUT.set(false);
    for waiting in WAITING.take() {
        waiting.give(());
    }
}

/// Runs a server function. `make` builds the call anew for the repetition.
pub async fn call<T, F>(make: impl Fn() -> F) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    let begun = SIGN_INS.get();
    let result = match make().await {
        Err(error) if error.kind == ErrorKind::SignedOut => {
            if SIGN_INS.get() == begun {
                let (giver, waiter) = answer();
                WAITING.with_borrow_mut(|waiting| waiting.push(giver));
                SIGNED_OUT.set(true);
                waiter.await;
            }
            make().await
        }
        other => other,
    };
    if result.as_ref().is_err_and(|error| error.kind == ErrorKind::ClientTooOld) {
        OUTDATED.set(true);
    }
    result
}
