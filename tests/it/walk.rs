//! Walks every server function on both databases: signed out, by GET, from another site, and as a
//! user of another enterprise. A function without an entry below fails the walk, so none can be added
//! without saying who may call it.

use std::collections::BTreeSet;

use crate::desk::{book_no, decide};
use crate::support::{Browser, TestApp, both_databases, login_form, one_row, paper, password_of, rows_of};
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Value, json};
use uuid::Uuid;

/// Who may call a server function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// Anybody, signed in or not.
    Everybody,
    /// Everybody signed in; it is about nothing but the caller, or the same for all.
    SignedIn,
    /// Those who act for the enterprise of the record; others are refused.
    Record,
    /// As `Record`, but others get an empty list: it is asked for many records at once.
    Filtered,
}

/// A book that belongs to 东澜, complete enough to be declared, and who asks for it.
#[derive(Clone, Debug)]
struct Records {
    book: Value,
    /// A book of the same owner that customs has approved.
    approved: Uuid,
    /// An entry of the approved book that was registered.
    entry: Value,
    /// Customs code of the caller's own enterprise.
    caller: &'static str,
    /// A session of the book's owner.
    session: String,
    /// An uploaded attachment of the book.
    attachment: Value,
    /// The report of an upload that waits to be imported.
    import: Value,
    /// Report on a list of entries.
    list: Value,
    /// A write-off of the approved book.
    writeoff: Value,
    /// Templates of the owner: a head, and rows.
    templates: [Uuid; 2],
}

impl Records {
    fn id(&self) -> &Value {
        &self.book["meta"]["id"]
    }

    fn row(&self) -> &Value {
        &rows_of(&self.book, "exports")[0]
    }

    /// The whole document as a step names it.
    fn step(&self) -> Value {
        json!({ "step": { "id": self.id(), "base": self.book["meta"]["version"] } })
    }
}

