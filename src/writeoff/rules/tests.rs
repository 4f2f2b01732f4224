//! What a company would declare wrongly, or could not declare at all, if these rules failed. The rules are asked as the page
//! and the server ask them, over a book made here.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::document::under_book::{Balance, BookGoods, DueEntry, DueGoods, Figure, Stranger, ToWriteOff};
use crate::reference::Codes;
use crate::writeoff::kind::WRITEOFF;
use crate::writeoff::model::{ENTRY, HEAD as HEAD_TABLE, REIMPORT_ROW, SUPPLEMENT};

const FIRST: &str = "530420260000000001";
const SECOND: &str = "530420261000000002";

fn goods(seq: i64, qty: &str, balance: Balance) -> BookGoods {
    let content = [("qty".to_owned(), qty.to_owned()), ("declare_unit".to_owned(), "007".to_owned())].into();
    BookGoods { seq, content, balance, entry: String::new() }
}

/// A book of which 10 pieces worth 100 went out and 4 worth 40 came back, with 5 of fees.
fn book() -> UnderBook {
    let figure = |qty: i64, amount: i64| Figure { booked_qty: qty.into(), booked: amount.into(), ..Figure::default() };
    let entry = |number: &str, is_import: bool, [exported, exempt, taxed]: [i64; 3]| DueEntry {
        entry_no: number.into(),
        is_import,
        day: "2026-11-20".into(),
        exported: exported.into(),
        exempt: exempt.into(),
        taxed: taxed.into(),
    };
    let due = |is_import, qty: i64, amount: i64, taxed: i64| DueGoods {
        is_import,
        seq: 1,
        qty: qty.into(),
        amount: amount.into(),
        taxed: taxed.into(),
    };
    UnderBook {
        book_no: "P23006W00001".into(),
        currency: "USD".into(),
        exports: vec![goods(1, "20", Balance { exported: figure(10, 100), ..Balance::default() })],
        reimports: vec![goods(1, "20", Balance { exempt: figure(4, 40), taxed: figure(0, 5), ..Balance::default() })],
        to_write_off: Some(ToWriteOff {
            to: "2026-11-30".into(),
            entries: vec![entry(FIRST, false, [100, 0, 0]), entry(SECOND, true, [0, 40, 5])],
            goods: vec![due(false, 10, 100, 0), due(true, 4, 40, 5)],
            ..ToWriteOff::default()
        }),
        ..UnderBook::default()
    }
}

fn head(values: &[(&str, &str)]) -> Values {
    let mut head = Values::new(HEAD_TABLE);
    for (key, value) in [
        ("decl_type", NORMAL),
        ("closes", "0"),
        ("period_from", "2026-11-01"),
        ("period_to", "2026-11-30"),
        ("valid_to", "2027-05-31"),
    ]
    .iter()
    .chain(values)
    {
        head.set(key, *value);
    }
    head
}

type Held = [Vec<Row<Values>>; 3];

/// The lists as they are made.
fn made(present: &Held, book: &UnderBook) -> Held {
    let present: Vec<&[Row<Values>]> = present.iter().map(Vec::as_slice).collect();
    let mut seq = 0;
    let mut lists = lists(&head(&[]), &present, book).into_iter().map(|list| {
        let row = |made: crate::document::kind::Made| {
            seq += 1;
            let id = made.of.unwrap_or_else(|| Uuid::from_u128(seq as u128));
            Row { id, seq, version: 1, mark: crate::document::Mark::Same, content: made.content }
        };
        list.into_iter().map(row).collect()
    });
    std::array::from_fn(|_| lists.next().unwrap())
}

fn none() -> Held {
    std::array::from_fn(|_| Vec::new())
}

fn found(head: &Values, lists: &Held, book: &UnderBook) -> Vec<(String, Severity)> {
    let lists: Vec<&[Row<Values>]> = lists.iter().map(Vec::as_slice).collect();
    let whole = Whole {
        kind: &WRITEOFF,
        head,
        lists: &lists,
        base: None,
        papers_changed: false,
        book: Some(book),
        codes: &Codes::default(),
        today: "2026-12-01".parse().unwrap(),
    };
    check_whole(&whole).into_iter().map(|one| (one.rule, one.severity)).collect()
}

fn rules(head: &Values, lists: &Held, book: &UnderBook) -> Vec<String> {
    found(head, lists, book).into_iter().map(|(rule, _)| rule).collect()
}

#[test]
fn what_is_made_from_the_ledger_can_be_declared_as_it_is() {
    let lists = made(&none(), &book());
    assert_eq!(lists.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 1]);
    assert_eq!(rules(&head(&[]), &lists, &book()), [""; 0]);
    let row = &lists[2][0].content;
    let shown =
        ["goods_seq", "unit", "filed_qty", "total_qty", "qty", "amount", "taxed", "diff_taxed"].map(|key| row.get(key));
    assert_eq!(shown, ["1", "007", "20", "4", "4", "40", "5", "0"]);
    // Nothing at all is told once, not for every entry.
    assert_eq!(rules(&head(&[]), &none(), &book()), ["writeoff.entries", "writeoff.goods"]);
    // A supplement needs entries only.
    let [entries, ..] = lists;
    let supplement = [entries, Vec::new(), Vec::new()];
    assert_eq!(rules(&head(&[("decl_type", SUPPLEMENT)]), &supplement, &book()), [""; 0]);
}

