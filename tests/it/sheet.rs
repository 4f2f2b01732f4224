//! 导入: workbooks of other tools through the whole server, on both databases. What a company would
//! lose if one of these failed: rows, the meaning of a row, or the trust that nothing is half imported.

mod hostile;
mod office;
mod replace;
mod server;
mod template;

use crate::support::{Browser, TestApp, both_databases, one_row, rows_of};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use uuid::Uuid;

const OWNER: &str = "3205246018";

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/sheets/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A draft of the owner without rows.
async fn new_book(owner: &Browser) -> Uuid {
    let id = Uuid::now_v7();
    let head = json!({ "operator_code": OWNER, "processor_code": "4403160D52", "currency": "USD" });
    let (status, body) = owner
        .call("document/save_head", json!({ "request": { "id": id, "kind": "filing", "base": 0, "head": head } }))
        .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    id
}

async fn book(owner: &Browser, id: Uuid) -> Value {
    let (status, body) = owner.call("document/get", json!({ "id": id })).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body
}

async fn upload(browser: &Browser, book: Uuid, name: &str, bytes: Vec<u8>) -> (StatusCode, Value) {
    let name: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let request = Request::post(format!("/api/document/import_upload?document={book}&name={name}&section=exports"))
        .header(header::HOST, "opbook.test")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(bytes))
        .unwrap();
    let answer = browser.send(request).await;
    (answer.status, answer.body)
}

async fn report(browser: &Browser, book: Uuid, name: &str) -> Value {
    let (status, body) = upload(browser, book, name, fixture(name)).await;
    assert_eq!(status, StatusCode::OK, "{name}: {body}");
    body
}

/// The plan of a mode.
fn plan<'a>(report: &'a Value, mode: &str) -> &'a Value {
    report["plans"].as_array().unwrap().iter().find(|plan| plan["mode"] == mode).unwrap()
}

async fn apply(browser: &Browser, report: &Value, mode: &str, only_good: bool) -> (StatusCode, Value) {
    let request = json!({ "id": report["id"], "base": report["base"], "mode": mode, "only_good": only_good });
    browser.call("document/import_apply", json!({ "request": request })).await
}

async fn download(browser: &Browser, address: &str) -> (StatusCode, Vec<u8>, String) {
    let answer =
        browser.send(Request::get(address).header(header::HOST, "opbook.test").body(Body::empty()).unwrap()).await;
    let name = answer.headers.get(header::CONTENT_DISPOSITION).map(|value| value.to_str().unwrap().to_owned());
    (answer.status, answer.bytes, name.unwrap_or_default())
}

fn problems(plan: &Value) -> Vec<(u64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let one =
        |problem: &Value| (problem["row"].as_u64().unwrap(), text(&problem["column"]), text(&problem["reason"]["zh"]));
    plan["problems"].as_array().unwrap().iter().map(one).collect()
}

