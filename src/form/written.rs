//! What people write for the value of a field in a spreadsheet, as the field table wants it: codes by
//! code or name, zeros that Excel dropped, numbers as text. Used by the import (server) and by pasting
//! (browser). What cannot be told for sure is reported, never guessed; what is merely wrong (too long,
//! not in the table) is left for the rules to name.

mod lookup;

use std::borrow::Cow;

pub use lookup::Lookup;

use super::{Field, Kind, half_even, plain, read_number};
use crate::text::{Message, Text, folded, visible};

/// The value of a field as it was read, to be normalised by `form::clean`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    pub value: String,
    /// What was completed or rounded to get there; it must be told.
    pub note: Option<Message>,
}

impl From<String> for Read {
    fn from(value: String) -> Self {
        Self { value, note: None }
    }
}

/// The value of a field in a text.
///
/// # Errors
/// Why the text cannot be taken over.
pub fn value(field: &Field, text: &str, codes: &Lookup<'_>) -> Result<Read, Message> {
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

fn from_text(field: &Field, text: &str, codes: &Lookup<'_>) -> Result<Read, Message> {
    let text = text.trim();
    Ok(match field.kind {
        Kind::Text { .. } if !text.contains(['\r', '\n', '\t']) => text.to_owned(),
        // A line break within a name is how Excel shows it in a narrow column.
        Kind::Text { .. } => {
            text.split(['\r', '\n', '\t']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        }
        Kind::Lines { .. } => text.to_owned(),
        Kind::Decimal { frac, .. } => return number(text, frac),
        Kind::Date => day_of(&narrow(text)).to_owned(),
        Kind::Coded(table) => return codes.code(table, text, false),
        Kind::Choice(choices) => choice(choices, text),
        Kind::Code { .. } | Kind::Digits { .. } | Kind::Mobile => {
            // An apostrophe keeps a number text in a spreadsheet; in a file of text it is left standing.
            let text = narrow(text.trim_start_matches('\''));
            if is_scientific(&text) {
                return Err(lost_digits());
            }
            text
        }
    }
    .into())
}

/// `2026-11-10 14:30` is the day: what other programs export has the time with it.
fn day_of(text: &str) -> &str {
    let is_time = |rest: &str| {
        rest.contains(':') && rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'Z'))
    };
    match text.split_once([' ', 'T']) {
        Some((day, rest)) if is_time(rest.trim()) => day,
        _ => text,
    }
}

/// The value of a field in a cell that holds a number and no text: zeros at the front are restored.
///
/// # Errors
/// Why the number cannot be taken over.
pub fn counted(field: &Field, digits: &str, codes: &Lookup<'_>) -> Result<Read, Message> {
    Ok(match field.kind {
        Kind::Decimal { frac, .. } => return number(digits, frac),
        Kind::Coded(table) => return codes.code(table, digits, true),
        Kind::Choice(choices) => choice(choices, digits),
        Kind::Digits { len } | Kind::Code { len } => padded(digits, len),
        Kind::Text { .. } | Kind::Lines { .. } | Kind::Mobile | Kind::Date => digits.to_owned(),
    }
    .into())
}

/// Full-width signs as plain ones.
fn narrow(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_owned();
    }
    folded(text).trim().to_owned()
}

/// `1.5E+3`, `8.53e9`
fn is_scientific(text: &str) -> bool {
    let Some((front, power)) = text.split_once(['e', 'E']) else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (int, frac) = front.split_once('.').unwrap_or((front, "0"));
    digits(int) && digits(frac) && digits(power.strip_prefix(['+', '-']).unwrap_or(power))
}

/// A number as text. What a formula reckoned has more decimals than a field takes: it is rounded as the official screens
/// do, and that is told.
fn number(text: &str, places: u32) -> Result<Read, Message> {
    let Some(number) = read_number(text) else {
        if text.contains([',', '，']) {
            return Err(Message::new(
                "逗号的位置不是千位分隔符，请只用小数点，如1234.5",
                "The comma is not where thousands are separated; use a point only, e.g. 1234.5",
            ));
        }
        return Ok(text.to_owned().into());
    };
    let rounded = plain(half_even(number, places));
    let number = plain(number);
    let note = (rounded != number).then(|| {
        Message::new(
            format!("{number}已修约为{rounded}（最多{places}位小数，四舍六入五成双）"),
            format!("{number} is rounded to {rounded} (at most {places} decimals)"),
        )
    });
    Ok(Read { value: rounded, note })
}

fn lost_digits() -> Message {
    Message::new(
        "编码被写成了科学计数法，数字已丢失，请把单元格格式设为文本后重填",
        "The code was turned into a power of ten and lost digits; format the cell as text and type it again",
    )
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
