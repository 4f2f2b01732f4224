//! What a call of each server function and route would be of one who may, made from records of 东澜. A function or route without
//! an entry here fails the walk, so none can be added without saying whose it is.

use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::records::{OWNER, Records};
use crate::support::{login_form, password_of};

/// Whose what is called is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Nobody's: open to everybody, or the same for all.
    Nobody,
    /// The caller's alone.
    Caller,
    /// Of the very user who began it: nobody else finds it.
    Own,
    /// Of the caller's enterprise, also while it acts for others.
    Enterprise,
    /// The enterprise's of the record; others are refused.
    Record,
    /// As `Record`, but others get an empty list: it is asked for many records at once.
    Filtered,
}

pub type Entry = (&'static str, Subject, fn(&Records) -> Value);

/// Every server function, and an input that its owner would send.
pub const FUNCTIONS: [Entry; 62] = [
    ("account/captcha", Subject::Nobody, |_| json!({})),
    ("account/login", Subject::Nobody, |_| login_form("donglan", password_of("donglan"))),
    ("account/invited", Subject::Nobody, |records| json!({ "token": records.token })),
    ("account/join", Subject::Nobody, |records| json!({ "token": records.token, "password": "a-password-of-mine" })),
    ("account/logout", Subject::Nobody, |_| json!({})),
    ("account/me", Subject::Caller, |_| json!({})),
    ("account/sessions", Subject::Caller, |_| json!({})),
    ("account/end_session", Subject::Record, |records| json!({ "id": records.session })),
    ("account/change_password", Subject::Caller, |_| json!({ "old": "wrong", "new": "another-2026" })),
    ("account/save_preferences", Subject::Caller, |_| json!({ "preferences": "{}" })),
    ("account/enterprise", Subject::Nobody, |_| json!({ "code": "3302960318" })),
    ("document/get", Subject::Record, |records| json!({ "id": records.id() })),
    (
        "document/list",
        Subject::Record,
        |_| json!({ "query": { "list": "filing", "operator_code": OWNER, "page_size": 10 } }),
    ),
    ("document/save_head", Subject::Record, |records| {
        // A stranger would try to make the book its own.
        let head = with(&records.book["head"], json!({ "operator_code": records.caller, "contract_no": "HT-NEW" }));
        let base = &records.book["meta"]["head_version"];
        json!({ "request": { "id": records.id(), "kind": "filing", "base": base, "head": head } })
    }),
    ("document/save_rows", Subject::Record, |records| {
        let (row, content) = (records.row(), with(&records.row()["content"], json!({ "qty": "8", "legal_qty": "8" })));
        let put = json!({ "row_id": row["id"], "base": row["version"], "seq": 0, "content": content });
        json!({ "request": { "document_id": records.id(), "section": "exports", "puts": [put], "removes": [] } })
    }),
    ("document/copy", Subject::Record, |records| json!({ "request": { "from": records.id(), "id": Uuid::now_v7() } })),
    (
        "document/change",
        Subject::Record,
        |records| json!({ "request": { "from": records.approved, "id": Uuid::now_v7() } }),
    ),
    ("document/differences", Subject::Record, |records| json!({ "id": records.id() })),
    ("document/history", Subject::Record, |records| json!({ "id": records.id() })),
    ("document/import_review", Subject::Own, |records| json!({ "id": records.import["id"] })),
    ("document/import_apply", Subject::Own, |records| {
        let import = &records.import;
        let choice = json!({ "id": import["id"], "base": import["base"], "mode": "append", "only_good": false });
        json!({ "request": choice })
    }),
    ("document/import_cancel", Subject::Own, |records| json!({ "id": records.import["id"] })),
    ("document/template_list", Subject::Caller, |_| json!({ "kind": "filing" })),
    ("document/template_save", Subject::Record, |records| {
        let naming = json!({ "section": "head", "name": "另一个" });
        let id = Uuid::now_v7();
        json!({ "request": { "id": id, "naming": naming, "document": records.id(), "rows": [], "replace": false } })
    }),
    ("document/template_head", Subject::Enterprise, |records| json!({ "id": records.templates[0] })),
    ("document/template_insert", Subject::Enterprise, |records| {
        let base = &records.book["meta"]["version"];
        json!({ "request": { "template": records.templates[1], "document": records.id(), "base": base } })
    }),
    ("document/template_delete", Subject::Enterprise, |records| json!({ "id": records.templates[0] })),
    ("attachment/list", Subject::Record, |records| json!({ "document_id": records.id() })),
    ("attachment/get", Subject::Record, |records| json!({ "id": records.attachment["id"] })),
    ("attachment/save", Subject::Record, |records| {
        let (paper, content) = (&records.attachment, json!({ "att_type": "99", "remark": "改" }));
        json!({ "request": { "document_id": records.id(), "id": paper["id"], "base": paper["version"], "content": content } })
    }),
    ("attachment/finish", Subject::Record, |records| json!({ "id": records.attachment["id"] })),
    ("attachment/delete", Subject::Record, |records| {
        let paper = &records.attachment;
        json!({ "request": { "document_id": records.id(), "id": paper["id"], "base": paper["version"] } })
    }),
    ("document/delete", Subject::Record, |records| records.step()),
    ("document/declare", Subject::Record, |records| records.step()),
    ("document/withdraw", Subject::Record, |records| {
        let entry = &records.entry;
        json!({ "step": { "id": entry["id"], "base": entry["version"] } })
    }),
    ("document/generate", Subject::Record, |records| {
        let writeoff = &records.writeoff;
        json!({ "step": { "id": writeoff["id"], "base": writeoff["version"] } })
    }),
    ("document/book", Subject::Record, |records| json!({ "id": records.approved })),
    ("document/look_up", Subject::Caller, |_| json!({ "kind": "entry_export", "head": { "owner_code": OWNER } })),
    (
        "ledger/lines",
        Subject::Record,
        |records| json!({ "query": { "id": records.approved, "goods": null, "page": 0, "page_size": 10 } }),
    ),
    ("entry/register_review", Subject::Own, |records| json!({ "id": records.list["id"] })),
    (
        "entry/register_apply",
        Subject::Own,
        |records| json!({ "request": { "id": records.list["id"], "seen": 1, "only_good": false } }),
    ),
    (
        "stats/get",
        Subject::Record,
        |_| json!({ "asked": { "operator_code": OWNER, "from": "2026-01", "to": "2026-12", "by": "book" } }),
    ),
    ("remind/list", Subject::Caller, |_| json!({})),
    ("account/save_email", Subject::Caller, |_| json!({ "email": "dl@example.com" })),
    ("todo/list", Subject::Record, |_| json!({ "operator_code": OWNER, "renews": false })),
    ("todo/check", Subject::Filtered, |records| json!({ "ids": [records.id()] })),
    ("unsaved/keep", Subject::Caller, |_| json!({ "pieces": [{ "name": "draft.x", "text": "一" }] })),
    ("unsaved/read", Subject::Caller, |_| json!({})),
    ("find/number", Subject::Caller, |_| json!({ "typed": "HT-" })),
    ("document/receipts", Subject::Record, |records| json!({ "id": records.id() })),
    ("document/status", Subject::Filtered, |records| json!({ "ids": [records.id()] })),
    ("people/list", Subject::Caller, |_| json!({})),
    (
        "people/add_user",
        Subject::Caller,
        |_| json!({ "user": { "login": format!("u{}", &Uuid::now_v7().simple().to_string()[12..]), "name": "新", "roles": ["clerk"] } }),
    ),
    ("people/save_user", Subject::Enterprise, |records| {
        let user = &records.user;
        let save = json!({
            "id": user["id"], "base": user["version"], "name": "改", "roles": ["reader"], "disabled": false,
        });
        json!({ "user": save })
    }),
    ("people/invite", Subject::Enterprise, |records| json!({ "id": records.user["id"] })),
    ("people/end_sessions", Subject::Enterprise, |records| json!({ "id": records.user["id"] })),
    ("people/offer", Subject::Caller, |_| {
        let offer = json!({ "agent_code": "4403160D52", "from": "2026-01-01", "to": "2030-12-31", "scope": "query" });
        json!({ "offer": offer })
    }),
    ("people/accept", Subject::Enterprise, |records| json!({ "id": records.offered })),
    ("people/end_delegation", Subject::Enterprise, |records| json!({ "id": records.offered })),
    ("people/enterprises", Subject::Nobody, |_| json!({ "typed": "32" })),
    ("people/save_enterprise", Subject::Nobody, |_| {
        let named = json!({ "code": "3702230146", "uscc": "91370211MA3F7B5N4E", "name": "青岛岚湾海产加工有限公司" });
        let enterprise = json!({ "enterprise": named, "grade": "regular", "open_case": false, "is_agent": false });
        json!({ "enterprise": enterprise, "was": enterprise })
    }),
    ("people/add_administrator", Subject::Nobody, |_| {
        let login = format!("u{}", &Uuid::now_v7().simple().to_string()[12..]);
        json!({ "enterprise_code": "3702230146", "user": { "login": login, "name": "管", "roles": [] } })
    }),
];

/// An object with some members replaced.
fn with(object: &Value, changes: Value) -> Value {
    let mut object = object.clone();
    for (key, value) in changes.as_object().unwrap() {
        object[key] = value.clone();
    }
    object
}

/// A route that is no server function: as it is written in the router, whose it is, and a call of it.
pub type Route = (&'static str, Method, Subject, fn(&Records) -> String);

/// Every other route.
pub const ROUTES: [Route; 25] = [
    ("/api/document/import_upload", Method::POST, Subject::Record, |records| {
        format!("/api/document/import_upload?document={}&name=x.csv", records.uuid())
    }),
    ("/api/document/import_template", Method::GET, Subject::Nobody, |_| {
        "/api/document/import_template?kind=filing".into()
    }),
    ("/api/document/import_returned", Method::GET, Subject::Own, |records| {
        format!("/api/document/import_returned?id={}&mode=append", text(&records.import["id"]))
    }),
    ("/api/document/export_rows", Method::GET, Subject::Record, |records| {
        format!("/api/document/export_rows?document={}&section=exports", records.uuid())
    }),
    ("/api/document/export_list", Method::GET, Subject::Record, |_| {
        format!("/api/document/export_list?list=filing&operator_code={OWNER}")
    }),
    ("/api/document/export_receipts", Method::GET, Subject::Record, |records| {
        format!("/api/document/export_receipts?document={}", records.approved)
    }),
    ("/api/document/export_differences", Method::GET, Subject::Record, |records| {
        format!("/api/document/export_differences?document={}", records.uuid())
    }),
    ("/api/document/export_declared", Method::GET, Subject::Record, |records| {
        format!("/api/document/export_declared?document={}&format=xlsx", text(&records.entry["id"]))
    }),
    ("/api/attachments/{id}/pieces", Method::POST, Subject::Record, |records| {
        format!("/api/attachments/{}/pieces?start=0&hash=x", text(&records.attachment["id"]))
    }),
    ("/api/attachments/{id}/file", Method::GET, Subject::Record, |records| {
        format!("/api/attachments/{}/file", text(&records.attachment["id"]))
    }),
    ("/api/attachments/{id}/preview", Method::GET, Subject::Record, |records| {
        format!("/api/attachments/{}/preview", text(&records.attachment["id"]))
    }),
    ("/api/attachments/export", Method::GET, Subject::Record, |records| {
        format!("/api/attachments/export?document={}", records.uuid())
    }),
    ("/api/entry/register_upload", Method::POST, Subject::Caller, |_| "/api/entry/register_upload?name=x.csv".into()),
    ("/api/entry/register_template", Method::GET, Subject::Nobody, |_| "/api/entry/register_template".into()),
    ("/api/entry/register_returned", Method::GET, Subject::Own, |records| {
        format!("/api/entry/register_returned?id={}", text(&records.list["id"]))
    }),
    ("/api/ledger/export", Method::GET, Subject::Record, |records| {
        format!("/api/ledger/export?document={}", records.approved)
    }),
    ("/api/stats/export", Method::GET, Subject::Record, |_| {
        format!("/api/stats/export?operator_code={OWNER}&from=2026-01&to=2026-12&by=book")
    }),
    ("/hints", Method::GET, Subject::Caller, |_| "/hints".into()),
    ("/print/document/{id}", Method::GET, Subject::Record, |records| format!("/print/document/{}", records.uuid())),
    ("/print/ledger/{id}", Method::GET, Subject::Record, |records| format!("/print/ledger/{}", records.approved)),
    ("/print/stats", Method::GET, Subject::Record, |_| {
        format!("/print/stats?operator_code={OWNER}&from=2026-01&to=2026-12&by=book")
    }),
    ("/codes", Method::GET, Subject::Nobody, |_| "/codes".into()),
    ("/codes/{table}/{version}", Method::GET, Subject::Nobody, |_| "/codes/currency/none".into()),
    ("/health/live", Method::GET, Subject::Nobody, |_| "/health/live".into()),
    ("/health/ready", Method::GET, Subject::Nobody, |_| "/health/ready".into()),
];

fn text(id: &Value) -> &str {
    id.as_str().unwrap()
}
