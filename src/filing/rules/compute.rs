//! What is worked out rather than typed: totals, dutiable value, legal units, levy mode. The browser shows it at
//! once, the server works it out anew before it stores anything and believes no sum that is sent.

use crate::filing::model::{ExportGoods, ReimportGoods};
use crate::form::{amount, plain};
use crate::goods::{complete_units, total_price};
use crate::reference::Codes;

/// Fills the computed fields of an export row. Export goods are fully exempt (3 全免).
pub fn complete_export(row: &mut ExportGoods, codes: &Codes) {
    row.total_price = total_price(&row.qty, &row.unit_price);
    "3".clone_into(&mut row.levy_mode);
    complete_units(row, "declare_unit", codes);
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
    complete_units(row, "declare_unit", codes);
}
