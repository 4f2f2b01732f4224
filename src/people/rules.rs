//! Rules of 系统管理, the same in browser and server: how a user name looks, which roles are given, which days a delegation
//! may have, what it is worth on a day. Pure.

use chrono::{Months, NaiveDate};

use super::model::{NewUser, Offer, Standing};
use crate::account::rights::Role;
use crate::account::rules::{customs_code_fault, normalise_code, normalise_login};
use crate::form::{Finding, Severity, parse_date};
use crate::text::{Message, Text, text};

/// The longest name of a user, in letters.
pub const LONGEST_NAME: usize = 64;

/// Nobody may do anything for ever by one click: a delegation lasts no longer.
pub const LONGEST_DELEGATION: Months = Months::new(60);

/// What is wrong with a normalised user name.
pub fn login_fault(login: &str) -> Option<Text> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    let fits = (2..=32).contains(&login.len()) && login.bytes().all(plain);
    (!fits).then_some(text(
        "用户名应为2至32位小写字母、数字、点、下划线或连字符",
        "A user name has 2 to 32 letters, digits, points, underscores or hyphens",
    ))
}

/// What is wrong with the name of a user.
pub fn name_fault(name: &str) -> Option<Text> {
    let length = name.trim().chars().count();
    if length == 0 {
        return Some(text("请录入姓名", "Type the name"));
    }
    (length > LONGEST_NAME || name.chars().any(char::is_control))
        .then_some(text("姓名最多64个字，且不能含不可见字符", "A name has at most 64 letters, none of them invisible"))
}

/// What is wrong with the roles an administrator gives.
pub fn roles_fault(roles: &[Role]) -> Option<Text> {
    if roles.is_empty() {
        return Some(text("请至少选择一个角色", "Choose at least one role"));
    }
    // The operator of the service is nobody's employee here.
    (!roles.iter().all(|role| Role::GIVEN.contains(role)))
        .then_some(text("该角色只能由服务运营方授予", "Only the operator of the service gives this role"))
}

/// What is wrong with a user to be added.
pub fn user_faults(user: &NewUser) -> Vec<Finding> {
    let login = normalise_login(&user.login);
    let faults = [
        ("login", login_fault(&login).map(Message::from)),
        ("name", name_fault(&user.name).map(Message::from)),
        ("roles", roles_fault(&user.roles).map(Message::from)),
    ];
    faults.into_iter().filter_map(|(field, message)| Some(at(field, message?))).collect()
}

/// The days of an offer, when they are days.
pub fn days(offer: &Offer, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let day = |typed: &str| parse_date(typed, today, true);
    Some((day(&offer.from)?, day(&offer.to)?))
}

/// What is wrong with an offer of the enterprise `own`.
pub fn offer_faults(offer: &Offer, own: &str, today: NaiveDate) -> Vec<Finding> {
    let agent = normalise_code(&offer.agent_code);
    let mut faults = Vec::new();
    if let Some(fault) = customs_code_fault(&agent) {
        faults.push(at("agent_code", fault));
    } else if agent == own {
        faults.push(at(
            "agent_code",
            text("不能委托本企业，请录入代理企业的编码", "An enterprise cannot be its own agent"),
        ));
    }
    match days(offer, today) {
        None => {
            let unread = text("日期无法识别，请按2026-12-31的形式录入", "This is no day; type it like 2026-12-31");
            for (field, typed) in [("from", &offer.from), ("to", &offer.to)] {
                let one = Offer { from: typed.clone(), to: typed.clone(), ..Offer::default() };
                if days(&one, today).is_none() {
                    faults.push(at(field, unread));
                }
            }
        }
        Some((from, to)) if from > to => {
            faults.push(at("to", text("截止日期不能早于起始日期", "The last day must not be before the first")));
        }
        Some((_, to)) if to < today => {
            faults.push(at("to", text("截止日期已过，请重新录入", "The last day is over; type another")));
        }
        Some((from, to)) if from.checked_add_months(LONGEST_DELEGATION).is_none_or(|last| to > last) => {
            faults.push(at(
                "to",
                text(
                    "一次委托最多五年，请缩短期限，到期后可再次委托",
                    "At most five years at once; offer it anew later",
                ),
            ));
        }
        Some(_) => {}
    }
    faults
}

