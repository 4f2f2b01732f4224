//! From lines to entries: lines with the same number are one 报关单, and of a re-import the exempt and the taxed line of the
//! same goods are one row. Pure. What cannot be told is a fault of its cell and never guessed.

use std::collections::HashMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::lines::{LEVY, NEEDED_ONCE, NUMBER, OF_ROW, SUPERVISION, TOTAL, of_head, section};
use crate::document::import::prepare::Line;
use crate::document::{Mark, Row};
use crate::entry::kind::{SUPERVISION_MODE, kind_of};
use crate::entry::model::REGISTERED;
use crate::entry::rules::Direction;
use crate::entry::rules::declared::{EXEMPT, TAXED};
use crate::entry::rules::split::TAXED_QTY;
use crate::form::{Field, Values, amount};
use crate::text::{Message, text};

/// Something about a line: its place among the lines, key of the field (empty: the line), why.
pub type Told = (usize, &'static str, Message);

/// The lines of one 报关单.
#[derive(Clone, Debug)]
pub struct Entry {
    pub number: String,
    pub direction: Direction,
    /// What the lines say of the head.
    pub head: Values,
    /// Under the numbers of the lines they were made of, so that what is said of a row names a row of the file.
    pub rows: Vec<Row<Values>>,
    /// Places of the lines.
    pub lines: Vec<usize>,
    /// True when it says that it belongs to no account book of outward processing, on all lines that say anything.
    pub is_other: bool,
    /// True when a line stands with it that bears no number.
    pub has_unnumbered: bool,
    pub faults: Vec<Told>,
    /// To be looked at: what is unlikely, or taken otherwise than it is written.
    pub notices: Vec<Told>,
    /// What was filled in from the account book.
    pub completed: Vec<Told>,
}

/// The entries of a list, in the order of their first lines. A line without a number stands with the one above it: it is at
/// fault, and whoever leaves the faulty out must not register the other half.
pub fn group(lines: &[Line]) -> Vec<Entry> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut grouped: Vec<Vec<usize>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let number = line.content.get(NUMBER);
        let known = if number.is_empty() { grouped.len().checked_sub(1) } else { places.get(number).copied() };
        match known {
            Some(place) => grouped[place].push(at),
            None => {
                places.insert(number, grouped.len());
                grouped.push(vec![at]);
            }
        }
    }
    grouped.into_iter().map(|places| entry(lines, places)).collect()
}

fn entry(lines: &[Line], places: Vec<usize>) -> Entry {
    let of = |at: usize| &lines[at].content;
    let number = of(places[0]).get(NUMBER).to_owned();
    // Without a number, or with one of another length, it is bad in any case.
    let direction = match number.chars().nth(8) {
        Some(digit) if digit == Direction::Import.digit() => Direction::Import,
        _ => Direction::Export,
    };
    let mut entry = Entry {
        head: Values::new(kind_of(direction).head),
        direction,
        rows: Vec::new(),
        is_other: is_other(places.iter().map(|at| of(*at).get(SUPERVISION))),
        has_unnumbered: places.iter().any(|at| of(*at).get(NUMBER).is_empty()),
        faults: Vec::new(),
        notices: Vec::new(),
        completed: Vec::new(),
        number,
        lines: places,
    };
    entry.take_head(lines);
    entry.head.set("origin", REGISTERED);
    entry.check_number(lines);
    entry.check_items(lines);
    match direction {
        Direction::Export => entry.take_exports(lines),
        Direction::Import => entry.pair(lines),
    }
    entry
}

/// By the 监管方式 of its lines. One that says both is at fault, and not of another kind.
fn is_other<'a>(said: impl Iterator<Item = &'a str>) -> bool {
    let mut said = said.filter(|mode| !mode.is_empty()).peekable();
    said.peek().is_some() && said.all(|mode| mode != SUPERVISION_MODE)
}

impl Entry {
    fn fault(&mut self, at: usize, key: &'static str, zh: impl Into<String>, en: impl Into<String>) {
        self.faults.push((at, key, Message::new(zh, en)));
    }

    fn notice(&mut self, at: usize, key: &'static str, zh: impl Into<String>, en: impl Into<String>) {
        self.notices.push((at, key, Message::new(zh, en)));
    }

    /// The head is said once or on every line, but never in two ways.
    fn take_head(&mut self, lines: &[Line]) {
        for key in of_head() {
            let mut said: Option<(usize, &str)> = None;
            for at in self.lines.clone() {
                let value = lines[at].content.get(key);
                match said {
                    _ if value.is_empty() => {}
                    None => said = Some((at, value)),
                    Some((_, first)) if first == value => {}
                    Some((first, other)) => {
                        let (first, number) = (lines[first].number, &self.number);
                        let (zh, en) = (
                            format!("报关单{number}：第{first}行是{other}，本行是{value}，同一份报关单须一致"),
                            format!("Entry {number}: {other} in row {first}, {value} here; one entry has one"),
                        );
                        self.fault(at, key, zh, en);
                    }
                }
            }
            match said {
                Some((_, value)) => self.head.set(key, value),
                None if NEEDED_ONCE.contains(&key) => {
                    let at = self.lines[0];
                    // A cell that cannot be read is a fault already.
                    if self.lines.iter().all(|at| lines[*at].faults.is_empty()) {
                        let label = column(key).map_or(text("", ""), |field| field.label);
                        let (zh, en) = (format!("{}不能为空，请录入", label.zh), format!("{} is required", label.en));
                        self.fault(at, key, zh, en);
                    }
                }
                None => {}
            }
        }
    }

