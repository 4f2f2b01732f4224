//! What each entry of a book has in the ledger now, and which of that is not written off yet: SQL of `ledger_entry`. Kept by
//! `post` with every line, read for a write-off, marked by its approval. Decides nothing.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use sqlx::any::AnyRow;
use sqlx::{Executor, Row as _, query, query_scalar};

use super::model::{Booking, Deed, Side};
use super::store::{Entry, broken};
use crate::document::under_book::{DueEntry, DueGoods, Stranger, ToWriteOff};
use crate::form::{in_china, show_date};
use crate::lists;
use crate::server::db::{Db, Sql, Tx};

const PUT: &str = "INSERT INTO ledger_entry (operator_code, entry_id, book_no, round, booked, entry_no, name, way, value_date, \
    exported, exempt, taxed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
    ON CONFLICT (operator_code, entry_id) DO UPDATE SET book_no = excluded.book_no, round = excluded.round, \
    booked = excluded.booked, entry_no = excluded.entry_no, name = excluded.name, way = excluded.way, \
    value_date = excluded.value_date, exported = excluded.exported, exempt = excluded.exempt, taxed = excluded.taxed";
const DROP: &str = "DELETE FROM ledger_entry WHERE operator_code = $1 AND entry_id = $2 RETURNING value_date";
const OF_BOOK: &str = "SELECT entry_id, booked, value_date, exported, exempt, taxed FROM ledger_entry \
    WHERE operator_code = $1 AND book_no = $2";
/// What is under way has no certain day yet: without one it counts.
const DUE: &str = "SELECT booked, entry_no, name, way, value_date, exported, exempt, taxed FROM ledger_entry \
    WHERE operator_code = $1 AND book_no = $2 AND writeoff_id = '' AND value_date <= $3 ORDER BY value_date, entry_no, entry_id";
const DUE_LINES: &str = "SELECT l.side, l.goods_seq, l.qty, l.amount FROM ledger_entry e JOIN ledger_line l \
    ON l.operator_code = e.operator_code AND l.entry_id = e.entry_id AND l.round = e.round AND l.deed = 'booked' \
    WHERE e.operator_code = $1 AND e.book_no = $2 AND e.writeoff_id = '' AND e.booked = 1 AND e.value_date <= $3";
const NUMBERED: Sql = lists!(
    "SELECT entry_no, book_no, booked, value_date, writeoff_id FROM ledger_entry WHERE operator_code = $1 \
     AND entry_no <> '' AND entry_no ",
    { 2 }
);
const WRITE_OFF: Sql = lists!(
    "UPDATE ledger_entry SET writeoff_id = $4 WHERE operator_code = $1 AND book_no = $2 AND booked = 1 \
     AND writeoff_id = '' AND entry_no ",
    { 3 }
);
const WRITTEN_BY: &str = "SELECT writeoff_id FROM ledger_entry WHERE operator_code = $1 AND entry_id = $2";

/// Notes what a deed leaves an entry with: under way, booked, or nothing. The day on which it counts, or counted.
pub(super) async fn note(
    tx: &mut Tx,
    entry: &Entry<'_>,
    deed: Deed,
    at: &str,
    bookings: &[Booking],
) -> Result<String, sqlx::Error> {
    if matches!(deed, Deed::Released | Deed::Reversed) {
        let day: Option<String> =
            query_scalar(DROP).bind(entry.operator_code).bind(entry.entry_id).fetch_optional(&mut **tx).await?;
        return day.ok_or_else(|| broken("entry", entry.entry_id));
    }
    let sum = |side: Side| -> Decimal { bookings.iter().filter(|one| one.side == side).map(|one| one.amount).sum() };
    let is_export = bookings.iter().any(|one| one.side == Side::Exported);
    let booked = deed == Deed::Booked;
    let day = if booked && entry.value_date.is_empty() { day_of(at) } else { entry.value_date.to_owned() };
    query(PUT)
        .bind(entry.operator_code)
        .bind(entry.entry_id)
        .bind(entry.book_no)
        .bind(entry.round)
        .bind(i64::from(booked))
        .bind(entry.entry_no)
        .bind(entry.name)
        .bind(if is_export { "E" } else { "I" })
        .bind(&day)
        .bind(sum(Side::Exported).to_string())
        .bind(sum(Side::Exempt).to_string())
        .bind(sum(Side::Taxed).to_string())
        .execute(&mut **tx)
        .await?;
    Ok(day)
}

/// The day in China of a stored moment.
pub(super) fn day_of(at: &str) -> String {
    chrono::DateTime::parse_from_rfc3339(at)
        .map_or_else(|_| String::new(), |at| show_date(in_china(at.to_utc()).date_naive()))
}

fn decimal(row: &AnyRow, column: &str) -> Result<Decimal, sqlx::Error> {
    let text: String = row.try_get(column)?;
    text.parse().map_err(|_| broken(column, &text))
}

