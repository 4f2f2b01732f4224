//! What is worked out rather than typed: totals, dutiable value, legal units, levy mode. The browser shows it at
//! once, the server works it out anew before it stores anything and believes no sum that is sent.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::amount;
use crate::book::model::{ExportGoods, Head, ReimportGoods};
use crate::form::{Record, clean, half_even, plain};
use crate::reference::{Codes, Entry, Table};

/// Normalises every typed field (full-width digits, separators, dates …).
pub fn clean_record<R: Record>(record: &R, today: NaiveDate) -> R {
    let mut cleaned = record.clone();
    for field in R::FIELDS.iter().filter(|field| field.is_typed()) {
        cleaned.set(field.key, clean(field, record.get(field.key), today));
    }
    cleaned
}

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

/// Fields both kinds of goods have and that follow from others.
struct Common<'a> {
    hs_code: &'a str,
    declare_unit: &'a str,
    qty: &'a str,
    legal_unit: &'a mut String,
    legal_unit2: &'a mut String,
    legal_qty: &'a mut String,
    legal_qty2: &'a mut String,
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
fn complete_units(row: Common<'_>, codes: &Codes) {
    if let Some(entry) = known_units(row.hs_code, codes) {
        entry.unit.clone_into(row.legal_unit);
        entry.unit2.clone_into(row.legal_unit2);
    }
    for (unit, qty) in [(&*row.legal_unit, row.legal_qty), (&*row.legal_unit2, row.legal_qty2)] {
        if unit.is_empty() {
            qty.clear();
        } else if qty.is_empty() && unit == row.declare_unit {
            row.qty.clone_into(qty);
        }
    }
}

/// Fills the computed fields of an export row. Export goods are fully exempt (3 全免).
pub fn complete_export(row: &mut ExportGoods, codes: &Codes) {
    row.total_price = total_price(&row.qty, &row.unit_price);
    "3".clone_into(&mut row.levy_mode);
    complete_units(
        Common {
            hs_code: &row.hs_code,
            declare_unit: &row.declare_unit,
            qty: &row.qty,
            legal_unit: &mut row.legal_unit,
            legal_unit2: &mut row.legal_unit2,
            legal_qty: &mut row.legal_qty,
            legal_qty2: &mut row.legal_qty2,
        },
        codes,
    );
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
    complete_units(
        Common {
            hs_code: &row.hs_code,
            declare_unit: &row.declare_unit,
            qty: &row.qty,
            legal_unit: &mut row.legal_unit,
            legal_unit2: &mut row.legal_unit2,
            legal_qty: &mut row.legal_qty,
            legal_qty2: &mut row.legal_qty2,
        },
        codes,
    );
}

/// The head's computed fields, kept by adding and taking away single rows, so that saving one row
/// of a thousand does not read the others. Decimals are exact, so this equals summing anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub export_total: Decimal,
    pub reimport_total: Decimal,
    pub export_count: i64,
    pub reimport_count: i64,
}

impl Totals {
    pub fn of(head: &Head) -> Self {
        Self {
            export_total: amount(&head.export_total),
            reimport_total: amount(&head.reimport_total),
            export_count: head.export_count.parse().unwrap_or(0),
            reimport_count: head.reimport_count.parse().unwrap_or(0),
        }
    }

    pub fn add_export(&mut self, total_price: &str) {
        self.export_total += amount(total_price);
        self.export_count += 1;
    }

    pub fn remove_export(&mut self, total_price: &str) {
        self.export_total -= amount(total_price);
        self.export_count -= 1;
    }

    pub fn add_reimport(&mut self, total_price: &str) {
        self.reimport_total += amount(total_price);
        self.reimport_count += 1;
    }

    pub fn remove_reimport(&mut self, total_price: &str) {
        self.reimport_total -= amount(total_price);
        self.reimport_count -= 1;
    }

    pub fn write(&self, head: &mut Head) {
        head.export_total = plain(self.export_total);
        head.reimport_total = plain(self.reimport_total);
        head.export_count = self.export_count.to_string();
        head.reimport_count = self.reimport_count.to_string();
    }
}
