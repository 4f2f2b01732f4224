//! 复制: last year's book as the start of this year's. A new draft with all content; numbers, dates,
//! states and receipts are not taken along.

use serde_json::json;
use uuid::Uuid;

use super::save_head::create;
use super::{authorise, head_of, parties, refuse_with};
use crate::book::model::{CopyBook, Head};
use crate::document::store::{self, ContentRow};
use crate::form::Record;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::text::Message;

/// Typed fields that belong to the one filing and not to its content.
const NOT_COPIED: &[&str] = &["internal_no", "valid_to"];

/// Copies a book into a new draft. Repeating the request copies once.
///
/// # Errors
/// `NotFound` and `Forbidden` for the source; `Refused` when a party is not known any more.
pub async fn copy(call: &Call, request: CopyBook) -> Result<(), Failure> {
    let db = &call.state.db;
    let source = store::find(db, &request.from.to_string()).await?.ok_or(Failure::NotFound)?;
    authorise(&call.actor, &source)?;
    let rows = store::rows(db, &source.id).await?;
    let stored = head_of(&source)?;
    let mut head = Head::default();
    head.take_typed(&stored);
    for key in NOT_COPIED {
        head.set(key, "");
    }
    // The totals follow from the rows, which come along unchanged.
    for key in ["export_total", "reimport_total", "export_count", "reimport_count"] {
        head.set(key, stored.get(key));
    }
    let unknown = parties::fill(db, &call.actor, &mut head).await?;
    refuse_with(unknown, Message::new("未能复制：请先核对参与企业。", "Not copied: check the parties first."))?;

    let mut tx = db.begin().await?;
    if let Some(known) = store::lock(&mut tx, &request.id.to_string()).await? {
        return authorise(&call.actor, &known);
    }
    let (row, _) = create(&mut tx, call, request.id, head).await?;
    for source_row in &rows {
        let copied = ContentRow { id: Uuid::now_v7().to_string(), version: row.version, ..source_row.clone() };
        if !store::put_row(&mut tx, &row.id, &copied).await? {
            return Err(Failure::Internal("a fresh row id was taken".into()));
        }
    }
    let detail = json!({ "from": source.id, "rows": rows.len() });
    store::audit(&mut tx, &row.id, &call.actor.login, "copy", &detail).await?;
    tx.commit().await?;
    Ok(())
}
