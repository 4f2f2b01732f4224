//! All routes and the order of their layers. Needs no socket, so tests call it directly.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use leptos::prelude::provide_context;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use super::state::AppState;
use super::{answer, assets, security};
use crate::account::session;
use crate::reference;

/// The largest a call may be; files get a route of their own.
const LONGEST_CALL: usize = 1 << 20;
/// Longer than any save takes; a browser would not wait longer either.
const SLOWEST_CALL: Duration = Duration::from_secs(30);

/// The whole server. A layer added later runs earlier.
pub fn app(state: AppState) -> Router {
    Router::new()
        .merge(api(&state))
        .merge(reference::routes::routes())
        .route("/health/live", get(async || "ok"))
        .route("/health/ready", get(ready))
        .fallback(assets::serve)
        .layer(CatchPanicLayer::custom(panicked))
        // Around all routes, so that no route added later can be posted to from elsewhere.
        .layer(from_fn_with_state(state.clone(), security::same_origin))
        .layer(from_fn(answer::complete))
        .layer(from_fn_with_state(state.clone(), security::headers))
        .layer(from_fn(security::request_id))
        .with_state(state)
}

/// Server functions.
fn api(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/api/{*fn_name}", post(server_fn))
        .layer(session::layer(state))
        .layer(RequestBodyLimitLayer::new(LONGEST_CALL))
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
