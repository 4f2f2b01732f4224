//! What the walk is about: a book of 东澜 with all that hangs on it, made anew where a call may change it.
//! Used by the walks; asserts nothing of rights.

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::desk::{book_no, decide};
use crate::support::{Browser, TestApp, one_row, paper, rows_of};

/// 东澜 owns the records; 海禾 is the stranger.
pub const OWNER: &str = "3205246018";
pub const STRANGER: &str = "3502166027";

/// A book that belongs to 东澜, complete enough to be declared, and who asks for it.
#[derive(Clone, Debug)]
pub struct Records {
    pub book: Value,
    /// A book of the same owner that customs has approved.
    pub approved: Uuid,
    /// An entry of the approved book that was registered.
    pub entry: Value,
    /// Customs code of the caller's own enterprise.
    pub caller: &'static str,
    /// A session of the book's owner.
    pub session: String,
    /// An uploaded attachment of the book.
    pub attachment: Value,
    /// The report of an upload that waits to be imported.
    pub import: Value,
    /// Report on a list of entries.
    pub list: Value,
    /// A write-off of the approved book.
    pub writeoff: Value,
    /// A user of the owner's enterprise, as its administrator sees the user.
    pub user: Value,
    /// A delegation that waits for the owner to accept it.
    pub offered: Value,
    /// Of a link that invites the user.
    pub token: Value,
    /// Templates of the owner: a head, and rows.
    pub templates: [Uuid; 2],
}

impl Records {
    pub fn uuid(&self) -> &str {
        self.id().as_str().unwrap()
    }

    pub fn id(&self) -> &Value {
        &self.book["meta"]["id"]
    }

    pub fn row(&self) -> &Value {
        &rows_of(&self.book, "exports")[0]
    }

    /// The whole document as a step names it.
    pub fn step(&self) -> Value {
        json!({ "step": { "id": self.id(), "base": self.book["meta"]["version"] } })
    }
}

/// Makes a book of the owner, ready to be declared.
pub async fn records(app: &TestApp, owner: &Browser) -> Records {
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
    let login = format!("u{}", &Uuid::now_v7().simple().to_string()[12..]);
    let added = json!({ "user": { "login": login, "name": "新人", "roles": ["clerk"] } });
    let token = call(owner, "people/add_user", added).await["token"].clone();
    let people = call(owner, "people/list", json!({})).await;
    let user = people["users"].as_array().unwrap().iter().find(|user| user["login"] == login).unwrap().clone();
    Records {
        user,
        token,
        offered: offered(app).await,
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

/// What 泊川 offers to the owner.
async fn offered(app: &TestApp) -> Value {
    let id = Uuid::now_v7().to_string();
    let mut tx = app.state.db.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO delegation (id, agent_code, principal_code, valid_from, valid_to, scope, offered_at, offered_by) \
         VALUES ($1, $2, '3302960318', '2026-01-01', '2030-12-31', 'query', '2026-01-01', 'bo')",
    )
    .bind(&id)
    .bind(OWNER)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    json!(id)
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
pub async fn call(browser: &Browser, endpoint: &str, input: Value) -> Value {
    let (status, body) = browser.call(endpoint, input).await;
    assert_eq!(status, StatusCode::OK, "{endpoint}: {body}");
    body
}
