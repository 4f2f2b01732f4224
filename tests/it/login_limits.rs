//! Guessing: how the login is throttled and the captcha asked for, through the whole server on both
//! databases. If this fails, passwords can be guessed, or an account can be locked by a stranger.

use crate::support::{TestApp, both_databases, login_form, password_of};
use axum::http::StatusCode;
use serde_json::json;

const OK: StatusCode = StatusCode::OK;
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const THROTTLED: StatusCode = StatusCode::TOO_MANY_REQUESTS;

async fn apps() -> Vec<TestApp> {
    let mut apps = Vec::new();
    for db in both_databases().await {
        apps.push(TestApp::new(db).await);
    }
    apps
}

#[tokio::test]
async fn an_account_is_throttled_however_many_processes_serve_it() {
    for app in apps().await {
        let other = app.another_process();
        for attempt in 0..10 {
            let browser = if attempt % 2 == 0 { app.browser() } else { other.browser() };
            assert_eq!(browser.login("donglan", "wrong-password").await.0, REFUSED, "attempt {attempt}");
        }
        let (status, body) = app.browser().login("donglan", password_of("donglan")).await;
        assert_eq!(status, THROTTLED);
        assert!(body["message"]["zh"].as_str().unwrap().contains("10分钟后"), "{body}");
        assert_eq!(other.browser().login("donglan", password_of("donglan")).await.0, THROTTLED);
        assert_eq!(app.browser().login("haihe", password_of("haihe")).await.0, OK, "others are not concerned");

        // Refused attempts do not prolong the wait: when the counted ones are old, the owner is in.
        app.execute("UPDATE throttle SET at = '2026-01-01T00:00:00.000Z'").await;
        assert_eq!(app.browser().login("donglan", password_of("donglan")).await.0, OK);
    }
}

#[tokio::test]
async fn guesses_made_at_the_same_moment_are_counted_too() {
    for app in apps().await {
        let guesses = (0..25).map(|_| {
            let browser = app.browser();
            tokio::spawn(async move { browser.login("donglan", "wrong-password").await.0 })
        });
        let mut tried = 0;
        for guess in guesses.collect::<Vec<_>>() {
            tried += usize::from(guess.await.unwrap() == REFUSED);
        }
        assert!(tried <= 10, "{tried} passwords were tried");
    }
}

#[tokio::test]
async fn an_address_is_throttled_over_all_accounts() {
    for app in apps().await {
        let browser = app.browser();
        let mut tx = app.state.db.begin().await.unwrap();
        for id in 0..60 {
            sqlx::query("INSERT INTO throttle (bucket, at, id) VALUES ('login-address:10.0.0.1', $1, $2)")
                .bind(app.state.clock.stamp())
                .bind(id.to_string())
                .execute(&mut *tx)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(browser.login("donglan", password_of("donglan")).await.0, THROTTLED);
        let mut elsewhere = app.browser();
        elsewhere.address.set_ip([10, 0, 0, 2].into());
        assert_eq!(elsewhere.login("donglan", password_of("donglan")).await.0, OK);
    }
}

#[tokio::test]
async fn the_address_of_a_proxy_header_counts_only_when_it_is_trusted() {
    // Believed without reason, a guesser would invent a new address for every guess.
    for db in both_databases().await {
        for (trusted, seen) in [(false, "10.0.0.1"), (true, "203.0.113.9")] {
            let app = TestApp::with(db.clone(), |config| config.trust_proxy = trusted).await;
            let browser = app.browser();
            let mut request = browser.request("account/login", &login_form("donglan", password_of("donglan")));
            request.headers_mut().insert("x-forwarded-for", "198.51.100.7, 203.0.113.9".parse().unwrap());
            browser.send(request).await;
            let (_, list) = browser.call("account/sessions", json!({})).await;
            let current = list.as_array().unwrap().iter().find(|session| session["current"] == true).unwrap().clone();
            assert_eq!(current["address"], seen);
        }
    }
}

#[tokio::test]
async fn a_captcha_is_needed_once_each_and_comes_before_the_password() {
    for db in both_databases().await {
        let app = TestApp::with(db, |config| config.captcha = true).await;
        let browser = app.browser();
        let (status, captcha) = browser.call("account/captcha", json!({})).await;
        assert_eq!(status, OK, "{captcha}");
        assert!(captcha["png"].as_str().unwrap().len() > 500, "a picture");
        let id = captcha["id"].as_str().unwrap().to_owned();

        let form = |id: &str, answer: &str, password: &str| json!({ "form": { "login": "donglan", "password": password, "captcha_id": id, "captcha": answer } });
        let right = password_of("donglan");
        let wrong = async |id: &str, answer: &str| {
            let (status, body) = browser.call("account/login", form(id, answer, right)).await;
            assert_eq!((status, body["findings"][0]["pointer"].as_str()), (REFUSED, Some("captcha")), "{body}");
        };
        // Only the answer's hash is stored, so the test sets an answer it knows: "A3K4M".
        let known = async |id: &str| {
            use sha2::Digest;
            let hash = sha2::Sha256::digest(format!("{id}/A3K4M").as_bytes());
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            let mut tx = app.state.db.begin().await.unwrap();
            let set = sqlx::query("UPDATE captcha SET answer = $2 WHERE id = $1").bind(id).bind(hash);
            assert_eq!(set.execute(&mut *tx).await.unwrap().rows_affected(), 1);
            tx.commit().await.unwrap();
        };
        wrong(&id, "WRONG").await;
        wrong(&id, "A3K4M").await; // used up by the wrong answer
        wrong("", "").await;
        wrong("0192aaaa-0000-7000-8000-000000000000\u{0}", "A3K4M").await;

        let fresh = async || browser.call("account/captcha", json!({})).await.1["id"].as_str().unwrap().to_owned();
        let id = fresh().await;
        known(&id).await;
        assert_eq!(browser.call("account/login", form(&id, " a3k4m", right)).await.0, OK);
        browser.call("account/logout", json!({})).await;
        wrong(&id, "A3K4M").await; // valid once

        let id = fresh().await;
        known(&id).await;
        app.execute("UPDATE captcha SET expires_at = '2026-01-01T00:00:00.000Z'").await;
        wrong(&id, "A3K4M").await; // too old

        // Without a right captcha nobody can lock the account of somebody else.
        for _ in 0..12 {
            wrong(&id, "A3K4M").await;
        }
        let id = fresh().await;
        known(&id).await;
        assert_eq!(browser.call("account/login", form(&id, "A3K4M", right)).await.0, OK);
    }
}
