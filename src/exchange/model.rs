//! What travels: messages out, receipts in, how both are named, and who takes what. Used by the whole exchange and by
//! the business folders that write messages; holds no SQL and reads no XML.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::document::Event;
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;

/// First answer of the platform (`CommonResponeMessage`), to a message of any type.
pub const RESPONSE: &str = "RESPONSE";
/// Types of an answer that names none of its own.
pub const ENTRY_RECEIPT: &str = "OPB200";
pub const DECISION: &str = "OPB211";

/// The messages about one kind of document.
#[derive(Clone, Copy, Debug)]
pub struct Messages {
    /// Type of the message that declares it.
    pub declares: &'static str,
    /// Type of 入库回执.
    pub entry: &'static str,
    /// Type of 审核回执.
    pub decision: &'static str,
    /// Element of the record that a decision echoes, with what was granted in it.
    pub record: &'static str,
}

/// Takes messages of customs that answer none of ours, by their type.
#[async_trait]
pub trait Unasked: Send + Sync {
    fn types(&self) -> &'static [&'static str];

    /// Takes a message over; it is kept whatever is done with it, with the receipts of the document it is about.
    ///
    /// # Errors
    /// Those of the database; anything else puts the message into quarantine, and nothing was written.
    async fn take(&self, db: &Db, tx: &mut Tx, told: Told<'_>) -> Result<Option<About>, Failure>;
}

/// A message nobody asked for.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    pub answer: &'a Answer,
    /// As it came.
    pub raw: &'a str,
    /// Now, as stored.
    pub at: &'a str,
}

/// The document a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    pub operator_code: String,
    pub document_id: String,
    /// False for a message that came late or twice, and moved nothing.
    pub applied: bool,
}

/// A message on its way out. Sent again under the same id it must be the same message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// See [`MessageRef`].
    pub message_id: String,
    /// Whose document it is about.
    pub operator_code: String,
    pub document_id: String,
    /// `OPB111`.
    pub message_type: String,
    /// The XML.
    pub body: String,
}

/// Name of a message of ours: `OPB111-<document id>-<round>`. The round tells the answers to one
/// declaration from those to the next, so that a late one cannot decide the wrong declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRef {
    pub message_type: String,
    pub document_id: String,
    /// `declare_round` of the document when it was declared.
    pub round: i64,
}

impl MessageRef {
    pub fn new(message_type: &str, document_id: &str, round: i64) -> Self {
        Self { message_type: message_type.to_owned(), document_id: document_id.to_owned(), round }
    }

    /// Finds the name of a message within a text, e.g. the file name of a receipt.
    pub fn find(text: &str) -> Option<Self> {
        text.match_indices("OP").find_map(|(start, _)| Self::at(text.get(start..)?))
    }

    fn at(text: &str) -> Option<Self> {
        let message_type = text.get(..6).filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric()))?;
        let id = text.get(6..)?.strip_prefix('-')?.get(..36)?;
        Uuid::try_parse(id).ok()?;
        let round = text.get(43..)?.strip_prefix('-')?;
        let digits = round.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(round.len());
        Some(Self::new(message_type, id, round[..digits].parse().ok()?))
    }
}

impl fmt::Display for MessageRef {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}-{}-{}", self.message_type, self.document_id, self.round)
    }
}

/// A receipt as an adapter brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Name under which it came (file name); names the message it answers when its content does not.
    pub id: String,
    pub raw: Vec<u8>,
}

/// What a receipt says, once read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// [`RESPONSE`], or the type customs gave it.
    pub message_type: String,
    /// Where the message it answers is named, as far as the receipt does.
    pub about: Option<MessageRef>,
    /// DealFlag or manageResult as it came; an unknown code is kept.
    pub result: String,
    /// When customs says it happened.
    pub at: Option<DateTime<Utc>>,
    pub remark: String,
    /// Reasons.
    pub notes: Vec<String>,
    /// The leaves of the echoed record, as they came.
    pub record: BTreeMap<String, String>,
}

impl Answer {
    /// What the answer does to a document with these messages; `None` for types of other kinds and for codes nobody
    /// explained: they move nothing. An entry receipt says Y/Z or, from older systems, 1/2.
    pub fn event(&self, messages: &Messages) -> Option<Event> {
        let (kind, result) = (self.message_type.as_str(), self.result.as_str());
        let (entry, decision) = (kind == messages.entry, kind == messages.decision);
        Some(match result {
            "0" if kind == RESPONSE => Event::Taken,
            "-1" if kind == RESPONSE => Event::Refused,
            "Y" if entry || decision => Event::Entered,
            "Z" if entry || decision => Event::EntryFailed,
            "1" if entry => Event::Entered,
            "2" if entry => Event::EntryFailed,
            "1" if decision => Event::Approved,
            "2" if decision => Event::SentToOfficer,
            "3" if decision => Event::Returned,
            _ => return None,
        })
    }
}

/// What customs granted with an approval; handed to the office of the document's kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// The leaves of the echoed record, as they came.
    pub record: BTreeMap<String, String>,
    /// Day of the approval in China, `yyyy-mm-dd`.
    pub approved_on: String,
    /// The same moment as stored, UTC.
    pub at: String,
}

impl Decision {
    /// An element of the echoed record; empty when customs did not say.
    pub fn get(&self, element: &str) -> &str {
        self.record.get(element).map_or("", String::as_str)
    }

    /// A day of the echoed record as `yyyy-mm-dd`; empty when it is none.
    pub fn day(&self, element: &str) -> String {
        super::receipt::day(self.get(element))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_recognised_in_the_name_of_its_receipt() {
        // Without the name the platform's first answer could not be told from one to an earlier round.
        let id = "0192f3c1-7a00-7000-8000-000000000001";
        let message = MessageRef::new("OPB111", id, 12);
        assert_eq!(message.to_string(), format!("OPB111-{id}-12"));
        for name in [format!("{message}"), format!("Successed_{message}_20260101120000.xml"), format!("OPOP{message}")]
        {
            assert_eq!(MessageRef::find(&name), Some(message.clone()), "{name}");
        }
        for name in
            ["", "OP", "OPB111-", "OPB111-0192f3c1-1", &format!("OPB111-{id}"), &format!("OPB111-{id}-x"), "OP汉字汉字"]
        {
            assert_eq!(MessageRef::find(name), None, "{name}");
        }
    }
}
