//! Writes workbooks: lists as they are shown, rows sent back with a reason, templates to be filled in
//! (`template`). Text that a spreadsheet would compute is made harmless on the way out.

mod chart;
mod template;

use std::borrow::Cow;

use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

pub use chart::Bars;
pub use template::{TemplateSheet, template};

use super::cell::Cell;
use super::convert::is_formula_like;
use crate::form::{Field, Kind};
use crate::server::failure::Failure;

/// A column of a sheet that is written.
#[derive(Clone, Debug)]
pub struct Column {
    pub heading: String,
    /// In characters.
    pub width: u8,
    /// Codes and names: cells keep what is typed into them, zeros and all.
    pub text: bool,
}

impl Column {
    pub fn new(heading: impl Into<String>, width: u8) -> Self {
        Self { heading: heading.into(), width, text: true }
    }

    /// The column of a field.
    pub fn of(field: &Field) -> Self {
        let text = !matches!(field.kind, Kind::Decimal { .. });
        Self { heading: field.label.zh.to_owned(), width: field.column.clamp(8, 40), text }
    }

    pub const fn numeric(mut self) -> Self {
        self.text = false;
        self
    }
}

/// A sheet that is written.
#[derive(Clone, Debug)]
pub struct OutputSheet {
    pub name: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

/// A workbook that is written.
#[derive(Clone, Debug, Default)]
pub struct Output {
    pub sheets: Vec<OutputSheet>,
}

impl Output {
    /// The .xlsx file.
    ///
    /// # Errors
    /// Only faults of ours: a sheet name Excel does not take, too many rows.
    pub fn write(&self) -> Result<Vec<u8>, Failure> {
        self.file(None).map_err(|error| Failure::Internal(format!("cannot write the workbook: {error}")))
    }

    /// As [`Output::write`], on a thread that may take its time.
    ///
    /// # Errors
    /// As [`Output::write`].
    pub async fn written(self) -> Result<Vec<u8>, Failure> {
        let work = tokio::task::spawn_blocking(move || self.write());
        work.await.unwrap_or_else(|error| Err(Failure::Internal(format!("writing a workbook: {error}"))))
    }

    /// As [`Output::written`], with a chart beside the rows of the first sheet.
    ///
    /// # Errors
    /// As [`Output::write`].
    pub async fn written_with(self, bars: Bars) -> Result<Vec<u8>, Failure> {
        let write = move || self.file(Some(&bars));
        let written = tokio::task::spawn_blocking(write).await;
        let written = written.map_err(|error| Failure::Internal(format!("writing a workbook: {error}")))?;
        written.map_err(|error| Failure::Internal(format!("cannot write the workbook: {error}")))
    }

    fn file(&self, bars: Option<&Bars>) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        for (at, sheet) in self.sheets.iter().enumerate() {
            let page = book.add_worksheet();
            fill(page, sheet)?;
            if let Some(bars) = bars.filter(|_| at == 0) {
                chart::draw(page, sheet, bars)?;
            }
        }
        book.save_to_buffer()
    }
}

/// What a field's value looks like in a cell.
pub fn cell_of(field: &Field, value: &str) -> Cell {
    match field.kind {
        _ if value.is_empty() => Cell::Empty,
        Kind::Decimal { .. } => Cell::Number(value.to_owned()),
        _ => Cell::Text(value.to_owned()),
    }
}

fn fill(page: &mut Worksheet, sheet: &OutputSheet) -> Result<(), XlsxError> {
    page.set_name(&sheet.name)?;
    let (heading, text) = (heading(), Format::new().set_num_format("@"));
    let date = Format::new().set_num_format("yyyy-mm-dd");
    for (at, column) in sheet.columns.iter().enumerate() {
        let at = at as u16;
        page.set_column_width(at, f64::from(column.width.saturating_add(2)))?;
        if column.text {
            page.set_column_format(at, &text)?;
        }
        page.write_string_with_format(0, at, &column.heading, &heading)?;
    }
    for (row, cells) in sheet.rows.iter().enumerate() {
        let row = row as u32 + 1;
        for (at, cell) in cells.iter().enumerate() {
            put(page, (row, at as u16), cell, (&text, &date))?;
        }
    }
    page.set_freeze_panes(1, 0)?;
    if !sheet.columns.is_empty() {
        page.autofilter(0, 0, sheet.rows.len().max(1) as u32, sheet.columns.len() as u16 - 1)?;
    }
    Ok(())
}

