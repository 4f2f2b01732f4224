//! Field by field, what differs between two records of a kind.
//! Shown when two people changed the same record, and for a 变更.

use serde::{Deserialize, Serialize};

use super::{Texts, pointer};

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub pointer: String,
    pub mine: String,
    pub theirs: String,
}

/// The fields a person can type that differ, in the order of the form.
pub fn differences(section: &str, seq: Option<i64>, mine: &dyn Texts, theirs: &dyn Texts) -> Vec<Difference> {
    mine.fields()
        .iter()
        .filter(|field| field.is_typed() && mine.text(field.key) != theirs.text(field.key))
        .map(|field| Difference {
            pointer: pointer(section, seq, field.key),
            mine: mine.text(field.key).to_owned(),
            theirs: theirs.text(field.key).to_owned(),
        })
        .collect()
}
