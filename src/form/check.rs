//! Checks one field by its line of the field table: form, size, code table, presence.
//! The same checks run in the browser at once and on the server before anything is stored.

use super::{
    Digits, Field, Finding, Kind, Need, Severity, Texts, parse_date, parse_decimal, plain, pointer, read_number,
    show_date, stored_date,
};
use crate::reference::Codes;
use crate::text::{folded, visible};

/// Normalises what was typed: letters nobody sees, full-width letters and digits, blanks around, thousands separators
/// in numbers, upper case in codes, quick dates. Never drops anything it does not understand.
pub fn clean(field: &Field, raw: &str, today: chrono::NaiveDate) -> String {
    // Most of what comes in is plain already; ten thousand imported rows are cleaned while somebody waits.
    let raw = &*visible(raw);
    let half = folded(raw);
    let trimmed = half.trim();
    match field.kind {
        Kind::Text { .. } => raw.trim().to_owned(),
        Kind::Lines { .. } => raw.trim_end().replace("\r\n", "\n"),
        Kind::Code { .. } | Kind::Digits { .. } | Kind::Mobile | Kind::Coded(_) | Kind::Choice(_) => {
            if trimmed.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) {
                return trimmed.to_owned();
            }
            trimmed.split_whitespace().collect::<String>().to_uppercase()
        }
        Kind::Decimal { int, frac, .. } => {
            // 1,5 is one and a half to some: it stays as typed, with the fault of its form.
            match read_number(trimmed).map(plain).filter(|value| parse_decimal(value, Digits { int, frac }).is_some()) {
                Some(value) => value,
                None => trimmed.to_owned(),
            }
        }
        Kind::Date => match parse_date(trimmed, today, field.ahead) {
            Some(date) => show_date(date),
            None => trimmed.to_owned(),
        },
    }
}

/// Checks a normalised value. `for_declare` also demands what 申报 needs.
pub fn check_field(field: &Field, value: &str, at: &str, codes: &Codes, for_declare: bool) -> Option<Finding> {
    if value.is_empty() {
        // A grey field is not the typist's to fill: the field that fills it is at fault, not this one.
        if !field.is_typed() {
            return None;
        }
        let severity = match field.need {
            Need::Save => Severity::Save,
            Need::Declare if for_declare => Severity::Declare,
            _ => return None,
        };
        return Some(Finding::new(
            "required",
            at,
            severity,
            format!("{}不能为空，请录入", field.label.zh),
            format!("{} is required", field.label.en),
        ));
    }
    let (zh, en) = form_fault(field, value, codes)?;
    Some(Finding::new(
        "form",
        at,
        Severity::Save,
        format!("{}{zh}", field.label.zh),
        format!("{} {en}", field.label.en),
    ))
}

