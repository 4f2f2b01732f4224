//! What a user does with the own account: sign in and out, list and end sessions, change password and
//! preferences, and the look-up of a party by its customs code. One function per operation.

use tower_sessions::Session;

use super::model::{Enterprise, Login, Me, SessionInfo, SignedIn};
use super::rules::{customs_code_fault, normalise_code, normalise_login};
use super::session::{self, Actor};
use super::{captcha, invitation, password, store, throttle};
use crate::form::{Finding, Severity, show_date};
use crate::mail::is_address;
use crate::server::call::{Call, OpenCall, of_its_page};
use crate::server::db::Db;
use crate::server::failure::Failure;
use crate::server::state::AppState;
use crate::text::{Message, Text, folded, text};

/// What the preferences of a user may take, in bytes.
const LONGEST_PREFERENCES: usize = 8 * 1024;

/// Says nothing of which of the two is wrong.
const WRONG: Text = text("用户名或密码不正确，请重新录入", "User name or password is wrong; type them again");
const WRONG_CAPTCHA: Text = text(
    "验证码不正确或已过期，请按新图片重新录入",
    "The captcha is wrong or too old; type what the new picture shows",
);

/// Signs in: limits, captcha, password, in this order, so that nobody can lock an account or keep the
/// server busy with passwords without having read a captcha.
///
/// # Errors
/// `Throttled`, or `Refused` without saying whether the user exists.
pub async fn login(call: &OpenCall, form: Login) -> Result<SignedIn, Failure> {
    let state = &call.state;
    let from_address = throttle::attempt(&state.db, throttle::ADDRESS, &call.address).await?;
    if !captcha::check(state, &form.captcha_id, &form.captcha).await? {
        return Err(refused_at("captcha", WRONG_CAPTCHA));
    }
    let login = normalise_login(&form.login);
    let for_account = throttle::attempt(&state.db, throttle::ACCOUNT, &login).await?;

    let user = store::user_by_login(&state.db, &login).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone()).filter(|hash| !hash.is_empty());
    let fits = password::verify(form.password, stored).await?;
    let Some(user) = user.filter(|user| fits && !user.disabled) else {
        tracing::warn!(address = call.address, "login failed");
        return Err(Failure::refused(WRONG));
    };

    let mut tx = state.db.begin().await?;
    throttle::clear(&mut tx, &for_account).await?;
    throttle::take_back(&mut tx, &from_address).await?;
    let renew = if user.must_renew {
        Some(invitation::make(&state.db, &mut tx, &user.id, user.login.clone()).await?)
    } else {
        None
    };
    tx.commit().await?;
    match renew {
        Some(invitation) => Ok(SignedIn::Renew(invitation)),
        None => signed_in(call, user).await.map(SignedIn::Done),
    }
}

/// Opens the session of a user who proved to be that.
///
/// # Errors
/// When the database fails.
pub(super) async fn signed_in(call: &OpenCall, user: store::User) -> Result<Me, Failure> {
    let state = &call.state;
    session::open(&call.session, &user.id, &call.device, &call.address).await?;
    tracing::info!(user = user.login, "signed in");
    let enterprise = store::enterprise(&state.db, &user.enterprise_code).await?.ok_or(Failure::NotFound)?;
    let principals = store::principals(&state.db, &enterprise.code, &show_date(state.clock.today())).await?;
    me_of(state, Actor::new(user.id, user.login, user.name, enterprise, &user.roles, principals)).await
}

/// Signs out; the session is gone on the server too. Without a session there is nothing to do.
///
/// # Errors
/// `OtherUser` when the session is that of somebody else than the page; when the database fails.
pub async fn logout(call: &OpenCall) -> Result<(), Failure> {
    if let Ok(admitted) = session::admit(&call.state, &call.session).await {
        of_its_page(&admitted.actor).await?;
    }
    session::close(&call.session).await
}

/// The signed-in user.
///
/// # Errors
/// When the database fails.
pub async fn me(call: Call) -> Result<Me, Failure> {
    me_of(&call.state, call.actor).await
}

async fn me_of(state: &AppState, actor: Actor) -> Result<Me, Failure> {
    let mut own = store::own(&state.db, &actor.user_id).await?;
    if own.draft_secret.is_empty() {
        let secret = rand::random::<[u8; 32]>().map(|byte| format!("{byte:02x}")).concat();
        let mut tx = state.db.begin().await?;
        store::set_draft_secret(&mut tx, &actor.user_id, &secret).await?;
        tx.commit().await?;
        own = store::own(&state.db, &actor.user_id).await?;
    }
    Ok(Me {
        preferences: own.preferences,
        email: own.email,
        draft_secret: own.draft_secret,
        mails: state.config.smtp.is_some(),
        login: actor.login,
        name: actor.name,
        enterprise: actor.enterprise,
        acts_for: actor.everywhere,
    })
}

