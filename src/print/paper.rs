//! What a paper holds, ready for the engine: everything is text and numbers, nothing is markup.
//! Made by business folders, mostly through `table`; serialised as the data of the templates.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// A whole paper.
#[derive(Clone, Debug)]
pub struct Paper {
    pub title: String,
    /// At the top of every page, left and right.
    pub header: [String; 2],
    /// At the bottom of every page, left; the page number stands right.
    pub footer: String,
    /// Across every page; empty for none.
    pub watermark: String,
    pub printed_at: DateTime<Utc>,
    pub parts: Vec<Part>,
}

impl Paper {
    /// How many values stand on it.
    pub fn values(&self) -> usize {
        let of_part = |part: &Part| match part {
            Part::Form(form) => form.cells.len(),
            Part::Boxes(boxes) => boxes.lines.iter().map(Vec::len).sum(),
            Part::Break => 0,
            Part::Listing(listing) => listing.rows.len() * listing.heads.iter().map(Vec::len).sum::<usize>(),
        };
        self.parts.iter().map(of_part).sum()
    }
}

/// A part of a paper, one below the other.
#[derive(Clone, Debug)]
pub enum Part {
    Form(Form),
    Listing(Listing),
    Boxes(Boxes),
    /// What follows begins on a new page.
    Break,
}

/// An official form: lines of boxes, each with its label small above what stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Boxes {
    pub lines: Vec<Vec<Boxed>>,
}

/// One box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boxed {
    pub label: String,
    pub value: String,
    /// Its share of the line.
    pub width: u16,
}

/// Labels and values in three columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Empty for none.
    pub title: String,
    pub cells: Vec<Cell>,
}

/// One label and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub label: String,
    pub value: String,
    /// Columns it takes, 1 to 3; a row is filled up by its last cell.
    pub span: u8,
}

impl Cell {
    pub fn new(label: impl Into<String>, value: impl Into<String>, span: u8) -> Self {
        Self { label: label.into(), value: value.into(), span: span.clamp(1, 3) }
    }
}

/// A table of records. A record takes one or more lines of the page, so that all its fields fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub title: String,
    /// What stands there when there are no rows.
    pub none: String,
    /// Heading of the column of row numbers.
    pub number: String,
    /// Widths of the columns, first that of the row numbers, in half-width characters; they are
    /// stretched to fill the page.
    pub widths: Vec<usize>,
    /// Headings, line by line.
    pub heads: Vec<Vec<Head>>,
    pub rows: Vec<Row>,
}

/// Heading of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    pub label: String,
    /// Columns it takes.
    pub span: usize,
    /// Numbers are aligned right.
    pub right: bool,
}

/// One record: its number and its values in the order of the headings, line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub number: i64,
    pub lines: Vec<Vec<String>>,
}
