//! Replacing rows by a file: what the file does not speak of stays, and each row
//! is meant once.

use super::*;

/// A book of three rows with everything filled in.
async fn filled(owner: &Browser) -> (Uuid, Value) {
    let id = new_book(owner).await;
    let report = report(owner, id, "company.xlsx").await;
    let (status, done) = apply(owner, &report, "append", false).await;
    assert_eq!(status, StatusCode::OK, "{done}");
    (id, done["document"].clone())
}

async fn csv(owner: &Browser, id: Uuid, text: &str) -> Value {
    let (status, body) = upload(owner, id, "出口货物.csv", text.as_bytes().to_vec()).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body
}

/// The totals of a head beside the sum of its rows.
fn assert_sums(book: &Value) {
    let total: rust_decimal::Decimal = rows_of(book, "exports")
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["content"]["total_price"].as_str()?.parse::<rust_decimal::Decimal>().ok())
        .sum();
    let head: rust_decimal::Decimal = book["head"]["export_total"].as_str().unwrap().parse().unwrap();
    assert_eq!(head, total, "{}", book["head"]);
}

#[tokio::test]
async fn a_file_of_three_columns_replaces_three_fields() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let (id, before) = filled(&owner).await;
        let text = "商品料号,商品编码,申报数量\nA-1,8542399000,7\nNEW,8542399000,1\n";
        let report = csv(&owner, id, text).await;
        let chosen = plan(&report, "by_material");
        assert_eq!((&chosen["counts"][0]["replaced"], &chosen["counts"][0]["added"]), (&json!(1), &json!(1)));
        // Only the new row lacks what the file has no column for.
        let hints = |mode| plan(&report, mode)["hints"].as_array().unwrap().iter().map(|hint| hint["row"].clone());
        assert!(hints("by_material").all(|row| row == 3), "{}", chosen["hints"]);
        assert!(hints("append").any(|row| row == 2));

        let (status, done) = apply(&owner, &report, "by_material", false).await;
        assert_eq!(status, StatusCode::OK, "{done}");
        let (was, is) =
            (&rows_of(&before, "exports")[0]["content"], &rows_of(&done["document"], "exports")[0]["content"]);
        // What was counted in the same unit goes on following the quantity, the price was never in the file.
        for (key, value) in [("qty", "7"), ("legal_qty", "7"), ("total_price", "17.5"), ("unit_price", "2.5")] {
            assert_eq!(is[key], value, "{key}");
        }
        for (key, value) in was.as_object().unwrap() {
            if !["qty", "legal_qty", "total_price"].contains(&key.as_str()) {
                assert_eq!(&is[key], value, "{key} was not in the file and is lost");
            }
        }
        assert_sums(&done["document"]);
        assert_eq!(book(&owner, id).await, done["document"]);
        // Once more it changes nothing.
        let again = csv(&owner, id, text).await;
        assert_eq!(plan(&again, "by_material")["counts"][0]["unchanged"], 2, "{}", plan(&again, "by_material"));
    }
}

#[tokio::test]
async fn what_stands_in_the_book_is_checked_with_what_is_put_over_it() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let (id, before) = filled(&owner).await;
        // A value that no rule of today would take came in with an earlier version.
        let row = json!({ "hs_code": "8542399000", "material_no": "A-1", "currency": "QQQ" }).to_string();
        let mut tx = app.state.db.begin().await.unwrap();
        let sql = "UPDATE document_row SET content = $1 WHERE section = 'exports' AND seq = 1 AND document_id = $2";
        sqlx::query(sql).bind(row).bind(id.to_string()).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let report = csv(&owner, id, "商品料号,商品编码,申报数量\nA-1,8542399000,7\nA-2,8542399000,8\n").await;
        let chosen = plan(&report, "by_material");
        assert_eq!((&chosen["counts"][0]["bad"], &chosen["counts"][0]["replaced"]), (&json!(1), &json!(1)));
        assert!(chosen["problems"][0]["reason"]["zh"].as_str().unwrap().contains("币制"), "{}", chosen["problems"]);
        let (_, done) = apply(&owner, &report, "by_material", true).await;
        assert_eq!((&done["replaced"], &done["left"]), (&json!(1), &json!(1)), "the report said so");
        assert_eq!(rows_of(&done["document"], "exports")[2], rows_of(&before, "exports")[2]);
    }
}

#[tokio::test]
async fn a_number_written_twice_in_two_ways_is_one_row() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let (id, _) = filled(&owner).await;
        let text = "商品序号,商品编码,申报数量\n1,8542399000,7\n01,8542399000,8\n+1,8542399000,9\n2,8542399000,5\n";
        let report = csv(&owner, id, text).await;
        let chosen = plan(&report, "by_seq");
        assert_eq!((&chosen["counts"][0]["replaced"], &chosen["counts"][0]["bad"]), (&json!(2), &json!(2)));
        assert_eq!(chosen["replaces"], json!([["exports", [1, 2]]]));
        assert!(problems(chosen).iter().all(|problem| problem.2.contains("与第2行相同")), "{:?}", problems(chosen));
        let (status, done) = apply(&owner, &report, "by_seq", true).await;
        assert_eq!(status, StatusCode::OK, "{done}");
        assert_eq!(rows_of(&done["document"], "exports")[0]["content"]["qty"], "7");
        assert_sums(&done["document"]);
    }
}
