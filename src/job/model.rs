//! What a job is, and what can come of a try. Used by the worker and by the folders that write jobs; holds no SQL and knows
//! nobody who carries one out.

use chrono::{DateTime, Utc};

/// A job to be written. Under a key that is known already it is none: it is owed once.
#[derive(Clone, Debug, Default)]
pub struct NewJob<'a> {
    /// Who carries it out, see [`Runner::kind`](super::runner::Runner::kind).
    pub kind: &'a str,
    /// `sms:DOCUMENT`: what is to happen once.
    pub key: String,
    /// Whose it is; empty for work of the program itself.
    pub operator_code: &'a str,
    /// The document it is about; empty for none.
    pub document_id: &'a str,
    /// Not before, as stored.
    pub run_at: &'a str,
}

/// A job that is to be carried out now.
#[derive(Clone, Debug)]
pub struct Job {
    pub id: String,
    pub kind: String,
    pub key: String,
    pub operator_code: String,
    pub document_id: String,
    /// With this one.
    pub attempts: i64,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Not now, for this reason: tried again, ever more rarely.
    Later(String),
    /// Never, for this reason.
    GivenUp(String),
    /// Done for this time, and owed again then.
    Again(DateTime<Utc>),
}
