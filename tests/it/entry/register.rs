//! 批量登记: lists of 报关单 that customs let pass elsewhere. If one of these fails, somebody types three hundred entries by
//! hand, or has amounts in the ledger that customs has not.

use std::process::Command;
use std::time::Instant;

use opbook::document::import::cancel;
use opbook::document::service::{delete, list, withdraw};
use opbook::document::{Query, Step};
use opbook::entry::register::model::{Apply, Outcome, Report};
use opbook::entry::register::{apply, review, upload};
use opbook::server::failure::Failure;

use super::{book, declare, export_entry, figures, refusal, settle};
use crate::desk::{self, OTHER, OWN, call, state};
use crate::support::both_databases;

/// The columns of the lists below.
const HEADINGS: &str = "报关单号,备案号,进出口日期,监管方式,币制,征免,备案序号,成交数量,成交单位,总价";

fn file(book: &str, lines: &[&str]) -> Vec<u8> {
    let lines: Vec<String> = lines.iter().map(|line| line.replace("BOOK", book)).collect();
    format!("{HEADINGS}\n{}\n", lines.join("\n")).into_bytes()
}

fn outcomes(report: &Report) -> Vec<Outcome> {
    report.entries.iter().map(|entry| entry.outcome).collect()
}

/// Row, column and reason of every problem.
fn told(report: &Report) -> Vec<String> {
    report.problems.iter().map(|one| format!("{}{} {}", one.column, one.row, one.reason.zh)).collect()
}

fn decision(report: &Report, only_good: bool) -> Apply {
    Apply { id: report.id, seen: report.count(Outcome::New), only_good }
}

const BACK: &str = "221820261000000002";

