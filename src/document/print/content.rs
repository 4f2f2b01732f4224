//! What is printed of a document: everything of it at one moment. Read by `print`, laid out by `paper` and `official`.
//! Says nothing of how it looks.

use crate::attachment::model::AttachmentRow;
use crate::document::change::model::Comparison;
use crate::document::kind::Kind;
use crate::document::office::OfficialForm;
use crate::document::under_book::UnderBook;
use crate::document::{DocumentMeta, Mark, Receipt, Row};
use crate::form::Values;

/// A document and its papers as they were read.
#[derive(Clone, Debug)]
pub struct Content {
    pub kind: &'static Kind,
    /// The official form of the kind, if there is one.
    pub form: Option<&'static OfficialForm>,
    pub meta: DocumentMeta,
    pub head: Values,
    /// In the order of [`Kind::sections`].
    pub lists: Vec<Vec<Row<Values>>>,
    /// The account book it belongs to, as it stands.
    pub book: Option<UnderBook>,
    /// For a change: what differs from what it changes.
    pub changes: Option<Comparison>,
    pub attachments: Vec<AttachmentRow>,
    /// Newest first.
    pub receipts: Vec<Receipt>,
}

impl Content {
    /// Rows of a list that are not marked as deleted, with their numbers.
    pub fn rows(list: &[Row<Values>]) -> impl Iterator<Item = (i64, &Values)> {
        list.iter().filter(|row| row.mark != Mark::Deleted).map(|row| (row.seq, &row.content))
    }
}
