//! What a stream of hints says. Shared by the server's route and the page.
//! Holds nothing of a document but its name and how often it changed.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where the stream is.
pub const ADDRESS: &str = "/hints";
/// The stream says that it lives this often.
pub const BEAT: Duration = Duration::from_secs(20);

/// A document changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    pub document: Uuid,
    pub version: i64,
    /// How many receipts it has.
    pub receipts: i64,
}

/// One event, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// These changed.
    Changed(Vec<Hint>),
    /// Something may have been missed: ask about all that is shown.
    Look,
    /// Nothing changed.
    Beat,
}
