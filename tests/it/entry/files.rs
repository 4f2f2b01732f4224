//! What leaves the ledger and an entry: pages of lines, the workbook, the file for the program in which an entry is really
//! declared. If it fails, somebody types a declaration a second time, and with other figures.

use opbook::entry::export::{Format, file};
use opbook::ledger::model::LinesQuery;
use opbook::ledger::service::{lines, workbook};
use opbook::server::failure::Failure;

use super::{book, declare, export_entry, import_entry, refusal, settle};
use crate::desk::{self, OTHER, OWN, call, state};
use crate::support::both_databases;

#[tokio::test]
async fn the_ledger_and_the_entry_leave_as_files_that_say_the_same() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        let sent = export_entry(&call, &number, "1", "600").await;
        declare(&call, sent).await.unwrap();
        settle(&state).await;
        let import = import_entry(&call, &number, "1", "100", "12.5").await;

        // Page by page, and of some goods only.
        let query = |goods: Option<(&str, i64)>, page, page_size| LinesQuery {
            id: sent,
            goods: goods.map(|(side, seq)| (side.to_owned(), seq)),
            page,
            page_size,
        };
        let all = lines(&call, &query(None, 0, 10)).await.unwrap();
        let deeds: Vec<&str> = all.lines.iter().map(|line| line.deed.as_str()).collect();
        assert_eq!((all.total, deeds), (2, vec!["booked", "reserved"]));
        assert_eq!((all.lines[0].entry_no.len(), all.lines[0].amount.as_str()), (18, "600"));
        assert_ne!(all.lines[0].id(), all.lines[1].id());
        assert_eq!(lines(&call, &query(None, 1, 1)).await.unwrap().lines[0].deed, "reserved");
        assert_eq!(lines(&call, &query(Some(("exported", 1)), 0, 10)).await.unwrap().total, 2);
        assert_eq!(lines(&call, &query(Some(("exempt", 1)), 0, 10)).await.unwrap().total, 0);
        let stranger = desk::call(&state, "li", OTHER);
        assert!(matches!(lines(&stranger, &query(None, 0, 10)).await, Err(Failure::Forbidden)));
        assert!(matches!(workbook(&stranger, sent).await, Err(Failure::Forbidden)));

        let (name, bytes) = workbook(&call, filing).await.unwrap();
        assert_eq!(name, format!("台账-{number}.xlsx"));
        let cells = cells_of(&bytes);
        for text in ["最近报关单", "035-千克", "复进口", "申报占用", "核注"] {
            assert!(cells.contains(text), "{text}: {cells}");
        }
        // The entry as the platform takes it: element by element, the two items of the row.
        let (name, xml) = file(&call, import, Format::Xml).await.unwrap();
        let xml = String::from_utf8(xml).unwrap();
        assert!(name.ends_with(".xml"));
        for part in [
            format!("<manualNo>{number}</manualNo>"),
            "<tradeMode>1427</tradeMode>".into(),
            "<overseasConsignorEname>ACME Processing</overseasConsignorEname>".into(),
            "<gNo>1</gNo><codeTS>8542399000</codeTS><contrItem>1</contrItem><declPrice>100</declPrice>".into(),
            "<declTotal>100</declTotal><dutyMode>3</dutyMode>".into(),
            "<declPrice>125</declPrice><declTotal>12.5</declTotal><dutyMode>1</dutyMode>".into(),
            "<gQty>0.1</gQty>".into(),
        ] {
            assert!(xml.contains(&part), "{part}\n{xml}");
        }
        assert!(!xml.contains("departure") && !xml.contains("portion"));
        let (_, bytes) = file(&call, import, Format::Xlsx).await.unwrap();
        assert!(cells_of(&bytes).contains("1-照章征税"));
        assert!(matches!(file(&stranger, import, Format::Xml).await, Err(Failure::Forbidden)));
        assert!(refusal(file(&call, filing, Format::Xml).await.unwrap_err()).contains("不是报关单"));
    }
}

/// All texts of a workbook.
fn cells_of(bytes: &[u8]) -> String {
    use std::io::Read as _;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name("xl/sharedStrings.xml").unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn the_ledger_on_paper_says_what_the_page_says() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        let sent = export_entry(&call, &number, "1", "600").await;
        declare(&call, sent).await.unwrap();
        settle(&state).await;
        let (name, paper) = opbook::ledger::print::made(&call, filing).await.unwrap();
        assert_eq!(name, format!("台账-{number}.pdf"));
        let told = format!("{paper:?}");
        let entry = super::entry_no(&call, sent).await;
        for text in ["已核注出口金额", "600 USD", "核注", "申报占用", entry.as_str(), number.as_str()] {
            assert!(told.contains(text), "{text}: {told}");
        }
        let stranger = desk::call(&state, "li", OTHER);
        assert!(matches!(opbook::ledger::print::made(&stranger, filing).await, Err(Failure::Forbidden)));
    }
}
