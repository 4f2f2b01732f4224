//! 复制: last year's book as the start of this year's. A new draft with all content; numbers, dates,
//! states and receipts are not taken along.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::query::snapshot;
use super::save_head::create;
use super::{authorise, goods_of, head_of, parties, refuse_with};
use crate::attachment;
use crate::book::model::{Copied, CopyBook, Goods, Head, Row};
use crate::book::store::put_rows;
use crate::document::store::{self, ContentRow};
use crate::form::Record;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::text::Message;

/// Typed fields that belong to the one filing and not to its content.
const NOT_COPIED: &[&str] = &["internal_no", "contract_date", "valid_to"];
/// How long the answer waits for the files; a call that takes much longer is cut off unheard.
const PATIENCE: Duration = Duration::from_secs(20);

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
    // On its own: the book is there, and who gave up waiting would copy it a second time.
    let own = call.clone();
    let work = tokio::spawn(async move { papers(&own, &request).await });
    Ok(match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(copied)) => copied,
        Ok(Err(error)) => return Err(Failure::Internal(format!("copying attachments: {error}"))),
        Err(_) => Copied { attachments: 0, trouble: Some(not_yet()) },
    })
}

fn not_yet() -> Message {
    Message::new(
        "账册已复制，随附单据较多，仍在复制：请稍后重新打开新账册的“随附单据”核对，不要再次复制。",
        "The book was copied; its attachments are still on their way. Open the new book again in a while to see them; do not copy once more.",
    )
}

async fn papers(call: &Call, request: &CopyBook) -> Copied {
    match copy_attachments(call, request).await {
        Ok(count) => Copied { attachments: count, trouble: None },
        Err(failure) => {
            tracing::error!(from = %request.from, to = %request.id, %failure, "attachments were not copied");
            let trouble = Message::new(
                "账册已复制，但随附单据未能复制：请在新账册的“随附单据”中重新上传，或删除新账册后再复制。",
                "The book was copied, its attachments were not: upload them to the new book, or delete it and copy again.",
            );
            Copied { attachments: 0, trouble: Some(trouble) }
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
    let (source, rows) = snapshot(db, &request.from.to_string()).await?;
    authorise(&call.actor, &source)?;
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
    let copies = rows.iter().map(fresh).collect::<Result<Vec<_>, _>>()?;
    put_rows(db, &mut tx, &row.id, row.version, &copies).await?;
    let detail = json!({ "from": source.id, "rows": rows.len() });
    store::audit(&mut tx, &row.id, &call.actor.login, "copy", &detail).await?;
    tx.commit().await?;
    Ok(())
}

fn fresh(row: &ContentRow) -> Result<Row<Goods>, Failure> {
    Ok(Row { id: Uuid::now_v7(), ..goods_of(row)? })
}
