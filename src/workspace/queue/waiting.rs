//! A save that waits for the server, as the journal keeps it. Used by `queue` and by what lays it over a document or makes a
//! draft of it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::document::{SaveHead, SaveRows};

/// A save that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Key of the kind of document.
    pub kind: String,
    pub title: String,
    /// When it was made: `2026-11-30 10:42`.
    pub at: String,
    pub save: Save,
}

/// What is to be saved, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Save {
    Head(SaveHead),
    Rows(SaveRows),
}

impl Save {
    pub const fn document(&self) -> Uuid {
        match self {
            Self::Head(head) => head.id,
            Self::Rows(rows) => rows.document_id,
        }
    }

    pub const fn op(&self) -> i64 {
        match self {
            Self::Head(head) => head.op,
            Self::Rows(rows) => rows.op,
        }
    }
}
