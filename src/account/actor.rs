//! The caller of a service: the user and the enterprises it may act for. Made by `session` for every request, asked by all
//! that authorises; reads nothing itself.

use super::model::{ActsFor, Enterprise};
use super::rights::{Right, Role, Scope, rights_of};

/// The caller of a service: the user and what it may act for, read anew on every request.
#[derive(Clone, Debug)]
pub struct Actor {
    pub user_id: String,
    pub login: String,
    pub name: String,
    pub enterprise: Enterprise,
    /// Every enterprise the user may do anything for, with what: the own first, then today's principals.
    pub everywhere: Vec<ActsFor>,
    /// Those of them for which the user may do what is being done, in the same order. A service that asks this asks for
    /// the right its function needs.
    pub acts_for: Vec<Enterprise>,
}

impl Actor {
    /// A caller that has not yet said what it is about: acts for everybody it may do anything for.
    pub fn new(
        user_id: String,
        login: String,
        name: String,
        enterprise: Enterprise,
        roles: &[Role],
        principals: Vec<(Enterprise, Scope)>,
    ) -> Self {
        let rights = rights_of(roles);
        let mut everywhere = vec![ActsFor::new(&enterprise, rights)];
        for (principal, scope) in principals {
            let allowed = rights.and(scope.rights());
            // Two delegations of one principal may overlap.
            match everywhere.iter_mut().find(|known| known.code == principal.code) {
                Some(known) => known.rights = known.rights.or(allowed),
                None => everywhere.push(ActsFor::new(&principal, allowed)),
            }
        }
        let acts_for = everywhere.iter().map(ActsFor::enterprise).collect();
        Self { user_id, login, name, enterprise, everywhere, acts_for }
    }

    /// The caller of something that needs a right: acts only for those for which it has it. `None` when there is nobody.
    pub fn needing(mut self, right: Right) -> Option<Self> {
        let those = self.everywhere.iter().filter(|one| one.rights.has(right));
        self.acts_for = those.map(ActsFor::enterprise).collect();
        (!self.acts_for.is_empty()).then_some(self)
    }

    /// Codes of the enterprises it may act for.
    pub fn operators(&self) -> Vec<&str> {
        self.acts_for.iter().map(|enterprise| enterprise.code.as_str()).collect()
    }

    /// True when the user may do what is being done for this enterprise.
    pub fn acts_for(&self, enterprise_code: &str) -> bool {
        self.acts_for.iter().any(|enterprise| enterprise.code == enterprise_code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enterprise(code: &str) -> Enterprise {
        Enterprise { code: code.into(), ..Enterprise::default() }
    }

    #[test]
    fn an_agent_may_what_both_its_role_and_the_delegation_allow() {
        let agent = |role| {
            let principals = vec![
                (enterprise("reads"), Scope::Query),
                (enterprise("enters"), Scope::Enter),
                (enterprise("declares"), Scope::Declare),
                (enterprise("reads"), Scope::Enter),
            ];
            Actor::new("1".into(), "gu".into(), "顾".into(), enterprise("own"), &[role], principals)
        };
        let may = |role, right| {
            agent(role)
                .needing(right)
                .map_or_else(Vec::new, |actor| actor.operators().into_iter().map(str::to_owned).collect())
        };
        assert_eq!(may(Role::Declarant, Right::Declare), ["own", "declares"]);
        // The longer of two delegations of one principal counts.
        assert_eq!(may(Role::Declarant, Right::Enter), ["own", "reads", "enters", "declares"]);
        assert_eq!(may(Role::Clerk, Right::Declare), Vec::<String>::new());
        assert_eq!(may(Role::Reader, Right::Query), ["own", "reads", "enters", "declares"]);
        assert_eq!(may(Role::Admin, Right::Manage), ["own"], "nobody keeps the users of a principal");
    }
}
