//! The entries as two kinds of documents: their fields, rows and rules put together. `kinds` lists them; everything else
//! about them stands in `model` and `rules`.

use chrono::NaiveDate;

use super::model::{
    BY_VALUE, DECLARED, DECLARED_ITEM, EXPORT_HEAD, EXPORT_ITEM, IMPORT_HEAD, IMPORT_ITEM, ITEMS, MADE_HERE, REGISTERED,
};
use super::rules::{Direction, ExportRows, ImportRows, MOST_ITEMS, check_head, check_whole, declared};
use crate::account::model::Enterprise;
use crate::document::Base;
use crate::document::kind::{Declared, Kind, Listing, Naming, Party, Rules, Section, Whole, declared_by};
use crate::form::{Finding, Values, show_date};
use crate::reference::Codes;
use crate::text::{Text, text};

/// 监管方式 出料加工
pub const SUPERVISION_MODE: &str = "1427";
/// 征免性质 其他法定
const LEVY_NATURE: &str = "299";

const ROW: Text = text("行号", "Row");
const ITEM_NO: Text = text("项号", "Item");
const ITEMS_LABEL: Text = text("商品", "Goods");
const QUICK: &[&str] = &["goods_seq", "hs_code", "goods_name", "spec_model"];
const OWN: &[&str] = &["internal_no", "registered_no", "ie_date", "traf_name", "bill_no"];
const TITLES: &[&str] = &["entry_no", "registered_no", "internal_no"];
const OPERATOR: Party =
    Party { front: "operator", code: "operator_code", label: text("境内收发货人", "operator") };
const DECLARANT: Party = Party { front: "declarant", code: "declarant_code", label: text("申报单位", "declarant") };

/// The query list of both.
pub static LISTING: Listing = Listing { key: "entry", label: text("报关单查询", "Customs entry query") };

/// How it is called.
pub static EXPORT_NAMING: Naming = Naming {
    key: "entry_export",
    label: text("出境加工报关单(出口)", "Customs entry (export)"),
    noun: text("出口报关单", "Export entry"),
    listing: &LISTING,
    new_label: text("新出口报关单", "New export entry"),
    is_notice: false,
};

/// 出境加工报关单(出口)
pub static ENTRY_EXPORT: Kind = Kind {
    naming: &EXPORT_NAMING,
    head: EXPORT_HEAD,
    sections: &[Section {
        key: ITEMS,
        label: ITEMS_LABEL,
        fields: EXPORT_ITEM,
        number: ROW,
        first: "goods_seq",
        most_rows: MOST_ITEMS,
        count: "item_count",
        sums: &[("total_price", "export_total")],
        quick: QUICK,
        sheet_names: &["商品", "Goods"],
        element: "DecRow",
        number_element: "rowNo",
        rules: &ExportRows,
    }],
    parties: &[
        OPERATOR,
        Party { front: "owner", code: "owner_code", label: text("生产销售单位", "producer") },
        DECLARANT,
    ],
    facts: &["entry_no", "internal_no", "manual_no", "operator_name", "export_total", "currency"],
    columns: &[
        "entry_no",
        "ie_flag",
        "manual_no",
        "internal_no",
        "origin",
        "ie_date",
        "ie_port",
        "overseas_name",
        "export_total",
        "currency",
        "item_count",
        "input_date",
        "declared_at",
        "seq_no",
    ],
    titles: TITLES,
    own: OWN,
    element: "DecHead",
    book: Some("manual_no"),
    declared: Some(&Declared {
        key: DECLARED,
        label: text("商品项", "Declared items"),
        fields: DECLARED_ITEM,
        number: ITEM_NO,
        element: "DecList",
        number_element: "gNo",
        items: declared::exported,
    }),
    accounts: None,
    rules: &EntryRules(Direction::Export),
};

/// How it is called.
pub static IMPORT_NAMING: Naming = Naming {
    key: "entry_import",
    label: text("出境加工报关单(进口)", "Customs entry (import)"),
    noun: text("进口报关单", "Import entry"),
    listing: &LISTING,
    new_label: text("新进口报关单", "New import entry"),
    is_notice: false,
};

/// 出境加工报关单(进口)
pub static ENTRY_IMPORT: Kind = Kind {
    naming: &IMPORT_NAMING,
    head: IMPORT_HEAD,
    sections: &[Section {
        key: ITEMS,
        label: ITEMS_LABEL,
        fields: IMPORT_ITEM,
        number: ROW,
        first: "goods_seq",
        most_rows: MOST_ITEMS / 2,
        count: "item_count",
        sums: &[("original_value", "reimport_total")],
        quick: QUICK,
        sheet_names: &["商品", "Goods"],
        element: "DecRow",
        number_element: "rowNo",
        rules: &ImportRows,
    }],
    parties: &[
        OPERATOR,
        Party { front: "owner", code: "owner_code", label: text("消费使用单位", "consumer") },
        DECLARANT,
    ],
    facts: &["entry_no", "internal_no", "manual_no", "operator_name", "reimport_total", "currency"],
    columns: &[
        "entry_no",
        "ie_flag",
        "manual_no",
        "internal_no",
        "origin",
        "ie_date",
        "ie_port",
        "overseas_name",
        "reimport_total",
        "currency",
        "item_count",
        "input_date",
        "declared_at",
        "seq_no",
    ],
    titles: TITLES,
    own: OWN,
    element: "DecHead",
    book: Some("manual_no"),
    declared: Some(&Declared {
        key: DECLARED,
        label: text("商品项", "Declared items"),
        fields: DECLARED_ITEM,
        number: ITEM_NO,
        element: "DecList",
        number_element: "gNo",
        items: declared::reimported,
    }),
    accounts: None,
    rules: &EntryRules(Direction::Import),
};

/// The kind of the entries of a direction.
pub const fn kind_of(direction: Direction) -> &'static Kind {
    match direction {
        Direction::Export => &ENTRY_EXPORT,
        Direction::Import => &ENTRY_IMPORT,
    }
}

struct EntryRules(Direction);

impl Rules for EntryRules {
    fn start(&self, head: &mut Values, unit: &Enterprise, today: NaiveDate) {
        declared_by(head, unit);
        let sharing = ("share_by", BY_VALUE.to_owned());
        for (key, value) in [("origin", MADE_HERE.to_owned()), ("input_date", show_date(today)), sharing] {
            if head.get(key).is_empty() {
                head.set(key, value);
            }
        }
    }

    fn fix(&self, head: &mut Values) {
        head.set("supervision_mode", SUPERVISION_MODE);
        head.set("levy_nature", LEVY_NATURE);
        head.set("ie_flag", self.0.code());
    }

    fn check_head(
        &self,
        head: &Values,
        _: Option<&Base>,
        codes: &Codes,
        _: NaiveDate,
        for_declare: bool,
    ) -> Vec<Finding> {
        let mut findings = check_head(self.0, head, codes, for_declare);
        if for_declare && !self.registers(head) {
            let parties = kind_of(self.0).parties;
            // The operator is the book's: its code is not typed here.
            findings.extend(parties.iter().skip(1).filter_map(|party| party.check(head)));
        }
        findings
    }

    fn check_whole(&self, whole: &Whole<'_>) -> Vec<Finding> {
        check_whole(self.0, whole)
    }

    fn registers(&self, head: &Values) -> bool {
        head.get("origin") == REGISTERED
    }
}
