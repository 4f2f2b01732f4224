//! SQL of the simulated customs: its messages, answers and serial numbers. Used by `Office` only; touches no
//! table of ours, as ours touch none of these.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::model::{Answer, Stage};
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
const CLAIM: &str = "UPDATE customs_message SET stage = $2 WHERE message_id = $1 AND stage = $2";
const MOVE_TO: &str = "UPDATE customs_message SET stage = $2, due_at = $3 WHERE message_id = $1";
const PUT_ANSWER: &str = "INSERT INTO customs_answer (id, seq, body, created_at) VALUES ($1, $2, $3, $4)";
const OPEN: &str = "SELECT id, body FROM customs_answer WHERE delivered = 0 ORDER BY seq LIMIT $1";
const DELIVERED: &str = "UPDATE customs_answer SET delivered = 1 WHERE id = $1";
const FIND_BOOK: &str = "SELECT book_no, operator_code, change_no, message_id, valid_from, valid_to, life, exported, exempt, written_to \
    FROM customs_book WHERE book_no = $1";
const PUT_BOOK: &str = "INSERT INTO customs_book \
    (book_no, operator_code, change_no, message_id, valid_from, valid_to, life, exported, exempt, written_to) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
    ON CONFLICT (book_no) DO UPDATE SET change_no = excluded.change_no, message_id = excluded.message_id, \
    valid_to = excluded.valid_to, life = excluded.life, exported = excluded.exported, exempt = excluded.exempt, \
    written_to = excluded.written_to";
/// Changes nothing but takes the row: entries of one book are looked at one after the other.
const HOLD_BOOK: &str = "UPDATE customs_book SET life = life WHERE book_no = $1";
const FIND_ENTRY: &str = "SELECT * FROM customs_entry WHERE entry_no = $1";
const ENTRIES_OF: &str = "SELECT * FROM customs_entry WHERE book_no = $1 ORDER BY entry_no";
const PUT_ENTRY: &str = "INSERT INTO customs_entry \
    (entry_no, book_no, operator_code, direction, amount, message_id, state, day, writeoff) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
    ON CONFLICT (entry_no) DO UPDATE SET book_no = excluded.book_no, amount = excluded.amount, \
    message_id = excluded.message_id, state = excluded.state, day = excluded.day, writeoff = excluded.writeoff";
const BODY: &str = "SELECT body FROM customs_message WHERE message_id = $1";
const NEXT_SERIAL: &str = "INSERT INTO customs_serial (name, last) VALUES ($1, 1) \
    ON CONFLICT (name) DO UPDATE SET last = customs_serial.last + 1 RETURNING last";

/// A message as customs keeps it.
pub struct Message {
    pub id: String,
    pub body: String,
    pub stage: Stage,
    pub due_at: DateTime<Utc>,
    pub business_key: String,
    pub seq_no: String,
}

/// A book in the register of this office.
#[derive(Clone, Debug)]
pub struct Book {
    pub book_no: String,
    /// 经营单位
    pub operator_code: String,
    /// 变更次数 of what is approved.
    pub change_no: i64,
    /// The message whose content is approved.
    pub message_id: String,
    /// `yyyy-mm-dd`
    pub valid_from: String,
    pub valid_to: String,
    /// `live`, `paused` or `closed`.
    pub life: String,
    /// Booked exports, and booked exempt re-imports, in the currency of the book.
    pub exported: Decimal,
    pub exempt: Decimal,
    /// Last day of the last write-off; empty for none.
    pub written_to: String,
}

/// An entry this office has let pass.
#[derive(Clone, Debug)]
pub struct Passed {
    pub entry_no: String,
    pub book_no: String,
    pub operator_code: String,
    /// `E` or `I`.
    pub direction: String,
    /// What was booked of it.
    pub amount: Decimal,
    pub message_id: String,
    /// `live`, `deleted` or `amending`.
    pub state: String,
    /// 进出口日期, or the day on which it passed.
    pub day: String,
    /// The message that wrote it off; empty for none.
    pub writeoff: String,
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
    rows.iter().map(|row| Ok((row.try_get("message_id")?, stage_of(row.try_get("stage")?)?))).collect()
}

