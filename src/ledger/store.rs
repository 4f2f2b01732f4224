//! SQL of the ledger: lines that are only ever added, and the sums beside them. Used by `service` under the lock of the
//! account book; decides nothing.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Executor, Row as _, query, query_scalar};

use super::model::{Booking, Deed, Side};
use crate::document::under_book::Figure;
use crate::lists;
use crate::server::db::{Db, Sql, Tx, as_json};

const LAST_TURN: &str = "SELECT turn, deed FROM ledger_line WHERE operator_code = $1 AND entry_id = $2 AND round = $3 \
    ORDER BY turn DESC LIMIT 1";
const OF_TURN: &str = "SELECT item, side, goods_seq, hs_code, qty, amount, own_amount FROM ledger_line WHERE operator_code = $1 \
    AND entry_id = $2 AND round = $3 AND turn = $4 ORDER BY item";
/// All items of one deed in one statement.
const ADD: Sql = Sql {
    sqlite: "INSERT INTO ledger_line (operator_code, book_no, entry_id, round, turn, deed, entry_no, currency, value_date, \
        at, item, side, goods_seq, hs_code, qty, amount, own_amount) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
        json_extract(value, '$.item'), json_extract(value, '$.side'), json_extract(value, '$.goods_seq'), \
        json_extract(value, '$.hs_code'), json_extract(value, '$.qty'), json_extract(value, '$.amount'), json_extract(value, '$.own_amount') \
        FROM json_each($11)",
    postgres: "INSERT INTO ledger_line (operator_code, book_no, entry_id, round, turn, deed, entry_no, currency, \
        value_date, at, item, side, goods_seq, hs_code, qty, amount, own_amount) SELECT $1, $2, $3, CAST($4 AS BIGINT), \
        CAST($5 AS BIGINT), $6, $7, $8, $9, $10, one.item, one.side, one.goods_seq, one.hs_code, one.qty, one.amount, one.own_amount \
        FROM json_to_recordset(CAST($11 AS json)) AS one (item bigint, side text, goods_seq bigint, hs_code text, \
        qty text, amount text, own_amount text)",
};
const SUMS: &str = "SELECT side, goods_seq, reserved_qty, reserved, booked_qty, booked, entry, lines FROM ledger_sum \
    WHERE operator_code = $1 AND book_no = $2";
const SUMS_OF: Sql = lists!(
    "SELECT side, goods_seq, reserved_qty, reserved, booked_qty, booked, entry, lines FROM ledger_sum \
     WHERE operator_code = $1 AND book_no = $2 AND goods_seq ",
    [3]
);
const PUT_SUMS: Sql = Sql {
    sqlite: "INSERT INTO ledger_sum (operator_code, book_no, side, goods_seq, reserved_qty, reserved, booked_qty, booked, entry, \
        lines) SELECT $1, $2, json_extract(value, '$.side'), json_extract(value, '$.goods_seq'), \
        json_extract(value, '$.reserved_qty'), json_extract(value, '$.reserved'), json_extract(value, '$.booked_qty'), \
        json_extract(value, '$.booked'), $4, json_extract(value, '$.lines') FROM json_each($3) WHERE true \
        ON CONFLICT (operator_code, book_no, side, goods_seq) DO UPDATE SET reserved_qty = excluded.reserved_qty, \
        reserved = excluded.reserved, booked_qty = excluded.booked_qty, booked = excluded.booked, entry = excluded.entry, \
        lines = excluded.lines",
    postgres: "INSERT INTO ledger_sum (operator_code, book_no, side, goods_seq, reserved_qty, reserved, booked_qty, \
        booked, entry, lines) SELECT $1, $2, one.side, one.goods_seq, one.reserved_qty, one.reserved, one.booked_qty, \
        one.booked, $4, one.lines \
        FROM json_to_recordset(CAST($3 AS json)) AS one (side text, goods_seq bigint, reserved_qty text, reserved text, \
        booked_qty text, booked text, lines bigint) \
        ON CONFLICT (operator_code, book_no, side, goods_seq) DO UPDATE SET reserved_qty = excluded.reserved_qty, \
        reserved = excluded.reserved, booked_qty = excluded.booked_qty, booked = excluded.booked, entry = excluded.entry, \
        lines = excluded.lines",
};
const LINES: &str = "SELECT entry_id, round, turn, deed, entry_no, currency, value_date, at, item, side, goods_seq, hs_code, qty, \
    amount, own_amount FROM ledger_line WHERE operator_code = $1 AND book_no = $2 \
    ORDER BY at DESC, entry_id DESC, round DESC, turn DESC, item LIMIT $3 OFFSET $4";
