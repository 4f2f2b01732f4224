//! What browser and server exchange about templates (常用模板): kinds, names, requests. What a template holds are
//! the head and the rows of `book::model`; nothing of them is declared a second time.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::book::model::Side;
use crate::form::{Field, Kind};
use crate::text::{Text, text};

/// Kind of a template that holds a 表头.
pub const OF_HEAD: &str = "H";
/// What a template holds: 表头, or rows of one list.
pub const KINDS: &[(&str, Text)] =
    &[(OF_HEAD, text("表头", "Head")), ("E", Side::Exports.label()), ("R", Side::Reimports.label())];

/// The list that a kind's rows belong to; `None` for a head.
pub fn side_of(kind: &str) -> Option<Side> {
    match kind {
        "E" => Some(Side::Exports),
        "R" => Some(Side::Reimports),
        _ => None,
    }
}

/// So many templates an enterprise can keep: more would not be found again.
pub const MOST: i64 = 200;

crate::record! {
    /// What a person says when keeping a template.
    pub struct Naming {
        kind: Field::new(text("保存内容", "Content"), Kind::Choice(KINDS)).save(),
        name: Field::new(text("模板名称", "Template name"), Kind::Text { max: 50 }).save()
            .help("本企业的用户都可以使用", "Everybody of your enterprise can use it"),
    }
}

/// One template of the caller's enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    pub id: Uuid,
    /// One of [`KINDS`].
    pub kind: String,
    pub name: String,
    /// Rows; 1 for a head.
    pub rows: i64,
    /// UTC.
    pub updated_at: String,
    /// Login of who kept it last.
    pub updated_by: String,
}

/// 存为模板: keeps something of a stored book.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SaveTemplate {
    pub id: Uuid,
    pub naming: Naming,
    pub book: Uuid,
    /// Rows to keep; empty: all of the list.
    pub rows: Vec<Uuid>,
    /// Overwrite a template of the same kind and name.
    pub replace: bool,
}

/// 使用 of rows: they are added to the end of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InsertRows {
    pub template: Uuid,
    pub book: Uuid,
    /// Version of the book the user looks at: a request repeated after a lost answer adds nothing twice.
    pub base: i64,
}
