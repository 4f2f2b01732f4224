//! SQL of users, enterprises, delegations and sessions. Used by `service`, `session`, `demo` and the
//! command line; decides nothing.

use sqlx::any::AnyRow;
use sqlx::{Row, query};

use super::model::{Enterprise, SessionInfo};
use super::rights::{Role, Scope, roles_of};
use crate::server::db::{Db, Tx};

const USER_BY_LOGIN: &str = "SELECT id, version, login, name, password_hash, must_renew, enterprise_code, roles, disabled \
    FROM app_user WHERE login = $1";
const USER_BY_ID: &str = "SELECT id, version, login, name, password_hash, must_renew, enterprise_code, roles, disabled \
    FROM app_user WHERE id = $1";
const SET_PASSWORD: &str = "UPDATE app_user SET password_hash = $2, must_renew = $3 WHERE id = $1";
const OWN: &str = "SELECT preferences, email, draft_secret FROM app_user WHERE id = $1";
const SET_PREFERENCES: &str = "UPDATE app_user SET preferences = $2 WHERE id = $1";

/// Only the first time: two sign-ins at once must agree on one.
const SET_DRAFT_SECRET: &str = "UPDATE app_user SET draft_secret = $2 WHERE id = $1 AND draft_secret = ''";
const SET_EMAIL: &str = "UPDATE app_user SET email = $2 WHERE id = $1";

const ENTERPRISE: &str = "SELECT code, uscc, name FROM enterprise WHERE code = $1";
const PRINCIPALS: &str = "SELECT p.code AS code, p.uscc AS uscc, p.name AS name, d.scope AS scope \
    FROM delegation_in_force d JOIN enterprise p ON p.code = d.principal_code \
    WHERE d.agent_code = $1 AND d.valid_from <= $2 AND d.valid_to >= $2 ORDER BY p.code";

/// The user of a live session, its enterprise and today's principals: one row per principal, or one.
const CALLER: &str = "SELECT u.id AS user_id, u.login AS login, u.name AS user_name, \
        u.roles AS roles, e.code AS own_code, e.uscc AS own_uscc, e.name AS own_name, \
        p.code AS code, p.uscc AS uscc, p.name AS name, d.scope AS scope, \
        s.created_at AS created_at, s.last_seen_at AS last_seen_at \
    FROM session s \
    JOIN app_user u ON u.id = s.user_id \
    JOIN enterprise e ON e.code = u.enterprise_code \
    LEFT JOIN delegation_in_force d ON d.agent_code = e.code AND d.valid_from <= $2 AND d.valid_to >= $2 \
    LEFT JOIN enterprise p ON p.code = d.principal_code \
    WHERE s.token_hash = $1 AND s.expires_at > $3 AND u.disabled = 0 \
    ORDER BY p.code";

const DROP_INVITATIONS: &str = "DELETE FROM invitation WHERE user_id = $1";
const ADD_INVITATION: &str = "INSERT INTO invitation (token_hash, user_id, expires_at) VALUES ($1, $2, $3)";
/// Taking it out is what makes it good once, also for two clicks at the same moment.
const TAKE_INVITATION: &str = "DELETE FROM invitation WHERE token_hash = $1 AND expires_at > $2 RETURNING user_id";
const INVITED: &str = "SELECT u.login FROM invitation i JOIN app_user u ON u.id = i.user_id \
    WHERE i.token_hash = $1 AND i.expires_at > $2 AND u.disabled = 0";
const SWEEP_INVITATIONS: &str = "DELETE FROM invitation WHERE expires_at <= $1";

const ADD_SESSION: &str = "INSERT INTO session \
    (token_hash, id, user_id, data, device, address, created_at, last_seen_at, expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)";
const SET_SESSION: &str = "UPDATE session SET data = $2, user_id = $3, device = $4, address = $5 \
    WHERE token_hash = $1";
const SESSION: &str = "SELECT data FROM session WHERE token_hash = $1 AND expires_at > $2";
/// Only when nobody else did meanwhile: several requests of one page come at once.
const TOUCH_SESSION: &str = "UPDATE session SET last_seen_at = $3, expires_at = $4 \
    WHERE token_hash = $1 AND last_seen_at = $2";
const SESSIONS_OF_USER: &str = "SELECT token_hash, id, device, address, created_at, last_seen_at FROM session \
    WHERE user_id = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id";
const END_SESSION: &str = "DELETE FROM session WHERE token_hash = $1";
const END_SESSION_OF_USER: &str = "DELETE FROM session WHERE id = $1 AND user_id = $2";
const END_SESSIONS_OF_USER: &str = "DELETE FROM session WHERE user_id = $1";
const SWEEP_SESSIONS: &str = "DELETE FROM session WHERE expires_at <= $1";

type Result<T> = std::result::Result<T, sqlx::Error>;

/// A stored user.
#[derive(Clone, Debug)]
pub struct User {
    pub id: String,
    /// Of what an administrator keeps.
    pub version: i64,
    pub login: String,
    pub name: String,
    /// Empty before the user chose a password.
    pub password_hash: String,
    /// Somebody else knows the password.
    pub must_renew: bool,
    pub enterprise_code: String,
    pub roles: Vec<Role>,
    pub disabled: bool,
}

