//! Demonstration data for `opbook serve --demo`: invented enterprises with valid codes, users with
//! known passwords. Loading it again changes nothing. Never loaded otherwise.

use chrono::NaiveDate;

use super::model::{CreditGrade, NewUser, Offer, Registered};
use super::service::{Keeper, delegations, enterprises, users};
use super::store;
use crate::account::model::Enterprise;
use crate::account::rights::{Role, Scope};
use crate::account::store as accounts;
use crate::form::show_date;
use crate::server::db::Db;
use crate::server::failure::Failure;

/// A user of the demonstration. The README lists them too.
#[derive(Clone, Copy, Debug)]
pub struct DemoUser {
    pub login: &'static str,
    pub password: &'static str,
    pub name: &'static str,
    pub enterprise_code: &'static str,
    pub roles: &'static [Role],
}

/// An enterprise of the demonstration.
#[derive(Clone, Copy, Debug)]
pub struct DemoEnterprise {
    pub code: &'static str,
    pub uscc: &'static str,
    pub name: &'static str,
    grade: CreditGrade,
    is_agent: bool,
}

const fn enterprise(code: &'static str, uscc: &'static str, name: &'static str) -> DemoEnterprise {
    DemoEnterprise { code, uscc, name, grade: CreditGrade::Regular, is_agent: false }
}

/// The first two keep books; the agent acts for both. The others are there to be looked up.
pub const ENTERPRISES: [DemoEnterprise; 7] = [
    enterprise("3205246018", "91320594MA1N7K3Q4N", "东澜精密电子（苏州）有限公司"),
    enterprise("3502166027", "91350200MA2Y6H4T3P", "海禾服饰（厦门）有限公司"),
    DemoEnterprise {
        is_agent: true, ..enterprise("3122980015", "91310115MA1K4W8D3G", "通和报关（上海）有限公司")
    },
    enterprise("4403160D52", "91440300MA5E9R2G5A", "澄岳光电（深圳）有限公司"),
    enterprise("3302960318", "91330206MA2C8L6P5B", "宁波泊川国际贸易有限公司"),
    enterprise("3702230146", "91370211MA3F7B5N4E", "青岛岚湾海产加工有限公司"),
    DemoEnterprise {
        grade: CreditGrade::Untrusted,
        ..enterprise("2102960409", "91210200MA0U3X9J30", "大连朔港贸易有限公司")
    },
];

/// All of it in one hand, as in a small company.
const ALL_OF_IT: &[Role] = &[Role::Admin, Role::Declarant];

const fn user(
    login: &'static str,
    password: &'static str,
    name: &'static str,
    enterprise_code: &'static str,
    roles: &'static [Role],
) -> DemoUser {
    DemoUser { login, password, name, enterprise_code, roles }
}

/// One user for each enterprise that keeps books, one for the agent, and two who may do less.
pub const USERS: [DemoUser; 5] = [
    user("donglan", "donglan-2026", "沈知远", "3205246018", ALL_OF_IT),
    user("haihe", "haihe-2026", "林若溪", "3502166027", ALL_OF_IT),
    user("tonghe", "tonghe-2026", "顾一鸣", "3122980015", ALL_OF_IT),
    user("donglan-lr", "donglan-lr-2026", "许录", "3205246018", &[Role::Clerk]),
    user("donglan-cx", "donglan-cx-2026", "陆查", "3205246018", &[Role::Reader]),
];

/// The agent, and for whom it acts.
const AGENT: &str = "3122980015";
const PRINCIPALS: [&str; 2] = ["3205246018", "3502166027"];
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2099, 12, 31).unwrap();

/// Adds what is missing of the demonstration data.
///
/// # Errors
/// When the database fails.
pub async fn load(db: &Db) -> Result<(), Failure> {
    for DemoEnterprise { code, uscc, name, grade, is_agent } in ENTERPRISES {
        let enterprise = Enterprise { code: code.into(), uscc: uscc.into(), name: name.into() };
        let registered = Registered { enterprise, grade, is_agent, ..Registered::default() };
        if store::registered(db, code).await?.is_none() {
            enterprises::set(db, Keeper::SYSTEM, registered, None).await?;
        }
    }
    // Also those that were ended: what somebody tried out with the demonstration stays over a restart.
    let known = store::delegations(db, AGENT, &show_date(db.clock.today()), i64::from(u16::MAX)).await?;
    for principal in PRINCIPALS {
        if known.iter().all(|one| one.principal.code != principal) {
            let (from, to) = (show_date(FIRST_DAY), show_date(LAST_DAY));
            let offer = Offer { agent_code: AGENT.into(), from, to, scope: Scope::Declare };
            delegations::grant(db, principal, offer).await?;
        }
    }
    for DemoUser { login, password, name, enterprise_code, roles } in USERS {
        if accounts::user_by_login(db, login).await?.is_none() {
            let user = NewUser { login: login.into(), name: name.into(), roles: roles.to_vec() };
            users::with_password(db, Keeper::SYSTEM, enterprise_code, user, password.to_owned(), false).await?;
        }
    }
    Ok(())
}

/// What is printed at start.
pub fn summary() -> String {
    let mut text = String::from("演示数据 / demonstration data (known passwords: do not expose this server)\n");
    for user in USERS {
        let name = ENTERPRISES.iter().find(|enterprise| enterprise.code == user.enterprise_code);
        let name = name.map_or("", |enterprise| enterprise.name);
        let roles: Vec<&str> = user.roles.iter().map(|role| role.label().zh).collect();
        text += &format!("  用户名 {:<10} 密码 {:<15} {name} {}\n", user.login, user.password, roles.join("、"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn loading_twice_gives_the_same_and_every_user_can_sign_in() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite:{}", folder.path().join("demo.db").display())).await.unwrap();
        // Refuses an enterprise with a wrong code, so the check digits above are checked too.
        load(&db).await.unwrap();
        let users = async || {
            let mut all = Vec::new();
            for user in USERS {
                let stored = accounts::user_by_login(&db, user.login).await.unwrap().unwrap();
                all.push((stored.id, stored.password_hash, stored.roles));
            }
            all
        };
        let first = users().await;
        load(&db).await.unwrap();
        assert_eq!(users().await, first);
        let principals = accounts::principals(&db, AGENT, "2026-01-01").await.unwrap();
        assert_eq!(principals.iter().map(|(principal, _)| principal.code.as_str()).collect::<Vec<_>>(), PRINCIPALS);
        assert!(USERS.iter().all(|user| summary().contains(user.password)));
    }
}
