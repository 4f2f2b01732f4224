//! How the screen calls the server: [`call`] repeats a call after the user signed in again, so that a session that ends in
//! the middle of work costs nothing but the password, and while the server restarts. [`store`] is the same for what is
//! kept, [`act`] for steps on a whole; the top bar shows [`saving`] and [`online`]. `app` shows the login while
//! [`signed_out`] says so and reports the renewed sign-in. What must not be sent twice goes through [`once`].

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::sync::LazyLock;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::wait::{Giver, answer};
use crate::error::{ApiError, ErrorKind};

static SIGNED_OUT: LazyLock<ArcRwSignal<Option<ApiError>>> = LazyLock::new(ArcRwSignal::default);
static OUTDATED: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);
static ONLINE: LazyLock<ArcRwSignal<bool>> = LazyLock::new(|| ArcRwSignal::new(true));
static SAVING: LazyLock<ArcRwSignal<u32>> = LazyLock::new(ArcRwSignal::default);

/// How often a lost server is looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(4);
/// Pauses before a call is repeated whose answer got lost: a connection that broke is there again at once, or not soon.
const LOST: &[Duration] = &[Duration::from_millis(200), Duration::from_millis(800)];
/// Pauses while a proxy says that the server does not answer: a restart takes seconds.
const RESTARTING: &[Duration] = &[Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

thread_local! {
    static WAITING: RefCell<Vec<Giver<()>>> = const { RefCell::new(Vec::new()) };
    /// Counts sign-ins: a refusal of a call begun before the latest one needs no new login.
    static SIGN_INS: Cell<u32> = const { Cell::new(0) };
}

/// Why calls wait for a renewed sign-in, while they do; tracked.
pub fn signed_out() -> Option<ApiError> {
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
    let _shown = Shown::new();
    call(make).await
}

/// [`store`] for a step on a whole (申报, 复制, 删除 …), which nobody can tell from the screen whether it was done: repeated
/// by itself when its answer got lost. The server recognises the repetition.
pub async fn act<T, F>(make: impl Fn() -> F) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    let _shown = Shown::new();
    once(|| persistently(&make, LOST)).await
}

/// Says that something is being stored as long as it lives: a call may also be given up.
struct Shown;

impl Shown {
    fn new() -> Self {
        SAVING.update(|count| *count += 1);
        Self
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        SAVING.update(|count| *count = count.saturating_sub(1));
    }
}

/// The same user is signed in again: the waiting calls go on.
pub fn signed_in() {
    SIGN_INS.set(SIGN_INS.get().wrapping_add(1));
    SIGNED_OUT.set(None);
    for waiting in WAITING.take() {
        waiting.give(());
    }
}

/// Runs a server function that reads, or recognises its repetition: repeated while a proxy says that the server does not
/// answer. `make` builds the call anew for each.
pub async fn call<T, F>(make: impl Fn() -> F) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    once(|| persistently(&make, &[])).await
}

/// Runs a server function, again only after a renewed sign-in: then the server did nothing.
pub async fn once<T, F>(make: impl Fn() -> F) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    let begun = SIGN_INS.get();
    let result = match make().await {
        Err(error) if matches!(error.kind, ErrorKind::SignedOut | ErrorKind::OtherUser) => {
            if SIGN_INS.get() == begun {
                let (giver, waiter) = answer();
                WAITING.with_borrow_mut(|waiting| waiting.push(giver));
                SIGNED_OUT.set(Some(error));
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
    set_online(!matches!(failure, Some(ErrorKind::Network | ErrorKind::Unavailable)));
    result
}

/// Repeats a call whose answer did not come. While the server is known to be away, nobody waits for a repetition.
async fn persistently<T, F>(make: &impl Fn() -> F, lost: &[Duration]) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    let known = ONLINE.get_untracked();
    let mut tried = 0;
    loop {
        let result = make().await;
        let pauses = match result.as_ref().map_err(|error| error.kind) {
            Err(ErrorKind::Network) if known => lost,
            Err(ErrorKind::Unavailable) if known => RESTARTING,
            _ => return result,
        };
        let Some(pause) = pauses.get(tried) else { return result };
        gloo_timers::future::sleep(*pause).await;
        tried += 1;
    }
}
