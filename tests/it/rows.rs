//! Many rows of a list at once, on both databases: all or none, nobody's work overwritten, a repeated
//! request harmless, a deleted row brought back as it was. Through every layer of the server.

use crate::support::{Browser, TestApp, both_databases, rows_of};
use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

fn goods(qty: &str) -> Value {
    json!({
        "hs_code": "8542399000", "goods_name": "集成电路", "spec_model": "A1", "declare_unit": "007",
        "legal_unit": "007", "qty": qty, "legal_qty": qty, "legal_qty2": "1", "unit_price": "2",
        "currency": "USD", "origin_country": "CHN", "dest_country": "VNM",
    })
}

fn put(id: Uuid, base: &Value, seq: i64, qty: &str) -> Value {
    json!({ "row_id": id, "base": base, "seq": seq, "content": goods(qty) })
}

async fn new_book(browser: &Browser) -> Uuid {
    let id = Uuid::now_v7();
    let head = json!({ "operator_code": "3205246018", "processor_code": "4403160D52", "currency": "USD" });
    let (status, body) = browser
        .call("document/save_head", json!({ "request": { "id": id, "kind": "filing", "base": 0, "head": head } }))
        .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    id
}

async fn save(browser: &Browser, book: Uuid, puts: Vec<Value>, removes: Vec<Value>) -> (StatusCode, Value) {
    let request = json!({ "document_id": book, "section": "exports", "puts": puts, "removes": removes });
    browser.call("document/save_rows", json!({ "request": request })).await
}

async fn exports(browser: &Browser, book: Uuid) -> (Value, Value) {
    let (_, body) = browser.call("document/get", json!({ "id": book })).await;
    (rows_of(&body, "exports").clone(), body["head"]["export_total"].clone())
}

#[tokio::test]
async fn all_rows_are_stored_or_none() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let browser = app.signed_in("donglan").await;
        let book = new_book(&browser).await;
        let ids: Vec<Uuid> = (0..3).map(|_| Uuid::now_v7()).collect();
        let good = |qty: &'static str| ids.iter().map(|id| put(*id, &json!(0), 0, qty)).collect::<Vec<_>>();
        let mut bad = good("1");
        bad[1]["content"]["qty"] = json!("twelve");
        let (status, body) = save(&browser, book, bad, Vec::new()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(exports(&browser, book).await.0, json!([]), "a part of a refused paste was stored");

        let (status, first) = save(&browser, book, good("1"), Vec::new()).await;
        assert_eq!(status, StatusCode::OK, "{first}");
        let seqs: Vec<_> = first["rows"].as_array().unwrap().iter().map(|row| row["seq"].clone()).collect();
        assert_eq!(seqs, [1, 2, 3]);
        let (rows, total) = exports(&browser, book).await;
        assert_eq!(total, "6");

        // The same request once more: its answer was lost.
        let (status, again) = save(&browser, book, good("1"), Vec::new()).await;
        assert_eq!((status, &again["meta"]), (StatusCode::OK, &first["meta"]));
        assert_eq!(exports(&browser, book).await, (rows, total));
    }
}

#[tokio::test]
async fn one_row_changed_by_somebody_else_keeps_all_out_and_is_named() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let browser = app.signed_in("donglan").await;
        let book = new_book(&browser).await;
        let ids: Vec<Uuid> = (0..3).map(|_| Uuid::now_v7()).collect();
        let puts = |base: &Value, qty: &str| ids.iter().map(|id| put(*id, base, 0, qty)).collect::<Vec<_>>();
        let (_, saved) = save(&browser, book, puts(&json!(0), "1"), Vec::new()).await;
        let base = &saved["rows"][0]["version"];

        let colleague = app.signed_in("donglan").await;
        save(&colleague, book, vec![put(ids[1], base, 0, "50")], Vec::new()).await;
        let before = exports(&browser, book).await;
        let (status, body) = save(&browser, book, puts(base, "9"), Vec::new()).await;
        assert_eq!(status, StatusCode::CONFLICT, "{body}");
        assert!(body["message"]["zh"].as_str().unwrap().contains("第2项已被他人修改"), "{body}");
        assert_eq!(body["differences"][0]["pointer"], "exports[2].qty");
        let gone = ids.iter().map(|id| json!({ "row_id": id, "base": base })).collect();
        let (status, body) = save(&browser, book, Vec::new(), gone).await;
        assert_eq!(status, StatusCode::CONFLICT, "{body}");
        assert_eq!(exports(&browser, book).await, before, "somebody's work was overwritten");

        save(&colleague, book, Vec::new(), vec![json!({ "row_id": ids[0], "base": base })]).await;
        let (status, body) = save(&browser, book, vec![put(ids[0], base, 0, "9")], Vec::new()).await;
        assert_eq!(status, StatusCode::CONFLICT, "a row deleted by somebody else came back: {body}");
    }
}

