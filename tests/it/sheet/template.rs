//! The template, an exported list and returned rows in the hands of openpyxl, which is none of ours: what
//! Excel would offer, filled in or mended and sent back. `OPBOOK_TEST_PYTHON` is its Python (scripts/setup test installs it);
//! skipped without.

use std::path::Path;
use std::process::Command;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{apply, download, new_book, plan, problems, report, upload};
use crate::support::{TestApp, both_databases, rows_of};

/// Runs a script of this folder; gives what it prints.
fn openpyxl(python: &str, script: &str, arguments: &[&Path]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sheet").join(script);
    let run = Command::new(python).arg(script).args(arguments).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

#[tokio::test]
async fn the_template_filled_in_from_its_drop_downs_is_imported_and_exported_again() {
    let Ok(python) = std::env::var("OPBOOK_TEST_PYTHON") else {
        eprintln!("skipped: OPBOOK_TEST_PYTHON is not set");
        return;
    };
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let id = new_book(&owner).await;
        let folder = tempfile::tempdir().unwrap();
        let (template, filled) = (folder.path().join("template.xlsx"), folder.path().join("filled.xlsx"));
        let (_, bytes, _) = download(&owner, "/api/document/import_template?kind=filing").await;
        std::fs::write(&template, bytes).unwrap();
        let seen = openpyxl(&python, "fill_template.py", &[&template, &filled]);
        // Without these a clerk would type codes from memory, and Excel would take their zeros away.
        for sheet in ["出口货物", "复进口货物"] {
            let seen = &seen[sheet];
            for heading in ["申报计量单位", "币制", "原产国(地区)"] {
                assert!(seen["lists"][heading].as_u64().is_some_and(|count| count > 3), "{sheet} {heading}: {seen}");
            }
            for heading in ["商品编码", "申报计量单位", "商品料号"] {
                assert_eq!(seen["formats"][heading], "@", "{sheet} {heading}");
            }
            assert_eq!(seen["frozen"], "A3", "headings and hints stay in sight");
            assert!(seen["hints"]["商品编码"].as_str().unwrap().contains("10位商品编码"));
            assert_eq!(seen["starred"]["商品编码"], true);
            assert_eq!(seen["starred"]["备注"], false);
        }
        assert_eq!(seen["hidden"], json!(["代码表"]));

        let (status, report) = upload(&owner, id, "filled.xlsx", std::fs::read(&filled).unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{report}");
        assert_eq!(problems(plan(&report, "append")), []);
        assert_eq!(report["notes"], json!([]), "nothing of our own template is unknown");
        let (status, done) = apply(&owner, &report, "append", false).await;
        assert_eq!(status, StatusCode::OK, "{done}");
        let row = &rows_of(&done["document"], "exports")[0]["content"];
        for (key, value) in [("hs_code", "8542399000"), ("material_no", "0012"), ("remark", "=1+1")] {
            assert_eq!(row[key], value, "{key}");
        }
        assert!(!row["declare_unit"].as_str().unwrap().contains('-'), "a code, not what the list shows: {row}");
        assert_eq!(rows_of(&done["document"], "reimports")[0]["content"]["currency"], row["currency"]);

        let (_, bytes, _) = download(&owner, &format!("/api/document/export_rows?document={id}&section=exports")).await;
        let exported = folder.path().join("exported.xlsx");
        std::fs::write(&exported, bytes).unwrap();
        let read = openpyxl(&python, "fill_template.py", &[&exported]);
        assert_eq!(read["formulas"], 0, "text of a row would be computed by whoever opens the list");
        assert!(read["texts"].as_array().unwrap().contains(&json!("'=1+1")), "{read}");
    }
}

#[tokio::test]
async fn wrong_rows_come_back_are_mended_by_their_reasons_and_are_imported() {
    let Ok(python) = std::env::var("OPBOOK_TEST_PYTHON") else {
        eprintln!("skipped: OPBOOK_TEST_PYTHON is not set");
        return;
    };
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let id = new_book(&owner).await;
        let report = report(&owner, id, "bad.xlsx").await;
        let (_, done) = apply(&owner, &report, "append", true).await;
        assert_eq!((&done["added"], &done["left"]), (&json!(2), &json!(10)));
        let (_, bytes, _) =
            download(&owner, &format!("/api/document/import_returned?id={}", report["id"].as_str().unwrap())).await;
        let folder = tempfile::tempdir().unwrap();
        let (returned, mended) = (folder.path().join("returned.xlsx"), folder.path().join("mended.xlsx"));
        std::fs::write(&returned, bytes).unwrap();
        let seen = openpyxl(&python, "mend_returned.py", &[&returned, &mended]);
        assert_eq!(seen["last"], "失败原因", "{seen}");
        assert_eq!((&seen["rows"], &seen["mended"], &seen["formulas"]), (&json!(10), &json!(11), &json!(0)), "{seen}");

        let (status, second) = upload(&owner, id, "mended.xlsx", std::fs::read(&mended).unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{second}");
        assert_eq!(problems(plan(&second, "append")), []);
        let (status, done) = apply(&owner, &second, "append", false).await;
        assert_eq!((status, &done["added"]), (StatusCode::OK, &json!(10)), "{done}");
        let materials: Vec<&str> = rows_of(&done["document"], "exports")
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["content"]["material_no"].as_str().unwrap())
            .collect();
        let want = ["G-1", "G-2", "B-1", "B-2", "B-3", "B-4", "B-5", "B-6", "B-7", "B-8", "B-9", "B-10"];
        assert_eq!(materials, want, "a row was lost on the way, or came twice");
    }
}
