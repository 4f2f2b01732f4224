//! What a number can be, and the documents found by it, as browser and server exchange them. Knows no SQL and no screen.
//! Used by `api`, `service` and the box.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::document::Status;
use crate::text::{Text, text};

/// What a number is. In the order of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Number {
    /// 账册编号: leads to the filing in force.
    Book,
    /// 报关单号, also that of an entry to be registered.
    Entry,
    /// 统一编号
    Unified,
    /// 企业内部编号
    Internal,
    /// 合同号
    Contract,
    /// 商品料号
    Material,
}

impl Number {
    pub const fn label(self) -> Text {
        match self {
            Self::Book => text("账册编号", "Book no."),
            Self::Entry => text("报关单号", "Entry no."),
            Self::Unified => text("统一编号", "Unified no."),
            Self::Internal => text("企业内部编号", "Internal no."),
            Self::Contract => text("合同号", "Contract no."),
            Self::Material => text("料号", "Material no."),
        }
    }
}

/// A document that bears the number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub what: Number,
    /// The number as it stands in the document.
    pub number: String,
    pub document: Uuid,
    /// Key of the kind of document.
    pub kind: String,
    pub status: Status,
    pub operator_code: String,
    pub operator_name: String,
    /// 企业内部编号 of the document.
    pub internal_no: String,
    /// 账册编号 of the document.
    pub book_no: String,
    /// 变更次数
    pub change_seq: i64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The numbers that are the very same first, then those that begin so.
    pub hits: Vec<Hit>,
    /// True when there are more than these.
    pub more: bool,
}

/// Fewer characters begin too many numbers.
pub const LEAST: usize = 2;
/// Longer than any number.
pub const LONGEST: usize = 64;
/// So many are shown.
pub const MOST: usize = 20;
