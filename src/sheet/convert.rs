//! From a cell of a workbook to the value of a field. What text and numbers mean is `form::written`,
//! which pasting shares; here is what only a workbook has: dates, formulas without a result, TRUE.

pub use crate::form::written::{Lookup, Read, is_formula_like, unescaped};

use super::cell::Cell;
use crate::form::written::{counted, formula_error, value as of_text};
use crate::form::{Field, Kind};
use crate::text::Message;

/// The value of a field in a cell, to be normalised by `form::clean`.
///
/// # Errors
/// Why the cell cannot be taken over.
pub fn value(field: &Field, cell: &Cell, codes: &Lookup<'_>) -> Result<Read, Message> {
    match cell {
        Cell::Empty => Ok(Read::default()),
        Cell::Error(error) => Err(formula_error(error)),
        Cell::Uncalculated => fault(
            "公式没有计算结果，请在Excel中打开并保存，或粘贴为数值",
            "The formula has no result: open and save the file in Excel, or paste values",
        ),
        Cell::Text(text) => of_text(field, text, codes),
        Cell::Number(number) => number_of(field, number, codes),
        Cell::Formatted { number, shown } => formatted(field, number, shown, codes),
        Cell::Date(date) => match field.kind {
            Kind::Date => Ok(date.chars().take(10).collect::<String>().into()),
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
            Kind::Text { .. } | Kind::Lines { .. } => Ok(cell.shown().to_owned().into()),
            _ => fault("单元格是TRUE/FALSE，请重填", "The cell is TRUE or FALSE; type it again"),
        },
    }
}

/// Excel keeps 15 digits of a number: of a longer one the last are gone, whatever is shown.
const KEPT: usize = 15;

/// True for a number of more digits than Excel keeps.
pub fn has_lost_digits(number: &str) -> bool {
    number.trim_start_matches('-').split('.').next().is_some_and(|whole| whole.len() > KEPT)
}

fn number_of(field: &Field, number: &str, codes: &Lookup<'_>) -> Result<Read, Message> {
    if has_lost_digits(number) && !matches!(field.kind, Kind::Decimal { .. }) {
        return fault(
            format!("数字{number}：Excel只保留15位，其余已变成0，请把单元格格式设为文本后按原件重填"),
            format!(
                "Excel keeps 15 digits of {number} and made the others 0: format the cell as text and type it again"
            ),
        );
    }
    counted(field, number, codes)
}

/// A number that is shown as something else. A text means what is shown, a quantity what is counted.
fn formatted(field: &Field, number: &str, shown: &str, codes: &Lookup<'_>) -> Result<Read, Message> {
    match field.kind {
        Kind::Decimal { .. } if shown.contains('%') => fault(
            format!("单元格显示为百分数{shown}，实际是{number}，不能确定数量，请改为普通数字"),
            format!("The cell shows {shown}, which is {number}: fill in a plain number"),
        ),
        Kind::Decimal { .. } | Kind::Date => number_of(field, number, codes),
        Kind::Text { .. } | Kind::Lines { .. } => {
            number_of(field, number, codes)?;
            if shown.is_empty() {
                return fault(
                    format!("数字{number}在Excel中以特殊格式显示，不能确定显示的内容，请把单元格格式设为文本后重填"),
                    format!(
                        "The number {number} has a special format, and what Excel shows cannot be told: format the cell as text and type it again"
                    ),
                );
            }
            of_text(field, shown, codes)
        }
        _ if shown.bytes().all(|byte| byte.is_ascii_digit()) && !shown.is_empty() => number_of(field, shown, codes),
        _ => number_of(field, number, codes),
    }
}

fn fault<T>(zh: impl Into<String>, en: impl Into<String>) -> Result<T, Message> {
    Err(Message::new(zh, en))
}

#[cfg(test)]
mod tests;
