//! The account book a document belongs to, as far as its rules and its screen need it: the goods in force, how long it is
//! valid, and what the ledger says is under way and booked. Read by the server, sent to the page; decides nothing.

use std::iter::Sum;
use std::ops::AddAssign;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::form::Filled;
use crate::text::{Text, text};

/// Name of [`UnderBook::life`].
pub const LIFE: Text = text("账册状态", "State of the book");

/// An account book as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderBook {
    pub book_no: String,
    pub operator_code: String,
    pub operator_name: String,
    /// 币制: all amounts below are in it.
    pub currency: String,
    /// `yyyy-mm-dd`
    pub valid_from: String,
    pub valid_to: String,
    /// 已核销, 结案
    pub closed: bool,
    /// 出口货物 of the filing in force.
    pub exports: Vec<BookGoods>,
    /// 复进口货物 of the filing in force.
    pub reimports: Vec<BookGoods>,
    /// Sums of the ledger that belong to no goods in force any more.
    pub others: Balance,
    /// When customs urged to write it off; empty for never, and once that was done.
    pub urged_on: String,
    /// A write-off of the book that customs is looking at (报核中).
    pub writing: Option<Writing>,
    /// For a write-off: what it has to account for.
    pub to_write_off: Option<ToWriteOff>,
}

/// A write-off that customs is looking at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writing {
    /// 报核截止日期
    pub to: String,
    /// True when it ends the book.
    pub closes: bool,
}

/// What a write-off up to a day has to account for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToWriteOff {
    /// 报核截止日期 it was read for.
    pub to: String,
    /// Entries that are booked and not written off, by day and number.
    pub entries: Vec<DueEntry>,
    /// Their goods, added up: exports first, each in the order of 商品序号.
    pub goods: Vec<DueGoods>,
    /// Entries that are under way until then, as people call them.
    pub under_way: Vec<String>,
    /// Numbers in the document that are not due, and why.
    pub strangers: Vec<(String, Stranger)>,
}

/// An entry to be written off. Amounts are in the currency of the book.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueEntry {
    /// 报关单号
    pub entry_no: String,
    pub is_import: bool,
    /// 进出口日期
    pub day: String,
    pub exported: Decimal,
    pub exempt: Decimal,
    pub taxed: Decimal,
}

/// Goods to be written off, added up over the entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueGoods {
    pub is_import: bool,
    /// 商品序号
    pub seq: i64,
    pub qty: Decimal,
    /// 出口, or 全免.
    pub amount: Decimal,
    /// 征税
    pub taxed: Decimal,
}

/// Why a 报关单号 is not due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stranger {
    /// No entry of the enterprise.
    Unknown,
    /// Of another book.
    OtherBook,
    /// Not booked yet.
    UnderWay,
    /// After 报核截止日期.
    Later,
    /// Written off before.
    Written,
}

impl ToWriteOff {
    /// The entry with this number, when it is due.
    pub fn entry(&self, number: &str) -> Option<&DueEntry> {
        self.entries.iter().find(|entry| entry.entry_no == number)
    }

    /// What is due of these goods; nothing, when they are not among them.
    pub fn of_goods(&self, is_import: bool, seq: i64) -> DueGoods {
        let place = self.goods.binary_search_by_key(&(is_import, seq), |goods| (goods.is_import, goods.seq)).ok();
        let found = place.and_then(|place| self.goods.get(place)).cloned();
        found.unwrap_or(DueGoods { is_import, seq, ..DueGoods::default() })
    }
}

/// One goods row of the filing in force, and what was done of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookGoods {
    /// 商品序号
    pub seq: i64,
    /// The row.
    pub content: Filled,
    /// What the ledger has of it.
    pub balance: Balance,
    /// Number of an entry that has something of it; empty for none.
    pub entry: String,
}

impl BookGoods {
    /// A value of the row; empty for none.
    pub fn get(&self, key: &str) -> &str {
        self.content.get(key).map_or("", String::as_str)
    }
}

