//! From a cell to the value of a field, as the field table wants it: codes by code or name, zeros that
//! Excel dropped, numbers as text, dates. What cannot be told for sure is reported, never guessed;
//! what is merely wrong (too long, not in the table) is left for the rules to name.

use rust_decimal::Decimal;

use super::cell::Cell;
use crate::form::{Field, Kind, plain};
use crate::reference::{Codes, Table, TableData};
use crate::text::{Message, Text};

/// The value of a field in a cell, to be normalised by `form::clean`.
///
/// # Errors
/// Why the cell cannot be taken over.
pub fn value(field: &Field, cell: &Cell, codes: &Codes) -> Result<String, Message> {
    match cell {
        Cell::Empty => Ok(String::new()),
        Cell::Error(error) => fault(
            format!("单元格是公式错误{error}，请改正"),
            format!("The cell holds the formula error {error}; mend it"),
        ),
        Cell::Uncalculated => fault(
            "公式没有计算结果，请在Excel中打开并保存，或粘贴为数值",
            "The formula has no result: open and save the file in Excel, or paste values",
        ),
        Cell::Text(text) => from_text(field, &half_width(unescaped(text)), codes),
        Cell::Number(number) => from_number(field, number, codes),
        Cell::Date(date) => match field.kind {
            Kind::Date => Ok(date.chars().take(10).collect()),
            Kind::Decimal { .. } => fault(
                "单元格是日期，不是数字，请把单元格格式改为数值后重填",
                "The cell is a date, not a number; change its format and type it again",
            ),
            _ => fault(
                "Excel已把内容变成日期，请把单元格格式设为文本后重填",
                "Excel has turned this into a date; format the cell as text and type it again",
            ),
        },
        Cell::Bool(_) => match field.kind {
            Kind::Text { .. } | Kind::Lines { .. } => Ok(cell.shown().to_owned()),
            _ => fault("单元格是TRUE/FALSE，请重填", "The cell is TRUE or FALSE; type it again"),
        },
    }
}

fn fault<T>(zh: impl Into<String>, en: impl Into<String>) -> Result<T, Message> {
    Err(Message::new(zh, en))
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

/// Blanks of other widths and letters without any width, which come in by copying, made plain.
fn half_width(text: &str) -> String {
    text.chars()
        .filter(|letter| !matches!(letter, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'))
        .map(|letter| if letter == '\u{a0}' { ' ' } else { letter })
        .collect()
}

fn from_text(field: &Field, text: &str, codes: &Codes) -> Result<String, Message> {
    let text = text.trim();
    match field.kind {
        // A line break within a name is how Excel shows it in a narrow column.
        Kind::Text { .. } => Ok(text.split(['\r', '\n', '\t']).map(str::trim).collect::<Vec<_>>().join(" ")),
        Kind::Lines { .. } => Ok(text.to_owned()),
        Kind::Decimal { .. } => number(&narrow(text)),
        Kind::Date => Ok(narrow(text)),
        Kind::Coded(table) => match codes.table(table) {
            Some(data) => code(table, data, text, false),
            None => Ok(text.to_owned()),
        },
        Kind::Choice(choices) => Ok(choice(choices, text)),
        Kind::Code { .. } | Kind::Digits { .. } | Kind::Mobile => {
            let text = narrow(text);
            if is_scientific(&text) { lost_digits() } else { Ok(text) }
        }
    }
}

fn from_number(field: &Field, digits: &str, codes: &Codes) -> Result<String, Message> {
    match field.kind {
        Kind::Decimal { .. } => number(digits),
        Kind::Coded(table) => match codes.table(table) {
            Some(data) => code(table, data, digits, true),
            None => Ok(digits.to_owned()),
        },
        Kind::Choice(choices) => Ok(choice(choices, digits)),
        Kind::Digits { len } | Kind::Code { len } => Ok(padded(digits, len)),
        Kind::Text { .. } | Kind::Lines { .. } | Kind::Mobile | Kind::Date => Ok(digits.to_owned()),
    }
}

/// Full-width signs as plain ones.
fn narrow(text: &str) -> String {
    let plain = |letter: char| match letter {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        other => other,
    };
    text.chars().map(plain).collect::<String>().trim().to_owned()
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
    if text.contains(',') && !is_grouped(text) {
        // 1,5 is one and a half in some countries: as fifteen it would be a wrong declaration.
        return fault(
            "逗号的位置不是千位分隔符，请只用小数点，如1234.5",
            "The comma is not where thousands are separated; use a point only, e.g. 1234.5",
        );
    }
    Ok(text.to_owned())
}

/// `1,234,567.8`, also with a sign of money before it.
fn is_grouped(text: &str) -> bool {
    let bare = text.trim_start_matches(['￥', '¥', '$', ' ']);
    let int = bare.split_once('.').map_or(bare, |(int, _)| int);
    let mut groups = int.split(',');
    let first = groups.next().unwrap_or("");
    (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)
}

fn lost_digits() -> Result<String, Message> {
    fault(
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

fn choice(choices: &[(&str, Text)], text: &str) -> String {
    let bare = narrow(text);
    let front = bare.split('-').next().unwrap_or("");
    choices
        .iter()
        .find(|(code, label)| [bare.as_str(), front].contains(code) || label.zh == bare || label.en == bare)
        .map_or(bare.clone(), |(code, _)| (*code).to_owned())
}

/// An entry of a code table, told by code, by its second code, by `code-name` or by its name.
/// `counted`: the cell was a number, so zeros may have been dropped from its front.
fn code(table: Table, data: &TableData, text: &str, counted: bool) -> Result<String, Message> {
    let bare: String = narrow(text).split_whitespace().collect::<String>().to_uppercase();
    if let Some(found) = known(data, &bare) {
        return Ok(found);
    }
    if !counted && is_scientific(&bare) {
        return lost_digits();
    }
    if let Some((front, name)) = bare.split_once(['-', '–', '—', ':', '|'])
        && let Some(found) = known(data, front)
    {
        let entry = data.find(&found);
        let same = |one: &str| narrow(one).split_whitespace().collect::<String>().to_uppercase() == name;
        return if entry.is_some_and(|entry| name.is_empty() || same(entry.name) || same(entry.name_en)) {
            Ok(found)
        } else {
            let right = entry.map_or(String::new(), |entry| entry.name.to_owned());
            fault(
                format!("编码{front}的名称是“{right}”，与所填不符，请核对"),
                format!("Code {front} is “{right}”, which is not what stands beside it"),
            )
        };
    }
    by_name(table, data, &narrow(text), bare)
}

/// The code that a code or second code stands for, zeros at the front restored.
fn known(data: &TableData, bare: &str) -> Option<String> {
    if bare.is_empty() {
        return None;
    }
    if data.find(bare).is_some() {
        return Some(bare.to_owned());
    }
    if !bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Codes of digits have one length per table: that of its first.
    let length = if data.is_empty() { 0 } else { data.code_at(0).len() };
    let full = padded(bare, length);
    if data.find(&full).is_some() {
        return Some(full);
    }
    data.alias(bare).map(str::to_owned)
}

fn by_name(table: Table, data: &TableData, name: &str, bare: String) -> Result<String, Message> {
    let mut found = data.named(name);
    let Some(first) = found.next() else { return Ok(bare) };
    match found.next() {
        None => Ok(first.to_owned()),
        Some(second) => fault(
            format!("{}中有多项名为“{name}”（{first}、{second}等），请填编码", table.label().zh),
            format!("Several {} are named “{name}” ({first}, {second} …); fill in the code", table.label().en),
        ),
    }
}
