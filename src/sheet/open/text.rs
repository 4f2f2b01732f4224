//! Reads CSV and text with tabs, in UTF-8, UTF-16 or GB18030 (what Excel in China writes). All cells
//! are text. Row numbers are those Excel would show, blank lines and lines within quotes counted so.

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::{Collector, Refusal, not_a_workbook, values};
use crate::sheet::cell::{Cell, Workbook};
use crate::sheet::limits;
use crate::text::Message;
use crate::text::delimited::Rows;

pub fn open(bytes: &[u8]) -> Result<Workbook, Refusal> {
    let text = decode(bytes)?;
    let start = text.trim_start().chars().take(64).collect::<String>().to_lowercase();
    if ["<html", "<!doctype", "<table", "<?xml", "<meta", "<style"].iter().any(|tag| start.starts_with(tag)) {
        return Err(Message::new(
            "文件内容是网页或XML格式，不是真正的Excel文件。请在Excel中打开并另存为.xlsx后再导入。",
            "The file is a web page or XML, whatever its name says. Open it in Excel, save it as .xlsx and import that.",
        ));
    }
    let delimiter = delimiter(&text);
    let mut sheet = Collector::new("");
    let mut taken = 0;
    for (row, fields) in Rows::new(&text, delimiter).enumerate() {
        if row >= limits::LINES {
            return Err(Message::new(
                format!("文件超过{}行，请删除空白行后重试。", limits::LINES),
                format!("The file has more than {} lines; remove the blank ones.", limits::LINES),
            ));
        }
        for (column, field) in fields.into_iter().enumerate() {
            sheet.put(row as u32, column as u32, cell(&field), &mut taken)?;
        }
    }
    Ok(Workbook { sheets: vec![sheet.finish()], ..Workbook::default() })
}

/// The text, if the bytes are one.
fn decode(bytes: &[u8]) -> Result<String, Refusal> {
    let (text, faulty) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => encoding.decode_without_bom_handling(&bytes[length..]),
        None => match UTF_8.decode_without_bom_handling(bytes) {
            (text, false) => (text, false),
            _ => GB18030.decode_without_bom_handling(bytes),
        },
    };
    let control = |letter: char| letter.is_control() && !matches!(letter, '\t' | '\r' | '\n');
    if faulty || text.chars().any(control) || ["%PDF", "{\\rtf"].iter().any(|start| text.starts_with(start)) {
        return Err(not_a_workbook());
    }
    Ok(text.into_owned())
}

/// Of equally many the later: a comma within a text is usual, a tab is not.
const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// Tab, semicolon or comma: whichever the first line with any has most of. A title above the headings
/// has none.
fn delimiter(text: &str) -> char {
    let line = text.lines().find(|line| line.contains(DELIMITERS)).unwrap_or("");
    DELIMITERS.into_iter().max_by_key(|sign| line.matches(*sign).count()).unwrap_or(',')
}

/// A field as a cell; `="0101"` is how some programs keep Excel from dropping zeros.
fn cell(field: &str) -> Cell {
    let bare = field.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    values::of_text(bare.unwrap_or(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<(u32, Vec<String>)> {
        let sheet = open(bytes).unwrap().sheets.remove(0);
        let shown = |row: &crate::sheet::RawRow| row.cells.iter().map(|cell| cell.shown().to_owned()).collect();
        sheet.rows.iter().map(|row| (row.number, shown(row))).collect()
    }

    #[test]
    fn the_encodings_excel_writes_in_china() {
        let text = "商品编码,商品名称\r\n8542399000,集成电路\r\n";
        let want = vec![
            (1, vec!["商品编码".to_owned(), "商品名称".to_owned()]),
            (2, vec!["8542399000".to_owned(), "集成电路".to_owned()]),
        ];
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            GB18030.encode(text).0.into_owned(),
            wide,
        ] {
            assert_eq!(rows(&bytes), want);
        }
        // A letter that only GB18030 has, in four bytes.
        assert_eq!(rows(&GB18030.encode("名称\n𠮷").0)[1].1, ["𠮷"]);
    }

    #[test]
    fn rows_have_the_numbers_excel_shows() {
        let read = rows("a,b\n\n\"x\ny\",\"say \"\"hi\"\"\"\n3\",=\"0101\"".as_bytes());
        assert_eq!(read[0].0, 1);
        assert_eq!(read[1], (3, vec!["x\ny".into(), "say \"hi\"".into()]));
        assert_eq!(read[2], (4, vec!["3\"".into(), "0101".into()]));
    }

    #[test]
    fn tabs_and_semicolons_are_understood() {
        assert_eq!(rows(b"a\tb,c\n1\t2")[0].1, ["a", "b,c"]);
        assert_eq!(rows(b"a;b\n1,5;2")[1].1, ["1,5", "2"]);
        assert_eq!(rows("清单\n\na,b\n1,2\tx".as_bytes())[2].1, ["1", "2\tx"]);
        assert_eq!(rows("清单\na\tb\n1,2\tx".as_bytes())[2].1, ["1,2", "x"]);
    }
}
