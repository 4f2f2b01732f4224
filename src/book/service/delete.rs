//! 删除 of a whole book: only 暂存, 申报失败, 海关入库失败 or 海关退单 (manual lines 233–242).
//! Receipts and the audit trail stay; the trail keeps the content.

use serde_json::json;

use super::{allowed, authorise, changed_meanwhile};
use crate::attachment;
use crate::book::model::Step;
use crate::document::{Action, store};
use crate::server::call::Call;
use crate::server::failure::Failure;

/// Deletes the book for good. A book that is gone already counts as deleted.
///
/// # Errors
/// `Refused` in a state that forbids it; `Conflict` when the book changed since `base`.
pub async fn delete(call: &Call, step: Step) -> Result<(), Failure> {
    let mut tx = call.state.db.begin().await?;
    let Some(row) = store::lock(&mut tx, &step.id.to_string()).await? else { return Ok(()) };
    authorise(&call.actor, &row)?;
    allowed(&row, Action::Delete)?;
    if row.version != step.base {
        return Err(changed_meanwhile(Vec::new()));
    }
    let rows: Vec<_> = store::rows_in(&mut tx, &row.id)
        .await?
        .into_iter()
        .map(|row| json!({ "section": row.section, "seq": row.seq, "content": row.content }))
        .collect();
    let files = attachment::service::forget(&mut tx, &row.id).await?;
    let detail = json!({ "seq_no": row.seq_no, "head": row.head, "rows": rows, "attachments": files.detail });
    store::audit(&mut tx, &row.id, &call.actor.login, "delete", &detail).await?;
    store::delete(&mut tx, &row.id).await?;
    tx.commit().await?;
    files.remove(&call.state.storage).await;
    Ok(())
}
