//! Tests of the import of code tables: what a wrong file may not do, and what an import may not lose. Each runs
//! over a database and files of its own (`reference::testing`).

use std::collections::BTreeSet;

use super::*;
use crate::reference::starter;
use crate::reference::store::valid_entries;
use crate::reference::testing::{database, folder, full_folder};

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
}

async fn import(db: &Db, files: &[(&str, &str)], today: NaiveDate) -> Report {
    import_on(db, &Folder::read(folder(files).path()).unwrap(), today).await.unwrap()
}

/// Code and name of what is valid on a day.
async fn valid(db: &Db, table: Table, on: NaiveDate) -> Vec<(String, String)> {
    let rows = valid_entries(db, table, &on.to_string()).await.unwrap();
    rows.into_iter().map(|row| (row.code, row.name)).collect::<BTreeSet<_>>().into_iter().collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(code, name)| ((*code).to_owned(), (*name).to_owned())).collect()
}

fn change(report: &Report) -> Change {
    report.tables[0].outcome.clone().unwrap()
}

fn faults(report: &Report) -> Vec<String> {
    report.tables[0].outcome.clone().unwrap_err().iter().map(Fault::to_string).collect()
}

#[tokio::test]
async fn a_document_of_yesterday_still_finds_the_codes_of_yesterday() {
    let (db, _folder) = database().await;
    let first = "code,name_zh\n001,台\n002,座\n003,辆\n";
    let second = "code,name_zh\n001,台\n002,座位\n004,艘\n";
    import(&db, &[("unit.csv", first)], day(1)).await;
    let report = import(&db, &[("unit.csv", second)], day(5)).await;
    assert_eq!(change(&report), Change { total: 3, added: 1, changed: 1, closed: 1 });
    assert_eq!(valid(&db, Table::Unit, day(4)).await, pairs(&[("001", "台"), ("002", "座"), ("003", "辆")]));
    assert_eq!(valid(&db, Table::Unit, day(5)).await, pairs(&[("001", "台"), ("002", "座位"), ("004", "艘")]));

    // A second thought on the same day: what was never valid on a whole day leaves no trace.
    let third = "code,name_zh\n001,台\n002,座\n003,辆\n";
    import(&db, &[("unit.csv", third)], day(5)).await;
    assert_eq!(valid(&db, Table::Unit, day(5)).await, pairs(&[("001", "台"), ("002", "座"), ("003", "辆")]));
    assert_eq!(valid(&db, Table::Unit, day(4)).await, pairs(&[("001", "台"), ("002", "座"), ("003", "辆")]));
}

#[tokio::test]
async fn the_same_files_again_change_nothing() {
    let (db, _folder) = database().await;
    let path = folder(&[("unit.csv", "code,name_zh\n001,台\n002,座\n")]);
    let files = Folder::read(path.path()).unwrap();
    import_on(&db, &files, day(1)).await.unwrap();
    let everything = || async {
        let query = "SELECT table_name || code || valid_from || valid_to FROM code_entry ORDER BY 1";
        let entries: Vec<String> = sqlx::query_scalar(query).fetch_all(&db.read).await.unwrap();
        let query = "SELECT name || version || source || loaded_at FROM code_table";
        let tables: Vec<String> = sqlx::query_scalar(query).fetch_all(&db.read).await.unwrap();
        (entries, tables)
    };
    let before = everything().await;
    let report = import_on(&db, &files, day(9)).await.unwrap();
    assert_eq!(change(&report), Change { total: 2, ..Change::default() });
    assert_eq!(everything().await, before);
    assert!(report.to_string().contains("计量单位：共 2 条，没有变化"), "{report}");
}

#[tokio::test]
async fn a_bad_line_is_named_and_the_table_stays_as_it_was() {
    let (db, _folder) = database().await;
    import(&db, &[("unit.csv", "code,name_zh\n001,台\n")], day(1)).await;
    let bad = "code,name_zh\n002,座\n3,辆\n004,\n005,艘,多\n002,座\n\n006,\u{7}架\n";
    let good = "code,name_zh\n1,照章征税\n";
    let report = import(&db, &[("unit.csv", bad), ("levy_mode.csv", good)], day(2)).await;
    assert!(!report.is_clean());
    let unit = report.tables.iter().find(|table| table.table == Table::Unit).unwrap();
    let told: Vec<String> = unit.outcome.clone().unwrap_err().iter().map(Fault::to_string).collect();
    assert_eq!(
        told,
        [
            "unit.csv 第 3 行：编码应为 3 位数字，实为“3”（可能在电子表格中丢了前面的 0）",
            "unit.csv 第 4 行：名称为空",
            "unit.csv 第 5 行：该行有 3 列，表头有 2 列，请检查逗号和引号",
            "unit.csv 第 6 行：编码“002”与第 2 行重复",
            "unit.csv 第 8 行：含有控制字符",
        ]
    );
    assert_eq!(valid(&db, Table::Unit, day(2)).await, pairs(&[("001", "台")]), "nothing half imported");
    assert_eq!(valid(&db, Table::LevyMode, day(2)).await, pairs(&[("1", "照章征税")]), "other tables are imported");
    assert!(report.to_string().contains("未导入，原有数据不变；请改正以下 5 处错误"), "{report}");
}

