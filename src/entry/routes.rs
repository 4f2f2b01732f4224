//! An entry as a file for the program in which it is declared. A route of its own, since a file is no JSON; reads and never
//! stores.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use uuid::Uuid;

use super::export::{Format, file};
use crate::document::import::model::EXPORT_DECLARED;
use crate::server::call::{Call, RequestId, refused};
use crate::server::security;
use crate::server::state::AppState;
use crate::sheet::list;

/// `GET /api/document/export_declared`
pub fn routes() -> Router<AppState> {
    Router::new().route(EXPORT_DECLARED, get(export)).layer(from_fn(security::client_build))
}

#[derive(Debug, Deserialize)]
struct FileQuery {
    document: Uuid,
    format: Format,
}

async fn export(call: Call, Extension(id): Extension<RequestId>, Query(query): Query<FileQuery>) -> Response {
    let made = async { file(&call, query.document, query.format).await };
    made.await.map_or_else(|failure| refused(failure, id), list::answer)
}
