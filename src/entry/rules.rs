//! The rules of an entry: head, rows beside each other, the account book it is declared under. Pure; the same in the
//! browser and on the server. `split` makes the two lines of a re-import, `declared` the items, `row` is about one row.

pub mod declared;
mod head;
mod row;
pub mod split;

pub use head::check_head;
pub use row::{ExportRows, ImportRows, fill_from_book};

use rust_decimal::Decimal;

use self::declared::{EXEMPT, exported, reimported};
use self::split::{SHARED, in_book_currency, in_force, split};
use super::model::ITEMS;
use crate::document::Row;
use crate::document::kind::{HEAD, Lists, Whole};
use crate::document::under_book::{BookGoods, UnderBook, find};
use crate::form::{Finding, Severity, Values, amount, plain, pointer, show_date};
use crate::ledger::model::{Booking, Side};
use crate::ledger::rules::check as check_balance;

/// 公告2019年第18号: one 报关单 has at most so many items; a re-import takes two of them for every row.
pub const MOST_ITEMS: usize = 50;

/// Which way the goods go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Export,
    Import,
}

impl Direction {
    /// Ninth digit of the number of a 报关单.
    pub const fn digit(self) -> char {
        match self {
            Self::Export => '0',
            Self::Import => '1',
        }
    }

    /// 进出口标志
    pub const fn code(self) -> &'static str {
        match self {
            Self::Export => "E",
            Self::Import => "I",
        }
    }

    /// The field of a row with its exempt amount.
    pub const fn amount(self) -> &'static str {
        match self {
            Self::Export => "total_price",
            Self::Import => "original_value",
        }
    }

    /// The goods of the book an entry of this direction can name.
    pub fn goods(self, book: &UnderBook) -> &[BookGoods] {
        match self {
            Self::Export => &book.exports,
            Self::Import => &book.reimports,
        }
    }

    pub fn declared(self, head: &Values, lists: Lists<'_>) -> Vec<Row<Values>> {
        match self {
            Self::Export => exported(head, lists),
            Self::Import => reimported(head, lists),
        }
    }
}

/// What the items of an entry book, in the currency of the book.
pub fn bookings(direction: Direction, head: &Values, lists: Lists<'_>) -> Vec<Booking> {
    let items = direction.declared(head, lists);
    let book = |item: &Row<Values>| {
        let own_amount = amount(item.content.get("decl_total"));
        let side = match (direction, item.content.get("duty_mode")) {
            (Direction::Export, _) => Side::Exported,
            (Direction::Import, EXEMPT) => Side::Exempt,
            (Direction::Import, _) => Side::Taxed,
        };
        Booking {
            item: item.seq,
            side,
            goods_seq: item.content.get("contr_item").parse().unwrap_or_default(),
            hs_code: item.content.get("code_ts").to_owned(),
            qty: amount(item.content.get("g_qty")),
            own_amount,
            amount: in_book_currency(own_amount, head.get("rate")),
        }
    };
    items.iter().map(book).collect()
}

/// What keeps an entry from being declared, beyond its single fields and rows.
pub fn check_whole(direction: Direction, whole: &Whole<'_>) -> Vec<Finding> {
    let rows = whole.lists.first().copied().unwrap_or_default();
    let mut findings = Vec::new();
    if in_force(rows).next().is_none() {
        findings.push(at(
            None,
            "goods_seq",
            Severity::Declare,
            "rows.at_least_one",
            "商品至少录入一行",
            "Enter at least one row",
        ));
    }
    if whole.kind.rules.registers(whole.head) {
        findings.extend(in_force(rows).flat_map(|row| unregistrable(direction, row)));
        findings.extend(in_force(rows).filter_map(|row| row::price_and_total(row.seq, &row.content)));
        findings.extend(still_to_come(whole.head, &show_date(whole.today)));
    }
    findings.extend(in_force(rows).filter_map(|row| worth_nothing(direction, row)));
    if direction == Direction::Import {
        findings.extend(shares(whole.head, rows));
        findings.extend(corrections(whole.head, rows));
    }
    findings.extend(weights(whole.head, rows));
    let Some(book) = whole.book else { return findings };
    findings.extend(standing(book, &show_date(whole.today)));
    findings.extend(before_the_book(whole.head, book));
    findings.extend(being_written_off(whole.head, book));
    findings.extend(in_force(rows).filter_map(|row| of_book(direction, row, book)));
    findings.extend(quantities(direction, rows, book));
    let booked = bookings(direction, whole.head, whole.lists);
    let first = in_force(rows).next().map(|row| row.seq);
    findings.extend(check_balance(book, &booked, &pointer(ITEMS, first, direction.amount())));
    findings
}

