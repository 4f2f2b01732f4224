//! Reads an .xlsx (and the values of an .xlsm) cell by cell, so that one stray cell in the last row
//! costs no memory for the million between.

use std::io::Cursor;

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{Collector, Refusal, archive, choose, damaged, protected, values};
use crate::sheet::cell::{Area, Cell, RawSheet, Workbook};
use crate::sheet::limits;
use crate::text::Message;

pub fn open(bytes: &[u8], wanted: &[String]) -> Result<Workbook, Refusal> {
    let contents = archive::inspect(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(refusal)?;
    let (names, unread) = choose(visible(book.sheets_metadata()), wanted);
    let mut text = 0;
    let mut sheets = Vec::with_capacity(names.len());
    for name in &names {
        let mut sheet = read(&mut book, name, &mut text)?;
        if contents.merged {
            sheet.merged = merged(&mut book, name)?;
        }
        sheets.push(sheet);
    }
    let mut notes = Vec::new();
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
    Ok(Workbook { sheets, unread, notes, peak_kib: 0 })
}

pub(super) fn visible(sheets: &[calamine::Sheet]) -> Vec<String> {
    sheets
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect()
}

fn read(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, text: &mut usize) -> Result<RawSheet, Refusal> {
    let mut cells = book.worksheet_cells_reader(name).map_err(refusal)?;
    let mut sheet = Collector::new(name);
    while let Some(record) = cells.next_cell_with_formula_metadata().map_err(refusal)? {
        let mut cell = values::of_ref(&record.value);
        if record.formula.is_some() {
            sheet.formulas += 1;
            if matches!(record.value, calamine::DataRef::Empty) {
                cell = Cell::Uncalculated;
            }
        }
        sheet.put(record.pos.0, record.pos.1, cell, text)?;
    }
    Ok(sheet.finish())
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
