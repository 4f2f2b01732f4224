//! What stands in a sheet, before any column is known: cells, rows, sheets. Travels from the child
//! process to the server and is kept with a pending import. No floats: numbers are decimal text.

use serde::{Deserialize, Serialize};

use crate::text::Message;

/// What stands in a cell. Its spelling in JSON is one letter and the text, which keeps ten thousand
/// rows small.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Cell {
    #[default]
    Empty,
    Text(String),
    /// A number, as plain decimal text with up to 15 digits: what Excel shows of it.
    Number(String),
    /// A date or a moment, `2026-12-31` or `2026-12-31 09:30:00`, whatever epoch the file has.
    Date(String),
    Bool(bool),
    /// `#N/A` and its like.
    Error(String),
    /// A formula whose result the file does not hold.
    Uncalculated,
}

impl Cell {
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// As a person would read it.
    pub fn shown(&self) -> &str {
        match self {
            Self::Empty => "",
            Self::Text(text) | Self::Number(text) | Self::Date(text) | Self::Error(text) => text,
            Self::Bool(true) => "TRUE",
            Self::Bool(false) => "FALSE",
            Self::Uncalculated => "=?",
        }
    }
}

impl From<Cell> for String {
    fn from(cell: Cell) -> Self {
        let (mark, text) = match cell {
            Cell::Empty => return Self::new(),
            Cell::Text(text) => ('t', text),
            Cell::Number(text) => ('n', text),
            Cell::Date(text) => ('d', text),
            Cell::Error(text) => ('e', text),
            Cell::Bool(yes) => ('b', if yes { "1".to_owned() } else { Self::new() }),
            Cell::Uncalculated => ('u', Self::new()),
        };
        let mut spelling = Self::with_capacity(text.len() + 1);
        spelling.push(mark);
        spelling.push_str(&text);
        spelling
    }
}

impl From<String> for Cell {
    fn from(mut spelling: String) -> Self {
        if spelling.is_empty() {
            return Self::Empty;
        }
        let mark = spelling.remove(0);
        match mark {
            'n' => Self::Number(spelling),
            'd' => Self::Date(spelling),
            'e' => Self::Error(spelling),
            'b' => Self::Bool(!spelling.is_empty()),
            'u' => Self::Uncalculated,
            _ => Self::Text(spelling),
        }
    }
}

/// A row with anything in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawRow {
    /// Its number as Excel shows it, from 1.
    pub number: u32,
    /// From column A on, without the empty ones at the end.
    pub cells: Vec<Cell>,
}

impl RawRow {
    pub fn cell(&self, column: usize) -> &Cell {
        const NONE: &Cell = &Cell::Empty;
        self.cells.get(column).unwrap_or(NONE)
    }
}

/// A merged area; rows from 1 as Excel shows them, columns from 0, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    pub top: u32,
    pub left: u32,
    pub bottom: u32,
    pub right: u32,
}

impl Area {
    /// True for the cells a merge has emptied: all but the first.
    pub const fn hides(&self, row: u32, column: u32) -> bool {
        let within = row >= self.top && row <= self.bottom && column >= self.left && column <= self.right;
        within && !(row == self.top && column == self.left)
    }
}

/// One sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawSheet {
    pub name: String,
    pub rows: Vec<RawRow>,
    pub merged: Vec<Area>,
    /// How many cells hold a formula.
    pub formulas: usize,
}

/// What was read of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workbook {
    pub sheets: Vec<RawSheet>,
    /// Sheets that were there but not asked for.
    pub unread: Vec<String>,
    /// What the person should know: macros left alone and the like.
    pub notes: Vec<Message>,
    /// The most memory the reading process held, in KiB; 0 where the system does not tell.
    pub peak_kib: u64,
}

/// `A`, `Z`, `AA` … for columns from 0.
pub fn letters(column: usize) -> String {
    let mut name = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        let digit = (rest - 1) % 26;
        name.insert(0, char::from(b'A' + digit as u8));
        rest = (rest - 1) / 26;
    }
    name
}

/// `C7`, as Excel names a cell; the row from 1, the column from 0.
pub fn address(row: u32, column: usize) -> String {
    format!("{}{row}", letters(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_from_json_as_they_were() {
        let cells = vec![
            Cell::Empty,
            Cell::Text("n5".into()),
            Cell::Text(String::new()),
            Cell::Number("0.1".into()),
            Cell::Date("2026-12-31".into()),
            Cell::Bool(true),
            Cell::Bool(false),
            Cell::Error("#N/A".into()),
            Cell::Uncalculated,
        ];
        let json = serde_json::to_string(&cells).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Cell>>(&json).unwrap(), cells, "{json}");
    }

    #[test]
    fn addresses_are_those_excel_shows() {
        // A report that names another cell than Excel does sends the user to the wrong place.
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(column), name);
        }
        assert_eq!(address(7, 2), "C7");
    }
}