#[test]
fn a_corrected_figure_stays_and_needs_its_reason() {
    let mut lists = made(&none(), &book());
    lists[1][0].content.set("qty", "9");
    assert_eq!(rules(&head(&[]), &lists, &book()), ["writeoff.unexplained"]);
    lists[1][0].content.set("remark", "盘亏一件");
    assert_eq!(rules(&head(&[]), &lists, &book()), [""; 0]);

    // One more piece went out meanwhile: the lists are behind, and are made anew without losing what was typed.
    let mut later = book();
    let due = later.to_write_off.as_mut().unwrap();
    due.goods[0].qty = 11.into();
    due.entries[0].exported = 110.into();
    assert_eq!(rules(&head(&[]), &lists, &later), ["writeoff.stale"], "one word for all of them");
    let again = made(&lists, &later);
    let row = &again[1][0].content;
    assert_eq!(
        [row.get("qty"), row.get("ledger_qty"), row.get("diff_qty"), row.get("remark")],
        ["9", "11", "-2", "盘亏一件"]
    );
    assert_eq!(again[1][0].id, lists[1][0].id, "the row is the same row");
    assert_eq!(again[2][0].content.get("qty"), "4");
}

#[test]
fn every_number_is_one_that_is_due() {
    let mut lists = made(&none(), &book());
    let mut copy = lists[0][0].clone();
    copy.seq = 9;
    lists[0].push(copy);
    assert_eq!(rules(&head(&[]), &lists, &book()), ["writeoff.repeated"]);
    let mut odd = lists[0].pop().unwrap();
    odd.content = Values::new(ENTRY);
    odd.content.set("entry_no", "530420260000000099");
    lists[0].push(odd);
    let mut told = book();
    told.to_write_off.as_mut().unwrap().strangers = vec![("530420260000000099".into(), Stranger::Written)];
    assert_eq!(rules(&head(&[]), &lists, &told), ["writeoff.stranger"]);
    lists[0].pop();
    // What is left out stays for the next one, unless there is none.
    lists[0].pop();
    let left = |head: &Values| {
        found(head, &lists, &book()).into_iter().find(|(rule, _)| rule == "writeoff.left_out").unwrap().1
    };
    assert_eq!(left(&head(&[])), Severity::Warning);
    assert_eq!(left(&head(&[("closes", "1")])), Severity::Declare);
    // Goods of the ledger that are not in the list.
    let mut lists = made(&none(), &book());
    lists[2].clear();
    assert_eq!(rules(&head(&[]), &lists, &book()), ["writeoff.missing"]);
    // Under way until then.
    let mut waiting = book();
    waiting.to_write_off.as_mut().unwrap().under_way.push("OP2026".into());
    assert_eq!(rules(&head(&[]), &made(&none(), &waiting), &waiting), ["writeoff.under_way"]);
}

#[test]
fn a_book_ends_by_word_or_by_date_and_not_before_all_is_told() {
    assert!(!closes(&head(&[])));
    assert!(closes(&head(&[("closes", "1")])));
    assert!(closes(&head(&[("valid_to", "2026-11-30")])));
    let mut lists = made(&none(), &book());
    let ending = head(&[("closes", "1")]);
    assert_eq!(rules(&ending, &lists, &book()), ["writeoff.left_over"]);
    lists[2][0].content.set("unreturned_qty", "6");
    assert_eq!(rules(&ending, &lists, &book()), [""; 0]);
    let mut all_back = book();
    all_back.reimports[0].balance.exempt.booked = Decimal::from(100);
    assert_eq!(rules(&ending, &made(&none(), &all_back), &all_back), [""; 0]);
    // What is not returned needs its reason, and a reason what is not returned.
    let check = |values: &[(&str, &str)]| {
        let mut row = Values::new(REIMPORT_ROW);
        for (key, value) in [("goods_seq", "1"), ("qty", "1"), ("amount", "1"), ("taxed", "0")].iter().chain(values) {
            row.set(key, *value);
        }
        let found = crate::document::kind::RowRules::check(&GoodsRows::Reimports, 1, &row, &Codes::default(), true);
        found.into_iter().map(|one| one.pointer).collect::<Vec<_>>()
    };
    assert_eq!(check(&[("unreturned_qty", "6")]), ["reimports[1].disposal"]);
    assert_eq!(check(&[("disposal", "1")]), ["reimports[1].unreturned_qty"]);
    assert_eq!(check(&[("unreturned_qty", "6"), ("disposal", "1")]), [""; 0]);
}

#[test]
fn a_period_lies_behind_us() {
    let lists = made(&none(), &book());
    assert_eq!(rules(&head(&[("period_to", "2026-12-02")]), &lists, &book()), ["writeoff.period"]);
    assert_eq!(rules(&head(&[("period_to", "2026-10-31")]), &lists, &book()), ["writeoff.period"]);
    let mut closed = book();
    closed.closed = true;
    assert_eq!(rules(&head(&[]), &lists, &closed), ["writeoff.book"]);
    let mut sums = head(&[("export_total", "100"), ("reimport_total", "140.5")]);
    fix(&mut sums);
    assert_eq!(sums.get("balance"), "-40.5");
}
