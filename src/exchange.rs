//! Messages to and from customs: an outbox written with the state change it tells of, an inbox that
//! keeps every receipt before reading it, and one worker that moves both through an adapter.
//! Business folders call [`outbox::enqueue`] in their transaction and read [`receipts`]; what an
//! approval means for their record they hand in as [`Decide`]. It knows no business folder.

pub mod adapter;
mod apply;
pub mod inbox;
pub mod model;
pub mod outbox;
pub mod receipt;
mod store;
mod worker;

pub use model::{Decision, Incoming, MessageRef, Outgoing};
pub use worker::{start, step};

use crate::document::Receipt;
use crate::document::store::DocumentRow;
use crate::server::db::Db;
use crate::server::failure::Failure;

/// What an approval means for the business record: book number, validity and approval date go into
/// its head. Called once per approval, inside the transaction that moves the state; an error other
/// than of the database puts the receipt into quarantine and moves nothing.
pub type Decide = fn(&mut DocumentRow, &Decision) -> Result<(), Failure>;

/// Every receipt of a document, newest first. The pointers of the notes are empty here: only the
/// business folder knows its fields.
///
/// # Errors
/// When the database fails or a stored receipt cannot be read.
pub async fn receipts(db: &Db, document_id: &str) -> Result<Vec<Receipt>, Failure> {
    store::receipts(db, document_id).await
}
