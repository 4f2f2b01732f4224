//! A case for every branch of the rules of a filing that the story-like tests beside it do not reach: one that fails when
//! the branch is taken out or turned round. Each bars, or lets through, what an enterprise would learn from customs only.

use super::*;
use crate::document::Base;
use crate::document::kind::RowRecord as _;
use crate::filing::kind::FILING;

/// Commodities by what the tariff says of them: code, export rate, control marks.
fn tariff() -> Codes {
    let line = |(code, rate, controls): (&str, &str, &str)| {
        format!("{code}\t商品{code}\t\tsp\t\t007\t035\t{rate}\t{controls}\n")
    };
    let lines = [
        ("1111111111", "", ""),
        ("2222222222", "0", ""),
        ("3333333333", "0.25", ""),
        ("4444444444", "", "4"),
        ("5555555555", "", "8"),
        ("6666666666", "", "48"),
        ("7777777777", "", "1"),
        ("8888888888", "", "9"),
        ("9999999991", "", "A"),
    ];
    let mut codes = Codes::default();
    codes.insert(Table::Commodity, TableData::new("t".into(), lines.map(line).concat()));
    codes
}

fn message(findings: &[Finding], rule: &str) -> String {
    findings.iter().find(|found| found.rule == rule).map(|found| found.message.zh.clone()).unwrap_or_default()
}

#[test]
fn each_bar_of_the_tariff_keeps_goods_at_home_with_its_own_reason() {
    let barred = |hs_code: &str| {
        let row = ExportGoods { hs_code: hs_code.into(), ..ExportGoods::default() };
        message(&check_export(1, &row, &tariff(), true), "goods.export_barred")
    };
    for (code, reason) in [
        ("3333333333", "应征出口关税"),
        ("4444444444", "限制出口商品（凭出口许可证）"),
        ("5555555555", "禁止出口商品"),
        ("6666666666", "禁止出口商品"),
    ] {
        assert!(barred(code).contains(reason) && barred(code).contains(code), "{code}: {}", barred(code));
    }
    // A rate of 0 is no duty; marks for the import, and others, bar no export; nor does a code nobody knows.
    for code in ["1111111111", "2222222222", "7777777777", "8888888888", "9999999991", "0000000000"] {
        assert_eq!(barred(code), "", "{code}");
    }
    let row = ExportGoods { hs_code: "4444444444".into(), ..ExportGoods::default() };
    assert_eq!(message(&check_export(1, &row, &tariff(), false), "goods.export_barred"), "", "a draft may hold it");
}

#[test]
fn each_bar_of_the_tariff_keeps_goods_from_coming_back_with_its_own_reason() {
    let barred = |hs_code: &str| {
        let row = ReimportGoods { hs_code: hs_code.into(), ..ReimportGoods::default() };
        message(&check_reimport(1, &row, &tariff(), true), "goods.import_barred")
    };
    assert!(barred("8888888888").contains("禁止进口商品"));
    assert!(barred("7777777777").contains("限制进口商品（凭进口许可证）"));
    for code in ["1111111111", "3333333333", "4444444444", "5555555555", "9999999991", "0000000000"] {
        assert_eq!(barred(code), "", "{code}");
    }
    let row = ReimportGoods { hs_code: "8888888888".into(), ..ReimportGoods::default() };
    assert_eq!(message(&check_reimport(1, &row, &tariff(), false), "goods.import_barred"), "", "a draft may hold it");
}

#[test]
fn a_second_quantity_is_asked_for_exactly_where_there_is_a_second_unit() {
    let asked = |unit: &str, qty: &str| {
        let row = ReimportGoods { legal_unit2: unit.into(), legal_qty2: qty.into(), ..ReimportGoods::default() };
        check_reimport(2, &row, &tariff(), true).iter().any(|found| found.pointer == "reimports[2].legal_qty2")
    };
    assert!(asked("035", ""));
    assert!(!asked("035", "1") && !asked("", ""));
}

#[test]
fn fees_that_add_up_to_nothing_are_asked_about() {
    let warned = |fees: &str| {
        let mut row = ReimportGoods { fee_processing: fees.into(), ..ReimportGoods::default() };
        complete_reimport(&mut row, &tariff());
        rules_of(&check_reimport(1, &row, &tariff(), true)).contains(&"goods.no_fee")
    };
    assert!(warned("0") && !warned("0.01") && !warned(""), "an empty fee is asked for by its own rule");
}

