//! SQL of 系统管理: users, delegations, enterprises as they are kept. Used by `service` and the command line; decides nothing.
//! What a request asks of them is `account::store`'s.

use sqlx::any::AnyRow;
use sqlx::{Row, query};

use super::model::{CreditGrade, Delegation, Registered, User};
use super::rules::standing;
use crate::account::model::Enterprise;
use crate::account::rights::{Role, Scope, roles_of, roles_text};
use crate::account::store::enterprise_in;
use crate::server::db::{Db, Tx};

/// Sessions are counted by their index; an enterprise has few users.
const USERS: &str = "SELECT u.id, u.version, u.login, u.name, u.enterprise_code, u.roles, u.disabled, u.password_hash, \
        (SELECT COUNT(*) FROM session s WHERE s.user_id = u.id AND s.expires_at > $2) AS sessions, \
        COALESCE((SELECT MAX(s.last_seen_at) FROM session s WHERE s.user_id = u.id AND s.expires_at > $2), '') AS last_seen_at \
    FROM app_user u WHERE u.enterprise_code = $1 ORDER BY u.login LIMIT $3";
const ALL: &str = "SELECT login, name, enterprise_code, roles, disabled FROM app_user ORDER BY login";
const ADD_USER: &str = "INSERT INTO app_user \
    (id, login, name, password_hash, must_renew, enterprise_code, roles, disabled, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8) ON CONFLICT (login) DO NOTHING";
/// Only over the version that was looked at.
const SET_USER: &str = "UPDATE app_user SET name = $3, roles = $4, disabled = $5, version = version + 1 \
    WHERE id = $1 AND version = $2";
/// Administrators that can sign in.
const ADMINISTRATORS: &str = "SELECT roles FROM app_user WHERE enterprise_code = $1 AND disabled = 0";
/// Whoever changes users of an enterprise waits here, so that two administrators do not shut each other out.
const LOCK_ENTERPRISE: &str = "UPDATE enterprise SET code = code WHERE code = $1";

/// Delegations with both enterprises.
macro_rules! delegations {
    ($which:literal) => {
        concat!(
            "SELECT d.id, d.valid_from, d.valid_to, d.scope, d.offered_at, d.offered_by, d.accepted_at, d.accepted_by, d.ended_at, \
             d.ended_by, a.code AS agent_code, a.uscc AS agent_uscc, a.name AS agent_name, p.code AS principal_code, \
             p.uscc AS principal_uscc, p.name AS principal_name FROM delegation d JOIN enterprise a ON a.code = d.agent_code \
             JOIN enterprise p ON p.code = d.principal_code WHERE ",
            $which
        )
    };
}
const DELEGATION: &str = delegations!("d.id = $1");
/// Those an enterprise has on either side, the latest first.
const DELEGATIONS: &str =
    delegations!("d.principal_code = $1 OR d.agent_code = $1 ORDER BY d.offered_at DESC, d.id DESC LIMIT $2");
const ADD_DELEGATION: &str = "INSERT INTO delegation \
    (id, agent_code, principal_code, valid_from, valid_to, scope, offered_at, offered_by, accepted_at, accepted_by) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const ACCEPT: &str = "UPDATE delegation SET accepted_at = $2, accepted_by = $3 \
    WHERE id = $1 AND accepted_at = '' AND ended_at = ''";
const END: &str = "UPDATE delegation SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at = ''";

/// Enterprises with how many users each has.
macro_rules! registered {
    ($which:literal) => {
        concat!(
            "SELECT e.code, e.uscc, e.name, e.credit_grade, e.open_case, e.kind, \
             (SELECT COUNT(*) FROM app_user u WHERE u.enterprise_code = e.code AND u.disabled = 0) AS users \
             FROM enterprise e WHERE ",
            $which
        )
    };
}
const REGISTERED: &str = registered!("e.code = $1");
/// Over a table of enterprises, of which there are thousands, not millions: only its operator asks.
const FIND: &str = registered!(
    "$1 = '' OR substr(e.code, 1, length($1)) = $1 OR replace(e.name, $1, '') <> e.name ORDER BY e.code LIMIT $2"
);
const ADD_ENTERPRISE: &str = "INSERT INTO enterprise (code, uscc, name, credit_grade, open_case, kind) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (code) DO NOTHING";
const SET_ENTERPRISE: &str =
    "UPDATE enterprise SET uscc = $2, name = $3, credit_grade = $4, open_case = $5, kind = $6 WHERE code = $1";

