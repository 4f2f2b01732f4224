//! Choosing a password by a link (`invitation`), and coming in by it. Who gets a link decides `people`.
//! Called by `api` alone; opens the session as `service` does.

use super::model::Me;
use super::service::{refused_at, signed_in};
use super::session::hash;
use super::{password, store, throttle};
use crate::audit::store::{self as audit, Deed};
use crate::server::call::OpenCall;
use crate::server::db::Db;
use crate::server::failure::Failure;
use crate::text::{Text, text};

const USED_UP: Text = text(
    "该链接已使用过或已过期（三天内有效，只能用一次）。请让本企业管理员在“系统管理”中重新生成。",
    "This link was used or is too old: it is good once, for three days. Ask your administrator for a new one.",
);

/// Whom a link invites.
///
/// # Errors
/// `Refused` when it is good no more; `Throttled` for who tries many.
pub async fn invited(call: &OpenCall, token: &str) -> Result<String, Failure> {
    let attempt = throttle::attempt(&call.state.db, throttle::LINK, &call.address).await?;
    let login = store::invited(&call.state.db, &hash(token)).await?;
    let login = login.ok_or_else(|| Failure::refused(USED_UP))?;
    forget(&call.state.db, &attempt).await?;
    Ok(login)
}

/// Sets the password of whom a link invites, and signs the user in.
///
/// # Errors
/// `Refused` when the link is good no more or the password too weak; then the link stays good.
pub async fn join(call: &OpenCall, token: &str, new_password: String) -> Result<Me, Failure> {
    let db = &call.state.db;
    let login = invited(call, token).await?;
    if let Some(fault) = password::fault(&new_password, &login) {
        return Err(refused_at("new", fault));
    }
    let password_hash = password::hash(new_password).await?;
    let mut tx = db.begin().await?;
    let taken = store::take_invitation(&mut tx, &hash(token), &db.clock.stamp()).await?;
    let id = taken.ok_or_else(|| Failure::refused(USED_UP))?;
    store::set_password(&mut tx, &id, &password_hash, false).await?;
    store::end_sessions_of_user(&mut tx, &id).await?;
    let user = store::user_in(&mut tx, &id).await?.filter(|user| !user.disabled);
    let user = user.ok_or_else(|| Failure::refused(USED_UP))?;
    let deed = Deed {
        enterprise: &user.enterprise_code,
        document: "",
        at: &db.clock.stamp(),
        actor: &user.login,
        action: "user_join",
    };
    audit::add(&mut tx, deed, &serde_json::json!({ "login": user.login })).await?;
    tx.commit().await?;
    signed_in(call, user).await
}

async fn forget(db: &Db, attempt: &throttle::Attempt) -> Result<(), Failure> {
    let mut tx = db.begin().await?;
    throttle::take_back(&mut tx, attempt).await?;
    Ok(tx.commit().await?)
}