/// What each entry of a book has, as it is kept: booked, day, and the amounts.
pub type Kept = BTreeMap<String, (bool, String, [Decimal; 3])>;

/// What the entries of a book have.
pub async fn of_book<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    operator_code: &str,
    book_no: &str,
) -> Result<Kept, sqlx::Error> {
    let rows = query(OF_BOOK).bind(operator_code).bind(book_no).fetch_all(executor).await?;
    let entry = |row: &AnyRow| {
        let amounts = [decimal(row, "exported")?, decimal(row, "exempt")?, decimal(row, "taxed")?];
        Ok((row.try_get("entry_id")?, (row.try_get::<i64, _>("booked")? == 1, row.try_get("value_date")?, amounts)))
    };
    rows.iter().map(entry).collect()
}

/// What of a book is booked up to a day and not written off, and what is under way until then.
pub async fn due<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    (operator_code, book_no): (&str, &str),
    to: &str,
) -> Result<ToWriteOff, sqlx::Error> {
    let rows = query(DUE).bind(operator_code).bind(book_no).bind(to).fetch_all(executor).await?;
    let mut due = ToWriteOff { to: to.to_owned(), ..ToWriteOff::default() };
    for row in rows {
        if row.try_get::<i64, _>("booked")? == 0 {
            due.under_way.push(row.try_get("name")?);
            continue;
        }
        due.entries.push(DueEntry {
            entry_no: row.try_get("entry_no")?,
            is_import: row.try_get::<String, _>("way")? == "I",
            day: row.try_get("value_date")?,
            exported: decimal(&row, "exported")?,
            exempt: decimal(&row, "exempt")?,
            taxed: decimal(&row, "taxed")?,
        });
    }
    Ok(due)
}

/// The goods of what is due, added up.
pub async fn due_goods<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    (operator_code, book_no): (&str, &str),
    to: &str,
) -> Result<Vec<DueGoods>, sqlx::Error> {
    let rows = query(DUE_LINES).bind(operator_code).bind(book_no).bind(to).fetch_all(executor).await?;
    let mut goods: BTreeMap<(bool, i64), DueGoods> = BTreeMap::new();
    for row in rows {
        let code: String = row.try_get("side")?;
        let side = Side::from_code(&code).ok_or_else(|| broken("side", &code))?;
        let (is_import, seq) = (side != Side::Exported, row.try_get("goods_seq")?);
        let of = goods.entry((is_import, seq)).or_insert(DueGoods { is_import, seq, ..DueGoods::default() });
        let amount = decimal(&row, "amount")?;
        if side == Side::Taxed {
            of.taxed += amount;
        } else {
            of.qty += decimal(&row, "qty")?;
            of.amount += amount;
        }
    }
    Ok(goods.into_values().collect())
}

/// Why these numbers are not due for a write-off of a book up to a day; those that are due are not among them.
pub async fn strangers(
    db: &Db,
    (operator_code, book_no): (&str, &str),
    to: &str,
    numbers: &[&str],
) -> Result<Vec<(String, Stranger)>, sqlx::Error> {
    let rows = query(db.pick(NUMBERED)).bind(operator_code).bind(db.list(numbers)?).fetch_all(&db.read).await?;
    let mut known: BTreeMap<String, Option<Stranger>> = BTreeMap::new();
    for row in rows {
        let written: String = row.try_get("writeoff_id")?;
        let why = if row.try_get::<String, _>("book_no")? != book_no {
            Some(Stranger::OtherBook)
        } else if !written.is_empty() {
            Some(Stranger::Written)
        } else if row.try_get::<i64, _>("booked")? == 0 {
            Some(Stranger::UnderWay)
        } else {
            (row.try_get::<String, _>("value_date")?.as_str() > to).then_some(Stranger::Later)
        };
        known.insert(row.try_get("entry_no")?, why);
    }
    let told = numbers.iter().filter_map(|number| {
        let why = known.get(*number).copied().unwrap_or(Some(Stranger::Unknown))?;
        Some(((*number).to_owned(), why))
    });
    Ok(told.collect())
}

/// Marks entries of a book as accounted for by a write-off. How many were not yet.
pub async fn write_off(
    db: &Db,
    tx: &mut Tx,
    (operator_code, book_no): (&str, &str),
    numbers: &[&str],
    writeoff_id: &str,
) -> Result<u64, sqlx::Error> {
    let done = query(db.pick(WRITE_OFF)).bind(operator_code).bind(book_no).bind(db.list(numbers)?).bind(writeoff_id);
    Ok(done.execute(&mut **tx).await?.rows_affected())
}

/// The write-off that accounted for an entry; empty for none.
pub async fn written_by(tx: &mut Tx, operator_code: &str, entry_id: &str) -> Result<String, sqlx::Error> {
    let found = query_scalar(WRITTEN_BY).bind(operator_code).bind(entry_id).fetch_optional(&mut **tx).await?;
    Ok(found.unwrap_or_default())
}