#[tokio::test]
async fn a_company_imports_its_own_workbook() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let id = new_book(&owner).await;
        let report = report(&owner, id, "company.xlsx").await;
        assert_eq!(problems(plan(&report, "append")), []);
        let notes = report["notes"].to_string();
        assert!(notes.contains("我司备注") && notes.contains("说明"), "{notes}");
        // Nothing is in the book before the user decides.
        assert_eq!(rows_of(&book(&owner, id).await, "exports"), &json!([]));

        let (status, done) = apply(&owner, &report, "append", false).await;
        assert_eq!(status, StatusCode::OK, "{done}");
        assert_eq!((&done["added"], &done["left"]), (&json!(5), &json!(0)));
        let stored = book(&owner, id).await;
        assert_eq!(done["document"], stored);

        let row = |list: &str, at: usize| rows_of(&stored, list)[at]["content"].clone();
        let first = row("exports", 0);
        assert_eq!(rows_of(&stored, "exports")[0]["seq"], 1);
        for (key, value) in [
            ("material_no", "A-1"),
            ("hs_code", "8542399000"),
            ("declare_unit", "007"),
            ("qty", "1000"),
            ("legal_qty", "1000"),
            ("legal_qty2", "3.5"),
            ("unit_price", "2.5"),
            ("total_price", "2500"),
            ("currency", "USD"),
            ("origin_country", "CHN"),
            ("dest_country", "VNM"),
            ("levy_mode", "3"),
        ] {
            assert_eq!(first[key], value, "{key}");
        }
        assert_eq!(row("exports", 1)["qty"], "1500");
        assert_eq!(row("exports", 2)["goods_name"], "集成 电路");
        assert_eq!(row("exports", 2)["remark"], "=1+1");
        assert_eq!(row("exports", 2)["declare_unit"], "007");
        assert_eq!(row("reimports", 0)["original_value"], "1250");
        assert_eq!(row("reimports", 0)["dutiable_value"], "126");
        assert_eq!(row("reimports", 1)["unit_price"], "3.25");
        // 1000 × 2.5 + 1500 × 2.5 + 12 × 2.5, and 5 × 3 + 7 × 3.25
        assert_eq!((&stored["head"]["export_total"], &stored["head"]["export_count"]), (&json!("6280"), &json!("3")));
        assert_eq!(stored["head"]["reimport_total"], "37.75");

        // A lost answer: the same request again gives the same result and adds nothing.
        let (status, again) = apply(&owner, &report, "append", false).await;
        assert_eq!((status, again), (StatusCode::OK, done));
        // The same file again: nothing to import, in the words of the official system.
        let second = self::report(&owner, id, "company.xlsx").await;
        assert_eq!(plan(&second, "append")["counts"][0]["unchanged"], 3);
        let (status, refused) = apply(&owner, &second, "append", false).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused["message"]["zh"].as_str().unwrap().starts_with("存在重复数据！"));
        assert_eq!(book(&owner, id).await, stored);
    }
}

#[tokio::test]
async fn numbers_get_their_zeros_back_and_no_stray_digits() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let id = new_book(&owner).await;
        let report = report(&owner, id, "numbers.xlsx").await;
        // Two thirds have more digits than customs takes: rounded, and said.
        let plan = plan(&report, "append");
        assert_eq!(problems(plan), []);
        let notice = &plan["notices"][0];
        assert_eq!((&notice["row"], &notice["column"], &plan["notice_count"]), (&json!(2), &json!("G"), &json!(1)));
        assert!(notice["reason"]["zh"].as_str().unwrap().contains("修约为0.66667"), "{notice}");
        let (_, done) = apply(&owner, &report, "append", false).await;
        let rows = rows_of(&done["document"], "exports");
        let first = [("hs_code", "0101210090"), ("qty", "0.3"), ("legal_qty", "0.66667"), ("origin_country", "CHN")];
        let second = [("hs_code", "8542399000"), ("declare_unit", "007"), ("qty", "1234567.891"), ("currency", "USD")];
        for (row, key, value) in
            first.map(|(key, value)| (0, key, value)).iter().chain(&second.map(|(key, value)| (1, key, value)))
        {
            assert_eq!(&rows[*row]["content"][*key], value, "{key}");
        }
    }
}

