//! Tests of the rules of a filing: each says what an enterprise would lose if it failed (money by a wrong sum, a
//! filing returned for what could have been said before). Pure: no database, no screen.

mod branches;

use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::document::Mark;
use crate::filing::kind::FILING;
use crate::filing::model::{ExportGoods, Head, ReimportGoods};
use crate::form::Texts;
use crate::goods::settled_by_code;
use crate::reference::{Codes, Table, TableData};

fn codes() -> Codes {
    let mut codes = Codes::default();
    codes.insert(
        Table::Commodity,
        TableData::new(
            "t".into(),
            "2601110000\t铁矿\t\ttk\t\t035\t\t0.1\t\n8542310000\t处理器\t\tclq\t\t007\t035\t\t\n\
             9701210000\t油画\t\tyh\t\t011\t\t\t8\n9999999999\t无单位\t\t\t\t\t\t\t\n"
                .into(),
        ),
    );
    codes
}

fn export(hs_code: &str, qty: &str, price: &str) -> ExportGoods {
    let mut row = ExportGoods {
        hs_code: hs_code.into(),
        goods_name: "处理器".into(),
        spec_model: "A1".into(),
        declare_unit: "007".into(),
        qty: qty.into(),
        unit_price: price.into(),
        currency: "USD".into(),
        origin_country: "CHN".into(),
        dest_country: "VNM".into(),
        ..ExportGoods::default()
    };
    complete_export(&mut row, &codes());
    row
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 2, 28).unwrap()
}

