//! The worker: sends, fetches, applies, and sleeps until the bell rings or half a second has gone.
//! Any number of processes may run one on the same database. `step` is one round, for tests too.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::adapter::{Adapter, chosen};
use super::{inbox, outbox, store};
use crate::server::background::rounds;
use crate::server::failure::Failure;
use crate::server::state::AppState;

/// Between two looks when nothing happens.
const IDLE: Duration = Duration::from_millis(500);

/// Starts the worker over the adapter of the settings. It ends its round and stops when `stop` is cancelled; ring
/// `state.outbox_bell` with `notify_one` after a commit that wrote a message.
pub fn start(state: AppState, stop: CancellationToken) -> JoinHandle<()> {
    let adapter = chosen(&state);
    tokio::spawn(async move {
        let round = || {
            let (own, adapter) = (state.clone(), adapter.clone());
            async move { step(&own, &*adapter).await }
        };
        rounds("exchange with customs", IDLE, &state.outbox_bell, stop, round).await;
    })
}

/// One round: sends what is due, stores what has come, applies what is new; true when there was
/// anything to do. A channel that fails keeps nothing from being applied.
///
/// # Errors
/// The first failure of the round; what was done before it stays done.
pub async fn step(state: &AppState, adapter: &dyn Adapter) -> Result<bool, Failure> {
    let db = &state.db;
    let pending = store::pending(db, &state.clock.stamp()).await?;
    let sent = if pending.out { outbox::send_due(db, adapter).await? } else { false };
    let fetched = inbox::fetch(db, adapter).await;
    let came = *fetched.as_ref().unwrap_or(&true);
    let applied = if pending.new || came { inbox::apply_new(state).await? } else { false };
    Ok(fetched? || sent || applied)
}