#[tokio::test]
async fn a_list_of_entries_is_registered_once_and_booked() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        // What came back stands before what was sent out; the head is said on the first line of an entry alone.
        let bytes = file(
            &number,
            &[
                "221820261000000002,BOOK,20260215,1427,USD,3,1,2,千克,250.5",
                "221820261000000002,,,,,照章征税,1,0.1,035,33.25",
                "221820261000000002,,,,,1,3,0.1,035,4",
                "221820261000000002,,,,,全免,3,1,035,100",
                "221820260000000001,BOOK,2026-02-01,1427,美元,全免,1,30,035,300",
                "221820260000000001,BOOK,2026-02-01,1427,美元,全免,2,25,035,100.50",
                "221820260000000009,C53012026001,2026-02-01,0110,USD,1,1,5,035,77",
            ],
        );
        let report = upload(&call, "报关单.csv", &bytes).await.unwrap();
        assert_eq!(told(&report), [""; 0]);
        assert_eq!(outcomes(&report), [Outcome::New, Outcome::New, Outcome::Other]);
        let first = &report.entries[0];
        assert_eq!((first.entry_no.as_str(), first.amount.as_str(), first.lines, first.row), (BACK, "350.5", 4, 2));
        // What was taken of the book is said.
        assert!(
            report.completed.iter().any(|one| one.reason.zh.contains("按账册备案数据补全")),
            "{:?}",
            report.completed
        );
        assert_eq!(figures(&call, filing).await, ["0"; 4], "a report books nothing");

        let done = apply(&call, decision(&report, false)).await.unwrap();
        assert_eq!((done.registered, done.known, done.other, done.left), (2, 0, 1, 0));
        assert_eq!(figures(&call, filing).await, ["400.5", "0", "350.5", "37.25"]);
        // The answer was lost, and the request is sent once more.
        assert_eq!(apply(&call, decision(&report, false)).await.unwrap(), done);
        let query = Query {
            list: "entry".into(),
            kind: "entry_import".into(),
            operator_code: OWN.into(),
            entry_no: BACK.into(),
            page_size: 10,
            ..Query::default()
        };
        let found = list(&call, query).await.unwrap();
        assert_eq!(found.total, 1);
        let head = &found.lines[0].head;
        for (key, value) in [("origin", "2"), ("item_count", "2"), ("reimport_total", "350.5"), ("entry_no", BACK)] {
            assert_eq!(desk::at(head, key), value, "{key}");
        }

        // The same file again: known, all of it.
        let again = upload(&call, "报关单.csv", &bytes).await.unwrap();
        assert_eq!(outcomes(&again), [Outcome::Known, Outcome::Known, Outcome::Other]);
        assert!(refusal(apply(&call, decision(&again, false)).await.unwrap_err()).contains("2份已登记"));
        assert_eq!(figures(&call, filing).await, ["400.5", "0", "350.5", "37.25"]);
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_by_its_cell_and_keeps_only_its_entry_out() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        let bytes = file(
            &number,
            &[
                "221820260000000001,BOOK,2026-02-01,1427,USD,3,1,30,035,300",
                "221820260000000002,BOOK,2026-02-01,1427,USD,3,9,30,035,3",
                "221820260000000003,BOOK,2026-02-01,1427,USD,3,1,30,007,3",
                "221820260000000004,BOOK,2026-02-01,1427,USD,3,1,1,035,\"1,5\"",
                "221820260000000005,BOOK,2026-02-01,1427,CNY,3,1,1,035,3",
                "22182026000000006,BOOK,2026-02-01,1427,USD,3,1,1,035,3",
                "221820260000000007,X53012026999,2026-02-01,1427,USD,3,1,1,035,3",
                "221820260000000008,BOOK,2026-02-01,1427,USD,3,1,1,035,3",
                "221820260000000008,BOOK,2026-02-02,1427,USD,3,2,1,035,3",
                "221820261000000010,BOOK,2026-02-10,1427,USD,3,1,1,035,300",
                "221820261000000010,BOOK,2026-02-10,1427,USD,1,1,0.1,035,9",
                "221820261000000011,BOOK,2026-02-11,1427,USD,3,1,1,035,0.01",
                "221820261000000011,BOOK,2026-02-11,1427,USD,1,1,0.1,035,9",
                "221820261000000012,BOOK,2026-02-12,1427,USD,1,3,0.1,035,9",
                "221820261000000013,BOOK,2026-02-12,1427,USD,,3,1,035,9",
                "221820260000000014,BOOK,2026-02-01,1427,USD,3,1,1,035,3",
                "221820260000000014,BOOK,2026-02-01,1427,USD,3,1,1,035,3",
            ],
        );
        let report = upload(&call, "x.csv", &bytes).await.unwrap();
        let told = told(&report);
        for (at, part) in [
            ("G3", "备案序号9不在账册"),
            ("I4", "成交单位007与账册备案"),
            ("J5", "逗号的位置不是千位分隔符"),
            ("6", "与账册币制USD不同"),
            ("A7", "必须为18位数字"),
            ("B8", "不是贵单位可办理的账册"),
            ("C10", "第9行是2026-02-01"),
            // Three figures of the manual's rule, and nothing left for the next.
            ("J13", "已核注出口金额300，已用全免金额300（含在途），本次全免金额0.01"),
            ("F15", "没有对应的全免项"),
            ("F16", "征免不能为空"),
            ("18", "与第17行是同一项"),
        ] {
            assert!(
                told.iter().any(|one| one.starts_with(&format!("{at} ")) && one.contains(part)),
                "{at} {part}: {told:#?}"
            );
        }
        assert_eq!(told.len(), 11, "{told:#?}");
        let good = report.entries.iter().filter(|one| one.outcome == Outcome::New).map(|one| one.row);
        assert_eq!(good.collect::<Vec<_>>(), [2, 11]);
        assert!(refusal(apply(&call, decision(&report, false)).await.unwrap_err()).contains("未登记任何报关单"));
        assert_eq!(figures(&call, filing).await, ["0"; 4]);
        let done = apply(&call, decision(&report, true)).await.unwrap();
        assert_eq!((done.registered, done.left), (2, 11));
        assert_eq!(figures(&call, filing).await, ["300", "0", "300", "9"]);
    }
}