/// What is wrong with the form of a non-empty value, if anything.
fn form_fault(field: &Field, value: &str, codes: &Codes) -> Option<(String, String)> {
    let several_lines = matches!(field.kind, Kind::Lines { .. });
    if value.chars().any(|letter| letter.is_control() && !(several_lines && letter == '\n')) {
        return fault("含有不可见的控制字符，请删除后重新录入", "contains control characters; retype it");
    }
    match field.kind {
        Kind::Text { max } | Kind::Lines { max } => {
            let length = value.chars().count();
            (length > max).then(|| {
                (
                    format!("最多{max}个字，现有{length}个字，请缩短"),
                    format!("takes at most {max} characters, there are {length}"),
                )
            })
        }
        Kind::Code { len } => (value.len() != len || !value.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .then(|| (format!("必须为{len}位字母或数字"), format!("must be {len} letters or digits"))),
        Kind::Digits { len } => (value.len() != len || !value.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| (format!("必须为{len}位数字"), format!("must be {len} digits"))),
        Kind::Decimal { int, frac, positive } => match parse_decimal(value, Digits { int, frac }) {
            None => Some((
                format!("输入格式错误，整数最多{int}位，小数最多{frac}位，不可输入负数"),
                format!("must be a number with at most {int} integer and {frac} decimal digits, not negative"),
            )),
            Some(number) if positive && number.is_zero() => fault("不能为0", "must not be 0"),
            Some(_) => None,
        },
        Kind::Date => stored_date(value)
            .is_none()
            .then(|| ("不是有效日期，请按20261231的形式录入".into(), "is not a date; type it like 20261231".into())),
        Kind::Mobile => (value.len() != 11
            || !value.starts_with('1')
            || !value[1..].starts_with(['3', '4', '5', '6', '7', '8', '9'])
            || !value.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| ("必须为11位手机号码".into(), "must be a mobile number of 11 digits".into())),
        Kind::Coded(table) => match codes.table(table) {
            Some(data) if data.find(value).is_none() => Some((
                format!("“{}”不在{}表中，请从列表选择", shorten(value), table.label().zh),
                format!("“{}” is not in the table of {}", shorten(value), table.label().en),
            )),
            _ => None,
        },
        Kind::Choice(choices) => (!choices.iter().any(|(code, _)| *code == value))
            .then(|| ("不在可选范围内，请从列表选择".into(), "is not one of the choices".into())),
    }
}

fn fault(zh: &str, en: &str) -> Option<(String, String)> {
    Some((zh.to_owned(), en.to_owned()))
}

/// Keeps a wrong value recognisable in a message without letting it flood the screen.
fn shorten(value: &str) -> String {
    if value.chars().count() <= 20 {
        return value.to_owned();
    }
    value.chars().take(20).chain(['…']).collect()
}

/// Checks every field of a record that a person fills.
pub fn check_record(
    section: &str,
    seq: Option<i64>,
    record: &dyn Texts,
    codes: &Codes,
    for_declare: bool,
) -> Vec<Finding> {
    record
        .fields()
        .iter()
        .filter_map(|field| {
            // The pointer is only worked out for what is wrong.
            let mut found = check_field(field, record.text(field.key), "", codes, for_declare)?;
            found.pointer = pointer(section, seq, field.key);
            Some(found)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::text;
    use chrono::NaiveDate;

    const QTY: Field =
        Field::new(text("申报数量", "Quantity"), Kind::Decimal { int: 13, frac: 5, positive: true }).declare();

    fn read(raw: &str) -> (String, Option<String>) {
        let value = clean(&QTY, raw, NaiveDate::from_ymd_opt(2026, 1, 1).unwrap());
        let fault = check_field(&QTY, &value, "p", &Codes::default(), true).map(|finding| finding.message.zh);
        (value, fault)
    }

    #[test]
    fn a_number_typed_with_a_chinese_keyboard_is_understood() {
        assert_eq!(read("１，２３４．５０"), ("1234.5".into(), None));
        assert_eq!(read(" 1,000 "), ("1000".into(), None));
        assert_eq!(read("￥ 1 234 567.5"), ("1234567.5".into(), None));
        assert_eq!(read("12。5"), ("12.5".into(), None), "the full stop of a Chinese keyboard is its point");
    }

    #[test]
    fn letters_that_nobody_sees_are_not_typed() {
        const NO: Field = Field::new(text("出境加工合同号", "Contract no."), Kind::Text { max: 64 }).declare();
        const CODE: Field = Field::new(text("经营单位代码", "Operator code"), Kind::Code { len: 10 });
        let today = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        assert_eq!(clean(&NO, "\u{200b}\u{2800}", today), "");
        assert_eq!(clean(&CODE, "\u{202a}3205246018\u{202c}", today), "3205246018");
        assert_eq!(read("\u{feff}1,234.50").0, "1234.5");
    }

    #[test]
    fn a_comma_that_may_be_a_point_is_never_guessed() {
        // 1,5 read as 15 would declare ten times the quantity.
        for typed in ["1,5", "12,34", "1,2345", "1.234,5", "1.5,000", "1 5", "12,345,6", ",123"] {
            let (value, fault) = read(typed);
            assert_eq!(value, typed, "it stays as typed, to be mended");
            assert!(fault.is_some_and(|fault| fault.contains("输入格式错误")), "{typed}");
        }
    }

    #[test]
    fn a_date_is_four_digits_of_a_year_or_a_fault() {
        // A book with the year 26 was approved: its end had passed for two thousand years.
        const DAY: Field = Field::new(text("合同签订日期", "Contract date"), Kind::Date);
        let today = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        for typed in ["26-5-1", "05-01-26", "226-5-1", "-26-5-1", "2026-13-01", "20260230", "5月"] {
            let value = clean(&DAY, typed, today);
            assert_eq!(value, typed, "it stays as typed, to be mended");
            let fault = check_field(&DAY, &value, "p", &Codes::default(), false).map(|finding| finding.message.zh);
            assert!(fault.is_some_and(|fault| fault.contains("不是有效日期")), "{typed}");
        }
        assert_eq!(clean(&DAY, "2026.5.1", today), "2026-05-01");
    }

    #[test]
    fn a_wrong_number_is_kept_and_named() {
        // What was typed must stay, so that the user can mend it instead of typing it again.
        assert_eq!(read("12345678901234").0, "12345678901234");
        assert!(read("12345678901234").1.is_some_and(|fault| fault.contains("整数最多13位")));
        assert_eq!(read("十二").0, "十二");
        assert!(read("0").1.is_some_and(|fault| fault == "申报数量不能为0"));
        assert!(read("").1.is_some_and(|fault| fault.contains("不能为空")));
    }
}
