//! Reads an .xlsx (and the values of an .xlsm) cell by cell, so that one stray cell in the last row
//! costs no memory for the million between.

use std::io::Cursor;

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::looks::{Looks, Parts};
use super::shown::Format;
use super::{Collector, Refusal, archive, choose, damaged, protected, take, values};
use crate::sheet::cell::{Area, Cell, RawSheet, Workbook};
use crate::sheet::limits;
use crate::text::Message;

pub fn open(bytes: &[u8], wanted: &[String]) -> Result<Workbook, Refusal> {
    let contents = archive::inspect(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(refusal)?;
    let (names, mut unread) = choose(visible(book.sheets_metadata()), wanted);
    let hidden = hidden(book.sheets_metadata());
    let mut parts = Parts::new(bytes);
    let mut text = 0;
    let mut looks_known = true;
    let mut sheets = Vec::with_capacity(names.len());
    for name in &names {
        let looks = parts.as_mut().and_then(|parts| parts.looks(name));
        looks_known &= looks.is_some();
        let read = read(&mut book, name, &looks.unwrap_or_default(), &mut text).and_then(|mut sheet| {
            if contents.merged {
                sheet.merged = merged(&mut book, name)?;
            }
            Ok(sheet)
        });
        take(read, name, wanted, &mut sheets, &mut unread)?;
    }
    let mut notes = Vec::new();
    if !looks_known {
        notes.push(looks_unknown());
    }
    if contents.macros {
        notes.push(Message::new(
            "文件含有宏：宏没有运行，只读取了单元格的值。",
            "The file has macros: they were not run, only the values of the cells were read.",
        ));
    }
    if contents.external_links {
        notes.push(Message::new(
            "文件引用了其他文件：没有访问，按文件中保存的值读取。",
            "The file refers to other files: they were not opened, the values kept in this file were read.",
        ));
    }
    Ok(Workbook { sheets, unread, hidden, notes, peak_kib: 0 })
}

pub(super) fn visible(sheets: &[calamine::Sheet]) -> Vec<String> {
    sheets
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect()
}

/// The sheets that are hidden.
pub(super) fn hidden(sheets: &[calamine::Sheet]) -> Vec<String> {
    let is_hidden =
        |sheet: &&calamine::Sheet| sheet.visible != SheetVisible::Visible && sheet.typ == SheetType::WorkSheet;
    sheets.iter().filter(is_hidden).map(|sheet| sheet.name.clone()).collect()
}

/// What is said where formats and hidden rows cannot be read.
pub(super) fn looks_unknown() -> Message {
    Message::new(
        "此格式的文件读不出数字的显示格式和隐藏的行：如显示为00012的料号按12读取，隐藏的行也会导入，请核对；另存为.xlsx可避免。",
        "Number formats and hidden rows cannot be read from this kind of file: 00012 may be read as 12, and hidden rows come along. Check them, or save it as .xlsx.",
    )
}

fn read(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, looks: &Looks, text: &mut usize) -> Result<RawSheet, Refusal> {
    let mut cells = book.worksheet_cells_reader(name).map_err(refusal)?;
    let code = |style: &calamine::Style| style.number_format.as_ref().map(|format| format.format_code.clone());
    let formats: Vec<Option<Format>> =
        cells.styles().iter().map(|style| code(style).and_then(|code| Format::new(&code))).collect();
    let mut sheet = Collector::new(name);
    while let Some(record) = cells.next_cell_with_formula_metadata().map_err(refusal)? {
        let format = looks.styles.get(&record.pos).and_then(|style| formats.get(*style)?.as_ref());
        let mut cell = values::formatted(values::of_ref(&record.value), format);
        if record.formula.is_some() {
            sheet.formulas += 1;
            if matches!(record.value, calamine::DataRef::Empty) {
                cell = Cell::Uncalculated;
            }
        }
        sheet.put(record.pos.0, record.pos.1, cell, text)?;
    }
    let (hidden_rows, hidden_columns) = (looks.rows.clone(), looks.columns.clone());
    Ok(RawSheet { hidden_rows, hidden_columns, ..sheet.finish() })
}

fn merged(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Vec<Area>, Refusal> {
    let areas = book.merge_cells_by_sheet_name(name).map_err(refusal)?;
    within_limit(name, areas)
}

pub(super) fn within_limit(name: &str, areas: Vec<calamine::Dimensions>) -> Result<Vec<Area>, Refusal> {
    if areas.len() > limits::MERGED {
        return Err(Message::new(
            format!("工作表“{name}”有{}处合并单元格，请取消合并后再导入。", areas.len()),
            format!("Sheet “{name}” has {} merged areas; unmerge them and import again.", areas.len()),
        ));
    }
    let area = |one: calamine::Dimensions| Area {
        top: one.start.0 + 1,
        left: one.start.1,
        bottom: one.end.0 + 1,
        right: one.end.1,
    };
    Ok(areas.into_iter().map(area).collect())
}

fn refusal(error: XlsxError) -> Refusal {
    match error {
        XlsxError::Password => protected(),
        _ => damaged(),
    }
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{Format, Workbook};

    use crate::sheet::open::open;

    #[test]
    fn what_excel_shows_and_hides_is_read() {
        // 料号 00012 became 12, half the rows were filtered away and came along without a word.
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("出口货物").unwrap();
        for (row, (number, code)) in
            [(12.0, "00000"), (0.5, "0%"), (0.5, "# ?/?"), (1234.5, "General")].into_iter().enumerate()
        {
            let format = Format::new().set_num_format(code);
            sheet.write_number_with_format(row as u32, 1, number, &format).unwrap();
        }
        sheet.set_row_hidden(2).unwrap();
        sheet.set_column_hidden(1).unwrap();
        book.add_worksheet().set_name("旧").unwrap().set_hidden(true);
        let read = open(&book.save_to_buffer().unwrap(), &["出口货物".to_owned()]).unwrap();
        let sheet = &read.sheets[0];
        let shown: Vec<&str> = sheet.rows.iter().map(|row| row.cell(1).shown()).collect();
        assert_eq!(shown, ["00012", "50%", "0.5", "1234.5"]);
        assert_eq!(
            serde_json::to_value(sheet.rows[2].cell(1)).unwrap(),
            "f0.5 ",
            "a fraction is not told as it is shown"
        );
        assert_eq!((sheet.hidden_rows.as_slice(), sheet.hidden_columns.as_slice()), (&[3][..], &[1][..]));
        assert_eq!((read.hidden, read.unread, read.notes), (vec!["旧".to_owned()], Vec::new(), Vec::new()));
    }
}
