//! The caller of a service: the user and the enterprises it may act for. Made by `session` for every request, asked by all
//! that authorises; reads nothing itself.

use super::model::Enterprise;

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
    pub fn new(
        user_id: String,
        login: String,
        name: String,
        enterprise: Enterprise,
        principals: Vec<Enterprise>,
    ) -> Self {
        let mut acts_for = vec![enterprise.clone()];
        // Two delegations of one principal may overlap.
        for principal in principals {
            if !acts_for.contains(&principal) {
                acts_for.push(principal);
            }
        }
        Self { user_id, login, name, enterprise, acts_for }
    }

    /// Codes of the enterprises it may act for.
    pub fn operators(&self) -> Vec<&str> {
        self.acts_for.iter().map(|enterprise| enterprise.code.as_str()).collect()
    }

    /// True when the user may file for, see and query books of this enterprise.
    pub fn acts_for(&self, enterprise_code: &str) -> bool {
        self.acts_for.iter().any(|enterprise| enterprise.code == enterprise_code)
    }
}
