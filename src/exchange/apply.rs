//! What a receipt does to its document: one receipt, one transaction, at most one step of the state machine. A receipt
//! that is late, repeated, of an earlier declaration or of an unknown code is kept in the history and moves nothing.
//! Messages nobody asked for go to whoever takes their type. Called by the inbox only.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::model::{Answer, Decision, MessageRef, Told};
use super::store::{self, Owner, Raw};
use crate::document::store::{Deed, DocumentRow, audit, lock, update};
use crate::document::{Event, Status};
use crate::form::{in_china, show_date};
use crate::server::db::{Tx, stamp};
use crate::server::failure::Failure;
use crate::server::state::AppState;

/// What became of a receipt.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It moved the state.
    Applied,
    /// It is in the history, or somebody took it, and it moved nothing.
    Kept,
    /// It belongs to nobody, or contradicts itself. What was written of it must be undone.
    Quarantined(String),
}

/// Applies a receipt within `tx`.
pub async fn apply(tx: &mut Tx, state: &AppState, raw: &Raw, answer: &Answer) -> Result<Outcome, Failure> {
    let taker = state.offices.unasked.iter().find(|one| one.types().contains(&answer.message_type.as_str()));
    if let Some(taker) = taker {
        return match taker.take(&state.db, tx, Told { answer, raw: &raw.raw, at: &state.clock.stamp() }).await {
            Ok(Some(about)) => {
                let at = answer.at.map_or_else(|| raw.received_at.clone(), stamp);
                let owner = Owner { operator_code: &about.operator_code, document_id: &about.document_id };
                store::put_receipt(tx, raw, owner, answer, &at, about.applied, &state.clock.stamp()).await?;
                Ok(if about.applied { Outcome::Applied } else { Outcome::Kept })
            }
            Ok(None) => Ok(Outcome::Kept),
            Err(failure) => {
                let reason = quarantined(Err(failure), "message not taken over")?;
                Ok(reason.unwrap_or(Outcome::Kept))
            }
        };
    }
    let Some(message) = &answer.about else {
        return Ok(Outcome::Quarantined(format!("{} names no message", answer.message_type)));
    };
    let message_id = message.to_string();
    let Some(operator_code) = store::operator_of(tx, &message_id).await? else {
        return Ok(Outcome::Quarantined(format!("answers {message_id}, which we did not send")));
    };
    let at = answer.at.map_or_else(|| raw.received_at.clone(), stamp);
    let owner = Owner { operator_code: &operator_code, document_id: &message.document_id };
    let Some(row) = lock(&state.db, tx, &message.document_id).await? else {
        store::put_receipt(tx, raw, owner, answer, &at, false, &state.clock.stamp()).await?;
        return Ok(Outcome::Kept);
    };
    let Some((row, before)) = moved(tx, state, row, message, answer, &at).await? else {
        store::put_receipt(tx, raw, owner, answer, &at, false, &state.clock.stamp()).await?;
        return Ok(Outcome::Kept);
    };
    let mut row = row;
    if row.status == Status::Approved {
        let granted = approve(tx, state, &mut row, answer, &at).await;
        if let Some(reason) = quarantined(granted, "approval not taken over")? {
            return Ok(reason);
        }
    }
    if matches!(row.status, Status::DeclareFailed | Status::EntryFailed | Status::Returned) {
        let given_back = state.office(&row.kind)?.refused(&state.db, tx, &row, &row.updated_at).await;
        if let Some(reason) = quarantined(given_back, "refusal not taken over")? {
            return Ok(reason);
        }
    }
    update(tx, &row).await?;
    let detail = json!({
        "message_id": message_id,
        "receipt_id": raw.id,
        "message_type": answer.message_type,
        "result": answer.result,
        "from": before.code(),
        "to": row.status.code(),
    });
    audit(tx, &row, Deed { at: &row.updated_at, actor: "customs", action: "receipt" }, &detail).await?;
    store::put_receipt(tx, raw, owner, answer, &at, true, &state.clock.stamp()).await?;
    Ok(Outcome::Applied)
}

/// The document in its next state, and the state before; `None` when the answer moves nothing.
async fn moved(
    tx: &mut Tx,
    state: &AppState,
    mut row: DocumentRow,
    message: &MessageRef,
    answer: &Answer,
    at: &str,
) -> Result<Option<(DocumentRow, Status)>, Failure> {
    let event = answer.event(state.office(&row.kind)?.messages());
    if event == Some(Event::Refused) {
        store::refused(tx, &message.to_string()).await?;
    }
    let current = message.round == row.declare_round;
    let before = row.status;
    let Some(next) = event.filter(|_| current).and_then(|event| before.after(event)) else { return Ok(None) };
    row.status = next;
    row.version += 1;
    row.updated_at = state.clock.stamp();
    if next == Status::Approved {
        at.clone_into(&mut row.approved_at);
    }
    Ok(Some((row, before)))
}

/// Takes over what an approval grants.
async fn approve(
    tx: &mut Tx,
    state: &AppState,
    row: &mut DocumentRow,
    answer: &Answer,
    at: &str,
) -> Result<(), Failure> {
    let moment = DateTime::parse_from_rfc3339(at).map_or_else(|_| state.clock.now(), |at| at.with_timezone(&Utc));
    let decision = Decision {
        record: answer.record.clone(),
        approved_on: show_date(in_china(moment).date_naive()),
        at: stamp(moment),
    };
    let head = row.head.clone();
    state.office(&row.kind)?.approved(&state.db, tx, row, &decision).await?;
    if row.head != head {
        // An open form takes the granted values over.
        row.head_version = row.version;
    }
    Ok(())
}

/// The reason for quarantine when something failed that is not the database's fault.
fn quarantined(done: Result<(), Failure>, what: &str) -> Result<Option<Outcome>, Failure> {
    match done {
        Ok(()) => Ok(None),
        Err(Failure::Database(error)) => Err(Failure::Database(error)),
        Err(failure) => Ok(Some(Outcome::Quarantined(format!("{what}: {failure}")))),
    }
}
