//! 统计 on both databases: the figures are those that another program adds up from the exported ledgers; nobody sees the
//! figures of others; what was sent back is counted with its reason. `OPBOOK_TEST_BOOKS` sets how many random books per
//! database (20 unless told). If these fail, a company reports to customs and to itself what its own books do not say.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use opbook::account_book;
use opbook::ledger::check::check;
use opbook::ledger::model::{Booking, Deed, Side};
use opbook::ledger::post::{follow, reserve};
use opbook::ledger::service::workbook;
use opbook::ledger::store::Entry;
use opbook::server::call::Call;
use opbook::server::failure::Failure;
use opbook::stats::export;
use opbook::stats::model::{Asked, By, Line, Stats};
use opbook::stats::service::stats;
use rand::RngExt as _;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::desk::{OTHER, OWN, agent, approved_filing, call, complete_filing, decide, declare, state};
use crate::entry::refusal;
use crate::support::both_databases;

fn books() -> usize {
    std::env::var("OPBOOK_TEST_BOOKS").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

fn asked(by: By, from: &str, to: &str) -> Asked {
    Asked { operator_code: String::new(), from: from.into(), to: to.into(), by }
}

fn moment(day: NaiveDate) -> String {
    let at: DateTime<Utc> = day.and_hms_opt(3, 0, 0).unwrap().and_utc();
    opbook::server::db::stamp(at)
}

/// What happens to a random entry in the end.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Reserved,
    Booked,
    Released,
    Reversed,
    /// Returned, and booked in the second round.
    Again,
}

