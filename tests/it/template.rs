//! Templates and copies on both databases, through HTTP: what an enterprise kept for later must come
//! back as it was, only for itself, and never twice.

use crate::support::{Browser, TestApp, both_databases, one_row, paper, rows_of};
use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

const OWNER: &str = "3205246018";

async fn done(browser: &Browser, path: &str, input: Value) -> Value {
    let (status, body) = browser.call(path, input).await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    body
}

async fn new_book(browser: &Browser) -> Uuid {
    let id = Uuid::now_v7();
    let head = json!({
        "operator_code": OWNER, "processor_code": "4403160D52", "declarant_code": OWNER, "declarant_type": "1",
        "master_customs": "5301", "contract_no": "HT-2026-01", "foreign_processor_name": "Mekong Assembly",
        "process_country": "VNM", "currency": "USD", "contact_name": "沈知远", "contact_mobile": "13800138000",
        "process_desc": "境外贴装、测试后复运进境", "valid_to": "",
    });
    done(browser, "document/save_head", json!({ "request": { "id": id, "kind": "filing", "base": 0, "head": head } }))
        .await;
    id
}

/// Adds an exported row and answers its id.
async fn add(browser: &Browser, book: Uuid, material: &str, qty: &str) -> Uuid {
    let id = Uuid::now_v7();
    let row = json!({
        "material_no": material, "hs_code": "8542399000", "goods_name": "集成电路", "spec_model": "A1",
        "declare_unit": "007", "legal_unit": "007", "qty": qty, "legal_qty": qty, "legal_qty2": qty,
        "unit_price": "2.5", "currency": "USD", "origin_country": "CHN", "dest_country": "VNM",
    });
    done(browser, "document/save_rows", one_row(book, "exports", id, &json!(0), &row)).await;
    id
}

async fn book_of(browser: &Browser, id: Uuid) -> Value {
    done(browser, "document/get", json!({ "id": id })).await
}

fn keep(section: &str, name: &str, book: Uuid) -> Value {
    let naming = json!({ "section": section, "name": name });
    json!({ "request": { "id": Uuid::now_v7(), "naming": naming, "document": book, "rows": [], "replace": false } })
}

fn with(mut input: Value, key: &str, value: Value) -> Value {
    input["request"][key] = value;
    input
}

/// Id of the template of this name.
async fn id_of(browser: &Browser, name: &str) -> Value {
    let list = done(browser, "document/template_list", json!({ "kind": "filing" })).await;
    list.as_array().unwrap().iter().find(|one| one["name"] == name).map(|one| one["id"].clone()).unwrap()
}

#[tokio::test]
async fn rows_come_back_as_they_were_and_the_totals_follow() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let book = new_book(&owner).await;
        let first = add(&owner, book, "M1", "10").await;
        add(&owner, book, "M2", "4").await;
        done(&owner, "document/template_save", keep("exports", "全部芯片", book)).await;
        done(&owner, "document/template_save", with(keep("exports", "只要一行", book), "rows", json!([first]))).await;
        let list = done(&owner, "document/template_list", json!({ "kind": "filing" })).await;
        let rows: Vec<_> = list.as_array().unwrap().iter().map(|one| one["rows"].as_i64().unwrap()).collect();
        assert_eq!(rows.iter().sum::<i64>(), 3, "{list}");

        let other = new_book(&owner).await;
        add(&owner, other, "M0", "1").await;
        let base = book_of(&owner, other).await["meta"]["version"].clone();
        let template = id_of(&owner, "全部芯片").await;
        let insert = json!({ "request": { "template": template, "document": other, "base": base } });
        let now = done(&owner, "document/template_insert", insert.clone()).await;
        let materials: Vec<_> =
            rows_of(&now, "exports").as_array().unwrap().iter().map(|row| &row["content"]["material_no"]).collect();
        assert_eq!(materials, ["M0", "M1", "M2"]);
        assert_eq!(rows_of(&now, "exports")[2]["seq"], 3, "numbers go on where the list ended");
        assert_eq!((&now["head"]["export_total"], &now["head"]["export_count"]), (&json!("37.5"), &json!("3")));
        assert_eq!(now, book_of(&owner, other).await);

        // The answer was lost and the browser asks again.
        assert_eq!(done(&owner, "document/template_insert", insert.clone()).await, now, "nothing was added twice");
        // A version from which nobody used a template is no repetition.
        let (status, body) = owner.call("document/template_insert", with(insert, "base", json!(1))).await;
        assert_eq!(status, StatusCode::CONFLICT, "{body}");
        assert_eq!(rows_of(&book_of(&owner, other).await, "exports").as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_head_comes_back_without_what_was_of_one_book() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let book = new_book(&owner).await;
        done(&owner, "document/template_save", keep("head", "湄公河", book)).await;
        let head = done(&owner, "document/template_head", json!({ "id": id_of(&owner, "湄公河").await })).await;
        assert_eq!(head["foreign_processor_name"], "Mekong Assembly");
        for own in ["internal_no", "seq_no", "book_no", "valid_to", "input_date", "operator_name"] {
            assert_eq!(head[own].as_str().unwrap_or_default(), "", "{own}");
        }
    }
}