/// What the ledger has of goods, or of a book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// 出口: of export entries.
    pub exported: Figure,
    /// 全免: the original value that came back.
    pub exempt: Figure,
    /// 照章征税: the fees.
    pub taxed: Figure,
}

/// A quantity and an amount, under way and booked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Declared, not decided.
    pub reserved_qty: Decimal,
    pub reserved: Decimal,
    /// 已核注
    pub booked_qty: Decimal,
    pub booked: Decimal,
}

impl Figure {
    /// Booked and under way.
    pub fn amount(&self) -> Decimal {
        self.booked + self.reserved
    }

    pub fn qty(&self) -> Decimal {
        self.booked_qty + self.reserved_qty
    }
}

impl AddAssign for Figure {
    fn add_assign(&mut self, other: Self) {
        self.reserved_qty += other.reserved_qty;
        self.reserved += other.reserved;
        self.booked_qty += other.booked_qty;
        self.booked += other.booked;
    }
}

impl Balance {
    /// True when nothing is booked or under way.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Sum for Balance {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        let mut sum = Self::default();
        for one in all {
            sum.exported += one.exported;
            sum.exempt += one.exempt;
            sum.taxed += one.taxed;
        }
        sum
    }
}

impl UnderBook {
    /// The figures people ask of a book, each with its name; the first four are those that decide whether a re-import may be
    /// declared. The page of an entry, that of the ledger and the papers show them.
    pub fn figures(&self) -> [(Text, Decimal); 6] {
        let Balance { exported, exempt, taxed } = self.total();
        [
            (text("已核注出口金额", "Exported, booked"), exported.booked),
            (text("已核注进口免税金额", "Exempt, booked"), exempt.booked),
            (text("在途全免金额", "Exempt, under way"), exempt.reserved),
            (text("尚可用全免金额", "Left to be exempt"), exported.booked - exempt.amount()),
            (text("在途出口金额", "Exported, under way"), exported.reserved),
            (text("已核注征税金额", "Taxed, booked"), taxed.booked),
        ]
    }

    /// Where the book stands on a day, `yyyy-mm-dd`.
    pub fn life(&self, today: &str) -> Text {
        if self.closed {
            text("已核销结案", "Closed")
        } else if self.writing.is_some() {
            text("报核中", "Being written off")
        } else if !self.urged_on.is_empty() {
            text("已催核", "Urged")
        } else if !self.valid_to.is_empty() && self.valid_to.as_str() < today {
            text("已到期待报核", "Over, to be written off")
        } else {
            text("有效", "Valid")
        }
    }

    /// What the ledger has of the whole book.
    pub fn total(&self) -> Balance {
        let goods = self.exports.iter().chain(&self.reimports).map(|goods| goods.balance);
        goods.chain([self.others]).sum()
    }
}

/// Goods of a list by their 商品序号.
pub fn find<'a>(goods: &'a [BookGoods], seq: &str) -> Option<&'a BookGoods> {
    let seq: i64 = seq.parse().ok()?;
    // They are in the order of their numbers.
    let place = goods.binary_search_by_key(&seq, |goods| goods.seq).ok()?;
    goods.get(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_of_what_is_true_of_a_book_is_its_state() {
        // Who reads 有效 of a book that is over sends out goods that cannot come back free of duty.
        let mut book = UnderBook { valid_to: "2026-12-31".into(), ..UnderBook::default() };
        let on = |book: &UnderBook, day: &str| book.life(day).zh;
        assert_eq!((on(&book, "2026-12-31"), on(&book, "2027-01-01")), ("有效", "已到期待报核"));
        book.urged_on = "2026-12-01".into();
        assert_eq!((on(&book, "2026-12-02"), on(&book, "2027-01-01")), ("已催核", "已催核"));
        book.writing = Some(Writing::default());
        assert_eq!(on(&book, "2027-01-01"), "报核中");
        book.closed = true;
        assert_eq!(on(&book, "2027-01-01"), "已核销结案");
    }
}
