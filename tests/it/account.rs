//! Signing in and staying signed in, through the whole server on both databases: what keeps others
//! out of an account, and what must not keep its owner out.

use crate::support::{Browser, TestApp, both_databases, login_form, password_of};
use crate::today;
use axum::http::{Method, StatusCode, header};
use opbook::account::rights::{Role, Scope};
use opbook::account::session::cookie_name;
use opbook::error::client::USER;
use opbook::people::model::Offer;
use opbook::people::service::{delegations, users};
use opbook::server::sweep::sweep;
use serde_json::{Value, json};
use sqlx::Row;
use uuid::Uuid;

const OK: StatusCode = StatusCode::OK;
const SIGNED_OUT: StatusCode = StatusCode::UNAUTHORIZED;
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn apps() -> Vec<TestApp> {
    let mut apps = Vec::new();
    for db in both_databases().await {
        apps.push(TestApp::new(db).await);
    }
    apps
}

async fn is_signed_in(browser: &Browser) -> bool {
    let (status, body) = browser.call("account/me", json!({})).await;
    assert!(status == OK || (status == SIGNED_OUT && body["kind"] == "signed_out"), "{status} {body}");
    status == OK
}

#[tokio::test]
async fn a_user_signs_in_and_out() {
    for app in apps().await {
        let browser = app.browser();
        assert!(!is_signed_in(&browser).await);
        // However the name is typed.
        let (status, me) = browser.login(" ＤongLan ", password_of("donglan")).await;
        assert_eq!(status, OK, "{me}");
        let me = &me["done"];
        assert_eq!(me["login"], "donglan");
        assert_eq!(me["acts_for"][0]["rights"], json!(["query", "enter", "declare", "manage"]));
        assert_eq!(me["enterprise"]["code"], "3205246018");
        assert_eq!(me["acts_for"].as_array().unwrap().len(), 1);
        assert_eq!(&browser.call("account/me", json!({})).await.1, me);

        // 退出 ends it on the server: the cookie, kept by somebody, opens nothing any more.
        let kept = browser.cookie();
        assert_eq!(browser.call("account/logout", json!({})).await.0, OK);
        assert_eq!(browser.cookie(), None);
        browser.set_cookie(kept);
        assert!(!is_signed_in(&browser).await);
        assert_eq!(browser.call("account/logout", json!({})).await.0, OK, "signing out twice is no error");
    }
}

#[tokio::test]
async fn a_failed_login_does_not_tell_what_was_wrong() {
    for app in apps().await {
        let browser = app.browser();
        let wrong_password = browser.login("donglan", "wrong-password").await;
        let wrong_name = browser.login("nobody", password_of("donglan")).await;
        users::change(&app.state.db, "donglan-lr", |user| user.disabled = true).await.unwrap();
        let disabled = browser.login("donglan-lr", password_of("donglan-lr")).await;
        let stripped = |(status, mut body): (StatusCode, Value)| {
            body["request_id"] = Value::Null;
            (status, body)
        };
        let (status, body) = stripped(wrong_password);
        assert_eq!(status, REFUSED);
        assert!(body["message"]["zh"].as_str().unwrap().contains("用户名或密码不正确"));
        assert_eq!(stripped(wrong_name), (status, body.clone()));
        assert_eq!(stripped(disabled), (status, body));
        assert_eq!(browser.cookie(), None);
    }
}

#[tokio::test]
async fn the_session_id_changes_at_login() {
    // Otherwise an id that somebody else put into the browser would be signed in with it.
    for app in apps().await {
        let browser = app.browser();
        let planted = format!("{}=AAAAAAAAAAAAAAAAAAAAAA", cookie_name(false));
        browser.set_cookie(Some(planted.clone()));
        browser.login("donglan", password_of("donglan")).await;
        let first = browser.cookie().unwrap();
        assert_ne!(first, planted);

        browser.login("donglan", password_of("donglan")).await;
        let second = browser.cookie().unwrap();
        assert_ne!(second, first);
        assert!(is_signed_in(&browser).await);
        browser.set_cookie(Some(first));
        assert!(!is_signed_in(&browser).await, "the old id is dead");
    }
}

