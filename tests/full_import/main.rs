//! The largest import there is, on both databases. In a process of its own: it holds more memory than
//! the bound that the tests of hostile files (tests/it/sheet) measure in theirs.

#![cfg(feature = "ssr")]

#[path = "../support/mod.rs"]
mod support;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use opbook::sheet::{Cell, Column, Output, OutputSheet};
use serde_json::json;
use support::{TestApp, both_databases, rows_of};
use uuid::Uuid;

const ROWS: usize = 5_000;

fn sheet(name: &str, extra: &str) -> OutputSheet {
    let headings = ["商品料号", "商品编码", "申报计量单位", "申报数量", "申报单价", "币制", extra];
    let row = |row: usize| {
        let (material, quantity) = (format!("M-{row}"), row.to_string());
        [material.as_str(), "8542399000", "个", &quantity, "2.5", "USD", "1"].map(|text| Cell::Text(text.into())).into()
    };
    let columns = headings.map(|heading| Column::new(heading, 10)).into();
    OutputSheet { name: name.into(), columns, rows: (1..=ROWS).map(row).collect() }
}

#[tokio::test]
async fn two_full_lists_come_in_at_once() {
    // A year's goods of a large company: refused or cut, it would have to be typed.
    let sheets = vec![sheet("出口货物", "备注"), sheet("复进口货物", "境外加工费")];
    let file = Output { sheets }.write().unwrap();
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let id = Uuid::now_v7();
        let head = json!({ "operator_code": "3205246018", "processor_code": "4403160D52", "currency": "USD" });
        owner
            .call("document/save_head", json!({ "request": { "id": id, "kind": "filing", "base": 0, "head": head } }))
            .await;
        let request = Request::post(format!("/api/document/import_upload?document={id}&name=all.xlsx"))
            .header(header::HOST, "opbook.test")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(file.clone()))
            .unwrap();
        let report = owner.send(request).await.body;
        assert_eq!(report["plans"][0]["problem_count"], 0, "{}", report["plans"][0]["problems"][0]);
        let request = json!({ "id": report["id"], "base": report["base"], "mode": "append", "only_good": false });
        let (status, done) = owner.call("document/import_apply", json!({ "request": request })).await;
        assert_eq!((status, &done["added"]), (StatusCode::OK, &json!(2 * ROWS)), "{}", done["message"]);
        let (_, stored) = owner.call("document/get", json!({ "id": id })).await;
        let rows = |list: &str| rows_of(&stored, list).as_array().unwrap().len();
        assert_eq!((rows("exports"), rows("reimports")), (ROWS, ROWS));
        assert_eq!(rows_of(&stored, "exports")[ROWS - 1]["content"]["material_no"], format!("M-{ROWS}"));
        // 2.5 × (1 + … + 5000)
        assert_eq!(stored["head"]["export_total"], "31256250");
        assert_eq!(stored["head"]["reimport_count"], "5000");
        assert!(done["document"] == stored, "the answer is not what is stored");
        // On paper it would take the server's memory, and everybody's work with it.
        let request = Request::get(format!("/print/document/{id}")).header(header::HOST, "opbook.test");
        let refused = owner.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
        assert!(refused.body["message"]["zh"].as_str().unwrap().contains("最多打印3000项"), "{}", refused.body);
    }
}
