//! What becomes of each entry of a list: held against the account books, one after the other, by the rules of an entry that is
//! declared. Pure: the report and the registering itself come from the same decision, the latter under the books' locks.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;

use super::group::{Entry, Told};
use super::model::Outcome;
use crate::account::model::Enterprise;
use crate::document::Row;
use crate::document::import::prepare::Line;
use crate::document::kind::Whole;
use crate::document::place::place_of;
use crate::document::under_book::{UnderBook, find};
use crate::entry::kind::kind_of;
use crate::entry::rules::{Direction, bookings, fill_from_book, unknown_book};
use crate::form::{Severity, Values};
use crate::ledger::model::{Booking, Deed};
use crate::ledger::post::{count, fill};
use crate::ledger::store::Sums;
use crate::reference::Codes;
use crate::text::Message;

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
    /// Numbers that are here already.
    pub known: HashSet<String>,
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
        let is_unreadable = entry.lines.iter().any(|at| !lines[*at].faults.is_empty());
        let mut booked = Vec::new();
        let outcome = if entry.is_other {
            Outcome::Other
        } else if self.known.contains(&entry.number) {
            Outcome::Known
        } else {
            if !is_unreadable && entry.faults.is_empty() {
                booked = self.held_against_book(&mut entry, lines);
            }
            if is_unreadable || !entry.faults.is_empty() { Outcome::Bad } else { Outcome::New }
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
        entry.complete_rows(book, self.codes, lines);

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
    /// What a line leaves out of its goods is taken from the account book, and said.
    fn complete_rows(&mut self, book: &UnderBook, codes: &Codes, lines: &[Line]) {
        let kind = kind_of(self.direction);
        let mut told = Vec::new();
        for row in &mut self.rows {
            let Some(goods) = find(self.direction.goods(book), row.content.get("goods_seq")) else { continue };
            let filled = fill_from_book(&mut row.content, goods);
            kind.sections[0].rules.complete(&mut row.content, None, codes);
            if !filled.is_empty() {
                let labels = |english: bool| {
                    let label = |key: &&str| {
                        let field = kind.sections[0].field(key)?;
                        Some(if english { field.label.en } else { field.label.zh })
                    };
                    filled.iter().filter_map(label).collect::<Vec<_>>()
                };
                let message = Message::new(
                    format!("文件中没有{}，按账册备案数据补全", labels(false).join("、")),
                    format!("Not in the file, taken from the account book: {}", labels(true).join(", ")),
                );
                told.push((row.seq, message));
            }
        }
        for (seq, message) in told {
            let (at, column) = self.cell(lines, Some(seq), "goods_seq");
            self.notices.push((at, column, message));
        }
    }
}
