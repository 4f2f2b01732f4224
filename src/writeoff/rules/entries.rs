//! The entries of a write-off: each once, each of this book, booked and not written off, within the period; and none left out
//! that is. Pure; called by `check_whole`.

use std::collections::HashMap;

use super::{STALE, at, at_head, rows};
use crate::document::Row;
use crate::document::kind::Whole;
use crate::document::under_book::{Stranger, ToWriteOff};
use crate::form::{Finding, Severity, Values, amount};
use crate::writeoff::model::ENTRIES;

/// So many numbers are named in a sentence.
const MOST_NAMED: usize = 5;

/// The same number twice in this write-off.
pub(super) fn repeated(whole: &Whole<'_>) -> Vec<Finding> {
    let mut first: HashMap<&str, i64> = HashMap::new();
    let mut found = Vec::new();
    for row in rows(whole, ENTRIES) {
        let number = row.content.get("entry_no");
        match first.get(number) {
            Some(before) => found.push(of_row(
                row,
                "writeoff.repeated",
                format!("报关单{number}与第{before}项重复，请删除其中一项"),
                format!("Entry {number} stands in row {before} already"),
            )),
            None => {
                first.insert(number, row.seq);
            }
        }
    }
    found
}

fn of_row(row: &Row<Values>, rule: &str, zh: String, en: String) -> Finding {
    let seq = row.seq;
    let (zh, en) = (format!("核报报关单第{seq}项：{zh}"), format!("Entries item {seq}: {en}"));
    at(ENTRIES, Some(seq), "entry_no", Severity::Declare, rule, zh, en)
}

/// Holds the entries against what is due.
pub(super) fn check(whole: &Whole<'_>, due: &ToWriteOff, closes: bool) -> Vec<Finding> {
    let mut found: Vec<Finding> = rows(whole, ENTRIES).into_iter().filter_map(|row| one(row, due)).collect();
    found.extend(under_way(due));
    found.extend(left_out(whole, due, closes));
    found
}

fn one(row: &Row<Values>, due: &ToWriteOff) -> Option<Finding> {
    let number = row.content.get("entry_no");
    if let Some(entry) = due.entry(number) {
        // What the ledger said when the row was saved may be over.
        let money = ["exported", "exempt", "taxed"].map(|key| amount(row.content.get(key)));
        let stale = money != [entry.exported, entry.exempt, entry.taxed] || row.content.get("ie_date") != entry.day;
        return stale.then(|| {
            of_row(
                row,
                STALE,
                format!("报关单{number}在台账中的金额或日期已变动，请点击“按台账生成”更新"),
                format!("The ledger of entry {number} has changed: make the lists anew"),
            )
        });
    }
    let why = due.strangers.iter().find(|(known, _)| known == number).map(|(_, why)| *why);
    let to = &due.to;
    let (zh, en) = match why {
        Some(Stranger::Unknown) => {
            ("不在台账中：请先申报或登记该报关单，或核对号码".to_owned(), "is not in the ledger")
        }
        Some(Stranger::OtherBook) => ("不属于本账册，请删除或核对号码".to_owned(), "belongs to another book"),
        Some(Stranger::UnderWay) => ("尚未核注，请待海关放行后再报核".to_owned(), "is not booked yet"),
        Some(Stranger::Later) => {
            (format!("的进出口日期晚于报核截止日期{to}，请删除或更改截止日期"), "is dated after the last day")
        }
        Some(Stranger::Written) => ("已在以前的报核中核销，请删除".to_owned(), "was written off before"),
        None => (
            format!("不是本账册{to}及以前已核注、尚未核销的报关单，请核对"),
            "is no booked entry of this book that is still to be written off",
        ),
    };
    Some(of_row(row, "writeoff.stranger", format!("报关单{number}{zh}"), format!("Entry {number} {en}")))
}

/// Entries that customs has not decided on may belong to the period.
fn under_way(due: &ToWriteOff) -> Option<Finding> {
    let named = named(due.under_way.iter().map(String::as_str));
    let count = due.under_way.len();
    (count > 0).then(|| {
        at_head(
            "period_to",
            Severity::Declare,
            "writeoff.under_way",
            format!(
                "报核期内有{count}份报关单已申报、尚未核注（{named}），请待海关放行或退单后再报核，或提前报核截止日期"
            ),
            format!(
                "{count} entries of the period are under way ({named}): wait for customs, or choose an earlier day"
            ),
        )
    })
}

/// Entries of the period that are not in the list: they stay for the next write-off, unless there is none.
fn left_out(whole: &Whole<'_>, due: &ToWriteOff, closes: bool) -> Option<Finding> {
    let listed = rows(whole, ENTRIES);
    let is_listed = |number: &str| listed.iter().any(|row| row.content.get("entry_no") == number);
    let missing: Vec<&str> =
        due.entries.iter().map(|entry| entry.entry_no.as_str()).filter(|number| !is_listed(number)).collect();
    if missing.is_empty() || listed.is_empty() {
        return None; // an empty list is told by a rule of its own
    }
    let (count, named) = (missing.len(), named(missing.iter().copied()));
    let (severity, zh, en) = if closes {
        (Severity::Declare, "结案后不能再报核，请全部列入", "the book is closed after this: list them all")
    } else {
        (Severity::Warning, "留待下次报核，请核对", "they stay for the next one")
    };
    Some(at(
        ENTRIES,
        None,
        "entry_no",
        severity,
        "writeoff.left_out",
        format!("报核期内还有{count}份已核注的报关单未列入（{named}），{zh}"),
        format!("{count} booked entries of the period are not listed ({named}): {en}"),
    ))
}

fn named<'a>(numbers: impl Iterator<Item = &'a str>) -> String {
    let numbers: Vec<&str> = numbers.collect();
    let more = if numbers.len() > MOST_NAMED { " …" } else { "" };
    format!("{}{more}", numbers[..numbers.len().min(MOST_NAMED)].join("、"))
}