#[tokio::test]
async fn every_fault_is_named_by_its_cell_and_can_be_mended_and_imported_again() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let id = new_book(&owner).await;
        let report = report(&owner, id, "bad.xlsx").await;
        let found = problems(plan(&report, "append"));
        let want = [
            (3, "B", "科学计数法"),
            (4, "B", "不在商品编码表中"),
            (5, "F", "千位分隔符"),
            (6, "F", "不能为0"),
            (7, "E", "不在计量单位表中"),
            (8, "D", "最多512个字"),
            (9, "J", "不在币制表中"),
            (9, "K", "不在国别"),
            (10, "B", "不能为空"),
            (11, "I", "格式错误"),
            (13, "C", "公式没有计算结果"),
        ];
        assert_eq!(found.len(), want.len(), "{found:#?}");
        for (row, column, reason) in want {
            let hit = found.iter().any(|one| one.0 == row && one.1 == column && one.2.contains(reason));
            assert!(hit, "{row} {column} {reason}: {found:#?}");
        }
        // One bad row keeps all out, unless the user says otherwise.
        let (status, refused) = apply(&owner, &report, "append", false).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused["message"]["zh"].as_str().unwrap().contains("10行有误"), "{refused}");
        assert_eq!(rows_of(&book(&owner, id).await, "exports"), &json!([]));
        let (_, done) = apply(&owner, &report, "append", true).await;
        assert_eq!((&done["added"], &done["left"]), (&json!(2), &json!(10)));

        // The bad rows come back as they were, with the reason; unmended they are refused again.
        let address = format!("/api/document/import_returned?id={}&mode=append", report["id"].as_str().unwrap());
        let (status, bytes, name) = download(&owner, &address).await;
        assert_eq!(status, StatusCode::OK);
        assert!(name.contains("filename*=UTF-8''"), "{name}");
        let returned = opbook::sheet::open(&bytes, &[]).unwrap().sheets.remove(0);
        assert_eq!(returned.rows.len(), 11);
        assert_eq!(returned.rows[0].cells.last().unwrap().shown(), "失败原因");
        assert!(returned.rows[1].cells.last().unwrap().shown().contains("第3行：商品编码："));
        let (_, second) = upload(&owner, id, "bad-有误的行.xlsx", bytes).await;
        assert_eq!(plan(&second, "append")["counts"][0]["bad"], 10, "{second:#}");
        assert_eq!(second["notes"], json!([]), "the reason is no unknown column");
    }
}

#[tokio::test]
async fn dates_formulas_and_merged_cells_are_never_guessed() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let id = new_book(&owner).await;
        for name in ["date1900.xlsx", "date1904.xlsx", "old.xls"] {
            let report = report(&owner, id, name).await;
            let plan = plan(&report, "append");
            let found = plan["problems"].as_array().unwrap();
            assert_eq!(found.len(), 1, "{name}: {found:#?}");
            // The same day, though the files count from different years.
            assert_eq!((&found[0]["column"], &found[0]["value"]), (&json!("D"), &json!("2026-03-04")), "{name}");
            assert!(found[0]["reason"]["zh"].as_str().unwrap().contains("变成日期"));
            assert_eq!(plan["counts"][0]["added"], 1, "{name}");
        }
        let unsaved = report(&owner, id, "formulas-unsaved.xlsx").await;
        assert_eq!(problems(plan(&unsaved, "append")).len(), 3);
        let saved = report(&owner, id, "formulas.xlsx").await;
        assert_eq!(problems(plan(&saved, "append")), []);
        assert!(saved["notes"][0]["zh"].as_str().unwrap().contains("3个公式"), "{}", saved["notes"]);
        let (_, done) = apply(&owner, &saved, "append", false).await;
        let first = &rows_of(&done["document"], "exports")[0]["content"];
        assert_eq!((&first["qty"], &first["goods_name"]), (&json!("10"), &json!("集成电路")));

        let merged = report(&owner, id, "merged.xlsx").await;
        let found = problems(plan(&merged, "append"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].0, found[0].1.as_str()), (4, "C"));
        assert!(found[0].2.contains("合并单元格"));
    }
}

#[tokio::test]
async fn csv_of_every_encoding_is_the_same_file() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let mut contents = Vec::new();
        for name in ["utf8.csv", "bom.csv", "gb18030.csv"] {
            let id = new_book(&owner).await;
            let report = report(&owner, id, name).await;
            let (status, done) = apply(&owner, &report, "append", false).await;
            assert_eq!(status, StatusCode::OK, "{name}: {done}");
            contents.push(
                [
                    &rows_of(&done["document"], "exports")[0]["content"],
                    &rows_of(&done["document"], "exports")[1]["content"],
                ]
                .map(Clone::clone),
            );
        }
        assert_eq!(contents[0][0]["qty"], "1000");
        assert_eq!(contents[0][1]["goods_name"], "䥽𠮷电路");
        assert!(contents.iter().all(|content| *content == contents[0]));
    }
}