/// A finding about a row, or about the list.
fn at(
    seq: Option<i64>,
    key: &str,
    severity: Severity,
    rule: &str,
    zh: impl Into<String>,
    en: impl Into<String>,
) -> Finding {
    Finding::new(rule, pointer(ITEMS, seq, key), severity, zh, en)
}

fn at_head(key: &str, severity: Severity, rule: &str, zh: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding::new(rule, pointer(HEAD, None, key), severity, zh, en)
}

/// What the ledger needs of a row that is registered; customs has looked at the rest.
fn unregistrable(direction: Direction, row: &Row<Values>) -> Vec<Finding> {
    let needed = ["qty", "unit", direction.amount()].into_iter().filter(|key| row.content.get(key).is_empty());
    let missing = needed.filter_map(|key| {
        let (seq, label) = (row.seq, row.content.fields().iter().find(|field| field.key == key)?.label);
        let (zh, en) =
            (format!("第{seq}行：{}不能为空，请录入", label.zh), format!("Row {seq}: {} is required", label.en));
        Some(at(Some(seq), key, Severity::Declare, "required", zh, en))
    });
    missing.collect()
}

/// What customs has let pass lies behind us.
fn still_to_come(head: &Values, today: &str) -> Option<Finding> {
    let day = head.get("ie_date");
    (day > today).then(|| {
        at_head(
            "ie_date",
            Severity::Declare,
            "entry.day",
            format!("进出口日期{day}晚于今天{today}，海关不会已放行，请核对"),
            format!("The date {day} is after today, {today}: customs cannot have let it pass"),
        )
    })
}

/// Goods without any value are rare.
fn worth_nothing(direction: Direction, row: &Row<Values>) -> Option<Finding> {
    let (seq, key) = (row.seq, direction.amount());
    let value = row.content.get(key);
    (!value.is_empty() && amount(value).is_zero()).then(|| {
        let (zh, en) = (format!("第{seq}行金额为0，请核对"), format!("Row {seq}: the amount is 0; please check"));
        at(Some(seq), key, Severity::Warning, "entry.no_value", zh, en)
    })
}

/// What is said of a 备案号 that is no book of the caller's.
pub fn unknown_book(number: &str) -> (String, String) {
    (
        format!("备案号{number}不是贵单位可办理的账册，请核对；账册须已由海关终审通过"),
        format!("{number} is no approved book of an enterprise you act for"),
    )
}

/// Costs of all that have nothing to be shared by.
fn shares(head: &Values, rows: &[Row<Values>]) -> Option<Finding> {
    let (key, _) = SHARED.into_iter().find(|(key, _)| !amount(head.get(key)).is_zero())?;
    let (by, zh, en) = match head.get("share_by") {
        "" => {
            let (zh, en) =
                ("已录入整票费用，请选择费用分摊方式", "Costs are given for all: choose how they are shared");
            return Some(at_head("share_by", Severity::Declare, "entry.share_by", zh, en));
        }
        super::model::BY_QUANTITY => ("qty", "成交数量", "quantities"),
        super::model::BY_WEIGHT => ("net_wt", "净重", "net weights"),
        _ => ("original_value", "原出口货物价值", "original values"),
    };
    let missing = in_force(rows).find(|row| amount(row.content.get(by)).is_zero())?;
    let (seq, label) = (missing.seq, head.fields().iter().find(|field| field.key == key)?.label);
    Some(at(
        Some(seq),
        by,
        Severity::Declare,
        "entry.share_by",
        format!("第{seq}行没有{zh}，{}不能据此分摊，请补填或改用其他分摊方式", label.zh),
        format!("Row {seq} has none of the {en} by which the costs are shared"),
    ))
}

