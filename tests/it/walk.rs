//! Walks every server function and route on both databases: signed out, by GET, from another site, as a user of another
//! enterprise, and with every role.

mod entries;
mod records;
mod rights;

use std::collections::BTreeSet;

use crate::support::{TestApp, both_databases};
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use entries::{FUNCTIONS, Subject};
use futures_util::{StreamExt as _, stream};
use leptos::server_fn::axum::server_fn_paths;
use opbook::server::access::{Access, access};
use records::{OWNER, Records, STRANGER, call, records};
use serde_json::json;
use uuid::Uuid;

/// True for what anybody may call.
fn is_open(path: &str) -> bool {
    access(&format!("/api/{path}")) == Some(Access::Everybody)
}

#[test]
fn every_server_function_has_its_entry() {
    // Who adds a server function must say here who may call it; the walk below then proves it.
    let registered: BTreeSet<String> = server_fn_paths()
        .map(|(path, method)| {
            assert_eq!(method, Method::POST, "{path}: only POST is protected against other sites");
            path.strip_prefix("/api/").expect("all live under /api").to_owned()
        })
        .collect();
    let walked: BTreeSet<String> = FUNCTIONS.iter().map(|(path, ..)| (*path).to_owned()).collect();
    assert_eq!(walked.len(), FUNCTIONS.len(), "an entry stands twice");
    assert_eq!(registered, walked);
}

#[tokio::test]
async fn nobody_gets_in_signed_out_by_get_or_from_another_site() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        // Who may everything: what is refused below is not refused for want of a role.
        app.execute("UPDATE app_user SET roles = 'admin,declarant,operator' WHERE login = 'donglan'").await;
        let owner = app.signed_in("donglan").await;
        let records = records(&app, &owner).await;
        for (path, _, input) in FUNCTIONS {
            let input = input(&records);
            let (status, body) = app.browser().call(path, input.clone()).await;
            if is_open(path) {
                assert_eq!(status, StatusCode::OK, "{path}: {body}");
            } else {
                // Fifty strangers' bodies of 12 MB would fill the memory if they were looked at.
                let mut unread = app.browser().request(path, &input);
                let looked_at = stream::once(async move { panic!("{path}: the body of a stranger was read") });
                *unread.body_mut() = Body::from_stream(looked_at.map(Ok::<Vec<u8>, std::io::Error>));
                assert_eq!(app.browser().send(unread).await.status, StatusCode::UNAUTHORIZED, "{path}");

                assert_eq!((status, &body["kind"]), (StatusCode::UNAUTHORIZED, &json!("signed_out")), "{path}: {body}");
            }

            let mut by_get = owner.request(path, &input);
            *by_get.method_mut() = Method::GET;
            assert_eq!(owner.send(by_get).await.status, StatusCode::METHOD_NOT_ALLOWED, "{path} by GET");

            for (origin, site) in [
                (Some("https://evil.example"), Some("cross-site")),
                (Some("https://evil.example"), None),
                (Some("http://other.opbook.test"), Some("same-site")),
                (Some("null"), None),
                (None, None),
            ] {
                let mut foreign = owner.request(path, &input);
                foreign.headers_mut().remove(header::ORIGIN);
                foreign.headers_mut().remove("sec-fetch-site");
                if let Some(origin) = origin {
                    foreign.headers_mut().insert(header::ORIGIN, origin.parse().unwrap());
                }
                if let Some(site) = site {
                    foreign.headers_mut().insert("sec-fetch-site", site.parse().unwrap());
                }
                let answer = owner.send(foreign).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} from {origin:?} {site:?}");
                assert_eq!(answer.body["kind"], "forbidden", "{path}");
            }
        }
        assert_eq!(
            call(&owner, "document/get", json!({ "id": records.id() })).await,
            records.book,
            "something got through"
        );
    }
}

#[tokio::test]
async fn a_user_of_another_enterprise_is_refused_everywhere() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let stranger = app.signed_in("haihe").await;
        for (path, subject, input) in FUNCTIONS.into_iter().filter(|(path, ..)| !is_open(path)) {
            let _second_session = app.signed_in("donglan").await;
            let records = records(&app, &owner).await;
            let (status, body) = stranger.call(path, input(&Records { caller: STRANGER, ..records.clone() })).await;
            match subject {
                Subject::Record | Subject::Enterprise | Subject::Own => {
                    assert!(matches!(status.as_u16(), 403 | 404), "{path}: {status} {body}");
                    assert!(!body.to_string().contains("HT-2026-01"), "{path} tells something of it");
                }
                Subject::Filtered => assert_eq!((status, &body), (StatusCode::OK, &json!([])), "{path}"),
                Subject::Nobody | Subject::Caller => {
                    assert!(!body.to_string().contains("donglan"), "{path} tells of another user: {body}");
                }
            }
            let after = call(&owner, "document/get", json!({ "id": records.id() })).await;
            assert_eq!(after, records.book, "{path} changed a stranger's book");

            // The same call of the owner goes through: it was refused for who asked, not for what.
            if matches!(subject, Subject::Record | Subject::Enterprise | Subject::Own | Subject::Filtered) {
                let body = call(&owner, path, input(&records)).await;
                assert!(subject != Subject::Filtered || body != json!([]), "{path} hides it from its owner");
            }
        }
    }
}

#[tokio::test]
async fn an_agent_works_for_its_principals_until_the_delegation_ends() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let (owner, agent) = (app.signed_in("donglan").await, app.signed_in("tonghe").await);
        let of_records = |subject| matches!(subject, Subject::Record | Subject::Filtered);
        for (path, _, input) in FUNCTIONS.into_iter().filter(|(path, subject, _)| {
            // One's own session is nobody else's.
            of_records(*subject) && *path != "account/end_session"
        }) {
            let records = records(&app, &owner).await;
            app.execute("UPDATE delegation SET valid_to = '2026-01-02'").await;
            let (status, body) = agent.call(path, input(&records)).await;
            // An operator the caller does not act for is a fault in the field 经营单位代码 of the head.
            let refused = matches!(status.as_u16(), 403 | 422) || body == json!([]);
            assert!(refused, "{path} after the last day: {status} {body}");
            app.execute("UPDATE delegation SET valid_to = '2099-12-31'").await;
            call(&agent, path, input(&records)).await;
        }
    }
}

#[tokio::test]
async fn nobody_files_in_the_name_of_an_enterprise_that_did_not_delegate() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let stranger = app.signed_in("haihe").await;
        let head = json!({ "operator_code": OWNER, "processor_code": "4403160D52" });
        let id = Uuid::now_v7();
        let (status, body) = stranger
            .call("document/save_head", json!({ "request": { "id": id, "kind": "filing", "base": 0, "head": head } }))
            .await;
        assert!(matches!(status.as_u16(), 403 | 422), "{status} {body}");
        assert_eq!(app.execute("DELETE FROM document").await, 0, "it was stored");
    }
}