#[tokio::test]
async fn nobody_registers_what_they_have_not_seen() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        let lines = [
            "221820260000000001,BOOK,2026-02-01,1427,USD,3,1,30,035,300",
            "221820260000000002,BOOK,2026-02-01,1427,USD,3,1,30,035,200",
        ];
        let both = upload(&call, "x.csv", &file(&number, &lines)).await.unwrap();
        let colleague = desk::call(&state, "wang", OWN);
        let one = upload(&colleague, "y.csv", &file(&number, &lines[..1])).await.unwrap();
        apply(&colleague, decision(&one, false)).await.unwrap();
        assert!(matches!(apply(&call, decision(&both, false)).await, Err(Failure::Conflict { .. })));
        let anew = review(&call, both.id).await.unwrap();
        assert_eq!(outcomes(&anew), [Outcome::Known, Outcome::New]);
        // Two send the decision at once, as a double click does.
        let (first, second) = tokio::join!(apply(&call, decision(&anew, false)), apply(&call, decision(&anew, false)));
        assert_eq!(first.unwrap(), second.unwrap());
        assert_eq!(figures(&call, filing).await, ["500", "0", "0", "0"]);
        // An upload is its user's; what was registered is not forgotten by stopping.
        assert!(matches!(review(&colleague, anew.id).await, Err(Failure::NotFound)));
        assert!(cancel(&call, anew.id).await.unwrap());
        // A stranger has none of these books.
        let stranger = desk::call(&state, "li", OTHER);
        let report = upload(&stranger, "x.csv", &file(&number, &lines)).await.unwrap();
        assert_eq!(outcomes(&report), [Outcome::Bad, Outcome::Bad]);

        // What customs let pass here under its number is known, too; and what is under way counts against what is left.
        let own = export_entry(&call, &number, "1", "40").await;
        declare(&call, own).await.unwrap();
        settle(&state).await;
        let number_of_own = super::entry_no(&call, own).await;
        let line = format!("{number_of_own},BOOK,2026-02-01,1427,USD,3,1,4,035,40");
        let report = upload(&call, "x.csv", &file(&number, &[&line])).await.unwrap();
        assert_eq!(outcomes(&report), [Outcome::Known], "{:?}", told(&report));
    }
}

#[tokio::test]
async fn half_an_entry_is_never_registered() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        // The number stands on the first line alone; sums stand below, and one between.
        let bytes = file(
            &number,
            &[
                "221820260000000001,BOOK,2026-02-01,1427,USD,3,1,10,035,25",
                ",,,,,3,2,10,035,10",
                "小计,,,,,,,20,,35",
                "221820260000000002,BOOK,2026-02-01,1427,USD,3,1,10,035,7",
                ",,,,,,,30,,42",
                "合计,,,,,,,30,,42",
            ],
        );
        let report = upload(&call, "x.csv", &bytes).await.unwrap();
        assert_eq!(outcomes(&report), [Outcome::Bad, Outcome::Bad], "{:?}", told(&report));
        assert!(report.notes.iter().any(|note| note.zh.contains("合计、签字")), "{:?}", report.notes);
        assert!(told(&report).iter().any(|one| one.starts_with("A3 ") && one.contains("报关单号不能为空")));

        // Also below an entry that is skipped, and where the lines of one do not agree on what it is.
        let bytes = file(
            &number,
            &[
                "221820260000000003,BOOK,2026-02-01,0110,USD,3,1,10,035,25",
                ",,,,,3,2,10,035,10",
                "221820260000000004,BOOK,2026-02-01,0110,USD,3,1,10,035,25",
                "221820260000000004,BOOK,2026-02-01,1427,USD,3,2,10,035,25",
                "221820260000000005,BOOK,2026-02-01,0110,USD,3,1,x,035,25",
            ],
        );
        let report = upload(&call, "x.csv", &bytes).await.unwrap();
        assert_eq!(outcomes(&report), [Outcome::Bad, Outcome::Bad, Outcome::Other], "{:?}", told(&report));

        // What is here is compared: a mended list is not passed over.
        let lines = ["221820260000000001,BOOK,2026-02-01,1427,USD,3,1,10,035,25"];
        let report = upload(&call, "x.csv", &file(&number, &lines)).await.unwrap();
        apply(&call, decision(&report, false)).await.unwrap();
        let whole = [lines[0], "221820260000000001,BOOK,2026-02-01,1427,USD,3,2,10,035,10"];
        let report = upload(&call, "x.csv", &file(&number, &whole)).await.unwrap();
        assert_eq!(outcomes(&report), [Outcome::Bad]);
        assert!(told(&report)[0].contains("金额25、1行，与文件的35、2行不同"), "{:?}", told(&report));
        let report = upload(&call, "x.csv", &file(&number, &[lines[0], ",,,,,3,2,10,035,10"])).await.unwrap();
        assert_eq!(outcomes(&report), [Outcome::Bad], "what cannot be read cannot be compared");

        // Withdrawn, it is a draft under its number, which the list finds; no twin is made beside it.
        let by_number = || Query {
            list: "entry".into(),
            operator_code: OWN.into(),
            entry_no: "0000000001".into(),
            page_size: 10,
            ..Query::default()
        };
        let found = list(&call, by_number()).await.unwrap();
        let meta = found.lines[0].meta.clone();
        withdraw(&call, Step { id: meta.id, base: meta.version }).await.unwrap();
        assert_eq!(list(&call, by_number()).await.unwrap().total, 1);
        let report = upload(&call, "x.csv", &file(&number, &whole)).await.unwrap();
        assert!(told(&report)[0].contains("已有暂存的登记数据"), "{:?}", told(&report));
        let meta = list(&call, by_number()).await.unwrap().lines[0].meta.clone();
        delete(&call, Step { id: meta.id, base: meta.version }).await.unwrap();
        let report = upload(&call, "x.csv", &file(&number, &whole)).await.unwrap();
        assert_eq!(outcomes(&report), [Outcome::New]);
        apply(&call, decision(&report, false)).await.unwrap();
        assert_eq!(figures(&call, filing).await, ["35", "0", "0", "0"]);
    }
}

