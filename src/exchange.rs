//! Messages to and from customs: an outbox written with the state change it tells of, an inbox that keeps every receipt
//! before reading it, and one worker that moves both through an adapter. An answer goes to the office of its document's
//! kind, a message nobody asked for to whoever takes its type ([`Unasked`]). It knows no kind by name.

pub mod adapter;
mod apply;
pub mod envelope;
pub mod inbox;
pub mod model;
pub mod outbox;
pub mod receipt;
mod store;
mod worker;

pub use model::{About, Answer, Decision, Incoming, MessageRef, Messages, Outgoing, Told, Unasked};
pub use store::{Quarantined, raw, retry};
pub use worker::{start, step};

use uuid::Uuid;

use crate::document::Receipt;
use crate::document::store::DocumentRow;
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;

/// Every receipt of a document, newest first. The pointers of the notes are empty here: only the kind of the document
/// knows its fields.
///
/// # Errors
/// When the database fails or a stored receipt cannot be read.
pub async fn receipts(db: &Db, row: &DocumentRow) -> Result<Vec<Receipt>, Failure> {
    store::receipts(db, store::Owner { operator_code: &row.operator_code, document_id: &row.id }).await
}

/// Keeps with the receipts of a document what was done for it by another way than the exchange: a short message that was
/// sent. `what`: type and result.
///
/// # Errors
/// When the database fails.
pub async fn note(
    tx: &mut Tx,
    row: &DocumentRow,
    (message_type, result): (&str, &str),
    remark: &str,
    at: &str,
) -> Result<(), Failure> {
    let id = Uuid::now_v7().to_string();
    let raw = store::Raw { dedupe_key: id.clone(), id, received_at: at.to_owned(), raw: String::new() };
    let owner = store::Owner { operator_code: &row.operator_code, document_id: &row.id };
    let (message_type, result, remark) = (message_type.to_owned(), result.to_owned(), remark.to_owned());
    let answer = Answer { message_type, result, remark, ..Answer::default() };
    store::put_receipt(tx, &raw, owner, &answer, at, true, at).await
}

/// So many are listed: more say that something else is wrong.
const MOST_LISTED: i64 = 1000;

/// The receipts in quarantine, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn quarantined(db: &Db) -> Result<Vec<Quarantined>, sqlx::Error> {
    store::quarantined(db, MOST_LISTED).await
}