fn put(page: &mut Worksheet, at: (u32, u16), cell: &Cell, (text, date): (&Format, &Format)) -> Result<(), XlsxError> {
    let (row, column) = at;
    match cell {
        Cell::Empty => {}
        Cell::Text(words) | Cell::Error(words) => {
            page.write_string_with_format(row, column, &*neutral(words), text)?;
        }
        Cell::Formatted { .. } => {
            page.write_string_with_format(row, column, &*neutral(cell.shown()), text)?;
        }
        Cell::Number(digits) => match exact(digits) {
            Some(number) => {
                page.write_number(row, column, number)?;
            }
            None => {
                page.write_string_with_format(row, column, &*neutral(digits), text)?;
            }
        },
        // Written as a date and not as text, so that a row which is sent back unmended is refused again.
        Cell::Date(moment) => match ExcelDateTime::parse_from_str(moment) {
            Ok(moment) => {
                page.write_datetime_with_format(row, column, &moment, date)?;
            }
            Err(_) => {
                page.write_string_with_format(row, column, moment, text)?;
            }
        },
        Cell::Bool(yes) => {
            page.write_boolean(row, column, *yes)?;
        }
        Cell::Uncalculated => {
            page.write_string_with_format(row, column, "#N/A", text)?;
        }
    }
    Ok(())
}

/// A number as a spreadsheet keeps it, if it loses nothing by it: 15 digits are kept.
fn exact(digits: &str) -> Option<f64> {
    let kept = digits.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
    if kept > 15 { None } else { digits.parse().ok() }
}

/// Text that no spreadsheet takes for a formula, not even after it was saved as CSV; `convert` takes
/// the sign off again.
pub fn neutral(text: &str) -> Cow<'_, str> {
    if is_formula_like(text.trim_start_matches('\'')) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn heading() -> Format {
    Format::new()
        .set_bold()
        .set_background_color(0x00DC_E6F1)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
        .set_num_format("@")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::open;

    #[test]
    fn what_is_written_is_read_back_the_same() {
        let rows = vec![
            vec![
                Cell::Text("0101210010".into()),
                Cell::Number("1234567.891".into()),
                Cell::Number("1234567890123.12345".into()),
            ],
            vec![Cell::Date("2026-12-31".into()), Cell::Bool(true), Cell::Empty],
        ];
        let sheet = OutputSheet {
            name: "出口货物".into(),
            columns: vec![Column::new("编码", 10), Column::new("数量", 8).numeric(), Column::new("大数", 20).numeric()],
            rows: rows.clone(),
        };
        let bytes = Output { sheets: vec![sheet] }.write().unwrap();
        let read = open(&bytes, &[]).unwrap().sheets.remove(0);
        assert_eq!(read.name, "出口货物");
        // More digits than a spreadsheet's number keeps travel as text: an amount must not change by a cent.
        assert_eq!(
            read.rows[1].cells,
            [rows[0][0].clone(), rows[0][1].clone(), Cell::Text("1234567890123.12345".into())]
        );
        assert_eq!(read.rows[2].cells, rows[1][..2]);
    }

    #[test]
    fn nothing_that_is_written_can_be_computed() {
        // An agent opens a list that another company filled: `=HYPERLINK(…)` must stay text for good.
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "'=1", "''=1"] {
            assert!(neutral(text).starts_with('\''), "{text}");
            assert!(!is_formula_like(&neutral(text)));
        }
        assert_eq!(neutral("集成电路"), "集成电路");
        assert_eq!(neutral("'quoted'"), "'quoted'");
    }
}
