//! One line of a field table: everything the program knows of a field.
//! Tables are written with [`crate::record!`]; form, grid, checks, messages and differences read them.

use crate::reference::Table;
use crate::text::{Text, text};

/// What may stand in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Free text of one line, at most so many characters.
    Text { max: usize },
    /// Free text of several lines, at most so many characters.
    Lines { max: usize },
    /// A code of exactly so many ASCII letters and digits (stored in upper case).
    Code { len: usize },
    /// Digits only, exactly so many.
    Digits { len: usize },
    /// A decimal ≥ 0 with at most so many integer and fraction digits.
    Decimal { int: u32, frac: u32, positive: bool },
    /// A calendar date, stored `yyyy-mm-dd`.
    Date,
    /// A mobile number of mainland China.
    Mobile,
    /// An entry of a code table.
    Coded(Table),
    /// One of a short fixed list.
    Choice(&'static [(&'static str, Text)]),
}

/// When a field must be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    Optional,
    /// Required for 申报.
    Declare,
    /// Required already for 暂存.
    Save,
}

/// Where the value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A person types it.
    Typed,
    /// Filled from another field's look-up; grey.
    LookedUp,
    /// Follows from another field where that is known (then grey); typed otherwise.
    LookedUpOrTyped,
    /// Worked out from other fields; grey.
    Computed,
    /// Set by the program; grey.
    System,
    /// Set by customs; grey.
    Customs,
}

/// One field of a record.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub key: &'static str,
    /// Chinese label exactly as the users know it: it is also the accessible name.
    pub label: Text,
    pub kind: Kind,
    pub need: Need,
    pub source: Source,
    /// A date that lies ahead: `0101` means the next one, not the nearest.
    pub ahead: bool,
    /// Columns it takes in a form of three columns.
    pub span: u8,
    /// Width in a grid, in characters; 0 keeps it out of the grid until chosen.
    pub column: u8,
    /// Element name in messages; empty: `key` in lowerCamelCase.
    pub xml: &'static str,
    pub help: Text,
}

impl Field {
    pub const fn new(label: Text, kind: Kind) -> Self {
        Self {
            key: "",
            label,
            kind,
            need: Need::Optional,
            source: Source::Typed,
            ahead: false,
            span: 1,
            column: 12,
            xml: "",
            help: text("", ""),
        }
    }
    /// Used by `record!` to name the field after the struct's field.
    pub const fn named(mut self, key: &'static str) -> Self {
        self.key = key;
        self
    }
    /// Required for 申报.
    pub const fn declare(mut self) -> Self {
        self.need = Need::Declare;
        self
    }
    /// Required for 暂存.
    pub const fn save(mut self) -> Self {
        self.need = Need::Save;
        self
    }
    pub const fn from(mut self, source: Source) -> Self {
        self.source = source;
        self
    }
    pub const fn ahead(mut self) -> Self {
        self.ahead = true;
        self
    }
    pub const fn span(mut self, columns: u8) -> Self {
        self.span = columns;
        self
    }
    pub const fn column(mut self, characters: u8) -> Self {
        self.column = characters;
        self
    }
    pub const fn xml(mut self, element: &'static str) -> Self {
        self.xml = element;
        self
    }
    pub const fn help(mut self, zh: &'static str, en: &'static str) -> Self {
        self.help = text(zh, en);
        self
    }

    /// True when a person may type into it (grey otherwise).
    pub const fn is_typed(&self) -> bool {
        matches!(self.source, Source::Typed | Source::LookedUpOrTyped)
    }

    /// Name of the field's element in a message.
    pub fn element(&self) -> String {
        if !self.xml.is_empty() {
            return self.xml.to_owned();
        }
        let mut name = String::with_capacity(self.key.len());
        let mut upper = false;
        for letter in self.key.chars() {
            if letter == '_' {
                upper = true;
            } else if upper {
                name.push(letter.to_ascii_uppercase());
                upper = false;
            } else {
                name.push(letter);
            }
        }
        name
    }
}
