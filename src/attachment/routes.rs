//! Files over HTTP: pieces in, whole files out. Server functions carry JSON of at most 1 MB, so files
//! have routes of their own, with the same session, the same origin check and the same errors.
//! What people attached is theirs, not ours: it is sent so that no browser runs any of it.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Path, Query, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use uuid::Uuid;

use super::api::EXPORT;
use super::content::FileKind;
use super::export::export;
use super::model::AttachmentRow;
use super::service::{self, PIECE_BYTES, Piece};
use crate::server::call::{Call, RequestId, refused};
use crate::server::failure::Failure;
use crate::server::state::AppState;
use crate::sheet::list;
use crate::text::Message;

/// A piece over a slow line; whoever is slower sends it again.
const SLOWEST_PIECE: Duration = Duration::from_mins(2);
/// Nothing in a file may run, load or be framed.
const NOTHING: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";
/// As above, but our own page may show it.
const SHOWN_BY_US: &str = "default-src 'none'; sandbox; frame-ancestors 'self'";
/// The viewer of a browser is no part of the file; not every one starts in a sandbox or without its styles.
const PDF_SHOWN_BY_US: &str =
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'";

/// `POST /api/attachments/{id}/pieces`, `GET …/file` (to be saved), `GET …/preview` (to be looked at),
/// and the list of a document as a workbook.
pub fn routes() -> Router<AppState> {
    let limit = usize::try_from(PIECE_BYTES).unwrap_or(usize::MAX);
    Router::new()
        .route("/api/attachments/{id}/pieces", post(piece))
        .layer(RequestBodyLimitLayer::new(limit))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, SLOWEST_PIECE))
        .route("/api/attachments/{id}/file", get(file))
        .route("/api/attachments/{id}/preview", get(preview))
        .route(EXPORT, get(exported))
}

/// What the address of a piece says.
#[derive(Debug, Deserialize)]
struct PieceQuery {
    start: i64,
    hash: String,
}

async fn piece(
    call: Call,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Path(id): Path<Uuid>,
    Query(query): Query<PieceQuery>,
    request: Request,
) -> Response {
    let kept = async {
        // Asked for only when it is wanted: a stranger's megabyte is not even read.
        let read = async {
            to_bytes(request.into_body(), usize::MAX).await.map_err(|_| {
                Failure::refused(Message::new(
                    "网络中断，这一段文件没有传完；将从断点继续。",
                    "The connection broke before the piece was whole; the upload goes on where it stopped.",
                ))
            })
        };
        service::piece(&call, id, Piece { start: query.start, hash: query.hash }, read).await
    };
    match kept.await {
        Ok::<AttachmentRow, Failure>(row) => Json(row).into_response(),
        Err(failure) => refused(failure, RequestId(request_id)),
    }
}

async fn file(call: Call, Extension(RequestId(request_id)): Extension<RequestId>, Path(id): Path<Uuid>) -> Response {
    send(&call, id, false).await.unwrap_or_else(|failure| refused(failure, RequestId(request_id)))
}

async fn preview(call: Call, Extension(RequestId(request_id)): Extension<RequestId>, Path(id): Path<Uuid>) -> Response {
    send(&call, id, true).await.unwrap_or_else(|failure| refused(failure, RequestId(request_id)))
}

/// What the address of a workbook says.
#[derive(Debug, Deserialize)]
struct ExportQuery {
    document: Uuid,
    /// Keys with commas between; empty: all.
    #[serde(default)]
    columns: String,
}

async fn exported(
    call: Call,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Query(query): Query<ExportQuery>,
) -> Response {
    let made = async {
        let wanted: Vec<&str> = query.columns.split(',').collect();
        export(&call, query.document, &wanted).await
    };
    made.await.map_or_else(|failure| refused(failure, RequestId(request_id)), list::answer)
}

async fn send(call: &Call, id: Uuid, shown: bool) -> Result<Response, Failure> {
    let file = service::open(call, id).await?;
    // Judged when it was uploaded; never guessed from the name.
    let kind = FileKind::from_name(&file.content.file_type);
    let kind = kind.ok_or_else(|| Failure::Internal(format!("attachment {id} of no known type")))?;
    let (disposition, policy) = match (shown, kind) {
        (true, FileKind::Pdf) => ("inline", PDF_SHOWN_BY_US),
        (true, _) => ("inline", SHOWN_BY_US),
        (false, _) => ("attachment", NOTHING),
    };
    let mut response = Body::from_stream(file.bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.mime()));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    if shown {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    }
    let value = content_disposition(disposition, &file.content.file_name);
    headers.insert(header::CONTENT_DISPOSITION, value);
    Ok(response)
}

/// RFC 5987: what stands for itself in `filename*`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The name twice: in ASCII for old programs, and as it is.
fn content_disposition(disposition: &str, name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "-._ ()".contains(letter) { letter } else { '_' })
        .collect();
    let encoded = utf8_percent_encode(name, PLAIN);
    HeaderValue::try_from(format!("{disposition}; filename=\"{plain}\"; filename*=UTF-8''{encoded}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(
            content_disposition("attachment", "合同 1.pdf"),
            "attachment; filename=\"__ 1.pdf\"; filename*=UTF-8''%E5%90%88%E5%90%8C%201.pdf"
        );
        // A quote or line end let through could set headers, or save under another name.
        let value = content_disposition("attachment", "a\";x=\"b\r\nSet-Cookie: c.pdf");
        assert_eq!(value.to_str().unwrap().matches('"').count(), 2);
        assert!(!value.as_bytes().iter().any(|byte| byte.is_ascii_control()));
    }
}
