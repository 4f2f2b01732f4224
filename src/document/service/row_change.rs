//! What changes in a list, as services and imports hand it to `rows`, which stores it. Holds the shapes and does nothing with
//! them.

use std::collections::HashMap;

use uuid::Uuid;

use crate::document::Row;
use crate::document::kind::Section;
use crate::form::{Difference, Filled, Values};

/// What changes in one list.
#[derive(Debug)]
pub struct RowChange {
    pub section: &'static Section,
    pub puts: Vec<Put>,
    pub removes: Vec<Remove>,
}

/// A row to be stored.
#[derive(Debug)]
pub struct Put {
    pub id: Uuid,
    /// Version the screen started from, 0 for a new row; `None`: the version of the whole document was asked for.
    pub base: Option<i64>,
    pub content: Values,
    /// What the sender says was changed; without it all of the row is the sender's, and `base` decides.
    pub changed: Option<SentChange>,
    /// Fields that somebody else changed as well, and differently.
    pub overlapping: Vec<Difference>,
}

impl Put {
    /// A row whose content is all of the sender's.
    pub const fn whole(id: Uuid, base: Option<i64>, content: Values) -> Self {
        Self { id, base, content, changed: None, overlapping: Vec::new() }
    }
}

/// A change of some fields of a row.
#[derive(Debug)]
pub struct SentChange {
    /// The row as it was sent.
    pub sent: Values,
    /// The fields that were changed, with the text each had before.
    pub was: Filled,
}

/// A row to be deleted.
#[derive(Debug)]
pub struct Remove {
    pub id: Uuid,
    pub base: i64,
}

/// What is stored of the rows that are to change.
pub(super) type Known = HashMap<Uuid, Row<Values>>;