/// What a delegation is worth on a day. Days as `yyyy-mm-dd`, moments empty for never.
pub fn standing(from: &str, to: &str, accepted_at: &str, ended_at: &str, today: &str) -> Standing {
    if !ended_at.is_empty() {
        return if accepted_at.is_empty() { Standing::Declined } else { Standing::Ended };
    }
    if to < today {
        return if accepted_at.is_empty() { Standing::Declined } else { Standing::Over };
    }
    if accepted_at.is_empty() {
        Standing::Offered
    } else if from > today {
        Standing::Coming
    } else {
        Standing::InForce
    }
}

/// A fault at one field of a form of 系统管理.
pub fn at(field: &str, message: impl Into<Message>) -> Finding {
    Finding { rule: "people".into(), pointer: field.into(), severity: Severity::Save, message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::rights::Scope;

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();

    fn offer(agent: &str, from: &str, to: &str) -> Vec<String> {
        let offer = Offer { agent_code: agent.into(), from: from.into(), to: to.into(), scope: Scope::Enter };
        offer_faults(&offer, "3205246018", TODAY).into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn a_delegation_is_to_somebody_else_for_days_that_can_be_read() {
        // Whoever delegates by a slip lets strangers declare in its name.
        assert!(offer("3122980015", "2026-12-01", "2027-11-30").is_empty());
        assert!(offer("３１２２９８００１５", "20261201", "2027/11/30").is_empty(), "as people type it");
        assert_eq!(offer("3205246018", "2026-12-01", "2026-12-31"), ["agent_code"]);
        assert_eq!(offer("31229800", "2026-12-01", "2026-12-31"), ["agent_code"]);
        assert_eq!(offer("3122980015", "2026-13-01", "someday"), ["from", "to"]);
        assert_eq!(offer("3122980015", "2026-12-31", "2026-12-01"), ["to"]);
        assert_eq!(offer("3122980015", "2026-01-01", "2026-11-30"), ["to"], "over");
        assert_eq!(offer("3122980015", "2026-12-01", "2099-12-31"), ["to"], "for ever");
        assert!(offer("3122980015", "2026-12-01", "+5y").is_empty(), "five years as they are typed");
        assert_eq!(offer("3122980015", "2026-12-01", "2031-12-02"), ["to"], "a day longer");
    }

    #[test]
    fn what_was_not_accepted_or_was_ended_is_worth_nothing() {
        let on = |accepted: &str, ended: &str| standing("2026-12-01", "2026-12-31", accepted, ended, "2026-12-15");
        assert_eq!(on("", ""), Standing::Offered);
        assert_eq!(on("a", ""), Standing::InForce);
        assert_eq!(on("a", "e"), Standing::Ended);
        assert_eq!(on("", "e"), Standing::Declined);
        let at = |today: &str| standing("2026-12-01", "2026-12-31", "a", "", today);
        assert_eq!(at("2026-11-30"), Standing::Coming);
        assert_eq!([at("2026-12-01"), at("2026-12-31")], [Standing::InForce; 2], "both days count");
        assert_eq!(at("2027-01-01"), Standing::Over);
        assert!(!at("2027-01-01").can_end());
    }

    #[test]
    fn nobody_is_added_without_a_name_and_a_role() {
        let user = |login: &str, name: &str, roles: &[Role]| {
            let user = NewUser { login: login.into(), name: name.into(), roles: roles.to_vec() };
            user_faults(&user).into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        assert!(user("Li.Ming", "李明", &[Role::Clerk]).is_empty());
        assert_eq!(user("李", " ", &[]), ["login", "name", "roles"]);
        assert_eq!(user("li", "李明", &[Role::Operator]), ["roles"], "given by the command line only");
        assert_eq!(user("li", &"长".repeat(65), &[Role::Reader]), ["name"]);
    }
}
