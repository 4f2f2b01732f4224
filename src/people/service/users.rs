//! Users of an enterprise: adding, changing, shutting out, ending sessions, a new link. Each is one transaction, leaves a line in
//! the trail of the enterprise, and never leaves an enterprise without an administrator.

use serde_json::json;
use uuid::Uuid;

use super::{Keeper, changed_meanwhile, refuse};
use crate::account::model::Invitation;
use crate::account::rights::{Role, roles_text};
use crate::account::rules::normalise_login;
use crate::account::service::find_enterprise;
use crate::account::{invitation, password, store as accounts};
use crate::people::model::{NewUser, SaveUser};
use crate::people::rules::{at, login_fault, name_fault, roles_fault, user_faults};
use crate::people::store::{self, Added};
use crate::server::call::Call;
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;
use crate::text::{Message, text};

/// Adds a user to the own enterprise.
///
/// # Errors
/// `Refused` when the login is taken or something has a wrong form.
pub async fn add(call: &Call, user: NewUser) -> Result<Invitation, Failure> {
    refuse(user_faults(&user))?;
    invited(&call.state.db, Keeper::of(call), &call.actor.enterprise.code, user).await
}

/// Adds an administrator to any enterprise: what the operator of the service does once for each.
///
/// # Errors
/// As [`add`]; `Refused` for an unknown enterprise.
pub async fn add_administrator(call: &Call, enterprise_code: &str, user: NewUser) -> Result<Invitation, Failure> {
    let user = NewUser { roles: vec![Role::Admin], ..user };
    refuse(user_faults(&user))?;
    let enterprise = find_enterprise(&call.state.db, enterprise_code).await?;
    invited(&call.state.db, Keeper::operator(call), &enterprise.code, user).await
}

/// Adds a user who chooses a password by a link.
///
/// # Errors
/// As [`add`].
pub async fn invited(db: &Db, keeper: Keeper<'_>, enterprise_code: &str, user: NewUser) -> Result<Invitation, Failure> {
    let mut tx = db.begin().await?;
    let (id, login) = insert(db, &mut tx, keeper, enterprise_code, &user, "", false).await?;
    let link = invitation::make(db, &mut tx, &id, login).await?;
    tx.commit().await?;
    Ok(link)
}

/// Adds a user with any roles, who chooses a password by a link: what the command line does.
///
/// # Errors
/// As [`add`]; `Refused` for an unknown enterprise.
pub async fn with_link(
    db: &Db,
    keeper: Keeper<'_>,
    enterprise_code: &str,
    user: NewUser,
) -> Result<Invitation, Failure> {
    if let Some(fault) = login_fault(&normalise_login(&user.login)) {
        return Err(Failure::refused(fault));
    }
    let enterprise_code = find_enterprise(db, enterprise_code).await?.code;
    invited(db, keeper, &enterprise_code, user).await
}

/// Adds a user with a password that somebody else typed. `must_renew`: it is changed at the first sign-in.
///
/// # Errors
/// As [`add`]; `Refused` for a weak password.
pub async fn with_password(
    db: &Db,
    keeper: Keeper<'_>,
    enterprise_code: &str,
    user: NewUser,
    new_password: String,
    must_renew: bool,
) -> Result<(), Failure> {
    let login = normalise_login(&user.login);
    if let Some(fault) = login_fault(&login).or_else(|| password::fault(&new_password, &login)) {
        return Err(Failure::refused(fault));
    }
    let enterprise_code = find_enterprise(db, enterprise_code).await?.code;
    let hash = password::hash(new_password).await?;
    let mut tx = db.begin().await?;
    insert(db, &mut tx, keeper, &enterprise_code, &user, &hash, must_renew).await?;
    Ok(tx.commit().await?)
}

async fn insert(
    db: &Db,
    tx: &mut Tx,
    keeper: Keeper<'_>,
    enterprise_code: &str,
    user: &NewUser,
    password_hash: &str,
    must_renew: bool,
) -> Result<(String, String), Failure> {
    let (id, login) = (Uuid::now_v7().to_string(), normalise_login(&user.login));
    let name = if user.name.trim().is_empty() { &login } else { user.name.trim() };
    let roles = &user.roles;
    let added = Added { id: &id, login: &login, name, password_hash, must_renew, enterprise_code, roles };
    if !store::add_user(tx, &added, &db.clock.stamp()).await? {
        let message = Message::new(
            format!("用户名{login}已被使用，请换一个"),
            format!("There is a user {login} already; choose another name"),
        );
        return Err(Failure::Refused { message: message.clone(), findings: vec![at("login", message)] });
    }
    let detail = json!({ "login": login, "name": name, "roles": roles_text(&user.roles) });
    keeper.note(db, tx, enterprise_code, "user_add", &detail).await?;
    Ok((id, login))
}

/// Name, roles and 停用 of a user of the own enterprise. Who is disabled is signed out at once.
///
/// # Errors
/// `NotFound` for a user of another enterprise; `Conflict` when somebody changed the user since; `Refused` for a wrong form
/// and where no administrator would be left.
pub async fn save(call: &Call, user: SaveUser) -> Result<(), Failure> {
    set(&call.state.db, Keeper::of(call), user).await
}

