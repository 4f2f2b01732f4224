//! Who may call what: one table of every server function and route, and the layer that holds every request against it
//! before its body is read. What is not in the table, nobody may call. For whom the caller may do it, services decide
//! (`Actor::acts_for`).

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tower_sessions::Session;

use super::answer::worded;
use super::call::{RequestId, refused, to_api};
use super::failure::Failure;
use super::state::AppState;
use crate::account::rights::Right;
use crate::account::session::{self, Admitted, same_user};

/// Who may call something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, signed in or not.
    Everybody,
    /// Whoever is signed in: it is about nobody but the caller.
    SignedIn,
    /// Who has this right for the enterprise it is about.
    Needs(Right),
}

use Access::{Everybody, Needs, SignedIn};

const QUERY: Access = Needs(Right::Query);
const ENTER: Access = Needs(Right::Enter);
const DECLARE: Access = Needs(Right::Declare);
const MANAGE: Access = Needs(Right::Manage);
const OPERATE: Access = Needs(Right::Operate);

/// How server functions are routed; their names follow the first slash after `/api`.
pub const FUNCTIONS: &str = "/api/{*fn_name}";

/// Every address: those of server functions, and those of routes as they are written where they are routed.
pub const TABLE: [(&str, Access); 87] = [
    ("/api/account/captcha", Everybody),
    ("/api/account/login", Everybody),
    ("/api/account/logout", Everybody),
    ("/api/account/invited", Everybody),
    ("/api/account/join", Everybody),
    ("/api/account/me", SignedIn),
    ("/api/account/sessions", SignedIn),
    ("/api/account/end_session", SignedIn),
    ("/api/account/change_password", SignedIn),
    ("/api/account/save_preferences", SignedIn),
    ("/api/account/save_email", SignedIn),
    ("/api/account/enterprise", SignedIn),
    ("/api/document/get", QUERY),
    ("/api/document/list", QUERY),
    ("/api/document/status", QUERY),
    ("/api/document/receipts", QUERY),
    ("/api/document/history", QUERY),
    ("/api/document/differences", QUERY),
    ("/api/document/book", QUERY),
    ("/api/document/look_up", QUERY),
    ("/api/document/save_head", ENTER),
    ("/api/document/save_rows", ENTER),
    ("/api/document/copy", ENTER),
    ("/api/document/change", ENTER),
    ("/api/document/generate", ENTER),
    ("/api/document/delete", ENTER),
    ("/api/document/declare", DECLARE),
    ("/api/document/withdraw", DECLARE),
    ("/api/document/import_upload", ENTER),
    ("/api/document/import_review", ENTER),
    ("/api/document/import_apply", ENTER),
    ("/api/document/import_cancel", ENTER),
    ("/api/document/import_template", QUERY),
    ("/api/document/import_returned", ENTER),
    ("/api/document/export_rows", QUERY),
    ("/api/document/export_list", QUERY),
    ("/api/document/export_receipts", QUERY),
    ("/api/document/export_differences", QUERY),
    ("/api/document/export_declared", QUERY),
    ("/api/document/template_list", QUERY),
    ("/api/document/template_head", QUERY),
    ("/api/document/template_save", ENTER),
    ("/api/document/template_insert", ENTER),
    ("/api/document/template_delete", ENTER),
    ("/api/attachment/list", QUERY),
    ("/api/attachment/get", QUERY),
    ("/api/attachment/save", ENTER),
    ("/api/attachment/finish", ENTER),
    ("/api/attachment/delete", ENTER),
    ("/api/attachments/{id}/pieces", ENTER),
    ("/api/attachments/{id}/file", QUERY),
    ("/api/attachments/{id}/preview", QUERY),
    ("/api/attachments/export", QUERY),
    ("/api/entry/register_upload", DECLARE),
    ("/api/entry/register_review", DECLARE),
    ("/api/entry/register_apply", DECLARE),
    ("/api/entry/register_template", DECLARE),
    ("/api/entry/register_returned", DECLARE),
    ("/api/ledger/lines", QUERY),
    ("/api/ledger/export", QUERY),
    ("/api/stats/get", QUERY),
    ("/api/stats/export", QUERY),
    ("/api/todo/list", QUERY),
    ("/api/todo/check", QUERY),
    ("/api/find/number", QUERY),
    ("/api/remind/list", QUERY),
    ("/api/people/list", MANAGE),
    ("/api/people/add_user", MANAGE),
    ("/api/people/save_user", MANAGE),
    ("/api/people/invite", MANAGE),
    ("/api/people/end_sessions", MANAGE),
    ("/api/people/offer", MANAGE),
    ("/api/people/accept", MANAGE),
    ("/api/people/end_delegation", MANAGE),
    ("/api/people/enterprises", OPERATE),
    ("/api/people/save_enterprise", OPERATE),
    ("/api/people/add_administrator", OPERATE),
    ("/api/unsaved/keep", SignedIn),
    ("/api/unsaved/read", SignedIn),
    ("/hints", QUERY),
    ("/print/document/{id}", QUERY),
    ("/print/ledger/{id}", QUERY),
    ("/print/stats", QUERY),
    // Official tables, the same for everybody; the sign-in page has them ready.
    ("/codes", Everybody),
    ("/codes/{table}/{version}", Everybody),
    ("/health/live", Everybody),
    ("/health/ready", Everybody),
];

/// Who may call an address.
pub fn access(address: &str) -> Option<Access> {
    TABLE.iter().find(|(known, _)| *known == address).map(|(_, access)| *access)
}

/// Lets a request through to what it calls, with its caller (`session::Admitted`), or refuses it. Web files, which nothing
/// matches, are open to everybody.
pub async fn admit(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(matched) = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()) else {
        return next.run(request).await;
    };
    // A body cannot be shared between threads, so what is asked is taken off it.
    let session = request.extensions().get::<Session>().cloned();
    let (headers, uri) = (request.headers().clone(), request.uri().clone());
    let address = if matched == FUNCTIONS { uri.path() } else { &matched };
    let failure = match access(address) {
        Some(Everybody) => return next.run(request).await,
        Some(access) => match caller(&state, session, &headers, &uri, access).await {
            Ok(admitted) => {
                request.extensions_mut().insert(admitted);
                return next.run(request).await;
            }
            Err(failure) => failure,
        },
        // `answer::complete` says that page and server do not fit.
        None => return StatusCode::NOT_FOUND.into_response(),
    };
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_else(|| RequestId(String::new()));
    if address.starts_with("/api/") {
        return refused(failure, id);
    }
    let error = to_api(failure, id.0);
    let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    worded(status, &error, &headers)
}

async fn caller(
    state: &AppState,
    session: Option<Session>,
    headers: &HeaderMap,
    uri: &Uri,
    access: Access,
) -> Result<Admitted, Failure> {
    let session = session.ok_or_else(|| Failure::Internal("no session layer".into()))?;
    let mut admitted = session::admit(state, &session).await?;
    same_user(&admitted.actor, headers, uri)?;
    if let Needs(right) = access {
        let login = admitted.actor.login.clone();
        let Some(actor) = admitted.actor.needing(right) else {
            tracing::warn!(user = login, path = uri.path(), needs = ?right, "refused: the user lacks the right");
            return Err(Failure::Lacks(right));
        };
        admitted.actor = actor;
    }
    Ok(admitted)
}
