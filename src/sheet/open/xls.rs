//! Reads the older .xls, and tells apart what else has the same outer form (a compound file): .xlsx
//! with a password, Word documents, mails.

use std::io::Cursor;

use calamine::{Reader, Xls, XlsError};
use memchr::memmem;

use super::{Collector, Refusal, choose, damaged, not_a_workbook, protected, take, values, xlsx};
use crate::sheet::cell::{Cell, RawSheet, Workbook};

pub fn open(bytes: &[u8], wanted: &[String]) -> Result<Workbook, Refusal> {
    // Names of streams stand in the file as UTF-16; a password of .xlsx shows by the name of its stream.
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memmem::find(bytes, &wide).is_some()
    };
    if has("EncryptedPackage") {
        return Err(protected());
    }
    let mut book: Xls<_> = match Xls::new(Cursor::new(bytes)) {
        Ok(book) => book,
        Err(XlsError::Password) => return Err(protected()),
        Err(_) if has("Workbook") || has("Book") => return Err(damaged()),
        Err(_) => return Err(not_a_workbook()),
    };
    let (names, mut unread) = choose(xlsx::visible(book.sheets_metadata()), wanted);
    let hidden = xlsx::hidden(book.sheets_metadata());
    let mut text = 0;
    let mut sheets = Vec::with_capacity(names.len());
    for name in &names {
        let read = read(&mut book, name, &mut text);
        take(read, name, wanted, &mut sheets, &mut unread)?;
    }
    Ok(Workbook { sheets, unread, hidden, notes: vec![xlsx::looks_unknown()], peak_kib: 0 })
}

fn read(book: &mut Xls<Cursor<&[u8]>>, name: &str, text: &mut usize) -> Result<RawSheet, Refusal> {
    let mut sheet = Collector::new(name);
    let cells = book.worksheet_range(name).map_err(|_| damaged())?;
    let (top, left) = cells.start().unwrap_or_default();
    for (row, column, value) in cells.used_cells() {
        sheet.put(top + row as u32, left + column as u32, values::of_data(value), text)?;
    }
    let formulas = book.worksheet_formula(name).map_err(|_| damaged())?;
    let (top, left) = formulas.start().unwrap_or_default();
    for (row, column, _) in formulas.used_cells().filter(|(_, _, formula)| !formula.is_empty()) {
        sheet.formulas += 1;
        let at = (top + row as u32, left + column as u32);
        if cells.get_value(at).is_none_or(|value| *value == calamine::Data::Empty) {
            sheet.put(at.0, at.1, Cell::Uncalculated, text)?;
        }
    }
    let mut sheet = sheet.finish();
    sheet.merged = xlsx::within_limit(name, book.merge_cells_by_sheet_name(name).unwrap_or_default())?;
    Ok(sheet)
}