#[test]
fn a_message_says_which_row_it_means() {
    let said = |seq| {
        let row = ExportGoods { hs_code: "5555555555".into(), ..ExportGoods::default() };
        message(&check_export(seq, &row, &tariff(), true), "goods.export_barred")
    };
    assert!(said(7).starts_with("出口货物第7项："));
    assert!(said(0).starts_with("商品编码"), "the row that is being typed has no number yet");
    let row = ReimportGoods { hs_code: "8888888888".into(), ..ReimportGoods::default() };
    assert!(message(&check_reimport(7, &row, &tariff(), true), "goods.import_barred").starts_with("复进口货物第7项："));
}

#[test]
fn item_numbers_are_read_with_every_comma_and_nothing_else() {
    let fine = |sources: &str| {
        let row = ReimportGoods { source_export_seqs: sources.into(), ..ReimportGoods::default() };
        !rules_of(&check_reimport(1, &row, &tariff(), false)).contains(&"goods.sources")
    };
    for good in ["", "1", "1,3", "1，3", "1、3", " 1 , 3 "] {
        assert!(fine(good), "{good:?}");
    }
    for bad in ["0", "-1", "1,", "1;3", "1-3", "一", "1,0"] {
        assert!(!fine(bad), "{bad:?}");
    }
}

#[test]
fn rows_in_another_currency_than_the_head_are_named() {
    let head = Values::of(&Head { currency: "USD".into(), ..Head::default() });
    let check =
        |section, content: Row<Values>| goods::same_currency(section, &content, &head).map(|found| found.message.zh);
    let export = |currency: &str| row(&ExportGoods { currency: currency.into(), ..ExportGoods::default() });
    let reimport = |currency: &str| row(&ReimportGoods { currency: currency.into(), ..ReimportGoods::default() });
    assert!(check(EXPORTS, export("EUR")).unwrap().starts_with("出口货物第1项：币制EUR与表头币制USD"));
    assert!(check(REIMPORTS, reimport("EUR")).unwrap().starts_with("复进口货物第1项"));
    assert_eq!(check(EXPORTS, export("USD")), None);
    assert_eq!(check(EXPORTS, export("")), None, "an empty field has a rule of its own");
    let nothing = Values::of(&Head::default());
    assert_eq!(goods::same_currency(EXPORTS, &export("EUR"), &nothing), None);
    // Both lists of a whole filing are looked through.
    let codes = codes();
    let lists: [&[Row<Values>]; 2] = [&[export("EUR")], &[reimport("EUR")]];
    let found = check_whole(&whole_of(&head, &lists, None, false, &codes));
    assert_eq!(found.iter().filter(|found| found.rule == "goods.currency").count(), 2);
}

fn whole_of<'a>(
    head: &'a Values,
    lists: &'a [&'a [Row<Values>]],
    base: Option<&'a Base>,
    papers_changed: bool,
    codes: &'a Codes,
) -> Whole<'a> {
    Whole { kind: &FILING, head, lists, base, papers_changed, book: None, codes, today: today() }
}

#[test]
fn parties_that_were_not_found_or_have_a_wrong_code_are_told_apart() {
    let rules = |code: &str, uscc: &str| {
        let head = Head {
            operator_code: code.into(),
            operator_uscc: uscc.into(),
            processor_code: "3101910002".into(),
            processor_uscc: "91350100M000100Y43".into(),
            declarant_code: "3101910002".into(),
            declarant_uscc: "91350100M000100Y43".into(),
            ..Head::default()
        };
        let found = FILING.rules.check_head(&Values::of(&head), None, &codes(), today(), true);
        let about = found.into_iter().filter(|one| one.rule.starts_with("party") || one.rule.starts_with("uscc"));
        about.map(|one| (one.rule, one.pointer)).collect::<Vec<_>>()
    };
    let at = |rule: &str| vec![(rule.to_owned(), "head.operator_code".to_owned())];
    assert_eq!(rules("3101910001", ""), at("party.unknown"));
    assert_eq!(rules("3101910001", "91350100M000100Y44"), at("uscc.check_digit"));
    assert_eq!(rules("3101910001", "91350100M000100Y43"), []);
    assert_eq!(rules("", ""), [], "an empty code has a rule of its own");
    // Each of the three is looked at.
    let head =
        Head { operator_code: "1".into(), processor_code: "2".into(), declarant_code: "3".into(), ..Head::default() };
    let found = FILING.rules.check_head(&Values::of(&head), None, &codes(), today(), true);
    assert_eq!(found.iter().filter(|one| one.rule == "party.unknown").count(), 3);
    assert!(
        !rules_of(&FILING.rules.check_head(&Values::of(&head), None, &codes(), today(), false))
            .contains(&"party.unknown")
    );
}

