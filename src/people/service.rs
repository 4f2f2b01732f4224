//! What an administrator sees of the own enterprise; who keeps what (`Keeper`). One file for what is done to users, to
//! delegations, to enterprises.

pub mod delegations;
pub mod enterprises;
pub mod users;

use serde_json::Value;

use super::model::People;
use super::store;
use crate::account::rights::Role;
use crate::account::store::User;
use crate::audit::store::{self as audit, Deed};
use crate::form::{Finding, show_date};
use crate::server::call::Call;
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;
use crate::text::{Message, text};

/// More users or delegations of one enterprise are not listed.
const MOST: i64 = 2_000;

/// Who keeps users and delegations: an administrator, for one enterprise, or the operator of the service, for all.
#[derive(Clone, Copy, Debug)]
pub struct Keeper<'a> {
    pub login: &'a str,
    /// `None`: of every enterprise.
    pub enterprise: Option<&'a str>,
}

impl Keeper<'static> {
    /// Whoever has a shell on the server.
    pub const SYSTEM: Self = Self { login: "system", enterprise: None };
}

impl<'a> Keeper<'a> {
    /// An administrator, for the own enterprise.
    pub fn of(call: &'a Call) -> Self {
        Self { login: &call.actor.login, enterprise: Some(&call.actor.enterprise.code) }
    }

    /// The operator of the service.
    pub fn operator(call: &'a Call) -> Self {
        Self { login: &call.actor.login, enterprise: None }
    }

    /// Refuses what belongs to another enterprise, as if there were no such thing.
    ///
    /// # Errors
    /// `NotFound`.
    fn keeps(&self, enterprise_code: &str) -> Result<(), Failure> {
        if self.enterprise.is_none_or(|own| own == enterprise_code) { Ok(()) } else { Err(Failure::NotFound) }
    }

    /// Refuses a user of another enterprise, as if there were none, and, to an administrator, one who operates the service:
    /// with a link of such a user, an administrator would become that.
    ///
    /// # Errors
    /// `NotFound`; `Refused`.
    fn keeps_user(&self, user: &User) -> Result<(), Failure> {
        self.keeps(&user.enterprise_code)?;
        if self.enterprise.is_none() || !user.roles.contains(&Role::Operator) {
            return Ok(());
        }
        Err(Failure::refused(text(
            "该用户是服务运营员，只能由服务运营方管理",
            "This user operates the service: only the operator of the service changes that user",
        )))
    }

    /// Adds what was done to the trail of an enterprise.
    async fn note(
        &self,
        db: &Db,
        tx: &mut Tx,
        enterprise: &str,
        action: &str,
        detail: &Value,
    ) -> Result<(), sqlx::Error> {
        let deed = Deed { enterprise, document: "", at: &db.clock.stamp(), actor: self.login, action };
        audit::add(tx, deed, detail).await
    }
}

/// The own enterprise, its users, its delegations.
///
/// # Errors
/// When the database fails.
pub async fn list(call: &Call) -> Result<People, Failure> {
    let (db, code) = (&call.state.db, call.actor.enterprise.code.as_str());
    Ok(People {
        own: store::registered(db, code).await?.ok_or(Failure::NotFound)?,
        users: store::users(db, code, MOST).await?,
        delegations: store::delegations(db, code, &show_date(call.state.clock.today()), MOST).await?,
    })
}

/// # Errors
/// `Refused` unless there are no faults; the first one says it all.
fn refuse(faults: Vec<Finding>) -> Result<(), Failure> {
    match faults.first() {
        None => Ok(()),
        Some(first) => Err(Failure::Refused { message: first.message.clone(), findings: faults }),
    }
}

/// Answer to a second keeper of the same.
fn changed_meanwhile() -> Failure {
    Failure::Conflict {
        message: Message::new(
            "数据已被他人修改，本次未保存。列表已刷新，请核对后重新操作。",
            "Somebody else changed this meanwhile; nothing was stored. The list is refreshed: look at it and try again.",
        ),
        differences: Vec::new(),
        stored: None,
    }
}
