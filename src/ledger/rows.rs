//! The ledger as tables: goods by goods (filed, sent out, brought back, still abroad, and the amounts that go with it), and
//! line by line. One field table each, for the page and the workbook. Pure.

use super::model::{Deed, LedgerLine, Side};
use crate::document::under_book::{BookGoods, UnderBook};
use crate::form::{Field, Kind, Values, amount, plain, show_time};
use crate::reference::Table;
use crate::text::{Text, text};

const fn words(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Text { max: 512 })
}
const fn number(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Decimal { int: 20, frac: 5, positive: false })
}
const fn count(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Decimal { int: 9, frac: 0, positive: false })
}

/// 类别 of goods.
pub const WAYS: &[(&str, Text)] = &[("E", text("出口", "Exports")), ("I", text("复进口", "Re-imports"))];

const SIDES: &[(&str, Text)] = &[
    (Side::Exported.code(), Side::Exported.label()),
    (Side::Exempt.code(), Side::Exempt.label()),
    (Side::Taxed.code(), Side::Taxed.label()),
];

const DEEDS: &[(&str, Text)] = &[
    (Deed::Reserved.code(), Deed::Reserved.label()),
    (Deed::Booked.code(), Deed::Booked.label()),
    (Deed::Released.code(), Deed::Released.label()),
    (Deed::Reversed.code(), Deed::Reversed.label()),
];

crate::table! {
    /// One goods row of the ledger.
    pub static GOODS {
        way: Field::new(text("类别", "Goods"), Kind::Choice(WAYS)).column(9),
        seq: count("商品序号", "No.").column(5),
        hs_code: Field::new(text("商品编码", "Commodity code"), Kind::Code { len: 10 }).column(10),
        goods_name: words("商品名称", "Goods").column(14),
        spec_model: words("规格型号", "Specification").column(10),
        declare_unit: Field::new(text("计量单位", "Unit"), Kind::Coded(Table::Unit)).column(7),
        filed_qty: number("备案数量", "Filed").column(9),
        booked_qty: number("已核注数量", "Booked").column(9),
        reserved_qty: number("在途数量", "Under way").column(8),
        left_qty: number("剩余数量", "Left").column(9),
        filed_amount: number("备案金额", "Filed amount").column(11),
        booked: number("已核注金额", "Booked amount").column(11),
        reserved: number("在途金额", "Amount under way").column(10),
        left_amount: number("剩余金额", "Amount left").column(11),
        taxed: number("征税金额", "Taxed amount").column(10),
        entry: Field::new(text("最近报关单", "Last entry"), Kind::Text { max: 64 }).column(18),
    }
}

crate::table! {
    /// One line of the ledger.
    pub static LINES {
        at: Field::new(text("记账时间", "Booked at"), Kind::Text { max: 19 }).column(17),
        value_date: Field::new(text("进出口日期", "Value date"), Kind::Date).column(10),
        entry_no: Field::new(text("报关单号", "Entry no."), Kind::Digits { len: 18 }).column(18),
        item: count("项号", "Item").column(5),
        side: Field::new(text("类别", "Side"), Kind::Choice(SIDES)).column(12),
        deed: Field::new(text("事项", "Deed"), Kind::Choice(DEEDS)).column(9),
        goods_seq: count("商品序号", "No.").column(6),
        hs_code: words("商品编号", "Commodity code").column(11),
        qty: number("数量", "Quantity").column(10),
        amount: number("金额(账册币制)", "Amount").column(13),
        own_amount: number("金额(成交币制)", "Own amount").column(13),
        currency: words("成交币制", "Currency").column(7),
    }
}

/// All goods of a book, exports first.
pub fn goods(book: &UnderBook) -> Vec<Values> {
    let exports = book.exports.iter().map(|goods| row(goods, true));
    exports.chain(book.reimports.iter().map(|goods| row(goods, false))).collect()
}

fn row(goods: &BookGoods, is_export: bool) -> Values {
    let mut row = Values::new(GOODS);
    for key in ["hs_code", "goods_name", "spec_model", "declare_unit"] {
        row.set(key, goods.get(key));
    }
    let figure = if is_export { goods.balance.exported } else { goods.balance.exempt };
    let filed_qty = amount(goods.get("qty"));
    row.set("way", if is_export { "E" } else { "I" });
    row.set("seq", goods.seq.to_string());
    let filed_amount = goods.get(if is_export { "total_price" } else { "original_value" });
    row.set("filed_amount", filed_amount);
    let filed_amount = amount(filed_amount);
    let figures = [
        ("filed_qty", filed_qty),
        ("booked_qty", figure.booked_qty),
        ("reserved_qty", figure.reserved_qty),
        ("left_qty", filed_qty - figure.qty()),
        ("booked", figure.booked),
        ("reserved", figure.reserved),
        ("left_amount", filed_amount - figure.amount()),
        ("taxed", goods.balance.taxed.booked),
    ];
    for (key, value) in figures.into_iter().filter(|(key, _)| !is_export || *key != "taxed") {
        row.set(key, plain(value));
    }
    row.set("entry", goods.entry.as_str());
    row
}

/// A line as it is shown.
pub fn line(line: &LedgerLine) -> Values {
    let mut row = Values::new(LINES);
    // What is given or taken back is negative, so that a column can be added up.
    let is_back = [Deed::Released, Deed::Reversed].iter().any(|deed| deed.code() == line.deed);
    let signed = |figure: &str| if is_back && figure != "0" { format!("-{figure}") } else { figure.to_owned() };
    let texts = [
        ("at", show_time(&line.at)),
        ("value_date", line.value_date.clone()),
        ("entry_no", line.entry_no.clone()),
        ("item", line.item.to_string()),
        ("side", line.side.clone()),
        ("deed", line.deed.clone()),
        ("goods_seq", line.goods_seq.to_string()),
        ("hs_code", line.hs_code.clone()),
        ("qty", signed(&line.qty)),
        ("amount", signed(&line.amount)),
        ("own_amount", signed(&line.own_amount)),
        ("currency", line.currency.clone()),
    ];
    for (key, text) in texts {
        row.set(key, text);
    }
    row
}
