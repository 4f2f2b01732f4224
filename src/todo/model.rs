//! What waits, as browser and server exchange it, and the field table of the list. Knows no SQL and no screen.
//! Used by `api`, `service` and the screen.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::form::{Field, Kind};
use crate::text::{Message, Text, text};

/// Why something waits. In the order of the list: the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Customs urges to write the book off.
    Urged,
    /// The validity of the book is over, and it is not written off.
    Overdue,
    /// Customs or the platform sent it back.
    Returned,
    /// The validity of the book ends soon.
    Expiring,
    /// Customs has not decided for long.
    UnderWay,
    /// An upload was looked at and not imported.
    Import,
    /// Not declared yet.
    Draft,
}

impl Why {
    pub const ALL: [Self; 7] =
        [Self::Urged, Self::Overdue, Self::Returned, Self::Expiring, Self::UnderWay, Self::Import, Self::Draft];

    /// Code in the list.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Urged => "urged",
            Self::Overdue => "overdue",
            Self::Returned => "returned",
            Self::Expiring => "expiring",
            Self::UnderWay => "under_way",
            Self::Import => "import",
            Self::Draft => "draft",
        }
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Urged => text("已催核", "Urged"),
            Self::Overdue => text("到期未报核", "Not written off"),
            Self::Returned => text("退单待改", "Sent back"),
            Self::Expiring => text("即将到期", "Ends soon"),
            Self::UnderWay => text("久未审结", "Not decided"),
            Self::Import => text("导入未完成", "Import left"),
            Self::Draft => text("暂存未申报", "Drafts"),
        }
    }

    const CHOICES: [(&'static str, Text); Self::ALL.len()] = crate::choices!();
}

/// One thing that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub why: Why,
    /// What tells it from the others: of a document or of an upload.
    pub id: Uuid,
    pub operator_code: String,
    /// Key of the kind of document.
    pub kind: String,
    /// What it opens; `None` for a list of entries that was uploaded.
    pub document: Option<Uuid>,
    /// True when the document can be typed into.
    pub editable: bool,
    /// Of the document; 0 for anything else.
    pub version: i64,
    /// How people call it.
    pub name: String,
    /// What there is to know.
    pub told: Message,
    /// Since when it waits, or until when: a day or a moment, as it is shown.
    pub since: String,
}

/// What the check of a draft found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    pub id: Uuid,
    /// The version that was looked at.
    pub version: i64,
    pub told: Message,
}

/// So many drafts are looked at in one call at most.
pub const MOST_CHECKED: usize = 50;

/// How much of a sort waits for an enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub operator_code: String,
    pub why: Why,
    pub count: i64,
}

/// All that waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Todo {
    /// Of each sort the first [`MOST`] of each enterprise asked for.
    pub items: Vec<Item>,
    /// Of all enterprises, without those where nothing waits.
    pub counts: Vec<Count>,
}

/// So many of a sort are listed; the counts know of all.
pub const MOST: i64 = 200;

crate::table! {
    /// The list.
    pub static ITEMS {
        why: Field::new(text("事项", "Matter"), Kind::Choice(&Why::CHOICES)).column(11),
        name: Field::new(text("编号", "Number"), Kind::Text { max: 64 }).column(22),
        told: Field::new(text("说明", "Told"), Kind::Text { max: 512 }).column(52),
        since: Field::new(text("日期", "Day"), Kind::Text { max: 20 }).column(17),
        noun: Field::new(text("单据", "Kind"), Kind::Text { max: 20 }).column(16),
        operator: Field::new(text("经营单位", "Operator"), Kind::Text { max: 512 }).column(24),
    }
}
