//! The reading library's values as cells. The one place where a spreadsheet's floats are turned into
//! decimal text, to the 15 digits Excel itself shows; nothing is ever computed with them.

use calamine::{Data, DataRef, ExcelDateTime};
use rust_decimal::Decimal;

use super::shown::Format;
use crate::form::plain;
use crate::sheet::cell::Cell;
use crate::sheet::limits;

pub fn of_ref(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::Number(number.to_string()),
        DataRef::Float(number) => Cell::Number(decimal(*number)),
        DataRef::String(text) => of_text(text),
        DataRef::SharedString(text) => of_text(text),
        DataRef::Bool(yes) => Cell::Bool(*yes),
        DataRef::DateTime(at) => moment(*at),
        DataRef::DateTimeIso(text) => Cell::Date(iso(text)),
        DataRef::DurationIso(text) => of_text(text),
        DataRef::Error(error) => Cell::Error(error.to_string()),
    }
}

pub fn of_data(value: &Data) -> Cell {
    match value {
        Data::Empty => Cell::Empty,
        Data::Int(number) => Cell::Number(number.to_string()),
        Data::Float(number) => Cell::Number(decimal(*number)),
        Data::String(text) | Data::DurationIso(text) => of_text(text),
        Data::Bool(yes) => Cell::Bool(*yes),
        Data::DateTime(at) => moment(*at),
        Data::DateTimeIso(text) => Cell::Date(iso(text)),
        Data::Error(error) => Cell::Error(error.to_string()),
        // Rich text of newer versions of the library has no other meaning here.
        #[expect(unreachable_patterns, reason = "the library may add kinds")]
        other => of_text(&other.to_string()),
    }
}

/// A number as the format of its cell shows it.
pub fn formatted(cell: Cell, format: Option<&Format>) -> Cell {
    match (cell, format) {
        (Cell::Number(number), Some(format)) => {
            let shown = format.show(&number).unwrap_or_default();
            if shown == number { Cell::Number(number) } else { Cell::Formatted { number, shown } }
        }
        (cell, _) => cell,
    }
}

/// Text of a cell, cut where no field could take it anyway; blanks alone are nothing.
pub fn of_text(text: &str) -> Cell {
    if text.trim().is_empty() {
        return Cell::Empty;
    }
    if text.len() <= limits::CELL {
        return Cell::Text(text.to_owned());
    }
    let end = text.char_indices().map(|(at, _)| at).find(|at| *at >= limits::CELL).unwrap_or(text.len());
    Cell::Text(text[..end].to_owned())
}

/// Plain decimal text of what Excel shows: 15 significant digits, so that 0.30000000000000004 is 0.3.
fn decimal(number: f64) -> String {
    const EXACT: i64 = 1_000_000_000_000_000;
    let whole = number as i64;
    if whole as f64 == number && (-EXACT..EXACT).contains(&whole) {
        return whole.to_string();
    }
    let shortest = number.to_string();
    let digits = shortest.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
    if digits <= 15 {
        return shortest;
    }
    let rounded = format!("{number:.14e}");
    Decimal::from_scientific(&rounded).map_or(rounded, plain)
}

fn moment(at: ExcelDateTime) -> Cell {
    if at.is_duration() {
        return Cell::Number(decimal(at.as_f64()));
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        return Cell::Date(date);
    }
    Cell::Date(format!("{date} {hour:02}:{minute:02}:{second:02}"))
}

/// `2026-12-31T00:00:00` → `2026-12-31`.
fn iso(text: &str) -> String {
    let text: String = text.chars().take(32).collect();
    match text.split_once('T') {
        Some((date, time)) if time.starts_with("00:00:00") => date.to_owned(),
        Some((date, time)) => format!("{date} {time}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    #[test]
    fn numbers_are_what_excel_shows() {
        for (number, shown) in [
            (8_542_399_000.0, "8542399000"),
            (0.1, "0.1"),
            (2.5, "2.5"),
            // The sum 0.1 + 0.2 as Excel stores it: showing its last digits would refuse the row.
            (0.300_000_000_000_000_04, "0.3"),
            (1_234_567.891_5, "1234567.8915"),
            (-3.0, "-3"),
            (0.0, "0"),
            (0.000_012_5, "0.0000125"),
            (1e15, "1000000000000000"),
            (2.0 / 3.0, "0.666666666666667"),
        ] {
            assert_eq!(decimal(number), shown);
        }
        assert_eq!(decimal(f64::NAN), "NaN");
    }

    #[test]
    fn dates_of_both_epochs() {
        // A file made on an old Mac counts from 1904: the same day has another number there.
        let date = |value, is_1904| moment(ExcelDateTime::new(value, ExcelDateTimeType::DateTime, is_1904));
        assert_eq!(date(46_387.0, false), Cell::Date("2026-12-31".into()));
        assert_eq!(date(44_925.0, true), Cell::Date("2026-12-31".into()));
        assert_eq!(date(46_387.5, false), Cell::Date("2026-12-31 12:00:00".into()));
        assert_eq!(iso("2026-12-31T00:00:00"), "2026-12-31");
        assert_eq!(iso("2026-12-31T09:30:00"), "2026-12-31 09:30:00");
    }

    #[test]
    fn long_text_is_cut_between_letters() {
        let Cell::Text(kept) = of_text(&"货".repeat(limits::CELL)) else { panic!("text expected") };
        assert!(kept.len() >= limits::CELL && kept.len() < limits::CELL + 4);
        assert_eq!(of_text(" \u{a0}\n"), Cell::Empty);
    }
}
