//! Reads CSV and text with tabs, in UTF-8, UTF-16 or GB18030 (what Excel in China writes). All cells
//! are text. Row numbers are those Excel would show, blank lines and lines within quotes counted so.

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::{Collector, Refusal, not_a_workbook, values};
use crate::sheet::cell::{Cell, Workbook};
use crate::sheet::limits;
use crate::text::Message;
use crate::text::delimited::Rows;

pub fn open(bytes: &[u8]) -> Result<Workbook, Refusal> {
    let (text, note) = decode(bytes)?;
    if is_page(&text) {
        return Err(page());
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
    Ok(Workbook { sheets: vec![sheet.finish()], notes: note.into_iter().collect(), ..Workbook::default() })
}

/// HTML, MHT and XML, which programs save under the name of .xls: by what they begin with, whatever stands before.
fn is_page(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start().chars().take(2_000).collect::<String>().to_lowercase();
    let tags =
        ["<html", "<!doctype", "<table", "<?xml", "<meta", "<style", "<head", "<body", "<div", "<!--", "<script"];
    let is_letter =
        (start.starts_with("mime-version:") || start.contains("\nmime-version:")) && start.contains("content-type:");
    tags.iter().any(|tag| start.starts_with(tag)) || is_letter || start.contains("<html") || start.contains("<table")
}

fn page() -> Refusal {
    Message::new(
        "文件是网页格式（HTML、MHT或XML），虽然名称是Excel文件。请在Excel中打开，另存为“Excel工作簿（.xlsx）”后再导入。",
        "The file is a web page (HTML, MHT or XML), whatever its name says. Open it in Excel, save it as an Excel workbook (.xlsx) and import that.",
    )
}

/// The text, if the bytes are one, and what must be said about reading it.
fn decode(bytes: &[u8]) -> Result<(String, Option<Message>), Refusal> {
    let (text, faulty, note) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) if encoding == UTF_8 && is_cut(&bytes[length..]) => {
            let whole = valid_front(&bytes[length..]);
            (whole.into(), false, Some(cut(whole)))
        }
        Some((encoding, length)) => {
            let (text, faulty) = encoding.decode_without_bom_handling(&bytes[length..]);
            (text, faulty, None)
        }
        None => match std::str::from_utf8(bytes) {
            Ok(text) if is_page(text) => return Err(page()),
            Ok(text) => {
                only_one_reading(text, bytes)?;
                (text.into(), false, None)
            }
            Err(_) if is_cut(bytes) => {
                let whole = valid_front(bytes);
                (whole.into(), false, Some(cut(whole)))
            }
            Err(error) => {
                broken_utf8(bytes, error.valid_up_to())?;
                let (text, faulty) = GB18030.decode_without_bom_handling(bytes);
                (text, faulty, None)
            }
        },
    };
    let control = |letter: char| letter.is_control() && !matches!(letter, '\t' | '\r' | '\n');
    if faulty || text.chars().any(control) || ["%PDF", "{\\rtf"].iter().any(|start| text.starts_with(start)) {
        return Err(not_a_workbook());
    }
    Ok((text.into_owned(), note))
}

/// True for UTF-8 whose only fault is that its last letter is not whole.
fn is_cut(bytes: &[u8]) -> bool {
    let has_letters = |end: usize| bytes[..end].iter().any(|byte| !byte.is_ascii());
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none() && has_letters(error.valid_up_to()))
}

fn valid_front(bytes: &[u8]) -> &str {
    bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}

fn cut(whole: &str) -> Message {
    let lines = whole.lines().count();
    Message::new(
        format!(
            "文件在最后一个字中间断开（第{lines}行），最后一行可能不完整，其后可能还有缺失的行，请核对或重新导出文件。"
        ),
        format!(
            "The file ends within its last letter (line {lines}): that line may be incomplete and others may be missing. Check, or export the file again."
        ),
    )
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// A file with a few Chinese words in GBK can be valid UTF-8 all the same: 铜丝 is then ͭ˿. With Chinese words in UTF-8
/// there is no doubt.
fn only_one_reading(text: &str, bytes: &[u8]) -> Result<(), Refusal> {
    if text.is_ascii() || text.chars().any(|letter| is_han(letter) || ('\u{3000}'..='\u{303f}').contains(&letter)) {
        return Ok(());
    }
    let (other, faulty) = GB18030.decode_without_bom_handling(bytes);
    if faulty || !other.chars().any(is_han) {
        return Ok(());
    }
    let words = |text: &str| -> String {
        let is_word = |word: &&str| !word.is_ascii();
        let words = text.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | '"'));
        words
            .filter(is_word)
            .take(3)
            .map(|word| word.chars().take(12).collect::<String>())
            .collect::<Vec<_>>()
            .join("、")
    };
    let (utf8, gbk) = (words(text), words(&other));
    Err(Message::new(
        format!(
            "不能确定文件的文字编码：按UTF-8读为“{utf8}”，按GBK读为“{gbk}”。请在Excel中确认内容正确后另存为.xlsx或“CSV UTF-8”再导入。"
        ),
        format!(
            "The encoding of the file cannot be told: as UTF-8 it reads “{utf8}”, as GBK “{gbk}”. Open it in Excel, see that it is right, and save it as .xlsx or “CSV UTF-8”."
        ),
    ))
}

