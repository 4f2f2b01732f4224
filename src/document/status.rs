//! The state machine (数据状态) every document goes through. Codes follow the sibling books of the
//! same platform; transitions happen only through [`Status::after`], on the server, in the
//! transaction that writes.

use serde::{Deserialize, Serialize};

use crate::text::{Text, text};

/// State of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 暂存
    #[default]
    Draft,
    /// 申报失败: the platform refused the message.
    DeclareFailed,
    /// 申报成功: accepted here, waiting to be sent.
    Declared,
    /// 成功发送海关
    Sent,
    /// 海关入库成功
    Entered,
    /// 海关入库失败
    EntryFailed,
    /// 转人工: an officer decides.
    Manual,
    /// 海关退单
    Returned,
    /// 海关终审通过
    Approved,
    /// 已删单: customs took back what it had approved.
    Revoked,
    /// 海关通知: told by customs, nothing to be declared.
    Notice,
}

/// What a person can do with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Edit,
    Declare,
    Delete,
    Change,
}

/// What moves a document to another state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// 暂存 of the head or of a row.
    Saved,
    /// 申报
    Declared,
    /// The platform took the message (DealFlag 0).
    Taken,
    /// The platform refused the message (DealFlag -1).
    Refused,
    /// Entry receipt Y.
    Entered,
    /// Entry receipt Z.
    EntryFailed,
    /// Decision 2.
    SentToOfficer,
    /// Decision 3.
    Returned,
    /// Decision 1.
    Approved,
    /// 登记: customs decided elsewhere.
    Registered,
    /// 撤销登记: what was registered is a draft again.
    Withdrawn,
    /// 删单 by customs.
    Revoked,
    /// 改单 by customs: what it had approved is to be mended.
    Reopened,
}

impl Status {
    pub const ALL: [Self; 11] = [
        Self::Draft,
        Self::DeclareFailed,
        Self::Declared,
        Self::Sent,
        Self::Entered,
        Self::EntryFailed,
        Self::Manual,
        Self::Returned,
        Self::Approved,
        Self::Revoked,
        Self::Notice,
    ];

    /// Code in the database and in messages (domain.md §5.2; `2` is our own choice).
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "0",
            Self::Declared => "1",
            Self::DeclareFailed => "2",
            Self::Sent => "4",
            Self::Entered => "5",
            Self::EntryFailed => "6",
            Self::Approved => "B",
            Self::Revoked => "D",
            Self::Notice => "N",
            Self::Returned => "C",
            Self::Manual => "T",
        }
    }

    /// All states to choose from, by code.
    pub const CHOICES: [(&'static str, Text); Self::ALL.len()] = crate::choices!();

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Draft => text("暂存", "Draft"),
            Self::DeclareFailed => text("申报失败", "Declaring failed"),
            Self::Declared => text("申报成功", "Declared"),
            Self::Sent => text("成功发送海关", "Sent to customs"),
            Self::Entered => text("海关入库成功", "Entered by customs"),
            Self::EntryFailed => text("海关入库失败", "Entry failed at customs"),
            Self::Manual => text("转人工", "With an officer"),
            Self::Returned => text("海关退单", "Returned by customs"),
            Self::Approved => text("海关终审通过", "Approved by customs"),
            Self::Revoked => text("已删单", "Taken back by customs"),
            Self::Notice => text("海关通知", "Notice of customs"),
        }
    }

    /// Manual lines 233–242, 421, 648. Editing in 申报失败 and 海关入库失败 is ours: otherwise the
    /// only way on would be to delete and to type everything again.
    pub const fn allows(self, action: Action) -> bool {
        let editable = matches!(self, Self::Draft | Self::DeclareFailed | Self::EntryFailed | Self::Returned);
        match action {
            Action::Edit | Action::Declare | Action::Delete => editable,
            Action::Change => matches!(self, Self::Approved),
        }
    }

    /// True while an answer of customs is awaited.
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Declared | Self::Sent | Self::Entered | Self::Manual)
    }

    /// How far along one declaration a state is; an answer never moves a document back.
    const fn rank(self) -> u8 {
        match self {
            Self::Draft => 0,
            Self::Declared => 1,
            Self::Sent => 2,
            Self::Entered => 3,
            Self::Manual => 4,
            Self::DeclareFailed
            | Self::EntryFailed
            | Self::Returned
            | Self::Approved
            | Self::Revoked
            | Self::Notice => 5,
        }
    }

    /// The state after an event, or `None` when the event does not apply: an answer that is late,
    /// repeated or overtaken is kept in the history and changes nothing.
    pub const fn after(self, event: Event) -> Option<Self> {
        let next = match event {
            Event::Saved => return if self.allows(Action::Edit) { Some(Self::Draft) } else { None },
            Event::Declared => return if self.allows(Action::Declare) { Some(Self::Declared) } else { None },
            Event::Registered => return if self.allows(Action::Declare) { Some(Self::Approved) } else { None },
            // Only what was approved can be taken back.
            Event::Withdrawn => return if matches!(self, Self::Approved) { Some(Self::Draft) } else { None },
            Event::Revoked => return if matches!(self, Self::Approved) { Some(Self::Revoked) } else { None },
            Event::Reopened => return if matches!(self, Self::Approved) { Some(Self::Returned) } else { None },
            Event::Taken => Self::Sent,
            Event::Refused => Self::DeclareFailed,
            Event::Entered => Self::Entered,
            Event::EntryFailed => Self::EntryFailed,
            Event::SentToOfficer => Self::Manual,
            Event::Returned => Self::Returned,
            Event::Approved => Self::Approved,
        };
        if self.is_pending() && next.rank() > self.rank() { Some(next) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWERS: [Event; 7] = [
        Event::Taken,
        Event::Refused,
        Event::Entered,
        Event::EntryFailed,
        Event::SentToOfficer,
        Event::Returned,
        Event::Approved,
    ];

    #[test]
    fn what_the_manual_allows_in_each_state() {
        for status in Status::ALL {
            let editable =
                matches!(status, Status::Draft | Status::DeclareFailed | Status::EntryFailed | Status::Returned);
            assert_eq!(status.allows(Action::Delete), editable, "{status:?}");
            assert_eq!(status.allows(Action::Change), status == Status::Approved, "{status:?}");
            assert_eq!(Status::from_code(status.code()), Some(status));
        }
    }

    #[test]
    fn answers_in_any_order_end_in_the_same_state() {
        // A receipt that comes late or twice must never undo a decision: a user who saw 终审通过
        // would otherwise find the book back at 海关入库成功.
        let run = |order: &[Event]| {
            order.iter().fold(Status::Declared, |status, event| status.after(*event).unwrap_or(status))
        };
        for decision in [Event::Approved, Event::Returned] {
            for order in [
                [Event::Taken, Event::Entered, decision],
                [decision, Event::Entered, Event::Taken],
                [Event::Entered, decision, Event::Entered],
                [decision, decision, Event::Taken],
            ] {
                let want = if decision == Event::Approved { Status::Approved } else { Status::Returned };
                assert_eq!(run(&order), want, "{order:?}");
            }
        }
    }

    #[test]
    fn no_answer_touches_a_document_that_awaits_none() {
        for status in Status::ALL.into_iter().filter(|status| !status.is_pending()) {
            for event in ANSWERS {
                assert_eq!(status.after(event), None, "{status:?} {event:?}");
            }
        }
    }
}
