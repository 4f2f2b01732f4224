//! What becomes of each entry of a list: held against the account books, one after the other, by the rules of an entry that is
//! declared. Pure: the report and the registering itself come from the same decision, the latter under the books' locks.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::group::{Entry, Told};
use super::lines::NUMBER;
use super::model::Outcome;
use crate::account::model::Enterprise;
use crate::document::import::prepare::Line;
use crate::document::kind::Whole;
use crate::document::place::place_of;
use crate::document::under_book::{UnderBook, find};
use crate::document::{Row, Status};
use crate::entry::kind::kind_of;
use crate::entry::rules::{Direction, bookings, fill_from_book, unknown_book};
use crate::form::{Severity, Values, plain};
use crate::ledger::model::{Booking, Deed};
use crate::ledger::post::{count, fill};
use crate::ledger::store::Sums;
use crate::reference::Codes;
use crate::text::{Message, Text};

/// An account book as the list finds it, and what the head of an entry takes of it.
#[derive(Clone, Debug)]
pub struct Book {
    pub book: UnderBook,
    pub sums: Sums,
    /// Heads of an export and of a re-import with what is looked up.
    pub heads: [Values; 2],
}

/// What the entries of a list are held against.
#[derive(Debug)]
pub struct Judge<'a> {
    pub codes: &'a Codes,
    pub today: NaiveDate,
    pub unit: &'a Enterprise,
    /// By 备案号.
    pub books: BTreeMap<String, Book>,
    /// What is here already, by its number.
    pub known: HashMap<String, Known>,
}

/// An entry that is here already.
#[derive(Clone, Debug)]
pub struct Known {
    pub status: Status,
    /// Only typed: it is to be registered.
    pub is_draft: bool,
    /// How people call it meanwhile.
    pub internal_no: String,
    /// 出口 or 全免 amount.
    pub amount: Decimal,
    pub rows: usize,
}

impl Known {
    /// Why the entry of a list is not the one that is here; `None` for the same.
    fn differs(&self, entry: &Entry) -> Option<Message> {
        let (number, state) = (&entry.number, self.status.label());
        if self.is_draft {
            let own = &self.internal_no;
            return Some(Message::new(
                format!(
                    "报关单{number}已有暂存的登记数据（企业内部编号{own}），请在报关单查询中打开它登记，或删除它后再导入"
                ),
                format!("There is a draft for {number} already (internal no. {own}): register or delete that"),
            ));
        }
        if self.status == Status::Revoked {
            return Some(Message::new(
                format!("报关单{number}已在系统中，状态为“{}”，不能再登记，请核对", state.zh),
                format!("Entry {number} is here, its state is “{}”: it cannot be registered again", state.en),
            ));
        }
        let (amount, rows) = (entry.amount(), entry.rows.len());
        (amount != self.amount || rows != self.rows).then(|| {
            let [theirs, ours] = [amount, self.amount].map(plain);
            let before = self.rows;
            Message::new(
                format!("报关单{number}已在系统中（{}），金额{ours}、{before}行，与文件的{theirs}、{rows}行不同；原登记有误的，请先撤销登记再导入", state.zh),
                format!("Entry {number} is here ({}) with {ours} in {before} rows, the file has {theirs} in {rows}: withdraw the old one first if that was wrong", state.en),
            )
        })
    }
}

/// An entry with what becomes of it.
#[derive(Debug)]
pub struct Judged {
    pub entry: Entry,
    pub outcome: Outcome,
    /// What it books; for a new one.
    pub bookings: Vec<Booking>,
}