#[tokio::test]
async fn what_is_replaced_is_shown_first_and_nothing_else_is_touched() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let id = new_book(&owner).await;
        let first = report(&owner, id, "company.xlsx").await;
        apply(&owner, &first, "append", false).await;
        let before = book(&owner, id).await;
        let counts = |report: &Value, mode: &str| {
            let counts = &plan(report, mode)["counts"][0];
            ["added", "replaced", "unchanged", "bad"].map(|key| counts[key].as_u64().unwrap())
        };

        let report = self::report(&owner, id, "replace.xlsx").await;
        assert_eq!(counts(&report, "append"), [4, 0, 0, 0]);
        assert_eq!(counts(&report, "by_material"), [1, 2, 0, 1]);
        assert_eq!(counts(&report, "by_seq"), [1, 2, 0, 1]);
        // Which ones, not only how many: somebody's work is overwritten.
        assert_eq!(plan(&report, "by_material")["replaces"], json!([["exports", [1, 2]]]));
        assert_eq!(plan(&report, "append")["replaces"], json!([]));
        assert!(problems(plan(&report, "by_seq"))[0].2.contains("没有商品序号9"));

        let (_, done) = apply(&owner, &report, "by_material", true).await;
        let after = done["document"].clone();
        let row = |book: &Value, at: usize| rows_of(book, "exports")[at].clone();
        assert_eq!(
            (row(&after, 0)["id"].clone(), row(&after, 0)["seq"].clone()),
            (row(&before, 0)["id"].clone(), json!(1))
        );
        assert_eq!(row(&after, 0)["content"]["qty"], "11");
        assert_eq!(row(&after, 1)["content"]["qty"], "22");
        assert_eq!(row(&after, 2), row(&before, 2), "not in the file");
        assert_eq!((&row(&after, 3)["seq"], &row(&after, 3)["content"]["material_no"]), (&json!(4), &json!("A-9")));
        assert_eq!(rows_of(&after, "reimports"), rows_of(&before, "reimports"));
        // (11 + 22 + 12 + 10) × 2.5
        assert_eq!(after["head"]["export_total"], "137.5");
        // What a list says of itself is the sum of its rows, whichever way they came.
        let none = self::report(&owner, id, "plain-sheet.xlsx").await;
        assert!(plan(&none, "by_seq")["impossible"]["zh"].as_str().unwrap().contains("没有“商品序号”列"));
        let (status, body) = apply(&owner, &none, "by_seq", true).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}

#[tokio::test]
async fn nobody_imports_into_what_they_have_not_seen() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let id = new_book(&owner).await;
        let first = report(&owner, id, "one.xlsx").await;
        let row = json!({ "hs_code": "8542399000", "material_no": "X-1" });
        owner.call("document/save_rows", one_row(id, "exports", Uuid::now_v7(), &json!(0), &row)).await;
        let before = book(&owner, id).await;
        let (status, body) = apply(&owner, &first, "append", true).await;
        assert_eq!((status, &body["kind"]), (StatusCode::CONFLICT, &json!("conflict")));
        assert_eq!(book(&owner, id).await, before);
        let (status, second) = owner.call("document/import_review", json!({ "id": first["id"] })).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(plan(&second, "by_material")["counts"][0]["replaced"], 1);
        let (status, _) = apply(&owner, &second, "by_material", false).await;
        assert_eq!(status, StatusCode::OK);

        // Two at once with the same report: one gets in, and the other's rows are not lost half-way.
        let report = report(&owner, id, "utf8.csv").await;
        let other = app.signed_in("donglan").await;
        let (one, two) = tokio::join!(apply(&owner, &report, "append", false), apply(&other, &report, "append", false));
        assert_eq!((one.0, two.0), (StatusCode::OK, StatusCode::OK));
        assert_eq!(rows_of(&one.1["document"], "exports").as_array().unwrap().len(), 3);
        assert_eq!(one.1, two.1);
    }
}

