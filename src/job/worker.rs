//! The worker: takes what is due, one job at a time, and sleeps until something may be. Any number of processes may run one on
//! the same database. `step` is one round, for tests too.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::model::{Job, NewJob, Outcome};
use super::runner::Runner;
use super::store::{self, Settled};
use crate::server::background::rounds;
use crate::server::db::stamp;
use crate::server::failure::Failure;
use crate::server::state::AppState;

/// Between two looks when nothing is due.
const IDLE: Duration = Duration::from_secs(1);
/// Nobody else may try for so much longer than a try may take.
const MARGIN: TimeDelta = TimeDelta::seconds(15);

/// Work that is done one job after the other. What takes long has a lane of its own, so that nothing waits behind it.
#[derive(Clone, Copy)]
pub struct Lane {
    /// Who carries out what. Jobs of other kinds are left to whoever knows them.
    pub runners: &'static [&'static dyn Runner],
    /// How long one try may take.
    pub patience: TimeDelta,
}

impl Lane {
    fn kinds(self) -> Vec<&'static str> {
        self.runners.iter().map(|runner| runner.kind()).collect()
    }
}

/// Starts the worker of a lane; it ends its round and stops when `stop` is cancelled.
pub fn start(state: AppState, lane: Lane, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        // Within a round, and not before: a disk that is full when the program starts must not keep it from serving.
        let is_founded = Arc::new(AtomicBool::new(false));
        let round = || {
            let (own, is_founded) = (state.clone(), is_founded.clone());
            async move {
                if !is_founded.load(Ordering::Relaxed) {
                    found(&own, lane).await?;
                    is_founded.store(true, Ordering::Relaxed);
                }
                step(&own, lane).await
            }
        };
        rounds("looking for jobs", IDLE, &Notify::new(), stop, round).await;
    })
}

/// Writes the jobs that come again and again, where they are not there yet.
///
/// # Errors
/// When the database fails.
pub async fn found(state: &AppState, lane: Lane) -> Result<(), Failure> {
    let mut tx = state.db.begin().await?;
    let now = state.clock.stamp();
    for kind in lane.runners.iter().filter(|runner| runner.is_standing()).map(|runner| runner.kind()) {
        store::add(&mut tx, &NewJob { kind, key: kind.to_owned(), run_at: &now, ..NewJob::default() }, &now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Carries out the job that is due longest; false when none is.
///
/// # Errors
/// When the database fails; a job that fails is no error here.
pub async fn step(state: &AppState, lane: Lane) -> Result<bool, Failure> {
    let now = state.clock.now();
    let kinds = lane.kinds();
    if !store::is_due(&state.db, &kinds, &stamp(now)).await? {
        return Ok(false);
    }
    let until = stamp(now + lane.patience + MARGIN);
    let mut tx = state.db.begin().await?;
    let leased = store::lease(&state.db, &mut tx, &kinds, &stamp(now), &until).await?;
    tx.commit().await?;
    let Some(job) = leased else { return Ok(false) };
    let outcome = tried(state, lane, &job).await;
    let at = state.clock.now();
    let (state_name, run_at, attempts, error) = match &outcome {
        Outcome::Done => ("done", until.clone(), job.attempts, ""),
        Outcome::GivenUp(why) => ("given_up", until.clone(), job.attempts, why.as_str()),
        Outcome::Later(why) => ("waiting", stamp(next_attempt(at, job.attempts)), job.attempts, why.as_str()),
        Outcome::Again(then) => ("waiting", stamp(*then), 0, ""),
    };
    if !error.is_empty() {
        tracing::warn!(job = job.key, attempts, error, state = state_name, "job not done");
    }
    let done_at = if state_name == "waiting" { String::new() } else { stamp(at) };
    let mut tx = state.db.begin().await?;
    let settled = Settled { state: state_name, run_at: &run_at, attempts, error, done_at: &done_at };
    store::settle(&mut tx, &job.id, &until, &settled).await?;
    tx.commit().await?;
    Ok(true)
}

async fn tried(state: &AppState, lane: Lane, job: &Job) -> Outcome {
    let Some(runner) = lane.runners.iter().find(|runner| runner.kind() == job.kind) else {
        return Outcome::Later(format!("nobody carries out jobs of kind {:?}", job.kind));
    };
    let patience = lane.patience.to_std().unwrap_or_default();
    match tokio::time::timeout(patience, runner.run(state, job)).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(failure)) => Outcome::Later(failure.to_string()),
        Err(_) => Outcome::Later(format!("not done within {patience:?}")),
    }
}

/// 15 s, 30 s, 1 min … after the first, second, third failure, at most an hour.
fn next_attempt(now: DateTime<Utc>, attempts: i64) -> DateTime<Utc> {
    let doublings = u32::try_from(attempts.clamp(1, 10) - 1).unwrap_or(10);
    now + TimeDelta::seconds(15 * i64::from(2_u32.pow(doublings))).min(TimeDelta::hours(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_fails_is_tried_ever_more_rarely() {
        let now = DateTime::UNIX_EPOCH;
        let wait = |attempts| (next_attempt(now, attempts) - now).num_seconds();
        assert_eq!([1, 2, 3, 8, 9, i64::MAX].map(wait), [15, 30, 60, 1920, 3600, 3600]);
    }
}
