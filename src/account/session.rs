//! Stub.
use tower_sessions::Session;

use super::model::Enterprise;
use crate::server::failure::Failure;
use crate::server::state::AppState;

/// The caller of a service: the user and what it may act for, read anew on every request.
#[derive(Clone, Debug)]
pub struct Actor {
    pub user_id: String,
    pub login: String,
    pub name: String,
    pub enterprise: Enterprise,
    /// Own enterprise first, then today's principals.
    pub acts_for: Vec<Enterprise>,
}

impl Actor {
    /// True when the user may file for, see and query books of this enterprise.
    pub fn acts_for(&self, enterprise_code: &str) -> bool {
        self.acts_for.iter().any(|enterprise| enterprise.code == enterprise_code)
    }
}

pub async fn actor_of(_state: &AppState, _session: &Session) -> Result<Actor, Failure> {
    Err(Failure::SignedOut)
}
