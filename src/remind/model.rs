//! A reminder as browser and server exchange it, and the field table of the list. Knows no SQL and no screen.
//! Used by `api`, `store` and the list on the first screen.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::form::{Field, Kind};
use crate::text::{Message, Text, text};

/// What became of a reminder as mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mailed {
    /// Nobody wants it, or there is no server for mail.
    Nobody,
    /// On its way, or tried again later.
    Waiting,
    Sent,
    Failed,
}

impl Mailed {
    pub const ALL: [Self; 4] = [Self::Nobody, Self::Waiting, Self::Sent, Self::Failed];

    /// Code in the database and in the list.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Nobody => text("未发邮件", "No mail"),
            Self::Waiting => text("邮件待发", "Mail waits"),
            Self::Sent => text("已发邮件", "Mailed"),
            Self::Failed => text("邮件未送出", "Mail failed"),
        }
    }

    const CHOICES: [(&'static str, Text); Self::ALL.len()] = crate::choices!();
}

/// One reminder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    pub id: Uuid,
    pub operator_code: String,
    pub document: Uuid,
    /// Key of the kind of document.
    pub kind: String,
    /// How people call the document or its book.
    pub name: String,
    pub told: Message,
    /// When it was written, UTC as stored.
    pub at: String,
    /// The gravest of its mails.
    pub mailed: Mailed,
    /// What the server for mail said of that one; for those that were sent, to how many they went.
    pub mail_told: String,
}

crate::table! {
    /// The list.
    pub static REMINDERS {
        at: Field::new(text("提醒时间", "Reminded at"), Kind::Text { max: 20 }).column(20),
        name: Field::new(text("编号", "Number"), Kind::Text { max: 64 }).column(22),
        told: Field::new(text("系统提醒", "Reminder"), Kind::Text { max: 512 }).column(52),
        mailed: Field::new(text("邮件", "Mail"), Kind::Choice(&Mailed::CHOICES)).column(11),
        mail_told: Field::new(text("邮件说明", "Told of the mail"), Kind::Text { max: 255 }).column(20),
        operator: Field::new(text("经营单位", "Operator"), Kind::Text { max: 512 }).column(24),
    }
}
