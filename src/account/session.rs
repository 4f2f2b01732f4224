//! Who calls: from the cookie to the [`Actor`], read anew from the database on every request.
//! The cookie and its rotation are the session library's; rows are `session/table`'s. A session ends
//! after 30 minutes without use and 12 hours in any case (settings), on the server.

mod table;

use std::time::Duration;

use axum::http::{HeaderMap, Uri};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

pub use super::actor::Actor;
use super::store;
use crate::error::client::{USER, encoded};
use crate::form::show_date;
use crate::server::config::Config;
use crate::server::db::stamp;
use crate::server::failure::Failure;
use crate::server::state::AppState;

pub use table::SessionTable;

/// Key of [`SignedIn`] in the session.
const SIGNED_IN: &str = "signed_in";
/// A session in use is written no more often than this.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);
/// A request waits no longer for that.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a session holds; the columns of its row are filled from it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SignedIn {
    /// Public id, to list and to end it.
    id: String,
    user_id: String,
    device: String,
    address: String,
}

/// Puts a session into every request of the routes it is laid around.
pub fn layer(state: &AppState) -> SessionManagerLayer<SessionTable> {
    let secure = state.config.secure_cookie;
    SessionManagerLayer::new(SessionTable::new(state))
        .with_name(cookie_name(secure))
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        // The browser forgets it when it closes; when it ends is decided on the server.
        .with_expiry(Expiry::OnSessionEnd)
}

/// `__Host-` makes browsers refuse the cookie unless it is secure and of this very host.
pub const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-opbook" } else { "opbook" }
}

/// A request whose caller is known. Not yet a use of the session.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// Narrowed by `server::access` to what the function needs.
    pub actor: Actor,
    token: String,
    created_at: String,
    last_seen_at: String,
}

/// Who calls, by the session of the request.
///
/// # Errors
/// `SignedOut` when there is no live session or its user was disabled.
pub async fn admit(state: &AppState, session: &Session) -> Result<Admitted, Failure> {
    let token = token_hash(session).ok_or(Failure::SignedOut)?;
    let caller = store::caller(&state.db, &token, &show_date(state.clock.today())).await?.ok_or(Failure::SignedOut)?;
    let store::Caller { user_id, login, name, enterprise, roles, principals, created_at, last_seen_at } = caller;
    let actor = Actor::new(user_id, login, name, enterprise, &roles, principals);
    Ok(Admitted { actor, token, created_at, last_seen_at })
}

/// Notes that the session is used, or it would end. A page that asks by itself does not use it: an open page that nobody
/// sits at is signed out. Reading goes on when nothing can be written: then the session ends when it would have ended
/// without this use.
pub async fn used(state: &AppState, admitted: &Admitted) {
    match tokio::time::timeout(PATIENCE, touch(state, admitted)).await {
        Ok(Ok(())) => {}
        Ok(Err(failure)) => tracing::warn!(%failure, "the use of a session was not noted"),
        Err(_) => tracing::warn!("the use of a session was not noted: the database does not take it"),
    }
}

/// Refuses a request of a page that is not the caller's: two people sign in in two tabs of one browser, which has one
/// cookie, and what the first goes on typing would be stored as the second's. A page that cannot set headers names its
/// user in the address (`user=`). Requests that name nobody are let through: they come from no page that shows a user.
///
/// # Errors
/// `OtherUser`, with who is signed in.
pub fn same_user(actor: &Actor, headers: &HeaderMap, uri: &Uri) -> Result<(), Failure> {
    let in_header = headers.get(USER).and_then(|value| value.to_str().ok());
    let in_address = || uri.query()?.split('&').find_map(|part| part.strip_prefix("user="));
    match in_header.or_else(in_address).filter(|named| !named.is_empty()) {
        Some(named) if named != encoded(&actor.login) => {
            Err(Failure::OtherUser { login: actor.login.clone(), name: actor.name.clone() })
        }
        _ => Ok(()),
    }
}

async fn touch(state: &AppState, admitted: &Admitted) -> Result<(), Failure> {
    let now = state.clock.now();
    let (Ok(created), Ok(seen)) = (moment(&admitted.created_at), moment(&admitted.last_seen_at)) else {
        return Err(Failure::Internal("a session with an unreadable time".into()));
    };
    if now - seen >= TOUCH_EVERY {
        let mut tx = state.db.begin().await?;
        let expires = expiry(&state.config, created, now);
        store::touch_session(&mut tx, &admitted.token, &admitted.last_seen_at, &stamp(now), &expires).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn moment(stored: &str) -> Result<DateTime<Utc>, chrono::ParseError> {
    DateTime::parse_from_rfc3339(stored).map(|at| at.to_utc())
}

/// When a session that was just used ends unless it is used again.
fn expiry(config: &Config, created: DateTime<Utc>, seen: DateTime<Utc>) -> String {
    stamp((seen + config.session_idle).min(created + config.session_absolute))
}

/// Opens a session for a user whose password was right, under a new id; a session that the browser
/// had before is ended. The row is written when the answer leaves.
///
/// # Errors
/// When the database fails.
pub async fn open(session: &Session, user_id: &str, device: &str, address: &str) -> Result<(), Failure> {
    session.cycle_id().await.map_err(library)?;
    let signed_in = SignedIn {
        id: uuid::Uuid::now_v7().to_string(),
        user_id: user_id.to_owned(),
        device: device.to_owned(),
        address: address.to_owned(),
    };
    session.insert(SIGNED_IN, signed_in).await.map_err(library)
}

/// Ends the session on the server and in the browser.
///
/// # Errors
/// When the database fails.
pub async fn close(session: &Session) -> Result<(), Failure> {
    session.flush().await.map_err(library)
}

/// What the database knows the session by; `None` when the request came without one.
pub fn token_hash(session: &Session) -> Option<String> {
    session.id().map(|id| hash(&id.to_string()))
}

/// A stolen table lets nobody in: it holds only hashes of what cookies and links hold.
pub(super) fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn library(error: tower_sessions::session::Error) -> Failure {
    Failure::Internal(format!("session: {error}"))
}
