//! SQL of the simulated customs: its messages, answers and serial numbers. Used by `Office` only; touches no
//! table of ours, as ours touch none of these.

use chrono::{DateTime, Utc};
use sqlx::Row as _;

use super::write::Answer;
pub use crate::server::db::Tx;
use crate::server::db::{Db, stamp};

const HAS_WORK: &str = "SELECT 'due' AS work WHERE EXISTS (SELECT 1 FROM customs_message \
        WHERE stage IN ('received', 'entered', 'manual') AND due_at <= $1) \
    UNION ALL SELECT 'open' AS work WHERE EXISTS (SELECT 1 FROM customs_answer WHERE delivered = 0)";
const IS_KNOWN: &str = "SELECT message_id FROM customs_message WHERE message_id = $1";
const OTHER_LIVE: &str = "SELECT seq_no FROM customs_message WHERE business_key = $1 AND seq_no <> $2 \
    AND stage IN ('received', 'entered', 'manual', 'approved') ORDER BY received_at LIMIT 1";
const PUT_MESSAGE: &str = "INSERT INTO customs_message \
    (message_id, body, received_at, stage, due_at, business_key, seq_no) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const DUE: &str = "SELECT message_id, stage FROM customs_message \
    WHERE stage IN ('received', 'entered', 'manual') AND due_at <= $1 ORDER BY due_at, message_id LIMIT $2";
/// Changes nothing but takes the row, as long as it is still in that stage.
const CLAIM: &str = "UPDATE customs_message SET stage = $2 WHERE message_id = $1 AND stage = $2 RETURNING body";
const MOVE_TO: &str = "UPDATE customs_message SET stage = $2, due_at = $3 WHERE message_id = $1";
const PUT_ANSWER: &str = "INSERT INTO customs_answer (id, seq, body, created_at) VALUES ($1, $2, $3, $4)";
const OPEN: &str = "SELECT id, body FROM customs_answer WHERE delivered = 0 ORDER BY seq LIMIT $1";
const DELIVERED: &str = "UPDATE customs_answer SET delivered = 1 WHERE id = $1";
const NEXT_SERIAL: &str = "INSERT INTO customs_serial (name, last) VALUES ($1, 1) \
    ON CONFLICT (name) DO UPDATE SET last = customs_serial.last + 1 RETURNING last";

/// How far a filing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Taken; the entry receipt is next.
    Received,
    /// Entered; the decision is next.
    Entered,
    /// With the officer; his decision is next.
    Manual,
    Approved,
    Returned,
    /// Could not be entered.
    Failed,
    /// Not taken at all.
    Refused,
}

impl Stage {
    const ALL: [Self; 7] =
        [Self::Received, Self::Entered, Self::Manual, Self::Approved, Self::Returned, Self::Failed, Self::Refused];

    const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Entered => "entered",
            Self::Manual => "manual",
            Self::Approved => "approved",
            Self::Returned => "returned",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }

    fn from_name(name: &str) -> Result<Self, sqlx::Error> {
        Self::ALL
            .into_iter()
            .find(|stage| stage.name() == name)
            .ok_or_else(|| sqlx::Error::Decode(format!("unknown stage {name:?}").into()))
    }
}

/// A message as customs keeps it.
pub struct Message {
    pub id: String,
    pub body: String,
    pub stage: Stage,
    pub due_at: DateTime<Utc>,
    pub business_key: String,
    pub seq_no: String,
}

/// The one question of an idle office: is anything due, or an answer undelivered?
pub async fn has_work(db: &Db, now: &str) -> Result<bool, sqlx::Error> {
    Ok(!sqlx::query(HAS_WORK).bind(now).fetch_all(&db.read).await?.is_empty())
}

pub async fn is_known(tx: &mut Tx, message_id: &str) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query(IS_KNOWN).bind(message_id).fetch_optional(&mut **tx).await?.is_some())
}

/// The 统一编号 of another filing that is under way or approved under the same key.
pub async fn other_live_filing(tx: &mut Tx, business_key: &str, seq_no: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(OTHER_LIVE).bind(business_key).bind(seq_no).fetch_optional(&mut **tx).await
}

pub async fn put_message(tx: &mut Tx, message: &Message, now: &str) -> Result<(), sqlx::Error> {
    sqlx::query(PUT_MESSAGE)
        .bind(&message.id)
        .bind(&message.body)
        .bind(now)
        .bind(message.stage.name())
        .bind(stamp(message.due_at))
        .bind(&message.business_key)
        .bind(&message.seq_no)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn due(db: &Db, now: &str, limit: i64) -> Result<Vec<(String, Stage)>, sqlx::Error> {
    let rows = sqlx::query(DUE).bind(now).bind(limit).fetch_all(&db.read).await?;
    rows.iter().map(|row| Ok((row.try_get("message_id")?, Stage::from_name(row.try_get("stage")?)?))).collect()
}

/// Takes a filing until the end of the transaction and gives its XML; `None` when it moved on.
pub async fn claim(tx: &mut Tx, id: &str, stage: Stage) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(CLAIM).bind(id).bind(stage.name()).fetch_optional(&mut **tx).await
}

pub async fn move_to(tx: &mut Tx, id: &str, stage: Stage, due_at: &str) -> Result<(), sqlx::Error> {
    sqlx::query(MOVE_TO).bind(id).bind(stage.name()).bind(due_at).execute(&mut **tx).await?;
    Ok(())
}

pub async fn put_answer(tx: &mut Tx, seq: i64, answer: &Answer, now: &str) -> Result<(), sqlx::Error> {
    sqlx::query(PUT_ANSWER).bind(&answer.id).bind(seq).bind(&answer.xml).bind(now).execute(&mut **tx).await?;
    Ok(())
}

/// Answers not delivered yet, as name and XML, oldest first.
pub async fn open_answers(db: &Db, limit: i64) -> Result<Vec<(String, String)>, sqlx::Error> {
    let rows = sqlx::query(OPEN).bind(limit).fetch_all(&db.read).await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("body")?))).collect()
}

pub async fn delivered(tx: &mut Tx, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query(DELIVERED).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// The next number of a series; holds the series until the transaction ends.
pub async fn next_serial(tx: &mut Tx, name: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(NEXT_SERIAL).bind(name).fetch_one(&mut **tx).await
}
