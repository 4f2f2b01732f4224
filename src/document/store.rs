//! SQL of the tables documents share: document, document_row, number_series, audit.
//! Used by services inside their transaction; decides nothing.

pub mod many;

use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{Executor, Row as _};
use uuid::Uuid;

use super::Status;
use crate::server::db::{Db, Tx, now};

const INSERT: &str = "INSERT INTO document (id, kind, status, version, head_version, seq_no, internal_no, book_no, \
    decl_type, change_seq, operator_code, declarant_code, input_code, input_date, valid_to, declared_at, \
    approved_at, declare_round, created_by, updated_at, head) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) \
    ON CONFLICT (id) DO NOTHING";
const UPDATE: &str = "UPDATE document SET status = $2, version = $3, head_version = $4, internal_no = $5, \
    book_no = $6, operator_code = $7, declarant_code = $8, valid_to = $9, declared_at = $10, approved_at = $11, \
    declare_round = $12, updated_at = $13, head = $14 WHERE id = $1";
/// An update that changes nothing takes the row lock on PostgreSQL; SQLite already holds the write lock.
const LOCK: &str = "UPDATE document SET version = version WHERE id = $1";
const SELECT: &str = "SELECT * FROM document WHERE id = $1";
const DELETE: &str = "DELETE FROM document WHERE id = $1";
const INTERNAL_NO_TAKEN: &str = "SELECT seq_no FROM document \
    WHERE operator_code = $1 AND internal_no = $2 AND change_seq = $3 AND id <> $4";
const SELECT_ROWS: &str = "SELECT id, section, seq, version, content FROM document_row WHERE document_id = $1 \
    ORDER BY section, seq";
const SELECT_ROW: &str = "SELECT id, section, seq, version, content FROM document_row \
    WHERE document_id = $1 AND id = $2";
const UPSERT_ROW: &str = "INSERT INTO document_row (id, document_id, section, seq, version, content) \
    VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, content = excluded.content \
    WHERE document_row.document_id = excluded.document_id";
const DELETE_ROWS: &str = "DELETE FROM document_row WHERE document_id = $1";
const NEXT_NUMBER: &str = "INSERT INTO number_series (name, last) VALUES ($1, 1) \
    ON CONFLICT (name) DO UPDATE SET last = number_series.last + 1 RETURNING last";
const AUDIT: &str = "INSERT INTO audit (id, document_id, at, actor, action, detail) VALUES ($1, $2, $3, $4, $5, $6)";
const RECEIPT_COUNT: &str = "SELECT COUNT(*) AS n FROM receipt WHERE document_id = $1";

/// A line of table `document`.
#[derive(Clone, Debug)]
pub struct DocumentRow {
    pub id: String,
    pub kind: String,
    pub status: Status,
    pub version: i64,
    pub head_version: i64,
    pub seq_no: String,
    pub internal_no: String,
    pub book_no: String,
    pub decl_type: String,
    pub change_seq: i64,
    pub operator_code: String,
    pub declarant_code: String,
    pub input_code: String,
    pub input_date: String,
    pub valid_to: String,
    pub declared_at: String,
    pub approved_at: String,
    /// How often the document was declared; answers name the round they belong to.
    pub declare_round: i64,
    pub created_by: String,
    pub updated_at: String,
    /// The head record as JSON.
    pub head: String,
}

/// A line of table `document_row`.
#[derive(Clone, Debug)]
pub struct ContentRow {
    pub id: String,
    pub section: String,
    pub seq: i64,
    pub version: i64,
    pub content: String,
}

/// Decodes a line of `document`.
///
/// # Errors
/// When a column is missing or a state code is unknown.
pub fn decode(row: &AnyRow) -> Result<DocumentRow, sqlx::Error> {
    let status: String = row.try_get("status")?;
    Ok(DocumentRow {
        id: row.try_get("id")?,
        kind: row.try_get("kind")?,
        status: Status::from_code(&status)
            .ok_or_else(|| sqlx::Error::Decode(format!("unknown document status {status:?}").into()))?,
        version: row.try_get("version")?,
        head_version: row.try_get("head_version")?,
        seq_no: row.try_get("seq_no")?,
        internal_no: row.try_get("internal_no")?,
        book_no: row.try_get("book_no")?,
        decl_type: row.try_get("decl_type")?,
        change_seq: row.try_get("change_seq")?,
        operator_code: row.try_get("operator_code")?,
        declarant_code: row.try_get("declarant_code")?,
        input_code: row.try_get("input_code")?,
        input_date: row.try_get("input_date")?,
        valid_to: row.try_get("valid_to")?,
        declared_at: row.try_get("declared_at")?,
        approved_at: row.try_get("approved_at")?,
        declare_round: row.try_get("declare_round")?,
        created_by: row.try_get("created_by")?,
        updated_at: row.try_get("updated_at")?,
        head: row.try_get("head")?,
    })
}

