//! The paper of a book: its text, read back by another program (pdftotext), is what the record says,
//! field by field. If these fail, somebody signs or hands in a paper that is not what was filed.
//! Run with `--features ssr,print`; without the engine only the answer that it is not there is tested.

#![cfg(feature = "ssr")]

#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "print")]
mod content;
#[cfg(feature = "print")]
mod layout;
#[cfg(feature = "print")]
mod official;
#[cfg(feature = "print")]
mod text;

use axum::http::{Method, StatusCode, header};
use serde_json::json;
use support::{Answer, Browser, TestApp, both_databases};
use uuid::Uuid;

/// Saves a head with nothing but what 暂存 needs.
async fn new_book(owner: &Browser) -> Uuid {
    let id = Uuid::now_v7();
    let head = json!({ "operator_code": "3205246018", "processor_code": "4403160D52", "contract_no": "HT-2026-机密" });
    let (status, body) = owner
        .call("document/save_head", json!({ "request": { "id": id, "kind": "filing", "base": 0, "head": head } }))
        .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    id
}

/// Comes back when told to: a thousand rows on a busy machine keep the others waiting.
async fn print(browser: &Browser, id: Uuid, accept: &str) -> Answer {
    loop {
        let mut request = browser.bare_request(Method::GET, &format!("/print/document/{id}"), Vec::new());
        request.headers_mut().remove(header::ORIGIN);
        request.headers_mut().insert(header::ACCEPT, accept.parse().unwrap());
        let answer = browser.send(request).await;
        if answer.status != StatusCode::TOO_MANY_REQUESTS {
            return answer;
        }
    }
}

#[tokio::test]
async fn only_who_acts_for_the_enterprise_prints_its_book() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let (owner, agent, stranger) =
            (app.signed_in("donglan").await, app.signed_in("tonghe").await, app.signed_in("haihe").await);
        let id = new_book(&owner).await;
        for (browser, id, status) in [
            (&app.browser(), id, StatusCode::UNAUTHORIZED),
            (&stranger, id, StatusCode::FORBIDDEN),
            (&owner, Uuid::now_v7(), StatusCode::NOT_FOUND),
        ] {
            let answer = print(browser, id, "*/*").await;
            assert_eq!(answer.status, status, "{}", answer.body);
            assert!(answer.body["message"]["zh"].is_string(), "our page is told in its own form");
            let answer = print(browser, id, "text/html,*/*;q=0.8").await;
            assert_eq!(answer.status, status);
            let words = String::from_utf8(answer.bytes).unwrap();
            assert!(words.contains('。') && !words.contains('{'), "a person is told in words: {words}");
            assert!(!words.contains("机密"));
        }
        let answer = print(&owner, id, "*/*").await;
        if cfg!(not(feature = "print")) {
            assert_eq!(answer.status, StatusCode::NOT_IMPLEMENTED);
            assert!(answer.body["message"]["zh"].as_str().unwrap().contains("不含打印功能"), "{}", answer.body);
            continue;
        }
        for browser in [&owner, &agent] {
            let answer = print(browser, id, "text/html").await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
            assert!(answer.bytes.starts_with(b"%PDF-"));
            assert_eq!(answer.headers[header::CONTENT_TYPE], "application/pdf");
            assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
            let disposition = answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
            assert!(
                disposition.starts_with("inline; filename=\"document.pdf\"; filename*=UTF-8''%E5%87%BA"),
                "{disposition}"
            );
        }
    }
}

#[cfg(feature = "print")]
#[tokio::test]
async fn a_missing_font_is_told_with_what_to_do() {
    let db = opbook::server::db::Db::open(&support::fresh_sqlite()).await.unwrap();
    let app = TestApp::with(db, |config| config.font = Some("/nowhere/font.ttc".into())).await;
    let owner = app.signed_in("donglan").await;
    let id = new_book(&owner).await;
    let answer = print(&owner, id, "*/*").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    let message = answer.body["message"]["zh"].as_str().unwrap();
    assert!(message.contains("OPBOOK_FONT") && !message.contains("nowhere"), "{message}");
    // What the administrator reads in the log names the package.
    assert!(opbook::print::PrintError::NoFont.to_string().contains("fonts-noto-cjk"));
}
