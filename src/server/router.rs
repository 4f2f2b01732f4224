//! All routes and the order of their layers, for `start` and for the tests, which call it directly: it needs no
//! socket. Says who answers, and how large and how long a call may be; the answers are theirs.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use leptos::prelude::provide_context;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use super::state::AppState;
use super::{access, answer, assets, security};
use crate::account::session;
use crate::{attachment, document, entry, hint, ledger, reference, stats};

/// The largest a call may be; files get a route of their own.
const LONGEST_CALL: usize = 1 << 20;
/// A whole list of goods at once (粘贴): five thousand rows with every field filled.
const LONGEST_LIST: usize = 12 << 20;
/// Longer than any save takes; a browser would not wait longer either.
const SLOWEST_CALL: Duration = Duration::from_secs(30);

/// The whole server.
pub fn app(state: AppState) -> Router {
    let routes = Router::new()
        .merge(api())
        .merge(reference::routes::routes())
        .merge(attachment::routes::routes())
        .merge(document::import::routes())
        .merge(document::print::routes())
        .merge(ledger::routes::routes())
        .merge(ledger::print::routes())
        .merge(stats::routes::routes())
        .merge(entry::routes::routes())
        .merge(entry::register::routes())
        .merge(hint::routes::routes())
        .route("/health/live", get(async || "ok"))
        .route("/health/ready", get(ready))
        .fallback(assets::serve);
    around(routes, state)
}

/// The layers around all routes, so that none added later can do without. The last one runs first.
fn around(routes: Router<AppState>, state: AppState) -> Router {
    routes
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.clone(), access::admit))
        .layer(session::layer(&state))
        .layer(from_fn_with_state(state.clone(), security::same_origin))
        .layer(from_fn(answer::complete))
        .layer(from_fn_with_state(state.clone(), security::headers))
        .layer(from_fn(security::request_id))
        .with_state(state)
}

/// Server functions.
fn api() -> Router<AppState> {
    let limited = |longest| (DefaultBodyLimit::max(longest), RequestBodyLimitLayer::new(longest));
    let lists = Router::new().route("/api/document/save_rows", post(server_fn)).layer(limited(LONGEST_LIST));
    Router::new()
        .route(access::FUNCTIONS, post(server_fn))
        .layer(limited(LONGEST_CALL))
        .merge(lists)
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, SLOWEST_CALL))
        .layer(from_fn(security::client_build))
}

async fn server_fn(State(state): State<AppState>, mut request: Request) -> Response {
    // With these two a plain form post would be answered by a redirect; here only the page calls.
    request.headers_mut().remove(header::ACCEPT);
    request.headers_mut().remove(header::REFERER);
    leptos_axum::handle_server_fns_with_context(move || provide_context(state.clone()), request).await.into_response()
}

/// Ready to serve: the database answers. A balancer sends no requests otherwise.
async fn ready(State(state): State<AppState>) -> Response {
    if state.db.is_alive().await {
        "ready".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response()
    }
}

/// A panic is a fault of ours: the one request fails, the server goes on.
fn panicked(_cause: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a request panicked; the panic message stands on standard error");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::Config;
    use crate::server::db::Db;
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_panic_fails_one_request_with_an_answer_the_page_can_show() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite:{}", folder.path().join("router.db").display())).await.unwrap();
        let state = AppState::new(db, Config::default(), Default::default());
        let broken = get(async || -> &'static str { panic!("secret detail") });
        let router = around(Router::new().route("/api/account/captcha", broken), state);

        for _ in 0..2 {
            let request = Request::get("/api/account/captcha").body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
            let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
            let body = to_bytes(response.into_body(), 1 << 16).await.unwrap();
            let error: crate::error::ApiError = serde_json::from_slice(&body).unwrap();
            assert_eq!(error.request_id, id);
            assert!(!String::from_utf8_lossy(&body).contains("secret"));
        }
    }
}
