//! What browser and server exchange about templates (常用模板): what they hold, names, requests. A template holds a
//! head or rows of a list as maps of their filled fields; the kind of document declares those.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::document::kind::{HEAD, HEAD_LABEL, Kind};
use crate::form::{Field, Kind as FieldKind, Record as _};
use crate::text::text;

/// So many templates an enterprise can keep: more would not be found again.
pub const MOST: i64 = 200;

crate::record! {
    /// What a person says when keeping a template.
    pub struct Naming {
        /// The head, or the key of a list; on the screen its code (see [`naming_fields`]).
        section: Field::new(text("保存内容", "Content"), FieldKind::Text { max: 40 }).save(),
        name: Field::new(text("模板名称", "Template name"), FieldKind::Text { max: 50 }).save()
            .help("本企业的用户都可以使用", "Everybody of your enterprise can use it"),
    }
}

/// Codes of the parts of a document as they are chosen on the screen: the head, then its lists in their order.
const CODES: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// The fields of [`Naming`] for the screen, with the parts of a kind of document to choose from. They live as long as
/// the program, like every field table: call this once per screen.
pub fn naming_fields(kind: &'static Kind) -> &'static [Field] {
    let lists = kind.sections.iter().map(|section| section.label);
    let labels = std::iter::once(HEAD_LABEL).chain(lists);
    let choices: &'static [_] = Vec::leak(CODES.into_iter().zip(labels).collect::<Vec<_>>());
    let mut fields = Naming::FIELDS.to_vec();
    for field in fields.iter_mut().filter(|field| field.key == "section") {
        field.kind = FieldKind::Choice(choices);
    }
    Vec::leak(fields)
}

/// The code of a part on the screen: that of the head for an unknown one.
pub fn code_of(kind: &Kind, section: &str) -> &'static str {
    CODES[kind.sections.iter().position(|one| one.key == section).map_or(0, |place| place + 1)]
}

/// The part that a code on the screen means.
pub fn part_of(kind: &Kind, code: &str) -> &'static str {
    let place = CODES.iter().position(|one| *one == code).and_then(|place| place.checked_sub(1));
    place.and_then(|place| kind.sections.get(place)).map_or(HEAD, |section| section.key)
}

/// One template of the caller's enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    pub id: Uuid,
    /// The head, or the key of a list.
    pub section: String,
    pub name: String,
    /// Rows; 1 for a head.
    pub rows: i64,
    /// UTC.
    pub updated_at: String,
    /// Login of who kept it last.
    pub updated_by: String,
}

/// 存为模板: keeps something of a stored document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SaveTemplate {
    pub id: Uuid,
    pub naming: Naming,
    pub document: Uuid,
    /// Rows to keep; empty: all of the list.
    pub rows: Vec<Uuid>,
    /// Overwrite a template of the same part and name.
    pub replace: bool,
}

/// 使用 of rows: they are added to the end of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InsertRows {
    pub template: Uuid,
    pub document: Uuid,
    /// Version of the document the user looks at: a request repeated after a lost answer adds nothing twice.
    pub base: i64,
}
