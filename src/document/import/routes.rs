//! Routes beside the server functions: the upload, whose body is the file, and the downloads. Each
//! finds out who calls as a server function does, and answers errors in the same form.

use std::collections::HashMap;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Query};
use axum::http::HeaderMap;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use uuid::Uuid;

use super::model::{self, Mode, Report};
use super::service;
use super::{download, intake};
use crate::document::change::{self, model::EXPORT_DIFFERENCES};
use crate::server::background::aside;
use crate::server::call::{Call, RequestId, refused};
use crate::server::failure::Failure;
use crate::server::security;
use crate::server::state::AppState;
use crate::sheet::list::{self, Download};

/// `POST /api/document/import_upload` and the downloads.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route(model::UPLOAD, post(upload))
        .route(model::TEMPLATE, get(template))
        .route(model::RETURNED, get(returned))
        .route(model::EXPORT_ROWS, get(export_rows))
        .route(model::EXPORT_LIST, get(export_list))
        .route(model::EXPORT_RECEIPTS, get(export_receipts))
        .route(EXPORT_DIFFERENCES, get(export_differences))
        .layer(intake::unlimited())
        .layer(intake::patience())
        .layer(from_fn(security::client_build))
}

#[derive(Debug, Deserialize)]
struct UploadQuery {
    document: Uuid,
    #[serde(default)]
    name: String,
    /// Key of the list that is open.
    #[serde(default)]
    section: String,
}

async fn upload(
    call: Call,
    Extension(id): Extension<RequestId>,
    Query(query): Query<UploadQuery>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match take(&call, query, &headers, body).await {
        Ok(report) => Json(report).into_response(),
        Err(failure) => refused(failure, id),
    }
}

async fn take(call: &Call, query: UploadQuery, headers: &HeaderMap, body: Body) -> Result<Report, Failure> {
    // Who may not import is not even listened to.
    service::may_import(call, query.document).await?;
    let (bytes, _room) = intake::file(headers, body).await?;
    service::upload(call, query.document, &query.name, &query.section, &bytes).await
}

#[derive(Debug, Deserialize)]
struct TemplateQuery {
    kind: String,
}

async fn template(call: Call, Extension(id): Extension<RequestId>, Query(query): Query<TemplateQuery>) -> Response {
    let made = async {
        let kind = call.state.kind(&query.kind)?;
        let codes = call.state.reference.codes();
        let bytes = aside("template", move || download::template(kind, &codes)).await?;
        Ok((model::template_name(kind), bytes))
    };
    answer(made.await, id)
}

#[derive(Debug, Deserialize)]
struct ReturnedQuery {
    id: Uuid,
    #[serde(default)]
    mode: Mode,
}

async fn returned(call: Call, Extension(id): Extension<RequestId>, Query(query): Query<ReturnedQuery>) -> Response {
    let made = async { download::returned(&call, query.id, query.mode).await };
    answer(made.await, id)
}

#[derive(Debug, Deserialize)]
struct RowsQuery {
    document: Uuid,
    section: String,
    /// Keys with commas between; empty: all.
    #[serde(default)]
    columns: String,
}

async fn export_rows(call: Call, Extension(id): Extension<RequestId>, Query(query): Query<RowsQuery>) -> Response {
    let made = async {
        let wanted: Vec<&str> = query.columns.split(',').collect();
        download::rows(&call, query.document, &query.section, &wanted).await
    };
    answer(made.await, id)
}

#[derive(Debug, Deserialize)]
struct DocumentQuery {
    document: Uuid,
}

async fn export_receipts(
    call: Call,
    Extension(id): Extension<RequestId>,
    Query(query): Query<DocumentQuery>,
) -> Response {
    let made = async { download::receipts(&call, query.document).await };
    answer(made.await, id)
}

async fn export_differences(
    call: Call,
    Extension(id): Extension<RequestId>,
    Query(query): Query<DocumentQuery>,
) -> Response {
    let made = async { change::export::workbook(&call, query.document).await };
    answer(made.await, id)
}

async fn export_list(
    call: Call,
    Extension(id): Extension<RequestId>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let made = async {
        let take = |key: &str| asked.get(key).cloned().unwrap_or_default();
        let query = model::list_query(take);
        let columns = take("columns");
        let wanted: Vec<&str> = columns.split(',').collect();
        download::documents(&call, query, &wanted).await
    };
    answer(made.await, id)
}

fn answer(made: Result<Download, Failure>, id: RequestId) -> Response {
    made.map_or_else(|failure| refused(failure, id), list::answer)
}
