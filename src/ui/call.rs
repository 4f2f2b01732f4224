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

/// For what the page sends by itself, of what was stored before: where a sign-in is needed it is asked for, but nothing waits here
/// for it; who sends tries again.
pub async fn send<T, F>(make: impl FnOnce() -> F) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    let _shown = Shown::new();
    let result = make().await;
    match result.as_ref().err() {
        Some(error) if error.kind.asks_who() => ask_to_sign_in(error),
        // Signed in again in another tab of this browser.
        None if SIGNED_OUT.with_untracked(Option::is_some) => signed_in(),
        error => tell(error.map(|error| error.kind)),
    }
    result
}

/// Said once: said again it would draw the login anew, over a password that is half typed.
fn ask_to_sign_in(error: &ApiError) {
    if SIGNED_OUT.with_untracked(|why| why.as_ref().map(|why| why.kind)) != Some(error.kind) {
        SIGNED_OUT.set(Some(error.clone()));
    }
}

/// What a call found out about the server.
fn tell(failure: Option<ErrorKind>) {
    if failure == Some(ErrorKind::ClientTooOld) {
        OUTDATED.set(true);
    }
    set_online(!matches!(failure, Some(ErrorKind::Network | ErrorKind::Unavailable)));
}

/// [`store`] for a step on a whole (申报, 复制, 删除 …), which nobody can tell from the screen whether it was done: repeated
/// by itself when its answer got lost. The server recognises the repetition.
pub async fn act<T, F>(make: impl Fn() -> F) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    let _shown = Shown::new();
    run(make, Some(LOST)).await
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
    run(make, Some(&[])).await
}

/// Runs a server function, again only after a renewed sign-in: then the server did nothing.
pub async fn once<T, F>(make: impl Fn() -> F) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    run(make, None).await
}

/// Compiled for every server function: what decides about another try is in [`Tries`].
async fn run<T, F>(make: impl Fn() -> F, lost: Option<&'static [Duration]>) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    let mut tries = Tries { begun: SIGN_INS.get(), known: ONLINE.get_untracked(), lost, tried: 0, renewed: false };
    loop {
        let result = make().await;
        if !tries.goes_on(result.as_ref().err()).await {
            return result;
        }
    }
}

/// What is known of one call while it is tried.
struct Tries {
    /// Sign-ins when it began.
    begun: u32,
    /// The server answered until then. While it is known to be away, nobody waits for a repetition.
    known: bool,
    /// Pauses after lost answers, where a repetition is harmless at all.
    lost: Option<&'static [Duration]>,
    tried: usize,
    /// It waited for a sign-in already.
    renewed: bool,
}

impl Tries {
    /// True when there is to be another try, now; otherwise what was found out is told to the page.
    async fn goes_on(&mut self, error: Option<&ApiError>) -> bool {
        let failure = error.map(|error| error.kind);
        if let Some(error) = error.filter(|error| error.kind.asks_who() && !self.renewed) {
            (self.renewed, self.tried) = (true, 0);
            if SIGN_INS.get() == self.begun {
                let (giver, waiter) = answer();
                WAITING.with_borrow_mut(|waiting| waiting.push(giver));
                ask_to_sign_in(error);
                waiter.await;
            }
            return true;
        }
        let pauses = match (failure, self.lost) {
            (Some(ErrorKind::Network), Some(lost)) if self.known => lost,
            (Some(ErrorKind::Unavailable), Some(_)) if self.known => RESTARTING,
            _ => &[],
        };
        if let Some(pause) = pauses.get(self.tried) {
            self.tried += 1;
            gloo_timers::future::sleep(*pause).await;
            return true;
        }
        tell(failure);
        false
    }
}