type Result<T> = std::result::Result<T, sqlx::Error>;

/// A user to be stored.
#[derive(Clone, Debug)]
pub struct Added<'a> {
    pub id: &'a str,
    pub login: &'a str,
    pub name: &'a str,
    /// Empty: the user chooses one by an invitation.
    pub password_hash: &'a str,
    /// Somebody else knows the password.
    pub must_renew: bool,
    pub enterprise_code: &'a str,
    pub roles: &'a [Role],
}

/// Users of an enterprise, at most so many.
pub async fn users(db: &Db, enterprise_code: &str, most: i64) -> Result<Vec<User>> {
    let rows = query(USERS).bind(enterprise_code).bind(db.clock.stamp()).bind(most).fetch_all(&db.read).await?;
    rows.iter().map(user).collect()
}

fn user(row: &AnyRow) -> Result<User> {
    Ok(User {
        id: row.try_get("id")?,
        version: row.try_get("version")?,
        login: row.try_get("login")?,
        name: row.try_get("name")?,
        roles: roles_of(row.try_get("roles")?),
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        invited: row.try_get::<&str, _>("password_hash")?.is_empty(),
        sessions: row.try_get("sessions")?,
        last_seen_at: row.try_get("last_seen_at")?,
    })
}

/// Every user, for the command line: login, name, enterprise, roles, whether disabled.
pub async fn all(db: &Db) -> Result<Vec<(String, String, String, String, bool)>> {
    let rows = query(ALL).fetch_all(&db.read).await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.try_get("login")?,
                row.try_get("name")?,
                row.try_get("enterprise_code")?,
                row.try_get("roles")?,
                row.try_get::<i64, _>("disabled")? != 0,
            ))
        })
        .collect()
}

/// False when there is a user of this login already.
pub async fn add_user(tx: &mut Tx, user: &Added<'_>, now: &str) -> Result<bool> {
    let added = query(ADD_USER)
        .bind(user.id)
        .bind(user.login)
        .bind(user.name)
        .bind(user.password_hash)
        .bind(i64::from(user.must_renew))
        .bind(user.enterprise_code)
        .bind(roles_text(user.roles))
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(added.rows_affected() == 1)
}

/// False when somebody changed the user since `base`.
pub async fn set_user(tx: &mut Tx, id: &str, base: i64, name: &str, roles: &[Role], disabled: bool) -> Result<bool> {
    let set = query(SET_USER).bind(id).bind(base).bind(name).bind(roles_text(roles)).bind(i64::from(disabled));
    Ok(set.execute(&mut **tx).await?.rows_affected() == 1)
}

/// How many administrators of an enterprise can sign in.
pub async fn administrators(tx: &mut Tx, enterprise_code: &str) -> Result<usize> {
    let rows = query(ADMINISTRATORS).bind(enterprise_code).fetch_all(&mut **tx).await?;
    let mut count = 0;
    for row in &rows {
        count += usize::from(roles_of(row.try_get("roles")?).contains(&Role::Admin));
    }
    Ok(count)
}

pub async fn lock_enterprise(tx: &mut Tx, code: &str) -> Result<()> {
    query(LOCK_ENTERPRISE).bind(code).execute(&mut **tx).await.map(drop)
}

/// A delegation as it stands in the given transaction.
pub async fn delegation(tx: &mut Tx, id: &str, today: &str) -> Result<Option<Delegation>> {
    let row = query(DELEGATION).bind(id).fetch_optional(&mut **tx).await?;
    row.as_ref().map(|row| delegation_in(row, today)).transpose()
}

/// Delegations of an enterprise, whichever side it is on.
pub async fn delegations(db: &Db, enterprise_code: &str, today: &str, most: i64) -> Result<Vec<Delegation>> {
    let rows = query(DELEGATIONS).bind(enterprise_code).bind(most).fetch_all(&db.read).await?;
    rows.iter().map(|row| delegation_in(row, today)).collect()
}

