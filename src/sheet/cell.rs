//! What stands in a sheet, before any column is known: cells, rows, sheets. Travels from the child
//! process to the server and is kept with a pending import. No floats: numbers are decimal text.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::Message;

/// What stands in a cell. Its spelling in JSON is one letter and the text, which keeps ten thousand
/// rows small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    #[default]
    Empty,
    Text(String),
    /// A number, as plain decimal text with up to 15 digits: what Excel shows of it.
    Number(String),
    /// A number, and what Excel shows of it where that is something else: 12 as 00012, 0.5 as 50%. Empty where it
    /// cannot be told.
    Formatted {
        number: String,
        shown: String,
    },
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
            Self::Formatted { number, shown } if shown.is_empty() => number,
            Self::Formatted { shown, .. } => shown,
            Self::Bool(true) => "TRUE",
            Self::Bool(false) => "FALSE",
            Self::Uncalculated => "=?",
        }
    }
}

impl Cell {
    const fn mark(&self) -> &'static str {
        match self {
            Self::Empty => "",
            Self::Text(_) => "t",
            Self::Number(_) => "n",
            Self::Formatted { .. } => "f",
            Self::Date(_) => "d",
            Self::Error(_) => "e",
            Self::Bool(true) => "b1",
            Self::Bool(false) => "b",
            Self::Uncalculated => "u",
        }
    }

    fn read(spelling: &str) -> Self {
        let Some(mark) = spelling.chars().next() else { return Self::Empty };
        let rest = &spelling[mark.len_utf8()..];
        match mark {
            'n' => Self::Number(rest.to_owned()),
            'f' => {
                let (number, shown) = rest.split_once(' ').unwrap_or((rest, ""));
                Self::Formatted { number: number.to_owned(), shown: shown.to_owned() }
            }
            'd' => Self::Date(rest.to_owned()),
            'e' => Self::Error(rest.to_owned()),
            'b' => Self::Bool(!rest.is_empty()),
            'u' => Self::Uncalculated,
            _ => Self::Text(rest.to_owned()),
        }
    }
}

// By hand: a hundred thousand cells are written and read while somebody waits, without a copy of each.
impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) | Self::Number(text) | Self::Date(text) | Self::Error(text) => {
                to.collect_str(&format_args!("{}{text}", self.mark()))
            }
            Self::Formatted { number, shown } => to.collect_str(&format_args!("{}{number} {shown}", self.mark())),
            _ => to.serialize_str(self.mark()),
        }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Spelled;
        impl Visitor<'_> for Spelled {
            type Value = Cell;
            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a cell")
            }
            fn visit_str<E: serde::de::Error>(self, spelling: &str) -> Result<Cell, E> {
                Ok(Cell::read(spelling))
            }
        }
        from.deserialize_str(Spelled)
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
    /// Rows above the table, when it is not the first one of its sheet.
    #[serde(default)]
    pub above: u32,
    pub rows: Vec<RawRow>,
    pub merged: Vec<Area>,
    /// How many cells hold a formula.
    pub formulas: usize,
    /// Rows, from 1, and columns, from 0, that are hidden or filtered away.
    #[serde(default)]
    pub hidden_rows: Vec<u32>,
    #[serde(default)]
    pub hidden_columns: Vec<u32>,
}

/// What was read of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workbook {
    pub sheets: Vec<RawSheet>,
    /// Sheets that were there but not asked for.
    pub unread: Vec<String>,
    /// Sheets that are hidden, and therefore not read.
    #[serde(default)]
    pub hidden: Vec<String>,
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
            Cell::Formatted { number: "0.5".into(), shown: "A 50 %".into() },
            Cell::Formatted { number: "-1".into(), shown: String::new() },
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
