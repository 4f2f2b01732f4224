//! SQL of operations: saves by the number their browser gave them. Used by the services that save, and by the sweep.
//! Decides nothing.

use sqlx::query;

use crate::server::db::Tx;

const VERSION: &str = "SELECT version FROM operation WHERE document_id = $1 AND op = $2";
const NOTE: &str = "INSERT INTO operation (document_id, op, version, at) VALUES ($1, $2, $3, $4)";
const SWEEP: &str = "DELETE FROM operation WHERE at < $1";

type Result<T> = std::result::Result<T, sqlx::Error>;

/// Version of the document as an operation left it; nothing when that was never done.
pub async fn version(tx: &mut Tx, document: &str, op: i64) -> Result<Option<i64>> {
    sqlx::query_scalar(VERSION).bind(document).bind(op).fetch_optional(&mut **tx).await
}

pub async fn note(tx: &mut Tx, document: &str, op: i64, version: i64, now: &str) -> Result<()> {
    query(NOTE).bind(document).bind(op).bind(version).bind(now).execute(&mut **tx).await.map(drop)
}

/// Takes out what was done before `before`.
pub async fn sweep(tx: &mut Tx, before: &str) -> Result<u64> {
    Ok(query(SWEEP).bind(before).execute(&mut **tx).await?.rows_affected())
}
