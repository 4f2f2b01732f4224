//! The ledger of a book as a workbook, for the page of the ledger. A route of its own, since a workbook is no JSON; reads and
//! never stores.

use axum::Router;
use axum::extract::{Extension, Query};
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use uuid::Uuid;

use super::model::EXPORT;
use super::service;
use crate::server::call::{Call, RequestId, refused};
use crate::server::security;
use crate::server::state::AppState;
use crate::sheet::list;

/// `GET /api/ledger/export`
pub fn routes() -> Router<AppState> {
    Router::new().route(EXPORT, get(export)).layer(from_fn(security::client_build))
}

#[derive(Debug, Deserialize)]
struct DocumentQuery {
    document: Uuid,
}

async fn export(call: Call, Extension(id): Extension<RequestId>, Query(query): Query<DocumentQuery>) -> Response {
    let made = async { service::workbook(&call, query.document).await };
    made.await.map_or_else(|failure| refused(failure, id), list::answer)
}
