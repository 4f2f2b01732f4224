//! Tab-separated text as spreadsheets put it on the clipboard: cells with tabs, line breaks or quotes
//! stand in quotes, which are doubled inside. Pure; copying and pasting use it.

/// The cells of a clipboard text, row by row. One line break at the very end belongs to the last row;
/// blank rows before and between are rows.
pub fn parse(text: &str) -> Vec<Vec<String>> {
    let text = text
        .strip_suffix('\n')
        .map_or_else(|| text.strip_suffix('\r').unwrap_or(text), |rest| rest.strip_suffix('\r').unwrap_or(rest));
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut rest = text;
    loop {
        let (cell, after) = quoted(rest).unwrap_or_else(|| {
            let end = rest.find(['\t', '\n', '\r']).unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        });
        row.push(cell);
        rest = match after.chars().next() {
            Some('\t') => &after[1..],
            Some(_) => {
                rows.push(std::mem::take(&mut row));
                after.strip_prefix("\r\n").unwrap_or_else(|| &after[1..])
            }
            None => break,
        };
    }
    rows.push(row);
    rows
}

/// A cell in quotes and what follows it; `None` when the quote is just a letter of the text.
fn quoted(text: &str) -> Option<(String, &str)> {
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
        } else if after.is_empty() || after.starts_with(['\t', '\n', '\r']) {
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

    proptest! {
        /// What is copied here and pasted here is the same, whatever stands in it.
        #[test]
        fn a_copied_block_comes_back(rows in (1usize..4).prop_flat_map(|width| {
            prop::collection::vec(prop::collection::vec("[a\"\t\n 1字,]{0,6}", width), 1..5)
        })) {
            prop_assert_eq!(parse(&print(&rows)), rows);
        }

        #[test]
        fn no_text_breaks_the_reading(text in "[a\"\t\r\n字]{0,40}") {
            prop_assert!(!parse(&text).is_empty());
        }
    }
}
