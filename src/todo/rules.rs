//! When a book or a document waits, and the words for it. Pure; used by the service and by the reminders, so that both speak of
//! the same days. Days are settings, and none of them is law.

use chrono::{NaiveDate, TimeDelta};

use super::model::Why;
use crate::document::Status;
use crate::form::{Finding, in_china, stored_date};
use crate::server::config::Remind;
use crate::text::{Language, Message};

/// What was sent back to the person who declared it.
pub const BACK: &[Status] = &[Status::Returned, Status::DeclareFailed, Status::EntryFailed];

/// So many days before its end a book begins to wait: on the day of its first reminder.
pub fn ahead(remind: &Remind) -> i64 {
    // In the settings they rise.
    remind.expiry.first().map_or(0, |first| -first.min(&0))
}

/// A book as far as its end is concerned. Days as stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    pub valid_to: String,
    /// When customs urged; empty for never.
    pub urged_on: String,
    /// 应报核日期 of that urging; empty when customs named none.
    pub due_date: String,
}

/// A document in hand. Moments as stored.
#[derive(Clone, Debug, Default)]
pub struct InHand {
    pub id: String,
    pub operator_code: String,
    pub kind: String,
    pub status: Status,
    pub version: i64,
    pub internal_no: String,
    pub book_no: String,
    pub entry_no: String,
    pub declared_at: String,
    pub updated_at: String,
    /// What was said of it last: words, or reasons as a JSON array.
    pub said: String,
}

impl InHand {
    /// How people call it: by the number customs gave, else by their own.
    pub fn name(&self) -> &str {
        let numbers = [&self.entry_no, &self.internal_no, &self.book_no];
        numbers.into_iter().find(|number| !number.is_empty()).map_or("", |number| number)
    }
}

/// What there is to know of a document that waits, and the moment from which it does.
pub fn of_document<'a>(why: Why, document: &'a InHand, today: NaiveDate, remind: &Remind) -> (Message, &'a str) {
    let InHand { declared_at, updated_at, .. } = document;
    let label = document.status.label();
    match why {
        Why::Draft => {
            let untouched = days_since(updated_at, today);
            let told = if untouched >= remind.draft {
                Message::new(
                    format!("已{untouched}天未改动，请继续录入申报，或删除"),
                    format!("Untouched for {untouched} days: go on and declare, or delete"),
                )
            } else {
                label.into()
            };
            (told, updated_at)
        }
        Why::UnderWay => {
            let days = days_since(declared_at, today);
            let told = Message::new(
                format!("{}，申报已{days}天没有结果", label.zh),
                format!("{}, declared {days} days ago", label.en),
            );
            (told, declared_at)
        }
        _ => {
            let said = words(&document.said);
            let told = if said.is_empty() {
                label.into()
            } else {
                Message::new(format!("{}：{said}", label.zh), format!("{}: {said}", label.en))
            };
            (told, if declared_at.is_empty() { updated_at } else { declared_at })
        }
    }
}

/// What the check of a draft found: how much is to be mended, and where to begin. `place`: where that is.
pub fn of_check(faults: &[Finding], place: impl Fn(&str, Language) -> String) -> Message {
    let Some(first) = faults.first() else {
        return Message::new("未发现须改之处", "Nothing found to mend");
    };
    let said = |language, words: &str| match first.pointer.as_str() {
        "" => words.to_owned(),
        pointer if language == Language::Zh => format!("{}，{words}", place(pointer, language)),
        pointer => format!("{}, {words}", place(pointer, language)),
    };
    let (zh, en) = (said(Language::Zh, &first.message.zh), said(Language::En, &first.message.en));
    match faults.len() {
        1 => Message::new(format!("1项须改：{zh}"), format!("1 to mend: {en}")),
        many => Message::new(format!("{many}项须改，先看：{zh}"), format!("{many} to mend, first: {en}")),
    }
}

/// What was said last: words as they are, of a list of reasons the first.
fn words(said: &str) -> String {
    match serde_json::from_str::<Vec<String>>(said) {
        Ok(notes) => notes.into_iter().next().unwrap_or_default(),
        Err(_) => said.to_owned(),
    }
}

/// Whole days between a stored moment and today; 0 for one that cannot be read.
fn days_since(moment: &str, today: NaiveDate) -> i64 {
    let moment = chrono::DateTime::parse_from_rfc3339(moment).ok();
    moment.map_or(0, |at| (today - in_china(at.to_utc()).date_naive()).num_days())
}