fn rules_of(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn totals_are_exact_and_rounded_half_to_even() {
    // 0.1 + 0.2 in floats is not 0.3; a total that is off by one cent is refused by customs.
    let row = export("8542310000", "3", "0.1");
    assert_eq!(row.total_price, "0.3");
    assert_eq!(export("8542310000", "0.5", "0.25").total_price, "0.12");
    // The largest quantity times the largest price is over the limit of a total: refused, not cut off.
    let huge = export("8542310000", "9999999999999.99999", "99999999999999.9999");
    assert!(check_export(1, &huge, &codes(), false).iter().any(|found| found.pointer == "exports[1].total_price"));
}

#[test]
fn who_declares_for_another_is_not_the_enterprise() {
    let of = |declarant: &str, kind: &str| {
        let head = Head {
            operator_code: "3101910001".into(),
            declarant_code: declarant.into(),
            declarant_type: kind.into(),
            ..Head::default()
        };
        rules_of(&check_head(&head, None, &codes(), today(), true)).contains(&"head.declarant_type")
    };
    assert!(!of("3101910001", "1") && !of("4403W60002", "2") && !of("4403W60002", "3"));
    assert!(of("3101910001", "2") && of("4403W60002", "1"));
    assert!(!of("", "1"), "who declares is asked for elsewhere");
}

#[test]
fn legal_units_follow_the_commodity_code() {
    let row = export("8542310000", "10", "2");
    assert_eq!((row.legal_unit.as_str(), row.legal_unit2.as_str()), ("007", "035"));
    assert_eq!(row.legal_qty, "10", "same unit: the quantity need not be typed twice");
    assert_eq!(row.legal_qty2, "");
    assert!(rules_of(&check_export(1, &row, &codes(), true)).contains(&"required"), "second quantity is missing");
    // A table without units leaves the typed unit alone.
    let mut typed = ExportGoods { hs_code: "9999999999".into(), legal_unit: "035".into(), ..ExportGoods::default() };
    complete_export(&mut typed, &codes());
    assert_eq!(typed.legal_unit, "035");
}

#[test]
fn a_quantity_typed_before_its_unit_is_known_stays() {
    // It vanished on saving, and was missing on the declaration weeks later.
    let mut row = ExportGoods {
        hs_code: "9999999999".into(),
        qty: "3".into(),
        legal_qty: "2.5".into(),
        legal_qty2: "7".into(),
        ..ExportGoods::default()
    };
    complete_export(&mut row, &codes());
    assert_eq!((row.legal_qty.as_str(), row.legal_qty2.as_str()), ("2.5", "7"));
    let found = check_export(1, &row, &codes(), true);
    assert!(found.iter().any(|one| one.pointer == "exports[1].legal_unit2"), "its unit is asked for: {found:?}");
    row.hs_code = "2601110000".into();
    complete_export(&mut row, &codes());
    assert_eq!((row.legal_qty.as_str(), row.legal_qty2.as_str()), ("2.5", ""), "a code without a second unit has none");
    assert!(!check_export(1, &row, &codes(), true).iter().any(|one| one.pointer == "exports[1].legal_unit2"));
}

#[test]
fn only_what_the_code_does_not_say_is_typed() {
    assert_eq!(settled_by_code("8542310000", &codes()), ["legal_unit", "legal_unit2"]);
    assert_eq!(settled_by_code("2601110000", &codes()), ["legal_unit", "legal_unit2", "legal_qty2"]);
    assert_eq!(settled_by_code("9999999999", &codes()), [""; 0], "units the table does not know are typed");
    assert_eq!(settled_by_code("", &codes()), ["legal_unit", "legal_unit2"], "Enter leads the same way without a code");
}

#[test]
fn barred_goods_are_named_before_customs_does() {
    let barred = |code: &str| {
        rules_of(&check_export(1, &export(code, "1", "1"), &codes(), true)).contains(&"goods.export_barred")
    };
    assert!(barred("2601110000"), "export duty");
    assert!(barred("9701210000"), "export prohibited");
    assert!(!barred("8542310000"));
}

#[test]
fn validity_is_one_year_at_most() {
    let faulty = |valid_to: &str| {
        let head = Head { valid_to: valid_to.into(), ..Head::default() };
        rules_of(&check_head(&head, None, &codes(), today(), true)).contains(&"head.validity")
    };
    assert!(!faulty("2027-02-28"));
    assert!(faulty("2027-03-01"), "a day over a year");
    assert!(faulty("2026-02-28"), "today is too late already");
    // 暂存 must stay possible with any date: a draft is not a declaration.
    let head = Head { valid_to: "2030-01-01".into(), ..Head::default() };
    assert!(!rules_of(&check_head(&head, None, &codes(), today(), false)).contains(&"head.validity"));
}

#[test]
fn a_draft_needs_only_its_two_parties() {
    let head = Head { operator_code: "3101910001".into(), processor_code: "3101910002".into(), ..Head::default() };
    assert_eq!(check_head(&head, None, &codes(), today(), false), Vec::new());
    let missing = check_head(&Head::default(), None, &codes(), today(), false);
    let pointers: Vec<_> = missing.iter().map(|finding| finding.pointer.as_str()).collect();
    assert_eq!(pointers, ["head.operator_code", "head.processor_code"]);
    assert!(missing.iter().all(|finding| finding.severity == Severity::Save));
}

#[test]
fn a_book_without_goods_cannot_be_declared() {
    let found = whole(&[], &[]);
    let rows: Vec<_> = found.iter().filter(|finding| finding.rule == "rows.at_least_one").collect();
    assert_eq!(rows.len(), 2);
}

fn row(content: &impl Texts) -> Row<Values> {
    Row { id: Uuid::nil(), seq: 1, version: 1, mark: Mark::Same, content: Values::of(content) }
}

/// What the rules say of a filing with these rows.
fn whole(exports: &[Row<Values>], reimports: &[Row<Values>]) -> Vec<Finding> {
    let (head, codes) = (Values::of(&Head::default()), codes());
    FILING.check(&Whole {
        kind: &FILING,
        head: &head,
        lists: &[exports, reimports],
        base: None,
        papers_changed: false,
        book: None,
        codes: &codes,
        today: today(),
    })
}

fn reimport(original: &str, sources: &str) -> Row<Values> {
    row(&ReimportGoods {
        original_value: original.into(),
        source_export_seqs: sources.into(),
        hs_code: "8542310000".into(),
        ..ReimportGoods::default()
    })
}

#[test]
fn what_returns_exempt_is_compared_with_what_left() {
    let exports = [row(&export("8542310000", "10", "10"))];
    let check = |original: &str, sources: &str| {
        let found = whole(&exports, &[reimport(original, sources)]);
        found.into_iter().map(|finding| (finding.rule, finding.severity)).collect::<Vec<_>>()
    };
    let warning = ("goods.original_value".to_owned(), Severity::Warning);
    assert!(check("100.01", "").contains(&warning));
    assert!(!check("100", "").contains(&warning));
    assert!(check("100", "2").contains(&("goods.sources".to_owned(), Severity::Declare)));
    assert!(check("100", "一").contains(&("goods.sources".to_owned(), Severity::Save)));
    assert!(!check("100", "1").iter().any(|(rule, _)| rule == "goods.sources"));
}

#[test]
fn a_row_that_a_change_deletes_is_not_counted() {
    // Its value would cover re-imports that nothing covers any more.
    let mut exports = [row(&export("8542310000", "10", "10"))];
    exports[0].mark = Mark::Deleted;
    let rules: Vec<_> = whole(&exports, &[reimport("1", "1")]).into_iter().map(|found| found.rule).collect();
    for rule in ["rows.at_least_one", "goods.original_value", "goods.sources"] {
        assert!(rules.iter().any(|one| one == rule), "{rule}");
    }
}

#[test]
fn dutiable_value_is_the_sum_of_the_four_fees() {
    let mut row = ReimportGoods {
        fee_processing: "10.10".into(),
        fee_material: "0.2".into(),
        fee_freight: "3".into(),
        fee_insurance: "0.01".into(),
        ..ReimportGoods::default()
    };
    complete_reimport(&mut row, &codes());
    assert_eq!(row.dutiable_value, "13.31");
}
