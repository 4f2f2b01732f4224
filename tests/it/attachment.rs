//! Attached files over HTTP on both databases: what was acknowledged is there byte for byte, what was
//! not leaves nothing behind, and nobody gets at the papers of others. If these fail, a company's
//! contract is lost, half stored, or read by a competitor.

mod document;
mod faults;
mod s3;
mod upload;

use crate::support::{Answer, Browser, TestApp, one_row, paper, sha256};
use axum::http::{Method, StatusCode, header};
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use uuid::Uuid;

const OWNER: &str = "3205246018";
/// Bytes of a piece.
const PIECE: usize = 1 << 20;

/// A PDF of some size, of bytes that differ from place to place.
fn pdf(size: usize, salt: u32) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32 ^ salt;
    let mut inside = Vec::new();
    inside.resize_with(size - paper(b"").len(), || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    paper(&inside)
}

/// A call that must succeed.
async fn call(browser: &Browser, endpoint: &str, input: Value) -> Value {
    let (status, body) = browser.call(endpoint, input).await;
    assert_eq!(status, StatusCode::OK, "{endpoint}: {body}");
    body
}

/// A call that must be refused; its message.
async fn refused(browser: &Browser, endpoint: &str, input: Value) -> String {
    let (status, body) = browser.call(endpoint, input).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{endpoint}: {body}");
    body["message"]["zh"].as_str().unwrap().to_owned()
}

/// A new book of the owner, complete enough to be declared but for its papers.
async fn book(owner: &Browser) -> Value {
    let id = json!(Uuid::now_v7());
    let head = json!({
        "operator_code": OWNER, "processor_code": "4403160D52", "declarant_code": OWNER, "declarant_type": "1",
        "master_customs": "5301", "contract_no": "HT-2026-01", "foreign_processor_name": "Mekong Assembly",
        "process_country": "VNM", "currency": "USD", "contact_name": "沈知远", "contact_mobile": "13800138000",
        "process_desc": "晶圆出境贴装、封装、测试后复运进境",
    });
    call(owner, "document/save_head", json!({ "request": { "id": id, "kind": "filing", "base": 0, "head": head } }))
        .await;
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
        call(owner, "document/save_rows", one_row(&id, side, Uuid::now_v7(), &json!(0), &content)).await;
    }
    id
}

/// What our page sends for 暂存 of a new attachment.
fn claim(document: &Value, id: Uuid, name: &str, content: &[u8]) -> Value {
    let file = json!({ "name": name, "size": content.len(), "hash": sha256(content) });
    json!({ "request": {
        "document_id": document, "id": id, "base": 0, "content": { "att_type": "01" }, "file": file,
    } })
}

async fn listed(browser: &Browser, document: &Value) -> Vec<Value> {
    let listing = call(browser, "attachment/list", json!({ "document_id": document })).await;
    listing["rows"].as_array().unwrap().clone()
}

async fn get(browser: &Browser, path: &str) -> Answer {
    browser.send(browser.bare_request(Method::GET, path, Vec::new())).await
}

async fn download(browser: &Browser, row: &Value) -> Answer {
    get(browser, &format!("/api/attachments/{}/file", row["id"].as_str().unwrap())).await
}

fn text(answer: &Answer, name: header::HeaderName) -> String {
    answer.headers.get(name).map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

/// Names of the files in the store.
async fn stored(app: &TestApp) -> Vec<String> {
    let store = app.state.storage.store().unwrap();
    let files = store.list(Some(&"files".into())).map_ok(|file| file.location.to_string());
    files.try_collect().await.unwrap()
}

async fn version(browser: &Browser, document: &Value) -> i64 {
    call(browser, "document/get", json!({ "id": document })).await["meta"]["version"].as_i64().unwrap()
}
