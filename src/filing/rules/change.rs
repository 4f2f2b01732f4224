//! Rules of a 变更 beyond those of a filing (manual lines 407–425): what cannot be changed, how far the validity can be
//! extended, that there is something to declare. Pure; compares with what is in force.

use chrono::NaiveDate;

use super::head_pointer;
use crate::document::kind::{HEAD, Whole};
use crate::document::{Base, Mark};
use crate::filing::model::Head;
use crate::form::{Finding, Record as _, Severity, add_months, differences, stored_date};
use crate::text::Message;

/// One extension reaches at most so many months beyond the end in force (announcement 69/2016 item 6).
const LONGEST_EXTENSION: u32 = 6;
/// 延期或变更说明, code of 随附单证类型.
pub const EXTENSION_PAPER: &str = "04";

/// Fields that stay what they are as long as the book lives, and why.
const FIXED: &[(&str, &str, &str)] = &[
    (
        "operator_code",
        "账册的经营单位不能变更，请为新的经营单位另行备案",
        "The operator of a book cannot change; file a new book",
    ),
    (
        "currency",
        "账册的币制不能变更：已核注的金额以原币制计算，请改回原币制",
        "The currency of a book cannot change: what is booked is counted in it",
    ),
];

/// True when the head asks for a later end than the one in force.
pub fn extends(valid_to: &str, in_force: &str) -> bool {
    matches!((stored_date(valid_to), stored_date(in_force)), (Some(asked), Some(present)) if asked > present)
}

/// What a change must leave as it is.
pub fn check_fixed(head: &Head, base: &Base) -> Vec<Finding> {
    let differs = |key: &str| head.get(key) != base.head.get(key);
    let found = FIXED.iter().filter(|(key, ..)| differs(key));
    found
        .map(|(key, zh, en)| {
            let was = base.head.get(key);
            let (zh, en) = (format!("{zh}（{was}）"), format!("{en} ({was})"));
            Finding::new("change.fixed", head_pointer(key), Severity::Save, zh, en)
        })
        .collect()
}

/// 延期: at most six calendar months beyond the end in force, declared while that has not passed.
pub fn check_validity(head: &Head, base: &Base, today: NaiveDate) -> Vec<Finding> {
    let in_force = base.head.get("valid_to");
    let (Some(asked), Some(present)) = (stored_date(&head.valid_to), stored_date(in_force)) else { return Vec::new() };
    let at = || head_pointer("valid_to");
    let refuse = |rule: &str, zh: String, en: String| Finding::new(rule, at(), Severity::Declare, zh, en);
    if today > present {
        return vec![refuse(
            "change.expired",
            format!("账册已于{present}到期，不能再变更或延期，请办理报核"),
            format!("The book ended on {present}: it cannot be changed or extended any more; write it off"),
        )];
    }
    if asked <= present {
        return (asked < today)
            .then(|| {
                refuse(
                    "head.validity",
                    format!("结束有效日期不能早于今天（{today}），请重新录入"),
                    format!("Valid until must not be before today ({today})"),
                )
            })
            .into_iter()
            .collect();
    }
    let Some(latest) = add_months(present, LONGEST_EXTENSION) else { return Vec::new() };
    if asked > latest {
        return vec![refuse(
            "change.extension",
            format!("延期不得超过{LONGEST_EXTENSION}个月：现结束有效日期为{present}，最晚可延至{latest}，请重新录入"),
            format!(
                "An extension reaches at most {LONGEST_EXTENSION} months: from {present} to {latest} at the latest"
            ),
        )];
    }
    (base.extensions > 0)
        .then(|| {
            Finding::new(
                "change.extended_again",
                at(),
                Severity::Warning,
                format!("该账册此前已延期{}次，海关可能不予再次延期，请在说明中写明理由", base.extensions),
                format!("The book was extended {} times before; customs may refuse another one", base.extensions),
            )
        })
        .into_iter()
        .collect()
}

/// An extension needs its reasons on paper.
pub fn papers(valid_to: &str, base: Option<&Base>) -> Vec<(&'static str, Message)> {
    let Some(base) = base else { return Vec::new() };
    let in_force = base.head.get("valid_to");
    if !extends(valid_to, in_force) {
        return Vec::new();
    }
    let why = Message::new(
        format!("结束有效日期由{in_force}延至{valid_to}，须随附本次的“延期或变更说明”"),
        format!("The validity is extended from {in_force} to {valid_to}: attach the reasons"),
    );
    vec![(EXTENSION_PAPER, why)]
}

/// A change without a difference is none.
pub fn check(whole: &Whole<'_>) -> Option<Finding> {
    let base = whole.base?;
    let same_head = differences(HEAD, None, whole.head, &base.head).is_empty();
    let same_rows = whole.lists.iter().all(|rows| rows.iter().all(|row| row.mark == Mark::Same));
    (same_head && same_rows && !whole.papers_changed).then(|| {
        Finding::new(
            "change.nothing",
            head_pointer("valid_to"),
            Severity::Declare,
            "没有变更内容，无需申报",
            "Nothing was changed, so there is nothing to declare",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Values;

    fn day(text: &str) -> NaiveDate {
        stored_date(text).unwrap()
    }

    fn rules(in_force: &str, extensions: i64, asked: &str, today: &str) -> Vec<String> {
        let base = Base { head: Values::of(&Head { valid_to: in_force.into(), ..Head::default() }), extensions };
        let head = Head { valid_to: asked.into(), ..Head::default() };
        check_validity(&head, &base, day(today)).into_iter().map(|found| found.rule).collect()
    }

    #[test]
    fn an_extension_is_six_calendar_months_at_most() {
        // A day too many comes back from customs after weeks; a day too few costs the company that day.
        assert_eq!(rules("2027-03-15", 0, "2027-09-15", "2027-01-01"), [""; 0]);
        assert_eq!(rules("2027-03-15", 0, "2027-09-16", "2027-01-01"), ["change.extension"]);
        // From the last day of August: February has no 31st.
        assert_eq!(rules("2027-08-31", 0, "2028-02-29", "2027-08-31"), [""; 0]);
        assert_eq!(rules("2027-08-31", 0, "2028-03-01", "2027-08-31"), ["change.extension"]);
        assert_eq!(rules("2026-08-31", 0, "2027-03-01", "2026-08-31"), ["change.extension"]);
        assert_eq!(rules("2027-03-15", 0, "2027-09-15", "2027-03-16"), ["change.expired"]);
        assert_eq!(rules("2027-03-15", 1, "2027-04-15", "2027-01-01"), ["change.extended_again"]);
        assert_eq!(rules("2027-03-15", 1, "2027-03-15", "2027-01-01"), [""; 0], "no extension, no word about it");
    }

    #[test]
    fn an_extension_asks_for_its_paper() {
        let base = Base { head: Values::of(&Head { valid_to: "2027-03-15".into(), ..Head::default() }), extensions: 0 };
        assert_eq!(papers("2027-03-16", Some(&base)).len(), 1);
        assert!(papers("2027-03-15", Some(&base)).is_empty());
        assert!(papers("2027-03-16", None).is_empty());
    }

    #[test]
    fn the_operator_and_the_currency_stay() {
        let base = Base { head: Values::of(&Head { currency: "USD".into(), ..Head::default() }), extensions: 0 };
        let other = Head { currency: "CNY".into(), ..Head::default() };
        assert_eq!(check_fixed(&other, &base).len(), 1);
        assert!(check_fixed(&Head { currency: "USD".into(), ..Head::default() }, &base).is_empty());
    }
}