#[tokio::test]
async fn a_stolen_table_opens_no_session() {
    for app in apps().await {
        let browser = app.signed_in("donglan").await;
        let cookie = browser.cookie().unwrap();
        let (_, token) = cookie.split_once('=').unwrap();
        let row = sqlx::query("SELECT token_hash, id, data FROM session").fetch_one(&app.state.db.read).await.unwrap();
        for column in ["token_hash", "id", "data"] {
            let value: String = row.try_get(column).unwrap();
            assert!(!value.contains(token), "{column} holds the token");
            browser.set_cookie(Some(format!("{}={value}", cookie_name(false))));
            assert!(!is_signed_in(&browser).await);
        }
    }
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    for db in both_databases().await {
        for (secure, name) in [(false, "opbook"), (true, "__Host-opbook")] {
            let app = TestApp::with(db.clone(), |config| config.secure_cookie = secure).await;
            let browser = app.browser();
            let form = login_form("donglan", password_of("donglan"));
            let answer = browser.send(browser.request("account/login", &form)).await;
            let set = answer.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
            assert!(set.starts_with(&format!("{name}=")), "{set}");
            for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
                assert!(set.contains(part), "{set}");
            }
            assert_eq!(set.contains("Secure"), secure, "{set}");
            assert!(!set.contains("Domain"), "{set}");
            assert_eq!(answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY), secure);
        }
    }
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it() {
    for app in apps().await {
        let browser = app.signed_in("donglan").await;
        app.execute("UPDATE session SET expires_at = '2026-01-01T00:00:00.000Z'").await;
        assert!(!is_signed_in(&browser).await);
        assert!(sweep(&app.state.db).await.is_ok());
        assert_eq!(app.execute("DELETE FROM session").await, 0, "the sweep left it");
    }
}