fn stage_of(name: &str) -> Result<Stage, sqlx::Error> {
    Stage::from_name(name).ok_or_else(|| sqlx::Error::Decode(format!("unknown stage {name:?}").into()))
}

/// Takes a filing until the end of the transaction; false when it moved on.
pub async fn claim(tx: &mut Tx, id: &str, stage: Stage) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query(CLAIM).bind(id).bind(stage.name()).execute(&mut **tx).await?.rows_affected() == 1)
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

/// A book of the register.
pub async fn find_book(tx: &mut Tx, book_no: &str) -> Result<Option<Book>, sqlx::Error> {
    let row = sqlx::query(FIND_BOOK).bind(book_no).fetch_optional(&mut **tx).await?;
    row.map(|row| {
        Ok(Book {
            book_no: row.try_get("book_no")?,
            operator_code: row.try_get("operator_code")?,
            change_no: row.try_get("change_no")?,
            message_id: row.try_get("message_id")?,
            valid_from: row.try_get("valid_from")?,
            valid_to: row.try_get("valid_to")?,
            life: row.try_get("life")?,
            exported: decimal(&row, "exported")?,
            exempt: decimal(&row, "exempt")?,
            written_to: row.try_get("written_to")?,
        })
    })
    .transpose()
}

fn decimal(row: &AnyRow, column: &str) -> Result<Decimal, sqlx::Error> {
    let text: String = row.try_get(column)?;
    text.parse().map_err(|_| sqlx::Error::Decode(format!("{column} of the register: {text:?}").into()))
}

/// Lets nobody else look at the book until the transaction ends.
pub async fn hold_book(tx: &mut Tx, book_no: &str) -> Result<(), sqlx::Error> {
    sqlx::query(HOLD_BOOK).bind(book_no).execute(&mut **tx).await?;
    Ok(())
}

/// An entry of the register.
pub async fn find_entry(tx: &mut Tx, entry_no: &str) -> Result<Option<Passed>, sqlx::Error> {
    sqlx::query(FIND_ENTRY).bind(entry_no).fetch_optional(&mut **tx).await?.as_ref().map(passed).transpose()
}

/// All entries of a book.
pub async fn entries_of(tx: &mut Tx, book_no: &str) -> Result<Vec<Passed>, sqlx::Error> {
    sqlx::query(ENTRIES_OF).bind(book_no).fetch_all(&mut **tx).await?.iter().map(passed).collect()
}

fn passed(row: &AnyRow) -> Result<Passed, sqlx::Error> {
    Ok(Passed {
        entry_no: row.try_get("entry_no")?,
        book_no: row.try_get("book_no")?,
        operator_code: row.try_get("operator_code")?,
        direction: row.try_get("direction")?,
        amount: decimal(row, "amount")?,
        message_id: row.try_get("message_id")?,
        state: row.try_get("state")?,
        day: row.try_get("day")?,
        writeoff: row.try_get("writeoff")?,
    })
}

/// Enters an entry, or what became of it.
pub async fn put_entry(tx: &mut Tx, entry: &Passed) -> Result<(), sqlx::Error> {
    sqlx::query(PUT_ENTRY)
        .bind(&entry.entry_no)
        .bind(&entry.book_no)
        .bind(&entry.operator_code)
        .bind(&entry.direction)
        .bind(entry.amount.to_string())
        .bind(&entry.message_id)
        .bind(&entry.state)
        .bind(&entry.day)
        .bind(&entry.writeoff)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Enters a book, or what was approved of it last.
pub async fn put_book(tx: &mut Tx, book: &Book) -> Result<(), sqlx::Error> {
    sqlx::query(PUT_BOOK)
        .bind(&book.book_no)
        .bind(&book.operator_code)
        .bind(book.change_no)
        .bind(&book.message_id)
        .bind(&book.valid_from)
        .bind(&book.valid_to)
        .bind(&book.life)
        .bind(book.exported.to_string())
        .bind(book.exempt.to_string())
        .bind(&book.written_to)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The XML of a message.
pub async fn body_of<'c>(
    executor: impl sqlx::Executor<'c, Database = sqlx::Any>,
    message_id: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(BODY).bind(message_id).fetch_optional(executor).await
}
