//! SQL of the table of jobs. Used by the worker, and by whoever writes a job in the transaction it follows from; decides
//! nothing, and knows no kind of job.

use sqlx::any::AnyRow;
use sqlx::{Row as _, query};
use uuid::Uuid;

use super::model::{Job, NewJob};
use crate::lists;
use crate::server::db::{Db, Sql, Tx};

const ADD: &str = "INSERT INTO job (id, kind, dedupe_key, operator_code, document_id, run_at, state, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7) ON CONFLICT (dedupe_key) DO NOTHING";
/// The one question of an idle worker.
const IS_DUE: Sql = lists!("SELECT id FROM job WHERE state = 'waiting' AND run_at <= $1 AND kind ", { 2 }, " LIMIT 1");
/// Takes one job. The outer conditions are looked at again once the row is locked, so of two processes that chose the same
/// job only one gets it. The lease is the time before which nobody else may try.
const LEASE: Sql = lists!(
    "UPDATE job SET leased_until = $1, run_at = $1, attempts = attempts + 1 \
     WHERE id = (SELECT id FROM job WHERE state = 'waiting' AND run_at <= $2 AND kind ",
    { 3 },
    " ORDER BY run_at, id LIMIT 1) AND state = 'waiting' AND run_at <= $2 \
     RETURNING id, kind, dedupe_key, operator_code, document_id, attempts"
);
/// Only while the lease is ours: a job taken over by another process is its business.
const SETTLE: &str = "UPDATE job SET state = $3, run_at = $4, attempts = $5, last_error = $6, done_at = $7 \
    WHERE id = $1 AND state = 'waiting' AND leased_until = $2";
/// What is done is kept for a while, so that it is not owed again.
const SWEEP: &str = "DELETE FROM job WHERE state <> 'waiting' AND done_at < $1";

/// Writes a job; false when it is known already.
///
/// # Errors
/// When the database fails.
pub async fn add(tx: &mut Tx, job: &NewJob<'_>, now: &str) -> Result<bool, sqlx::Error> {
    let done = query(ADD)
        .bind(Uuid::now_v7().to_string())
        .bind(job.kind)
        .bind(&job.key)
        .bind(job.operator_code)
        .bind(job.document_id)
        .bind(job.run_at)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// True when some job of these kinds is to be carried out now.
///
/// # Errors
/// When the database fails.
pub async fn is_due(db: &Db, kinds: &[&str], now: &str) -> Result<bool, sqlx::Error> {
    Ok(query(db.pick(IS_DUE)).bind(now).bind(db.list(kinds)?).fetch_optional(&db.read).await?.is_some())
}

/// Takes the job of these kinds that is due longest, until `until`.
///
/// # Errors
/// When the database fails.
pub async fn lease(db: &Db, tx: &mut Tx, kinds: &[&str], now: &str, until: &str) -> Result<Option<Job>, sqlx::Error> {
    let leased = query(db.pick(LEASE)).bind(until).bind(now).bind(db.list(kinds)?).fetch_optional(&mut **tx).await?;
    leased.as_ref().map(decode).transpose()
}

fn decode(row: &AnyRow) -> Result<Job, sqlx::Error> {
    Ok(Job {
        id: row.try_get("id")?,
        kind: row.try_get("kind")?,
        key: row.try_get("dedupe_key")?,
        operator_code: row.try_get("operator_code")?,
        document_id: row.try_get("document_id")?,
        attempts: row.try_get("attempts")?,
    })
}

/// What a job is after a try.
#[derive(Clone, Debug)]
pub struct Settled<'a> {
    /// `waiting`, `done` or `given_up`.
    pub state: &'a str,
    pub run_at: &'a str,
    pub attempts: i64,
    pub error: &'a str,
    pub done_at: &'a str,
}

/// Notes what came of a try; false when the lease is over and the job somebody else's.
///
/// # Errors
/// When the database fails.
pub async fn settle(tx: &mut Tx, id: &str, leased_until: &str, to: &Settled<'_>) -> Result<bool, sqlx::Error> {
    let done = query(SETTLE)
        .bind(id)
        .bind(leased_until)
        .bind(to.state)
        .bind(to.run_at)
        .bind(to.attempts)
        .bind(to.error)
        .bind(to.done_at)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes out jobs that were done before.
///
/// # Errors
/// When the database fails.
pub async fn sweep(tx: &mut Tx, before: &str) -> Result<u64, sqlx::Error> {
    Ok(query(SWEEP).bind(before).execute(&mut **tx).await?.rows_affected())
}
