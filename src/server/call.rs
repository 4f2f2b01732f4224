//! One call of a server function: who calls, with which id, and the way out for errors.
//! Every server function is `Call::…` → one service → `edge`. Whether the caller may is decided before (`access`).

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Extension, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use leptos::prelude::{expect_context, use_context};
use leptos::server_fn::error::FromServerFnError as _;
use leptos_axum::{ResponseOptions, extract};
use tower_sessions::Session;

use super::db::{is_clash, is_full, is_unstorable};
use super::failure::Failure;
use super::state::AppState;
use crate::account::session::{self, Actor, Admitted, same_user};
use crate::error::{ApiError, ErrorKind};
use crate::text::Message;

/// Id of the request, set by `security::request_id`; it is in the log and in the user's message.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// What every service gets to know of the caller.
#[derive(Clone, Debug)]
pub struct Call {
    pub state: AppState,
    pub actor: Actor,
}

/// A call for which nobody need be signed in (login, captcha).
#[derive(Clone, Debug)]
pub struct OpenCall {
    pub state: AppState,
    pub session: Session,
    pub address: String,
    pub device: String,
}

/// Answers an error of a route that is no server function, as those answer it.
pub fn refused(failure: Failure, RequestId(id): RequestId) -> Response {
    let error = to_api(failure, id);
    let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json")], error.ser()).into_response()
}

impl Call {
    /// The call of a signed-in user who may do this (`server::access`).
    ///
    /// # Errors
    /// `Internal` for a function that is open to everybody.
    pub async fn signed_in() -> Result<Self, ApiError> {
        Ok(Self::with_session().await?.0)
    }

    /// As [`Call::signed_in`], for a service that also handles the session itself.
    ///
    /// # Errors
    /// As [`Call::signed_in`].
    pub async fn with_session() -> Result<(Self, OpenCall), ApiError> {
        edge(async {
            let open = OpenCall::read().await?;
            let admitted = admitted().await?;
            session::used(&open.state, &admitted).await;
            Ok((Self { state: open.state.clone(), actor: admitted.actor }, open))
        })
        .await
    }

    /// The call of a signed-in user's page that asks by itself (polling): no use of the session.
    ///
    /// # Errors
    /// As [`Call::signed_in`].
    pub async fn in_background() -> Result<Self, ApiError> {
        edge(async { Ok(Self { state: OpenCall::read().await?.state, actor: admitted().await?.actor }) }).await
    }
}

/// The call of a route that is no server function: a file, a paper.
impl FromRequestParts<AppState> for Call {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let id = parts.extensions.get::<RequestId>().cloned();
        let Some(admitted) = parts.extensions.get::<Admitted>().cloned() else {
            return Err(refused(not_admitted(), id.unwrap_or_else(|| RequestId(String::new()))));
        };
        session::used(state, &admitted).await;
        Ok(Self { state: state.clone(), actor: admitted.actor })
    }
}

async fn admitted() -> Result<Admitted, Failure> {
    extract::<Extension<Admitted>>().await.map(|Extension(admitted)| admitted).map_err(|_| not_admitted())
}

fn not_admitted() -> Failure {
    Failure::Internal("a function open to everybody asks who calls".into())
}

/// Refuses what a page of somebody else asks for.
///
/// # Errors
/// `OtherUser`.
pub(crate) async fn of_its_page(actor: &Actor) -> Result<(), Failure> {
    let request = || Failure::Internal("no request in context".into());
    let headers: HeaderMap = extract().await.map_err(|_| request())?;
    let uri: Uri = extract().await.map_err(|_| request())?;
    same_user(actor, &headers, &uri)
}

impl OpenCall {
    /// The call of anybody.
    ///
    /// # Errors
    /// `Internal` when the middleware that provides session and state is missing.
    pub async fn read() -> Result<Self, Failure> {
        let state = use_context::<AppState>().ok_or_else(|| Failure::Internal("no state in context".into()))?;
        let session: Session =
            extract().await.map_err(|error| Failure::Internal(format!("no session layer: {error}")))?;
        let headers: HeaderMap = extract().await.unwrap_or_default();
        let peer = extract::<Extension<ConnectInfo<SocketAddr>>>().await.ok();
        let peer = peer.map(|Extension(ConnectInfo(peer))| peer.ip());
        let forwarded = forwarded_for(&headers).filter(|_| state.config.trust_proxy);
        let address = forwarded.or(peer).map_or_else(|| "local".to_owned(), |address| address.to_string());
        let device = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
            .chars()
            .take(200)
            .collect();
        Ok(Self { state, session, address, device })
    }
}

/// The address the nearest proxy saw. Entries before the last come from the client and may be invented.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// Runs a service and maps its failure for the browser: status, message, request id; logs our own faults.
///
/// # Errors
/// Whatever the service failed with, mapped.
pub async fn edge<T>(service: impl Future<Output = Result<T, Failure>>) -> Result<T, ApiError> {
    let failure = match service.await {
        Ok(value) => return Ok(value),
        Err(failure) => failure,
    };
    let request_id = match extract::<Extension<RequestId>>().await {
        Ok(Extension(RequestId(id))) => id,
        Err(_) => String::new(),
    };
    let error = to_api(failure, request_id);
    if let Ok(status) = StatusCode::from_u16(error.kind.status()) {
        expect_context::<ResponseOptions>().set_status(status);
    }
    Err(error)
}

