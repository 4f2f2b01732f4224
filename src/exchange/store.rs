//! SQL of outbox, inbox and receipt. Used by the exchange only; decides nothing: when to send, how often and
//! what an answer means is said by the modules that call it.

use sqlx::Row as _;

use super::model::{Answer, Outgoing};
use crate::document::{Receipt, ReceiptNote};
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;

/// The one question of an idle worker: is there anything to send or to read?
const PENDING: &str = "SELECT 'outbox' AS place WHERE EXISTS \
        (SELECT 1 FROM outbox WHERE state = 'waiting' AND next_at <= $1) \
    UNION ALL SELECT 'inbox' AS place WHERE EXISTS (SELECT 1 FROM inbox WHERE state = 'new')";

const PUT_OUT: &str = "INSERT INTO outbox (message_id, operator_code, document_id, message_type, body, state, next_at, \
    created_at) VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $6) ON CONFLICT (message_id) DO NOTHING";
/// Takes one message for sending. The outer conditions are looked at again once the row is locked,
/// so of two processes that chose the same row only one gets it.
const LEASE: &str = "UPDATE outbox SET leased_until = $1, next_at = $1, attempts = attempts + 1 \
    WHERE message_id = (SELECT message_id FROM outbox WHERE state = 'waiting' AND next_at <= $2 \
        ORDER BY next_at, message_id LIMIT 1) \
    AND state = 'waiting' AND next_at <= $2 \
    RETURNING message_id, operator_code, document_id, message_type, body, attempts";
const SENT: &str = "UPDATE outbox SET state = 'sent', sent_at = $2, last_error = '' \
    WHERE message_id = $1 AND state = 'waiting'";
/// Only while the lease is ours: a message taken over by another process is its business.
const PUT_OFF: &str = "UPDATE outbox SET next_at = $3, last_error = $4 \
    WHERE message_id = $1 AND state = 'waiting' AND leased_until = $2";
const REFUSED: &str = "UPDATE outbox SET state = 'refused' WHERE message_id = $1";
const OPERATOR_OF: &str = "SELECT operator_code FROM outbox WHERE message_id = $1";

const PUT_IN: &str = "INSERT INTO inbox (id, dedupe_key, received_at, raw, state) \
    VALUES ($1, $2, $3, $4, 'new') ON CONFLICT (dedupe_key) DO NOTHING";
const NEW_IN: &str = "SELECT id, dedupe_key, received_at, raw FROM inbox WHERE state = 'new' \
    ORDER BY received_at, id LIMIT $1";
/// Changes nothing but takes the row, as long as nobody else has settled it.
const CLAIM_IN: &str = "UPDATE inbox SET state = 'new' WHERE id = $1 AND state = 'new'";
const QUARANTINED: &str = "SELECT id, dedupe_key, received_at, error FROM inbox WHERE state = 'quarantined' \
    ORDER BY received_at, id LIMIT $1";
const RAW: &str = "SELECT raw FROM inbox WHERE id = $1";
const RETRY: &str = "UPDATE inbox SET state = 'new', error = '' WHERE id = $1 AND state = 'quarantined'";
const SETTLE_IN: &str = "UPDATE inbox SET state = $2, error = $3 WHERE id = $1";

const PUT_RECEIPT: &str = "INSERT INTO receipt \
    (operator_code, id, document_id, message_type, result, at, received_at, applied, remark, notes) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
    ON CONFLICT (operator_code, id) DO UPDATE SET message_type = excluded.message_type, result = excluded.result, \
    at = excluded.at, applied = excluded.applied, remark = excluded.remark, notes = excluded.notes";
const COUNT_RECEIPTS: &str = "UPDATE document SET receipt_count = \
    (SELECT COUNT(*) FROM receipt WHERE operator_code = $2 AND document_id = $1), updated_at = $3 WHERE id = $1";
const RECEIPTS: &str = "SELECT id, message_type, result, at, received_at, applied, remark, notes FROM receipt \
    WHERE operator_code = $1 AND document_id = $2 ORDER BY received_at DESC, id DESC";

/// What waits, as [`pending`] finds it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pending {
    pub out: bool,
    pub new: bool,
}

pub async fn pending(db: &Db, now: &str) -> Result<Pending, sqlx::Error> {
    let places: Vec<String> = sqlx::query_scalar(PENDING).bind(now).fetch_all(&db.read).await?;
    let has = |place: &str| places.iter().any(|found| found == place);
    Ok(Pending { out: has("outbox"), new: has("inbox") })
}

