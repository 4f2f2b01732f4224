//! SQL of attachments, their pieces and the ownership of the file store. Used by the services inside
//! their transaction; decides nothing.

use std::collections::HashSet;

use sqlx::any::AnyRow;
use sqlx::{Executor, Row as _};
use uuid::Uuid;

use crate::document::store::DocumentRow;
use crate::server::db::{Db, Tx};

const INSERT: &str = "INSERT INTO attachment (id, operator_code, document_id, seq, version, received, object, \
    content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING";
const UPDATE: &str = "UPDATE attachment SET version = $2, received = $3, object = $4, content = $5 WHERE id = $1";
/// Takes the row lock on PostgreSQL; SQLite already holds the write lock.
const LOCK: &str = "UPDATE attachment SET version = version WHERE id = $1";
const SELECT: &str =
    "SELECT id, operator_code, document_id, seq, version, received, object, content FROM attachment WHERE id = $1";
const SELECT_ALL: &str = "SELECT id, operator_code, document_id, seq, version, received, object, content FROM attachment \
    WHERE operator_code = $1 AND document_id = $2 ORDER BY seq";
const DELETE: &str = "DELETE FROM attachment WHERE id = $1";
const MAX_SEQ: &str = "SELECT COALESCE(MAX(seq), 0) FROM attachment WHERE operator_code = $1 AND document_id = $2";
const PIECES: &str = "SELECT object FROM attachment_piece WHERE attachment_id = $1 ORDER BY start_byte";
const ADD_PIECE: &str = "INSERT INTO attachment_piece (attachment_id, start_byte, object) VALUES ($1, $2, $3)";
const ADVANCE: &str = "UPDATE attachment SET received = $2 WHERE id = $1";
const DELETE_PIECES: &str = "DELETE FROM attachment_piece WHERE attachment_id = $1";
const OBJECTS_OF: &str = "SELECT object FROM attachment a WHERE operator_code = $1 AND document_id = $2 AND object <> '' \
    AND NOT EXISTS (SELECT 1 FROM attachment other WHERE other.object = a.object AND other.id <> a.id) \
    UNION ALL SELECT p.object FROM attachment_piece p JOIN attachment a ON a.id = p.attachment_id \
    WHERE a.operator_code = $1 AND a.document_id = $2";
const OBJECTS: &str = "SELECT object FROM attachment WHERE object <> '' UNION ALL SELECT object FROM attachment_piece";
const OWN: &str = "INSERT INTO attachment_store (only_one, id) VALUES (1, $1) ON CONFLICT (only_one) DO NOTHING";
const OWNER: &str = "SELECT id FROM attachment_store WHERE only_one = 1";

/// A line of table `attachment`.
#[derive(Clone, Debug)]
pub struct StoredRow {
    pub id: String,
    pub operator_code: String,
    pub document_id: String,
    pub seq: i64,
    pub version: i64,
    pub received: i64,
    /// Empty until the whole file is there.
    pub object: String,
    pub content: String,
}

fn decode(row: &AnyRow) -> Result<StoredRow, sqlx::Error> {
    Ok(StoredRow {
        id: row.try_get("id")?,
        operator_code: row.try_get("operator_code")?,
        document_id: row.try_get("document_id")?,
        seq: row.try_get("seq")?,
        version: row.try_get("version")?,
        received: row.try_get("received")?,
        object: row.try_get("object")?,
        content: row.try_get("content")?,
    })
}

/// One attachment as last committed.
pub async fn find(db: &Db, id: Uuid) -> Result<Option<StoredRow>, sqlx::Error> {
    one(&db.read, id).await
}

/// One attachment, locked until the transaction ends. Lock its document first when that is written too.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<StoredRow>, sqlx::Error> {
    sqlx::query(LOCK).bind(id.to_string()).execute(&mut **tx).await?;
    one(&mut **tx, id).await
}

async fn one<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    id: Uuid,
) -> Result<Option<StoredRow>, sqlx::Error> {
    sqlx::query(SELECT).bind(id.to_string()).fetch_optional(executor).await?.as_ref().map(decode).transpose()
}

/// All attachments of a document, by number.
pub async fn of_document<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    document: &DocumentRow,
) -> Result<Vec<StoredRow>, sqlx::Error> {
    let query = sqlx::query(SELECT_ALL).bind(&document.operator_code).bind(&document.id);
    query.fetch_all(executor).await?.iter().map(decode).collect()
}

/// Inserts; false when the id is already there.
pub async fn insert(tx: &mut Tx, row: &StoredRow) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(INSERT)
        .bind(&row.id)
        .bind(&row.operator_code)
        .bind(&row.document_id)
        .bind(row.seq)
        .bind(row.version)
        .bind(row.received)
        .bind(&row.object)
        .bind(&row.content)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn update(tx: &mut Tx, row: &StoredRow) -> Result<(), sqlx::Error> {
    sqlx::query(UPDATE)
        .bind(&row.id)
        .bind(row.version)
        .bind(row.received)
        .bind(&row.object)
        .bind(&row.content)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Deletes an attachment with its pieces; their objects are the caller's to remove.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), sqlx::Error> {
    delete_pieces(tx, id).await?;
    sqlx::query(DELETE).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// The highest number so far.
pub async fn max_seq(tx: &mut Tx, document: &DocumentRow) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(MAX_SEQ).bind(&document.operator_code).bind(&document.id).fetch_one(&mut **tx).await
}

/// Objects of the pieces of a file, in its order.
pub async fn pieces<'c>(
    executor: impl Executor<'c, Database = sqlx::Any>,
    id: &str,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(PIECES).bind(id).fetch_all(executor).await
}

/// Adds the piece that starts where the file ended so far; `end` is where it ends now.
pub async fn add_piece(tx: &mut Tx, id: &str, start: i64, end: i64, object: &str) -> Result<(), sqlx::Error> {
    sqlx::query(ADD_PIECE).bind(id).bind(start).bind(object).execute(&mut **tx).await?;
    sqlx::query(ADVANCE).bind(id).bind(end).execute(&mut **tx).await?;
    Ok(())
}

pub async fn delete_pieces(tx: &mut Tx, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query(DELETE_PIECES).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Objects that go with a document: pieces, and whole files that no other document shares.
pub async fn objects_of(tx: &mut Tx, document: &DocumentRow) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(OBJECTS_OF).bind(&document.operator_code).bind(&document.id).fetch_all(&mut **tx).await
}

/// Objects of all attachments there are.
pub async fn objects(db: &Db) -> Result<HashSet<String>, sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(OBJECTS).fetch_all(&db.read).await?;
    Ok(names.into_iter().collect())
}

/// The id under which this database owns its store, made at the first call.
pub async fn owner(tx: &mut Tx) -> Result<String, sqlx::Error> {
    sqlx::query(OWN).bind(Uuid::now_v7().to_string()).execute(&mut **tx).await?;
    sqlx::query_scalar(OWNER).fetch_one(&mut **tx).await
}
