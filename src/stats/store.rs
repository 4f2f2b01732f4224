//! SQL of 统计: what is kept with the ledger, added up by something, and what was sent back. Whole numbers only, so that the
//! database adds them up without loss. Decides nothing.

use sqlx::any::AnyRow;
use sqlx::{Row as _, query};

use super::model::By;
use crate::ledger::model::Side;
use crate::lists;
use crate::server::db::{Db, Sql};

macro_rules! sums {
    ($key:literal, $beside:literal) => {
        lists!(
            "SELECT ",
            $key,
            " AS a, ",
            $beside,
            " AS b, b.currency AS currency, m.side AS side, \
             CAST(SUM(CASE WHEN m.month >= $2 THEN m.cents ELSE 0 END) AS BIGINT) AS within, \
             CAST(SUM(m.cents) AS BIGINT) AS until FROM ledger_month m \
             JOIN account_book b ON b.operator_code = m.operator_code AND b.book_no = m.book_no WHERE m.operator_code ",
            {1},
            " AND m.month <= $3 GROUP BY 1, 2, 3, 4"
        )
    };
}

macro_rules! entries {
    ($key:literal, $beside:literal) => {
        lists!(
            "SELECT ",
            $key,
            " AS a, ",
            $beside,
            " AS b, b.currency AS currency, e.way AS way, COUNT(*) AS n FROM ledger_entry e \
             JOIN account_book b ON b.operator_code = e.operator_code AND b.book_no = e.book_no WHERE e.operator_code ",
            {1},
            " AND e.booked = 1 AND e.value_date >= $2 AND e.value_date < $3 GROUP BY 1, 2, 3, 4"
        )
    };
}

const fn sums_by(by: By) -> Sql {
    match by {
        By::Book => sums!("m.book_no", "m.operator_code"),
        By::Month => sums!("m.month", "''"),
        By::Partner => sums!("b.partner", "b.country"),
        By::Country => sums!("b.country", "''"),
        By::Commodity => sums!("m.hs_code", "''"),
    }
}

const fn entries_by(by: By) -> Option<Sql> {
    Some(match by {
        By::Book => entries!("e.book_no", "e.operator_code"),
        By::Month => entries!("substr(e.value_date, 1, 7)", "''"),
        By::Partner => entries!("b.partner", "b.country"),
        By::Country => entries!("b.country", "''"),
        By::Commodity => return None,
    })
}

macro_rules! days {
    ($key:literal, $beside:literal) => {
        lists!(
            "SELECT e.operator_code, e.book_no, ",
            $key,
            " AS a, ",
            $beside,
            " AS b, b.currency AS currency, e.value_date, e.exported, e.exempt FROM ledger_entry e \
             JOIN account_book b ON b.operator_code = e.operator_code AND b.book_no = e.book_no WHERE e.operator_code ",
            {1},
            " AND e.booked = 1 AND e.value_date < $2 ORDER BY e.operator_code, e.book_no, e.value_date"
        )
    };
}

const fn days_by(by: By) -> Option<Sql> {
    Some(match by {
        By::Book => days!("e.book_no", "e.operator_code"),
        By::Month => days!("substr(e.value_date, 1, 7)", "''"),
        By::Partner => days!("b.partner", "b.country"),
        By::Country => days!("b.country", "''"),
        // What comes back is other goods than those that went out.
        By::Commodity => return None,
    })
}

const RETURNED: Sql = lists!(
    "SELECT COALESCE(d.kind, '') AS kind, r.remark, r.notes, COUNT(*) AS n FROM receipt r \
             LEFT JOIN document d ON d.operator_code = r.operator_code AND d.id = r.document_id WHERE r.operator_code ",
    { 1 },
    " AND r.result IN ('3', 'Z', '-1') AND r.applied = 1 AND r.message_type <> 'SMS' AND r.received_at >= $2 \
             AND r.received_at < $3 GROUP BY 1, 2, 3 ORDER BY 4 DESC"
);
const APPROVED: Sql = lists!(
    "SELECT COUNT(*) AS n FROM receipt WHERE operator_code ",
    { 1 },
    " AND result = '1' AND applied = 1 AND message_type <> 'SMS' AND received_at >= $2 AND received_at < $3"
);

