//! SQL of templates, used by their service. Every statement names the enterprise: what is not its own is not
//! there. Decides nothing.

use sqlx::Row as _;
use uuid::Uuid;

use super::model::Template;
use crate::server::db::{Db, Tx};

const LIST: &str = "SELECT id, section, name, row_count, updated_at, updated_by FROM template \
    WHERE enterprise_code = $1 AND document_kind = $2 ORDER BY section, name";
const FIND: &str = "SELECT document_kind, section, name, content FROM template WHERE enterprise_code = $1 AND id = $2";
const NAMED: &str = "SELECT id FROM template \
    WHERE enterprise_code = $1 AND document_kind = $2 AND section = $3 AND name = $4";
const COUNT: &str = "SELECT COUNT(*) FROM template WHERE enterprise_code = $1";
const PUT: &str = "INSERT INTO template (id, enterprise_code, document_kind, section, name, row_count, content, \
    updated_at, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET \
    row_count = excluded.row_count, content = excluded.content, updated_at = excluded.updated_at, \
    updated_by = excluded.updated_by WHERE template.enterprise_code = excluded.enterprise_code \
    AND template.document_kind = excluded.document_kind AND template.section = excluded.section \
    AND template.name = excluded.name";
const DELETE: &str = "DELETE FROM template WHERE enterprise_code = $1 AND id = $2";

/// A template with its content.
#[derive(Clone, Debug)]
pub struct Stored {
    pub document_kind: String,
    pub section: String,
    pub name: String,
    /// JSON: a head, or an array of rows.
    pub content: String,
}

pub async fn list(db: &Db, enterprise: &str, document_kind: &str) -> Result<Vec<Template>, sqlx::Error> {
    let rows = sqlx::query(LIST).bind(enterprise).bind(document_kind).fetch_all(&db.read).await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get("id")?;
            Ok(Template {
                id: id.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
                section: row.try_get("section")?,
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
        Ok(Stored {
            document_kind: row.try_get("document_kind")?,
            section: row.try_get("section")?,
            name: row.try_get("name")?,
            content: row.try_get("content")?,
        })
    })
    .transpose()
}

/// Id of the template of this part and name.
pub async fn named(tx: &mut Tx, enterprise: &str, like: &Stored) -> Result<Option<String>, sqlx::Error> {
    let query = sqlx::query_scalar(NAMED).bind(enterprise).bind(&like.document_kind).bind(&like.section);
    query.bind(&like.name).fetch_optional(&mut **tx).await
}

pub async fn count(tx: &mut Tx, enterprise: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(COUNT).bind(enterprise).fetch_one(&mut **tx).await
}

/// Who keeps a template, and when.
#[derive(Clone, Copy, Debug)]
pub struct Keeper<'a> {
    pub enterprise: &'a str,
    pub login: &'a str,
    pub at: &'a str,
}

/// Stores a template; false when its id belongs to another one.
pub async fn put(tx: &mut Tx, id: &str, keeper: Keeper<'_>, stored: &Stored, rows: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(PUT)
        .bind(id)
        .bind(keeper.enterprise)
        .bind(&stored.document_kind)
        .bind(&stored.section)
        .bind(&stored.name)
        .bind(rows)
        .bind(&stored.content)
        .bind(keeper.at)
        .bind(keeper.login)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// False when this enterprise has none of that id.
pub async fn delete(tx: &mut Tx, enterprise: &str, id: Uuid) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query(DELETE).bind(enterprise).bind(id.to_string()).execute(&mut **tx).await?.rows_affected() == 1)
}
