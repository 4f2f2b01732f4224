//! SQL of 待办: documents in hand, books that end, uploads that were left. Reads by indexes of what is open, never over what is
//! done; decides nothing.

use sqlx::any::AnyRow;
use sqlx::{Row as _, query};

use super::rules::{Ending, InHand};
use crate::document::Status;
use crate::document::store::status;
use crate::lists;
use crate::server::db::{Db, Sql};

/// How many documents are in these states, by enterprise. An empty moment does not restrict.
const COUNTS: Sql = lists!(
    "SELECT operator_code, COUNT(*) AS n FROM document WHERE operator_code ",
    { 1 },
    " AND status ",
    { 2 },
    " AND ($3 = '' OR declared_at < $3) GROUP BY operator_code"
);
/// What [`in_hand`] reads of a document `d`, with what was said of it last.
macro_rules! in_hand_columns {
    () => {
        "d.id, d.operator_code, d.kind, d.status, d.version, d.internal_no, d.book_no, d.entry_no, d.declared_at, d.updated_at, \
         COALESCE((SELECT CASE WHEN r.remark <> '' THEN r.remark ELSE r.notes END FROM receipt r \
         WHERE r.operator_code = d.operator_code AND r.document_id = d.id AND r.applied = 1 \
         ORDER BY r.received_at DESC LIMIT 1), '') AS said"
    };
}
pub(crate) use in_hand_columns;
/// What [`book`] reads of an account book `b` and the document `d` in force.
macro_rules! book_columns {
    () => {
        "b.operator_code, b.book_no, b.in_force_id, b.valid_to, b.urged_on, b.urge_due, d.kind \
         FROM account_book b JOIN document d ON d.id = b.in_force_id"
    };
}
pub(crate) use book_columns;
/// The latest of them.
const DOCUMENTS: Sql = lists!(
    "SELECT ",
    (in_hand_columns!()),
    " FROM document d WHERE d.id IN (SELECT id FROM document WHERE operator_code ",
    { 1 },
    " AND status ",
    { 2 },
    " AND ($3 = '' OR declared_at < $3) ORDER BY declared_at DESC, id DESC LIMIT $4) ORDER BY d.declared_at DESC, d.id DESC"
);
/// Books that are not closed, nor with customs to be written off, and end by a day or were urged.
/// Two searches, each by its own index of the enterprise: with an OR, or where SQLite takes the life of a book (`life || ''`
/// keeps it from that) for what tells them apart, it walks over the books of everybody.
const BOOKS: Sql = lists!(
    "SELECT ",
    (book_columns!()),
    " WHERE b.operator_code ",
    { 1 },
    " AND b.life || '' = $2 AND b.writing_to = '' AND b.valid_to <= $3 UNION SELECT ",
    (book_columns!()),
    " WHERE b.operator_code ",
    { 1 },
    " AND b.urged_on <> '' AND b.life || '' = $2 AND b.writing_to = '' ORDER BY 4, 2 LIMIT $4"
);
const IMPORTS: &str = "SELECT i.id, COALESCE(i.document_id, '') AS document_id, i.file_name, i.created_at, i.expires_at, \
    COALESCE(d.kind, '') AS kind, COALESCE(d.operator_code, '') AS operator_code, COALESCE(d.internal_no, '') AS internal_no \
    FROM pending_import i LEFT JOIN document d ON d.id = i.document_id \
    WHERE i.user_id = $1 AND i.applied = '' AND i.expires_at > $2 ORDER BY i.id DESC LIMIT 50";

/// A book that ends.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub operator_code: String,
    pub book_no: String,
    /// The filing in force, and its kind.
    pub document_id: String,
    pub kind: String,
    pub ending: Ending,
}

/// An upload that was left.
#[derive(Clone, Debug)]
pub struct Left {
    pub id: String,
    /// Empty for a list of entries.
    pub document_id: String,
    pub kind: String,
    pub operator_code: String,
    pub internal_no: String,
    pub file_name: String,
    pub created_at: String,
    pub expires_at: String,
}

fn codes(db: &Db, states: &[Status]) -> Result<String, sqlx::Error> {
    db.list(&states.iter().map(|status| status.code()).collect::<Vec<_>>())
}

/// How many documents of these enterprises are in these states; `before`: only those declared earlier.
pub async fn counts(
    db: &Db,
    operators: &[&str],
    states: &[Status],
    before: &str,
) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let rows = query(db.pick(COUNTS)).bind(db.list(operators)?).bind(codes(db, states)?).bind(before);
    let rows = rows.fetch_all(&db.read).await?;
    rows.iter().map(|row| Ok((row.try_get("operator_code")?, row.try_get("n")?))).collect()
}

/// The documents themselves, those declared last first.
pub async fn documents(
    db: &Db,
    operators: &[&str],
    states: &[Status],
    (before, most): (&str, i64),
) -> Result<Vec<InHand>, sqlx::Error> {
    let rows = query(db.pick(DOCUMENTS)).bind(db.list(operators)?).bind(codes(db, states)?).bind(before).bind(most);
    rows.fetch_all(&db.read).await?.iter().map(in_hand).collect()
}

/// Decodes a document in hand.
pub fn in_hand(row: &AnyRow) -> Result<InHand, sqlx::Error> {
    Ok(InHand {
        id: row.try_get("id")?,
        operator_code: row.try_get("operator_code")?,
        kind: row.try_get("kind")?,
        status: status(row)?,
        version: row.try_get("version")?,
        internal_no: row.try_get("internal_no")?,
        book_no: row.try_get("book_no")?,
        entry_no: row.try_get("entry_no")?,
        declared_at: row.try_get("declared_at")?,
        updated_at: row.try_get("updated_at")?,
        said: row.try_get("said")?,
    })
}

/// Books of these enterprises that are in this life and end by a day, or were urged.
pub async fn books(
    db: &Db,
    operators: &[&str],
    life: &str,
    (until, most): (&str, i64),
) -> Result<Vec<Book>, sqlx::Error> {
    let rows = query(db.pick(BOOKS)).bind(db.list(operators)?).bind(life).bind(until).bind(most);
    rows.fetch_all(&db.read).await?.iter().map(book).collect()
}

/// Decodes a book that ends.
pub fn book(row: &AnyRow) -> Result<Book, sqlx::Error> {
    Ok(Book {
        operator_code: row.try_get("operator_code")?,
        book_no: row.try_get("book_no")?,
        document_id: row.try_get("in_force_id")?,
        kind: row.try_get("kind")?,
        ending: Ending {
            valid_to: row.try_get("valid_to")?,
            urged_on: row.try_get("urged_on")?,
            due_date: row.try_get("urge_due")?,
        },
    })
}

/// Uploads of a user that were looked at and neither imported nor given up.
pub async fn imports(db: &Db, user_id: &str, now: &str) -> Result<Vec<Left>, sqlx::Error> {
    let left = |row: &AnyRow| {
        Ok(Left {
            id: row.try_get("id")?,
            document_id: row.try_get("document_id")?,
            kind: row.try_get("kind")?,
            operator_code: row.try_get("operator_code")?,
            internal_no: row.try_get("internal_no")?,
            file_name: row.try_get("file_name")?,
            created_at: row.try_get("created_at")?,
            expires_at: row.try_get("expires_at")?,
        })
    };
    query(IMPORTS).bind(user_id).bind(now).fetch_all(&db.read).await?.iter().map(left).collect()
}
