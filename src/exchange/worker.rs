//! The worker: sends, fetches, applies, and sleeps until the bell rings or half a second has gone.
//! Any number of processes may run one on the same database. `step` is one round, for tests too.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::adapter::{Adapter, Simulated};
use super::{Decide, inbox, outbox, store};
use crate::customs::Office;
use crate::server::db::{Db, stamp};
use crate::server::failure::Failure;
use crate::server::state::AppState;

/// Between two looks when nothing happens.
const IDLE: Duration = Duration::from_millis(500);
/// Longest pause when every round fails.
const LONGEST: Duration = Duration::from_secs(30);

/// Starts the worker with the simulated customs on the far side. It ends its round and stops when
/// `stop` is cancelled; ring `state.outbox_bell` with `notify_one` after a commit that wrote a message.
pub fn start(state: AppState, decide: Decide, stop: CancellationToken) -> JoinHandle<()> {
    let office = Office::new(state.db.clone(), state.config.customs_delay, state.config.customs_manual_amount)
        .requiring(state.config.required_attachments.clone());
    let adapter: Arc<dyn Adapter> = Arc::new(Simulated { office });
    tokio::spawn(run(state, adapter, decide, stop))
}

async fn run(state: AppState, adapter: Arc<dyn Adapter>, decide: Decide, stop: CancellationToken) {
    let mut pause = IDLE;
    while !stop.is_cancelled() {
        let (db, adapter) = (state.db.clone(), adapter.clone());
        // In a task of its own: a panic over one receipt must not end the exchange.
        let round = tokio::spawn(async move { step(&db, &*adapter, decide).await }).await;
        match round {
            Ok(Ok(true)) => {
                pause = IDLE;
                continue;
            }
            Ok(Ok(false)) => pause = IDLE,
            Ok(Err(error)) => {
                tracing::error!(?error, "exchange with customs failed, tried again later");
                pause = (pause * 2).min(LONGEST);
            }
            Err(panic) => {
                tracing::error!(error = %panic, "exchange with customs panicked, tried again later");
                pause = (pause * 2).min(LONGEST);
            }
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = state.outbox_bell.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// One round: sends what is due, stores what has come, applies what is new; true when there was
/// anything to do. A channel that fails keeps nothing from being applied.
///
/// # Errors
/// The first failure of the round; what was done before it stays done.
pub async fn step(db: &Db, adapter: &dyn Adapter, decide: Decide) -> Result<bool, Failure> {
    let pending = store::pending(db, &stamp(Utc::now())).await?;
    let sent = if pending.out { outbox::send_due(db, adapter).await? } else { false };
    let fetched = inbox::fetch(db, adapter).await;
    let came = *fetched.as_ref().unwrap_or(&true);
    let applied = if pending.new || came { inbox::apply_new(db, decide).await? } else { false };
    Ok(fetched? || sent || applied)
}
