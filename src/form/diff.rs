//! Field by field, what differs between two records of a kind.
//! Shown when two people changed the same record, and later for a 变更.

use serde::{Deserialize, Serialize};

use super::{Record, pointer};

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub pointer: String,
    pub mine: String,
    pub theirs: String,
}

/// The fields a person can type that differ, in the order of the form.
pub fn differences<R: Record>(section: &str, seq: Option<i64>, mine: &R, theirs: &R) -> Vec<Difference> {
    R::FIELDS
        .iter()
        .filter(|field| field.is_typed() && mine.get(field.key) != theirs.get(field.key))
        .map(|field| Difference {
            pointer: pointer(section, seq, field.key),
            mine: mine.get(field.key).to_owned(),
            theirs: theirs.get(field.key).to_owned(),
        })
        .collect()
}