type Entry = (&'static str, Access, fn(&Records) -> Value);

/// Every server function, who may call it, and an input that its owner would send.
const ENTRIES: [Entry; 49] = [
    ("account/captcha", Access::Everybody, |_| json!({})),
    ("account/login", Access::Everybody, |_| login_form("donglan", password_of("donglan"))),
    ("account/logout", Access::Everybody, |_| json!({})),
    ("account/me", Access::SignedIn, |_| json!({})),
    ("account/sessions", Access::SignedIn, |_| json!({})),
    ("account/end_session", Access::Record, |records| json!({ "id": records.session })),
    ("account/change_password", Access::SignedIn, |_| json!({ "old": "wrong", "new": "another-2026" })),
    ("account/save_preferences", Access::SignedIn, |_| json!({ "preferences": "{}" })),
    ("account/enterprise", Access::SignedIn, |_| json!({ "code": "3302960318" })),
    ("document/get", Access::Record, |records| json!({ "id": records.id() })),
    (
        "document/list",
        Access::Record,
        |_| json!({ "query": { "list": "filing", "operator_code": OWNER, "page_size": 10 } }),
    ),
    ("document/save_head", Access::Record, |records| {
        // A stranger would try to make the book its own.
        let head = with(&records.book["head"], json!({ "operator_code": records.caller, "contract_no": "HT-NEW" }));
        let base = &records.book["meta"]["head_version"];
        json!({ "request": { "id": records.id(), "kind": "filing", "base": base, "head": head } })
    }),
    ("document/save_rows", Access::Record, |records| {
        let (row, content) = (records.row(), with(&records.row()["content"], json!({ "qty": "8", "legal_qty": "8" })));
        let put = json!({ "row_id": row["id"], "base": row["version"], "seq": 0, "content": content });
        json!({ "request": { "document_id": records.id(), "section": "exports", "puts": [put], "removes": [] } })
    }),
    (
        "document/copy",
        Access::Record,
        |records| json!({ "request": { "from": records.id(), "id": "0199a000-0000-7000-8000-000000000001" } }),
    ),
    (
        "document/change",
        Access::Record,
        |records| json!({ "request": { "from": records.approved, "id": "0199a000-0000-7000-8000-000000000003" } }),
    ),
    ("document/differences", Access::Record, |records| json!({ "id": records.id() })),
    ("document/history", Access::Record, |records| json!({ "id": records.id() })),
    ("document/import_review", Access::Record, |records| json!({ "id": records.import["id"] })),
    ("document/import_apply", Access::Record, |records| {
        let import = &records.import;
        let choice = json!({ "id": import["id"], "base": import["base"], "mode": "append", "only_good": false });
        json!({ "request": choice })
    }),
    ("document/import_cancel", Access::Record, |records| json!({ "id": records.import["id"] })),
    ("document/template_list", Access::SignedIn, |_| json!({ "kind": "filing" })),
    ("document/template_save", Access::Record, |records| {
        let naming = json!({ "section": "head", "name": "另一个" });
        let id = "0199a000-0000-7000-8000-000000000002";
        json!({ "request": { "id": id, "naming": naming, "document": records.id(), "rows": [], "replace": false } })
    }),
    ("document/template_head", Access::Record, |records| json!({ "id": records.templates[0] })),
    ("document/template_insert", Access::Record, |records| {
        let base = &records.book["meta"]["version"];
        json!({ "request": { "template": records.templates[1], "document": records.id(), "base": base } })
    }),
    ("document/template_delete", Access::Record, |records| json!({ "id": records.templates[0] })),
    ("attachment/list", Access::Record, |records| json!({ "document_id": records.id() })),
    ("attachment/get", Access::Record, |records| json!({ "id": records.attachment["id"] })),
    ("attachment/save", Access::Record, |records| {
        let (paper, content) = (&records.attachment, json!({ "att_type": "99", "remark": "改" }));
        json!({ "request": { "document_id": records.id(), "id": paper["id"], "base": paper["version"], "content": content } })
    }),
    ("attachment/finish", Access::Record, |records| json!({ "id": records.attachment["id"] })),
    ("attachment/delete", Access::Record, |records| {
        let paper = &records.attachment;
        json!({ "request": { "document_id": records.id(), "id": paper["id"], "base": paper["version"] } })
    }),
    ("document/delete", Access::Record, |records| records.step()),
    ("document/declare", Access::Record, |records| records.step()),
    ("document/withdraw", Access::Record, |records| {
        let entry = &records.entry;
        json!({ "step": { "id": entry["id"], "base": entry["version"] } })
    }),
    ("document/generate", Access::Record, |records| {
        let writeoff = &records.writeoff;
        json!({ "step": { "id": writeoff["id"], "base": writeoff["version"] } })
    }),
    ("document/book", Access::Record, |records| json!({ "id": records.approved })),
    ("document/look_up", Access::SignedIn, |_| json!({ "kind": "entry_export", "head": { "owner_code": OWNER } })),
    (
        "ledger/lines",
        Access::Record,
        |records| json!({ "query": { "id": records.approved, "goods": null, "page": 0, "page_size": 10 } }),
    ),
    ("entry/register_review", Access::Record, |records| json!({ "id": records.list["id"] })),
    (
        "entry/register_apply",
        Access::Record,
        |records| json!({ "request": { "id": records.list["id"], "seen": 1, "only_good": false } }),
    ),
    (
        "stats/get",
        Access::Record,
        |_| json!({ "asked": { "operator_code": OWNER, "from": "2026-01", "to": "2026-12", "by": "book" } }),
    ),
    ("remind/list", Access::SignedIn, |_| json!({})),
    ("account/save_email", Access::SignedIn, |_| json!({ "email": "dl@example.com" })),
    ("todo/list", Access::Record, |_| json!({ "operator_code": OWNER, "renews": false })),
    ("todo/check", Access::Filtered, |records| json!({ "ids": [records.id()] })),
    ("unsaved/keep", Access::SignedIn, |_| json!({ "pieces": [{ "name": "draft.x", "text": "一" }] })),
    ("unsaved/read", Access::SignedIn, |_| json!({})),
    ("find/number", Access::SignedIn, |_| json!({ "typed": "HT-" })),
    ("document/receipts", Access::Record, |records| json!({ "id": records.id() })),
    ("document/status", Access::Filtered, |records| json!({ "ids": [records.id()] })),
];

/// 东澜 owns the records; 海禾 is the stranger.
const OWNER: &str = "3205246018";
const STRANGER: &str = "3502166027";

/// An object with some members replaced.
fn with(object: &Value, changes: Value) -> Value {
    let mut object = object.clone();
    for (key, value) in changes.as_object().unwrap() {
        object[key] = value.clone();
    }
    object
}

/// Makes a book of the owner, ready to be declared.
async fn records(app: &TestApp, owner: &Browser) -> Records {
    let id = Uuid::now_v7();
    let head = json!({
        "operator_code": OWNER, "processor_code": "4403160D52", "declarant_code": OWNER, "declarant_type": "1",
        "master_customs": "5301", "contract_no": "HT-2026-01", "foreign_processor_name": "Mekong Assembly",
        "process_country": "VNM", "currency": "USD", "contact_name": "沈知远", "contact_mobile": "13800138000",
        "process_desc": "境外贴装、测试后复运进境",
    });
    let saved = call(
        owner,
        "document/save_head",
        json!({ "request": { "id": id, "kind": "filing", "base": 0, "head": head } }),
    )
    .await;
    assert_eq!(saved["meta"]["version"], 1);
    let export = json!({
        "hs_code": "8542399000", "goods_name": "集成电路", "spec_model": "A1", "declare_unit": "007",
        "legal_unit": "007", "qty": "10", "legal_qty": "10", "legal_qty2": "10", "unit_price": "2.5",
        "currency": "USD", "origin_country": "CHN", "dest_country": "VNM",
    });
    let reimport = json!({
        "hs_code": "8542399000", "goods_name": "集成电路模块", "spec_model": "B1", "declare_unit": "007",
        "legal_unit": "007", "qty": "1", "legal_qty": "1", "legal_qty2": "1", "unit_price": "3",
        "currency": "USD", "origin_country": "CHN", "original_value": "2", "fee_processing": "1",
    });
    for (side, content) in [("exports", export), ("reimports", reimport)] {
        call(owner, "document/save_rows", one_row(id, side, Uuid::now_v7(), &json!(0), &content)).await;
    }
    let approved = Uuid::now_v7();
    call(owner, "document/copy", json!({ "request": { "from": id, "id": approved } })).await;
    let head = call(owner, "document/get", json!({ "id": approved })).await["meta"]["version"].clone();
    call(owner, "document/declare", json!({ "step": { "id": approved, "base": head } })).await;
    let number = book_no();
    decide(&app.state, approved, "1", &[("emsNo", &number)]).await;
    let entry = registered_entry(owner, &number).await;
    let head = json!({ "book_no": number, "decl_type": "1", "closes": "0" });
    let request = json!({ "id": Uuid::now_v7(), "kind": "writeoff", "base": 0, "head": head });
    let writeoff = call(owner, "document/save_head", json!({ "request": request })).await["meta"].clone();
    let sessions = call(owner, "account/sessions", json!({})).await;
    let other = sessions.as_array().unwrap().iter().find(|session| session["current"] == false).cloned();
    let attachment = owner.attach(&json!(id), "01", "HT-2026-01.pdf", &paper(b"contract")).await;
    let address = format!("/api/document/import_upload?document={id}&name=x.csv");
    let import = sent(owner, &address, "商品编码,商品名称\n8542399000,集成电路\n".to_owned()).await;
    let entries = format!(
        "报关单号,备案号,进出口日期,币制,备案序号,成交数量,总价\n5301202602{:08},{number},2026-11-20,USD,1,1,2\n",
        serial() % 100_000_000
    );
    let list = sent(owner, "/api/entry/register_upload?name=x.csv", entries).await;
    let templates = [Uuid::now_v7(), Uuid::now_v7()];
    for (template, section) in templates.iter().zip(["head", "exports"]) {
        let naming = json!({ "section": section, "name": template.to_string() });
        let request = json!({ "id": template, "naming": naming, "document": id, "rows": [], "replace": false });
        call(owner, "document/template_save", json!({ "request": request })).await;
    }
    Records {
        approved,
        entry,
        attachment,
        templates,
        import,
        list,
        writeoff,
        book: call(owner, "document/get", json!({ "id": id })).await,
        caller: OWNER,
        session: other.map_or_else(String::new, |session| session["id"].as_str().unwrap().to_owned()),
    }
}

/// The report on a file.
async fn sent(owner: &Browser, address: &str, file: String) -> Value {
    let mut upload = owner.request("", &Value::Null);
    *upload.uri_mut() = address.parse().unwrap();
    *upload.body_mut() = Body::from(file);
    let answer = owner.send(upload).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body
}

/// A number that no other test has.
fn serial() -> u64 {
    u64::from_str_radix(&Uuid::now_v7().simple().to_string()[23..], 16).unwrap() % 1_000_000_000
}

/// An entry of the book that customs let pass elsewhere.
async fn registered_entry(owner: &Browser, book_no: &str) -> Value {
    let id = Uuid::now_v7();
    let serial = serial();
    let head = json!({
        "manual_no": book_no, "origin": "2", "registered_no": format!("530120260{serial:09}"), "master_customs": "5301",
        "ie_date": "2026-11-20", "ie_port": "5301", "overseas_name": "Mekong Assembly", "traf_mode": "2", "owner_code": OWNER,
        "declarant_code": OWNER, "contract_no": "HT-2026-01", "trade_area": "VNM", "trade_country": "VNM",
        "wrap_type": "22", "pack_no": "1", "gross_wt": "2", "net_wt": "1", "trans_mode": "3", "currency": "USD",
    });
    let request = json!({ "id": id, "kind": "entry_export", "base": 0, "head": head });
    call(owner, "document/save_head", json!({ "request": request })).await;
    let row = json!({
        "goods_seq": "1", "hs_code": "8542399000", "goods_name": "集成电路", "spec_model": "A1", "qty": "1", "unit": "007",
        "total_price": "2.5", "legal_unit": "007", "legal_qty": "1", "legal_qty2": "1", "origin_country": "CHN",
        "dest_country": "VNM", "district": "31019",
    });
    let saved = call(owner, "document/save_rows", one_row(id, "items", Uuid::now_v7(), &json!(0), &row)).await;
    let step = json!({ "id": id, "base": saved["meta"]["version"] });
    call(owner, "document/declare", json!({ "step": step })).await["meta"].clone()
}

/// A call that must succeed.
async fn call(browser: &Browser, endpoint: &str, input: Value) -> Value {
    let (status, body) = browser.call(endpoint, input).await;
    assert_eq!(status, StatusCode::OK, "{endpoint}: {body}");
    body
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
    let walked: BTreeSet<String> = ENTRIES.iter().map(|(path, ..)| (*path).to_owned()).collect();
    assert_eq!(walked.len(), ENTRIES.len(), "an entry stands twice");
    assert_eq!(registered, walked);
}

#[tokio::test]
async fn nobody_gets_in_signed_out_by_get_or_from_another_site() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let records = records(&app, &owner).await;
        for (path, access, input) in ENTRIES {
            let input = input(&records);
            let (status, body) = app.browser().call(path, input.clone()).await;
            if access == Access::Everybody {
                assert_eq!(status, StatusCode::OK, "{path}: {body}");
            } else {
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
        for (path, access, input) in ENTRIES.into_iter().filter(|(_, access, _)| *access != Access::Everybody) {
            let _second_session = app.signed_in("donglan").await;
            let records = records(&app, &owner).await;
            let (status, body) = stranger.call(path, input(&Records { caller: STRANGER, ..records.clone() })).await;
            match access {
                Access::Record => {
                    assert!(matches!(status.as_u16(), 403 | 404), "{path}: {status} {body}");
                    assert!(!body.to_string().contains("HT-2026-01"), "{path} tells something of it");
                }
                Access::Filtered => assert_eq!((status, &body), (StatusCode::OK, &json!([])), "{path}"),
                Access::Everybody | Access::SignedIn => {
                    assert!(!body.to_string().contains("donglan"), "{path} tells of another user: {body}");
                }
            }
            let after = call(&owner, "document/get", json!({ "id": records.id() })).await;
            assert_eq!(after, records.book, "{path} changed a stranger's book");

            // The same call of the owner goes through: it was refused for who asked, not for what.
            if access == Access::Record || access == Access::Filtered {
                let body = call(&owner, path, input(&records)).await;
                assert!(access != Access::Filtered || body != json!([]), "{path} hides it from its owner");
            }
        }
    }
}

#[tokio::test]
async fn an_agent_works_for_its_principals_until_the_delegation_ends() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let (owner, agent) = (app.signed_in("donglan").await, app.signed_in("tonghe").await);
        // An upload waits for who uploaded it, a template is of the enterprise that kept it, and a number is looked for among
        // what one may see.
        let own = [
            "account/",
            "document/import_",
            "document/template_",
            "document/look_up",
            "entry/register_",
            "find/",
            "remind/",
            "unsaved/",
        ];
        let shared = |path: &str| !own.iter().any(|front| path.starts_with(front));
        for (path, _, input) in ENTRIES.into_iter().filter(|(path, ..)| shared(path)) {
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
