//! Who carries out the jobs of one kind: the port between the worker and the business folders. `server::jobs` lists them all.
//! Leases, tries and what is noted of them are the worker's.

use async_trait::async_trait;

use super::model::{Job, Outcome};
use crate::server::failure::Failure;
use crate::server::state::AppState;

/// Carries out the jobs of one kind. A job may be carried out twice, when a process dies between doing it and saying so.
#[async_trait]
pub trait Runner: Send + Sync {
    fn kind(&self) -> &'static str;

    /// One try.
    ///
    /// # Errors
    /// Anything: it is tried again later.
    async fn run(&self, state: &AppState, job: &Job) -> Result<Outcome, Failure>;

    /// True for work that comes again and again: it is owed once from the start of the program on, under the name of its kind.
    fn is_standing(&self) -> bool {
        false
    }
}