/// The day on which a write-off is due: the one customs named, else some days after the validity.
pub fn deadline(book: &Ending, remind: &Remind) -> Option<NaiveDate> {
    let named = stored_date(&book.due_date);
    named.or_else(|| stored_date(&book.valid_to)?.checked_add_signed(TimeDelta::days(remind.writeoff_within)))
}

/// Why a book waits today, what there is to know, and the day that counts; `None` while it does not.
pub fn of_book(book: &Ending, today: NaiveDate, remind: &Remind) -> Option<(Why, Message, NaiveDate)> {
    let ends = stored_date(&book.valid_to)?;
    let due = deadline(book, remind)?;
    let over = (today - ends).num_days();
    if !book.urged_on.is_empty() {
        let told = Message::new(
            format!("海关{}催核，请在{due}前报核{}", book.urged_on, left(due, today).zh),
            format!("Urged by customs on {}: write it off by {due}{}", book.urged_on, left(due, today).en),
        );
        return Some((Why::Urged, told, due));
    }
    if over > 0 {
        let told = Message::new(
            format!("有效期已过{over}天，请在{due}前报核{}", left(due, today).zh),
            format!("Ended {over} days ago: write it off by {due}{}", left(due, today).en),
        );
        return Some((Why::Overdue, told, due));
    }
    let told = match -over {
        0 => Message::new("有效期今天到期，之后不能再进出口；请准备报核", "Ends today; prepare the write-off"),
        days => Message::new(
            format!("有效期还有{days}天，需要延期的请先变更，不延期的请准备报核"),
            format!("Ends in {days} days: extend it by a change, or prepare the write-off"),
        ),
    };
    (-over <= ahead(remind)).then_some((Why::Expiring, told, ends))
}

fn left(due: NaiveDate, today: NaiveDate) -> Message {
    match (due - today).num_days() {
        days @ 1.. => Message::new(format!("（还有{days}天）"), format!(" ({days} days left)")),
        0 => Message::new("（今天）", " (today)"),
        days => Message::new(format!("（已过{}天）", -days), format!(" ({} days ago)", -days)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Severity;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn ending(valid_to: &str) -> Ending {
        Ending { valid_to: valid_to.into(), ..Ending::default() }
    }

    #[test]
    fn a_book_waits_from_the_first_reminder_on_and_more_gravely_when_it_is_over() {
        // Shown a day late, an extension is impossible; shown at once, nobody looks any more.
        let remind = Remind::default();
        let why = |today: &str| of_book(&ending("2026-12-31"), day(today), &remind).map(|(why, _, on)| (why, on));
        assert_eq!(why("2026-11-30"), None);
        assert_eq!(why("2026-12-01"), Some((Why::Expiring, day("2026-12-31"))));
        assert_eq!(why("2026-12-31"), Some((Why::Expiring, day("2026-12-31"))));
        assert_eq!(why("2027-01-01"), Some((Why::Overdue, day("2027-01-30"))));
        let none = Remind { expiry: Vec::new(), ..remind };
        assert_eq!(of_book(&ending("2026-12-31"), day("2026-12-30"), &none), None);
        assert!(of_book(&ending("2026-12-31"), day("2026-12-31"), &none).is_some(), "its last day is never silent");
    }

    #[test]
    fn a_draft_says_how_much_is_to_be_mended_and_where_to_begin() {
        // A count alone sends people into the document to find out whether it is worth opening.
        let place = |pointer: &str, _| format!("<{pointer}>");
        assert!(of_check(&[], place).zh.contains("未发现"));
        let fault = |pointer: &str| Finding::new("required", pointer, Severity::Declare, "未填写", "is empty");
        assert_eq!(of_check(&[fault("head.currency")], place).zh, "1项须改：<head.currency>，未填写");
        let told = of_check(&[fault(""), fault("head.currency")], place);
        assert_eq!((told.zh.as_str(), told.en.as_str()), ("2项须改，先看：未填写", "2 to mend, first: is empty"));
    }

    #[test]
    fn the_day_customs_names_counts_more_than_ours() {
        let remind = Remind::default();
        let urged = Ending { urged_on: "2026-11-02".into(), due_date: "2026-11-20".into(), ..ending("2026-12-31") };
        let (why, told, on) = of_book(&urged, day("2026-11-18"), &remind).unwrap();
        assert_eq!((why, on), (Why::Urged, day("2026-11-20")));
        assert!(told.zh.contains("还有2天"), "{}", told.zh);
        let late = of_book(&urged, day("2026-11-21"), &remind).unwrap().1;
        assert!(late.zh.contains("已过1天"), "{}", late.zh);
        let unnamed = Ending { due_date: String::new(), ..urged };
        assert_eq!(deadline(&unnamed, &remind), Some(day("2027-01-30")));
    }
}
