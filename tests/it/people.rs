//! 系统管理 on both databases: users, links, delegations, enterprises, and the trail of it. What failed here would let somebody in who
//! was shut out, shut everybody out, or leave no trace of who did it.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Browser, TestApp, both_databases};

const OK: StatusCode = StatusCode::OK;
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const CONFLICT: StatusCode = StatusCode::CONFLICT;
const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;
const OWN: &str = "3205246018";
const OTHER: &str = "3502166027";
const AGENT: &str = "3122980015";

/// A call that must succeed.
async fn call(browser: &Browser, endpoint: &str, input: Value) -> Value {
    let (status, body) = browser.call(endpoint, input).await;
    assert_eq!(status, OK, "{endpoint}: {body}");
    body
}

async fn users(browser: &Browser) -> Vec<Value> {
    call(browser, "people/list", json!({})).await["users"].as_array().unwrap().clone()
}

async fn user(browser: &Browser, login: &str) -> Value {
    users(browser).await.into_iter().find(|user| user["login"] == login).unwrap_or_else(|| panic!("no {login}"))
}

/// The request to store a user with some of it changed.
fn changed(user: &Value, changes: &Value) -> Value {
    let mut save = json!({
        "id": user["id"], "base": user["version"], "name": user["name"], "roles": user["roles"], "disabled": user["disabled"],
    });
    for (key, value) in changes.as_object().unwrap() {
        save[key] = value.clone();
    }
    json!({ "user": save })
}

async fn add(browser: &Browser, login: &str, roles: Value) -> String {
    let added =
        call(browser, "people/add_user", json!({ "user": { "login": login, "name": "新人", "roles": roles } })).await;
    added["token"].as_str().unwrap().to_owned()
}

/// What was done, by whom, as the trail of an enterprise has it.
async fn trail(app: &TestApp, enterprise: &str) -> Vec<(String, String, Value)> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT action, actor, detail FROM audit WHERE operator_code = $1 AND document_id = '' ORDER BY id",
    )
    .bind(enterprise)
    .fetch_all(&app.state.db.read)
    .await
    .unwrap();
    rows.into_iter().map(|(action, actor, detail)| (action, actor, serde_json::from_str(&detail).unwrap())).collect()
}

#[tokio::test]
async fn a_link_lets_its_user_in_once_and_only_while_it_is_good() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let admin = app.signed_in("donglan").await;
        let token = add(&admin, "lu", json!(["clerk"])).await;
        assert_eq!(app.browser().login("lu", "").await.0, REFUSED, "without a password nobody is let in");
        let join = |token: &str, password: &str| json!({ "token": token, "password": password });
        // A weak password costs the link nothing.
        assert_eq!(app.browser().call("account/join", join(&token, "short")).await.0, REFUSED);
        assert_eq!(call(&app.browser(), "account/invited", json!({ "token": token })).await, "lu");

        // Two clicks at the same moment: one gets in.
        let (one, two) = (app.browser(), app.browser());
        let (first, second) = tokio::join!(
            one.call("account/join", join(&token, "password-of-lu")),
            two.call("account/join", join(&token, "password-of-a-thief"))
        );
        let let_in = [&first, &second].iter().filter(|(status, _)| *status == OK).count();
        assert_eq!(let_in, 1, "{first:?} {second:?}");
        assert_eq!(app.browser().call("account/join", join(&token, "another-password")).await.0, REFUSED);

        // A new link ends the password, the sessions and the link before.
        let lu = user(&admin, "lu").await;
        let earlier = call(&admin, "people/invite", json!({ "id": lu["id"] })).await;
        let latest = call(&admin, "people/invite", json!({ "id": lu["id"] })).await;
        assert_eq!(one.call("account/me", json!({})).await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(two.call("account/me", json!({})).await.0, StatusCode::UNAUTHORIZED);
        for password in ["password-of-lu", "password-of-a-thief"] {
            assert_eq!(app.browser().login("lu", password).await.0, REFUSED);
        }
        let invited =
            async |answer: &Value| app.browser().call("account/invited", json!({ "token": answer["token"] })).await.0;
        assert_eq!(invited(&earlier).await, REFUSED);
        assert_eq!(invited(&latest).await, OK);
        app.execute("UPDATE invitation SET expires_at = '2026-01-01T00:00:00.000000Z'").await;
        assert_eq!(invited(&latest).await, REFUSED, "three days are over");

        // Who is disabled comes in by no link either.
        let token = add(&admin, "mei", json!(["reader"])).await;
        let mei = user(&admin, "mei").await;
        call(&admin, "people/save_user", changed(&mei, &json!({ "disabled": true }))).await;
        assert_eq!(app.browser().call("account/join", join(&token, "password-of-mei")).await.0, REFUSED);
        let disabled = user(&admin, "mei").await;
        assert_eq!(admin.call("people/invite", json!({ "id": disabled["id"] })).await.0, REFUSED);
    }
}

