//! How the screen calls the server: [`call`] repeats a call once after the user signed in again,
//! so that a session that ends in the middle of work costs nothing but the password. [`store`] is the
//! same for what is kept; the top bar shows [`saving`] and [`online`].
//! `app` shows the login while [`signed_out`] is true and reports the renewed sign-in.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::sync::LazyLock;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::wait::{Giver, answer};
use crate::error::{ApiError, ErrorKind};

static SIGNED_OUT: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);
static OUTDATED: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);
static ONLINE: LazyLock<ArcRwSignal<bool>> = LazyLock::new(|| ArcRwSignal::new(true));
static SAVING: LazyLock<ArcRwSignal<u32>> = LazyLock::new(ArcRwSignal::default);

/// How often a lost server is looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(4);

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

/// Something else than a call found out that this page is older than the server.
pub fn set_outdated() {
    OUTDATED.set(true);
}

/// False while the server does not answer; tracked.
pub fn online() -> bool {
    ONLINE.get()
}

/// True while something typed is on its way to the server; tracked.
pub fn saving() -> bool {
    SAVING.get() > 0
}

/// Tells what a call, or the browser, found out about the connection.
pub fn set_online(online: bool) {
    if ONLINE.get_untracked() == online {
        return;
    }
    ONLINE.set(online);
    if !online {
        spawn_local(async {
            while !ONLINE.get_untracked() {
                gloo_timers::future::sleep(LOOK_AGAIN).await;
                if gloo_net::http::Request::get("/health/ready").send().await.is_ok_and(|answer| answer.ok()) {
                    set_online(true);
                }
            }
        });
    }
}

/// [`call`] for what stores: the screen says so meanwhile.
pub async fn store<T, F>(make: impl Fn() -> F) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    SAVING.update(|count| *count += 1);
    let _shown = Shown;
    call(make).await
}

/// Says that something is being stored as long as it lives: a call may also be given up.
struct Shown;

impl Drop for Shown {
    fn drop(&mut self) {
        SAVING.update(|count| *count = count.saturating_sub(1));
    }
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
    let failure = result.as_ref().err().map(|error| error.kind);
    if failure == Some(ErrorKind::ClientTooOld) {
        OUTDATED.set(true);
    }
    set_online(failure != Some(ErrorKind::Network));
    result
}
