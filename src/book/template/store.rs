//! SQL of templates, used by their service. Every statement names the enterprise: what is not its own is not
//! there. Decides nothing.

use sqlx::Row as _;
use uuid::Uuid;

use super::model::Template;
use crate::server::db::{Db, Tx, now};

const LIST: &str = "SELECT id, kind, name, row_count, updated_at, updated_by FROM book_template \
    WHERE enterprise_code = $1 ORDER BY kind, name";
const FIND: &str = "SELECT kind, name, content FROM book_template WHERE enterprise_code = $1 AND id = $2";
const NAMED: &str = "SELECT id FROM book_template WHERE enterprise_code = $1 AND kind = $2 AND name = $3";
const COUNT: &str = "SELECT COUNT(*) FROM book_template WHERE enterprise_code = $1";
const PUT: &str = "INSERT INTO book_template (id, enterprise_code, kind, name, row_count, content, updated_at, \
    updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET \
    row_count = excluded.row_count, content = excluded.content, updated_at = excluded.updated_at, \
    updated_by = excluded.updated_by WHERE book_template.enterprise_code = excluded.enterprise_code \
    AND book_template.kind = excluded.kind AND book_template.name = excluded.name";
const DELETE: &str = "DELETE FROM book_template WHERE enterprise_code = $1 AND id = $2";

/// A template with its content.
#[derive(Clone, Debug)]
pub struct Stored {
    pub kind: String,
    pub name: String,
    /// JSON: a head, or an array of rows.
    pub content: String,
}

pub async fn list(db: &Db, enterprise: &str) -> Result<Vec<Template>, sqlx::Error> {
    let rows = sqlx::query(LIST).bind(enterprise).fetch_all(&db.read).await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get("id")?;
            Ok(Template {
                id: id.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
                kind: row.try_get("kind")?,
                name: row.try_get("name")?,
                rows: row.try_get("row_count")?,
                updated_at: row.try_get("updated_at")?,
                updated_by: row.try_get("updated_by")?,
            })
        })
        .collect()
}

pub async fn find(db: &Db, enterprise: &str, id: Uuid) -> Result<Option<Stored>, sqlx::Error> {
    let row = sqlx::query(FIND).bind(enterprise).bind(id.to_string()).fetch_optional(&db.read).await?;
    row.map(|row| {
        Ok(Stored { kind: row.try_get("kind")?, name: row.try_get("name")?, content: row.try_get("content")? })
    })
    .transpose()
}

/// Id of the template of this kind and name.
pub async fn named(tx: &mut Tx, enterprise: &str, kind: &str, name: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(NAMED).bind(enterprise).bind(kind).bind(name).fetch_optional(&mut **tx).await
}

pub async fn count(tx: &mut Tx, enterprise: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(COUNT).bind(enterprise).fetch_one(&mut **tx).await
}

/// Stores a template; false when its id belongs to another one.
pub async fn put(
    tx: &mut Tx,
    id: &str,
    enterprise: &str,
    stored: &Stored,
    rows: i64,
    login: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(PUT)
        .bind(id)
        .bind(enterprise)
        .bind(&stored.kind)
        .bind(&stored.name)
        .bind(rows)
        .bind(&stored.content)
        .bind(now())
        .bind(login)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// False when this enterprise has none of that id.
pub async fn delete(tx: &mut Tx, enterprise: &str, id: Uuid) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query(DELETE).bind(enterprise).bind(id.to_string()).execute(&mut **tx).await?.rows_affected() == 1)
}
