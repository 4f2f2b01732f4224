//! Rows that somebody else changed since the sender read them: what the sender changed is laid over them before they are
//! stored. Used by `rows`, under the document's lock; what both changed is refused there.

use super::row_change::{Known, Put};
use crate::document::Mark;
use crate::document::guard::storable;
use crate::document::kind::Section;
use crate::form::{Difference, Merged, merge};
use crate::server::call::Call;
use crate::server::failure::Failure;

/// Merges; answers what the senders did not know.
///
/// # Errors
/// `Refused` when a row cannot be stored with what somebody else changed in it.
pub(super) fn merge_rows(
    call: &Call,
    section: &'static Section,
    puts: &mut [Put],
    known: &Known,
) -> Result<Vec<Difference>, Failure> {
    let (codes, today) = (call.state.reference.codes(), call.state.clock.today());
    let (mut told, mut faults) = (Vec::new(), Vec::new());
    for put in puts {
        let (Some(changed), Some(row)) = (&put.changed, known.get(&put.id)) else { continue };
        if row.mark == Mark::Deleted {
            continue; // brought back or refused by its version
        }
        let Merged { values, taken, overlapping } =
            merge(section.key, Some(row.seq), &changed.sent, &changed.was, &row.content, today);
        if overlapping.is_empty() {
            if !taken.is_empty() {
                put.content = section.completed(values, &codes, today);
                faults.extend(section.rules.check(row.seq, &put.content, &codes, false));
            }
            // Nobody stored it since: what differs is what the server filled in, or was told before.
            if put.base != Some(row.version) {
                told.extend(taken);
            }
            // Whatever version the sender read, nothing is overwritten unseen.
            put.base = Some(row.version);
        }
        put.overlapping = overlapping;
    }
    storable(faults)?;
    Ok(told)
}
