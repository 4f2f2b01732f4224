//! What protects every answer and every request: headers, refusal of cross-site posts, request ids.
//! Middleware only; `router` puts it in order. Who may do what is for the services to say.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

use super::answer::refuse;
use super::call::RequestId;
use super::state::AppState;
use crate::error::ErrorKind;
use crate::text::text;

/// Nothing but our own files; WebAssembly may be compiled, scripts may not be made from text.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; frame-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];
const TRANSPORT_SECURITY: &str = "max-age=31536000; includeSubDomains";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Version of the page that calls, e.g. `0.1.0`.
const APP_BUILD: HeaderName = HeaderName::from_static("x-app-build");

/// Gives every request an id, in the log and in the answer, and logs the request without its content.
pub async fn request_id(mut request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = tracing::info_span!("request", id = %id);
    request.extensions_mut().insert(RequestId(id.clone()));

    let start = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, millis) = (response.status().as_u16(), start.elapsed().as_millis());
    // Web files would drown what people did.
    if path.starts_with("/api") || status >= 500 {
        tracing::info!(parent: &span, %method, path, status, millis, "answered");
    } else {
        tracing::debug!(parent: &span, %method, path, status, millis, "answered");
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Puts the headers that browsers act on into every answer.
pub async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        // A route that sends what people attached has rules of its own, stricter ones.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if state.config.secure_cookie {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TRANSPORT_SECURITY));
    }
    response
}

/// Refuses every request that could change something and does not say that our own page sent it.
/// The strict cookie alone does not cover pages on another port or subdomain of the same site.
pub async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if harmless || is_same_origin(request.headers(), request.uri(), state.config.secure_cookie) {
        return next.run(request).await;
    }
    tracing::warn!(path = request.uri().path(), "cross-site request refused");
    refuse(
        ErrorKind::Forbidden,
        text(
            "该请求不是从本系统页面发出的，已拒绝。请打开本系统页面后重新操作。",
            "This request did not come from a page of this system and was refused. Open the system and try again.",
        ),
    )
}

fn is_same_origin(headers: &HeaderMap, uri: &Uri, https: bool) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let host = text(header::HOST).or_else(|| uri.authority().map(|authority| authority.as_str())).unwrap_or("");
    let origin = text(header::ORIGIN).unwrap_or("");
    let named = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://").filter(|_| !https));
    !host.is_empty() && named.is_some_and(|named| named.eq_ignore_ascii_case(host))
}

/// Stops a page of another major version: what it sends would be read in another sense.
pub async fn client_build(request: Request, next: Next) -> Response {
    let major = |version: &str| version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    let named = request.headers().get(APP_BUILD).and_then(|value| value.to_str().ok()).and_then(major);
    match named {
        Some(named) if Some(named) != major(env!("CARGO_PKG_VERSION")) => refuse(
            ErrorKind::ClientTooOld,
            text(
                "系统已升级，请刷新页面后继续；已暂存的内容不受影响。",
                "The system was upgraded. Reload the page to go on; what was saved is not affected.",
            ),
        ),
        _ => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comes_from(pairs: &[(&'static str, &'static str)], https: bool) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_same_origin(&headers, &Uri::from_static("/api/x"), https)
    }

    #[test]
    fn only_our_own_page_may_post() {
        // Anything let through here could declare a book in the name of somebody who merely visits a page.
        assert!(comes_from(&[("sec-fetch-site", "same-origin")], false));
        for site in ["cross-site", "same-site", "none", ""] {
            let headers = [("sec-fetch-site", site), ("host", "a:1"), ("origin", "http://a:1")];
            let headers = headers.map(|(name, value)| (name, &*Box::leak(value.to_owned().into_boxed_str())));
            assert!(!comes_from(&headers, false), "{site:?}");
        }
        assert!(comes_from(&[("host", "a:1"), ("origin", "http://a:1")], false));
        assert!(comes_from(&[("host", "A:1"), ("origin", "https://a:1")], true));
        for (host, origin) in [("a:1", "http://a:2"), ("a:1", "null"), ("a:1", ""), ("", "http://"), ("a", "a")] {
            let headers = [("host", host), ("origin", origin)];
            assert!(!comes_from(&headers, false), "{host} {origin}");
        }
        assert!(!comes_from(&[("host", "a:1"), ("origin", "http://a:1")], true), "http page, https server");
        assert!(!comes_from(&[("host", "a:1")], false), "no word of where it comes from");
    }
}