const LINES_OF_GOODS: &str = "SELECT entry_id, round, turn, deed, entry_no, currency, value_date, at, item, side, \
    goods_seq, hs_code, qty, amount, own_amount FROM ledger_line WHERE operator_code = $1 AND book_no = $2 AND side = $5 \
    AND goods_seq = $6 ORDER BY at DESC, entry_id DESC, round DESC, turn DESC, item LIMIT $3 OFFSET $4";
/// How many lines there are, from the sums: counting them would read all of them.
const COUNT: &str =
    "SELECT CAST(COALESCE(SUM(lines), 0) AS BIGINT) FROM ledger_sum WHERE operator_code = $1 AND book_no = $2";
const COUNT_OF_GOODS: &str = "SELECT CAST(COALESCE(SUM(lines), 0) AS BIGINT) FROM ledger_sum WHERE operator_code = $1 \
    AND book_no = $2 AND side = $3 AND goods_seq = $4";
const BOOKS: &str = "SELECT operator_code, book_no FROM account_book WHERE (operator_code, book_no) > ($1, $2) \
    ORDER BY operator_code, book_no LIMIT $3";
const ALL_OF_BOOK: &str = "SELECT entry_id, round, turn, deed, item, side, goods_seq, hs_code, qty, amount, value_date, at FROM ledger_line \
    WHERE operator_code = $1 AND book_no = $2 AND (entry_id, round, turn, item) > ($3, $4, $5, $6) \
    ORDER BY entry_id, round, turn, item LIMIT $7";
/// What the ledger has of a book, by side and goods.
pub type Sums = BTreeMap<(Side, i64), Sum>;

/// The sum of the lines of one side of goods.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub figure: Figure,
    /// Number of the entry that moved it last.
    pub entry: String,
    /// How many lines it is the sum of.
    pub lines: i64,
}

/// The declaration that lines belong to.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    pub operator_code: &'a str,
    pub book_no: &'a str,
    pub entry_id: &'a str,
    /// `declare_round` of the document.
    pub round: i64,
    /// 报关单号, as far as it is known.
    pub entry_no: &'a str,
    /// How people call it: 报关单号, or 企业内部编号 as long as it has none.
    pub name: &'a str,
    pub currency: &'a str,
    /// 进出口日期
    pub value_date: &'a str,
}

/// A stored line.
#[derive(Clone, Debug)]
pub struct Line {
    pub entry_id: String,
    pub round: i64,
    pub turn: i64,
    pub deed: Deed,
    pub entry_no: String,
    pub currency: String,
    pub value_date: String,
    pub at: String,
    pub booking: Booking,
}

#[derive(Serialize)]
struct Item<'a> {
    item: i64,
    side: &'static str,
    goods_seq: i64,
    hs_code: &'a str,
    qty: String,
    amount: String,
    own_amount: String,
}

#[derive(Serialize)]
struct SumRow {
    side: &'static str,
    goods_seq: i64,
    reserved_qty: String,
    reserved: String,
    booked_qty: String,
    booked: String,
    lines: i64,
}

pub(super) fn broken(what: &str, text: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{what} of the ledger: {text:?}").into())
}

fn decimal(row: &AnyRow, column: &str) -> Result<Decimal, sqlx::Error> {
    let text: String = row.try_get(column)?;
    text.parse().map_err(|_| broken(column, &text))
}

fn side(row: &AnyRow) -> Result<Side, sqlx::Error> {
    let code: String = row.try_get("side")?;
    Side::from_code(&code).ok_or_else(|| broken("side", &code))
}