/// A total that a person corrected, and fees that add up to nothing.
fn corrections(head: &Values, rows: &[Row<Values>]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (row, split) in in_force(rows).zip(split(head, rows)) {
        let (seq, departure) = (row.seq, split.departure());
        if !departure.is_zero() {
            let (given, reckoned, by) = (plain(split.taxed), plain(split.worked_out), plain(departure));
            found.push(at(
                Some(seq),
                "taxed_total",
                Severity::Warning,
                "entry.corrected",
                format!("第{seq}行征税总价已人工更正为{given}，与算出的{reckoned}相差{by}，请核对"),
                format!("Row {seq}: the taxed total was corrected to {given}; worked out it is {reckoned}, {by} apart"),
            ));
        }
        if split.taxed.is_zero() {
            found.push(at(
                Some(seq),
                "fee_processing",
                Severity::Warning,
                "entry.no_fee",
                format!("第{seq}行境外加工费等费用合计为0，征税项总价为0，请核对"),
                format!("Row {seq}: the fees add up to 0, so nothing is taxed; please check"),
            ));
        }
    }
    found
}

/// The net weights of the rows, where all have one, are those of the head.
fn weights(head: &Values, rows: &[Row<Values>]) -> Option<Finding> {
    let (gross, net) = (head.get("gross_wt"), head.get("net_wt"));
    if !gross.is_empty() && !net.is_empty() && amount(net) > amount(gross) {
        let (zh, en) =
            (format!("净重{net}大于毛重{gross}，请核对"), format!("Net weight {net} is more than gross {gross}"));
        return Some(at_head("net_wt", Severity::Declare, "entry.weights", zh, en));
    }
    let all_have = in_force(rows).all(|row| !row.content.get("net_wt").is_empty());
    let sum: Decimal = in_force(rows).map(|row| amount(row.content.get("net_wt"))).sum();
    (all_have && !sum.is_zero() && !net.is_empty() && sum != amount(net)).then(|| {
        let sum = plain(sum);
        at_head(
            "net_wt",
            Severity::Warning,
            "entry.weights",
            format!("表头净重{net}与各行净重合计{sum}不一致，请核对"),
            format!("Net weight {net} is not the sum of the rows, {sum}"),
        )
    })
}

/// The book itself: over, or not begun.
fn standing(book: &UnderBook, today: &str) -> Option<Finding> {
    let (number, until) = (&book.book_no, &book.valid_to);
    let (zh, en) = if book.closed {
        (format!("账册{number}已核销结案，不能再通关"), format!("Book {number} is written off and closed"))
    } else if until.as_str() < today {
        (
            format!("账册{number}已于{until}到期，不能再通关，请办理报核"),
            format!("Book {number} ended on {until}; write it off"),
        )
    } else {
        return None;
    };
    Some(at_head("manual_no", Severity::Declare, "entry.book", zh, en))
}

/// Goods that left, or came back, before customs had granted the book.
fn before_the_book(head: &Values, book: &UnderBook) -> Option<Finding> {
    let (day, from) = (head.get("ie_date"), book.valid_from.as_str());
    (!day.is_empty() && !from.is_empty() && day < from).then(|| {
        let number = &book.book_no;
        at_head(
            "ie_date",
            Severity::Warning,
            "entry.day",
            format!("进出口日期{day}早于账册{number}的开始有效日期{from}，请核对"),
            format!("The date {day} is before book {number} begins, {from}"),
        )
    })
}

