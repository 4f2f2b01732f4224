//! What browser and server exchange about a 变更: the differences from what it changes, and the filings of a book in their
//! order.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::document::{Mark, Status};
use crate::form::{Field, Source, Values};

/// Address of the differences as a workbook.
pub const EXPORT_DIFFERENCES: &str = "/api/document/export_differences";

/// Address of the differences of a document as a workbook.
pub fn export_differences(document: Uuid) -> String {
    format!("{EXPORT_DIFFERENCES}?document={document}")
}

/// One field before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Key of the field.
    pub key: String,
    pub before: String,
    pub after: String,
}

/// One row that was added, changed or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowChange {
    /// Key of the list.
    pub section: String,
    pub seq: i64,
    pub mark: Mark,
    pub fields: Vec<FieldChange>,
}

/// A paper that came with the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperChange {
    pub seq: i64,
    /// Code of 随附单证类型.
    pub att_type: String,
    pub file_name: String,
}

/// What differs between a document and the one it changes; all of it empty for one that changes none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    pub head: Vec<FieldChange>,
    /// In the order of the lists and of the numbers in them.
    pub rows: Vec<RowChange>,
    pub papers: Vec<PaperChange>,
}

/// How much a change changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCounts {
    /// Fields of the head.
    pub head: usize,
    pub added: usize,
    pub changed: usize,
    pub deleted: usize,
    pub papers: usize,
}

/// One document of a book: the filing, or a change of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub id: Uuid,
    pub change_seq: i64,
    pub status: Status,
    /// True for the one that customs works by.
    pub in_force: bool,
    pub seq_no: String,
    pub valid_to: String,
    /// Days in China; empty until then.
    pub declared_on: String,
    pub approved_on: String,
    pub counts: ChangeCounts,
}

/// The fields that differ: what people type, and the sums that follow from it.
pub fn changed_fields(before: &Values, after: &Values) -> Vec<FieldChange> {
    let tells = |field: &&Field| field.is_typed() || field.source == Source::Computed;
    let differs = |field: &&Field| before.get(field.key) != after.get(field.key);
    let change = |field: &Field| FieldChange {
        key: field.key.to_owned(),
        before: before.get(field.key).to_owned(),
        after: after.get(field.key).to_owned(),
    };
    after.fields().iter().filter(tells).filter(differs).map(change).collect()
}