#[tokio::test]
async fn use_keeps_a_session_but_not_beyond_twelve_hours() {
    use chrono::{DateTime, TimeDelta, Utc};
    async fn expiry(app: &TestApp) -> DateTime<Utc> {
        let row = sqlx::query("SELECT expires_at FROM session").fetch_one(&app.state.db.read).await.unwrap();
        row.try_get::<String, _>(0).unwrap().parse().unwrap()
    }
    async fn age(app: &TestApp, created: TimeDelta, seen: TimeDelta) {
        let mut tx = app.state.db.begin().await.unwrap();
        sqlx::query("UPDATE session SET created_at = $1, last_seen_at = $2")
            .bind(opbook::server::db::stamp(Utc::now() - created))
            .bind(opbook::server::db::stamp(Utc::now() - seen))
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    let near = |at: DateTime<Utc>, want: TimeDelta| ((at - Utc::now()) - want).abs() < TimeDelta::seconds(30);

    for app in apps().await {
        let browser = app.signed_in("donglan").await;
        assert!(near(expiry(&app).await, TimeDelta::minutes(30)));
        // Used within the same minute: not written again.
        let before = expiry(&app).await;
        assert!(is_signed_in(&browser).await);
        assert_eq!(expiry(&app).await, before);
        // Used after twenty minutes: half an hour from now.
        age(&app, TimeDelta::hours(2), TimeDelta::minutes(20)).await;
        app.execute("UPDATE session SET expires_at = '2999-01-01T00:00:00.000Z'").await;
        assert!(is_signed_in(&browser).await);
        assert!(near(expiry(&app).await, TimeDelta::minutes(30)), "{}", expiry(&app).await);
        // Used just before the twelve hours are over: that is the end all the same.
        age(&app, TimeDelta::minutes(12 * 60 - 5), TimeDelta::minutes(20)).await;
        assert!(is_signed_in(&browser).await);
        assert!(near(expiry(&app).await, TimeDelta::minutes(5)), "{}", expiry(&app).await);
        // Past them: signed out.
        age(&app, TimeDelta::minutes(12 * 60 + 1), TimeDelta::minutes(20)).await;
        is_signed_in(&browser).await;
        assert!(!is_signed_in(&browser).await);
    }
}

#[tokio::test]
async fn reading_goes_on_while_nothing_can_be_written() {
    // A full disk or a busy writer would otherwise sign everybody out of everything, reading included.
    for app in apps().await {
        let browser = app.signed_in("donglan").await;
        app.execute("UPDATE session SET last_seen_at = '2026-01-01T00:00:00.000Z'").await;
        let mut held = app.state.db.begin().await.unwrap();
        sqlx::query("UPDATE session SET device = device").execute(&mut *held).await.unwrap();
        let begun = std::time::Instant::now();
        assert!(is_signed_in(&browser).await);
        let listed = json!({ "query": { "list": "filing", "operator_code": "3205246018", "page_size": 10 } });
        assert_eq!(browser.call("document/list", listed).await.0, OK);
        assert!(begun.elapsed() < std::time::Duration::from_secs(8), "{:?}", begun.elapsed());
        held.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn a_user_sees_and_ends_own_sessions_only() {
    for app in apps().await {
        let office = app.signed_in("donglan").await;
        let home = app.signed_in("donglan").await;
        let stranger = app.signed_in("haihe").await;

        let (_, list) = office.call("account/sessions", json!({})).await;
        let list = list.as_array().unwrap().clone();
        assert_eq!(list.len(), 2, "{list:?}");
        assert!(list.iter().all(|session| session["device"] == "TestBrowser/1" && session["address"] == "10.0.0.1"));
        let id_of = |current: bool| {
            list.iter().find(|session| session["current"] == current).unwrap()["id"].as_str().unwrap().to_owned()
        };

        let (status, _) = stranger.call("account/end_session", json!({ "id": id_of(false) })).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        let (status, _) = stranger.call("account/end_session", json!({ "id": "' OR 1=1 --" })).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(is_signed_in(&home).await);

        assert_eq!(office.call("account/end_session", json!({ "id": id_of(false) })).await.0, OK);
        assert!(!is_signed_in(&home).await);
        assert!(is_signed_in(&office).await && is_signed_in(&stranger).await);
    }
}

#[tokio::test]
async fn changing_the_password_ends_the_other_sessions() {
    for app in apps().await {
        let here = app.signed_in("donglan").await;
        let elsewhere = app.signed_in("donglan").await;
        let before = here.cookie();
        let change = |old: &str, new: &str| json!({ "old": old, "new": new });
        let (status, body) = here.call("account/change_password", change("wrong", "a-new-password")).await;
        assert_eq!((status, body["findings"][0]["pointer"].as_str()), (REFUSED, Some("old")));
        let (status, body) = here.call("account/change_password", change(password_of("donglan"), "short")).await;
        assert_eq!((status, body["findings"][0]["pointer"].as_str()), (REFUSED, Some("new")));
        assert!(is_signed_in(&elsewhere).await);

        let (status, body) =
            here.call("account/change_password", change(password_of("donglan"), "a-new-password")).await;
        assert_eq!(status, OK, "{body}");
        assert!(is_signed_in(&here).await, "who changed it goes on working");
        assert_ne!(here.cookie(), before);
        assert!(!is_signed_in(&elsewhere).await);
        assert_eq!(elsewhere.login("donglan", password_of("donglan")).await.0, REFUSED);
        assert_eq!(elsewhere.login("donglan", "a-new-password").await.0, OK);
    }
}

#[tokio::test]
async fn disabling_a_user_or_setting_the_password_ends_the_sessions() {
    for app in apps().await {
        let browser = app.signed_in("donglan").await;
        let set = async |disabled| users::change(&app.state.db, "donglan", |user| user.disabled = disabled).await;
        assert!(set(true).await.is_err(), "the only administrator");
        users::change(&app.state.db, "donglan-lr", |user| user.roles.push(Role::Admin)).await.unwrap();
        set(true).await.unwrap();
        assert!(!is_signed_in(&browser).await);
        assert_eq!(browser.login("donglan", password_of("donglan")).await.0, REFUSED);
        set(false).await.unwrap();
        assert!(!is_signed_in(&browser).await, "enabling brings no session back");
        assert_eq!(browser.login("donglan", password_of("donglan")).await.0, OK);

        users::set_password(&app.state.db, "donglan", "set-by-admin".into()).await.unwrap();
        assert!(!is_signed_in(&browser).await);
        // Somebody else knows it: it lets nobody in before it is changed.
        let (status, answer) = browser.login("donglan", "set-by-admin").await;
        assert_eq!(status, OK, "{answer}");
        assert!(!is_signed_in(&browser).await);
        let token = &answer["renew"]["token"];
        let renewed = browser.call("account/join", json!({ "token": token, "password": "a-password-of-mine" })).await;
        assert_eq!(renewed.0, OK, "{}", renewed.1);
        assert!(is_signed_in(&browser).await);
        assert_eq!(app.browser().login("donglan", "set-by-admin").await.0, REFUSED);
        assert!(app.browser().login("donglan", "a-password-of-mine").await.1["done"].is_object());
    }
}

#[tokio::test]
async fn an_agent_acts_only_on_the_days_of_the_delegation() {
    for app in apps().await {
        let agent = app.signed_in("tonghe").await;
        let acts_for = async || -> Vec<String> {
            let (_, me) = agent.call("account/me", json!({})).await;
            let codes = me["acts_for"].as_array().unwrap().iter();
            codes.map(|enterprise| enterprise["code"].as_str().unwrap().to_owned()).collect()
        };
        let own = "3122980015";
        assert_eq!(acts_for().await, [own, "3205246018", "3502166027"], "own enterprise first");

        app.execute("DELETE FROM delegation").await;
        assert_eq!(acts_for().await, [own], "read anew on every request");
        let days = |days: i64| today() + chrono::TimeDelta::days(days);
        let add = async |from: i64, to: i64| {
            let (from, to) = (days(from).to_string(), days(to).to_string());
            let offer = Offer { agent_code: own.into(), from, to, scope: Scope::Declare };
            delegations::grant(&app.state.db, "3205246018", offer).await
        };
        for (from, to, acts) in [(-10, -1, false), (1, 10, false), (0, 0, true), (-1, 0, true), (0, 1, true)] {
            app.execute("DELETE FROM delegation").await;
            add(from, to).await.unwrap();
            assert_eq!(acts_for().await.len() == 2, acts, "{from} to {to}");
        }
        // Two overlapping delegations of one principal are one.
        add(-5, 5).await.unwrap();
        assert_eq!(acts_for().await.len(), 2);
        assert!(add(1, 0).await.is_err());
    }
}

#[tokio::test]
async fn a_party_is_found_however_its_code_is_typed() {
    for app in apps().await {
        let browser = app.signed_in("donglan").await;
        let find = async |code: &str| browser.call("account/enterprise", json!({ "code": code })).await;
        for typed in ["4403160D52", "4403160d52", " ４４０３１６０ｄ５２　", "4403 160D52"] {
            let (status, enterprise) = find(typed).await;
            assert_eq!(status, OK, "{typed} {enterprise}");
            assert_eq!(enterprise["uscc"], "91440300MA5E9R2G5A");
            assert_eq!(enterprise["name"], "澄岳光电（深圳）有限公司");
        }
        let (status, body) = find("4403160D53").await;
        assert_eq!(status, REFUSED);
        assert!(body["message"]["zh"].as_str().unwrap().contains("未找到海关注册编码为4403160D53的企业"), "{body}");
        for bad in ["", "123", "44031 60D5X2", "<script>", "4403160D5\u{0}"] {
            let (status, body) = find(bad).await;
            assert_eq!(status, REFUSED, "{bad:?}");
            assert!(body["message"]["zh"].as_str().unwrap().contains("10位"), "{body}");
        }
    }
}

#[tokio::test]
async fn preferences_are_kept_and_limited() {
    for app in apps().await {
        let browser = app.signed_in("donglan").await;
        let save = async |text: &str| browser.call("account/save_preferences", json!({ "preferences": text })).await.0;
        assert_eq!(save(r#"{"language":"en","columns":["a"]}"#).await, OK);
        for bad in ["", "[]", "null", "{", &format!(r#"{{"a":"{}"}}"#, "x".repeat(8200))] {
            assert_eq!(save(bad).await, REFUSED, "{:.20}", bad);
        }
        let (_, me) = browser.call("account/me", json!({})).await;
        assert_eq!(me["preferences"], r#"{"language":"en","columns":["a"]}"#);
        let (_, other) = app.signed_in("haihe").await.call("account/me", json!({})).await;
        assert_eq!(other["preferences"], "{}");
    }
}

#[tokio::test]
async fn what_one_tab_types_is_never_stored_as_the_user_of_another() {
    // Two people at one machine: the second signs in in a tab of its own, the browser has one cookie.
    for app in apps().await {
        let browser = app.signed_in("donglan").await;
        let (status, _) = browser.login("haihe", password_of("haihe")).await;
        assert_eq!(status, StatusCode::OK);
        let as_page_of = |login: &str, endpoint: &str, input: &Value| {
            let mut request = browser.request(endpoint, input);
            request.headers_mut().insert(USER, login.parse().unwrap());
            request
        };
        let id = Uuid::now_v7();
        let head = json!({ "operator_code": "3502166027", "processor_code": "4403160D52" });
        let save = json!({ "request": { "id": id, "kind": "filing", "base": 0, "head": head } });
        for (endpoint, input) in
            [("document/save_head", &save), ("document/status", &json!({ "ids": [] })), ("account/logout", &json!({}))]
        {
            let answer = browser.send(as_page_of("donglan", endpoint, input)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{endpoint}");
            assert_eq!(answer.body["kind"], "other_user", "{endpoint}");
            let message = answer.body["message"]["zh"].as_str().unwrap();
            assert!(message.contains("林若溪") && message.contains("haihe"), "{message}");
        }
        let (status, _) = browser.call("document/get", json!({ "id": id })).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "nothing was stored");
        // A piece of a file and an upload of goods take ways of their own.
        for path in [
            format!("/api/attachments/{id}/pieces?start=0&hash=0"),
            format!("/api/document/import_upload?document={id}&name=a.xlsx"),
        ] {
            let mut request = browser.bare_request(Method::POST, &path, b"x".to_vec());
            request.headers_mut().insert(USER, "donglan".parse().unwrap());
            assert_eq!(browser.send(request).await.body["kind"], "other_user", "{path}");
        }
        // What a page sends as it goes takes no header.
        let preferences = json!({ "preferences": "{\"theme\":\"dark\"}" });
        let answer = browser.send(browser.request("account/save_preferences?user=donglan", &preferences)).await;
        assert_eq!(answer.body["kind"], "other_user");
        // The page of who is signed in works, and so does the sign-in of the other page.
        assert_eq!(browser.send(as_page_of("haihe", "document/save_head", &save)).await.status, StatusCode::OK);
        let login = login_form("donglan", password_of("donglan"));
        assert_eq!(browser.send(as_page_of("donglan", "account/login", &login)).await.status, StatusCode::OK);
        assert_eq!(
            browser.send(as_page_of("donglan", "document/status", &json!({ "ids": [] }))).await.status,
            StatusCode::OK
        );
    }
}
