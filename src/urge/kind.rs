//! The notice of urging as a kind of document that nobody enters: it is listed, read and printed by the life every document has.
//! `kinds` lists it.

use chrono::NaiveDate;

use super::model::HEAD;
use crate::account::model::Enterprise;
use crate::document::Base;
use crate::document::kind::{Kind, Listing, Naming, Rules, Whole};
use crate::form::{Finding, Values};
use crate::reference::Codes;
use crate::text::text;

/// Its query list.
pub static LISTING: Listing = Listing { key: "urge", label: text("出境加工账册催核查询", "Urging query") };

/// How it is called.
pub static NAMING: Naming = Naming {
    key: "urge",
    label: text("出境加工账册催核", "Urging by customs"),
    noun: text("催核", "Urging"),
    listing: &LISTING,
    new_label: text("催核", "Urging"),
    is_notice: true,
};

/// 出境加工账册催核
pub static URGE: Kind = Kind {
    naming: &NAMING,
    head: HEAD,
    sections: &[],
    parties: &[],
    facts: &["internal_no", "book_no", "operator_name", "urged_on", "due_date"],
    columns: &[
        "internal_no",
        "book_no",
        "operator_code",
        "operator_name",
        "master_customs",
        "urged_on",
        "due_date",
        "valid_to",
        "handled",
        "mobile",
        "sms_state",
        "sms_told",
        "content",
        "seq_no",
    ],
    titles: &["book_no"],
    own: &[],
    element: "OpbUrgeBsc",
    book: Some("book_no"),
    declared: None,
    accounts: None,
    rules: &NoRules,
};

/// What customs says is not ours to check.
struct NoRules;

impl Rules for NoRules {
    fn start(&self, _: &mut Values, _: &Enterprise, _: NaiveDate) {}
    fn fix(&self, _: &mut Values) {}
    fn check_head(&self, _: &Values, _: Option<&Base>, _: &Codes, _: NaiveDate, _: bool) -> Vec<Finding> {
        Vec::new()
    }
    fn check_whole(&self, _: &Whole<'_>) -> Vec<Finding> {
        Vec::new()
    }
}
