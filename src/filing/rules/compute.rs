//! What is worked out rather than typed: totals, dutiable value, legal units, levy mode. The browser shows it at
//! once, the server works it out anew before it stores anything and believes no sum that is sent.

use crate::filing::model::{ExportGoods, ReimportGoods};
use crate::form::{Record, amount, half_even, plain};
use crate::reference::{Codes, Entry, Table};

/// quantity × unit price, two decimals, half to even; empty while one of them is missing.
fn total_price(qty: &str, unit_price: &str) -> String {
    if qty.is_empty() || unit_price.is_empty() {
        return String::new();
    }
    match amount(qty).checked_mul(amount(unit_price)) {
        Some(total) if !total.is_zero() => plain(half_even(total, 2)),
        _ => String::new(),
    }
}

/// What the table of codes says about a commodity's units; `None` where it does not know them.
fn known_units<'a>(hs_code: &str, codes: &'a Codes) -> Option<Entry<'a>> {
    codes.find(Table::Commodity, hs_code).filter(|entry| !entry.unit.is_empty())
}

/// Fields of a row in which its commodity code leaves nothing to type: the legal units, and the second quantity
/// where there is no second unit. Grey, as on the official screen.
pub fn settled_by_code(hs_code: &str, codes: &Codes) -> &'static [&'static str] {
    match known_units(hs_code, codes) {
        None if hs_code.is_empty() => &["legal_unit", "legal_unit2"], // they come with it
        None => &[],
        Some(entry) if entry.unit2.is_empty() => &["legal_unit", "legal_unit2", "legal_qty2"],
        Some(_) => &["legal_unit", "legal_unit2"],
    }
}

/// Legal units come from the commodity code where its table knows them; the quantity in a legal
/// unit that equals the declared unit is the declared quantity, as the official screen does it.
fn complete_units(row: &mut impl Record, codes: &Codes) {
    if let Some(entry) = known_units(row.get("hs_code"), codes) {
        row.set("legal_unit", entry.unit);
        row.set("legal_unit2", entry.unit2);
        if entry.unit2.is_empty() {
            row.set("legal_qty2", "");
        }
    }
    // A quantity that was typed before its unit is known stays.
    for (unit, qty) in [("legal_unit", "legal_qty"), ("legal_unit2", "legal_qty2")] {
        if !row.get(unit).is_empty() && row.get(qty).is_empty() && row.get(unit) == row.get("declare_unit") {
            row.set(qty, row.get("qty").to_owned());
        }
    }
}

/// The name of the goods comes with a commodity code that was just typed.
pub(super) fn name_from_code(row: &mut impl Record, typed: Option<&str>, codes: &Codes) {
    if typed == Some("hs_code")
        && let Some(entry) = codes.find(Table::Commodity, row.get("hs_code"))
    {
        row.set("goods_name", entry.name);
    }
}

/// Fills the computed fields of an export row. Export goods are fully exempt (3 全免).
pub fn complete_export(row: &mut ExportGoods, codes: &Codes) {
    row.total_price = total_price(&row.qty, &row.unit_price);
    "3".clone_into(&mut row.levy_mode);
    complete_units(row, codes);
}

/// Fills the computed fields of a re-import row. 计税价格 = the four fees (关税条例 art. 24);
/// the fees are what is taxed (1 照章征税), the original value comes back exempt.
pub fn complete_reimport(row: &mut ReimportGoods, codes: &Codes) {
    row.total_price = total_price(&row.qty, &row.unit_price);
    "1".clone_into(&mut row.levy_mode);
    let fees = [&row.fee_processing, &row.fee_material, &row.fee_freight, &row.fee_insurance];
    row.dutiable_value = if fees.iter().all(|fee| fee.is_empty()) {
        String::new()
    } else {
        plain(fees.iter().map(|fee| amount(fee)).sum())
    };
    complete_units(row, codes);
}
