//! The goods of a write-off against the ledger: each once, each of the book, none left out, every difference explained, and
//! what does not come back accounted for before the book ends. Pure; called by `check_whole`.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::figures::{PAIRS, goods_of, of_due};
use super::{STALE, at, rows};
use crate::document::Row;
use crate::document::kind::Whole;
use crate::document::under_book::{ToWriteOff, UnderBook};
use crate::form::{Finding, Severity, Values, amount, plain};
use crate::writeoff::model::{EXPORTS, REIMPORTS};

fn label(section: &str) -> (&'static str, &'static str) {
    if section == EXPORTS { ("出口货物", "Exported goods") } else { ("复进口货物", "Re-imported goods") }
}

fn of_row(section: &str, row: &Row<Values>, key: &str, rule: &str, zh: String, en: String) -> Finding {
    let ((list, english), seq) = (label(section), row.seq);
    let (zh, en) = (format!("{list}第{seq}项：{zh}"), format!("{english} item {seq}: {en}"));
    at(section, Some(seq), key, Severity::Declare, rule, zh, en)
}

/// The same goods twice.
pub(super) fn repeated(whole: &Whole<'_>, section: &str) -> Vec<Finding> {
    let mut first: HashMap<&str, i64> = HashMap::new();
    let mut found = Vec::new();
    for row in rows(whole, section) {
        let number = row.content.get("goods_seq");
        match first.get(number) {
            Some(before) => found.push(of_row(
                section,
                row,
                "goods_seq",
                "writeoff.repeated",
                format!("商品序号{number}与第{before}项重复，请合并为一项"),
                format!("goods {number} stand in row {before} already"),
            )),
            None => {
                first.insert(number, row.seq);
            }
        }
    }
    found
}

/// Holds the goods against the ledger.
pub(super) fn check(whole: &Whole<'_>, book: &UnderBook, due: &ToWriteOff, section: &str) -> Vec<Finding> {
    let rows = rows(whole, section);
    let mut found: Vec<Finding> = rows.iter().filter_map(|row| one(section, row, book, due)).collect();
    if rows.is_empty() && whole.list(if section == EXPORTS { REIMPORTS } else { EXPORTS }).next().is_none() {
        return found; // nothing at all is told by a rule of its own, and a supplement needs none
    }
    let listed = |seq: i64| rows.iter().any(|row| row.content.get("goods_seq") == seq.to_string());
    let missing = due.goods.iter().filter(|goods| goods.is_import == (section == REIMPORTS) && !listed(goods.seq));
    found.extend(missing.map(|goods| {
        let ((list, english), seq, qty) = (label(section), goods.seq, plain(goods.qty));
        at(
            section,
            None,
            "goods_seq",
            Severity::Declare,
            "writeoff.missing",
            format!("{list}：台账本期有商品序号{seq}数量{qty}，未列入；请添加，与账面不一致的在备注说明原因"),
            format!("{english}: the ledger has {qty} of goods {seq}, which are not listed; add them"),
        )
    }));
    found
}

fn one(section: &str, row: &Row<Values>, book: &UnderBook, due: &ToWriteOff) -> Option<Finding> {
    let content = &row.content;
    let number = content.get("goods_seq");
    let Some(goods) = goods_of(section, content, book) else {
        let ((list, _), book_no) = (label(section), &book.book_no);
        return Some(of_row(
            section,
            row,
            "goods_seq",
            "writeoff.unknown_goods",
            format!("商品序号{number}不在账册{book_no}的{list}中，请核对"),
            format!("book {book_no} has no goods {number} in this direction"),
        ));
    };
    let in_ledger = of_due(&due.of_goods(section == REIMPORTS, goods.seq));
    let pairs = || PAIRS.into_iter().zip(in_ledger).filter(|((typed, ..), _)| content.has(typed));
    if pairs().any(|((_, ledger, _), figure)| amount(content.get(ledger)) != figure) {
        return Some(of_row(
            section,
            row,
            "qty",
            STALE,
            "台账已变动，账面数量或金额不是最新的，请点击“按台账生成”更新（人工更正过的数量、金额保留）".to_owned(),
            "the ledger has changed: make the lists anew".to_owned(),
        ));
    }
    let apart = |key: &str, figure: Decimal| {
        let typed = content.get(key);
        (!typed.is_empty() && amount(typed) != figure).then(|| (typed.to_owned(), plain(figure)))
    };
    let ((key, ..), (typed, figure)) = pairs().find_map(|(pair, figure)| Some((pair, apart(pair.0, figure)?)))?;
    if !content.get("remark").is_empty() {
        return None;
    }
    let field = content.fields().iter().find(|field| field.key == key)?.label;
    Some(of_row(
        section,
        row,
        "remark",
        "writeoff.unexplained",
        format!("{}{typed}与账面{figure}不一致，请在备注说明原因", field.zh),
        format!("{} {typed} is not the ledger's {figure}: say why in the remark", field.en),
    ))
}

/// What was sent out and did not come back, when the book ends.
pub(super) fn left_over(whole: &Whole<'_>, book: &UnderBook, closes: bool) -> Option<Finding> {
    let total = book.total();
    let left = total.exported.booked - total.exempt.booked;
    let is_told = whole.list(REIMPORTS).any(|row| !amount(row.content.get("unreturned_qty")).is_zero());
    (closes && left > Decimal::ZERO && !is_told).then(|| {
        let (left, currency) = (plain(left), &book.currency);
        at(
            REIMPORTS,
            None,
            "unreturned_qty",
            Severity::Declare,
            "writeoff.left_over",
            format!("本次报核将结案，而账册累计出口金额比累计全免金额多{left}{currency}：请在复进口货物中录入未复运数量和处理方式"),
            format!("The book ends with this, and {left} {currency} more went out than came back: say in the re-imports what is not returned"),
        )
    })
}
