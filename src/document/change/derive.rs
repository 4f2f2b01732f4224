//! 变更 itself: a new draft with everything of the filing in force. The account book is locked, so that a book has one open
//! change at most; the filing in force stays in force until customs approves the change.

use serde_json::json;

use crate::account_book::{self, Book, Life};
use crate::attachment;
use crate::document::guard::{allowed, head_of, readable, record};
use crate::document::kind::Kind;
use crate::document::service::{Origin, create, take_rows};
use crate::document::store::{self, DocumentRow, rows};
use crate::document::{Action, Derive, Status, parties};
use crate::form::show_date;
use crate::server::call::Call;
use crate::server::db::Tx;
use crate::server::failure::Failure;
use crate::text::Message;

/// Makes a draft that changes a document in force. Repeating the request makes one.
///
/// # Errors
/// `Refused` when the document is not approved or not in force, its book is over or has an open change; `Forbidden` for a
/// document of an enterprise the caller does not act for.
pub async fn change(call: &Call, request: Derive) -> Result<(), Failure> {
    let source = readable(call, request.from).await?;
    let kind = call.state.kind(&source.kind)?;
    allowed(&source, Action::Change)?;
    let mut tx = call.state.db.begin().await?;
    let book = account_book::lock(&mut tx, &source.operator_code, &source.book_no).await?;
    let book = book.ok_or_else(|| never_changed(kind))?;
    if let Some(known) = store::read(&mut *tx, &request.id.to_string()).await? {
        return if known.base_id == source.id { Ok(()) } else { Err(Failure::Forbidden) };
    }
    // Read again under the lock: an approval may have come in between.
    let source = store::read(&mut *tx, &source.id).await?.ok_or(Failure::NotFound)?;
    changeable(&mut tx, call, kind, &source, &book).await?;

    let mut head = head_of(kind, &source)?;
    for key in ["declared_at", "approved_at"] {
        head.set(key, "");
    }
    parties::entered_by(&mut head, &call.actor.enterprise);
    let origin = Origin::Change { of: &source, change_seq: source.change_seq + 1 };
    let (row, _) = create(&mut tx, call, kind, request.id, head, origin).await?;
    let content = rows::all(&mut *tx, &source).await?;
    let count = take_rows(&mut tx, call, kind, &row, &content).await?;
    let papers = attachment::service::carry_over(&mut tx, &source, &row).await?;
    record(&mut tx, call, &row, "change", &json!({ "from": source.id, "rows": count, "papers": papers })).await?;
    tx.commit().await?;
    Ok(())
}

/// A kind of document that makes no book has nothing to change.
fn never_changed(kind: &Kind) -> Failure {
    Failure::refused(Message::new(
        format!("该{}没有账册，不能变更。", kind.noun.zh),
        "This document has no account book, so it cannot be changed.",
    ))
}

/// Refuses, with what stands in the way.
async fn changeable(
    tx: &mut Tx,
    call: &Call,
    kind: &'static Kind,
    source: &DocumentRow,
    book: &Book,
) -> Result<(), Failure> {
    allowed(source, Action::Change)?;
    let number = &book.book_no;
    let all = store::of_book(&mut **tx, &source.operator_code, kind.listing.key, number).await?;
    if !source.in_force {
        let present = all.iter().find(|row| row.in_force).map_or(0, |row| row.change_seq);
        return Err(Failure::refused(Message::new(
            format!("该数据不是账册{number}现行有效的版本，不能变更；请对第{present}次变更后的有效数据办理变更。"),
            format!("This is not what is in force of book {number}; change the version of change {present} instead."),
        )));
    }
    if let Some(open) = all.iter().find(|row| row.status != Status::Approved) {
        let (times, seq_no, state) = (open.change_seq, &open.seq_no, open.status.label());
        return Err(Failure::refused(Message::new(
            format!(
                "账册{number}已有第{times}次变更（统一编号{seq_no}，{}）尚未办结，不能再次变更；请继续办理该变更，或将其删除后重新变更。",
                state.zh
            ),
            format!(
                "Book {number} has an open change already: no. {times}, {seq_no}, {}. Go on with it, or delete it first.",
                state.en
            ),
        )));
    }
    if book.life == Life::Closed {
        return Err(Failure::refused(Message::new(
            format!("账册{number}已核销结案，不能变更。"),
            format!("Book {number} is written off and closed: it cannot be changed."),
        )));
    }
    if book.valid_to < show_date(call.state.clock.today()) {
        let until = &book.valid_to;
        return Err(Failure::refused(Message::new(
            format!("账册{number}已于{until}到期，不能再变更或延期，请办理报核。"),
            format!("Book {number} ended on {until}: it cannot be changed or extended any more; write it off."),
        )));
    }
    Ok(())
}
