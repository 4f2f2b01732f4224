//! Unsaved text of browsers that keep nothing themselves: who typed it gets it back, nobody else does, and it does not pile
//! up. And the secret that browsers derive their key from: one per user, always the same.

use axum::http::StatusCode;
use opbook::server::sweep::sweep;
use opbook::unsaved::model::{LONGEST_NAME, MOST_TEXTS};
use serde_json::{Value, json};

use crate::support::{Browser, TestApp, both_databases};

async fn keep(browser: &Browser, pieces: Value) -> StatusCode {
    browser.call("unsaved/keep", json!({ "pieces": pieces })).await.0
}

async fn read(browser: &Browser) -> Vec<(String, String)> {
    let (_, pieces) = browser.call("unsaved/read", json!({})).await;
    let text = |piece: &Value, key: &str| piece[key].as_str().unwrap().to_owned();
    let pieces = pieces.as_array().unwrap();
    let mut all: Vec<_> = pieces.iter().map(|piece| (text(piece, "name"), text(piece, "text"))).collect();
    all.sort();
    all
}

#[tokio::test]
async fn who_typed_it_gets_it_back_and_nobody_else() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let (mine, other) = (app.signed_in("donglan").await, app.signed_in("haihe").await);
        let pieces = json!([{ "name": "draft.a", "text": "一“二”\n三" }, { "name": "draft.b", "text": "乙" }]);
        assert_eq!(keep(&mine, pieces).await, StatusCode::OK);
        assert_eq!(keep(&other, json!([{ "name": "draft.a", "text": "别人的" }])).await, StatusCode::OK);
        assert_eq!(keep(&mine, json!([{ "name": "draft.b", "text": null }])).await, StatusCode::OK);
        // From another browser of the same user, through another process.
        let elsewhere = app.another_process().signed_in("donglan").await;
        assert_eq!(read(&elsewhere).await, [("draft.a".to_owned(), "一“二”\n三".to_owned())]);
        assert_eq!(read(&other).await, [("draft.a".to_owned(), "别人的".to_owned())]);
    }
}

#[tokio::test]
async fn what_goes_too_far_is_refused_whole_and_what_is_old_goes() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let browser = app.signed_in("donglan").await;
        assert_eq!(keep(&browser, json!([{ "name": "draft.kept", "text": "留" }])).await, StatusCode::OK);
        for name in ["", "a\nb", &"n".repeat(LONGEST_NAME + 1)] {
            let pieces = json!([{ "name": "draft.new", "text": "新" }, { "name": name, "text": "坏" }]);
            assert_eq!(keep(&browser, pieces).await, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
        }
        let many: Vec<Value> =
            (0..MOST_TEXTS).map(|at| json!({ "name": format!("draft.{at}"), "text": "多" })).collect();
        assert_eq!(keep(&browser, json!(many)).await, StatusCode::UNPROCESSABLE_ENTITY);
        for _ in 0..3 {
            let large = json!([{ "name": "draft.large", "text": "大".repeat(300_000) }]);
            assert_eq!(keep(&browser, large).await, StatusCode::OK, "the same name takes its room once");
        }
        assert_eq!(keep(&browser, json!([{ "name": "draft.large", "text": null }])).await, StatusCode::OK);
        assert_eq!(read(&browser).await, [("draft.kept".to_owned(), "留".to_owned())]);

        sweep(&app.state.db).await.unwrap();
        assert_eq!(read(&browser).await.len(), 1, "nobody waits for it yet");
        app.execute("UPDATE unsaved SET updated_at = '2026-01-01T00:00:00.000Z'").await;
        sweep(&app.state.db).await.unwrap();
        assert_eq!(read(&browser).await, []);
    }
}

#[tokio::test]
async fn a_user_has_one_secret_for_ever_and_no_two_the_same() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let secret = async |login: &str| {
            let (_, me) = app.signed_in(login).await.call("account/me", json!({})).await;
            me["draft_secret"].as_str().unwrap().to_owned()
        };
        let first = secret("donglan").await;
        assert!(first.len() == 64 && first.bytes().all(|byte| byte.is_ascii_hexdigit()), "{first}");
        assert_eq!(secret("donglan").await, first, "text typed before could not be opened");
        assert_ne!(secret("haihe").await, first, "the next user could open it");
    }
}