#[tokio::test]
async fn a_name_is_replaced_only_when_asked_and_a_bad_one_is_told_at_its_field() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let book = new_book(&owner).await;
        let (status, body) = owner.call("document/template_save", keep("exports", "芯片", book)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "an empty list is no template: {body}");
        add(&owner, book, "M1", "10").await;
        done(&owner, "document/template_save", keep("exports", "芯片", book)).await;
        add(&owner, book, "M2", "10").await;
        let again = keep("exports", " 芯片 ", book);
        let (status, body) = owner.call("document/template_save", again.clone()).await;
        assert_eq!(status, StatusCode::CONFLICT, "{body}");
        assert!(body["message"]["zh"].as_str().unwrap().contains("替换"));
        done(&owner, "document/template_save", with(again, "replace", json!(true))).await;
        let list = done(&owner, "document/template_list", json!({ "kind": "filing" })).await;
        assert_eq!(list.as_array().unwrap().len(), 1);
        assert_eq!(list[0]["rows"], 2);

        for name in ["", &"长".repeat(51)] {
            let (status, body) = owner.call("document/template_save", keep("exports", name, book)).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {body}");
            assert_eq!(body["findings"][0]["pointer"], "template.name");
        }
    }
}

#[tokio::test]
async fn templates_of_another_enterprise_are_not_there() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let (owner, stranger) = (app.signed_in("donglan").await, app.signed_in("haihe").await);
        let book = new_book(&owner).await;
        add(&owner, book, "M1", "10").await;
        done(&owner, "document/template_save", keep("exports", "芯片", book)).await;
        let id = id_of(&owner, "芯片").await;
        assert_eq!(done(&stranger, "document/template_list", json!({ "kind": "filing" })).await, json!([]));
        let (status, _) = stranger.call("document/template_delete", json!({ "id": id })).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        // By the id of a template that is not theirs, and out of a book that is not theirs.
        let (status, _) = stranger.call("document/template_save", with(keep("exports", "偷", book), "id", id)).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(
            done(&owner, "document/template_list", json!({ "kind": "filing" })).await.as_array().unwrap().len(),
            1
        );
    }
}

#[tokio::test]
async fn a_template_does_not_change_what_customs_has() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let book = new_book(&owner).await;
        add(&owner, book, "M1", "10").await;
        done(&owner, "document/template_save", keep("exports", "芯片", book)).await;
        app.execute("UPDATE document SET status = 'B'").await;
        let base = book_of(&owner, book).await["meta"]["version"].clone();
        let insert = json!({ "template": id_of(&owner, "芯片").await, "document": book, "base": base });
        let (status, body) = owner.call("document/template_insert", json!({ "request": insert })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(rows_of(&book_of(&owner, book).await, "exports").as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_copy_takes_its_papers_along_only_when_asked() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let book = new_book(&owner).await;
        let paper = owner.attach(&json!(book), "01", "HT-2026-01.pdf", &paper(b"contract")).await;
        for (wanted, count) in [(false, 0), (true, 1)] {
            let id = Uuid::now_v7();
            let copy = json!({ "request": { "from": book, "id": id, "attachments": wanted } });
            let answer = done(&owner, "document/copy", copy.clone()).await;
            assert_eq!((&answer["attachments"], &answer["trouble"]), (&json!(count), &Value::Null));
            // The same request again copies nothing twice.
            assert_eq!(done(&owner, "document/copy", copy).await["attachments"], count);
            let rows = done(&owner, "attachment/list", json!({ "document_id": id })).await["rows"].clone();
            assert_eq!(rows.as_array().unwrap().len(), count);
            if wanted {
                assert_eq!(rows[0]["content"]["hash"], paper["content"]["hash"]);
                assert_ne!(rows[0]["id"], paper["id"]);
                // The file is its own: deleting the source costs the copy nothing.
                let version = book_of(&owner, book).await["meta"]["version"].clone();
                done(&owner, "document/delete", json!({ "step": { "id": book, "base": version } })).await;
                let answer = owner.send(owner.bare_request(
                    axum::http::Method::GET,
                    &opbook::attachment::api::file_address(rows[0]["id"].as_str().unwrap().parse().unwrap()),
                    Vec::new(),
                ));
                assert_eq!(answer.await.status, StatusCode::OK);
            }
        }
    }
}
