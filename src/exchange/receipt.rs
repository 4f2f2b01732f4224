//! Reads a receipt: raw XML in, [`Answer`] out. Pure; never panics, whatever comes. Elements are
//! known by name and parent whatever their namespace prefix, because receipts of the same kind come
//! with different ones; unknown elements are passed over, unknown codes kept as text.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};

use super::model::{Answer, DECISION, ENTRY_RECEIPT, MessageRef, RESPONSE};

/// Larger than any receipt that echoes a whole book and finds several faults in each of its ten thousand rows.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// More reasons than this are counted only: who mends a thousand declares again and is told the next.
const MOST_NOTES: usize = 1000;
/// Deeper than any receipt is nested.
const MAX_DEPTH: usize = 32;

/// Why a receipt cannot be read; it goes into quarantine with these words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("not UTF-8 text")]
    NotText,
    #[error("longer than {MAX_BYTES} bytes")]
    TooLong,
    #[error("nested deeper than {MAX_DEPTH}")]
    TooDeep,
    #[error("not well-formed: {0}")]
    Broken(String),
    #[error("cut off within <{0}>")]
    CutOff(String),
    #[error("says {0} twice, and differently")]
    Contradiction(String),
    #[error("no kind of receipt we know, root <{0}>")]
    Unknown(String),
    #[error("lacks {0}")]
    Lacks(&'static str),
}

/// Reads a receipt. `records`: elements of the records that decisions echo.
///
/// # Errors
/// See [`Fault`].
pub fn read(raw: &str, records: &[&'static str]) -> Result<Answer, Fault> {
    if raw.len() > MAX_BYTES {
        return Err(Fault::TooLong);
    }
    let content = Content::collect(raw, records)?;
    if content.has("CommonResponeMessage") {
        response(&content)
    } else if content.has("MsgReceResult") {
        entry(&content)
    } else if content.has("HdeApprResult") {
        decision(&content, records)
    } else {
        unasked(content)
    }
}

/// `CommonResponeMessage{SeqNo, EtpsPreentNo, CheckInfo, DealFlag}`
fn response(content: &Content) -> Result<Answer, Fault> {
    let result = content.required("CommonResponeMessage", "DealFlag")?;
    let said = content.get("CommonResponeMessage", "CheckInfo");
    let refused = result == "-1";
    Ok(Answer {
        message_type: RESPONSE.to_owned(),
        result: result.to_owned(),
        remark: if refused { String::new() } else { said.to_owned() },
        notes: if refused && !said.is_empty() { vec![said.to_owned()] } else { Vec::new() },
        ..Answer::default()
    })
}

/// `MsgReceResult{… pocketId … manageResult, manageDate, rmk}`. It has no list of reasons: when the
/// entry failed, the remark is one.
fn entry(content: &Content) -> Result<Answer, Fault> {
    const PARENT: &str = "MsgReceResult";
    let mut answer = Answer {
        message_type: content.type_of(PARENT, ENTRY_RECEIPT),
        about: content.about(&[(PARENT, "pocketId"), ("EnvelopInfo", "business_id")]),
        result: content.required(PARENT, "manageResult")?.to_owned(),
        at: moment(content.get(PARENT, "manageDate")),
        remark: content.get(PARENT, "rmk").to_owned(),
        notes: content.notes.clone(),
        ..Answer::default()
    };
    if answer.notes.is_empty() && matches!(answer.result.as_str(), "Z" | "2") {
        let remark = std::mem::take(&mut answer.remark);
        answer.notes = remark.split('；').map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned).collect();
    }
    Ok(answer)
}