#[tokio::test]
async fn an_enterprise_keeps_an_administrator_and_two_of_them_do_not_overwrite_each_other() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let admin = app.signed_in("donglan").await;
        let own = user(&admin, "donglan").await;
        for change in [json!({ "roles": ["declarant"] }), json!({ "disabled": true })] {
            let (status, body) = admin.call("people/save_user", changed(&own, &change)).await;
            assert_eq!(status, REFUSED, "{body}");
        }
        // The role of who operates the service is nobody's to give here.
        for roles in [json!(["operator"]), json!([])] {
            let clerk = user(&admin, "donglan-lr").await;
            assert_eq!(admin.call("people/save_user", changed(&clerk, &json!({ "roles": roles }))).await.0, REFUSED);
            let added = json!({ "user": { "login": "op", "name": "运", "roles": roles } });
            assert_eq!(admin.call("people/add_user", added).await.0, REFUSED);
        }
        let clerk = user(&admin, "donglan-lr").await;
        call(&admin, "people/save_user", changed(&clerk, &json!({ "roles": ["admin"] }))).await;
        let stale = admin.call("people/save_user", changed(&clerk, &json!({ "name": "别名" }))).await;
        assert_eq!(stale.0, CONFLICT, "{}", stale.1);

        // Each of the two shuts the other out at the same moment: one stays.
        let second = app.signed_in("donglan-lr").await;
        for _ in 0..5 {
            let (one, two) = (user(&admin, "donglan").await, user(&admin, "donglan-lr").await);
            let without = json!({ "roles": ["reader"] });
            let (first, other) = tokio::join!(
                admin.call("people/save_user", changed(&two, &without)),
                second.call("people/save_user", changed(&one, &without))
            );
            let done = [&first, &other].iter().filter(|(status, _)| *status == OK).count();
            assert_eq!(done, 1, "{first:?} {other:?}");
            app.execute(
                "UPDATE app_user SET roles = 'admin', version = version + 1 WHERE login IN ('donglan', 'donglan-lr')",
            )
            .await;
        }

        // An administrator does not become the operator of the service by a link for one who is that.
        app.execute("UPDATE app_user SET roles = 'operator' WHERE login = 'donglan-cx'").await;
        let operator = user(&admin, "donglan-cx").await;
        for (endpoint, input) in [
            ("people/invite", json!({ "id": operator["id"] })),
            ("people/end_sessions", json!({ "id": operator["id"] })),
            ("people/save_user", changed(&operator, &json!({ "disabled": true }))),
            ("people/save_user", changed(&operator, &json!({ "roles": ["reader"] }))),
        ] {
            assert_eq!(admin.call(endpoint, input).await.0, REFUSED, "{endpoint}");
        }

        // Users of others are not even there.
        let stranger = app.signed_in("haihe").await;
        let own = user(&admin, "donglan").await;
        for (endpoint, input) in [
            ("people/save_user", changed(&own, &json!({ "name": "别人" }))),
            ("people/invite", json!({ "id": own["id"] })),
            ("people/end_sessions", json!({ "id": own["id"] })),
        ] {
            assert_eq!(stranger.call(endpoint, input).await.0, NOT_FOUND, "{endpoint}");
        }
        assert!(users(&stranger).await.iter().all(|user| user["login"] == "haihe"));
    }
}

