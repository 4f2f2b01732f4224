//! Tables as text: cells with a sign between, rows with a line break. Cells that hold either stand in quotes, which are
//! doubled inside. Pure; copying and pasting use it, and the import of CSV. What a cell means is the reader's.

/// The cells of a text, row by row: what spreadsheets put on the clipboard (`delimiter` a tab) and write as CSV. One
/// line break at the very end belongs to the last row; blank rows before and between are rows.
#[derive(Clone, Debug)]
pub struct Rows<'a> {
    /// `None` when the last row was read.
    rest: Option<&'a str>,
    delimiter: char,
}

impl<'a> Rows<'a> {
    pub fn new(text: &'a str, delimiter: char) -> Self {
        let text = text
            .strip_suffix('\n')
            .map_or_else(|| text.strip_suffix('\r').unwrap_or(text), |rest| rest.strip_suffix('\r').unwrap_or(rest));
        Self { rest: Some(text), delimiter }
    }
}

impl Iterator for Rows<'_> {
    type Item = Vec<String>;

    fn next(&mut self) -> Option<Vec<String>> {
        let mut rest = self.rest?;
        let mut row = Vec::new();
        loop {
            let (cell, after) = quoted(rest, self.delimiter).unwrap_or_else(|| {
                let end = rest.find([self.delimiter, '\n', '\r']).unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            });
            row.push(cell);
            match after.strip_prefix(self.delimiter) {
                Some(next) => rest = next,
                None => {
                    let next = after.strip_prefix("\r\n").or_else(|| after.strip_prefix(['\r', '\n']));
                    self.rest = next;
                    return Some(row);
                }
            }
        }
    }
}

/// What spreadsheets put on the clipboard, row by row.
pub fn parse(text: &str) -> Vec<Vec<String>> {
    Rows::new(text, '\t').collect()
}

/// A cell in quotes and what follows it; `None` when the quote is just a letter of the text. Each quote of a text is
/// looked at once or twice: a cell that is not closed properly ends the search at the first quote that closes it wrongly.
fn quoted(text: &str, delimiter: char) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut cell = String::new();
    let mut from = 0;
    loop {
        let quote = from + inner[from..].find('"')?;
        cell.push_str(&inner[from..quote]);
        let after = &inner[quote + 1..];
        if after.starts_with('"') {
            cell.push('"');
            from = quote + 2;
        } else if after.is_empty() || after.starts_with([delimiter, '\n', '\r']) {
            return Some((cell, after));
        } else {
            return None;
        }
    }
}

/// Rows as a spreadsheet reads them back.
pub fn print(rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    for row in rows {
        for (place, cell) in row.iter().enumerate() {
            if place > 0 {
                text.push('\t');
            }
            if cell.contains(['\t', '\n', '\r', '"']) {
                text.push('"');
                text.push_str(&cell.replace('"', "\"\""));
                text.push('"');
            } else {
                text.push_str(cell);
            }
        }
        // A single row is often pasted into a line of text, where a break would be in the way.
        if rows.len() > 1 {
            text.push_str("\r\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        parse(text)
    }

    #[test]
    fn what_excel_copies_is_read_cell_by_cell() {
        assert_eq!(cells("a\tb\r\nc\td\r\n"), [["a", "b"], ["c", "d"]]);
        assert_eq!(cells("one"), [["one"]]);
        assert_eq!(cells("\"two\nlines\"\tx\r\n"), [["two\nlines", "x"]]);
        assert_eq!(cells("\"a\tb\"\t\"say \"\"hi\"\"\"\r\n"), [["a\tb", "say \"hi\""]]);
        // An inch sign is no quoting: the rest of the sheet would vanish into one cell.
        assert_eq!(cells("5\" tube\t\"6\" tube\tx\r\n"), [["5\" tube", "\"6\" tube", "x"]]);
    }

    #[test]
    fn blank_rows_keep_their_place_and_one_trailing_break_is_none() {
        // Otherwise everything pasted below a blank row would land one row too high.
        assert_eq!(cells("\r\n\r\nx\r\n"), [[""], [""], ["x"]]);
        assert_eq!(cells("x\r\n\r\n"), [["x"], [""]]);
        assert_eq!(cells(""), [[""]]);
        assert_eq!(cells("a\rb\r"), [["a"], ["b"]]);
    }

    #[test]
    fn a_stray_quotation_mark_takes_no_rows_with_it() {
        // Two of three rows became one, with the quantity of the second under the name of the first.
        let read = |text: &str| Rows::new(text, ',').collect::<Vec<_>>();
        let rows = read("铜管,\"大号,10\n钢管,\"小号,20\n铝管,C,30\n");
        assert_eq!(rows, [["铜管", "\"大号", "10"], ["钢管", "\"小号", "20"], ["铝管", "C", "30"]]);
        assert_eq!(read("\"6\" 接头,2"), [["\"6\" 接头", "2"]], "inches are told from pieces");
        assert_eq!(read("3\",\"\",x"), [["3\"", "", "x"]]);
        assert_eq!(read("\"a,\"\"b\"\"\n2\",x"), [["a,\"b\"\n2", "x"]], "cells of several lines are read as before");
    }

    proptest! {
        /// What is copied here and pasted here is the same, whatever stands in it.
        #[test]
        fn a_copied_block_comes_back(rows in (1usize..4).prop_flat_map(|width| {
            prop::collection::vec(prop::collection::vec("[a\"\t\n 1字,]{0,6}", width), 1..5)
        })) {
            prop_assert_eq!(parse(&print(&rows)), rows);
        }

        #[test]
        fn no_text_breaks_the_reading(text in "[a\"\t\r\n字,]{0,40}") {
            prop_assert!(!parse(&text).is_empty());
            prop_assert!(Rows::new(&text, ',').count() <= text.chars().count() + 1);
        }
    }
}