#[tokio::test]
async fn a_stopped_import_is_either_not_begun_or_whole() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let stop = async |report: &Value| owner.call("document/import_cancel", json!({ "id": report["id"] })).await;
        let id = new_book(&owner).await;
        let report = self::report(&owner, id, "company.xlsx").await;
        assert_eq!(stop(&report).await, (StatusCode::OK, json!(false)));
        assert_eq!(apply(&owner, &report, "append", false).await.0, StatusCode::NOT_FOUND);
        assert_eq!(rows_of(&book(&owner, id).await, "exports"), &json!([]));
        // At once: whichever comes first, the answer to 停止 says which, and it is true.
        for _ in 0..6 {
            let id = new_book(&owner).await;
            let report = self::report(&owner, id, "company.xlsx").await;
            let (applied, stopped) = tokio::join!(apply(&owner, &report, "append", false), stop(&report));
            let rows = rows_of(&book(&owner, id).await, "exports").as_array().unwrap().len();
            assert_eq!(stopped, (StatusCode::OK, json!(rows == 3)), "{rows} rows, {applied:?}");
            // Too late: the same request brings the result once more.
            let (status, again) = apply(&owner, &report, "append", false).await;
            assert_eq!(status, if rows == 3 { StatusCode::OK } else { StatusCode::NOT_FOUND }, "{again}");
        }
    }
}

#[tokio::test]
async fn a_draft_comes_first_and_a_declared_book_takes_no_rows() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let (status, body) = upload(&owner, Uuid::now_v7(), "one.xlsx", fixture("one.xlsx")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(body["message"]["zh"].as_str().unwrap().contains("请先暂存表头"));

        let id = new_book(&owner).await;
        let report = report(&owner, id, "one.xlsx").await;
        app.execute("UPDATE document SET status = '4'").await;
        for (status, body) in
            [upload(&owner, id, "one.xlsx", fixture("one.xlsx")).await, apply(&owner, &report, "append", true).await]
        {
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(body["message"]["zh"].as_str().unwrap().contains("成功发送海关"), "{body}");
        }
        app.execute("UPDATE document SET status = '0'").await;
        app.execute("UPDATE pending_import SET expires_at = '2020-01-01T00:00:00.000Z'").await;
        assert_eq!(apply(&owner, &report, "append", true).await.0, StatusCode::NOT_FOUND, "over after two hours");
    }
}