/// The failure as the browser may see it; logs our own faults.
pub(crate) fn to_api(failure: Failure, request_id: String) -> ApiError {
    let kind = failure.kind();
    let mut error = ApiError::new(kind, default_message(kind, &request_id));
    match failure {
        Failure::Refused { message, findings } => {
            error.message = message;
            error.findings = findings;
            shorten(&mut error);
        }
        Failure::Conflict { message, differences, stored } => {
            error.message = message;
            error.differences = differences;
            error.stored = stored;
        }
        Failure::OtherUser { login, name } => {
            error.message = Message::new(
                format!(
                    "本浏览器现已由“{name}”（{login}）登录，与本页用户不一致，本次未保存任何内容。请重新登录本页用户后继续；已录入的内容仍在页面上，保留为本页用户的草稿。"
                ),
                format!(
                    "This browser is now signed in as “{name}” ({login}), who is not the user of this page; nothing was stored. Sign in again as the user of this page to go on. What you typed is still on the page and stays this user's draft."
                ),
            );
        }
        Failure::Throttled { message } => error.message = message,
        Failure::Lacks(right) => {
            let right = right.label();
            error.message = Message::new(
                format!(
                    "您没有“{}”权限，未作任何改动；请由有该权限的同事操作，或请本企业管理员在“系统管理”中调整您的角色。已录入的内容仍在页面上。",
                    right.zh
                ),
                format!(
                    "Your role does not let you {}; nothing was changed. Ask a colleague who may, or your administrator to change your role. What you typed is still on the page.",
                    right.en
                ),
            );
        }
        Failure::Unavailable { message, cause } => {
            tracing::error!(%request_id, cause, "request failed");
            error.message = message;
        }
        Failure::Database(_) | Failure::Internal(_) => {
            tracing::error!(%request_id, error = ?failure, "request failed");
            if let Failure::Database(cause) = &failure {
                of_database(&mut error, cause);
            }
        }
        Failure::SignedOut | Failure::Forbidden | Failure::NotFound => {}
    }
    error.request_id = request_id;
    error
}

/// More findings than this are counted, not sent: nobody reads them all before mending the first.
const MOST_FINDINGS: usize = 1000;

fn shorten(error: &mut ApiError) {
    let count = error.findings.len();
    if count <= MOST_FINDINGS {
        return;
    }
    error.findings.truncate(MOST_FINDINGS);
    let Message { zh, en } = &mut error.message;
    zh.push_str(&format!("共{count}处问题，以下只列出前{MOST_FINDINGS}处，改正后再试会列出其余的。"));
    en.push_str(&format!(
        " There are {count} faults; these are the first {MOST_FINDINGS}. Mend them and try again to see the rest."
    ));
}

/// What the user can do about a failure of the database, where that is anything.
fn of_database(error: &mut ApiError, cause: &sqlx::Error) {
    if is_full(cause) {
        error.message = Message::new(
            "服务器存储空间已满，数据未保存；请联系管理员清理后重试，已录入的内容仍在页面上。",
            "The server has no room left and nothing was saved. Ask your administrator to make room, then try again; what you typed is still on the page.",
        );
    } else if is_clash(cause) {
        error.kind = ErrorKind::Conflict;
        error.message = Message::new(
            "有他人同时在操作同一数据，本次未保存。请重试；已录入的内容仍在页面上。",
            "Somebody else worked on the same at this very moment and nothing was saved. Try again; what you typed is still on the page.",
        );
    } else if is_unstorable(cause) {
        error.kind = ErrorKind::Refused;
        error.message = Message::new(
            "提交的内容含有无法保存的不可见字符，未作任何保存。请删除这些字符后重试。",
            "What was sent has an invisible character that cannot be stored; nothing was saved. Take it out and try again.",
        );
    }
}

fn default_message(kind: ErrorKind, request_id: &str) -> Message {
    match kind {
        ErrorKind::SignedOut => Message::new(
            "登录已失效，请重新登录；已录入的内容仍在页面上。",
            "You are no longer signed in. Sign in again; what you typed is still on the page.",
        ),
        ErrorKind::Forbidden => Message::new(
            "您无权进行该项操作，未作任何改动；请由有权限的同事操作，或请本企业管理员核对您的角色和企业间的委托。已录入的内容仍在页面上。",
            "You may not do this, and nothing was changed. Ask a colleague who may, or your administrator to check your role and the delegation. What you typed is still on the page.",
        ),
        ErrorKind::NotFound => Message::new(
            "数据不存在或已被删除，请返回列表刷新。",
            "There is no such record, or it was deleted. Refresh the list.",
        ),
        _ => Message::new(
            format!("服务器暂时无法处理，请稍后再试；若仍不成功，请把编号 {request_id} 告知管理员。"),
            format!(
                "The server cannot do this right now. Try again shortly; if it persists, give the number {request_id} to your administrator."
            ),
        ),
    }
}