/// The user's live sessions.
///
/// # Errors
/// When the database fails.
pub async fn sessions(call: &Call, current: &Session) -> Result<Vec<SessionInfo>, Failure> {
    let current = session::token_hash(current).unwrap_or_default();
    Ok(store::sessions_of_user(&call.state.db, &call.actor.user_id, &current).await?)
}

/// Ends one of the user's sessions, by its public id.
///
/// # Errors
/// `NotFound` when the user has no such session; other people's sessions look the same.
pub async fn end_session(call: &Call, id: &str) -> Result<(), Failure> {
    let id = uuid::Uuid::parse_str(id).map_err(|_| Failure::NotFound)?.to_string();
    let mut tx = call.state.db.begin().await?;
    if !store::end_session_of_user(&mut tx, &id, &call.actor.user_id).await? {
        return Err(Failure::NotFound);
    }
    Ok(tx.commit().await?)
}

/// Sets a new password and ends all sessions of the user; the caller goes on under a new one.
///
/// # Errors
/// `Refused` when the old password is wrong or the new one too weak, `Throttled` after many tries.
pub async fn change_password(call: &Call, open: &OpenCall, old: String, new: String) -> Result<(), Failure> {
    let Call { state, actor } = call;
    if let Some(fault) = password::fault(&new, &actor.login) {
        return Err(refused_at("new", fault));
    }
    let attempt = throttle::attempt(&state.db, throttle::ACCOUNT, &actor.login).await?;
    let user = store::user_by_id(&state.db, &actor.user_id).await?.ok_or(Failure::SignedOut)?;
    if !password::verify(old, Some(user.password_hash)).await? {
        return Err(refused_at("old", text("原密码不正确，请重新录入", "The old password is wrong; type it again")));
    }
    let hash = password::hash(new).await?;
    let mut tx = state.db.begin().await?;
    throttle::clear(&mut tx, &attempt).await?;
    store::set_password(&mut tx, &user.id, &hash, false).await?;
    store::end_sessions_of_user(&mut tx, &user.id).await?;
    tx.commit().await?;
    session::open(&open.session, &user.id, &open.device, &open.address).await?;
    tracing::info!(user = user.login, "changed the password");
    Ok(())
}

/// Keeps the user's preferences: any JSON object the screens care to store.
///
/// # Errors
/// `Refused` when it is something else or too long.
pub async fn save_preferences(call: &Call, preferences: &str) -> Result<(), Failure> {
    let is_object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(preferences).is_ok();
    if preferences.len() > LONGEST_PREFERENCES || !is_object {
        return Err(Failure::refused(text(
            "个人设置无法保存：内容过长或格式不对，请恢复默认设置后重试",
            "The preferences cannot be kept: too long or not an object. Reset them and try again",
        )));
    }
    let mut tx = call.state.db.begin().await?;
    store::set_preferences(&mut tx, &call.actor.user_id, preferences).await?;
    Ok(tx.commit().await?)
}

/// Keeps where reminders go as mail; nothing for nowhere. The address as it is kept.
///
/// # Errors
/// `Refused` for what is no mail address.
pub async fn save_email(call: &Call, typed: &str) -> Result<String, Failure> {
    let email = folded(typed.trim()).trim().to_owned();
    if !email.is_empty() && !is_address(&email) {
        return Err(refused_at(
            "email",
            text(
                "邮箱地址不正确，未保存。请录入一个形如name@example.com的地址，清空则不发邮件",
                "This is no mail address and was not kept. Type one like name@example.com, or nothing for no mail",
            ),
        ));
    }
    let mut tx = call.state.db.begin().await?;
    store::set_email(&mut tx, &call.actor.user_id, &email).await?;
    tx.commit().await?;
    Ok(email)
}

/// The look-up of a party by its 10-character code, however it is typed. Open to every user: who
/// trades under a code is public, what it files is not.
///
/// # Errors
/// `Refused` when the code has a wrong form or nobody has it.
pub async fn find_enterprise(db: &Db, typed: &str) -> Result<Enterprise, Failure> {
    let code = normalise_code(typed);
    if let Some(fault) = customs_code_fault(&code) {
        return Err(refused_at("code", fault));
    }
    store::enterprise(db, &code).await?.ok_or_else(|| {
        refused_at(
            "code",
            Message::new(
                format!("未找到海关注册编码为{code}的企业，请核对编码；如确认无误，请联系管理员登记该企业"),
                format!(
                    "No enterprise has the customs code {code}. Check it, or ask your administrator to register it"
                ),
            ),
        )
    })
}

/// A refusal at one field of a form of the account.
pub(super) fn refused_at(field: &str, message: impl Into<Message>) -> Failure {
    let message = message.into();
    let finding = Finding { rule: "account".into(), pointer: field.into(), severity: Severity::Save, message };
    Failure::Refused { message: finding.message.clone(), findings: vec![finding] }
}