#[tokio::test]
async fn deleted_rows_come_back_under_their_numbers() {
    // Re-imports name export items by number: undoing a deletion must not renumber them.
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let browser = app.signed_in("donglan").await;
        let book = new_book(&browser).await;
        let ids: Vec<Uuid> = (0..4).map(|_| Uuid::now_v7()).collect();
        let puts = ids.iter().map(|id| put(*id, &json!(0), 0, "1")).collect();
        let (_, saved) = save(&browser, book, puts, Vec::new()).await;
        let base = &saved["rows"][0]["version"];
        let gone = [1, 3].map(|at| json!({ "row_id": ids[at], "base": base })).to_vec();
        let (status, body) = save(&browser, book, Vec::new(), gone.clone()).await;
        assert_eq!((status, &body["head"]["export_total"]), (StatusCode::OK, &json!("4")), "{body}");
        assert_eq!(save(&browser, book, Vec::new(), gone).await.1["meta"], body["meta"], "gone already");

        let back = vec![put(ids[3], &json!(0), 4, "1"), put(ids[1], &json!(0), 2, "1")];
        let (status, body) = save(&browser, book, back, Vec::new()).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let seq_of = |row: &Value| row["seq"].as_i64().unwrap();
        let seqs: Vec<_> = exports(&browser, book).await.0.as_array().unwrap().iter().map(seq_of).collect();
        assert_eq!(seqs, [1, 2, 3, 4]);

        // A number somebody else has by now is not given twice.
        let (_, body) = save(&browser, book, vec![put(Uuid::now_v7(), &json!(0), 2, "1")], Vec::new()).await;
        assert_eq!(seq_of(&body["rows"][0]), 5);
    }
}

#[tokio::test]
async fn a_whole_list_fits_into_one_call_and_no_more() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let browser = app.signed_in("donglan").await;
        let book = new_book(&browser).await;
        let puts: Vec<_> = (0..5000).map(|_| put(Uuid::now_v7(), &json!(0), 0, "1")).collect();
        let (status, body) = save(&browser, book, puts.clone(), Vec::new()).await;
        assert_eq!(status, StatusCode::OK, "{}", body["message"]);
        assert_eq!(body["head"]["export_total"], "10000");
        let (status, body) = save(&browser, book, vec![put(Uuid::now_v7(), &json!(0), 0, "1")], Vec::new()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");

        // A row of this book is not another's to take.
        let other = new_book(&browser).await;
        let id: Uuid = puts[0]["row_id"].as_str().unwrap().parse().unwrap();
        let (status, _) = save(&browser, other, vec![put(id, &json!(0), 0, "2")], Vec::new()).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(exports(&browser, other).await.0, json!([]));
    }
}

#[tokio::test]
async fn thousands_of_faults_are_told_with_their_number() {
    // Pasted from a sheet in the wrong order: who is only told that the server cannot looks for the fault elsewhere.
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let browser = app.signed_in("donglan").await;
        let book = new_book(&browser).await;
        let mut puts: Vec<_> = (0..5000).map(|at| put(Uuid::now_v7(), &json!(0), at, "1")).collect();
        for put in &mut puts {
            put["content"]["qty"] = json!("twelve");
            put["content"]["unit_price"] = json!("cheap");
        }
        let (status, body) = save(&browser, book, puts, Vec::new()).await;
        assert_eq!((status, &body["kind"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("refused")));
        let findings = body["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1000);
        assert_eq!(findings[0]["pointer"], "exports[0].qty");
        let message = body["message"]["zh"].as_str().unwrap();
        assert!(message.contains("共10000处") && message.contains("前1000处"), "{message}");
    }
}

#[tokio::test]
async fn a_copy_made_while_somebody_saves_adds_up() {
    // Head and rows of two moments: the total of the new filing would not be the sum of its goods.
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let (browser, other) = (app.signed_in("donglan").await, app.signed_in("donglan").await);
        let book = new_book(&browser).await;
        for round in 0..3 {
            let many = (0..80).map(|_| put(Uuid::now_v7(), &json!(0), 0, "3")).collect();
            let copies: Vec<Uuid> = (0..3).map(|_| Uuid::now_v7()).collect();
            let copying = async {
                for id in &copies {
                    let request = json!({ "request": { "from": book, "id": id } });
                    let (status, body) = other.call("document/copy", request).await;
                    assert_eq!(status, StatusCode::OK, "{body}");
                }
            };
            let ((status, body), ()) = tokio::join!(save(&browser, book, many, Vec::new()), copying);
            assert_eq!(status, StatusCode::OK, "{body}");
            for id in copies {
                let (rows, total) = exports(&browser, id).await;
                let rows = rows.as_array().unwrap().len();
                assert!([round * 80, (round + 1) * 80].contains(&rows), "{rows} rows");
                assert_eq!(total, (rows * 6).to_string());
            }
        }
    }
}