fn delegation_in(row: &AnyRow, today: &str) -> Result<Delegation> {
    let (from, to): (String, String) = (row.try_get("valid_from")?, row.try_get("valid_to")?);
    let (accepted_at, ended_at): (String, String) = (row.try_get("accepted_at")?, row.try_get("ended_at")?);
    Ok(Delegation {
        id: row.try_get("id")?,
        agent: Enterprise {
            code: row.try_get("agent_code")?,
            uscc: row.try_get("agent_uscc")?,
            name: row.try_get("agent_name")?,
        },
        principal: Enterprise {
            code: row.try_get("principal_code")?,
            uscc: row.try_get("principal_uscc")?,
            name: row.try_get("principal_name")?,
        },
        standing: standing(&from, &to, &accepted_at, &ended_at, today),
        from,
        to,
        scope: Scope::from_code(row.try_get("scope")?).unwrap_or_default(),
        offered_at: row.try_get("offered_at")?,
        offered_by: row.try_get("offered_by")?,
        accepted_at,
        accepted_by: row.try_get("accepted_by")?,
        ended_at,
        ended_by: row.try_get("ended_by")?,
    })
}

/// Stores an offer; one of the operator of the service is accepted with it.
pub async fn add_delegation(tx: &mut Tx, delegation: &Delegation) -> Result<()> {
    query(ADD_DELEGATION)
        .bind(&delegation.id)
        .bind(&delegation.agent.code)
        .bind(&delegation.principal.code)
        .bind(&delegation.from)
        .bind(&delegation.to)
        .bind(delegation.scope.code())
        .bind(&delegation.offered_at)
        .bind(&delegation.offered_by)
        .bind(&delegation.accepted_at)
        .bind(&delegation.accepted_by)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// False when it was accepted or taken back meanwhile.
pub async fn accept(tx: &mut Tx, id: &str, now: &str, by: &str) -> Result<bool> {
    Ok(query(ACCEPT).bind(id).bind(now).bind(by).execute(&mut **tx).await?.rows_affected() == 1)
}

/// False when it was ended already.
pub async fn end(tx: &mut Tx, id: &str, now: &str, by: &str) -> Result<bool> {
    Ok(query(END).bind(id).bind(now).bind(by).execute(&mut **tx).await?.rows_affected() == 1)
}

pub async fn registered(db: &Db, code: &str) -> Result<Option<Registered>> {
    query(REGISTERED).bind(code).fetch_optional(&db.read).await?.as_ref().map(registered_in).transpose()
}

/// An enterprise as the transaction sees it.
pub async fn registered_now(tx: &mut Tx, code: &str) -> Result<Option<Registered>> {
    query(REGISTERED).bind(code).fetch_optional(&mut **tx).await?.as_ref().map(registered_in).transpose()
}

/// Enterprises by the beginning of their code or a part of their name.
pub async fn find(db: &Db, typed: &str, most: i64) -> Result<Vec<Registered>> {
    query(FIND).bind(typed).bind(most).fetch_all(&db.read).await?.iter().map(registered_in).collect()
}

fn registered_in(row: &AnyRow) -> Result<Registered> {
    Ok(Registered {
        enterprise: enterprise_in(row)?,
        // Whose grade cannot be read may not file.
        grade: CreditGrade::from_code(row.try_get("credit_grade")?).unwrap_or(CreditGrade::Untrusted),
        open_case: row.try_get::<i64, _>("open_case")? != 0,
        is_agent: row.try_get::<&str, _>("kind")? == "agent",
        users: row.try_get("users")?,
    })
}

/// Adds an enterprise, or changes the one of this code; false when there is one already.
pub async fn set_enterprise(tx: &mut Tx, enterprise: &Registered, is_new: bool) -> Result<bool> {
    let set = query(if is_new { ADD_ENTERPRISE } else { SET_ENTERPRISE })
        .bind(&enterprise.enterprise.code)
        .bind(&enterprise.enterprise.uscc)
        .bind(&enterprise.enterprise.name)
        .bind(enterprise.grade.code())
        .bind(i64::from(enterprise.open_case))
        .bind(if enterprise.is_agent { "agent" } else { "enterprise" });
    Ok(set.execute(&mut **tx).await?.rows_affected() == 1)
}
