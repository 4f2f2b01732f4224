//! What people write for the value of a field in a spreadsheet, as the field table wants it: codes by
//! code or name, zeros that Excel dropped, numbers as text. Used by the import (server) and by pasting
//! (browser). What cannot be told for sure is reported, never guessed; what is merely wrong (too long,
//! not in the table) is left for the rules to name.

mod lookup;

use std::borrow::Cow;

use rust_decimal::Decimal;

pub use lookup::Lookup;

use super::{Field, Kind, plain};
use crate::text::{Message, Text, visible};

/// The value of a field in a text, to be normalised by `form::clean`.
///
/// # Errors
/// Why the text cannot be taken over.
pub fn value(field: &Field, text: &str, codes: &Lookup<'_>) -> Result<String, Message> {
    if is_error(text) { Err(formula_error(text)) } else { from_text(field, &bare_text(unescaped(text)), codes) }
}

/// What is said of a cell with the error of a formula.
pub fn formula_error(error: &str) -> Message {
    Message::new(
        format!("单元格是公式错误{error}，请改正"),
        format!("The cell holds the formula error {error}; mend it"),
    )
}

/// The words of a formula error, as they stand in text and CSV.
fn is_error(text: &str) -> bool {
    ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"].contains(&text.trim())
}

/// Takes off the sign that our own exports put before text a spreadsheet would compute.
pub fn unescaped(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula_like(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

/// Text that spreadsheets take for a formula when it is typed or read from CSV.
pub fn is_formula_like(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

/// Blanks of other widths and letters that nobody sees, which come in by copying, made plain.
fn bare_text(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.into();
    }
    visible(text).chars().map(|letter| if letter == '\u{a0}' { ' ' } else { letter }).collect()
}

fn from_text(field: &Field, text: &str, codes: &Lookup<'_>) -> Result<String, Message> {
    let text = text.trim();
    match field.kind {
        Kind::Text { .. } if !text.contains(['\r', '\n', '\t']) => Ok(text.to_owned()),
        // A line break within a name is how Excel shows it in a narrow column.
        Kind::Text { .. } => Ok(text
            .split(['\r', '\n', '\t'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")),
        Kind::Lines { .. } => Ok(text.to_owned()),
        Kind::Decimal { .. } => number(&narrow(text)),
        Kind::Date => Ok(narrow(text)),
        Kind::Coded(table) => codes.code(table, text, false),
        Kind::Choice(choices) => Ok(choice(choices, text)),
        Kind::Code { .. } | Kind::Digits { .. } | Kind::Mobile => {
            let text = narrow(text);
            if is_scientific(&text) { lost_digits() } else { Ok(text) }
        }
    }
}

/// The value of a field in a cell that holds a number and no text: zeros at the front are restored.
///
/// # Errors
/// Why the number cannot be taken over.
pub fn counted(field: &Field, digits: &str, codes: &Lookup<'_>) -> Result<String, Message> {
    match field.kind {
        Kind::Decimal { .. } => number(digits),
        Kind::Coded(table) => codes.code(table, digits, true),
        Kind::Choice(choices) => Ok(choice(choices, digits)),
        Kind::Digits { len } | Kind::Code { len } => Ok(padded(digits, len)),
        Kind::Text { .. } | Kind::Lines { .. } | Kind::Mobile | Kind::Date => Ok(digits.to_owned()),
    }
}

/// Full-width signs as plain ones.
fn narrow(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_owned();
    }
    text.chars().map(crate::text::half_width).collect::<String>().trim().to_owned()
}

/// `1.5E+3`, `8.53e9`
fn is_scientific(text: &str) -> bool {
    let Some((front, power)) = text.split_once(['e', 'E']) else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (int, frac) = front.split_once('.').unwrap_or((front, "0"));
    digits(int) && digits(frac) && digits(power.strip_prefix(['+', '-']).unwrap_or(power))
}

/// A number as text: thousands separators where they belong, exponents written out.
fn number(text: &str) -> Result<String, Message> {
    if is_scientific(text) {
        return Ok(Decimal::from_scientific(text).map_or_else(|_| text.to_owned(), plain));
    }
    if text.contains(',') && bare_number(text.trim_start_matches('$')).is_none() {
        return Err(Message::new(
            "逗号的位置不是千位分隔符，请只用小数点，如1234.5",
            "The comma is not where thousands are separated; use a point only, e.g. 1234.5",
        ));
    }
    Ok(text.to_owned())
}

/// `￥1,234,567.8` without its sign of money and what keeps its thousands apart; the full stop of a Chinese
/// keyboard is the point. `None` where a comma or blank stands elsewhere: 1,5 is one and a half in some
/// countries, and as fifteen it would be a wrong declaration.
pub(super) fn bare_number(text: &str) -> Option<String> {
    let pointed: String = text.chars().map(|letter| if matches!(letter, '。' | '｡') { '.' } else { letter }).collect();
    let bare = pointed.trim_start_matches(['￥', '¥', ' ']);
    let (int, frac) = bare.split_once('.').unwrap_or((bare, ""));
    let groups: Vec<&str> = int.split([',', ' ']).collect();
    let apart =
        |groups: &[&str]| (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
    if frac.contains([',', ' ']) || (groups.len() > 1 && !apart(&groups)) {
        return None;
    }
    Some(bare.chars().filter(|letter| !matches!(letter, ',' | ' ')).collect())
}

fn lost_digits() -> Result<String, Message> {
    Err(Message::new(
        "编码被写成了科学计数法，数字已丢失，请把单元格格式设为文本后重填",
        "The code was turned into a power of ten and lost digits; format the cell as text and type it again",
    ))
}

/// Zeros that Excel dropped at the front of a number of fixed length.
fn padded(digits: &str, length: usize) -> String {
    if digits.len() < length && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("{digits:0>length$}");
    }
    digits.to_owned()
}

/// The code that a text means: a code, a name, or both with a sign between. A code with another's name stays as it is,
/// for the rules to name.
fn choice(choices: &[(&str, Text)], text: &str) -> String {
    let bare = narrow(text);
    let (front, name) = bare.split_once('-').map_or((bare.as_str(), ""), |(front, name)| (front.trim(), name.trim()));
    let is_it = |(code, label): &&(&str, Text)| {
        *code == bare
            || label.zh == bare
            || label.en == bare
            || (*code == front && (name.is_empty() || label.zh == name || label.en == name))
    };
    choices.iter().find(is_it).map_or(bare.clone(), |(code, _)| (*code).to_owned())
}
