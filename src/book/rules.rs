//! The book's rules: pure functions from records to findings and computed values, the same in the
//! browser (at once) and on the server (before anything is stored). No database, no screen.

mod compute;
mod goods;
mod goods_row;
mod head;

pub use compute::{Totals, clean_record, complete_export, complete_reimport, settled_by_code};
pub use goods::{check_export, check_reimport};
pub use goods_row::{GoodsRow, fill_from_code};
pub use head::check_head;

use chrono::NaiveDate;

use super::model::{ExportGoods, HEAD, Head, ReimportGoods, Row};
use crate::form::{Digits, Finding, Severity, parse_decimal};
use crate::reference::Codes;

/// At most so many rows per list: more than any filing seen, and little enough to check at once.
pub const MAX_ROWS: usize = 5000;

/// Reads an amount that was checked before; nothing typed counts as zero.
fn amount(text: &str) -> rust_decimal::Decimal {
    parse_decimal(text, Digits { int: 20, frac: 9 }).unwrap_or_default()
}

/// Everything that keeps the book from being declared, or should be looked at (domain.md §5.3).
pub fn check_book(
    head: &Head,
    exports: &[Row<ExportGoods>],
    reimports: &[Row<ReimportGoods>],
    codes: &Codes,
    today: NaiveDate,
) -> Vec<Finding> {
    let mut findings = check_head(head, codes, today, true);
    for row in exports {
        findings.extend(check_export(row.seq, &row.content, codes, true));
        findings.extend(goods::same_currency("exports", row.seq, &row.content.currency, head));
    }
    for row in reimports {
        findings.extend(check_reimport(row.seq, &row.content, codes, true));
        findings.extend(goods::same_currency("reimports", row.seq, &row.content.currency, head));
        findings.extend(goods::sources_exist(row, exports));
    }
    findings.extend(at_least_one(exports.len(), "exports", "出口货物", "exported goods"));
    findings.extend(at_least_one(reimports.len(), "reimports", "复进口货物", "re-imported goods"));
    findings.extend(whole_change_of_form(exports, reimports));
    findings.extend(original_value_covered(exports, reimports));
    findings.sort_by_key(|found| std::cmp::Reverse(found.severity));
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
fn whole_change_of_form(exports: &[Row<ExportGoods>], reimports: &[Row<ReimportGoods>]) -> Option<Finding> {
    let section_of = |code: &str| code.get(..2).and_then(|chapter| chapter.parse::<u8>().ok()).map(section);
    let sent: Vec<_> = exports.iter().filter_map(|row| section_of(&row.content.hs_code)).collect();
    let odd = reimports
        .iter()
        .find(|row| section_of(&row.content.hs_code).is_some_and(|back| !sent.is_empty() && !sent.contains(&back)))?;
    Some(Finding::new(
        "goods.change_of_form",
        crate::form::pointer("reimports", Some(odd.seq), "hs_code"),
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
fn original_value_covered(exports: &[Row<ExportGoods>], reimports: &[Row<ReimportGoods>]) -> Option<Finding> {
    let sent: rust_decimal::Decimal = exports.iter().map(|row| amount(&row.content.total_price)).sum();
    let back: rust_decimal::Decimal = reimports.iter().map(|row| amount(&row.content.original_value)).sum();
    let last = reimports.iter().rev().find(|row| !amount(&row.content.original_value).is_zero())?;
    (back > sent).then(|| {
        Finding::new(
            "goods.original_value",
            crate::form::pointer("reimports", Some(last.seq), "original_value"),
            Severity::Warning,
            format!("原出口货物价值合计{back}大于出口货物总额{sent}，海关可能退单，请核对"),
            format!("Original values add up to {back}, more than the exports' {sent}; customs may return the filing"),
        )
    })
}

/// Pointer of a head field.
fn head_pointer(key: &str) -> String {
    crate::form::pointer(HEAD, None, key)
}

#[cfg(test)]
mod tests;
