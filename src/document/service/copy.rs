//! 复制: last year's document as the start of this year's. A new draft with all content; numbers, dates, states and
//! receipts are not taken along.

use std::time::Duration;

use serde_json::json;

use super::{Origin, Snapshot, create, snapshot, take_rows};
use crate::attachment;
use crate::document::guard::{authorise, enterable, head_of, record, refuse_with};
use crate::document::kind::{Kind, Section};
use crate::document::office::Office;
use crate::document::store::{self, rows};
use crate::document::{Copied, Derive};
use crate::form::{Finding, Need, Values};
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::text::Message;

/// How long the answer waits for the files; a call that takes much longer is cut off unheard.
const PATIENCE: Duration = Duration::from_secs(20);

/// Copies a document into a new draft, and its attachments when asked to. Repeating the request copies once.
///
/// # Errors
/// `NotFound` and `Forbidden` for the source; `Refused` when a party is not known any more. Attachments that cannot be
/// copied are told in the answer: the document is there without them.
pub async fn copy(call: &Call, request: Derive) -> Result<Copied, Failure> {
    let kind = copy_content(call, &request).await?;
    if !request.attachments {
        return Ok(Copied::default());
    }
    // In a task of its own: the document is there already. A user who gave up waiting would copy it a second time.
    let own = call.clone();
    let work = tokio::spawn(async move { papers(&own, kind, &request).await });
    Ok(match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(copied)) => copied,
        Ok(Err(error)) => return Err(Failure::Internal(format!("copying attachments: {error}"))),
        Err(_) => Copied { attachments: 0, trouble: Some(not_yet(kind)) },
    })
}

fn not_yet(kind: &Kind) -> Message {
    let noun = kind.noun.zh;
    Message::new(
        format!("{noun}已复制，随附单据较多，仍在复制：请稍后重新打开新{noun}的“随附单据”核对，不要再次复制。"),
        "The document was copied; its attachments are still on their way. Open the new one again in a while to see them; do not copy once more.",
    )
}

async fn papers(call: &Call, kind: &Kind, request: &Derive) -> Copied {
    match copy_attachments(call, request).await {
        Ok(count) => Copied { attachments: count, trouble: None },
        Err(failure) => {
            tracing::error!(from = %request.from, to = %request.id, %failure, "attachments were not copied");
            let noun = kind.noun.zh;
            let trouble = Message::new(
                format!(
                    "{noun}已复制，但随附单据未能复制：请在新{noun}的“随附单据”中重新上传，或删除新{noun}后再复制。"
                ),
                "The document was copied, its attachments were not: upload them to the new one, or delete it and copy again.",
            );
            Copied { attachments: 0, trouble: Some(trouble) }
        }
    }
}

async fn copy_attachments(call: &Call, request: &Derive) -> Result<usize, Failure> {
    let there = attachment::service::list(call, request.id).await?.rows.len();
    if there > 0 {
        return Ok(there); // by the request that this one repeats
    }
    attachment::service::copy(call, request.from, request.id).await
}

async fn copy_content(call: &Call, request: &Derive) -> Result<&'static Kind, Failure> {
    let db = &call.state.db;
    let Snapshot { row: source, rows: content } = snapshot(db, &request.from.to_string()).await?;
    authorise(&call.actor, &source)?;
    let office = call.state.office(&source.kind)?;
    let kind = office.kind();
    enterable(kind)?;
    if kind.accounts.is_some() {
        return Err(Failure::refused(Message::new(
            format!("{}不能复制：请新增，再按台账生成。", kind.noun.zh),
            format!("{} cannot be copied: make a new one from the ledger.", kind.noun.en),
        )));
    }
    let stored = head_of(kind, &source)?;
    let mut head = kind.content_of(&stored);
    // Counts and sums follow from the rows, which come along unchanged.
    for key in kind.sections.iter().flat_map(Section::totals) {
        head.set(key, stored.get(key));
    }
    look_up(call, office, &mut head).await?;

    let mut tx = db.begin().await?;
    store::reserve(db, &mut tx, &request.id.to_string()).await?;
    if let Some(known) = store::lock(&call.state.db, &mut tx, &request.id.to_string()).await? {
        authorise(&call.actor, &known)?;
        return Ok(kind);
    }
    let (row, _) = create(&mut tx, call, kind, request.id, head, Origin::New).await?;
    let count = take_rows(&mut tx, call, kind, &row, &content).await?;
    rows::count_from_highest(&mut tx, &row).await?;
    record(&mut tx, call, &row, "copy", &json!({ "from": source.id, "rows": count })).await?;
    tx.commit().await?;
    Ok(kind)
}

/// Fills what is looked up. A party that may be empty in a draft, and cannot be taken over, is left out: the copy shows
/// the empty field, while nothing could be mended in a copy that was refused.
async fn look_up(call: &Call, office: &dyn Office, head: &mut Values) -> Result<(), Failure> {
    let (db, today) = (&call.state.db, call.state.clock.today());
    let unknown = office.look_up(db, &call.actor, head, today).await?;
    let may_be_empty = |found: &Finding| {
        let key = found.pointer.rsplit('.').next().unwrap_or_default();
        office.kind().field(key).filter(|field| field.is_typed() && field.need != Need::Save)
    };
    let dropped: Vec<_> = unknown.iter().filter_map(may_be_empty).collect();
    dropped.iter().for_each(|field| head.set(field.key, ""));
    let left = if dropped.is_empty() { unknown } else { office.look_up(db, &call.actor, head, today).await? };
    refuse_with(left, Message::new("未能复制：请先核对参与企业。", "Not copied: check the parties first."))
}
