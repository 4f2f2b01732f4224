//! SQL of unsaved text.
//! Used by `service` and by the sweep; decides nothing.

use sqlx::{Row, query};

use super::model::Piece;
use crate::server::db::{Db, Tx};

const PUT: &str = "INSERT INTO unsaved (user_id, name, text, updated_at) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (user_id, name) DO UPDATE SET text = $3, updated_at = $4";
const REMOVE: &str = "DELETE FROM unsaved WHERE user_id = $1 AND name = $2";
const SIZE: &str =
    "SELECT COUNT(*) AS texts, COALESCE(SUM(LENGTH(text)), 0) AS letters FROM unsaved WHERE user_id = $1";
const ALL: &str = "SELECT name, text FROM unsaved WHERE user_id = $1";
const SWEEP: &str = "DELETE FROM unsaved WHERE updated_at < $1";

type Result<T> = std::result::Result<T, sqlx::Error>;

pub async fn put(tx: &mut Tx, user_id: &str, name: &str, text: &str, now: &str) -> Result<()> {
    query(PUT).bind(user_id).bind(name).bind(text).bind(now).execute(&mut **tx).await.map(drop)
}

pub async fn remove(tx: &mut Tx, user_id: &str, name: &str) -> Result<()> {
    query(REMOVE).bind(user_id).bind(name).execute(&mut **tx).await.map(drop)
}

/// How many texts a user has, and their letters.
pub async fn size(tx: &mut Tx, user_id: &str) -> Result<(i64, i64)> {
    let row = query(SIZE).bind(user_id).fetch_one(&mut **tx).await?;
    Ok((row.try_get("texts")?, row.try_get("letters")?))
}

pub async fn all(db: &Db, user_id: &str) -> Result<Vec<Piece>> {
    let rows = query(ALL).bind(user_id).fetch_all(&db.read).await?;
    rows.iter().map(|row| Ok(Piece { name: row.try_get("name")?, text: Some(row.try_get("text")?) })).collect()
}

/// Takes out what nobody touched since `before`.
pub async fn sweep(tx: &mut Tx, before: &str) -> Result<u64> {
    Ok(query(SWEEP).bind(before).execute(&mut **tx).await?.rows_affected())
}
