//! What an import works on between the database and its decision: the upload as it is kept, its rows prepared, and the
//! document they go into. Used by the operations of the import; stores nothing.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::plan::Pair;
use super::prepare::{Kept, Line, prepare};
use crate::document::kind::{Kind, Section};
use crate::document::service::{Snapshot, lists_of};
use crate::document::store::rows::ContentRow;
use crate::document::{Mark, Row};
use crate::form::Values;
use crate::reference::Codes;
use crate::server::failure::Failure;
use crate::text::Message;

/// What is kept of an upload until it is imported.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Content {
    pub lists: Vec<Kept>,
    pub notes: Vec<Message>,
    pub peak_kib: u64,
}

/// The document an import goes into.
#[derive(Clone, Debug)]
pub struct Target {
    pub kind: &'static Kind,
    pub version: i64,
    /// In the order of [`Kind::sections`]; rows marked as deleted are not among them.
    pub lists: Vec<Vec<Row<Values>>>,
}

impl Target {
    pub fn of(kind: &'static Kind, snapshot: &Snapshot) -> Result<Self, Failure> {
        Self::at(kind, snapshot.row.version, &snapshot.rows)
    }

    pub fn at(kind: &'static Kind, version: i64, rows: &[ContentRow]) -> Result<Self, Failure> {
        let mut lists = lists_of(kind, rows)?;
        lists.iter_mut().for_each(|rows| rows.retain(|row| row.mark != Mark::Deleted));
        Ok(Self { kind, version, lists })
    }

    pub fn list(&self, section: &Section) -> &[Row<Values>] {
        let place = self.kind.sections.iter().position(|one| one == section);
        place.and_then(|place| self.lists.get(place)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// A list of an upload with its rows prepared.
#[derive(Debug)]
pub struct Prepared {
    pub section: &'static Section,
    pub kept: Kept,
    pub lines: Vec<Line>,
}

/// An upload with its rows prepared, and the code tables that was done with.
#[derive(Debug)]
pub struct Upload {
    pub lists: Vec<Prepared>,
    pub notes: Vec<Message>,
    pub peak_kib: u64,
    pub codes: Codes,
}

impl Upload {
    /// Thousands of rows are checked: not for a thread that answers requests.
    ///
    /// # Errors
    /// `Internal` for a list that the kind does not have.
    pub fn new(
        sections: &'static [Section],
        content: Content,
        codes: Codes,
        today: NaiveDate,
    ) -> Result<Self, Failure> {
        let list = |kept: Kept| {
            let section = sections.iter().find(|section| section.key == kept.section);
            let section = section.ok_or_else(|| Failure::Internal(format!("no list {:?}", kept.section)))?;
            let lines = prepare(section, &kept, &codes, today);
            Ok(Prepared { section, kept, lines })
        };
        let lists = content.lists.into_iter().map(list).collect::<Result<_, Failure>>()?;
        Ok(Self { lists, notes: content.notes, peak_kib: content.peak_kib, codes })
    }

    pub fn pairs<'a>(&'a self, target: &'a Target) -> Vec<Pair<'a>> {
        let pair = |list: &'a Prepared| Pair {
            section: list.section,
            noun: target.kind.noun,
            kept: &list.kept,
            lines: &list.lines,
            stored: target.list(list.section),
            codes: &self.codes,
        };
        self.lists.iter().map(pair).collect()
    }
}
