//! 复制: last year's book as the start of this year's. A new draft with all content; numbers, dates,
//! states and receipts are not taken along.

use serde_json::json;
use uuid::Uuid;

use super::save_head::create;
use super::{authorise, head_of, parties, refuse_with};
use crate::attachment;
use crate::book::model::{Copied, CopyBook, Head};
use crate::document::store::{self, ContentRow};
use crate::form::Record;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::text::Message;

/// Typed fields that belong to the one filing and not to its content.
const NOT_COPIED: &[&str] = &["internal_no", "valid_to"];

/// What of a head is content, and may start another book.
pub(in crate::book) fn content_of(stored: &Head) -> Head {
    let mut head = Head::default();
    head.take_typed(stored);
    for key in NOT_COPIED {
        head.set(key, "");
    }
    head
}

/// Copies a book into a new draft, and its attachments when asked to. Repeating the request copies once.
///
/// # Errors
/// `NotFound` and `Forbidden` for the source; `Refused` when a party is not known any more. Attachments
/// that cannot be copied are told in the answer: the book is there without them.
pub async fn copy(call: &Call, request: CopyBook) -> Result<Copied, Failure> {
    copy_content(call, &request).await?;
    if !request.attachments {
        return Ok(Copied::default());
    }
    match copy_attachments(call, &request).await {
        Ok(count) => Ok(Copied { attachments: count, trouble: None }),
        Err(failure) => {
            tracing::error!(from = %request.from, to = %request.id, %failure, "attachments were not copied");
            let trouble = Message::new(
                "账册已复制，但随附单据未能复制：请在新账册的“随附单据”中重新上传，或删除新账册后再复制。",
                "The book was copied, its attachments were not: upload them to the new book, or delete it and copy again.",
            );
            Ok(Copied { attachments: 0, trouble: Some(trouble) })
        }
    }
}

async fn copy_attachments(call: &Call, request: &CopyBook) -> Result<usize, Failure> {
    let there = attachment::service::list(call, request.id).await?.rows.len();
    if there > 0 {
        return Ok(there); // by the request that this one repeats
    }
    attachment::service::copy(call, request.from, request.id).await
}

async fn copy_content(call: &Call, request: &CopyBook) -> Result<(), Failure> {
    let db = &call.state.db;
    let source = store::find(db, &request.from.to_string()).await?.ok_or(Failure::NotFound)?;
    authorise(&call.actor, &source)?;
    let rows = store::rows(db, &source.id).await?;
    let stored = head_of(&source)?;
    let mut head = content_of(&stored);
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
