//! What a receipt does to its document: one receipt, one transaction, at most one step of the state
//! machine. A receipt that is late, repeated, of an earlier declaration or of an unknown code is kept
//! in the history and moves nothing. Called by the inbox only.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::model::{Answer, Decision};
use super::store::{self, Raw};
use super::{Decide, receipt};
use crate::document::store::{audit, lock, update};
use crate::document::{Event, Status};
use crate::form::{in_china, show_date};
use crate::server::db::{Tx, stamp};
use crate::server::failure::Failure;

/// What became of a receipt.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It moved the state.
    Applied,
    /// It is in the history and moved nothing.
    Kept,
    /// It belongs to nobody, or contradicts itself.
    Quarantined(String),
}

/// Applies a receipt within `tx`.
pub async fn apply(tx: &mut Tx, raw: &Raw, answer: &Answer, decide: Decide) -> Result<Outcome, Failure> {
    let Some(message) = &answer.about else {
        return Ok(Outcome::Quarantined("names no message".into()));
    };
    let message_id = message.to_string();
    if !store::is_ours(tx, &message_id).await? {
        return Ok(Outcome::Quarantined(format!("answers {message_id}, which we did not send")));
    }
    let at = answer.at.map_or_else(|| raw.received_at.clone(), stamp);
    let Some(mut row) = lock(tx, &message.document_id).await? else {
        store::put_receipt(tx, raw, &message.document_id, answer, &at, false).await?;
        return Ok(Outcome::Kept);
    };
    let event = answer.event();
    let current = message.round == row.declare_round;
    let next: Option<Status> = event.filter(|_| current).and_then(|event| row.status.after(event));
    if event == Some(Event::Refused) {
        store::refused(tx, &message_id).await?;
    }
    let Some(next) = next else {
        store::put_receipt(tx, raw, &row.id, answer, &at, false).await?;
        return Ok(Outcome::Kept);
    };

    let before = row.status;
    row.status = next;
    row.version += 1;
    if next == Status::Approved {
        let decision = match granted(answer, &at, &row.book_no) {
            Ok(decision) => decision,
            Err(reason) => return Ok(Outcome::Quarantined(reason)),
        };
        row.book_no.clone_from(&decision.book_no);
        row.approved_at.clone_from(&decision.at);
        if !decision.valid_to.is_empty() {
            row.valid_to.clone_from(&decision.valid_to);
        }
        match decide(&mut row, &decision) {
            Ok(()) => {}
            Err(Failure::Database(error)) => return Err(Failure::Database(error)),
            Err(failure) => return Ok(Outcome::Quarantined(format!("approval not taken over: {failure}"))),
        }
    }
    update(tx, &row).await?;
    let detail = json!({
        "message_id": message_id,
        "receipt_id": raw.id,
        "message_type": answer.message_type,
        "result": answer.result,
        "from": before.code(),
        "to": next.code(),
    });
    audit(tx, &row.id, "customs", "receipt", &detail).await?;
    store::put_receipt(tx, raw, &row.id, answer, &at, true).await?;
    Ok(Outcome::Applied)
}

/// What an approval grants. Without a proper book number it is none: the book could not be used.
fn granted(answer: &Answer, at: &str, present_book_no: &str) -> Result<Decision, String> {
    let book_no = if answer.book_no.is_empty() { present_book_no } else { &answer.book_no };
    let proper = book_no.len() == 12
        && book_no.starts_with(|letter: char| letter.is_ascii_uppercase())
        && book_no.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !proper {
        return Err(format!("approves without a proper book number: {book_no:?}"));
    }
    let moment =
        DateTime::parse_from_rfc3339(at).map(|moment| moment.with_timezone(&Utc)).unwrap_or_else(|_| Utc::now());
    Ok(Decision {
        book_no: book_no.to_owned(),
        valid_from: receipt::day(&answer.valid_from),
        valid_to: receipt::day(&answer.valid_to),
        approved_on: show_date(in_china(moment).date_naive()),
        at: stamp(moment),
    })
}
