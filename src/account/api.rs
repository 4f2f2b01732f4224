//! Server functions of the account. Thin: call → service → answer.
//! Endpoints are fixed names, so that pages of an older build still find them.

use leptos::server;
use leptos::server_fn::codec::Json;

use super::model::{Captcha, Enterprise, Login, Me, SessionInfo, SignedIn};
use crate::error::ApiError;
use crate::error::client::Caller;

#[cfg(feature = "ssr")]
use {
    super::{captcha, join, service},
    crate::server::call::{Call, OpenCall, edge},
};

/// A new captcha picture; empty when captchas are switched off.
#[server(name = AskCaptcha, endpoint = "account/captcha", input = Json, output = Json, client = Caller)]
pub async fn captcha() -> Result<Captcha, ApiError> {
    edge(async {
        let call = OpenCall::read().await?;
        captcha::issue(&call.state, &call.address).await
    })
    .await
}

/// Signs in.
#[server(name = SignIn, endpoint = "account/login", input = Json, output = Json, client = Caller)]
pub async fn login(form: Login) -> Result<SignedIn, ApiError> {
    edge(async { service::login(&OpenCall::read().await?, form).await }).await
}

/// The login of whom a link invites.
#[server(name = AskInvited, endpoint = "account/invited", input = Json, output = Json, client = Caller)]
pub async fn invited(token: String) -> Result<String, ApiError> {
    edge(async { join::invited(&OpenCall::read().await?, &token).await }).await
}

/// Sets the first or next password of whom a link invites, and signs in.
#[server(name = Join, endpoint = "account/join", input = Json, output = Json, client = Caller)]
pub async fn join(token: String, password: String) -> Result<Me, ApiError> {
    edge(async { join::join(&OpenCall::read().await?, &token, password).await }).await
}

/// 退出: signs out, here and on the server.
#[server(name = SignOut, endpoint = "account/logout", input = Json, output = Json, client = Caller)]
pub async fn logout() -> Result<(), ApiError> {
    edge(async { service::logout(&OpenCall::read().await?).await }).await
}

/// Who is signed in.
#[server(name = AskMe, endpoint = "account/me", input = Json, output = Json, client = Caller)]
pub async fn me() -> Result<Me, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::me(call)).await
}

/// The live sessions of the user, the last used first.
#[server(name = ListSessions, endpoint = "account/sessions", input = Json, output = Json, client = Caller)]
pub async fn sessions() -> Result<Vec<SessionInfo>, ApiError> {
    let (call, open) = Call::with_session().await?;
    edge(service::sessions(&call, &open.session)).await
}

/// Ends one session of the user.
#[server(name = EndSession, endpoint = "account/end_session", input = Json, output = Json, client = Caller)]
pub async fn end_session(id: String) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(service::end_session(&call, &id)).await
}

/// Sets a new password; all other sessions of the user end.
#[server(name = ChangePassword, endpoint = "account/change_password", input = Json, output = Json, client = Caller)]
pub async fn change_password(old: String, new: String) -> Result<(), ApiError> {
    let (call, open) = Call::with_session().await?;
    edge(service::change_password(&call, &open, old, new)).await
}

/// Keeps the preferences of the user, a JSON object.
#[server(name = SavePreferences, endpoint = "account/save_preferences", input = Json, output = Json, client = Caller)]
pub async fn save_preferences(preferences: String) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(service::save_preferences(&call, &preferences)).await
}

/// Keeps where reminders go as mail; nothing for nowhere. The address as it is kept.
#[server(name = SaveEmail, endpoint = "account/save_email", input = Json, output = Json, client = Caller)]
pub async fn save_email(email: String) -> Result<String, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::save_email(&call, &email)).await
}

/// The enterprise of a 10-character customs code: what Enter in a party's code fills in.
#[server(name = FindEnterprise, endpoint = "account/enterprise", input = Json, output = Json, client = Caller)]
pub async fn enterprise(code: String) -> Result<Enterprise, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::find_enterprise(&call.state.db, &code)).await
}
