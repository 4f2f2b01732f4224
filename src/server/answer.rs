//! Answers of the server that are errors: every one under `/api` is an `ApiError` with its status and
//! the id of the request, also when a layer (size limit, time limit, panic) made it and not a service.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::server_fn::error::FromServerFnError;

use super::call::RequestId;
use crate::error::{ApiError, ErrorKind};
use crate::text::{Message, Text, text};

/// An error made by a middleware.
pub fn refuse(kind: ErrorKind, message: impl Into<Message>) -> Response {
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json")], ApiError::new(kind, message).ser()).into_response()
}

/// An address opened by a person is answered in words, a call of our page as calls are.
pub fn worded(status: StatusCode, error: &ApiError, headers: &HeaderMap) -> Response {
    let wanted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if wanted.contains("text/html") {
        (status, format!("{}\n\n{}\n", error.message.zh, error.message.en)).into_response()
    } else {
        (status, [(header::CONTENT_TYPE, "application/json")], error.ser()).into_response()
    }
}

/// Gives error answers of `/api` their final form, and keeps all its answers out of caches.
pub async fn complete(request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let id = request.extensions().get::<RequestId>().map_or_else(String::new, |RequestId(id)| id.clone());
    let mut response = next.run(request).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        response = with_error(response, id).await;
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn with_error(response: Response, request_id: String) -> Response {
    let (mut parts, body) = response.into_parts();
    // Made by this very process and in memory already, however long: one that names thousands of faults counts as well.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut error = match serde_json::from_slice::<ApiError>(&body) {
        Ok(error) => error,
        Err(_) => of_status(parts.status),
    };
    // A layer's own status says more than the kind, except that nobody knows the function that was called.
    if parts.status == StatusCode::INTERNAL_SERVER_ERROR || error.kind == ErrorKind::ClientTooOld {
        parts.status = StatusCode::from_u16(error.kind.status()).unwrap_or(parts.status);
    }
    if error.request_id.is_empty() {
        error.request_id = request_id;
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, Body::from(error.ser()))
}

/// The error for an answer that came without one.
fn of_status(status: StatusCode) -> ApiError {
    const UNKNOWN: Text = text(
        "页面版本与服务器不一致，请刷新页面后重试；已暂存的内容不受影响。",
        "The page does not fit this server. Reload it and try again; what was saved is not affected.",
    );
    const METHOD: Text = text("该地址只接受POST请求。", "Only POST is accepted here.");
    const SIZE: Text = text(
        "提交的内容超过1MB，未作任何保存，请减少内容后重试。",
        "What was sent is larger than 1 MB; nothing was saved. Send less.",
    );
    const TIME: Text = text(
        "服务器处理超时，请稍后刷新页面，确认结果后再操作。",
        "The server took too long. Reload the page shortly and check the result before going on.",
    );
    const INTERNAL: Text = text(
        "服务器暂时无法处理，请稍后再试；已录入的内容仍在页面上。",
        "The server cannot do this right now. What you typed is still on the page; try again shortly.",
    );
    let (kind, message) = match status {
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => (ErrorKind::ClientTooOld, UNKNOWN),
        StatusCode::METHOD_NOT_ALLOWED => (ErrorKind::Refused, METHOD),
        StatusCode::PAYLOAD_TOO_LARGE => (ErrorKind::Refused, SIZE),
        StatusCode::GATEWAY_TIMEOUT => (ErrorKind::Internal, TIME),
        _ => (ErrorKind::Internal, INTERNAL),
    };
    ApiError::new(kind, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_long_error_arrives_whole() {
        // Two people changed the same five thousand rows: the second must see the differences.
        let mut error = ApiError::new(ErrorKind::Conflict, text("他人已修改", "changed"));
        error.message.zh.push_str(&"长".repeat(1 << 20));
        let response = (StatusCode::CONFLICT, error.ser()).into_response();
        let response = with_error(response, "id".into()).await;
        assert_eq!(response.status(), StatusCode::CONFLICT);
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let read: ApiError = serde_json::from_slice(&body).unwrap();
        assert_eq!((read.kind, read.message), (error.kind, error.message));
    }
}
