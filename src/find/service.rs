//! Finds documents by any of their numbers, among those of the enterprises the caller acts for. Reads, and changes nothing.
//! Called by `api`.

use std::collections::BTreeSet;

use super::model::{Found, LEAST, LONGEST, MOST};
use super::store;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::text::{Message, folded};

/// The documents with a number that is so or begins so, however it is typed: full-width, small letters, blanks around it.
///
/// # Errors
/// `Refused` for a text that is no number: too short, too long, with characters nobody sees.
pub async fn number(call: &Call, typed: &str) -> Result<Found, Failure> {
    let begins = folded(typed.trim()).trim().to_uppercase();
    let letters = begins.chars().count();
    if !(LEAST..=LONGEST).contains(&letters) || begins.contains(char::is_control) {
        return Err(Failure::refused(Message::new(
            format!("请录入号码开头的{LEAST}到{LONGEST}个字符，不含不可见字符。"),
            format!("Type {LEAST} to {LONGEST} visible characters with which the number begins."),
        )));
    }
    let mut hits = store::begin_with(&call.state.db, &call.actor.operators(), &begins).await?;
    let mut seen = BTreeSet::new();
    // A document is named once, by the number people most likely mean; a material number is in every change of a book.
    hits.retain(|hit| seen.insert(hit.document));
    // Stable: of the same rank, in the order of the sorts of numbers.
    hits.sort_by_key(|hit| hit.number.to_uppercase() != begins);
    let more = hits.len() > MOST;
    hits.truncate(MOST);
    Ok(Found { hits, more })
}