#[tokio::test]
async fn a_list_that_is_too_long_is_refused_at_once() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (_, number) = book(&call).await;
        let lines: Vec<String> =
            (0..1001).map(|at| format!("22182026{:010},BOOK,2026-02-01,1427,USD,3,1,1,035,1", at)).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let refused = upload(&call, "x.csv", &file(&number, &lines)).await.unwrap_err();
        assert!(refusal(refused).contains("一次最多1000份"));
        assert_eq!(upload(&call, "x.csv", &file(&number, &lines[1..])).await.unwrap().count(Outcome::New), 1000);
    }
}

#[tokio::test]
async fn what_is_unlikely_is_said_before_it_is_registered() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (_, number) = book(&call).await;
        let bytes = file(
            &number,
            &[
                "221820260000000001,BOOK,2999-02-01,1427,USD,3,1,10,035,25",
                "221820260000000002,BOOK,2020-02-01 08:30:00,1427,USD,1,1,10,035,0",
                "'221820260000000003,BOOK,2026-02-01,1427,USD,3,1,99999,035,7",
            ],
        );
        let report = upload(&call, "x.csv", &bytes).await.unwrap();
        assert_eq!(outcomes(&report), [Outcome::Bad, Outcome::New, Outcome::New], "{:?}", told(&report));
        assert!(told(&report)[0].contains("晚于今天"), "{:?}", told(&report));
        let notices: Vec<&str> = report.notices.iter().map(|one| one.reason.zh.as_str()).collect();
        for part in ["早于账册", "金额为0", "征免按3-全免", "超过备案数量"] {
            assert!(notices.iter().any(|one| one.contains(part)), "{part}: {notices:#?}");
        }
        assert_eq!(report.completed_count, 2);
    }
}

#[tokio::test]
async fn three_hundred_entries_exported_by_another_program_are_stored_once() {
    let Ok(python) = std::env::var("OPBOOK_TEST_PYTHON") else {
        eprintln!("skipped: OPBOOK_TEST_PYTHON is not set");
        return;
    };
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("报关单.xlsx");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/entry/export_list.py");
        let run = Command::new(python.as_str()).arg(script).arg(&path).args([number.as_str(), "300", "4000"]).output();
        let run = run.unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        assert_eq!(String::from_utf8_lossy(&run.stdout).trim(), "4000");
        let bytes = std::fs::read(&path).unwrap();

        let begun = Instant::now();
        let report = upload(&call, "报关单.xlsx", &bytes).await.unwrap();
        let read = begun.elapsed();
        assert_eq!((report.entries.len(), report.count(Outcome::New)), (300, 300), "{:#?}", told(&report));
        let lines: usize = report.entries.iter().map(|entry| entry.lines).sum();
        assert_eq!(lines, 4000);
        let begun = Instant::now();
        let done = apply(&call, decision(&report, false)).await.unwrap();
        println!("{:?}: report {read:?}, registering {:?}", state.db.engine, begun.elapsed());
        assert_eq!(done.registered, 300);
        let sums = figures(&call, filing).await;
        let of = |imports: bool, amount: &dyn Fn(usize) -> f64| -> f64 {
            let wanted = |number: &str| (number.as_bytes()[8] == b'1') == imports;
            report.entries.iter().filter(|one| wanted(&one.entry_no)).map(|one| amount(one.lines)).sum()
        };
        let exported = of(false, &|lines| lines as f64 * 100.0).to_string();
        let exempt = of(true, &|lines| lines as f64 / 2.0).to_string();
        let taxed = of(true, &|lines| lines as f64 / 4.0).to_string();
        assert_eq!(sums, [exported.as_str(), "0", exempt.as_str(), taxed.as_str()]);

        let again = upload(&call, "报关单.xlsx", &bytes).await.unwrap();
        assert_eq!(again.count(Outcome::Known), 300);
        assert!(refusal(apply(&call, decision(&again, false)).await.unwrap_err()).contains("300份已登记"));
        assert_eq!(figures(&call, filing).await, sums);
    }
}
