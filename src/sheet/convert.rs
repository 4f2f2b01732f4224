//! From a cell of a workbook to the value of a field. What text and numbers mean is `form::written`,
//! which pasting shares; here is what only a workbook has: dates, formulas without a result, TRUE.

pub use crate::form::written::{Lookup, is_formula_like, unescaped};

use super::cell::Cell;
use crate::form::written::{counted, formula_error, value as of_text};
use crate::form::{Field, Kind};
use crate::text::Message;

/// The value of a field in a cell, to be normalised by `form::clean`.
///
/// # Errors
/// Why the cell cannot be taken over.
pub fn value(field: &Field, cell: &Cell, codes: &Lookup<'_>) -> Result<String, Message> {
    match cell {
        Cell::Empty => Ok(String::new()),
        Cell::Error(error) => Err(formula_error(error)),
        Cell::Uncalculated => fault(
            "公式没有计算结果，请在Excel中打开并保存，或粘贴为数值",
            "The formula has no result: open and save the file in Excel, or paste values",
        ),
        Cell::Text(text) => of_text(field, text, codes),
        Cell::Number(number) => counted(field, number, codes),
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

#[cfg(test)]
mod tests;
