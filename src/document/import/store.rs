//! SQL of the import: uploads that wait for a decision.
//! Used by `service` and `apply` only; knows neither rows nor rules.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row as _;

use crate::server::db::{Db, Tx, stamp};

/// How long an upload waits to be imported.
const PATIENCE: TimeDelta = TimeDelta::hours(2);
const FORGET_OTHERS: &str = "DELETE FROM pending_import WHERE document_id = $1 AND user_id = $2";
/// Lists of entries go into no document: who works in two windows has one in each. The ids are in the order of time.
const FORGET_OLD: &str = "DELETE FROM pending_import WHERE user_id = $1 AND document_id IS NULL AND id NOT IN \
    (SELECT id FROM pending_import WHERE user_id = $1 AND document_id IS NULL ORDER BY id DESC LIMIT 7)";
const INSERT: &str = "INSERT INTO pending_import (id, document_id, user_id, file_name, content, created_at, \
    expires_at) VALUES ($1, NULLIF($2, ''), $3, $4, $5, $6, $7)";
const SELECT: &str = "SELECT COALESCE(document_id, '') AS document_id, file_name FROM pending_import \
    WHERE id = $1 AND user_id = $2 AND expires_at > $3";
const CONTENT: &str = "SELECT content FROM pending_import WHERE id = $1";
/// Takes the row lock on PostgreSQL: stopping an import waits here until it is over, or comes first.
const LOCK: &str = "UPDATE pending_import SET applied = applied WHERE id = $1";
const APPLIED_IN: &str = "SELECT applied FROM pending_import WHERE id = $1";
const SET_APPLIED: &str = "UPDATE pending_import SET applied = $2 WHERE id = $1";
const DELETE: &str = "DELETE FROM pending_import WHERE id = $1 AND user_id = $2 AND applied = ''";
const IS_THERE: &str = "SELECT COUNT(*) FROM pending_import WHERE id = $1 AND user_id = $2";
const SWEEP: &str = "DELETE FROM pending_import WHERE expires_at <= $1";

/// An upload that waits.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Empty for a list of entries, which goes into no document.
    pub document_id: String,
    pub file_name: String,
}

/// Keeps an upload; an earlier one of the same user for the same document is forgotten, and of lists of entries all but the
/// latest few.
pub async fn insert(
    tx: &mut Tx,
    id: &str,
    pending: &Pending,
    user_id: &str,
    content: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let Pending { document_id, file_name } = pending;
    if document_id.is_empty() {
        sqlx::query(FORGET_OLD).bind(user_id).execute(&mut **tx).await?;
    } else {
        sqlx::query(FORGET_OTHERS).bind(document_id).bind(user_id).execute(&mut **tx).await?;
    }
    sqlx::query(INSERT)
        .bind(id)
        .bind(document_id)
        .bind(user_id)
        .bind(file_name)
        .bind(content)
        .bind(stamp(now))
        .bind(stamp(now + PATIENCE))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The upload of this user; `None` when it is over, or somebody else's.
pub async fn find(db: &Db, id: &str, user_id: &str, now: &str) -> Result<Option<Pending>, sqlx::Error> {
    let row = sqlx::query(SELECT).bind(id).bind(user_id).bind(now).fetch_optional(&db.read).await?;
    row.map(|row| Ok(Pending { document_id: row.try_get("document_id")?, file_name: row.try_get("file_name")? }))
        .transpose()
}

/// What was read of an upload; who may see it was asked before.
pub async fn content(db: &Db, id: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(CONTENT).bind(id).fetch_optional(&db.read).await
}

/// Locks an upload until the transaction ends and tells what was imported of it, empty for nothing yet;
/// `None` when it is gone.
pub async fn applied_in(tx: &mut Tx, id: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query(LOCK).bind(id).execute(&mut **tx).await?;
    sqlx::query_scalar(APPLIED_IN).bind(id).fetch_optional(&mut **tx).await
}

pub async fn set_applied(tx: &mut Tx, id: &str, applied: &str) -> Result<(), sqlx::Error> {
    sqlx::query(SET_APPLIED).bind(id).bind(applied).execute(&mut **tx).await?;
    Ok(())
}

/// Forgets an upload that was not imported; false when this user has none of that id.
pub async fn delete(tx: &mut Tx, id: &str, user_id: &str) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query(DELETE).bind(id).bind(user_id).execute(&mut **tx).await?.rows_affected() == 1)
}

/// True when this user has an upload of that id.
pub async fn is_there(tx: &mut Tx, id: &str, user_id: &str) -> Result<bool, sqlx::Error> {
    let count: i64 = sqlx::query_scalar(IS_THERE).bind(id).bind(user_id).fetch_one(&mut **tx).await?;
    Ok(count > 0)
}

/// Forgets uploads that nobody decided on in time.
///
/// # Errors
/// When the database fails.
pub async fn sweep(tx: &mut Tx, now: &str) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query(SWEEP).bind(now).execute(&mut **tx).await?.rows_affected())
}
