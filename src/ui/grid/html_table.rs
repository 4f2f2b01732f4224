//! A table that is on the clipboard as HTML only: some programs copy no plain text beside it. `clipboard` reads it, and
//! pastes it as it would text with tabs. Pictures and everything outside of the first table are passed over.

use wasm_bindgen::JsCast as _;
use web_sys::{DomParser, Element, SupportedType};

/// A cell with the columns and rows it covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanning {
    pub text: String,
    pub columns: usize,
    pub rows: usize,
}

/// More than any list takes; what a page claims beyond is not believed.
const MOST_SPANNED: usize = 1_000;

/// The cells of the first table, `None` when there is no text at all. Parsed apart: nothing in it runs or is fetched.
pub fn read(html: &str) -> Option<Vec<Vec<String>>> {
    let page = DomParser::new().ok()?.parse_from_string(html, SupportedType::TextHtml).ok()?;
    let Some(table) = page.query_selector("table").ok().flatten() else {
        let text = page.body()?.text_content()?.trim().to_owned();
        return (!text.is_empty()).then(|| crate::text::delimited::parse(&text));
    };
    let elements = |within: &Element, what: &str| -> Vec<Element> {
        let found = within.query_selector_all(what).ok();
        let list = found.iter().flat_map(|list| (0..list.length()).filter_map(|at| list.item(at)));
        list.filter_map(|node| node.dyn_into().ok()).collect()
    };
    let span = |cell: &Element, name: &str| {
        let told = cell.get_attribute(name).and_then(|count| count.trim().parse().ok());
        told.unwrap_or(1).clamp(1, MOST_SPANNED)
    };
    let cell = |cell: &Element| Spanning {
        text: cell.text_content().unwrap_or_default().trim().to_owned(),
        columns: span(cell, "colspan"),
        rows: span(cell, "rowspan"),
    };
    let rows: Vec<Vec<Spanning>> =
        elements(&table, "tr").iter().map(|row| elements(row, "td, th").iter().map(cell).collect()).collect();
    let cells = spread(rows);
    cells.iter().flatten().any(|text| !text.is_empty()).then_some(cells)
}

/// Cells in their columns: what a cell covers besides its own place is blank, as in a spreadsheet.
fn spread(rows: Vec<Vec<Spanning>>) -> Vec<Vec<String>> {
    // For how many more rows a column is covered from above.
    let mut covered: Vec<usize> = Vec::new();
    let mut spread = Vec::with_capacity(rows.len());
    for row in rows {
        let mut cells: Vec<String> = Vec::new();
        let mut next = vec![0; covered.len()];
        let skip = |cells: &mut Vec<String>, next: &mut Vec<usize>| {
            while covered.get(cells.len()).is_some_and(|left| *left > 0) {
                next[cells.len()] = covered[cells.len()] - 1;
                cells.push(String::new());
            }
        };
        for Spanning { text, columns, rows } in row {
            skip(&mut cells, &mut next);
            for at in 0..columns {
                if next.len() <= cells.len() {
                    next.resize(cells.len() + 1, 0);
                }
                next[cells.len()] = rows - 1;
                cells.push(if at == 0 { text.clone() } else { String::new() });
            }
        }
        skip(&mut cells, &mut next);
        covered = next;
        spread.push(cells);
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_in_their_columns_whatever_covers_them() {
        // Below a merged cell everything would move one column to the left: quantities under names.
        let cell = |text: &str, columns, rows| Spanning { text: text.to_owned(), columns, rows };
        let rows = vec![
            vec![cell("a", 1, 2), cell("b", 2, 1), cell("c", 1, 1)],
            vec![cell("d", 1, 1), cell("e", 1, 2), cell("f", 1, 1)],
            vec![cell("g", 1, 1), cell("h", 1, 1), cell("i", 1, 1)],
        ];
        assert_eq!(spread(rows), [["a", "b", "", "c"], ["", "d", "e", "f"], ["g", "h", "", "i"]]);
    }
}