impl Judge<'_> {
    /// Decides all, exports first and each direction in the order of the days: what came back was sent out before. The answer
    /// is in the order of the list.
    pub fn all(mut self, entries: Vec<Entry>, lines: &[Line]) -> Vec<Judged> {
        let mut order: Vec<usize> = (0..entries.len()).collect();
        let key = |at: &usize| {
            let entry = &entries[*at];
            (entry.direction == Direction::Import, entry.head.get("ie_date").to_owned(), *at)
        };
        order.sort_by_cached_key(key);
        let mut waiting: Vec<Option<Entry>> = entries.into_iter().map(Some).collect();
        let mut judged: Vec<Option<Judged>> = waiting.iter().map(|_| None).collect();
        for at in order {
            judged[at] = waiting[at].take().map(|entry| self.one(entry, lines));
        }
        judged.into_iter().flatten().collect()
    }

    fn one(&mut self, mut entry: Entry, lines: &[Line]) -> Judged {
        // What cannot be read cannot be compared with what is here either.
        let is_readable = entry.faults.is_empty() && entry.lines.iter().all(|at| lines[*at].faults.is_empty());
        let mut booked = Vec::new();
        let outcome = if entry.is_other && !entry.has_unnumbered {
            Outcome::Other
        } else if !is_readable {
            Outcome::Bad
        } else if let Some(known) = self.known.get(&entry.number) {
            match known.differs(&entry) {
                None => Outcome::Known,
                Some(why) => {
                    entry.faults.push((entry.lines[0], NUMBER, why));
                    Outcome::Bad
                }
            }
        } else {
            booked = self.held_against_book(&mut entry, lines);
            if entry.faults.is_empty() { Outcome::New } else { Outcome::Bad }
        };
        Judged { entry, outcome, bookings: booked }
    }

    /// Completes head and rows and checks them as a declaration would be; what it books counts for those that follow.
    fn held_against_book(&mut self, entry: &mut Entry, lines: &[Line]) -> Vec<Booking> {
        let number = entry.head.get("manual_no").to_owned();
        let Some(Book { book, sums, heads }) = self.books.get_mut(&number) else {
            let (zh, en) = unknown_book(&number);
            entry.faults.push((entry.lines[0], "manual_no", Message::new(zh, en)));
            return Vec::new();
        };
        let kind = kind_of(entry.direction);
        let looked_up = &heads[usize::from(entry.direction == Direction::Import)];
        for field in kind.head {
            if entry.head.get(field.key).is_empty() {
                entry.head.set(field.key, looked_up.get(field.key));
            }
        }
        kind.rules.start(&mut entry.head, self.unit, self.today);
        kind.rules.fix(&mut entry.head);
        entry.complete_rows(book, self.codes);

        let lists: [&[Row<Values>]; 1] = [&entry.rows];
        let whole = Whole {
            kind,
            head: &entry.head,
            lists: &lists,
            base: None,
            papers_changed: false,
            book: Some(book),
            codes: self.codes,
            today: self.today,
        };
        for finding in kind.check(&whole) {
            let place = place_of(kind, &finding.pointer);
            let key = finding.pointer.rsplit('.').next().unwrap_or_default();
            let (at, column) = entry.cell(lines, place.and_then(|place| place.seq), key);
            let told: Told = (at, column, finding.message);
            if finding.severity > Severity::Warning { entry.faults.push(told) } else { entry.notices.push(told) }
        }
        let most = kind.sections[0].most_rows;
        if entry.rows.len() > most {
            let (zh, en) = (format!("一份报关单最多{most}行商品"), format!("One entry has at most {most} rows"));
            entry.faults.push((entry.lines[0], "registered_no", Message::new(zh, en)));
        }
        if !entry.faults.is_empty() {
            return Vec::new();
        }
        entry.rows.iter_mut().zip(1..).for_each(|(row, seq)| row.seq = seq);
        let lists: [&[Row<Values>]; 1] = [&entry.rows];
        let booked = bookings(entry.direction, &entry.head, &lists);
        for booking in &booked {
            count(sums, Deed::Reserved, booking);
            count(sums, Deed::Booked, booking);
        }
        fill(book, sums);
        booked
    }
}

impl Entry {
    /// What a line leaves out of its goods is taken from the account book, and said once for all lines.
    fn complete_rows(&mut self, book: &UnderBook, codes: &Codes) {
        let section = &kind_of(self.direction).sections[0];
        let (mut keys, mut rows) = (Vec::new(), 0);
        for row in &mut self.rows {
            let Some(goods) = find(self.direction.goods(book), row.content.get("goods_seq")) else { continue };
            let filled = fill_from_book(&mut row.content, goods);
            section.rules.complete(&mut row.content, None, codes);
            rows += usize::from(!filled.is_empty());
            filled.into_iter().for_each(|key| {
                if !keys.contains(&key) {
                    keys.push(key)
                }
            });
        }
        if rows > 0 {
            let labels: Vec<_> = keys.iter().filter_map(|key| section.field(key)).map(|field| field.label).collect();
            let joined =
                |of: fn(&Text) -> &'static str, between| labels.iter().map(of).collect::<Vec<_>>().join(between);
            let (zh, en) = (joined(|label| label.zh, "、"), joined(|label| label.en, ", "));
            self.completed.push((
                self.lines[0],
                "goods_seq",
                Message::new(
                    format!("{rows}行没有{zh}，按账册备案数据补全"),
                    format!("{rows} rows lack {en}: taken from the account book"),
                ),
            ));
        }
    }
}
