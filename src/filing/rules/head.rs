//! Rules of the head: fields, parties, validity, customs office, country. Called by the screen at once and by the
//! service before it stores or declares. Finds, and changes nothing.

use chrono::NaiveDate;

use super::{change, head_pointer};
use crate::document::Base;
use crate::document::kind::HEAD;
use crate::filing::model::Head;
use crate::form::{Finding, Severity, add_months, check_record, stored_date};
use crate::reference::Codes;

/// A book lives one year at most (announcement 69/2016 item 6).
pub const LONGEST_MONTHS: u32 = 12;

/// Checks the head. `for_declare` adds what 申报 needs beyond 暂存; a change (`base`) has a rule of its own for the
/// validity.
pub fn check_head(
    head: &Head,
    base: Option<&Base>,
    codes: &Codes,
    today: NaiveDate,
    for_declare: bool,
) -> Vec<Finding> {
    let mut findings = check_record(HEAD, None, head, codes, for_declare);
    findings.extend(base.into_iter().flat_map(|base| change::check_fixed(head, base)));
    if for_declare {
        findings.extend(check_declarant_type(head));
        match base {
            Some(base) => findings.extend(change::check_validity(head, base, today)),
            None => findings.extend(check_validity(head, today)),
        }
        findings.extend(check_customs(head));
        findings.extend(check_country(head));
    }
    findings
}

fn check_validity(head: &Head, today: NaiveDate) -> Option<Finding> {
    let until = stored_date(&head.valid_to)?;
    let latest = add_months(today, LONGEST_MONTHS)?;
    let (zh, en) = if until <= today {
        (format!("结束有效日期须晚于今天（{today}），请重新录入"), format!("Valid until must be after today ({today})"))
    } else if until > latest {
        (
            format!("结束有效日期不得超过一年，最晚为{latest}，请重新录入"),
            format!("Valid until must be within one year, {latest} at the latest"),
        )
    } else {
        return None;
    };
    Some(Finding::new("head.validity", head_pointer("valid_to"), Severity::Declare, zh, en))
}

/// 0000 is the head office, which keeps no books.
fn check_customs(head: &Head) -> Option<Finding> {
    matches!(head.master_customs.as_str(), "0000" | "5000" | "9900").then(|| {
        Finding::new(
            "head.customs",
            head_pointer("master_customs"),
            Severity::Declare,
            "主管海关须为直属海关或隶属海关，请重新选择",
            "The customs in charge must be a district or one of its offices",
        )
    })
}

/// 企业 means that the operator declares for itself; anybody else is an agent or a broker.
fn check_declarant_type(head: &Head) -> Option<Finding> {
    let (operator, declarant) = (head.operator_code.as_str(), head.declarant_code.as_str());
    let is_itself = operator == declarant;
    let known = !operator.is_empty() && !declarant.is_empty() && !head.declarant_type.is_empty();
    (known && is_itself != (head.declarant_type == "1")).then(|| {
        let (zh, en) = if is_itself {
            (
                "申报单位就是经营单位，申报单位类型应为“1-企业”，请核对",
                "The operator declares for itself: the type should be 1",
            )
        } else {
            (
                "申报单位不是经营单位，申报单位类型应为“2-代理公司”或“3-报关行”，请核对",
                "Somebody else declares for the operator: the type should be 2 or 3",
            )
        };
        Finding::new("head.declarant_type", head_pointer("declarant_type"), Severity::Warning, zh, en)
    })
}

/// Processing inside China is not outward processing.
fn check_country(head: &Head) -> Option<Finding> {
    (head.process_country == "CHN").then(|| {
        Finding::new(
            "head.country",
            head_pointer("process_country"),
            Severity::Declare,
            "加工国别(地区)不能为中国，请选择境外加工所在国家或地区",
            "The country of processing cannot be China",
        )
    })
}