pub async fn put_out(tx: &mut Tx, message: &Outgoing, now: &str) -> Result<(), sqlx::Error> {
    sqlx::query(PUT_OUT)
        .bind(&message.message_id)
        .bind(&message.operator_code)
        .bind(&message.document_id)
        .bind(&message.message_type)
        .bind(&message.body)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A message taken for sending.
#[derive(Debug)]
pub struct Leased {
    pub message: Outgoing,
    /// How often it was taken, this time included.
    pub attempts: i64,
}

pub async fn lease(tx: &mut Tx, now: &str, until: &str) -> Result<Option<Leased>, sqlx::Error> {
    let Some(row) = sqlx::query(LEASE).bind(until).bind(now).fetch_optional(&mut **tx).await? else {
        return Ok(None);
    };
    Ok(Some(Leased {
        message: Outgoing {
            message_id: row.try_get("message_id")?,
            operator_code: row.try_get("operator_code")?,
            document_id: row.try_get("document_id")?,
            message_type: row.try_get("message_type")?,
            body: row.try_get("body")?,
        },
        attempts: row.try_get("attempts")?,
    }))
}

pub async fn sent(tx: &mut Tx, message_id: &str, now: &str) -> Result<(), sqlx::Error> {
    sqlx::query(SENT).bind(message_id).bind(now).execute(&mut **tx).await?;
    Ok(())
}

pub async fn put_off(
    tx: &mut Tx,
    message_id: &str,
    lease: &str,
    next_at: &str,
    error: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(PUT_OFF).bind(message_id).bind(lease).bind(next_at).bind(error).execute(&mut **tx).await?;
    Ok(())
}

pub async fn refused(tx: &mut Tx, message_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query(REFUSED).bind(message_id).execute(&mut **tx).await?;
    Ok(())
}

/// Whose document a message was about; `None` when we never wrote one of this id.
pub async fn operator_of(tx: &mut Tx, message_id: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(OPERATOR_OF).bind(message_id).fetch_optional(&mut **tx).await
}

/// A receipt as it came, before it is read.
#[derive(Debug)]
pub struct Raw {
    pub id: String,
    pub dedupe_key: String,
    pub received_at: String,
    pub raw: String,
}

/// Stores a receipt as it came; one with the same key is already there and stays as it is.
pub async fn put_in(tx: &mut Tx, raw: &Raw) -> Result<(), sqlx::Error> {
    sqlx::query(PUT_IN)
        .bind(&raw.id)
        .bind(&raw.dedupe_key)
        .bind(&raw.received_at)
        .bind(&raw.raw)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn new_in(db: &Db, limit: i64) -> Result<Vec<Raw>, sqlx::Error> {
    sqlx::query(NEW_IN)
        .bind(limit)
        .fetch_all(&db.read)
        .await?
        .iter()
        .map(|row| {
            Ok(Raw {
                id: row.try_get("id")?,
                dedupe_key: row.try_get("dedupe_key")?,
                received_at: row.try_get("received_at")?,
                raw: row.try_get("raw")?,
            })
        })
        .collect()
}

/// Takes an unsettled receipt until the end of the transaction; false when somebody settled it.
pub async fn claim_in(tx: &mut Tx, id: &str) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query(CLAIM_IN).bind(id).execute(&mut **tx).await?.rows_affected() == 1)
}

pub async fn settle_in(tx: &mut Tx, id: &str, state: &str, error: &str) -> Result<(), sqlx::Error> {
    sqlx::query(SETTLE_IN).bind(id).bind(state).bind(error).execute(&mut **tx).await?;
    Ok(())
}

/// A receipt in quarantine.
#[derive(Debug)]
pub struct Quarantined {
    pub id: String,
    /// Name under which it came, and the hash of its content.
    pub name: String,
    pub received_at: String,
    pub reason: String,
}

/// The receipts in quarantine, the oldest first.
pub async fn quarantined(db: &Db, limit: i64) -> Result<Vec<Quarantined>, sqlx::Error> {
    let rows = sqlx::query(QUARANTINED).bind(limit).fetch_all(&db.read).await?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok(Quarantined {
            id: row.try_get("id")?,
            name: row.try_get("dedupe_key")?,
            received_at: row.try_get("received_at")?,
            reason: row.try_get("error")?,
        })
    };
    rows.iter().map(read).collect()
}

/// A receipt as it came; `None` when there is none of this id.
pub async fn raw(db: &Db, id: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(RAW).bind(id).fetch_optional(&db.read).await
}

/// Takes a receipt out of quarantine, to be read once more; false when it is not there.
pub async fn retry(db: &Db, id: &str) -> Result<bool, sqlx::Error> {
    let mut tx = db.begin().await?;
    let taken = sqlx::query(RETRY).bind(id).execute(&mut *tx).await?.rows_affected() == 1;
    tx.commit().await?;
    Ok(taken)
}

/// The document a receipt belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    pub operator_code: &'a str,
    pub document_id: &'a str,
}

/// Adds a receipt to the history of its document, and to the number of them there. One that was in quarantine stands there
/// already, as such. `now`: from then on open pages hear of it.
pub async fn put_receipt(
    tx: &mut Tx,
    raw: &Raw,
    owner: Owner<'_>,
    answer: &Answer,
    at: &str,
    applied: bool,
    now: &str,
) -> Result<(), Failure> {
    sqlx::query(PUT_RECEIPT)
        .bind(owner.operator_code)
        .bind(&raw.id)
        .bind(owner.document_id)
        .bind(&answer.message_type)
        .bind(&answer.result)
        .bind(at)
        .bind(&raw.received_at)
        .bind(i64::from(applied))
        .bind(&answer.remark)
        .bind(serde_json::to_string(&answer.notes)?)
        .execute(&mut **tx)
        .await?;
    sqlx::query(COUNT_RECEIPTS).bind(owner.document_id).bind(owner.operator_code).bind(now).execute(&mut **tx).await?;
    Ok(())
}

pub async fn receipts(db: &Db, owner: Owner<'_>) -> Result<Vec<Receipt>, Failure> {
    let query = sqlx::query(RECEIPTS).bind(owner.operator_code).bind(owner.document_id);
    let rows = query.fetch_all(&db.read).await?;
    rows.iter()
        .map(|row| {
            let notes: Vec<String> = serde_json::from_str(row.try_get::<&str, _>("notes")?)?;
            Ok(Receipt {
                id: row.try_get("id")?,
                message_type: row.try_get("message_type")?,
                result: row.try_get("result")?,
                at: row.try_get("at")?,
                received_at: row.try_get("received_at")?,
                applied: row.try_get::<i64, _>("applied")? == 1,
                remark: row.try_get("remark")?,
                notes: notes.into_iter().map(|text| ReceiptNote { text, pointer: String::new() }).collect(),
            })
        })
        .collect()
}
