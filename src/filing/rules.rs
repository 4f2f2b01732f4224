//! The rules of a filing: pure functions from records to findings and computed values, the same in the browser (at
//! once) and on the server (before anything is stored). No database, no screen. `kind` hands them to the document.

pub mod booked;
pub mod change;
mod compute;
mod goods;
mod head;

pub use compute::{complete_export, complete_reimport};
pub use goods::{check_export, check_reimport};
pub use head::{LONGEST_MONTHS, check_head};

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::model::{EXPORTS, REIMPORTS};
use crate::document::Row;
use crate::document::kind::{HEAD, Whole};
use crate::form::{Finding, Severity, Values, amount, pointer};

/// At most so many rows per list: more than any filing seen, and little enough to check at once.
pub const MAX_ROWS: usize = 5000;

/// What keeps a filing from being declared, or should be looked at, beyond its single fields and rows (domain.md §5.3).
pub fn check_whole(whole: &Whole<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for section in [EXPORTS, REIMPORTS] {
        findings.extend(whole.list(section).filter_map(|row| goods::same_currency(section, row, whole.head)));
    }
    let sent: BTreeSet<i64> = whole.list(EXPORTS).map(|row| row.seq).collect();
    findings.extend(whole.list(REIMPORTS).filter_map(|row| goods::sources_exist(row, &sent)));
    findings.extend(at_least_one(whole.list(EXPORTS).count(), EXPORTS, "出口货物", "exported goods"));
    findings.extend(at_least_one(whole.list(REIMPORTS).count(), REIMPORTS, "复进口货物", "re-imported goods"));
    findings.extend(whole_change_of_form(whole));
    findings.extend(original_value_covered(whole));
    if let (Some(book), Some(_)) = (whole.book, whole.base) {
        findings.extend(booked::check(whole.lists, book));
    }
    findings.extend(change::check(whole));
    findings
}

fn at_least_one(rows: usize, section: &str, zh: &str, en: &str) -> Option<Finding> {
    (rows == 0).then(|| {
        Finding::new(
            "rows.at_least_one",
            format!("{section}.hs_code"),
            Severity::Declare,
            format!("{zh}至少录入一项"),
            format!("Enter at least one row of {en}"),
        )
    })
}

/// Goods that come back in a wholly different form are an ordinary import, not outward processing
/// (scope of supervision mode 1427). Only a hint: chapters differ for honest reasons too.
fn whole_change_of_form(whole: &Whole<'_>) -> Option<Finding> {
    let section_of = |code: &str| code.get(..2).and_then(|chapter| chapter.parse::<u8>().ok()).map(section);
    let sent: Vec<_> = whole.list(EXPORTS).filter_map(|row| section_of(row.content.get("hs_code"))).collect();
    let odd = whole.list(REIMPORTS).find(|row| {
        section_of(row.content.get("hs_code")).is_some_and(|back| !sent.is_empty() && !sent.contains(&back))
    })?;
    Some(Finding::new(
        "goods.change_of_form",
        pointer(REIMPORTS, Some(odd.seq), "hs_code"),
        Severity::Warning,
        format!("复进口货物第{}项与出口货物不属同一类，完全改变物理形态的应按一般贸易申报，请核对", odd.seq),
        format!(
            "Re-import item {} is of another section than all exports; goods changed in form altogether are ordinary imports",
            odd.seq
        ),
    ))
}

/// Section of the tariff a chapter belongs to (类).
const fn section(chapter: u8) -> u8 {
    match chapter {
        0..=5 => 1,
        6..=14 => 2,
        15 => 3,
        16..=24 => 4,
        25..=27 => 5,
        28..=38 => 6,
        39..=40 => 7,
        41..=43 => 8,
        44..=46 => 9,
        47..=49 => 10,
        50..=63 => 11,
        64..=67 => 12,
        68..=70 => 13,
        71 => 14,
        72..=83 => 15,
        84..=85 => 16,
        86..=89 => 17,
        90..=92 => 18,
        93 => 19,
        94..=96 => 20,
        _ => 21,
    }
}

/// What comes back exempt cannot be worth more than what went out; customs refuses it later.
fn original_value_covered(whole: &Whole<'_>) -> Option<Finding> {
    let value = |row: &Row<Values>| amount(row.content.get("original_value"));
    let sent: Decimal = whole.list(EXPORTS).map(|row| amount(row.content.get("total_price"))).sum();
    let back: Decimal = whole.list(REIMPORTS).map(value).sum();
    let last = whole.list(REIMPORTS).filter(|row| !value(row).is_zero()).last()?;
    (back > sent).then(|| {
        Finding::new(
            "goods.original_value",
            pointer(REIMPORTS, Some(last.seq), "original_value"),
            Severity::Warning,
            format!("原出口货物价值合计{back}大于出口货物总额{sent}，海关可能退单，请核对"),
            format!("Original values add up to {back}, more than the exports' {sent}; customs may return the filing"),
        )
    })
}

/// Pointer of a head field.
fn head_pointer(key: &str) -> String {
    pointer(HEAD, None, key)
}

#[cfg(test)]
mod tests;
