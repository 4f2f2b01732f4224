//! What an approval means for a book: number, validity and approval date go into its head.
//! The exchange calls it inside the transaction that moves the state.

use super::KIND;
use crate::book::model::Head;
use crate::document::store::DocumentRow;
use crate::exchange::Decision;
use crate::server::failure::Failure;

/// Takes over what customs granted.
///
/// # Errors
/// `Internal` when the document is no book or its stored head cannot be read.
pub fn decided(row: &mut DocumentRow, decision: &Decision) -> Result<(), Failure> {
    if row.kind != KIND {
        return Err(Failure::Internal(format!("decision for a document of kind {:?}", row.kind)));
    }
    let mut head: Head = serde_json::from_str(&row.head)?;
    head.book_no.clone_from(&decision.book_no);
    head.approved_at.clone_from(&decision.approved_on);
    head.valid_from = if decision.valid_from.is_empty() { &decision.approved_on } else { &decision.valid_from }.clone();
    if !decision.valid_to.is_empty() {
        head.valid_to.clone_from(&decision.valid_to);
    }
    row.book_no.clone_from(&head.book_no);
    row.valid_to.clone_from(&head.valid_to);
    row.approved_at.clone_from(&decision.at);
    row.head = serde_json::to_string(&head)?;
    Ok(())
}
