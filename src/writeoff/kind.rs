//! The write-off as a kind of document: its fields, lists and rules put together. `kinds` lists it; everything else about it
//! stands in `model` and `rules`.

use chrono::NaiveDate;

use super::model::{ENTRIES, ENTRY, EXPORT_ROW, EXPORTS, HEAD, NORMAL, REIMPORT_ROW, REIMPORTS};
use super::rules::{EntryRows, GoodsRows, check_whole, figures, fix, lists, papers};
use crate::account::model::Enterprise;
use crate::document::Base;
use crate::document::kind::{
    Accounts, HEAD as HEAD_KEY, Kind, Listing, Naming, Party, Rules, Section, Whole, declared_by,
};
use crate::form::{Finding, Values, check_record, show_date};
use crate::reference::Codes;
use crate::text::{Message, Text, text};

/// At most so many rows in a list.
const MOST_ROWS: usize = 5000;

const NUMBER: Text = text("序号", "No.");
const QUICK: &[&str] = &["goods_seq", "hs_code", "goods_name", "spec_model"];
const DECLARANT: Party = Party { front: "declarant", code: "declarant_code", label: text("申报单位", "declarant") };

/// Its query list.
pub static LISTING: Listing =
    Listing { key: "writeoff", label: text("出境加工账册报核查询", "Write-off query") };

/// How it is called.
pub static NAMING: Naming = Naming {
    key: "writeoff",
    label: text("出境加工账册报核", "Account book write-off"),
    noun: text("报核", "Write-off"),
    listing: &LISTING,
    new_label: text("新报核", "New write-off"),
    is_notice: false,
};

/// 出境加工账册报核
pub static WRITEOFF: Kind = Kind {
    naming: &NAMING,
    head: HEAD,
    sections: &[
        Section {
            key: ENTRIES,
            label: text("核报报关单", "Customs entries"),
            fields: ENTRY,
            number: NUMBER,
            first: "entry_no",
            most_rows: MOST_ROWS,
            count: "entry_count",
            sums: &[("exported", "export_total"), ("exempt", "reimport_total"), ("taxed", "taxed_total")],
            quick: &["entry_no"],
            sheet_names: &["报关单", "entries"],
            element: "OpbChgoffDecDt",
            number_element: "decSeqno",
            rules: &EntryRows,
        },
        Section {
            key: EXPORTS,
            label: text("出口货物", "Exported goods"),
            fields: EXPORT_ROW,
            number: NUMBER,
            first: "goods_seq",
            most_rows: MOST_ROWS,
            count: "export_count",
            sums: &[],
            quick: QUICK,
            sheet_names: &["出口货物", "Exported goods"],
            element: "OpbChgoffExpDt",
            number_element: "rowNo",
            rules: &GoodsRows::Exports,
        },
        Section {
            key: REIMPORTS,
            label: text("复进口货物", "Re-imported goods"),
            fields: REIMPORT_ROW,
            number: NUMBER,
            first: "goods_seq",
            most_rows: MOST_ROWS,
            count: "reimport_count",
            sums: &[],
            quick: QUICK,
            sheet_names: &["复进口", "Re-import"],
            element: "OpbChgoffImpDt",
            number_element: "rowNo",
            rules: &GoodsRows::Reimports,
        },
    ],
    parties: &[DECLARANT],
    facts: &[
        "book_no",
        "internal_no",
        "operator_name",
        "period_from",
        "period_to",
        "export_total",
        "reimport_total",
        "currency",
    ],
    columns: &[
        "seq_no",
        "book_no",
        "internal_no",
        "decl_type",
        "writeoff_seq",
        "operator_code",
        "operator_name",
        "master_customs",
        "period_from",
        "period_to",
        "closes",
        "export_total",
        "reimport_total",
        "currency",
        "entry_count",
        "input_date",
        "declared_at",
        "approved_at",
    ],
    titles: &["book_no", "internal_no"],
    own: &["internal_no", "book_no", "period_to"],
    element: "OpbChgoffBsc",
    book: Some("book_no"),
    declared: None,
    accounts: Some(&Accounts {
        label: text("按台账生成", "Make from the ledger"),
        question: text(
            "将按台账重新生成三个表体：报关单以台账为准；与账面不同的数量、金额（人工更正）以及备注、未复运数量和处理方式保留；台账中没有、也没有备注的行删除。是否继续？",
            "The three lists are made anew from the ledger. Figures that were corrected by hand, remarks and what is not returned are kept; rows that are not in the ledger and say nothing go. Go on?",
        ),
        lists,
        figures,
    }),
    rules: &WriteoffRules,
};

struct WriteoffRules;

impl Rules for WriteoffRules {
    fn start(&self, head: &mut Values, unit: &Enterprise, today: NaiveDate) {
        declared_by(head, unit);
        let today = show_date(today);
        for (key, value) in [("decl_type", NORMAL), ("closes", "0"), ("period_to", &today), ("input_date", &today)] {
            if head.get(key).is_empty() {
                head.set(key, value);
            }
        }
    }

    fn fix(&self, head: &mut Values) {
        fix(head);
    }

    fn check_head(
        &self,
        head: &Values,
        _: Option<&Base>,
        codes: &Codes,
        _: NaiveDate,
        for_declare: bool,
    ) -> Vec<Finding> {
        let mut findings = check_record(HEAD_KEY, None, head, codes, for_declare);
        if for_declare {
            findings.extend(DECLARANT.check(head));
        }
        findings
    }

    fn check_whole(&self, whole: &Whole<'_>) -> Vec<Finding> {
        check_whole(whole)
    }

    fn papers(&self, whole: &Whole<'_>) -> Vec<(&'static str, Message)> {
        papers(whole)
    }
}
