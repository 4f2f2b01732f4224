//! Workbooks as an office program saves them (LibreOffice, scripts/make-workbooks): what openpyxl
//! wrote, opened and saved again in each of its ways, is still the same file to a company.

use axum::http::StatusCode;
use serde_json::Value;

use super::{apply, fixture, new_book, plan, problems, report, upload};
use crate::support::{TestApp, both_databases, rows_of};

/// The rows of a list without their ids.
fn rows(done: &Value, list: &str) -> Vec<Value> {
    rows_of(&done["document"], list).as_array().unwrap().iter().map(|row| row["content"].clone()).collect()
}

#[tokio::test]
async fn every_way_of_saving_gives_the_same_rows() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let imported = async |name: &str| {
            let id = new_book(&owner).await;
            let report = report(&owner, id, name).await;
            assert_eq!(problems(plan(&report, "append")), [], "{name}");
            let (status, done) = apply(&owner, &report, "append", false).await;
            assert_eq!(status, StatusCode::OK, "{name}: {done}");
            done
        };
        let first = imported("company.xlsx").await;
        let (exports, reimports) = (rows(&first, "exports"), rows(&first, "reimports"));
        assert_eq!((exports.len(), reimports.len()), (3, 2));
        for name in ["office.xlsx", "office.xls"] {
            let done = imported(name).await;
            assert_eq!(rows(&done, "exports"), exports, "{name}");
            assert_eq!(rows(&done, "reimports"), reimports, "{name}");
        }
        // A text file holds one sheet: with commas, with tabs, and with tabs in UTF-16 as Excel calls it.
        for name in ["office.csv", "office-tabs.txt", "office-unicode.txt"] {
            assert_eq!(rows(&imported(name).await, "exports"), exports, "{name}");
        }
    }
}

#[tokio::test]
async fn what_an_office_program_saves_and_nobody_can_read_is_said() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let id = new_book(&owner).await;
        for (name, says) in [("office.ods", "OpenDocument"), ("office-password.xls", "打开密码")] {
            let (status, body) = upload(&owner, id, name, fixture(name)).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {body}");
            assert!(body["message"]["zh"].as_str().unwrap().contains(says), "{name}: {body}");
        }
    }
}
