//! The code tables over HTTP: a small list of versions that is always asked for, and the tables
//! behind addresses that contain their version and are therefore kept by the browser for good.
//! Open to everybody: the tables are published facts.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use super::Table;
use super::packed::Packing;
use super::service::ReferenceCache;
use crate::server::db::Db;
use crate::server::failure::Failure;
use crate::server::state::AppState;

/// `GET /codes` and `GET /codes/{table}/{version}`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/codes", get(versions)).route("/codes/{table}/{version}", get(table))
}

async fn versions(State(state): State<AppState>) -> Response {
    let versions: BTreeMap<&str, String> =
        state.reference.versions().into_iter().map(|(table, version)| (table.key(), version)).collect();
    ([(header::CACHE_CONTROL, "no-cache")], Json(versions)).into_response()
}

async fn table(
    State(state): State<AppState>,
    Path((table, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match send(&state.reference, &state.db, &table, &version, Packing::accepted(accepted)).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%table, %version, ?error, "code table");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn send(
    cache: &ReferenceCache,
    db: &Db,
    table: &str,
    version: &str,
    packing: Packing,
) -> Result<Response, Failure> {
    let Some(table) = Table::from_key(table) else { return Ok(not_found()) };
    let mut packed = cache.packed(table, version);
    if packed.is_none() {
        // Another process may have imported it and named this version already.
        cache.refresh(db).await?;
        packed = cache.packed(table, version);
    }
    let Some(packed) = packed else { return Ok(not_found()) };
    let mut response = packed.body(packing).await?.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = packing.encoding() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Ok(response)
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;
    use crate::reference::import::import_folder;
    use crate::reference::testing::{database, folder};
    use crate::server::config::Config;

    async fn get(state: &AppState, address: &str, accept: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        let request = Request::get(address).header(header::ACCEPT_ENCODING, accept).body(Body::empty()).unwrap();
        let response = routes().with_state(state.clone()).oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        (head.status, head.headers, to_bytes(body, usize::MAX).await.unwrap().to_vec())
    }

    async fn unit_version(state: &AppState) -> String {
        let (_, headers, body) = get(state, "/codes", "").await;
        assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
        let versions: BTreeMap<String, String> = serde_json::from_slice(&body).unwrap();
        assert_eq!(versions.len(), Table::ALL.len());
        versions["unit"].clone()
    }

    #[tokio::test]
    async fn the_browser_gets_each_version_of_a_table_once() {
        let (db, _folder) = database().await;
        let reference = ReferenceCache::load(&db, &Config::default()).await.unwrap();
        let state = AppState::new(db, Config::default(), reference);

        let first = unit_version(&state).await;
        let address = format!("/codes/unit/{first}");
        let (status, headers, body) = get(&state, &address, "").await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
        assert!(!headers.contains_key(header::CONTENT_ENCODING));
        let text = state.reference.codes().table(Table::Unit).unwrap().text().to_owned();
        assert_eq!(body, text.as_bytes());
        for (accept, encoding) in [("gzip, br", "br"), ("gzip", "gzip")] {
            let (_, headers, body) = get(&state, &address, accept).await;
            assert_eq!(headers[header::CONTENT_ENCODING], encoding);
            assert_eq!(headers[header::VARY], "accept-encoding");
            assert_ne!(body, text.as_bytes());
        }
        for unknown in ["/codes/unit/0000", "/codes/nothing/0000", "/codes/unit/%00"] {
            let (status, headers, _) = get(&state, unknown, "br").await;
            assert_eq!(
                (status, &headers[header::CACHE_CONTROL]),
                (StatusCode::NOT_FOUND, &"no-store".parse().unwrap())
            );
        }

        // Another process imports: its version is served even before the minute is over, the old one no longer.
        let path = folder(&[("unit.csv", "code,name_zh\n001,架\n")]);
        import_folder(&state.db, path.path()).await.unwrap();
        let other = ReferenceCache::load(&state.db, &Config::default()).await.unwrap();
        let second = other.codes().table(Table::Unit).unwrap().version.clone();
        let (status, _, body) = get(&state, &format!("/codes/unit/{second}"), "").await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.starts_with("001\t架".as_bytes()) && body.iter().filter(|byte| **byte == b'\n').count() == 1);
        assert_eq!(unit_version(&state).await, second);
        assert_eq!(get(&state, &address, "").await.0, StatusCode::NOT_FOUND);
    }
}