/// What a user has chosen, and what is the user's alone.
#[derive(Clone, Debug)]
pub struct Own {
    pub preferences: String,
    pub email: String,
    /// Empty before the first sign-in.
    pub draft_secret: String,
}

/// Who a session belongs to, and how old it is.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user_id: String,
    pub login: String,
    pub name: String,
    pub enterprise: Enterprise,
    pub roles: Vec<Role>,
    /// Enterprises that delegated to the user's enterprise today, sorted; may repeat.
    pub principals: Vec<(Enterprise, Scope)>,
    pub created_at: String,
    pub last_seen_at: String,
}

/// A session to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    pub token_hash: &'a str,
    pub id: &'a str,
    pub user_id: &'a str,
    pub data: &'a str,
    pub device: &'a str,
    pub address: &'a str,
    pub created_at: &'a str,
    pub expires_at: &'a str,
}

fn user(row: &AnyRow) -> Result<User> {
    Ok(User {
        id: row.try_get("id")?,
        version: row.try_get("version")?,
        login: row.try_get("login")?,
        name: row.try_get("name")?,
        password_hash: row.try_get("password_hash")?,
        must_renew: row.try_get::<i64, _>("must_renew")? != 0,
        enterprise_code: row.try_get("enterprise_code")?,
        roles: roles_of(row.try_get("roles")?),
        disabled: row.try_get::<i64, _>("disabled")? != 0,
    })
}

/// An enterprise out of columns of these names.
pub fn enterprise_in(row: &AnyRow) -> Result<Enterprise> {
    Ok(Enterprise { code: row.try_get("code")?, uscc: row.try_get("uscc")?, name: row.try_get("name")? })
}

/// A principal and how far its delegation goes; a scope nobody knows lets nothing be entered.
fn principal(row: &AnyRow) -> Result<(Enterprise, Scope)> {
    Ok((enterprise_in(row)?, Scope::from_code(row.try_get("scope")?).unwrap_or_default()))
}

pub async fn user_by_login(db: &Db, login: &str) -> Result<Option<User>> {
    query(USER_BY_LOGIN).bind(login).fetch_optional(&db.read).await?.as_ref().map(user).transpose()
}

/// A user as the transaction sees it.
pub async fn user_in(tx: &mut Tx, id: &str) -> Result<Option<User>> {
    query(USER_BY_ID).bind(id).fetch_optional(&mut **tx).await?.as_ref().map(user).transpose()
}

pub async fn user_by_id(db: &Db, id: &str) -> Result<Option<User>> {
    query(USER_BY_ID).bind(id).fetch_optional(&db.read).await?.as_ref().map(user).transpose()
}

/// `must_renew`: somebody else than the user knows it.
pub async fn set_password(tx: &mut Tx, user_id: &str, password_hash: &str, must_renew: bool) -> Result<()> {
    let set = query(SET_PASSWORD).bind(user_id).bind(password_hash).bind(i64::from(must_renew));
    set.execute(&mut **tx).await.map(drop)
}

/// The latest link of a user is the only one that is good.
pub async fn set_invitation(tx: &mut Tx, user_id: &str, token_hash: &str, expires_at: &str) -> Result<()> {
    drop_invitations(tx, user_id).await?;
    query(ADD_INVITATION).bind(token_hash).bind(user_id).bind(expires_at).execute(&mut **tx).await.map(drop)
}

pub async fn drop_invitations(tx: &mut Tx, user_id: &str) -> Result<()> {
    query(DROP_INVITATIONS).bind(user_id).execute(&mut **tx).await.map(drop)
}

/// Whose invitation it was; used up by this.
pub async fn take_invitation(tx: &mut Tx, token_hash: &str, now: &str) -> Result<Option<String>> {
    let row = query(TAKE_INVITATION).bind(token_hash).bind(now).fetch_optional(&mut **tx).await?;
    row.map(|row| row.try_get("user_id")).transpose()
}

/// The login of who is invited by it.
pub async fn invited(db: &Db, token_hash: &str) -> Result<Option<String>> {
    let row = query(INVITED).bind(token_hash).bind(db.clock.stamp()).fetch_optional(&db.read).await?;
    row.map(|row| row.try_get("login")).transpose()
}

pub async fn sweep_invitations(tx: &mut Tx, now: &str) -> Result<u64> {
    Ok(query(SWEEP_INVITATIONS).bind(now).execute(&mut **tx).await?.rows_affected())
}

pub async fn own(db: &Db, user_id: &str) -> Result<Own> {
    let row = query(OWN).bind(user_id).fetch_one(&db.read).await?;
    Ok(Own {
        preferences: row.try_get("preferences")?,
        email: row.try_get("email")?,
        draft_secret: row.try_get("draft_secret")?,
    })
}