/// `HdeApprResult{…}`, `CheckInfo/note`*, then the record echoed.
fn decision(content: &Content, records: &[&'static str]) -> Result<Answer, Fault> {
    const PARENT: &str = "HdeApprResult";
    Ok(Answer {
        message_type: content.type_of(PARENT, DECISION),
        about: content.about(&[(PARENT, "businessId"), ("EnvelopInfo", "business_id")]),
        result: content.required(PARENT, "manageResult")?.to_owned(),
        at: moment(content.get(PARENT, "manageDate")),
        remark: content.get(PARENT, "rmk").to_owned(),
        notes: content.notes.clone(),
        record: content.record(records),
    })
}

/// A message that answers none of ours says its type in the envelope.
fn unasked(content: Content) -> Result<Answer, Fault> {
    let message_type = content.get("EnvelopInfo", "message_type").to_owned();
    if message_type.is_empty() {
        return Err(Fault::Unknown(content.root));
    }
    Ok(Answer { message_type, notes: content.notes, ..Answer::default() })
}

/// Parents whose direct leaves are kept, beside the records that decisions echo.
const KEPT: [&str; 4] = ["CommonResponeMessage", "MsgReceResult", "HdeApprResult", "EnvelopInfo"];

/// The leaves of a receipt that matter.
#[derive(Default)]
struct Content {
    root: String,
    kept: Vec<&'static str>,
    /// (parent, element) → text.
    leaves: BTreeMap<(&'static str, String), String>,
    /// Kept parents that occurred, and the element each stood in: it names the type of the receipt.
    parents: BTreeMap<&'static str, String>,
    notes: Vec<String>,
    /// Reasons beyond [`MOST_NOTES`].
    more_notes: usize,
}

impl Content {
    fn collect(raw: &str, records: &[&'static str]) -> Result<Self, Fault> {
        let mut reader = Reader::from_str(raw);
        reader.config_mut().expand_empty_elements = true;
        let mut content = Self { kept: [KEPT.as_slice(), records].concat(), ..Self::default() };
        let mut path: Vec<String> = Vec::new();
        let mut text = String::new();
        let mut is_leaf = false;
        loop {
            match reader.read_event().map_err(|error| Fault::Broken(error.to_string()))? {
                Event::Start(start) => {
                    let name = start.local_name().as_ref().to_owned();
                    content.enter(path.last(), &name)?;
                    if path.len() == MAX_DEPTH {
                        return Err(Fault::TooDeep);
                    }
                    path.push(name);
                    text.clear();
                    is_leaf = true;
                }
                Event::End(_) => {
                    let name = path.pop().unwrap_or_default();
                    if is_leaf {
                        content.leaf(path.last(), name, &text)?;
                    }
                    is_leaf = false;
                }
                Event::Text(part) => text.push_str(&part.xml10_content()),
                Event::CData(part) => text.push_str(&part.xml10_content()),
                Event::GeneralRef(reference) => text.push(resolve(&reference)?),
                Event::DocType(_) => return Err(Fault::Broken("document type declared".into())),
                // Empty elements come as start and end, see above.
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        // The reader takes the end of the text for the end of the document, open elements or not.
        match path.pop() {
            Some(open) => Err(Fault::CutOff(open)),
            None if content.root.is_empty() => Err(Fault::Broken("no element".into())),
            None => Ok(content.counted()),
        }
    }

    /// Says how many reasons are left out.
    fn counted(mut self) -> Self {
        if self.more_notes > 0 {
            self.notes.push(format!("另有{}条原因未列出，改正以上各项后重新申报可见", self.more_notes));
        }
        self
    }

    fn enter(&mut self, parent: Option<&String>, name: &str) -> Result<(), Fault> {
        if parent.is_none() {
            if !self.root.is_empty() {
                return Err(Fault::Broken("more than one root element".into()));
            }
            name.clone_into(&mut self.root);
        }
        if let Some(kept) = self.kept.iter().copied().find(|kept| *kept == name) {
            self.parents.insert(kept, parent.cloned().unwrap_or_default());
        }
        Ok(())
    }

    fn leaf(&mut self, parent: Option<&String>, name: String, text: &str) -> Result<(), Fault> {
        let text: String = text.chars().filter(|letter| !letter.is_control() || *letter == '\n').collect();
        let text = text.trim();
        let Some(parent) = parent else { return Ok(()) };
        if parent == "CheckInfo" && name == "note" {
            match self.notes.len() {
                _ if text.is_empty() => {}
                ..MOST_NOTES => self.notes.push(text.to_owned()),
                _ => self.more_notes += 1,
            }
            return Ok(());
        }
        let Some(kept) = self.kept.iter().copied().find(|kept| kept == parent) else { return Ok(()) };
        match self.leaves.insert((kept, name.clone()), text.to_owned()) {
            Some(before) if before != text => Err(Fault::Contradiction(name)),
            _ => Ok(()),
        }
    }

    fn has(&self, parent: &'static str) -> bool {
        self.parents.contains_key(parent)
    }

    fn get(&self, parent: &'static str, name: &str) -> &str {
        self.leaves.get(&(parent, name.to_owned())).map_or("", String::as_str)
    }

    /// The leaves of the record that was echoed.
    fn record(&self, records: &[&'static str]) -> BTreeMap<String, String> {
        let leaves = self.leaves.iter().filter(|((parent, _), _)| records.contains(parent));
        leaves.map(|((_, name), text)| (name.clone(), text.clone())).collect()
    }

    fn required(&self, parent: &'static str, name: &'static str) -> Result<&str, Fault> {
        Some(self.get(parent, name)).filter(|text| !text.is_empty()).ok_or(Fault::Lacks(name))
    }

    /// The element around `parent`, e.g. `OPB211`; `usual` when it is no name of a message type.
    fn type_of(&self, parent: &'static str, usual: &str) -> String {
        let around = self.parents.get(parent).map_or("", String::as_str);
        let is_type =
            around.len() == 6 && around.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if is_type { around } else { usual }.to_owned()
    }

    /// The first of these leaves that names a message of ours.
    fn about(&self, leaves: &[(&'static str, &str)]) -> Option<MessageRef> {
        leaves.iter().find_map(|(parent, name)| MessageRef::find(self.get(parent, name)))
    }
}

/// A character or one of the five names every XML knows; others would need a document type.
fn resolve(reference: &BytesRef<'_>) -> Result<char, Fault> {
    let unknown = || Fault::Broken(format!("unknown reference &{};", &**reference));
    match reference.resolve_char_ref() {
        Ok(Some(letter)) => Ok(letter),
        Ok(None) => resolve_xml_entity(reference).and_then(|text| text.chars().next()).ok_or_else(unknown),
        Err(_) => Err(unknown()),
    }
}

/// Times in messages are those of China, which knows no summer time.
const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).unwrap();

/// `yyyy-MM-dd HH:mm:ss` or `yyyy-MM-ddTHH:mm:ss`, China time.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(&text.replacen('T', " ", 1), "%Y-%m-%d %H:%M:%S").ok()?;
    local.and_local_timezone(CHINA).single().map(|at| at.with_timezone(&Utc))
}

/// A day as `yyyy-mm-dd`, from `yyyy-mm-dd…` or `yyyymmdd`; empty when it is none.
pub(super) fn day(text: &str) -> String {
    let day = NaiveDate::parse_from_str(text.get(..10).unwrap_or(text), "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(text, "%Y%m%d"));
    day.map_or_else(|_| String::new(), |day| day.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests;
