//! The filing of an account book (备案, 变更) as a kind of document: its fields, lists and rules put together.
//! `kinds` lists it; everything else about it stands in `model` and `rules`.

use chrono::NaiveDate;

use super::model::{EXPORTS, ExportGoods, Head, REIMPORTS, ReimportGoods};
use super::rules::{LONGEST_MONTHS, MAX_ROWS, change, check_head, check_whole};
use crate::account::model::Enterprise;
use crate::document::Base;
use crate::document::kind::{Kind, Listing, Naming, Party, Rules, Section, Typed, Whole, declared_by};
use crate::form::{Finding, Record as _, Values, add_months, show_date};
use crate::reference::Codes;
use crate::text::{Message, Text, text};

/// 监管方式 出料加工
const SUPERVISION_MODE: &str = "1427";
/// 征免性质 其他法定
const LEVY_NATURE: &str = "299";

const ITEM_NO: Text = text("商品序号", "No.");
const QUICK: &[&str] = &["hs_code", "goods_name", "material_no", "spec_model"];

/// Its query list.
pub static LISTING: Listing = Listing { key: "filing", label: text("出境加工账册查询", "Account book query") };

/// How it is called.
pub static NAMING: Naming = Naming {
    key: "filing",
    label: text("出境加工账册(备案/变更)", "Account book (filing/change)"),
    noun: text("账册", "Book"),
    listing: &LISTING,
    new_label: text("新账册备案", "New filing"),
    is_notice: false,
};

/// 出境加工账册(备案/变更)
pub static FILING: Kind = Kind {
    naming: &NAMING,
    head: Head::FIELDS,
    sections: &[
        Section {
            key: EXPORTS,
            label: text("出口货物", "Exported goods"),
            fields: ExportGoods::FIELDS,
            number: ITEM_NO,
            first: "hs_code",
            most_rows: MAX_ROWS,
            count: "export_count",
            sums: &[("total_price", "export_total")],
            quick: QUICK,
            sheet_names: &["出口货物", "Exported goods"],
            element: "OpbPutrecExpDt",
            number_element: "gdsSeqno",
            rules: &Typed::<ExportGoods>::RULES,
        },
        Section {
            key: REIMPORTS,
            label: text("复进口货物", "Re-imported goods"),
            fields: ReimportGoods::FIELDS,
            number: ITEM_NO,
            first: "hs_code",
            most_rows: MAX_ROWS,
            count: "reimport_count",
            sums: &[("total_price", "reimport_total")],
            quick: QUICK,
            sheet_names: &["复进口", "Re-import"],
            element: "OpbPutrecImpDt",
            number_element: "gdsSeqno",
            rules: &Typed::<ReimportGoods>::RULES,
        },
    ],
    parties: &[
        Party { front: "operator", code: "operator_code", label: text("经营单位", "operator") },
        Party { front: "processor", code: "processor_code", label: text("加工单位", "processor") },
        Party { front: "declarant", code: "declarant_code", label: text("申报单位", "declarant") },
    ],
    facts: &["seq_no", "internal_no", "book_no", "operator_name", "export_total", "reimport_total", "currency"],
    columns: &[
        "seq_no",
        "book_no",
        "internal_no",
        "decl_type",
        "operator_code",
        "operator_name",
        "processor_name",
        "master_customs",
        "valid_to",
        "export_total",
        "reimport_total",
        "currency",
        "change_seq",
        "input_date",
        "declared_at",
    ],
    titles: &["book_no", "internal_no"],
    own: &["internal_no", "contract_date", "valid_to"],
    element: "OpbPutrecBsc",
    book: None,
    declared: None,
    accounts: None,
    rules: &FilingRules,
};

struct FilingRules;

impl Rules for FilingRules {
    fn start(&self, head: &mut Values, unit: &Enterprise, today: NaiveDate) {
        declared_by(head, unit);
        let longest = add_months(today, LONGEST_MONTHS).map(show_date).unwrap_or_default();
        let first = [("decl_type", "1".to_owned()), ("change_seq", "0".to_owned())];
        for (key, value) in [("valid_to", longest), ("input_date", show_date(today))].into_iter().chain(first) {
            if head.get(key).is_empty() {
                head.set(key, value);
            }
        }
    }

    fn fix(&self, head: &mut Values) {
        head.set("supervision_mode", SUPERVISION_MODE);
        head.set("levy_nature", LEVY_NATURE);
        if head.get("declarant_type").is_empty() {
            head.set("declarant_type", "1");
        }
    }

    fn check_head(
        &self,
        head: &Values,
        base: Option<&Base>,
        codes: &Codes,
        today: NaiveDate,
        for_declare: bool,
    ) -> Vec<Finding> {
        let mut findings = check_head(&head.read::<Head>(), base, codes, today, for_declare);
        if for_declare {
            findings.extend(FILING.parties.iter().filter_map(|party| party.check(head)));
        }
        findings
    }

    fn check_whole(&self, whole: &Whole<'_>) -> Vec<Finding> {
        check_whole(whole)
    }

    fn papers(&self, whole: &Whole<'_>) -> Vec<(&'static str, Message)> {
        change::papers(whole.head.get("valid_to"), whole.base)
    }
}
