//! Routes beside the server functions: the upload, whose body is the file, and the downloads. Each
//! finds out who calls as a server function does, and answers errors in the same form.

use std::collections::HashMap;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Extension, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::StreamExt as _;
use serde::Deserialize;
use tokio::sync::{Semaphore, SemaphorePermit};
use tower_http::timeout::TimeoutLayer;
use tower_sessions::Session;
use uuid::Uuid;

use super::download;
use super::model::{self, Mode, Report};
use super::service;
use crate::account::session;
use crate::document::change::{self, model::EXPORT_DIFFERENCES};
use crate::server::background::aside;
use crate::server::call::{Call, RequestId, refused};
use crate::server::failure::Failure;
use crate::server::security;
use crate::server::state::AppState;
use crate::sheet::limits;
use crate::sheet::list::{self, Download};
use crate::text::Message;

/// Ten megabytes over a slow line, and the reading of them.
const SLOWEST: std::time::Duration = std::time::Duration::from_mins(5);

// What the browser tells of the largest file is what the server takes.
const _: () = assert!(model::LARGEST_FILE == limits::FILE as u64);

/// Room for uploads, by kilobytes.
static ROOM: Semaphore = Semaphore::const_new(limits::UPLOADS >> 10);

/// `POST /api/document/import_upload` and the downloads.
pub fn routes(state: &AppState) -> Router<AppState> {
    Router::new()
        .route(model::UPLOAD, post(upload))
        .route(model::TEMPLATE, get(template))
        .route(model::RETURNED, get(returned))
        .route(model::EXPORT_ROWS, get(export_rows))
        .route(model::EXPORT_LIST, get(export_list))
        .route(model::EXPORT_RECEIPTS, get(export_receipts))
        .route(EXPORT_DIFFERENCES, get(export_differences))
        .layer(session::layer(state))
        // The upload counts for itself, and says how much is too much.
        .layer(DefaultBodyLimit::disable())
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, SLOWEST))
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
    State(state): State<AppState>,
    session: Session,
    Extension(id): Extension<RequestId>,
    Query(query): Query<UploadQuery>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match take(state, &session, query, &headers, body).await {
        Ok(report) => Json(report).into_response(),
        Err(failure) => refused(failure, id),
    }
}

async fn take(
    state: AppState,
    session: &Session,
    query: UploadQuery,
    headers: &HeaderMap,
    body: Body,
) -> Result<Report, Failure> {
    let call = Call::of_session(state, session).await?;
    session::same_user(&call.actor, headers, &Uri::default())?;
    // Who may not import is not even listened to.
    service::may_import(&call, query.document).await?;
    let said = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|length| length > limits::FILE) {
        return Err(Failure::refused(too_large()));
    }
    let (bytes, _room) = receive(body, &ROOM).await?;
    if bytes.is_empty() {
        return Err(Failure::refused(Message::new("请先选择要导入的模板文件！", "Choose the file to import first.")));
    }
    service::upload(&call, query.document, &query.name, &query.section, &bytes).await
}

/// The body, and the room it takes for as long as it is held.
async fn receive(body: Body, room: &'static Semaphore) -> Result<(Vec<u8>, SemaphorePermit<'static>), Failure> {
    let crowded = || Failure::Throttled {
        message: Message::new(
            "现在导入的人较多，请稍后再试。",
            "Many files are being imported right now; try again shortly.",
        ),
    };
    let mut taken = room.try_acquire().map_err(|_| crowded())?;
    let mut bytes = Vec::new();
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Failure::refused(too_large()))?;
        if bytes.len() + piece.len() > limits::FILE {
            return Err(Failure::refused(too_large()));
        }
        bytes.extend_from_slice(&piece);
        let more = (bytes.len() >> 10).saturating_sub(taken.num_permits());
        if more > 0 {
            let more = room.acquire_many(u32::try_from(more).unwrap_or(u32::MAX));
            let Ok(Ok(more)) = tokio::time::timeout(limits::ROOM, more).await else { return Err(crowded()) };
            taken.merge(more);
        }
    }
    Ok((bytes, taken))
}

fn too_large() -> Message {
    let megabytes = limits::FILE >> 20;
    Message::new(
        format!("文件超过{megabytes}MB或上传中断，未导入。请删除图片等不需要的内容，或分成几个文件。"),
        format!(
            "The file is larger than {megabytes} MB, or the upload broke off. Remove what is not needed, or split it."
        ),
    )
}

#[derive(Debug, Deserialize)]
struct TemplateQuery {
    kind: String,
}

async fn template(
    State(state): State<AppState>,
    session: Session,
    Extension(id): Extension<RequestId>,
    Query(query): Query<TemplateQuery>,
) -> Response {
    let made = async {
        let call = Call::of_session(state, &session).await?;
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

async fn returned(
    State(state): State<AppState>,
    session: Session,
    Extension(id): Extension<RequestId>,
    Query(query): Query<ReturnedQuery>,
) -> Response {
    let made = async { download::returned(&Call::of_session(state, &session).await?, query.id, query.mode).await };
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

async fn export_rows(
    State(state): State<AppState>,
    session: Session,
    Extension(id): Extension<RequestId>,
    Query(query): Query<RowsQuery>,
) -> Response {
    let made = async {
        let wanted: Vec<&str> = query.columns.split(',').collect();
        download::rows(&Call::of_session(state, &session).await?, query.document, &query.section, &wanted).await
    };
    answer(made.await, id)
}

#[derive(Debug, Deserialize)]
struct DocumentQuery {
    document: Uuid,
}

async fn export_receipts(
    State(state): State<AppState>,
    session: Session,
    Extension(id): Extension<RequestId>,
    Query(query): Query<DocumentQuery>,
) -> Response {
    let made = async { download::receipts(&Call::of_session(state, &session).await?, query.document).await };
    answer(made.await, id)
}

async fn export_differences(
    State(state): State<AppState>,
    session: Session,
    Extension(id): Extension<RequestId>,
    Query(query): Query<DocumentQuery>,
) -> Response {
    let made = async { change::export::workbook(&Call::of_session(state, &session).await?, query.document).await };
    answer(made.await, id)
}

async fn export_list(
    State(state): State<AppState>,
    session: Session,
    Extension(id): Extension<RequestId>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let made = async {
        let take = |key: &str| asked.get(key).cloned().unwrap_or_default();
        let query = model::list_query(take);
        let columns = take("columns");
        let wanted: Vec<&str> = columns.split(',').collect();
        download::documents(&Call::of_session(state, &session).await?, query, &wanted).await
    };
    answer(made.await, id)
}

fn answer(made: Result<Download, Failure>, id: RequestId) -> Response {
    made.map_or_else(|failure| refused(failure, id), list::answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    #[tokio::test]
    async fn who_sends_slowly_keeps_nobody_out() {
        // Eight people behind slow lines, or one with ill intent, would stop every import for minutes.
        static SMALL: Semaphore = Semaphore::const_new(64);
        let slow = || {
            let begun = stream::iter([Ok::<_, std::io::Error>(vec![7_u8; 100])]);
            Body::from_stream(begun.chain(stream::pending()))
        };
        let waiting: Vec<_> = (0..8).map(|_| tokio::spawn(receive(slow(), &SMALL))).collect();
        while SMALL.available_permits() > 56 {
            tokio::task::yield_now().await;
        }
        let (bytes, room) = receive(Body::from(vec![1; 40 << 10]), &SMALL).await.unwrap();
        assert_eq!((bytes.len(), room.num_permits()), (40 << 10, 40));
        waiting.iter().for_each(|one| one.abort());
    }
}