#[tokio::test]
async fn files_that_cannot_be_meant_are_refused_as_a_whole() {
    let (db, _folder) = database().await;
    let of = async |name, content| faults(&import(&db, &[(name, content)], day(1)).await);
    assert_eq!(of("unit.csv", "code,name_zh\n").await, ["unit.csv：文件中没有数据行"]);
    assert_eq!(
        of("unit.csv", "code,name\n001,台\n").await,
        ["unit.csv 第 1 行：表头缺少列 name_zh 或 G_NAME（英文列名，不分大小写）"]
    );
    let tariff = "CODE_T,G_NAME\n8542319090,集成电路\n";
    let two = import(&db, &[("commodity.csv", "hs_code,name_zh\n0101210010,马\n"), ("税则.csv", tariff)], day(1)).await;
    assert_eq!(faults(&two), ["commodity.csv：商品编码只能有一个文件，请留下其中一个：commodity.csv、税则.csv"]);

    let path = folder(&[]);
    assert!(matches!(import_folder(&db, path.path()).await, Err(ImportError::Empty { .. })));
    std::fs::write(path.path().join("unit.csv"), b"code,name_zh\n035,\xc7\xa7\xbf\xcb\n").unwrap();
    let report = import_folder(&db, path.path()).await.unwrap();
    assert_eq!(
        faults(&report),
        ["unit.csv 第 2 行：文字不是 UTF-8 编码（可能是 GBK），请另存为“CSV UTF-8”格式后重新导入"]
    );
    let missing = import_folder(&db, &path.path().join("missing")).await;
    assert!(matches!(missing, Err(ImportError::Folder { .. })));
}

#[tokio::test]
async fn a_fuller_tariff_is_known_by_its_columns() {
    let (db, _folder) = database().await;
    let tariff = "\u{feff}code_t,G_NAME,Unit_1,UNIT_2,OUT_RATE,CONTROL_MA,NOTE_S\r\n\
                  8542319090,\"其他集成电路,\n多元件\",001,035,20%,4x,\r\n\
                  2601111000,铁矿砂,035,,10.00,,\r\n";
    import(&db, &[("2026年税则.csv", tariff)], day(1)).await;
    let rows = valid_entries(&db, Table::Commodity, "2026-03-01").await.unwrap();
    let ore = rows.iter().find(|row| row.code == "2601111000").unwrap();
    let chip = rows.iter().find(|row| row.code == "8542319090").unwrap();
    assert_eq!((ore.unit.as_str(), ore.unit2.as_str(), ore.export_rate.as_str()), ("035", "", "10"));
    assert_eq!(chip.name, "其他集成电路, 多元件");
    assert_eq!((chip.unit2.as_str(), chip.export_rate.as_str(), chip.controls.as_str()), ("035", "0.2", "4x"));
    assert_eq!(chip.initials, "qtjcdldyj");

    // Codes whose last two digits stand in a column of their own.
    let split = "CODE_T,CODE_S,G_NAME\n85423190,90,集成电路\n";
    import(&db, &[("t.csv", split)], day(2)).await;
    let rows = valid_entries(&db, Table::Commodity, "2026-03-02").await.unwrap();
    assert_eq!(rows.iter().map(|row| row.code.as_str()).collect::<Vec<_>>(), ["8542319090"]);
    assert_eq!(rows[0].controls, "4x", "what the new source does not tell stays");
    for (column, value) in [("OUT_RATE", "-1"), ("OUT_RATE", "abc"), ("UNIT_1", "台"), ("CONTROL_MA", "禁")] {
        let report =
            import(&db, &[("t.csv", &format!("CODE_T,G_NAME,{column}\n8542319090,集成电路,{value}\n"))], day(2)).await;
        assert!(faults(&report)[0].ends_with(&format!("实为“{value}”")), "{report}");
    }
}

#[tokio::test]
async fn the_full_tables_are_imported_and_keep_what_only_our_own_set_tells() {
    let Some(path) = full_folder() else {
        eprintln!("no full code tables at hand: nothing to test");
        return;
    };
    let (db, _folder) = database().await;
    let report = import_folder(&db, &path).await.unwrap();
    // A spreadsheet made dates of the ports of Morocco (MAR003): such a table is refused by its lines, and ours stays.
    let ports = report.tables.iter().find(|one| one.table == Table::Port).unwrap().outcome.as_ref().unwrap_err();
    assert!(ports.len() == 20 && ports[0].line == 2748 && ports[0].reason.contains("2000-03-01"), "{ports:?}");
    let sound = || report.tables.iter().filter(|one| one.table != Table::Port);
    let totals: Vec<usize> = sound().map(|table| table.outcome.as_ref().unwrap().total).collect();
    // The folder's currencies are fewer than our own set, which stays usable beside them.
    let currencies = starter::drafts(Table::Currency).unwrap().len();
    assert_eq!(totals[..12], [12030, 124, currencies, 267, 1363, 9, 104, 101, 20, 7, 17, 1085], "{report}");
    // Other spellings of the folder add to our own.
    assert!(totals[12] >= starter::drafts(Table::Synonym).unwrap().len(), "{report}");
    assert!(report.ignored.contains(&"hs_section_chapter_zh.csv".to_owned()));

    let rows = valid_entries(&db, Table::Commodity, &db.clock.today().to_string()).await.unwrap();
    let own = starter::drafts(Table::Commodity).unwrap();
    let mut met = 0;
    for draft in own {
        if let Some(row) = rows.iter().find(|row| row.code == draft.code) {
            assert_eq!(Some(&row.unit), draft.unit.as_ref(), "{}", row.code);
            assert_eq!(Some(&row.controls), draft.controls.as_ref(), "{}", row.code);
            met += 1;
        }
    }
    assert!(met > 0, "our own set has no code of the tariff");
    let again = import_folder(&db, &path).await.unwrap();
    let quiet = |table: &TableReport| {
        table.table == Table::Port
            || table.outcome.as_ref().is_ok_and(|change| change.added + change.closed + change.changed == 0)
    };
    assert!(again.tables.iter().all(quiet), "{again}");
}
