//! The sweep of what is over, as a job that comes again every minute: sessions, links, captchas, attempts, uploads, jobs that are done,
//! unsaved text nobody goes on with.
//! `jobs` lists it.

use async_trait::async_trait;
use chrono::TimeDelta;

use super::db::{Db, stamp};
use super::failure::Failure;
use super::state::AppState;
use crate::account::{captcha, store, throttle};
use crate::document;
use crate::job::{self, Job, Outcome, Runner};
use crate::unsaved;

const EVERY: TimeDelta = TimeDelta::minutes(1);
/// How long a job that is done is kept: as long as somebody may owe it again.
const JOBS_KEPT: TimeDelta = TimeDelta::days(400);
/// How long unsaved text is kept that nobody goes on with.
const UNSAVED_KEPT: TimeDelta = TimeDelta::days(90);
/// How long a save is known again by its number: longer than a browser keeps one that was not sent.
const OPERATIONS_KEPT: TimeDelta = TimeDelta::days(100);

/// Carries it out.
pub struct Sweep;

#[async_trait]
impl Runner for Sweep {
    fn kind(&self) -> &'static str {
        "sweep"
    }

    async fn run(&self, state: &AppState, _: &Job) -> Result<Outcome, Failure> {
        sweep(&state.db).await?;
        Ok(Outcome::Again(state.clock.now() + EVERY))
    }

    fn is_standing(&self) -> bool {
        true
    }
}

/// Takes out sessions, links, captchas, attempts, uploads and jobs that are over.
///
/// # Errors
/// When the database fails.
pub async fn sweep(db: &Db) -> Result<(), sqlx::Error> {
    let now = db.clock.stamp();
    let mut tx = db.begin().await?;
    let sessions = store::sweep_sessions(&mut tx, &now).await?;
    let links = store::sweep_invitations(&mut tx, &now).await?;
    let captchas = captcha::sweep(&mut tx, &now).await?;
    let attempts = throttle::sweep(&mut tx, db.clock.now()).await?;
    let imports = document::import::sweep(&mut tx, &now).await?;
    let jobs = job::store::sweep(&mut tx, &stamp(db.clock.now() - JOBS_KEPT)).await?;
    let unsaved = unsaved::store::sweep(&mut tx, &stamp(db.clock.now() - UNSAVED_KEPT)).await?;
    let operations = document::store::operations::sweep(&mut tx, &stamp(db.clock.now() - OPERATIONS_KEPT)).await?;
    tx.commit().await?;
    tracing::debug!(sessions, links, captchas, attempts, imports, jobs, unsaved, operations, "swept");
    Ok(())
}
