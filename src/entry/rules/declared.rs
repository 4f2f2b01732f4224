//! The items an entry declares, worked out from its rows: one for a row of exports, two for a row that came back. Handed
//! to the document as [`crate::document::kind::Declared`]; the ledger books the same items.

use rust_decimal::Decimal;

use super::split::{Split, TAXED_QTY, in_force, split, unit_price};
use crate::document::Row;
use crate::document::kind::Lists;
use crate::entry::model::DECLARED_ITEM;
use crate::form::{Values, amount, plain};

/// 征减免税方式
pub const TAXED: &str = "1";
pub const EXEMPT: &str = "3";

const VALUE_PORTION: &str = "原出口货物价值";
const FEES_PORTION: &str = "境外加工等费用";

/// Fields that an item takes from its row as they stand: of the item, of the row.
const SAME: [(&str, &str); 10] = [
    ("contr_item", "goods_seq"),
    ("code_ts", "hs_code"),
    ("g_name", "goods_name"),
    ("g_model", "spec_model"),
    ("g_unit", "unit"),
    ("first_unit", "legal_unit"),
    ("second_unit", "legal_unit2"),
    ("origin_country", "origin_country"),
    ("destination_country", "dest_country"),
    ("district", "district"),
];
/// The quantities of an item: of the item, of the row.
const QUANTITIES: [(&str, &str); 3] = [("g_qty", "qty"), ("first_qty", "legal_qty"), ("second_qty", "legal_qty2")];

fn item(head: &Values, row: &Values) -> Values {
    let mut item = Values::new(DECLARED_ITEM);
    for (to, from) in SAME.into_iter().chain(QUANTITIES) {
        item.set(to, row.get(from));
    }
    item.set("trade_curr", head.get("currency"));
    item
}

/// Sets the amount of an item and the unit price that goes with it.
fn price(item: &mut Values, total: Decimal, qty: Decimal, levy: &str) {
    item.set("decl_total", plain(total));
    item.set("decl_price", plain(unit_price(total, qty)));
    item.set("duty_mode", levy);
}

fn numbered(items: impl Iterator<Item = Row<Values>>) -> Vec<Row<Values>> {
    items.zip(1..).map(|(item, seq)| Row { seq, ..item }).collect()
}

/// Items of an export entry.
pub fn exported(head: &Values, lists: Lists<'_>) -> Vec<Row<Values>> {
    let rows = lists.first().copied().unwrap_or_default();
    numbered(in_force(rows).map(|row| {
        let mut content = item(head, &row.content);
        let total = amount(row.content.get("total_price"));
        price(&mut content, total, amount(row.content.get("qty")), EXEMPT);
        let typed = row.content.get("unit_price");
        if !typed.is_empty() {
            content.set("decl_price", typed);
        }
        Row { content, ..row.clone() }
    }))
}

/// Items of a re-import: of every row the one with the original value, then the one with the fees.
pub fn reimported(head: &Values, lists: Lists<'_>) -> Vec<Row<Values>> {
    let rows = lists.first().copied().unwrap_or_default();
    let splits = split(head, rows);
    numbered(in_force(rows).zip(splits).flat_map(|(row, split)| {
        let [exempt, taxed] = pair(head, &row.content, split);
        [Row { content: exempt, ..row.clone() }, Row { content: taxed, ..row.clone() }]
    }))
}

fn pair(head: &Values, row: &Values, split: Split) -> [Values; 2] {
    let mut exempt = item(head, row);
    exempt.set("portion", VALUE_PORTION);
    price(&mut exempt, split.exempt, amount(row.get("qty")), EXEMPT);
    let mut taxed = item(head, row);
    taxed.set("portion", FEES_PORTION);
    for (to, from) in QUANTITIES {
        taxed.set(to, if row.get(from).is_empty() { String::new() } else { plain(TAXED_QTY) });
    }
    price(&mut taxed, split.taxed, TAXED_QTY, TAXED);
    let departure = split.departure();
    if !departure.is_zero() {
        let sign = if departure.is_sign_positive() { "+" } else { "" };
        taxed.set("departure", format!("{sign}{}", plain(departure)));
    }
    [exempt, taxed]
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::document::Mark;
    use crate::entry::model::{IMPORT_HEAD, IMPORT_ITEM};

    #[test]
    fn a_row_that_came_back_is_declared_as_two_items() {
        // Manual lines 719–727: a second line that is missing, or whose quantity is not 0.1, is returned by customs.
        let mut head = Values::new(IMPORT_HEAD);
        head.set("currency", "USD");
        head.set("shared_freight", "100");
        let row = |seq: i64, value: &str, fee: &str| {
            let mut content = Values::new(IMPORT_ITEM);
            let texts = [
                ("goods_seq", "7"),
                ("qty", "300"),
                ("legal_qty", "300"),
                ("original_value", value),
                ("fee_processing", fee),
            ];
            texts.iter().for_each(|(key, text)| content.set(key, *text));
            Row { id: Uuid::from_u128(1), seq, version: 1, mark: Mark::Same, content }
        };
        let items = reimported(&head, &[&[row(4, "100", "12.35"), row(9, "200", "")]]);
        let told: Vec<[&str; 6]> = items
            .iter()
            .map(|item| {
                ["contr_item", "g_qty", "decl_price", "decl_total", "duty_mode", "first_qty"]
                    .map(|key| item.content.get(key))
            })
            .collect();
        assert_eq!(
            told,
            [
                ["7", "300", "0.3333", "100", "3", "300"],
                ["7", "0.1", "456.8", "45.68", "1", "0.1"],
                ["7", "300", "0.6667", "200", "3", "300"],
                ["7", "0.1", "666.7", "66.67", "1", "0.1"],
            ]
        );
        assert_eq!(items.iter().map(|item| item.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
    }
}