/// Posts a random entry of a book, straight into the ledger.
async fn random_entry(call: &Call, book_no: &str, number: &str) {
    let (day, at, dated, is_import, end, items) = {
        let mut random = rand::rng();
        let day = NaiveDate::from_ymd_opt(2025, 11, 1).unwrap() + Days::new(random.random_range(0..500));
        let end = match random.random_range(0..10) {
            0 => End::Reserved,
            1 => End::Released,
            2 => End::Reversed,
            3 => End::Again,
            _ => End::Booked,
        };
        let items = random.random_range(1..5_i64);
        (day, day + Days::new(random.random_range(0..40)), random.random_bool(0.8), random.random_bool(0.5), end, items)
    };
    let booking = |item: i64, side: Side| {
        let mut random = rand::rng();
        let amount = Decimal::new(random.random_range(1..9_000_000), 2);
        Booking {
            item,
            side,
            goods_seq: random.random_range(1..4),
            hs_code: ["8542399000", "8517620000", "3926909090"][random.random_range(0..3_usize)].into(),
            qty: Decimal::ONE,
            own_amount: amount,
            amount,
        }
    };
    let bookings: Vec<Booking> = (1..=items)
        .flat_map(|item| {
            if is_import {
                vec![booking(item * 2 - 1, Side::Exempt), booking(item * 2, Side::Taxed)]
            } else {
                vec![booking(item, Side::Exported)]
            }
        })
        .collect();
    let id = Uuid::now_v7().to_string();
    let value_date = if dated { day.to_string() } else { String::new() };
    let entry = |round: i64| Entry {
        operator_code: OWN,
        book_no,
        entry_id: &id,
        round,
        entry_no: number,
        name: number,
        currency: "USD",
        value_date: &value_date,
    };
    let db = &call.state.db;
    let at = moment(at);
    let mut tx = db.begin().await.unwrap();
    account_book::lock(&mut tx, OWN, book_no).await.unwrap();
    reserve(db, &mut tx, &entry(1), &at, &bookings).await.unwrap();
    let deeds: &[Deed] = match end {
        End::Reserved => &[],
        End::Booked => &[Deed::Booked],
        End::Released | End::Again => &[Deed::Released],
        End::Reversed => &[Deed::Booked, Deed::Reversed],
    };
    for deed in deeds {
        follow(db, &mut tx, &entry(1), *deed, &at).await.unwrap();
    }
    if end == End::Again {
        reserve(db, &mut tx, &entry(2), &at, &bookings).await.unwrap();
        follow(db, &mut tx, &entry(2), Deed::Booked, &at).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn figures(line: &Line) -> serde_json::Value {
    let Line { exported, exempt, taxed, abroad, exports, imports, days, .. } = line;
    serde_json::json!([exported, exempt, taxed, abroad, exports, imports, days])
}

#[tokio::test]
async fn the_figures_are_those_another_program_adds_up() {
    let Ok(python) = std::env::var("OPBOOK_TEST_PYTHON") else {
        eprintln!("skipped: OPBOOK_TEST_PYTHON is not set");
        return;
    };
    let (first, last) = ("2026-01", "2026-09");
    for db in both_databases().await {
        let state = state(db).await;
        let own = call(&state, "zhang", OWN);
        let folder = crate::support::fresh_folder();
        std::fs::create_dir_all(&folder).unwrap();
        let mut partners = BTreeMap::new();
        for place in 0..books() {
            let (filing, book_no) = approved_filing(&own).await;
            for entry in 0..rand::rng().random_range(0..12) {
                random_entry(&own, &book_no, &format!("53012026{}{place:05}{entry:04}", entry % 2)).await;
            }
            let partner = if place % 2 == 0 { "ACME Processing" } else { "Mekong Packaging" };
            let mut tx = state.db.begin().await.unwrap();
            sqlx::query("UPDATE account_book SET partner = $2 WHERE book_no = $1")
                .bind(&book_no)
                .bind(partner)
                .execute(&mut *tx)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            let (name, bytes) = workbook(&own, filing).await.unwrap();
            assert_eq!(name, format!("台账-{book_no}.xlsx"));
            std::fs::write(folder.join(&name), bytes).unwrap();
            partners.insert(book_no, partner);
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/stats/oracle.py");
        let run = tokio::process::Command::new(&python).arg(script).arg(&folder).args([first, last]).output().await;
        let run = run.unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let wanted: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&run.stdout).unwrap();
        let mut found = BTreeMap::new();
        for by in [By::Book, By::Month, By::Commodity] {
            let answer = stats(&own, &asked(by, first, last)).await.unwrap();
            for line in &answer.lines {
                assert_eq!(line.currency, "USD");
                found.insert(format!("{} {}", by.code(), line.key), figures(line));
            }
        }
        assert_eq!(found, wanted);
        assert!(found.len() > 10, "{found:?}");

        // By partner and by country: the books of each, added up.
        let sum = |lines: &[Line], of: fn(&Line) -> &String| -> Decimal {
            lines.iter().map(|line| of(line).parse::<Decimal>().unwrap()).sum()
        };
        let by_book = stats(&own, &asked(By::Book, first, last)).await.unwrap();
        let by_partner = stats(&own, &asked(By::Partner, first, last)).await.unwrap();
        for line in &by_partner.lines {
            let books: Vec<Line> =
                by_book.lines.iter().filter(|book| partners[&book.key] == line.key).cloned().collect();
            let of: [fn(&Line) -> &String; 4] =
                [|line| &line.exported, |line| &line.exempt, |line| &line.taxed, |line| &line.abroad];
            for of in of {
                assert_eq!(sum(&books, of), of(line).parse::<Decimal>().unwrap(), "{line:?}");
            }
            assert_eq!(books.iter().map(|book| book.exports).sum::<i64>(), line.exports);
            // Weighted by amount, so that it lies between those of the books.
            let days: Vec<Decimal> = books.iter().filter_map(|book| book.days.parse().ok()).collect();
            let (least, most) = (days.iter().min(), days.iter().max());
            let of_partner = line.days.parse::<Decimal>().ok();
            assert!(least <= of_partner.as_ref() && of_partner.as_ref() <= most, "{line:?} {days:?}");
        }
        for by in By::ALL {
            let Stats { lines, totals, .. } = stats(&own, &asked(by, first, last)).await.unwrap();
            assert_eq!(totals, by_book.totals, "{by:?}");
            assert_eq!(sum(&lines, |line| &line.exported), totals[0].exported.parse::<Decimal>().unwrap());
        }
        let checked = check(&state.db).await.unwrap();
        assert!(checked.differences.iter().all(|told| told.contains("全免金额")), "{:?}", checked.differences);
    }
}

#[tokio::test]
async fn a_difference_between_lines_and_what_is_kept_of_them_is_named() {
    for db in both_databases().await {
        let state = state(db).await;
        let own = call(&state, "zhang", OWN);
        let (_, book_no) = approved_filing(&own).await;
        let day = NaiveDate::from_ymd_opt(2026, 3, 5).unwrap();
        let booking = Booking {
            item: 1,
            side: Side::Exported,
            goods_seq: 1,
            hs_code: "8542399000".into(),
            qty: Decimal::ONE,
            own_amount: Decimal::TEN,
            amount: Decimal::TEN,
        };
        let (id, value_date) = (Uuid::now_v7().to_string(), day.to_string());
        let entry = Entry {
            operator_code: OWN,
            book_no: &book_no,
            entry_id: &id,
            round: 1,
            entry_no: "530120260000000001",
            name: "1",
            currency: "USD",
            value_date: &value_date,
        };
        let mut tx = state.db.begin().await.unwrap();
        reserve(&state.db, &mut tx, &entry, &moment(day), &[booking]).await.unwrap();
        follow(&state.db, &mut tx, &entry, Deed::Booked, &moment(day)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(check(&state.db).await.unwrap().differences, Vec::<String>::new());
        for (sql, told) in [
            ("UPDATE ledger_month SET cents = cents + 1", "2026-03月统计：为10.01（1行），按明细重算为10（1行）"),
            (
                "UPDATE ledger_entry SET exported = '11'",
                "为已核注 2026-03-05 11/0/0，按明细重算为已核注 2026-03-05 10/0/0",
            ),
            ("DELETE FROM ledger_entry", "为没有，按明细重算为已核注 2026-03-05 10/0/0"),
        ] {
            let mut tx = state.db.begin().await.unwrap();
            sqlx::query(sql).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
            let differences = check(&state.db).await.unwrap().differences;
            assert!(differences.iter().any(|one| one.contains(told)), "{differences:?}");
        }
    }
}

#[tokio::test]
async fn figures_are_for_those_who_act_for_the_enterprise_and_reasons_are_counted() {
    for db in both_databases().await {
        let state = state(db).await;
        let own = call(&state, "zhang", OWN);
        let month = state.clock.today().format("%Y-%m").to_string();
        let (id, _) = complete_filing(&own).await;
        for _ in 0..2 {
            declare(&own, id).await.unwrap();
            decide(&state, id, "3", &[]).await;
        }
        let (_, book_no) = approved_filing(&own).await;
        let number = "530120260000000009";
        random_entry(&own, &book_no, number).await;
        let asked = asked(By::Book, "2025-01", &month);
        let mine = stats(&own, &asked).await.unwrap();
        assert_eq!((mine.approved, mine.returned), (1, 2));
        assert_eq!((mine.reasons.len(), mine.reasons[0].count), (1, 2), "{:?}", mine.reasons);

        let stranger = call(&state, "wang", OTHER);
        assert_eq!(stats(&stranger, &asked).await.unwrap(), Stats::default());
        let of_own = Asked { operator_code: OWN.into(), ..asked.clone() };
        assert!(matches!(stats(&stranger, &of_own).await, Err(Failure::Forbidden)));
        assert!(matches!(export::workbook(&stranger, &of_own).await, Err(Failure::Forbidden)));
        let both = agent(&state, "li", OTHER, &[OTHER, OWN]);
        assert_eq!(stats(&both, &asked).await.unwrap(), mine);
        assert_eq!(
            stats(&both, &Asked { operator_code: OTHER.into(), ..asked.clone() }).await.unwrap(),
            Stats::default()
        );

        for (from, to) in
            [("2026-13", "2026-12"), ("2026-05", "2026-04"), ("", "2026-04"), ("2026-1", "2026-04"), ("26", "x")]
        {
            let wrong = Asked { from: from.into(), to: to.into(), ..asked.clone() };
            assert!(refusal(stats(&own, &wrong).await.unwrap_err()).contains("统计月份不正确"), "{from} {to}");
        }
        // A file of it: the lines, and a chart that is the spreadsheet's own.
        let (name, bytes) = export::workbook(&own, &asked).await.unwrap();
        assert!(name.starts_with("统计-按账册-2025-01-"), "{name}");
        let mut parts = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let has_line = !mine.lines.is_empty();
        assert_eq!(parts.by_name("xl/charts/chart1.xml").is_ok(), has_line);
    }
}
