//! What was booked by month of 进出口日期, side and commodity code: SQL of `ledger_month`. Kept by `post` with every line that
//! books or reverses, read by `check` and by the statistics. Decides nothing.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::Serialize;
use sqlx::{Executor, Row as _, query};

use super::model::{Booking, Deed, Side};
use super::store::{Entry, broken};
use crate::server::db::{Db, Sql, Tx, as_json};

/// All of one deed in one statement.
const ADD: Sql = Sql {
    sqlite: "INSERT INTO ledger_month (operator_code, book_no, month, side, hs_code, cents, lines) SELECT $1, $2, $3, \
        json_extract(value, '$.side'), json_extract(value, '$.hs_code'), json_extract(value, '$.cents'), \
        json_extract(value, '$.lines') FROM json_each($4) WHERE true \
        ON CONFLICT (operator_code, month, book_no, side, hs_code) DO UPDATE SET cents = ledger_month.cents + excluded.cents, \
        lines = ledger_month.lines + excluded.lines",
    postgres: "INSERT INTO ledger_month (operator_code, book_no, month, side, hs_code, cents, lines) SELECT $1, $2, $3, \
        one.side, one.hs_code, one.cents, one.lines \
        FROM json_to_recordset(CAST($4 AS json)) AS one (side text, hs_code text, cents bigint, lines bigint) \
        ON CONFLICT (operator_code, month, book_no, side, hs_code) DO UPDATE SET cents = ledger_month.cents + excluded.cents, \
        lines = ledger_month.lines + excluded.lines",
};
const OF_BOOK: &str =
    "SELECT month, side, hs_code, cents, lines FROM ledger_month WHERE operator_code = $1 AND book_no = $2";

/// Hundredths and lines of a month, by side and commodity code.
pub type Months = BTreeMap<(String, Side, String), (i64, i64)>;

#[derive(Serialize)]
struct Row<'a> {
    side: &'static str,
    hs_code: &'a str,
    cents: i64,
    lines: i64,
}

/// An amount in hundredths; `None` for one that is too large or finer than a hundredth.
pub fn cents(amount: Decimal) -> Option<i64> {
    let cents = amount.checked_mul(Decimal::ONE_HUNDRED)?;
    cents.is_integer().then(|| cents.to_i64()).flatten()
}

/// How often a deed counts an amount as booked.
const fn times(deed: Deed) -> i64 {
    deed.effect().1 as i64
}

/// Adds what a deed does to months; nothing for one that books and reverses nothing.
///
/// # Errors
/// `Decode` for an amount that cannot be counted in hundredths.
pub fn count(months: &mut Months, month: &str, deed: Deed, booking: &Booking) -> Result<(), sqlx::Error> {
    if times(deed) == 0 {
        return Ok(());
    }
    let amount = cents(booking.amount).ok_or_else(|| broken("amount", &booking.amount.to_string()))?;
    let sum = months.entry((month.to_owned(), booking.side, booking.hs_code.clone())).or_default();
    sum.0 += times(deed) * amount;
    sum.1 += times(deed);
    Ok(())
}

/// Adds what a deed does to the month of a day.
pub(super) async fn note(
    db: &Db,
    tx: &mut Tx,
    entry: &Entry<'_>,
    (deed, day): (Deed, &str),
    bookings: &[Booking],
) -> Result<(), sqlx::Error> {
    let month = day.get(..7).unwrap_or_default();
    let mut months = Months::new();
    for booking in bookings {
        count(&mut months, month, deed, booking)?;
    }
    if months.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row<'_>> = months
        .iter()
        .map(|((_, side, hs_code), (cents, lines))| Row { side: side.code(), hs_code, cents: *cents, lines: *lines })
        .collect();
    let add = query(db.pick(ADD)).bind(entry.operator_code).bind(entry.book_no).bind(month).bind(as_json(&rows)?);
    add.execute(&mut **tx).await.map(drop)
}

/// All months of a book, without those that came to nothing.
pub async fn of_book<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    operator_code: &str,
    book_no: &str,
) -> Result<Months, sqlx::Error> {
    let rows = query(OF_BOOK).bind(operator_code).bind(book_no).fetch_all(executor).await?;
    let mut months = Months::new();
    for row in rows {
        let code: String = row.try_get("side")?;
        let side = Side::from_code(&code).ok_or_else(|| broken("side", &code))?;
        months.insert(
            (row.try_get("month")?, side, row.try_get("hs_code")?),
            (row.try_get("cents")?, row.try_get("lines")?),
        );
    }
    Ok(months)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_counted_without_loss_or_not_at_all() {
        let of = |text: &str| cents(text.parse().unwrap());
        assert_eq!((of("0.01"), of("1234.50"), of("-3")), (Some(1), Some(123_450), Some(-300)));
        assert_eq!((of("0.001"), cents(Decimal::MAX)), (None, None));
    }
}
