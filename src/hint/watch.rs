//! Looks, while anybody listens, which documents changed, and tells all who listen in this process. One per process: what
//! another one stored is found in the database as well. Started by `server::start`; keeps nothing.

use std::collections::HashMap;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::store::{self, Changed};
use crate::server::clock::stamp;
use crate::server::state::AppState;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(300);
/// After one that failed.
const LOOK_LATER: Duration = Duration::from_secs(5);
/// How far back each look goes. A change becomes visible when it is committed, and has the time of its beginning: the longest
/// call takes half a minute, and clocks of processes differ.
const BACK: TimeDelta = TimeDelta::seconds(60);
/// Looks until told to stop.
pub fn start(state: AppState, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut known = Known::default();
        loop {
            let pause = if state.hints.listeners() == 0 {
                // Whoever comes is told of the last minute once more, which does no harm.
                known = Known::default();
                None
            } else {
                Some(look(&state, &mut known).await)
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = state.hints.called(), if pause.is_none() => {}
                () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => {}
            }
        }
    })
}

/// One look; how long to wait for the next.
async fn look(state: &AppState, known: &mut Known) -> Duration {
    let since = stamp(state.clock.now() - BACK);
    match store::changed(&state.db, &since).await {
        Ok(changed) => {
            let new = known.new_of(changed, &since);
            if !new.is_empty() {
                state.hints.tell(new);
            }
            LOOK
        }
        Err(error) => {
            tracing::warn!(%error, "looking for changed documents failed");
            LOOK_LATER
        }
    }
}

/// What was told of the time that looks go back.
#[derive(Debug, Default)]
struct Known(HashMap<Uuid, Changed>);

impl Known {
    /// What is not known yet; from now on it is.
    fn new_of(&mut self, changed: Vec<Changed>, since: &str) -> Vec<Changed> {
        self.0.retain(|_, known| known.at.as_str() > since);
        let is_new = |one: &Changed| self.0.get(&one.hint.document) != Some(one);
        let new: Vec<Changed> = changed.into_iter().filter(is_new).collect();
        self.0.extend(new.iter().map(|one| (one.hint.document, one.clone())));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hint::model::Hint;

    fn changed(id: u128, version: i64, at: &str) -> Changed {
        let hint = Hint { document: Uuid::from_u128(id), version, receipts: 0 };
        Changed { operator_code: "3101".to_owned(), hint, at: at.to_owned() }
    }

    #[test]
    fn a_change_is_told_once_also_when_it_is_committed_late() {
        let mut known = Known::default();
        let (first, late) = (changed(1, 1, "10:00:05"), changed(2, 1, "10:00:04"));
        assert_eq!(known.new_of(vec![first.clone()], "09:59:10"), std::slice::from_ref(&first));
        // Begun earlier and committed later: a look that begins after the last one found would miss it for good.
        assert_eq!(known.new_of(vec![late.clone(), first.clone()], "09:59:11"), std::slice::from_ref(&late));
        assert!(known.new_of(vec![late.clone(), first.clone()], "09:59:12").is_empty());
        let again = changed(1, 2, "10:00:05");
        assert_eq!(known.new_of(vec![late, again.clone()], "09:59:13"), [again], "twice in one moment");
        known.new_of(Vec::new(), "10:00:06");
        assert!(known.0.is_empty(), "what looks do not find any more is not kept for ever");
    }
}