fn deed(row: &AnyRow) -> Result<Deed, sqlx::Error> {
    let code: String = row.try_get("deed")?;
    Deed::from_code(&code).ok_or_else(|| broken("deed", &code))
}

/// What was done with a declaration last, and how often something was; `None` for nothing.
pub async fn last_turn(tx: &mut Tx, entry: &Entry<'_>) -> Result<Option<(i64, Deed)>, sqlx::Error> {
    let found = query(LAST_TURN).bind(entry.operator_code).bind(entry.entry_id).bind(entry.round);
    let found = found.fetch_optional(&mut **tx).await?;
    found.map(|row| Ok((row.try_get("turn")?, deed(&row)?))).transpose()
}

/// The items of one deed.
pub async fn of_turn(tx: &mut Tx, entry: &Entry<'_>, turn: i64) -> Result<Vec<Booking>, sqlx::Error> {
    let found = query(OF_TURN).bind(entry.operator_code).bind(entry.entry_id).bind(entry.round).bind(turn);
    found.fetch_all(&mut **tx).await?.iter().map(booking).collect()
}

fn booking(row: &AnyRow) -> Result<Booking, sqlx::Error> {
    Ok(Booking {
        item: row.try_get("item")?,
        side: side(row)?,
        goods_seq: row.try_get("goods_seq")?,
        hs_code: row.try_get("hs_code")?,
        qty: decimal(row, "qty")?,
        own_amount: decimal(row, "own_amount")?,
        amount: decimal(row, "amount")?,
    })
}

