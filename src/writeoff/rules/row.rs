//! The rules of one row of a write-off: its form, and what 未复运数量 asks for. What concerns rows beside each other and the
//! ledger is in `rules`.

use super::figures::propose;
use crate::document::kind::RowRules;
use crate::document::under_book::UnderBook;
use crate::form::{Finding, Severity, Values, amount, check_record, pointer};
use crate::goods::name_the_row;
use crate::reference::Codes;
use crate::text::{Text, text};
use crate::writeoff::model::{ENTRIES, ENTRY, EXPORT_ROW, EXPORTS, REIMPORT_ROW, REIMPORTS};

/// Rows of 核报报关单.
pub struct EntryRows;

/// Rows of goods.
pub enum GoodsRows {
    Exports,
    Reimports,
}

impl RowRules for EntryRows {
    fn complete(&self, _: &mut Values, _: Option<&str>, _: &Codes) {}
    fn settled(&self, _: &Values, _: &Codes) -> &'static [&'static str] {
        &[]
    }
    fn check(&self, seq: i64, row: &Values, codes: &Codes, for_declare: bool) -> Vec<Finding> {
        let mut findings = check_record(ENTRIES, Some(seq), row, codes, for_declare);
        name_the_row(&mut findings, text("核报报关单", "Entries"), seq);
        findings
    }
    fn blank(&self, _: &Values, _: &Codes) -> Values {
        Values::new(ENTRY)
    }
    fn take_goods(&self, _: &mut Values, _: &str, _: &Values, _: &UnderBook) {}
}

impl GoodsRows {
    const fn section(&self) -> &'static str {
        match self {
            Self::Exports => EXPORTS,
            Self::Reimports => REIMPORTS,
        }
    }

    const fn label(&self) -> Text {
        match self {
            Self::Exports => text("出口货物", "Exported goods"),
            Self::Reimports => text("复进口货物", "Re-imported goods"),
        }
    }
}

impl RowRules for GoodsRows {
    fn complete(&self, _: &mut Values, _: Option<&str>, _: &Codes) {}
    fn settled(&self, _: &Values, _: &Codes) -> &'static [&'static str] {
        &[]
    }
    fn check(&self, seq: i64, row: &Values, codes: &Codes, for_declare: bool) -> Vec<Finding> {
        let mut findings = check_record(self.section(), Some(seq), row, codes, for_declare);
        findings.extend(disposal(self.section(), seq, row).filter(|_| for_declare));
        name_the_row(&mut findings, self.label(), seq);
        findings
    }
    fn blank(&self, _: &Values, _: &Codes) -> Values {
        Values::new(match self {
            Self::Exports => EXPORT_ROW,
            Self::Reimports => REIMPORT_ROW,
        })
    }
    fn take_goods(&self, row: &mut Values, typed: &str, _: &Values, book: &UnderBook) {
        if typed == "goods_seq" {
            propose(self.section(), row, book);
        }
    }
}

/// What does not come back has a reason, and only that.
fn disposal(section: &str, seq: i64, row: &Values) -> Option<Finding> {
    if !row.has("unreturned_qty") {
        return None;
    }
    let has_some = !amount(row.get("unreturned_qty")).is_zero();
    let has_reason = !row.get("disposal").is_empty();
    let (key, zh, en) = match (has_some, has_reason) {
        (true, false) => ("disposal", "有未复运数量，请选择处理方式", "Choose what became of what is not returned"),
        (false, true) => (
            "unreturned_qty",
            "已选择处理方式，请录入未复运数量，或清空处理方式",
            "Type how much is not returned, or clear what became of it",
        ),
        _ => return None,
    };
    Some(Finding::new("writeoff.disposal", pointer(section, Some(seq), key), Severity::Declare, zh, en))
}