/// Does nothing when there is one already.
pub async fn set_draft_secret(tx: &mut Tx, user_id: &str, secret: &str) -> Result<()> {
    query(SET_DRAFT_SECRET).bind(user_id).bind(secret).execute(&mut **tx).await.map(drop)
}

pub async fn set_preferences(tx: &mut Tx, user_id: &str, preferences: &str) -> Result<()> {
    query(SET_PREFERENCES).bind(user_id).bind(preferences).execute(&mut **tx).await.map(drop)
}

pub async fn set_email(tx: &mut Tx, user_id: &str, email: &str) -> Result<()> {
    query(SET_EMAIL).bind(user_id).bind(email).execute(&mut **tx).await.map(drop)
}

pub async fn enterprise(db: &Db, code: &str) -> Result<Option<Enterprise>> {
    query(ENTERPRISE).bind(code).fetch_optional(&db.read).await?.as_ref().map(enterprise_in).transpose()
}

/// Enterprises that delegated to an agent on a day, sorted; may repeat.
pub async fn principals(db: &Db, agent: &str, on: &str) -> Result<Vec<(Enterprise, Scope)>> {
    query(PRINCIPALS).bind(agent).bind(on).fetch_all(&db.read).await?.iter().map(principal).collect()
}

/// `None` when there is no such session, it is over, or its user was disabled.
pub async fn caller(db: &Db, token_hash: &str, today: &str) -> Result<Option<Caller>> {
    let rows = query(CALLER).bind(token_hash).bind(today).bind(db.clock.stamp()).fetch_all(&db.read).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let mut principals = Vec::new();
    for row in &rows {
        if row.try_get::<Option<String>, _>("code")?.is_some() {
            principals.push(principal(row)?);
        }
    }
    Ok(Some(Caller {
        user_id: first.try_get("user_id")?,
        login: first.try_get("login")?,
        name: first.try_get("user_name")?,
        enterprise: Enterprise {
            code: first.try_get("own_code")?,
            uscc: first.try_get("own_uscc")?,
            name: first.try_get("own_name")?,
        },
        roles: roles_of(first.try_get("roles")?),
        principals,
        created_at: first.try_get("created_at")?,
        last_seen_at: first.try_get("last_seen_at")?,
    }))
}

pub async fn add_session(tx: &mut Tx, session: NewSession<'_>) -> Result<()> {
    query(ADD_SESSION)
        .bind(session.token_hash)
        .bind(session.id)
        .bind(session.user_id)
        .bind(session.data)
        .bind(session.device)
        .bind(session.address)
        .bind(session.created_at)
        .bind(session.expires_at)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Writes what the session holds; does nothing when it was ended meanwhile.
pub async fn set_session(tx: &mut Tx, session: NewSession<'_>) -> Result<()> {
    query(SET_SESSION)
        .bind(session.token_hash)
        .bind(session.data)
        .bind(session.user_id)
        .bind(session.device)
        .bind(session.address)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// What a live session holds.
pub async fn session_data(db: &Db, token_hash: &str) -> Result<Option<String>> {
    let row = query(SESSION).bind(token_hash).bind(db.clock.stamp()).fetch_optional(&db.read).await?;
    row.map(|row| row.try_get("data")).transpose()
}

pub async fn touch_session(
    tx: &mut Tx,
    token_hash: &str,
    seen_before: &str,
    seen: &str,
    expires_at: &str,
) -> Result<()> {
    query(TOUCH_SESSION)
        .bind(token_hash)
        .bind(seen_before)
        .bind(seen)
        .bind(expires_at)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Live sessions of a user, the last used first; the one of `current_hash` is marked.
pub async fn sessions_of_user(db: &Db, user_id: &str, current_hash: &str) -> Result<Vec<SessionInfo>> {
    let rows = query(SESSIONS_OF_USER).bind(user_id).bind(db.clock.stamp()).fetch_all(&db.read).await?;
    rows.iter()
        .map(|row| {
            Ok(SessionInfo {
                id: row.try_get("id")?,
                device: row.try_get("device")?,
                address: row.try_get("address")?,
                created_at: row.try_get("created_at")?,
                last_seen_at: row.try_get("last_seen_at")?,
                current: row.try_get::<String, _>("token_hash")? == current_hash,
            })
        })
        .collect()
}

pub async fn end_session(tx: &mut Tx, token_hash: &str) -> Result<()> {
    query(END_SESSION).bind(token_hash).execute(&mut **tx).await.map(drop)
}

/// False when the user has no such session.
pub async fn end_session_of_user(tx: &mut Tx, id: &str, user_id: &str) -> Result<bool> {
    Ok(query(END_SESSION_OF_USER).bind(id).bind(user_id).execute(&mut **tx).await?.rows_affected() == 1)
}

pub async fn end_sessions_of_user(tx: &mut Tx, user_id: &str) -> Result<()> {
    query(END_SESSIONS_OF_USER).bind(user_id).execute(&mut **tx).await.map(drop)
}

pub async fn sweep_sessions(tx: &mut Tx, now: &str) -> Result<u64> {
    Ok(query(SWEEP_SESSIONS).bind(now).execute(&mut **tx).await?.rows_affected())
}