#[tokio::test]
async fn a_delegation_holds_from_its_acceptance_to_its_end_and_both_have_it_in_their_trail() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        app.execute("UPDATE delegation SET ended_at = 'x', ended_by = 'x'").await;
        let (owner, agent, third) =
            (app.signed_in("donglan").await, app.signed_in("tonghe").await, app.signed_in("haihe").await);
        let acts_for = async |browser: &Browser| call(browser, "account/me", json!({})).await["acts_for"].clone();
        let offer = |to: &str, scope: &str| json!({ "offer": { "agent_code": to, "from": "2026-01-01", "to": "2030-12-31", "scope": scope } });
        call(&owner, "people/offer", offer(AGENT, "enter")).await;
        let listed = async |browser: &Browser, standing: &str| {
            let people = call(browser, "people/list", json!({})).await;
            let all = people["delegations"].as_array().unwrap().clone();
            all.into_iter().find(|one| one["standing"] == standing).unwrap_or_else(|| panic!("none {standing}"))
        };
        let id = listed(&agent, "offered").await["id"].clone();
        assert_eq!(acts_for(&agent).await.as_array().unwrap().len(), 1, "offered is not accepted");
        // Neither the one who offers nor a third accepts it; a third does not end it.
        assert_eq!(owner.call("people/accept", json!({ "id": id })).await.0, NOT_FOUND);
        assert_eq!(third.call("people/accept", json!({ "id": id })).await.0, NOT_FOUND);
        assert_eq!(third.call("people/end_delegation", json!({ "id": id })).await.0, NOT_FOUND);
        call(&agent, "people/accept", json!({ "id": id })).await;
        assert_eq!(agent.call("people/accept", json!({ "id": id })).await.0, CONFLICT, "once");
        let acting = acts_for(&agent).await;
        assert_eq!((&acting[1]["code"], &acting[1]["rights"]), (&json!(OWN), &json!(["query", "enter"])));

        // Only with what was delegated can an agent be named as declarant by the operator.
        let head = json!({ "operator_code": OWN, "processor_code": OTHER, "currency": "USD", "declarant_code": AGENT });
        let save = |head: &Value| json!({ "request": { "id": uuid::Uuid::now_v7(), "kind": "filing", "base": 0, "head": head } });
        let (status, body) = owner.call("document/save_head", save(&head)).await;
        assert_eq!((status, body["findings"][0]["rule"].as_str()), (REFUSED, Some("party.declarant")), "{body}");
        call(&agent, "document/save_head", save(&head)).await;
        let mut third_party = head.clone();
        third_party["declarant_code"] = json!("3302960318");
        assert_eq!(
            agent.call("document/save_head", save(&third_party)).await.0,
            REFUSED,
            "neither operator nor itself"
        );

        call(&owner, "people/end_delegation", json!({ "id": id })).await;
        assert_eq!(acts_for(&agent).await.as_array().unwrap().len(), 1, "at once");
        assert_eq!(agent.call("people/end_delegation", json!({ "id": id })).await.0, CONFLICT);
        assert_eq!(listed(&agent, "ended").await["ended_by"], "donglan", "both see who ended it");
        let steps = |trail: Vec<(String, String, Value)>| -> Vec<(String, String)> {
            let of_it =
                trail.into_iter().filter(|(action, _, detail)| action.starts_with("delegation_") && detail["id"] == id);
            of_it.map(|(action, actor, _)| (action, actor)).collect()
        };
        let wanted = [("delegation_offer", "donglan"), ("delegation_accept", "tonghe"), ("delegation_end", "donglan")];
        let wanted = wanted.map(|(action, actor)| (action.to_owned(), actor.to_owned()));
        assert_eq!(steps(trail(&app, OWN).await), wanted);
        assert_eq!(steps(trail(&app, AGENT).await), wanted);
    }
}

#[tokio::test]
async fn what_is_done_to_users_and_enterprises_is_in_the_trail_with_what_was_before() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        app.execute("UPDATE app_user SET roles = 'admin,operator' WHERE login = 'donglan'").await;
        let admin = app.signed_in("donglan").await;
        add(&admin, "lu", json!(["clerk"])).await;
        let lu = user(&admin, "lu").await;
        call(&admin, "people/save_user", changed(&lu, &json!({ "roles": ["declarant"], "name": "陆" }))).await;
        let saved = trail(&app, OWN).await.into_iter().rfind(|(action, ..)| action == "user_save").unwrap();
        assert_eq!(saved.1, "donglan");
        assert_eq!(saved.2["before"], json!({ "name": "新人", "roles": "clerk", "disabled": false }));
        assert_eq!(saved.2["after"], json!({ "name": "陆", "roles": "declarant", "disabled": false }));

        let named = json!({ "code": "3205246026", "uscc": "91320594MA1N7K3Q4N", "name": "新登电子" });
        let enterprise = json!({ "enterprise": named, "grade": "regular", "open_case": false, "is_agent": false });
        let save = |enterprise: &Value, was: &Value| json!({ "enterprise": enterprise, "was": was });
        call(&admin, "people/save_enterprise", save(&enterprise, &Value::Null)).await;
        let again = admin.call("people/save_enterprise", save(&enterprise, &Value::Null)).await;
        assert_eq!(again.0, REFUSED, "there already");
        let mut wrong = enterprise.clone();
        wrong["enterprise"]["uscc"] = json!("91320594MA1N7K3Q4X");
        assert_eq!(
            admin.call("people/save_enterprise", save(&wrong, &enterprise)).await.0,
            REFUSED,
            "a wrong check digit"
        );
        let mut worse = enterprise.clone();
        worse["grade"] = json!("untrusted");
        call(&admin, "people/save_enterprise", save(&worse, &enterprise)).await;
        // A second operator who looked at it before would take the grade back unknowingly.
        let mut renamed = enterprise.clone();
        renamed["enterprise"]["name"] = json!("新登电子科技");
        let stale = admin.call("people/save_enterprise", save(&renamed, &enterprise)).await;
        assert_eq!(stale.0, CONFLICT, "{}", stale.1);
        let told = trail(&app, "3205246026").await;
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!(
            (&told[1].2["before"]["grade"], &told[1].2["after"]["grade"]),
            (&json!("regular"), &json!("untrusted"))
        );
        let first = json!({ "enterprise_code": "3205246026", "user": { "login": "xin", "name": "辛", "roles": [] } });
        let token = call(&admin, "people/add_administrator", first).await["token"].clone();
        let joined = app.browser();
        call(&joined, "account/join", json!({ "token": token, "password": "password-of-xin" })).await;
        assert_eq!(user(&joined, "xin").await["roles"], json!(["admin"]));
    }
}