#[tokio::test]
async fn strangers_get_nothing_by_guessing() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let (owner, stranger) = (app.signed_in("donglan").await, app.signed_in("haihe").await);
        let id = new_book(&owner).await;
        let report = report(&owner, id, "one.xlsx").await;
        let pending = report["id"].as_str().unwrap();
        assert_eq!(upload(&stranger, id, "one.xlsx", fixture("one.xlsx")).await.0, StatusCode::FORBIDDEN);
        assert_eq!(apply(&stranger, &report, "append", true).await.0, StatusCode::NOT_FOUND);
        for (address, own) in [
            (format!("/api/document/import_returned?id={pending}"), StatusCode::OK),
            (format!("/api/document/export_rows?document={id}&section=exports"), StatusCode::OK),
            (format!("/api/document/export_receipts?document={id}"), StatusCode::OK),
            (format!("/api/document/export_list?list=filing&operator_code={OWNER}"), StatusCode::OK),
            ("/api/document/import_template?kind=filing".to_owned(), StatusCode::OK),
        ] {
            let open_to_all = address.contains("template");
            let (status, bytes, _) = download(&stranger, &address).await;
            assert_eq!(status.is_success(), open_to_all, "{address}");
            assert_eq!(bytes.starts_with(b"PK"), open_to_all, "{address}");
            assert_eq!(download(&app.browser(), &address).await.0, StatusCode::UNAUTHORIZED, "{address}");
            assert_eq!(download(&owner, &address).await.0, own, "{address}");
        }
        assert_eq!(upload(&app.browser(), id, "x", fixture("one.xlsx")).await.0, StatusCode::UNAUTHORIZED);
        let forged = Request::post(format!("/api/document/import_upload?document={id}&name=x"))
            .header(header::HOST, "opbook.test")
            .header(header::ORIGIN, "https://evil.example")
            .body(Body::from(fixture("one.xlsx")))
            .unwrap();
        assert_eq!(owner.send(forged).await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn lists_go_out_and_come_back_the_same_and_compute_nothing() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let id = new_book(&owner).await;
        let first = report(&owner, id, "company.xlsx").await;
        apply(&owner, &first, "append", false).await;
        for side in ["exports", "reimports"] {
            let (status, bytes, _) =
                download(&owner, &format!("/api/document/export_rows?document={id}&section={side}")).await;
            assert_eq!(status, StatusCode::OK);
            let sheet = opbook::sheet::open(&bytes, &[]).unwrap().sheets.remove(0);
            let computed =
                sheet.rows.iter().flat_map(|row| &row.cells).any(|cell| cell.shown().starts_with(['=', '+', '-', '@']));
            assert!(!computed);
            let (_, back) = upload(&owner, id, "again.xlsx", bytes).await;
            for mode in ["append", "by_material", "by_seq"] {
                let counts = &plan(&back, mode)["counts"][0];
                if side == "reimports" && mode == "by_material" {
                    continue; // they have none
                }
                assert_eq!(counts["unchanged"], sheet.rows.len() - 1, "{side} {mode}: {back:#}");
            }
        }
        let address = format!("/api/document/export_rows?document={id}&section=exports&columns=remark,seq,nonsense");
        let (_, bytes, _) = download(&owner, &address).await;
        let sheet = opbook::sheet::open(&bytes, &[]).unwrap().sheets.remove(0);
        let shown: Vec<Vec<&str>> =
            sheet.rows.iter().map(|row| row.cells.iter().map(opbook::sheet::Cell::shown).collect()).collect();
        assert_eq!(shown, [vec!["备注", "商品序号"], vec!["", "1"], vec!["", "2"], vec!["'=1+1", "3"]]);

        let (_, bytes, _) = download(
            &owner,
            &format!("/api/document/export_list?list=filing&operator_code={OWNER}&columns=seq_no,status"),
        )
        .await;
        let sheet = opbook::sheet::open(&bytes, &[]).unwrap().sheets.remove(0);
        let seq_no = book(&owner, id).await["head"]["seq_no"].as_str().unwrap().to_owned();
        assert!(sheet.rows.iter().any(|row| row.cell(0).shown() == seq_no && row.cell(1).shown() == "暂存"));
    }
}

#[tokio::test]
async fn the_template_lists_every_column_and_brings_its_tables() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let (status, bytes, name) = download(&owner, "/api/document/import_template?kind=filing").await;
        assert_eq!(status, StatusCode::OK);
        let encoded: String = "出境加工账册界面导入说明文档".bytes().map(|byte| format!("%{byte:02X}")).collect();
        assert!(name.contains(&format!("{encoded}%2Exlsx")), "{name}");
        let book = opbook::sheet::open(&bytes, &["货物".to_owned(), "填写说明".to_owned()]).unwrap();
        let names: Vec<&str> = book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        assert_eq!(names, ["出口货物", "复进口货物", "填写说明"]);
        let explained = book.sheets[2].rows.iter().filter(|row| row.cell(1).shown() == "商品编码");
        let explained: Vec<&str> = explained.map(|row| row.cell(0).shown()).collect();
        assert_eq!(
            explained,
            ["出口货物", "复进口货物", "列标题"],
            "each list's column, and what else it may be called"
        );
        // Sent back as it is, it holds no row.
        let id = new_book(&owner).await;
        let (status, body) = upload(&owner, id, "x.xlsx", bytes).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(body["message"]["zh"].as_str().unwrap().contains("没有数据"), "{body}");
    }
}