/// As [`save`], for whoever keeps users.
///
/// # Errors
/// As [`save`].
pub async fn set(db: &Db, keeper: Keeper<'_>, user: SaveUser) -> Result<(), Failure> {
    let before = accounts::user_by_id(db, &user.id).await?.ok_or(Failure::NotFound)?;
    keeper.keeps_user(&before)?;
    let mut faults: Vec<_> = name_fault(&user.name).map(|fault| at("name", fault)).into_iter().collect();
    // The command line gives every role, but not none.
    if keeper.enterprise.is_some() || user.roles.is_empty() {
        faults.extend(roles_fault(&user.roles).map(|fault| at("roles", fault)));
    }
    refuse(faults)?;
    let name = user.name.trim();
    let mut tx = db.begin().await?;
    store::lock_enterprise(&mut tx, &before.enterprise_code).await?;
    if !store::set_user(&mut tx, &user.id, user.base, name, &user.roles, user.disabled).await? {
        return Err(changed_meanwhile());
    }
    let was_administrator = before.roles.contains(&Role::Admin) && !before.disabled;
    if was_administrator && store::administrators(&mut tx, &before.enterprise_code).await? == 0 {
        let message = text(
            "这是本企业唯一可用的管理员，不能停用或取消其管理员角色。请先给另一位用户管理员角色。",
            "This is the only administrator left: give another user the role first.",
        );
        return Err(Failure::Refused { message: message.into(), findings: vec![at("roles", message)] });
    }
    if user.disabled {
        accounts::end_sessions_of_user(&mut tx, &user.id).await?;
        accounts::drop_invitations(&mut tx, &user.id).await?;
    }
    let detail = json!({
        "login": before.login,
        "before": { "name": before.name, "roles": roles_text(&before.roles), "disabled": before.disabled },
        "after": { "name": name, "roles": roles_text(&user.roles), "disabled": user.disabled },
    });
    keeper.note(db, &mut tx, &before.enterprise_code, "user_save", &detail).await?;
    Ok(tx.commit().await?)
}

/// A new link for a user of the own enterprise who forgot the password or lost the link. The old password and all sessions
/// end at once: whoever asks for it may have lost more than the memory.
///
/// # Errors
/// `NotFound` for a user of another enterprise; `Refused` for one that is disabled.
pub async fn invite(call: &Call, id: &str) -> Result<Invitation, Failure> {
    let user = accounts::user_by_id(&call.state.db, id).await?.ok_or(Failure::NotFound)?;
    reset(&call.state.db, Keeper::of(call), &user.login).await
}

/// As [`invite`], by login, for whoever keeps users.
///
/// # Errors
/// As [`invite`].
pub async fn reset(db: &Db, keeper: Keeper<'_>, login: &str) -> Result<Invitation, Failure> {
    let user = known(db, keeper, login).await?;
    if user.disabled {
        return Err(Failure::refused(text(
            "该用户已停用，请先启用再发送登录链接",
            "The user is disabled: enable the user first",
        )));
    }
    let mut tx = db.begin().await?;
    accounts::set_password(&mut tx, &user.id, "", false).await?;
    accounts::end_sessions_of_user(&mut tx, &user.id).await?;
    let link = invitation::make(db, &mut tx, &user.id, user.login.clone()).await?;
    keeper.note(db, &mut tx, &user.enterprise_code, "user_invite", &json!({ "login": user.login })).await?;
    tx.commit().await?;
    Ok(link)
}

/// Ends all sessions of a user of the own enterprise.
///
/// # Errors
/// `NotFound` for a user of another enterprise.
pub async fn end_sessions(call: &Call, id: &str) -> Result<(), Failure> {
    let (db, keeper) = (&call.state.db, Keeper::of(call));
    let user = accounts::user_by_id(db, id).await?.ok_or(Failure::NotFound)?;
    keeper.keeps_user(&user)?;
    let mut tx = db.begin().await?;
    accounts::end_sessions_of_user(&mut tx, &user.id).await?;
    keeper.note(db, &mut tx, &user.enterprise_code, "user_end_sessions", &json!({ "login": user.login })).await?;
    Ok(tx.commit().await?)
}

/// Sets a password that somebody else typed, and ends the user's sessions: it is changed at the next sign-in.
///
/// # Errors
/// `Refused` when there is no such user or the password is weak.
pub async fn set_password(db: &Db, login: &str, new_password: String) -> Result<(), Failure> {
    let user = known(db, Keeper::SYSTEM, login).await?;
    if let Some(fault) = password::fault(&new_password, &user.login) {
        return Err(Failure::refused(fault));
    }
    let hash = password::hash(new_password).await?;
    let mut tx = db.begin().await?;
    accounts::set_password(&mut tx, &user.id, &hash, true).await?;
    accounts::end_sessions_of_user(&mut tx, &user.id).await?;
    accounts::drop_invitations(&mut tx, &user.id).await?;
    let detail = json!({ "login": user.login });
    Keeper::SYSTEM.note(db, &mut tx, &user.enterprise_code, "user_password", &detail).await?;
    Ok(tx.commit().await?)
}

/// Changes what the closure changes of a user, by login: what the command line does.
///
/// # Errors
/// As [`set`]; `Refused` when there is no such user.
pub async fn change(db: &Db, login: &str, change: impl FnOnce(&mut SaveUser)) -> Result<(), Failure> {
    let user = known(db, Keeper::SYSTEM, login).await?;
    let mut wanted =
        SaveUser { id: user.id, base: user.version, name: user.name, roles: user.roles, disabled: user.disabled };
    change(&mut wanted);
    set(db, Keeper::SYSTEM, wanted).await
}

async fn known(db: &Db, keeper: Keeper<'_>, login: &str) -> Result<accounts::User, Failure> {
    let login = normalise_login(login);
    let user = accounts::user_by_login(db, &login).await?;
    let user = user.ok_or_else(|| {
        Failure::refused(Message::new(format!("没有用户{login}"), format!("There is no user {login}")))
    })?;
    keeper.keeps_user(&user)?;
    Ok(user)
}