#[test]
fn no_book_is_kept_by_the_head_office_and_none_is_processed_in_china() {
    let found = |customs: &str, country: &str, for_declare: bool| {
        let head = Head { master_customs: customs.into(), process_country: country.into(), ..Head::default() };
        let found = check_head(&head, None, &Codes::default(), today(), for_declare);
        ["head.customs", "head.country"].map(|rule| found.iter().any(|one| one.rule == rule))
    };
    for office in ["0000", "5000", "9900"] {
        assert_eq!(found(office, "VNM", true), [true, false], "{office}");
        assert_eq!(found(office, "CHN", false), [false, false], "a draft may hold it");
    }
    assert_eq!(found("5301", "CHN", true), [false, true]);
    assert_eq!(found("5301", "VNM", true), [false, false]);
}

#[test]
fn goods_of_another_section_than_all_that_left_are_hinted_at() {
    let exports = |codes: &[&str]| -> Vec<Row<Values>> {
        codes.iter().map(|code| row(&ExportGoods { hs_code: (*code).into(), ..ExportGoods::default() })).collect()
    };
    let odd = |sent: &[&str], back: &str| {
        let back = [row(&ReimportGoods { hs_code: back.into(), ..ReimportGoods::default() })];
        let (head, codes, exports) = (Values::of(&Head::default()), codes(), exports(sent));
        let found = check_whole(&whole_of(&head, &[&exports, &back], None, false, &codes));
        found.iter().any(|found| found.rule == "goods.change_of_form" && found.severity == Severity::Warning)
    };
    assert!(odd(&["5208"], "8542"));
    assert!(!odd(&["5208", "8501"], "8542"), "one export of the section is enough");
    assert!(!odd(&[], "8542"), "without exports there is nothing to compare with");
    assert!(!odd(&["5208"], ""));
}

#[test]
fn every_chapter_belongs_to_its_section() {
    // First chapter of each section of the tariff.
    let first = [1, 6, 15, 16, 25, 28, 39, 41, 44, 47, 50, 64, 68, 71, 72, 84, 86, 90, 93, 94, 97];
    for (number, chapter) in (1u8..).zip(first) {
        assert_eq!(section(chapter), number, "chapter {chapter}");
        assert_eq!(section(chapter - 1), number.max(2) - 1, "the chapter before {chapter}");
    }
}

#[test]
fn the_last_row_with_a_value_is_where_too_much_comes_back() {
    let exports = [row(&export("8542310000", "10", "10"))];
    let mut back = vec![reimport("60", "1"), reimport("60", "1"), reimport("", "1")];
    for (seq, row) in (1..).zip(&mut back) {
        row.seq = seq;
    }
    let found = whole(&exports, &back);
    let found: Vec<_> = found.iter().filter(|found| found.rule == "goods.original_value").collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].pointer, "reimports[2].original_value");
}

#[test]
fn what_cannot_be_worked_out_is_left_empty() {
    let total = |qty: &str, price: &str| export("8542310000", qty, price).total_price;
    assert_eq!([total("", "1"), total("1", ""), total("0", "1")], ["", "", ""]);
    assert_eq!(total("2", "0.5"), "1");
    assert_eq!(export("8542310000", "1", "1").levy_mode, "3", "exports are exempt");
    let mut back = ReimportGoods { hs_code: "8542310000".into(), ..ReimportGoods::default() };
    complete_reimport(&mut back, &codes());
    assert_eq!((back.levy_mode.as_str(), back.dutiable_value.as_str()), ("1", ""), "no fee, no value to tax");
    assert_eq!((back.legal_unit.as_str(), back.legal_unit2.as_str()), ("007", "035"));
}