/// What lines are added up by: key, what stands beside it, currency.
pub type Group = (String, String, String);

/// The sum of one side of a group, in hundredths.
#[derive(Clone, Debug)]
pub struct Sum {
    pub group: Group,
    pub side: Side,
    /// Of the months asked for.
    pub within: i64,
    /// Of all months until the last of them.
    pub until: i64,
}

fn group(row: &AnyRow) -> Result<Group, sqlx::Error> {
    Ok((row.try_get("a")?, row.try_get("b")?, row.try_get("currency")?))
}

/// The sums of these enterprises in months, `yyyy-mm`, both included.
pub async fn sums(db: &Db, operators: &[&str], by: By, (from, to): (&str, &str)) -> Result<Vec<Sum>, sqlx::Error> {
    let rows = query(db.pick(sums_by(by))).bind(db.list(operators)?).bind(from).bind(to).fetch_all(&db.read).await?;
    let sum = |row: &AnyRow| {
        let code: String = row.try_get("side")?;
        let side =
            Side::from_code(&code).ok_or_else(|| sqlx::Error::Decode(format!("unknown side {code:?}").into()))?;
        Ok(Sum { group: group(row)?, side, within: row.try_get("within")?, until: row.try_get("until")? })
    };
    rows.iter().map(sum).collect()
}

/// How many entries were booked from a day on, before another: group, true for re-imports, how many.
pub async fn entries(
    db: &Db,
    operators: &[&str],
    by: By,
    (from, before): (&str, &str),
) -> Result<Vec<(Group, bool, i64)>, sqlx::Error> {
    let Some(sql) = entries_by(by) else { return Ok(Vec::new()) };
    let rows = query(db.pick(sql)).bind(db.list(operators)?).bind(from).bind(before).fetch_all(&db.read).await?;
    rows.iter().map(|row| Ok((group(row)?, row.try_get::<String, _>("way")? == "I", row.try_get("n")?))).collect()
}

/// A booked entry: enterprise and book, day, exported and exempt as decimals.
#[derive(Clone, Debug)]
pub struct Booked {
    pub book: (String, String),
    pub group: Group,
    pub day: String,
    pub exported: String,
    pub exempt: String,
}

/// All booked entries before a day, by book and day; none by what says nothing of their days.
pub async fn booked(db: &Db, operators: &[&str], by: By, before: &str) -> Result<Vec<Booked>, sqlx::Error> {
    let Some(sql) = days_by(by) else { return Ok(Vec::new()) };
    let rows = query(db.pick(sql)).bind(db.list(operators)?).bind(before).fetch_all(&db.read).await?;
    let booked = |row: &AnyRow| {
        Ok(Booked {
            book: (row.try_get("operator_code")?, row.try_get("book_no")?),
            group: group(row)?,
            day: row.try_get("value_date")?,
            exported: row.try_get("exported")?,
            exempt: row.try_get("exempt")?,
        })
    };
    rows.iter().map(booked).collect()
}

/// What was sent back from a moment on, before another.
#[derive(Clone, Debug)]
pub struct Returned {
    pub kind: String,
    pub remark: String,
    /// A JSON array.
    pub notes: String,
    pub count: i64,
}

pub async fn returned(db: &Db, operators: &[&str], (from, before): (&str, &str)) -> Result<Vec<Returned>, sqlx::Error> {
    let rows = query(db.pick(RETURNED)).bind(db.list(operators)?).bind(from).bind(before).fetch_all(&db.read).await?;
    let returned = |row: &AnyRow| {
        Ok(Returned {
            kind: row.try_get("kind")?,
            remark: row.try_get("remark")?,
            notes: row.try_get("notes")?,
            count: row.try_get("n")?,
        })
    };
    rows.iter().map(returned).collect()
}

/// How many documents were approved from a moment on, before another.
pub async fn approved(db: &Db, operators: &[&str], (from, before): (&str, &str)) -> Result<i64, sqlx::Error> {
    let row = query(db.pick(APPROVED)).bind(db.list(operators)?).bind(from).bind(before).fetch_one(&db.read).await?;
    row.try_get("n")
}
