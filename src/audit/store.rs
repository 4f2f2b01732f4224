//! SQL of the trail, for every service that writes. Adds lines and changes none.
//! What a line tells is for the service that did it.

use serde_json::Value;
use uuid::Uuid;

use crate::server::db::Tx;

const ADD: &str = "INSERT INTO audit (operator_code, id, document_id, at, actor, action, detail) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

/// What was done, and where it stands in the trail.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// 海关注册编码 of the enterprise whose trail it is in.
    pub enterprise: &'a str,
    /// Empty where it is about no document.
    pub document: &'a str,
    pub at: &'a str,
    /// A login, `customs`, or `system` for the command line.
    pub actor: &'a str,
    pub action: &'a str,
}

/// Adds a line, in the transaction of what it tells of.
pub async fn add(tx: &mut Tx, deed: Deed<'_>, detail: &Value) -> Result<(), sqlx::Error> {
    sqlx::query(ADD)
        .bind(deed.enterprise)
        .bind(Uuid::now_v7().to_string())
        .bind(deed.document)
        .bind(deed.at)
        .bind(deed.actor)
        .bind(deed.action)
        .bind(detail.to_string())
        .execute(&mut **tx)
        .await
        .map(drop)
}