/// Customs is looking at a write-off that this entry would belong to.
fn being_written_off(head: &Values, book: &UnderBook) -> Option<Finding> {
    let (writing, day, number) = (book.writing.as_ref()?, head.get("ie_date"), &book.book_no);
    let to = &writing.to;
    // An entry without a day may belong to any.
    let is_within = writing.closes || day <= to.as_str();
    is_within.then(|| {
        at_head(
            "manual_no",
            Severity::Declare,
            "entry.writing",
            format!("账册{number}正在报核（截止日期{to}），该期间的报关单须待海关核销或退单后再办理"),
            format!("Book {number} is being written off until {to}: entries of that time have to wait for customs"),
        )
    })
}

/// A row names goods of the book, in its unit.
fn of_book(direction: Direction, row: &Row<Values>, book: &UnderBook) -> Option<Finding> {
    let (seq, number) = (row.seq, row.content.get("goods_seq"));
    let list = match direction {
        Direction::Export => "出口货物",
        Direction::Import => "复进口货物",
    };
    let Some(goods) = find(direction.goods(book), number) else {
        return Some(at(
            Some(seq),
            "goods_seq",
            Severity::Declare,
            "entry.goods",
            format!("第{seq}行：备案序号{number}不在账册{}的{list}中，请核对", book.book_no),
            format!("Row {seq}: book {} has no goods {number} in this direction", book.book_no),
        ));
    };
    let (unit, granted) = (row.content.get("unit"), goods.get("declare_unit"));
    if !unit.is_empty() && unit != granted {
        return Some(at(
            Some(seq),
            "unit",
            Severity::Declare,
            "entry.unit",
            format!("第{seq}行：成交单位{unit}与账册备案的申报计量单位{granted}不一致，数量无法核注，请改为一致"),
            format!("Row {seq}: unit {unit} is not the book's {granted}, so the quantity cannot be booked"),
        ));
    }
    let (code, filed) = (row.content.get("hs_code"), goods.get("hs_code"));
    (!code.is_empty() && code != filed).then(|| {
        at(
            Some(seq),
            "hs_code",
            Severity::Warning,
            "entry.hs_code",
            format!(
                "第{seq}行：商品编号{code}与账册备案的{filed}不同；按实际报验状态填报即可，仍以备案序号{number}核注"
            ),
            format!(
                "Row {seq}: code {code} is not the filed {filed}; it is booked by the item number {number} all the same"
            ),
        )
    })
}

/// What leaves or comes back is more than the book says: said, since customs counts amounts and not quantities.
fn quantities(direction: Direction, rows: &[Row<Values>], book: &UnderBook) -> Vec<Finding> {
    // Goods, the first row that names them, and how many are asked for in all rows.
    let mut asked: Vec<(&str, i64, Decimal)> = Vec::new();
    for row in in_force(rows) {
        let number = row.content.get("goods_seq");
        let qty = amount(row.content.get("qty"));
        match asked.iter_mut().find(|(known, ..)| *known == number) {
            Some((_, _, sum)) => *sum += qty,
            None => asked.push((number, row.seq, qty)),
        }
    }
    let over = asked.into_iter().filter_map(|(number, seq, asked)| {
        let goods = find(direction.goods(book), number)?;
        let figure = match direction {
            Direction::Export => goods.balance.exported,
            Direction::Import => goods.balance.exempt,
        };
        let (granted, used) = (amount(goods.get("qty")), figure.qty());
        (used + asked > granted).then(|| {
            let [granted, used, asked] = [granted, used, asked].map(plain);
            at(
                Some(seq),
                "qty",
                Severity::Warning,
                "entry.quantity",
                format!("备案序号{number}：本次数量{asked}加上已申报{used}，超过备案数量{granted}，请核对或先变更账册"),
                format!("Goods {number}: {asked} and {used} declared before are more than the {granted} filed"),
            )
        })
    });
    over.collect()
}
