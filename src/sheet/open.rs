//! Opens an uploaded file, whatever it is, within the limits: by its content and not by its name.
//! Runs in the child process, where a file that breaks it breaks nothing else. What cannot be read is
//! refused with a sentence for the user.

mod archive;
mod looks;
mod shown;
mod text;
mod values;
mod xls;
mod xlsx;

use super::cell::{Cell, RawRow, RawSheet, Workbook};
use super::limits;
use crate::text::Message;

/// Why a file is not read.
pub type Refusal = Message;

const ZIP: &[u8] = b"PK\x03\x04";
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Reads the sheets whose name contains one of `wanted`; when none does, all of them.
///
/// # Errors
/// What is wrong with the file, for the user.
pub fn open(bytes: &[u8], wanted: &[String]) -> Result<Workbook, Refusal> {
    if bytes.is_empty() {
        return Err(Message::new("文件是空的，请重新选择。", "The file is empty; choose another."));
    }
    if bytes.starts_with(ZIP) {
        return xlsx::open(bytes, wanted);
    }
    if bytes.starts_with(OLE) {
        return xls::open(bytes, wanted);
    }
    text::open(bytes)
}

/// The names of the sheets to read, and of those left unread. Where none is asked for, all are read: the first may be a
/// cover, and which of them holds the goods shows by its headings.
fn choose(names: Vec<String>, wanted: &[String]) -> (Vec<String>, Vec<String>) {
    let asked = |name: &String| wanted.iter().any(|part| name.contains(part.as_str()));
    if names.iter().any(asked) {
        return names.into_iter().partition(asked);
    }
    let rest = names.iter().skip(limits::SHEETS).cloned().collect();
    (names.into_iter().take(limits::SHEETS).collect(), rest)
}

/// Takes a sheet that was read. One that only might hold goods and breaks a limit is left unread; that of the first, or of
/// one that was asked for, is a fault of the file.
fn take(
    read: Result<RawSheet, Refusal>,
    name: &str,
    wanted: &[String],
    sheets: &mut Vec<RawSheet>,
    unread: &mut Vec<String>,
) -> Result<(), Refusal> {
    match read {
        Ok(sheet) => sheets.push(sheet),
        Err(refusal) if sheets.is_empty() || wanted.iter().any(|part| name.contains(part.as_str())) => {
            return Err(refusal);
        }
        Err(_) => unread.push(name.to_owned()),
    }
    Ok(())
}

/// Not a workbook at all; the words of the official system.
fn not_a_workbook() -> Refusal {
    Message::new(
        "导入格式错误，请导入xls/xlsx或csv格式文件！",
        "This is not a spreadsheet: import an .xlsx, .xls or .csv file.",
    )
}

fn damaged() -> Refusal {
    Message::new(
        "文件已损坏或不完整，无法读取。请在Excel中打开并另存为.xlsx后再导入。",
        "The file is damaged or incomplete. Open it in Excel, save it as .xlsx and import that.",
    )
}

fn protected() -> Refusal {
    Message::new(
        "文件设有打开密码，无法读取。请在Excel中取消密码（文件－信息－保护工作簿－用密码进行加密）后再导入。",
        "The file needs a password to open. Take the password off in Excel and import it again.",
    )
}

fn too_large() -> Refusal {
    let megabytes = limits::UNPACKED >> 20;
    Message::new(
        format!("文件展开后超过{megabytes}MB，未导入。请删除多余的工作表、空白行列和图片后重试。"),
        format!("The file unpacks to more than {megabytes} MB. Remove sheets, blank rows and pictures not needed."),
    )
}

/// Takes the cells of one sheet in any order and keeps them within the limits.
#[derive(Debug, Default)]
struct Collector {
    name: String,
    /// By number, from 0. Cells come in this order unless a file was made by something odd.
    rows: Vec<(u32, Vec<Cell>)>,
    formulas: usize,
}

impl Collector {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Takes a cell; row and column from 0. `text` counts the text of all sheets.
    fn put(&mut self, row: u32, column: u32, cell: Cell, text: &mut usize) -> Result<(), Refusal> {
        if cell.is_empty() {
            return Ok(());
        }
        let column = column as usize;
        if column >= limits::COLUMNS {
            return Err(Message::new(
                format!(
                    "工作表“{}”的单元格{}超出前{}列，请删除多余的列后再导入。",
                    self.name,
                    super::address(row + 1, column),
                    limits::COLUMNS
                ),
                format!(
                    "Cell {} of sheet “{}” is beyond column {}; delete it.",
                    super::address(row + 1, column),
                    self.name,
                    limits::COLUMNS
                ),
            ));
        }
        *text += cell.shown().len();
        if *text > limits::TEXT {
            return Err(Message::new(
                format!("文件中的文字超过{}MB，请分成几个文件导入。", limits::TEXT >> 20),
                format!("There is more than {} MB of text in the file; split it.", limits::TEXT >> 20),
            ));
        }
        let place = self.row(row)?;
        let cells = &mut self.rows[place].1;
        if cells.len() <= column {
            cells.resize(column + 1, Cell::Empty);
        }
        cells[column] = cell;
        Ok(())
    }

    /// Where the row is among those that have cells; a new one is made.
    fn row(&mut self, row: u32) -> Result<usize, Refusal> {
        if let Some(last) = self.rows.last().filter(|last| last.0 >= row) {
            if last.0 == row {
                return Ok(self.rows.len() - 1);
            }
            if let Ok(place) = self.rows.binary_search_by_key(&row, |one| one.0) {
                return Ok(place);
            }
        }
        if self.rows.len() >= limits::ROWS + limits::HEADING_WITHIN {
            return Err(Message::new(
                format!("工作表“{}”超过{}行，请分成几个文件导入。", self.name, limits::ROWS),
                format!("Sheet “{}” has more than {} rows; split it.", self.name, limits::ROWS),
            ));
        }
        let place = self.rows.partition_point(|one| one.0 < row);
        let width = self.rows.last().map_or(16, |last| last.1.len());
        self.rows.insert(place, (row, Vec::with_capacity(width)));
        Ok(place)
    }

    fn finish(self) -> RawSheet {
        let rows = self.rows.into_iter().map(|(row, cells)| RawRow { number: row + 1, cells }).collect();
        RawSheet { name: self.name, rows, formulas: self.formulas, ..RawSheet::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_spreadsheet_is_refused_in_the_words_of_the_official_system() {
        for bytes in [
            &b"%PDF-1.7\n"[..],
            b"\x89PNG\r\n\x1a\n\0\0",
            b"PK\x03\x04 not really",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 short",
            b"GIF89a\x01\0\x01\0",
            &[0xff; 64],
        ] {
            let refusal = open(bytes, &[]).unwrap_err();
            assert!(refusal.zh.contains("xls/xlsx") || refusal.zh.contains("损坏"), "{bytes:?}: {refusal:?}");
        }
        assert!(open(b"", &[]).unwrap_err().zh.contains("空"));
        assert!(open(b"<html><table>", &[]).unwrap_err().zh.contains("网页格式"));
    }

    #[test]
    fn sheets_are_chosen_by_name_else_all_are_looked_at() {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let wanted = names(&["货物"]);
        assert_eq!(choose(names(&["说明", "出口货物"]), &wanted), (names(&["出口货物"]), names(&["说明"])));
        assert_eq!(choose(names(&["Sheet1", "Sheet2"]), &wanted), (names(&["Sheet1", "Sheet2"]), Vec::new()));
        assert_eq!(choose(Vec::new(), &wanted), (Vec::new(), Vec::new()));
    }
}
