//! Routes beside the server functions: the upload, whose body is the file, and the workbooks. Each finds out who calls as a
//! server function does, and answers errors in the same form.

use axum::body::Body;
use axum::extract::{Extension, Query};
use axum::http::HeaderMap;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use uuid::Uuid;

use super::model::{RETURNED, Report, TEMPLATE, TEMPLATE_NAME, UPLOAD};
use super::{download, service};
use crate::document::import::intake;
use crate::server::background::aside;
use crate::server::call::{Call, RequestId, refused};
use crate::server::failure::Failure;
use crate::server::security;
use crate::server::state::AppState;
use crate::sheet::list;

/// `POST /api/entry/register_upload`, and the workbooks.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route(UPLOAD, post(upload))
        .route(TEMPLATE, get(template))
        .route(RETURNED, get(returned))
        .layer(intake::unlimited())
        .layer(intake::patience())
        .layer(from_fn(security::client_build))
}

#[derive(Debug, Deserialize)]
struct UploadQuery {
    #[serde(default)]
    name: String,
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
    let (bytes, _room) = intake::file(headers, body).await?;
    service::upload(call, &query.name, &bytes).await
}

async fn template(call: Call, Extension(id): Extension<RequestId>) -> Response {
    let made = async {
        let codes = call.state.reference.codes();
        let bytes = aside("template", move || download::template(&codes)).await?;
        Ok((TEMPLATE_NAME.to_owned(), bytes))
    };
    made.await.map_or_else(|failure| refused(failure, id), list::answer)
}

#[derive(Debug, Deserialize)]
struct ReturnedQuery {
    id: Uuid,
}

async fn returned(call: Call, Extension(id): Extension<RequestId>, Query(query): Query<ReturnedQuery>) -> Response {
    let made = async { download::returned(&call, query.id).await };
    made.await.map_or_else(|failure| refused(failure, id), list::answer)
}
