//! 删除 of a whole document: only 暂存, 申报失败, 海关入库失败 or 海关退单 (manual lines 233–242). Receipts and the audit
//! trail stay; the trail keeps the content.

use serde_json::json;

use crate::attachment;
use crate::document::guard::{self, allowed, look_again, record};
use crate::document::store::{self, rows};
use crate::document::{Action, Step};
use crate::server::call::Call;
use crate::server::failure::Failure;

/// Deletes the document for good. One that is gone already counts as deleted.
///
/// # Errors
/// `Refused` in a state that forbids it; `Conflict` when the document changed since `base`.
pub async fn delete(call: &Call, step: Step) -> Result<(), Failure> {
    let mut tx = call.state.db.begin().await?;
    let Some(row) = guard::lock(&mut tx, call, step.id).await? else { return Ok(()) };
    allowed(&row, Action::Delete)?;
    if row.version != step.base {
        return Err(look_again());
    }
    let rows: Vec<_> = rows::all(&mut *tx, &row)
        .await?
        .into_iter()
        .map(|row| json!({ "section": row.section, "seq": row.seq, "mark": row.mark.code(), "content": row.content }))
        .collect();
    let files = attachment::service::forget(&mut tx, &row).await?;
    let detail = json!({
        "seq_no": row.seq_no, "change_seq": row.change_seq, "head": row.head, "rows": rows, "attachments": files.detail,
    });
    record(&mut tx, call, &row, "delete", &detail).await?;
    store::delete(&mut tx, &row.id).await?;
    tx.commit().await?;
    files.remove(&call.state.storage).await;
    Ok(())
}
