//! SQL of hints: which documents changed lately. Used by `watch`.
//! Changes nothing, and does not ask who may see what it finds.

use sqlx::Row as _;

use super::model::Hint;
use crate::server::db::Db;

/// By the index on `updated_at`: reads what changed since, however much there is.
const CHANGED: &str = "SELECT operator_code, id, version, receipt_count, updated_at FROM document \
    WHERE updated_at > $1 ORDER BY updated_at";

/// A document that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub operator_code: String,
    pub hint: Hint,
    pub at: String,
}

/// What changed after a moment.
///
/// # Errors
/// When the database fails.
pub async fn changed(db: &Db, since: &str) -> Result<Vec<Changed>, sqlx::Error> {
    let rows = sqlx::query(CHANGED).bind(since).fetch_all(&db.read).await?;
    rows.iter()
        .map(|row| {
            let id: &str = row.try_get("id")?;
            let document = id.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            let (version, receipts) = (row.try_get("version")?, row.try_get("receipt_count")?);
            let (operator_code, at) = (row.try_get("operator_code")?, row.try_get("updated_at")?);
            Ok(Changed { operator_code, hint: Hint { document, version, receipts }, at })
        })
        .collect()
}