fn decode_content(row: &AnyRow) -> Result<ContentRow, sqlx::Error> {
    Ok(ContentRow {
        id: row.try_get("id")?,
        section: row.try_get("section")?,
        seq: row.try_get("seq")?,
        version: row.try_get("version")?,
        content: row.try_get("content")?,
    })
}

/// Reads a document and holds its lock until the transaction ends.
pub async fn lock(tx: &mut Tx, id: &str) -> Result<Option<DocumentRow>, sqlx::Error> {
    sqlx::query(LOCK).bind(id).execute(&mut **tx).await?;
    read(&mut **tx, id).await
}

/// Reads a document as last committed.
pub async fn find(db: &Db, id: &str) -> Result<Option<DocumentRow>, sqlx::Error> {
    read(&db.read, id).await
}

async fn read<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    id: &str,
) -> Result<Option<DocumentRow>, sqlx::Error> {
    sqlx::query(SELECT).bind(id).fetch_optional(executor).await?.as_ref().map(decode).transpose()
}

/// Inserts; false when the id is already there.
pub async fn insert(tx: &mut Tx, row: &DocumentRow) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(INSERT)
        .bind(&row.id)
        .bind(&row.kind)
        .bind(row.status.code())
        .bind(row.version)
        .bind(row.head_version)
        .bind(&row.seq_no)
        .bind(&row.internal_no)
        .bind(&row.book_no)
        .bind(&row.decl_type)
        .bind(row.change_seq)
        .bind(&row.operator_code)
        .bind(&row.declarant_code)
        .bind(&row.input_code)
        .bind(&row.input_date)
        .bind(&row.valid_to)
        .bind(&row.declared_at)
        .bind(&row.approved_at)
        .bind(row.declare_round)
        .bind(&row.created_by)
        .bind(now())
        .bind(&row.head)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes everything that may change of a document.
pub async fn update(tx: &mut Tx, row: &DocumentRow) -> Result<(), sqlx::Error> {
    sqlx::query(UPDATE)
        .bind(&row.id)
        .bind(row.status.code())
        .bind(row.version)
        .bind(row.head_version)
        .bind(&row.internal_no)
        .bind(&row.book_no)
        .bind(&row.operator_code)
        .bind(&row.declarant_code)
        .bind(&row.valid_to)
        .bind(&row.declared_at)
        .bind(&row.approved_at)
        .bind(row.declare_round)
        .bind(now())
        .bind(&row.head)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Deletes a document and its rows. Audit and receipts stay.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query(DELETE_ROWS).bind(id).execute(&mut **tx).await?;
    sqlx::query(DELETE).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// The 统一编号 of another document that has this 企业内部编号, if any.
pub async fn internal_no_taken(tx: &mut Tx, row: &DocumentRow) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(INTERNAL_NO_TAKEN)
        .bind(&row.operator_code)
        .bind(&row.internal_no)
        .bind(row.change_seq)
        .bind(&row.id)
        .fetch_optional(&mut **tx)
        .await
}

/// All rows of a document as last committed, by section and 商品序号.
pub async fn rows(db: &Db, document_id: &str) -> Result<Vec<ContentRow>, sqlx::Error> {
    sqlx::query(SELECT_ROWS).bind(document_id).fetch_all(&db.read).await?.iter().map(decode_content).collect()
}

/// All rows within a transaction.
pub async fn rows_in(tx: &mut Tx, document_id: &str) -> Result<Vec<ContentRow>, sqlx::Error> {
    sqlx::query(SELECT_ROWS).bind(document_id).fetch_all(&mut **tx).await?.iter().map(decode_content).collect()
}

/// One row within a transaction.
pub async fn row_in(tx: &mut Tx, document_id: &str, id: Uuid) -> Result<Option<ContentRow>, sqlx::Error> {
    let row = sqlx::query(SELECT_ROW).bind(document_id).bind(id.to_string()).fetch_optional(&mut **tx).await?;
    row.as_ref().map(decode_content).transpose()
}

/// Inserts or replaces a row; false when the row's id belongs to another document.
pub async fn put_row(tx: &mut Tx, document_id: &str, row: &ContentRow) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(UPSERT_ROW)
        .bind(&row.id)
        .bind(document_id)
        .bind(&row.section)
        .bind(row.seq)
        .bind(row.version)
        .bind(&row.content)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The next number of a series; never given twice, not even after a rollback of somebody else.
pub async fn next_number(tx: &mut Tx, series: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(NEXT_NUMBER).bind(series).fetch_one(&mut **tx).await
}

/// Adds a line to the audit trail, in the transaction of what it tells of.
pub async fn audit(
    tx: &mut Tx,
    document_id: &str,
    actor: &str,
    action: &str,
    detail: &Value,
) -> Result<(), sqlx::Error> {
    sqlx::query(AUDIT)
        .bind(Uuid::now_v7().to_string())
        .bind(document_id)
        .bind(now())
        .bind(actor)
        .bind(action)
        .bind(detail.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// How many receipts a document has.
pub async fn receipt_count<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    document_id: &str,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(RECEIPT_COUNT).bind(document_id).fetch_one(executor).await
}