/// Adds the lines of a deed.
pub async fn add(
    db: &Db,
    tx: &mut Tx,
    entry: &Entry<'_>,
    (turn, deed): (i64, Deed),
    at: &str,
    bookings: &[Booking],
) -> Result<(), sqlx::Error> {
    let items: Vec<Item<'_>> = bookings
        .iter()
        .map(|one| Item {
            item: one.item,
            side: one.side.code(),
            goods_seq: one.goods_seq,
            hs_code: &one.hs_code,
            qty: one.qty.to_string(),
            amount: one.amount.to_string(),
            own_amount: one.own_amount.to_string(),
        })
        .collect();
    query(db.pick(ADD))
        .bind(entry.operator_code)
        .bind(entry.book_no)
        .bind(entry.entry_id)
        .bind(entry.round)
        .bind(turn)
        .bind(deed.code())
        .bind(entry.entry_no)
        .bind(entry.currency)
        .bind(entry.value_date)
        .bind(at)
        .bind(as_json(&items)?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// All sums of a book.
pub async fn sums<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    operator_code: &str,
    book_no: &str,
) -> Result<Sums, sqlx::Error> {
    let rows = query(SUMS).bind(operator_code).bind(book_no).fetch_all(executor).await?;
    rows.iter().map(sum).collect()
}

/// The sums of some goods of a book.
pub async fn sums_of(db: &Db, tx: &mut Tx, entry: &Entry<'_>, goods: &[i64]) -> Result<Sums, sqlx::Error> {
    let found = query(db.pick(SUMS_OF)).bind(entry.operator_code).bind(entry.book_no).bind(db.list(goods)?);
    found.fetch_all(&mut **tx).await?.iter().map(sum).collect()
}

fn sum(row: &AnyRow) -> Result<((Side, i64), Sum), sqlx::Error> {
    let figure = Figure {
        reserved_qty: decimal(row, "reserved_qty")?,
        reserved: decimal(row, "reserved")?,
        booked_qty: decimal(row, "booked_qty")?,
        booked: decimal(row, "booked")?,
    };
    Ok((
        (side(row)?, row.try_get("goods_seq")?),
        Sum { figure, entry: row.try_get("entry")?, lines: row.try_get("lines")? },
    ))
}

/// Stores sums of goods.
pub async fn put_sums(db: &Db, tx: &mut Tx, entry: &Entry<'_>, sums: &Sums) -> Result<(), sqlx::Error> {
    let rows: Vec<SumRow> = sums
        .iter()
        .map(|((side, goods_seq), Sum { figure, lines, .. })| SumRow {
            side: side.code(),
            goods_seq: *goods_seq,
            reserved_qty: figure.reserved_qty.to_string(),
            reserved: figure.reserved.to_string(),
            booked_qty: figure.booked_qty.to_string(),
            booked: figure.booked.to_string(),
            lines: *lines,
        })
        .collect();
    let put =
        query(db.pick(PUT_SUMS)).bind(entry.operator_code).bind(entry.book_no).bind(as_json(&rows)?).bind(entry.name);
    put.execute(&mut **tx).await?;
    Ok(())
}

/// One page of the lines of a book, or of goods of it, newest first; and how many there are.
pub async fn lines(
    db: &Db,
    operator_code: &str,
    book_no: &str,
    of: Option<(Side, i64)>,
    (limit, offset): (i64, i64),
) -> Result<(Vec<Line>, i64), sqlx::Error> {
    let (page, count) = match of {
        None => (query(LINES), query_scalar(COUNT)),
        Some(_) => (query(LINES_OF_GOODS), query_scalar(COUNT_OF_GOODS)),
    };
    let mut page = page.bind(operator_code).bind(book_no).bind(limit).bind(offset);
    let mut count = count.bind(operator_code).bind(book_no);
    if let Some((side, goods_seq)) = of {
        page = page.bind(side.code()).bind(goods_seq);
        count = count.bind(side.code()).bind(goods_seq);
    }
    let rows = page.fetch_all(&db.read).await?;
    let total: i64 = count.fetch_one(&db.read).await?;
    let line = |row: &AnyRow| {
        Ok(Line {
            entry_id: row.try_get("entry_id")?,
            round: row.try_get("round")?,
            turn: row.try_get("turn")?,
            deed: deed(row)?,
            entry_no: row.try_get("entry_no")?,
            currency: row.try_get("currency")?,
            value_date: row.try_get("value_date")?,
            at: row.try_get("at")?,
            booking: booking(row)?,
        })
    };
    Ok((rows.iter().map(line).collect::<Result<_, sqlx::Error>>()?, total))
}

/// Books after this one, in order.
pub async fn books_after(
    db: &Db,
    (operator, book): (&str, &str),
    most: i64,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let rows = query(BOOKS).bind(operator).bind(book).bind(most).fetch_all(&db.read).await?;
    rows.iter().map(|row| Ok((row.try_get("operator_code")?, row.try_get("book_no")?))).collect()
}

/// Where a walk over the lines of a book stands.
#[derive(Clone, Debug, Default)]
pub struct Place {
    pub entry_id: String,
    pub round: i64,
    pub turn: i64,
    pub item: i64,
}

/// A line met on the walk.
#[derive(Clone, Debug)]
pub struct Walked {
    pub place: Place,
    pub deed: Deed,
    pub value_date: String,
    pub at: String,
    pub booking: Booking,
}

/// Lines of a book after a place, as far as a recount needs them.
pub async fn walk<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    operator_code: &str,
    book_no: &str,
    after: &Place,
    most: i64,
) -> Result<Vec<Walked>, sqlx::Error> {
    let rows = query(ALL_OF_BOOK)
        .bind(operator_code)
        .bind(book_no)
        .bind(&after.entry_id)
        .bind(after.round)
        .bind(after.turn)
        .bind(after.item)
        .bind(most)
        .fetch_all(executor)
        .await?;
    let line = |row: &AnyRow| {
        let place = Place {
            entry_id: row.try_get("entry_id")?,
            round: row.try_get("round")?,
            turn: row.try_get("turn")?,
            item: row.try_get("item")?,
        };
        let booking = Booking {
            item: place.item,
            side: side(row)?,
            goods_seq: row.try_get("goods_seq")?,
            hs_code: row.try_get("hs_code")?,
            qty: decimal(row, "qty")?,
            own_amount: Decimal::ZERO,
            amount: decimal(row, "amount")?,
        };
        let (value_date, at) = (row.try_get("value_date")?, row.try_get("at")?);
        Ok(Walked { place, deed: deed(row)?, value_date, at, booking })
    };
    rows.iter().map(line).collect()
}
