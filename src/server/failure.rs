//! The error of services: typed, with its cause. `call::edge` maps it to `ApiError` once, logs what
//! is ours to mend and sends none of it to the browser.

use crate::account::rights::Right;
use crate::error::{ErrorKind, Stored};
use crate::form::{Difference, Finding};
use crate::text::Message;

/// Why an operation did not happen. Nothing was written when one of these comes back.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("nobody is signed in")]
    SignedOut,
    /// The page that asks is of somebody else than the browser is signed in as.
    #[error("signed in as {login}, not as the user of the page")]
    OtherUser { login: String, name: String },
    /// Not for this user; also for records that exist but belong to others.
    #[error("not allowed")]
    Forbidden,
    /// For nobody may this user do such a thing.
    #[error("the user may not {}", .0.label().en)]
    Lacks(Right),
    #[error("no such record")]
    NotFound,
    /// The input breaks a rule.
    #[error("refused: {}", message.en)]
    Refused { message: Message, findings: Vec<Finding> },
    /// Somebody else changed the record first.
    #[error("changed by somebody else")]
    Conflict { message: Message, differences: Vec<Difference>, stored: Option<Stored> },
    #[error("too many attempts")]
    Throttled { message: Message },
    /// What the server stands on does not work now, and the user can be told what.
    #[error("{cause}")]
    Unavailable { message: Message, cause: String },
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// A fault of ours that has no better name.
    #[error("{0}")]
    Internal(String),
}

impl Failure {
    pub fn refused(message: impl Into<Message>) -> Self {
        Self::Refused { message: message.into(), findings: Vec::new() }
    }

    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::SignedOut => ErrorKind::SignedOut,
            Self::OtherUser { .. } => ErrorKind::OtherUser,
            Self::Forbidden | Self::Lacks(_) => ErrorKind::Forbidden,
            Self::NotFound => ErrorKind::NotFound,
            Self::Refused { .. } => ErrorKind::Refused,
            Self::Conflict { .. } => ErrorKind::Conflict,
            Self::Throttled { .. } => ErrorKind::Throttled,
            Self::Unavailable { .. } | Self::Database(_) | Self::Internal(_) => ErrorKind::Internal,
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("stored JSON: {error}"))
    }
}
