//! SQL for many rows of a document in few statements: import, paste, fill, delete and their undoing.
//! Used by services inside their transaction; decides nothing.

use serde::Serialize;
use uuid::Uuid;

use super::{ContentRow, decode_content};
use crate::server::db::{Db, Sql, Tx};

/// Rows per statement: few enough that a statement stays small.
const AT_ONCE: usize = 500;

/// Inserts or replaces rows given as one JSON array: ten thousand rows in twenty statements.
const PUT_ROWS: Sql = Sql {
    sqlite: "INSERT INTO document_row (id, document_id, section, seq, version, content) \
        SELECT json_extract(value, '$.id'), $1, json_extract(value, '$.section'), json_extract(value, '$.seq'), \
        $2, json_extract(value, '$.content') FROM json_each($3) WHERE true \
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, content = excluded.content \
        WHERE document_row.document_id = excluded.document_id",
    postgres: "INSERT INTO document_row (id, document_id, section, seq, version, content) \
        SELECT one.id, $1, one.section, one.seq, $2, one.content \
        FROM json_to_recordset(CAST($3 AS json)) AS one (id text, section text, seq bigint, content text) \
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, content = excluded.content \
        WHERE document_row.document_id = excluded.document_id",
};
const ROWS_BY_ID: Sql = Sql {
    sqlite: "SELECT id, section, seq, version, content FROM document_row \
        WHERE document_id = $1 AND id IN (SELECT value FROM json_each($2))",
    postgres: "SELECT id, section, seq, version, content FROM document_row \
        WHERE document_id = $1 AND id IN (SELECT json_array_elements_text(CAST($2 AS json)))",
};
const DELETE_BY_ID: Sql = Sql {
    sqlite: "DELETE FROM document_row WHERE document_id = $1 AND id IN (SELECT value FROM json_each($2))",
    postgres: "DELETE FROM document_row \
        WHERE document_id = $1 AND id IN (SELECT json_array_elements_text(CAST($2 AS json)))",
};
const SEQS_TAKEN: Sql = Sql {
    sqlite: "SELECT seq FROM document_row \
        WHERE document_id = $1 AND section = $2 AND seq IN (SELECT value FROM json_each($3))",
    postgres: "SELECT seq FROM document_row WHERE document_id = $1 AND section = $2 \
        AND seq IN (SELECT CAST(json_array_elements_text(CAST($3 AS json)) AS BIGINT))",
};

/// A row to be stored.
#[derive(Clone, Debug, Serialize)]
pub struct PutRow {
    pub id: String,
    pub section: &'static str,
    pub seq: i64,
    /// The record as JSON text.
    pub content: String,
}

/// Stores rows; false when the id of one belongs to another document.
pub async fn put_rows(
    db: &Db,
    tx: &mut Tx,
    document_id: &str,
    version: i64,
    rows: &[PutRow],
) -> Result<bool, sqlx::Error> {
    let mut stored = 0;
    for rows in rows.chunks(AT_ONCE) {
        let json = as_json(rows)?;
        let done = sqlx::query(db.pick(PUT_ROWS)).bind(document_id).bind(version).bind(json).execute(&mut **tx).await?;
        stored += done.rows_affected();
    }
    Ok(stored == rows.len() as u64)
}

fn as_json<T: Serialize>(list: &[T]) -> Result<String, sqlx::Error> {
    serde_json::to_string(list).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// The rows with these ids that the document has, in no order.
pub async fn rows_by_id(db: &Db, tx: &mut Tx, document_id: &str, ids: &[Uuid]) -> Result<Vec<ContentRow>, sqlx::Error> {
    let rows = sqlx::query(db.pick(ROWS_BY_ID)).bind(document_id).bind(as_json(ids)?).fetch_all(&mut **tx).await?;
    rows.iter().map(decode_content).collect()
}

/// Deletes the rows with these ids.
pub async fn delete_by_id(db: &Db, tx: &mut Tx, document_id: &str, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query(db.pick(DELETE_BY_ID)).bind(document_id).bind(as_json(ids)?).execute(&mut **tx).await?;
    Ok(())
}

/// Which of these numbers rows of the section have.
pub async fn seqs_taken(
    db: &Db,
    tx: &mut Tx,
    document_id: &str,
    section: &str,
    seqs: &[i64],
) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar(db.pick(SEQS_TAKEN))
        .bind(document_id)
        .bind(section)
        .bind(as_json(seqs)?)
        .fetch_all(&mut **tx)
        .await
}