/// UTF-8 with a few broken letters: read as GBK, all of it would be nonsense.
fn broken_utf8(bytes: &[u8], first: usize) -> Result<(), Refusal> {
    let (mut han, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        han += chunk.valid().chars().filter(|letter| is_han(*letter)).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    if han < 4 || han < 4 * broken {
        return Ok(());
    }
    let line = bytes[..first].iter().filter(|byte| **byte == b'\n').count() + 1;
    Err(Message::new(
        format!(
            "文件是UTF-8编码，但有{broken}处损坏的文字（第一处在第{line}行），请重新导出文件，或改正后另存为.xlsx再导入。"
        ),
        format!(
            "The file is UTF-8 with {broken} broken letters (the first in line {line}): export it again, or mend it and save it as .xlsx."
        ),
    ))
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
    fn an_encoding_that_cannot_be_told_is_asked_about() {
        // 铜丝 was stored as ͭ˿, 牛皮 as ţƤ.
        for (word, wrong) in [("铜丝", "ͭ˿"), ("牛皮", "ţƤ")] {
            let bytes = GB18030.encode(&format!("hs_code,goods_name\r\n8542399000,{word}\r\n")).0.into_owned();
            let refusal = open(&bytes).unwrap_err().zh;
            assert!(refusal.contains(&format!("“{word}”")) && refusal.contains(&format!("“{wrong}”")), "{refusal}");
        }
        // A Chinese heading leaves no doubt, in either encoding.
        for text in ["商品编码,goods\n1,ͭ˿", "hs_code,商品名称\n1,铜丝"] {
            assert_eq!(rows(text.as_bytes())[0].1.len(), 2);
            let gbk = GB18030.encode("hs_code,商品名称\n1,铜丝").0.into_owned();
            assert_eq!(rows(&gbk)[1].1, ["1", "铜丝"]);
        }
    }

    #[test]
    fn a_file_that_is_cut_or_broken_is_no_nonsense() {
        let text = "商品编码,商品名称\n8542399000,集成电路\n8542399000,铜丝";
        let cut = open(&text.as_bytes()[..text.len() - 1]).unwrap();
        assert_eq!(cut.sheets[0].rows[2].cell(1).shown(), "铜");
        assert!(cut.notes[0].zh.contains("第3行"), "{:?}", cut.notes);
        let marked = [b"\xef\xbb\xbf", &text.as_bytes()[..text.len() - 1]].concat();
        assert_eq!(open(&marked).unwrap(), cut);
        let mut broken = text.as_bytes().to_vec();
        broken[text.find("成").unwrap()] = b'?';
        assert!(open(&broken).unwrap_err().zh.contains("第2行"));
    }

    #[test]
    fn web_pages_are_called_so_whatever_their_name_is() {
        // "No headings found" sent people to look for headings.
        for text in [
            "<html xmlns:o=\"urn\">\n<table><tr><td>商品编码</td></tr></table></html>",
            "\n  <div><TABLE><tr><td>商品编码",
            "MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related; boundary=\"x\"\r\n\r\n--x\r\n",
            "From: <Saved by Excel>\r\nSubject: \r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n",
            "\u{feff}<?xml version=\"1.0\"?><Workbook/>",
        ] {
            assert!(open(text.as_bytes()).unwrap_err().zh.contains("网页格式"), "{text}");
            let gbk = GB18030.encode(text.trim_start_matches('\u{feff}')).0.into_owned();
            assert!(open(&gbk).unwrap_err().zh.contains("网页格式"), "{text}");
        }
        assert_eq!(rows("商品编码,规格\n1,<6\"".as_bytes())[1].1, ["1", "<6\""]);
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
