//! What is booked: the items of an entry as the ledger counts them, made by the rules of entries, read by `rules` and `store`;
//! and what the page of the ledger asks for. Knows neither fields nor SQL.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::text::{Text, text};

/// What an amount is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// 出口 (全免): of an export entry.
    Exported,
    /// 复进口全免: the original value that came back.
    Exempt,
    /// 复进口征税: the fees.
    Taxed,
}

impl Side {
    pub const ALL: [Self; 3] = [Self::Exported, Self::Exempt, Self::Taxed];

    /// Code in the database and in files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Exported => "exported",
            Self::Exempt => "exempt",
            Self::Taxed => "taxed",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.code() == code)
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Exported => text("出口", "Exported"),
            Self::Exempt => text("复进口全免", "Re-imported, exempt"),
            Self::Taxed => text("复进口征税", "Re-imported, taxed"),
        }
    }
}

/// What was done with an amount. An entry goes from reserved to booked or released, and from booked to reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deed {
    /// 申报占用
    Reserved,
    /// 核注
    Booked,
    /// 退单释放
    Released,
    /// 删单、改单、撤销登记冲回
    Reversed,
}

impl Deed {
    pub const ALL: [Self; 4] = [Self::Reserved, Self::Booked, Self::Released, Self::Reversed];

    /// Code in the database and in files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Booked => "booked",
            Self::Released => "released",
            Self::Reversed => "reversed",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.code() == code)
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Reserved => text("申报占用", "Reserved"),
            Self::Booked => text("核注", "Booked"),
            Self::Released => text("退单释放", "Released"),
            Self::Reversed => text("冲回", "Reversed"),
        }
    }

    /// How many times the amount is added to what is reserved, and to what is booked.
    pub const fn effect(self) -> (i8, i8) {
        match self {
            Self::Reserved => (1, 0),
            Self::Booked => (-1, 1),
            Self::Released => (-1, 0),
            Self::Reversed => (0, -1),
        }
    }

    /// True when this can follow what was done with the same declaration before.
    pub fn follows(self, before: Option<Self>) -> bool {
        matches!(
            (before, self),
            (None, Self::Reserved)
                | (Some(Self::Reserved), Self::Booked | Self::Released)
                | (Some(Self::Booked), Self::Reversed)
        )
    }
}

/// One item of an entry, as the ledger counts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// 项号
    pub item: i64,
    pub side: Side,
    /// 商品序号 in the account book.
    pub goods_seq: i64,
    /// 商品编号 as declared.
    pub hs_code: String,
    pub qty: Decimal,
    /// In the currency of the entry.
    pub own_amount: Decimal,
    /// In the currency of the book.
    pub amount: Decimal,
}

/// Which lines of a book are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinesQuery {
    /// A document of the book.
    pub id: Uuid,
    /// LinesPage of these goods only: code of the side, 商品序号.
    pub goods: Option<(String, i64)>,
    /// From 0.
    pub page: i64,
    /// At most 500.
    pub page_size: i64,
}

/// One page of the lines of a book.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinesPage {
    pub lines: Vec<LedgerLine>,
    pub total: i64,
}

/// One line as it is shown. All texts are as stored; numbers are plain decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// Document of the entry.
    pub entry_id: Uuid,
    pub round: i64,
    pub turn: i64,
    pub item: i64,
    /// When it was written, UTC.
    pub at: String,
    /// Code of the [`Deed`].
    pub deed: String,
    /// Code of the [`Side`].
    pub side: String,
    pub entry_no: String,
    pub value_date: String,
    pub goods_seq: i64,
    pub hs_code: String,
    pub qty: String,
    /// In the currency of the book.
    pub amount: String,
    /// In that of the entry.
    pub own_amount: String,
    pub currency: String,
}

impl LedgerLine {
    /// What tells it from every other line.
    pub fn id(&self) -> Uuid {
        let place = (self.round.unsigned_abs() << 24) + (self.turn.unsigned_abs() << 16) + self.item.unsigned_abs();
        Uuid::from_u128(self.entry_id.as_u128() ^ u128::from(place))
    }
}

/// Where the workbook of the ledger is.
pub const EXPORT: &str = "/api/ledger/export";

/// Address of the PDF of the ledger of a document's book.
pub fn print_address(document: Uuid) -> String {
    format!("/print/ledger/{document}")
}

/// Address of the workbook of the ledger of a document's book.
pub fn export_address(document: Uuid) -> String {
    format!("{EXPORT}?document={document}")
}
