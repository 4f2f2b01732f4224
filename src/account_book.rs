//! 账册: what customs keeps under one 账册编号, beyond the filings that made it: which of them is in force, how long it
//! is valid, where it stands in its life. Its line is the lock for all that must be serial for a book. Kinds of
//! documents call it inside their transactions.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::lists;
use crate::server::db::{Db, Sql, Tx};

const OPEN: &str = "INSERT INTO account_book (operator_code, book_no, in_force_id, valid_from, valid_to, currency, life, \
    version, written_to, writeoffs, writing_to, writing_closes, urged_on, urge_due, \
    partner, country) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
    ON CONFLICT (operator_code, book_no) DO NOTHING";
const UPDATE: &str = "UPDATE account_book SET in_force_id = $3, valid_from = $4, valid_to = $5, currency = $6, life = $7, \
    version = $8, written_to = $9, writeoffs = $10, writing_to = $11, writing_closes = $12, urged_on = $13, \
    urge_due = $14, partner = $15, country = $16 WHERE operator_code = $1 AND book_no = $2";
/// An update that changes nothing takes the row lock on PostgreSQL; SQLite already holds the write lock.
const LOCK: &str = "UPDATE account_book SET version = version WHERE operator_code = $1 AND book_no = $2";
const SELECT: &str = "SELECT * FROM account_book WHERE operator_code = $1 AND book_no = $2";
const FIND: Sql = lists!("SELECT * FROM account_book WHERE book_no = $2 AND operator_code ", { 1 });
/// Books past their validity that were never written off (announcement 69/2016 item 3).
const EXPIRED: &str = "SELECT book_no FROM account_book WHERE operator_code = $1 AND valid_to <> '' AND valid_to < $2 AND life <> $3 \
    ORDER BY valid_to LIMIT 1";

/// Where a book stands. That its validity is over follows from the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// 有效
    Active,
    /// 已核销, 结案
    Closed,
}

impl Life {
    const ALL: [Self; 2] = [Self::Active, Self::Closed];

    /// Code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }

    fn from_code(code: &str) -> Result<Self, sqlx::Error> {
        let found = Self::ALL.into_iter().find(|life| life.code() == code);
        found.ok_or_else(|| sqlx::Error::Decode(format!("unknown life of a book {code:?}").into()))
    }
}

/// A line of table `account_book`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    pub operator_code: String,
    pub book_no: String,
    /// The document customs works by.
    pub in_force_id: String,
    pub valid_from: String,
    pub valid_to: String,
    pub currency: String,
    /// 境外加工企业 and 加工国(地区) of the filing in force.
    pub partner: String,
    pub country: String,
    pub life: Life,
    pub version: i64,
    pub written: Written,
}

/// How far a book is written off (报核).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// 报核截止日期 of the last write-off that was approved; empty for none.
    pub to: String,
    /// How many were.
    pub times: i64,
    /// That of the write-off customs is looking at; empty for none.
    pub under_way: String,
    /// True when that one ends the book.
    pub closes: bool,
    /// When customs urged to write the book off (已催核); empty once that was done.
    pub urged_on: String,
    /// Until when customs wants it (应报核日期); empty as long as it named no day.
    pub urge_due: String,
}

fn decode(row: &AnyRow) -> Result<Book, sqlx::Error> {
    let life: String = row.try_get("life")?;
    Ok(Book {
        operator_code: row.try_get("operator_code")?,
        book_no: row.try_get("book_no")?,
        in_force_id: row.try_get("in_force_id")?,
        valid_from: row.try_get("valid_from")?,
        valid_to: row.try_get("valid_to")?,
        currency: row.try_get("currency")?,
        partner: row.try_get("partner")?,
        country: row.try_get("country")?,
        life: Life::from_code(&life)?,
        version: row.try_get("version")?,
        written: Written {
            to: row.try_get("written_to")?,
            times: row.try_get("writeoffs")?,
            under_way: row.try_get("writing_to")?,
            closes: row.try_get::<i64, _>("writing_closes")? == 1,
            urged_on: row.try_get("urged_on")?,
            urge_due: row.try_get("urge_due")?,
        },
    })
}

/// A new book; false when there is one of this number.
///
/// # Errors
/// When the database fails.
pub async fn open(tx: &mut Tx, book: &Book) -> Result<bool, sqlx::Error> {
    Ok(write(tx, OPEN, book).await? == 1)
}

/// Stores a book that is locked.
///
/// # Errors
/// When the database fails.
pub async fn update(tx: &mut Tx, book: &Book) -> Result<(), sqlx::Error> {
    write(tx, UPDATE, book).await.map(drop)
}

async fn write(tx: &mut Tx, statement: &'static str, book: &Book) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(statement)
        .bind(&book.operator_code)
        .bind(&book.book_no)
        .bind(&book.in_force_id)
        .bind(&book.valid_from)
        .bind(&book.valid_to)
        .bind(&book.currency)
        .bind(book.life.code())
        .bind(book.version)
        .bind(&book.written.to)
        .bind(book.written.times)
        .bind(&book.written.under_way)
        .bind(i64::from(book.written.closes))
        .bind(&book.written.urged_on)
        .bind(&book.written.urge_due)
        .bind(&book.partner)
        .bind(&book.country)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

/// A book of one of these enterprises, as committed last.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, operators: &[&str], book_no: &str) -> Result<Option<Book>, sqlx::Error> {
    let row = sqlx::query(db.pick(FIND)).bind(db.list(operators)?).bind(book_no).fetch_optional(&db.read).await?;
    row.as_ref().map(decode).transpose()
}

/// Reads a book and holds its lock until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn lock(tx: &mut Tx, operator_code: &str, book_no: &str) -> Result<Option<Book>, sqlx::Error> {
    sqlx::query(LOCK).bind(operator_code).bind(book_no).execute(&mut **tx).await?;
    let row = sqlx::query(SELECT).bind(operator_code).bind(book_no).fetch_optional(&mut **tx).await?;
    row.as_ref().map(decode).transpose()
}

/// The number of a book of the enterprise whose validity is over and that was not written off, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn expired(tx: &mut Tx, operator_code: &str, today: &str) -> Result<Option<String>, sqlx::Error> {
    let query = sqlx::query_scalar(EXPIRED).bind(operator_code).bind(today).bind(Life::Closed.code());
    query.fetch_optional(&mut **tx).await
}