    /// Number and direction agree, where the direction is said.
    fn check_number(&mut self, lines: &[Line]) {
        let Some(at) = self.lines.iter().copied().find(|at| !lines[*at].content.get("ie_flag").is_empty()) else {
            return;
        };
        let flag = lines[at].content.get("ie_flag");
        if self.number.len() == 18 && flag != self.direction.code() {
            let (number, digit) = (self.number.clone(), self.direction.digit());
            let (zh, en) = (
                format!("进出口标志{flag}与报关单号{number}的第9位{digit}（0出口、1进口）不符，请核对"),
                format!("Direction {flag} does not fit the ninth digit {digit} of {number} (0 export, 1 import)"),
            );
            self.fault(at, "ie_flag", zh, en);
        }
    }

    /// The same item twice: by its number, or line by line where items have none.
    fn check_items(&mut self, lines: &[Line]) {
        for (place, at) in self.lines.clone().into_iter().enumerate() {
            let line = &lines[at];
            let is_same = |other: &&usize| {
                let other = &lines[**other];
                other.seq == line.seq && (!line.seq.is_empty() || other.content == line.content)
            };
            if let Some(first) = self.lines[..place].iter().find(is_same).map(|first| lines[*first].number) {
                let (zh, en) =
                    (format!("存在重复数据！与第{first}行是同一项"), format!("The same item as row {first}"));
                self.fault(at, if line.seq.is_empty() { "" } else { "seq" }, zh, en);
            }
        }
    }

    fn row(&self, lines: &[Line], at: usize) -> Row<Values> {
        let mut content = Values::new(kind_of(self.direction).sections[0].fields);
        for key in OF_ROW {
            content.set(key, lines[at].content.get(key));
        }
        Row { id: Uuid::now_v7(), seq: lines[at].number.into(), version: 1, mark: Mark::Same, content }
    }

    fn take_exports(&mut self, lines: &[Line]) {
        for at in self.lines.clone() {
            let levy = lines[at].content.get(LEVY);
            if !["", EXEMPT].contains(&levy) {
                let (zh, en) = (
                    format!("出口商品的征免是{levy}；出口金额照登，征免按3-全免"),
                    format!("Levy mode {levy} of an export: the amount is registered, the mode as 3"),
                );
                self.notice(at, LEVY, zh, en);
            }
            let row = self.row(lines, at);
            self.rows.push(row);
        }
    }

    /// An exempt line is a row; the taxed line of the same goods gives its taxed total, in the order in which they stand.
    fn pair(&mut self, lines: &[Line]) {
        let goods = |at: usize| lines[at].content.get("goods_seq");
        let (mut exempt, mut taxed) = (Vec::new(), Vec::new());
        for at in self.lines.clone() {
            match lines[at].content.get(LEVY) {
                EXEMPT => exempt.push(at),
                TAXED => taxed.push(at),
                // A cell that cannot be read is a fault already.
                "" if !lines[at].faults.is_empty() => {}
                "" => self.fault(
                    at,
                    LEVY,
                    "进口商品的征免不能为空：3-全免是所含原出口货物价值，1-照章征税是境外加工等费用",
                    "An imported item must say its levy mode: 3 is the original value, 1 the fees",
                ),
                other => {
                    let (zh, en) = (
                        format!("征免{other}既不是3-全免也不是1-照章征税，不能确定是货物价值还是加工费用，请核对"),
                        format!("Levy mode {other} is neither 3 nor 1: value or fees cannot be told"),
                    );
                    self.fault(at, LEVY, zh, en);
                }
            }
        }
        for at in exempt {
            let mut row = self.row(lines, at);
            row.content.set("original_value", lines[at].content.get(TOTAL));
            match taxed.iter().position(|other| goods(*other) == goods(at)) {
                Some(place) => {
                    let other = taxed.remove(place);
                    row.content.set("taxed_total", lines[other].content.get(TOTAL));
                    let qty = lines[other].content.get("qty");
                    if !qty.is_empty() && amount(qty) != TAXED_QTY {
                        let (zh, en) = (
                            format!("征税项的成交数量是{qty}，不是0.1；登记为0.1，金额不变"),
                            format!("The quantity of the taxed item is {qty} and not 0.1: registered as 0.1"),
                        );
                        self.notice(other, "qty", zh, en);
                    }
                }
                None => {
                    let goods = goods(at);
                    let (zh, en) = (
                        format!("备案序号{goods}只有全免项，没有照章征税项；征税金额登记为0，请核对"),
                        format!("Goods {goods} have an exempt item and no taxed one: taxed 0 is registered"),
                    );
                    self.notice(at, LEVY, zh, en);
                }
            }
            self.rows.push(row);
        }
        for at in taxed {
            let goods = goods(at);
            let (zh, en) = (
                format!("备案序号{goods}的照章征税项没有对应的全免项，请补上全免项或核对备案序号"),
                format!("The taxed item of goods {goods} has no exempt one"),
            );
            self.fault(at, LEVY, zh, en);
        }
    }

    /// 出口 or 全免 amount, in its currency.
    pub fn amount(&self) -> Decimal {
        let key = self.direction.amount();
        self.rows.iter().map(|row| amount(row.content.get(key))).sum()
    }

    /// The place of the line a row was made of, and the column of a field of head or row.
    pub fn cell(&self, lines: &[Line], seq: Option<i64>, key: &str) -> (usize, &'static str) {
        let of_row = seq.and_then(|seq| self.lines.iter().find(|at| i64::from(lines[**at].number) == seq));
        let key = if ["original_value", "taxed_total"].contains(&key) { TOTAL } else { key };
        (of_row.copied().unwrap_or(self.lines[0]), column(key).map_or("", |field| field.key))
    }
}

/// The column of this key.
fn column(key: &str) -> Option<&'static Field> {
    section().fields.iter().find(|field| field.key == key)
}
