//! What every answer of the server has in common, whoever asks for what: protective headers, errors
//! the page can show, health.

use crate::support::{TestApp, both_databases};
use axum::http::{Method, StatusCode, header};
use serde_json::json;

const OK: StatusCode = StatusCode::OK;
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn apps() -> Vec<TestApp> {
    let mut apps = Vec::new();
    for db in both_databases().await {
        apps.push(TestApp::new(db).await);
    }
    apps
}

#[tokio::test]
async fn every_answer_carries_the_protective_headers() {
    let app = apps().await.remove(0);
    let browser = app.browser();
    let get = |path: &str| axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
    let mut wrong_method = browser.request("account/me", &json!({}));
    *wrong_method.method_mut() = Method::GET;
    for (what, request) in [
        ("server function", browser.request("account/captcha", &json!({}))),
        ("refusal", browser.request("account/me", &json!({}))),
        ("wrong method", wrong_method),
        ("health", get("/health/live")),
        ("web file that is not there", get("/nothing/here.js")),
    ] {
        let answer = browser.send(request).await;
        let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let policy = header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{what}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{what}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
        for name in ["referrer-policy", "cross-origin-opener-policy", "cross-origin-resource-policy"] {
            assert!(!header(name).is_empty(), "{what}: {name}");
        }
        assert!(header("permissions-policy").contains("camera=()"), "{what}");
        assert!(!header("x-request-id").is_empty(), "{what}");
        let no_store = header("cache-control").contains("no-store");
        assert!(no_store || ["health", "web file that is not there"].contains(&what), "{what}");
    }
}

#[tokio::test]
async fn an_error_names_the_request_and_nothing_internal() {
    for app in apps().await {
        let browser = app.signed_in("donglan").await;
        app.execute("ALTER TABLE session RENAME TO session_gone").await;
        let answer = browser.send(browser.request("account/me", &json!({}))).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        let id = answer.headers["x-request-id"].to_str().unwrap();
        assert_eq!(answer.body["request_id"], id);
        assert!(answer.body["message"]["zh"].as_str().unwrap().contains(id));
        let text = answer.body.to_string().to_lowercase();
        for internal in ["session", "select", "sql", "table"] {
            assert!(!text.contains(internal), "{text}");
        }
    }
}

#[tokio::test]
async fn odd_requests_get_an_answer_the_page_can_show() {
    let app = apps().await.remove(0);
    let browser = app.signed_in("donglan").await;
    let me = || browser.request("account/me", &json!({}));

    let unknown = browser.call("account/no_such_thing", json!({})).await;
    assert_eq!((unknown.0.as_u16(), &unknown.1["kind"]), (426, &json!("client_too_old")));

    let wrong_input = browser.call("account/enterprise", json!({ "kode": 1 })).await;
    assert_eq!((wrong_input.0, &wrong_input.1["kind"]), (REFUSED, &json!("refused")));

    let huge = browser.call("account/save_preferences", json!({ "preferences": "x".repeat(2 << 20) })).await;
    assert!(huge.0 == StatusCode::PAYLOAD_TOO_LARGE || huge.0 == REFUSED, "{}", huge.0);
    assert_eq!(huge.1["kind"], "refused");

    for (build, status) in [("0.0.9", OK), ("nonsense", OK), ("9.0.0", StatusCode::UPGRADE_REQUIRED)] {
        let mut request = me();
        request.headers_mut().insert("x-app-build", build.parse().unwrap());
        assert_eq!(browser.send(request).await.status, status, "{build}");
    }

    // A plain form post is answered, not redirected to where its sender says.
    let mut form = me();
    form.headers_mut().insert(header::ACCEPT, "text/html".parse().unwrap());
    form.headers_mut().insert(header::REFERER, "https://evil.example/".parse().unwrap());
    let answer = browser.send(form).await;
    assert_eq!(answer.status, OK);
    assert!(!answer.headers.contains_key(header::LOCATION));
}

#[tokio::test]
async fn health_tells_whether_the_database_answers() {
    for app in apps().await {
        let browser = app.browser();
        let get = |path: &str| axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        assert_eq!(browser.send(get("/health/live")).await.status, OK);
        assert_eq!(browser.send(get("/health/ready")).await.status, OK);
        app.state.db.close().await;
        assert_eq!(browser.send(get("/health/ready")).await.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(browser.send(get("/health/live")).await.status, OK);
    }
}
