//! The rules of one row of an entry: what is filled in, from the code and from the account book, and what is wrong with
//! it. What concerns rows beside each other, the head and the balance is in `rules`.

use super::split::unit_price;
use crate::document::kind::RowRules;
use crate::document::under_book::{BookGoods, UnderBook, find};
use crate::entry::model::{EXPORT_ITEM, IMPORT_ITEM, ITEMS};
use crate::form::{Finding, Severity, Values, amount, check_record, half_even, plain, pointer};
use crate::goods;
use crate::reference::Codes;
use crate::text::text;

/// Rows of an export entry.
pub struct ExportRows;
/// Rows of a re-import.
pub struct ImportRows;

/// What a row takes from the goods of the book: of the row, of the goods.
const FROM_BOOK: [(&str, &str); 7] = [
    ("hs_code", "hs_code"),
    ("goods_name", "goods_name"),
    ("spec_model", "spec_model"),
    ("unit", "declare_unit"),
    ("legal_unit", "legal_unit"),
    ("legal_unit2", "legal_unit2"),
    ("origin_country", "origin_country"),
];

fn take_from_book(row: &mut Values, goods: &BookGoods) {
    for (to, from) in FROM_BOOK {
        row.set(to, goods.get(from));
    }
}

/// Fills what a row leaves empty of the goods it names. The keys of what was filled.
pub fn fill_from_book(row: &mut Values, goods: &BookGoods) -> Vec<&'static str> {
    let mut filled = Vec::new();
    for (to, from) in FROM_BOOK {
        if row.get(to).is_empty() && !goods.get(from).is_empty() {
            row.set(to, goods.get(from));
            filled.push(to);
        }
    }
    filled
}

/// Checks what both directions have.
fn check(seq: i64, row: &Values, codes: &Codes, for_declare: bool) -> Vec<Finding> {
    let mut findings = check_record(ITEMS, Some(seq), row, codes, for_declare);
    if for_declare {
        findings.extend(goods::second_quantity(ITEMS, seq, row.get("legal_unit2"), row.get("legal_qty2")));
    }
    if for_declare {
        findings.extend(price_and_total(seq, row));
    }
    findings.extend(same_unit(seq, row));
    goods::name_the_row(&mut findings, text("商品", "Goods"), seq);
    findings
}

/// A total that is not quantity × unit price was mistyped, or rounded elsewhere: it is said.
pub(super) fn price_and_total(seq: i64, row: &Values) -> Option<Finding> {
    let [qty, price, total] = ["qty", "unit_price", "total_price"].map(|key| row.get(key));
    if qty.is_empty() || price.is_empty() || total.is_empty() {
        return None;
    }
    let product = amount(qty).checked_mul(amount(price)).map(|product| half_even(product, 2))?;
    (product != amount(total)).then(|| {
        Finding::new(
            "entry.total",
            pointer(ITEMS, Some(seq), "total_price"),
            Severity::Warning,
            format!("总价{total}与数量×单价（{}）不符，请核对", plain(product)),
            format!("The total {total} is not quantity × unit price ({})", plain(product)),
        )
    })
}

/// The same unit counts the same: one of the two quantities was mistyped.
fn same_unit(seq: i64, row: &Values) -> Option<Finding> {
    let [unit, qty, legal_unit, legal] = ["unit", "qty", "legal_unit", "legal_qty"].map(|key| row.get(key));
    let differ = !unit.is_empty() && unit == legal_unit && !qty.is_empty() && !legal.is_empty();
    (differ && amount(qty) != amount(legal)).then(|| {
        Finding::new(
            "entry.legal_qty",
            pointer(ITEMS, Some(seq), "legal_qty"),
            Severity::Warning,
            format!("法定数量{legal}与成交数量{qty}不同，而计量单位相同，请核对"),
            format!("The legal quantity {legal} is not {qty}, though the unit is the same"),
        )
    })
}

impl RowRules for ExportRows {
    /// The total follows the quantity and the price; a total typed instead gives the price.
    fn complete(&self, row: &mut Values, typed: Option<&str>, codes: &Codes) {
        goods::name_from_code(row, typed, codes);
        goods::complete_units(row, "unit", codes);
        let [qty, price, total] = ["qty", "unit_price", "total_price"].map(|key| row.get(key).to_owned());
        if qty.is_empty() {
            return;
        }
        let follows = matches!(typed, Some("qty" | "unit_price"));
        if !price.is_empty() && (total.is_empty() || follows) {
            row.set("total_price", goods::total_price(&qty, &price));
        } else if !total.is_empty() && (price.is_empty() || typed == Some("total_price")) {
            let exact = unit_price(amount(&total), amount(&qty));
            // A price that rounds to nothing is none.
            row.set("unit_price", if exact.is_zero() { String::new() } else { plain(exact) });
        }
    }
    fn settled(&self, row: &Values, codes: &Codes) -> &'static [&'static str] {
        goods::settled_by_code(row.get("hs_code"), codes)
    }
    fn check(&self, seq: i64, row: &Values, codes: &Codes, for_declare: bool) -> Vec<Finding> {
        check(seq, row, codes, for_declare)
    }
    fn blank(&self, head: &Values, _: &Codes) -> Values {
        let mut row = Values::new(EXPORT_ITEM);
        row.set("origin_country", "CHN");
        row.set("dest_country", head.get("trade_country"));
        row
    }
    fn take_goods(&self, row: &mut Values, typed: &str, _: &Values, book: &UnderBook) {
        if typed != "goods_seq" {
            return;
        }
        let Some(goods) = find(&book.exports, row.get("goods_seq")) else { return };
        take_from_book(row, goods);
        row.set("unit_price", goods.get("unit_price"));
        row.set("dest_country", goods.get("dest_country"));
    }
}

impl RowRules for ImportRows {
    fn complete(&self, row: &mut Values, typed: Option<&str>, codes: &Codes) {
        goods::name_from_code(row, typed, codes);
        goods::complete_units(row, "unit", codes);
    }
    fn settled(&self, row: &Values, codes: &Codes) -> &'static [&'static str] {
        goods::settled_by_code(row.get("hs_code"), codes)
    }
    fn check(&self, seq: i64, row: &Values, codes: &Codes, for_declare: bool) -> Vec<Finding> {
        check(seq, row, codes, for_declare)
    }
    fn blank(&self, _: &Values, _: &Codes) -> Values {
        let mut row = Values::new(IMPORT_ITEM);
        row.set("origin_country", "CHN");
        row.set("dest_country", "CHN");
        row
    }
    /// The goods, and once the quantity is known the original value and the processing fee in proportion to what the book
    /// was granted for. A proposal: what a person typed stays.
    fn take_goods(&self, row: &mut Values, typed: &str, head: &Values, book: &UnderBook) {
        let Some(goods) = find(&book.reimports, row.get("goods_seq")) else { return };
        if typed == "goods_seq" {
            take_from_book(row, goods);
        }
        let same_currency = head.get("currency") == book.currency;
        if !matches!(typed, "goods_seq" | "qty") || row.get("qty").is_empty() || !same_currency {
            return;
        }
        let (qty, granted) = (amount(row.get("qty")), amount(goods.get("qty")));
        for (to, from) in [("original_value", "original_value"), ("fee_processing", "fee_processing")] {
            let share = amount(goods.get(from)).checked_mul(qty).and_then(|product| product.checked_div(granted));
            if let Some(share) = share.filter(|share| row.get(to).is_empty() && !share.is_zero()) {
                row.set(to, plain(half_even(share, 2)));
            }
        }
    }
}
