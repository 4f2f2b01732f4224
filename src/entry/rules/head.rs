//! Rules of the head of an entry: fields, where it comes from, currency and rate. Called by the kind, for the page and the
//! server alike. Finds, and changes nothing.

use super::{Direction, at_head};
use crate::document::kind::HEAD;
use crate::entry::model::REGISTERED;
use crate::form::{Finding, Severity, Values, check_record};
use crate::reference::Codes;

/// What 登记 needs of the head beside the number: customs has looked at all the rest already.
const FOR_REGISTERING: [(&str, &str, &str); 2] =
    [("ie_date", "进出口日期", "The date"), ("currency", "成交币制", "The currency")];

/// Checks the head. `for_declare` adds what 申报 and 登记 need beyond 暂存.
pub fn check_head(direction: Direction, head: &Values, codes: &Codes, for_declare: bool) -> Vec<Finding> {
    let registers = head.get("origin") == REGISTERED;
    let mut findings = check_record(HEAD, None, head, codes, for_declare && !registers);
    if for_declare && registers {
        let missing = FOR_REGISTERING.into_iter().filter(|(key, ..)| head.get(key).is_empty());
        findings.extend(missing.map(|(key, zh, en)| {
            let (zh, en) = (format!("{zh}不能为空，请录入"), format!("{en} is required"));
            at_head(key, Severity::Declare, "required", zh, en)
        }));
    }
    if for_declare {
        findings.extend(numbers(direction, head));
        findings.extend(currencies(head));
    }
    findings
}

/// The number is typed exactly where customs gave it elsewhere.
fn numbers(direction: Direction, head: &Values) -> Option<Finding> {
    let number = head.get("registered_no");
    let refuse = |zh: String, en: &str| Some(at_head("registered_no", Severity::Declare, "entry.number", zh, en));
    if head.get("origin") != REGISTERED {
        if number.is_empty() {
            return None;
        }
        return refuse(
            "在本系统申报的报关单由海关给号：请清空登记报关单号，或将单据来源改为“2-登记已放行的报关单”".to_owned(),
            "Customs gives the number of what is declared here: clear it, or choose origin 2",
        );
    }
    if number.is_empty() {
        return refuse("登记报关单号不能为空，请录入18位海关编号".to_owned(), "Type the number to be registered");
    }
    if number.chars().nth(8) != Some(direction.digit()) {
        let (what, digit) = match direction {
            Direction::Export => ("出口", 0),
            Direction::Import => ("进口", 1),
        };
        return refuse(
            format!("报关单号{number}的第9位应为{digit}（{what}），请核对号码或进出口方向"),
            "The ninth digit of the number tells the other direction",
        );
    }
    None
}

/// Amounts are counted in the currency of the book.
fn currencies(head: &Values) -> Option<Finding> {
    let [own, book, rate] = ["currency", "book_currency", "rate"].map(|key| head.get(key));
    if own.is_empty() || book.is_empty() {
        return None;
    }
    match (own == book, rate.is_empty()) {
        (false, true) => Some(at_head(
            "rate",
            Severity::Declare,
            "entry.rate",
            format!("成交币制{own}与账册币制{book}不同，请录入折算汇率（1{own}等于多少{book}）"),
            format!("Type the rate: how many {book} one {own} is"),
        )),
        (true, false) => Some(at_head(
            "rate",
            Severity::Declare,
            "entry.rate",
            format!("成交币制与账册币制同为{own}，请清空折算汇率"),
            "The currencies are the same: clear the rate",
        )),
        _ => None,
    }
}
