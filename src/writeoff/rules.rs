//! The rules of a write-off: its period, its entries against the ledger, its goods against the ledger, what ends the book.
//! Pure; the same in the browser and on the server. `figures` fills and makes rows from the ledger, `row` is about one row.

mod entries;
mod figures;
mod goods;
mod row;

pub use figures::{figures, lists};
pub use row::{EntryRows, GoodsRows};

use super::model::{ENTRIES, EXPORTS, NORMAL, REIMPORTS, YES};
use crate::document::Row;
use crate::document::kind::{HEAD, Whole};
use crate::document::under_book::UnderBook;
use crate::form::{Finding, Severity, Values, amount, plain, pointer, show_date};
use crate::text::Message;

/// Rule of a row that shows what the ledger said before.
const STALE: &str = "writeoff.stale";
/// 未复运进境情况说明, code of 随附单证类型.
const UNRETURNED_PAPER: &str = "06";

/// True when the write-off ends the book: somebody asked for it, or the period reaches the end of validity.
pub fn closes(head: &Values) -> bool {
    let (to, until) = (head.get("period_to"), head.get("valid_to"));
    head.get("closes") == YES || (!to.is_empty() && !until.is_empty() && to >= until)
}

/// Sets what follows from the sums.
pub fn fix(head: &mut Values) {
    let [exported, exempt] = ["export_total", "reimport_total"].map(|key| amount(head.get(key)));
    head.set("balance", plain(exported - exempt));
}

/// What keeps a write-off from being declared, beyond its single fields and rows.
pub fn check_whole(whole: &Whole<'_>) -> Vec<Finding> {
    let mut findings = enough(whole);
    findings.extend(period(whole.head, &show_date(whole.today)));
    findings.extend(entries::repeated(whole));
    findings.extend(goods::repeated(whole, EXPORTS));
    findings.extend(goods::repeated(whole, REIMPORTS));
    let Some(book) = whole.book else { return findings };
    findings.extend(standing(book));
    let Some(due) = book.to_write_off.as_ref().filter(|due| due.to == whole.head.get("period_to")) else {
        // Read for another day: what is said of it would be wrong. The page reads it anew once the head is saved.
        return findings;
    };
    findings.extend(entries::check(whole, due, closes(whole.head)));
    for section in [EXPORTS, REIMPORTS] {
        findings.extend(goods::check(whole, book, due, section));
    }
    findings.extend(goods::left_over(whole, book, closes(whole.head)));
    // Of many rows that are behind the ledger one is enough: they are made anew together.
    let mut told = false;
    findings.retain(|found| found.rule != STALE || !std::mem::replace(&mut told, true));
    findings
}

/// Papers beyond those the settings ask for.
pub fn papers(whole: &Whole<'_>) -> Vec<(&'static str, Message)> {
    let unreturned = whole.list(REIMPORTS).any(|row| !amount(row.content.get("unreturned_qty")).is_zero());
    if !unreturned {
        return Vec::new();
    }
    let why = Message::new(
        "有未复运货物，须随附“未复运进境情况说明”（06）",
        "Goods are not returned: attach the explanation, kind 06",
    );
    vec![(UNRETURNED_PAPER, why)]
}

/// A finding about a row, or about a list.
fn at(
    section: &str,
    seq: Option<i64>,
    key: &str,
    severity: Severity,
    rule: &str,
    zh: impl Into<String>,
    en: impl Into<String>,
) -> Finding {
    Finding::new(rule, pointer(section, seq, key), severity, zh, en)
}

fn at_head(key: &str, severity: Severity, rule: &str, zh: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding::new(rule, pointer(HEAD, None, key), severity, zh, en)
}

/// A regular write-off needs entries and goods, a supplementary one entries (the sibling books' rule).
fn enough(whole: &Whole<'_>) -> Vec<Finding> {
    let has = |section: &str| whole.list(section).next().is_some();
    let mut findings = Vec::new();
    if !has(ENTRIES) {
        let (zh, en) = (
            "核报报关单至少录入一份，可点击“按台账生成”",
            "Enter at least one customs entry, or make the lists from the ledger",
        );
        findings.push(at(ENTRIES, None, "entry_no", Severity::Declare, "writeoff.entries", zh, en));
    }
    if whole.head.get("decl_type") == NORMAL && !has(EXPORTS) && !has(REIMPORTS) {
        let (zh, en) = (
            "正常报核须有出口货物或复进口货物，可点击“按台账生成”",
            "A regular write-off needs exported or re-imported goods; make the lists from the ledger",
        );
        findings.push(at(EXPORTS, None, "goods_seq", Severity::Declare, "writeoff.goods", zh, en));
    }
    findings
}

/// The period lies behind us and goes on where the last one ended.
fn period(head: &Values, today: &str) -> Option<Finding> {
    let [from, to] = ["period_from", "period_to"].map(|key| head.get(key));
    if to.is_empty() {
        return None;
    }
    let (zh, en) = if to > today {
        (
            format!("报核截止日期{to}晚于今天{today}，请改为今天或更早"),
            format!("The last day {to} is after today, {today}"),
        )
    } else if to < from {
        (
            format!("报核截止日期{to}早于报核开始日期{from}（上次报核截止日期的次日），请核对"),
            format!("The last day {to} is before the first, {from}"),
        )
    } else {
        return None;
    };
    Some(at_head("period_to", Severity::Declare, "writeoff.period", zh, en))
}

/// A book that is over, or that customs is looking at already.
fn standing(book: &UnderBook) -> Option<Finding> {
    let number = &book.book_no;
    book.closed.then(|| {
        at_head(
            "book_no",
            Severity::Declare,
            "writeoff.book",
            format!("账册{number}已核销结案，不能再报核"),
            format!("Book {number} is written off and closed"),
        )
    })
}

/// The rows in force of a list.
fn rows<'a>(whole: &Whole<'a>, section: &str) -> Vec<&'a Row<Values>> {
    whole.list(section).collect()
}

#[cfg(test)]
mod tests;