#[test]
fn a_legal_quantity_is_filled_once_and_never_kept_without_its_unit() {
    let mut row = export("8542310000", "10", "2");
    row.legal_qty = "9".into();
    row.qty = "11".into();
    complete_export(&mut row, &codes());
    assert_eq!(row.legal_qty, "9", "what was typed stays");
    // Another unit is no reason to take the number over.
    let mut other = ExportGoods { legal_qty: String::new(), ..export("2601110000", "5", "1") };
    complete_export(&mut other, &codes());
    assert_eq!(other.legal_qty, "");
    // A code without a second unit leaves no second quantity behind.
    row.legal_qty2 = "3".into();
    row.hs_code = "2601110000".into();
    complete_export(&mut row, &codes());
    assert_eq!((row.legal_unit2.as_str(), row.legal_qty2.as_str()), ("", ""));
}

#[test]
fn the_name_of_the_goods_comes_only_with_a_code_that_was_just_typed() {
    let named = |typed: Option<&'static str>, code: &str| {
        let mut row = ExportGoods { hs_code: code.into(), goods_name: "旧名".into(), ..ExportGoods::default() };
        row.complete(typed, &codes());
        row.goods_name
    };
    assert_eq!(named(Some("hs_code"), "8542310000"), "处理器");
    assert_eq!(named(Some("qty"), "8542310000"), "旧名");
    assert_eq!(named(None, "8542310000"), "旧名");
    assert_eq!(named(Some("hs_code"), "0000000000"), "旧名");
}

fn base(valid_to: &str) -> Base {
    let head = Head {
        operator_code: "3101910001".into(),
        currency: "USD".into(),
        valid_to: valid_to.into(),
        ..Head::default()
    };
    Base { head: Values::of(&head), extensions: 0 }
}

#[test]
fn a_change_has_rules_of_its_own_in_place_of_those_of_a_filing() {
    let rules = |operator: &str, valid_to: &str, for_declare: bool| {
        let head = Head {
            operator_code: operator.into(),
            processor_code: "3101910002".into(),
            currency: "USD".into(),
            valid_to: valid_to.into(),
            ..Head::default()
        };
        let found = check_head(&head, Some(&base("2026-03-31")), &Codes::default(), today(), for_declare);
        let about = found.into_iter().filter(|one| one.rule.starts_with("change") || one.rule == "head.validity");
        about.map(|one| one.rule).collect::<Vec<_>>()
    };
    assert_eq!(rules("3101910009", "2026-03-31", false), ["change.fixed"], "no draft may name another operator");
    assert_eq!(rules("3101910001", "2026-09-30", true), [""; 0], "more than a year after the book began");
    assert_eq!(rules("3101910001", "2026-10-01", true), ["change.extension"]);
    assert_eq!(rules("3101910001", "2026-10-01", false), [""; 0], "only declaring asks");
    assert_eq!(rules("3101910001", "2026-02-27", true), ["head.validity"], "a shorter validity is not over already");
    assert_eq!(rules("3101910001", "2026-02-28", true), [""; 0]);
}

#[test]
fn a_change_is_one_by_its_head_its_rows_or_its_papers() {
    let nothing = |remark: &str, mark: Mark, papers_changed: bool| {
        let (base, codes) = (base("2026-12-31"), codes());
        let mut head = base.head.clone();
        head.set("remark", remark);
        let mut rows = [row(&export("8542310000", "1", "1"))];
        rows[0].mark = mark;
        let lists: [&[Row<Values>]; 2] = [&rows, &[]];
        let whole = whole_of(&head, &lists, Some(&base), papers_changed, &codes);
        change::check(&whole).is_some()
    };
    assert!(nothing("", Mark::Same, false));
    assert!(!nothing("x", Mark::Same, false));
    for mark in [Mark::Added, Mark::Changed, Mark::Deleted] {
        assert!(!nothing("", mark, false), "{mark:?}");
    }
    assert!(!nothing("", Mark::Same, true));
    // A filing changes nothing and is none.
    let (head, codes) = (Values::of(&Head::default()), codes());
    assert!(change::check(&whole_of(&head, &[&[], &[]], None, false, &codes)).is_none());
}
