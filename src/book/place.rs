//! What a pointer of a finding or a receipt means: which part of the book, which row, which field, and how people
//! call it. Used by the screens and by exported lists; finds nothing by words (that is `notes`).

use crate::attachment::model::{self as attachment, Attachment};
use crate::book::model::{ExportGoods, HEAD, Head, ReimportGoods, Side};
use crate::form::{Field, Record};
use crate::text::{Language, Text, text};

pub const HEAD_LABEL: Text = text("表头", "Head");

/// A field of the book by its pointer: section, 商品序号, field.
pub struct Place {
    pub section: &'static str,
    pub seq: Option<i64>,
    pub field: Option<&'static Field>,
}

/// Takes a pointer apart; `None` when it is not one of the book's.
pub fn place_of(pointer: &str) -> Option<Place> {
    let (front, key) = pointer.split_once('.')?;
    let (name, seq) = match front.split_once('[') {
        Some((name, rest)) => (name, rest.strip_suffix(']')?.parse().ok()),
        None => (front, None),
    };
    let (section, field) = if name == HEAD {
        (HEAD, Head::field(key))
    } else if name == Side::Exports.key() {
        (Side::Exports.key(), ExportGoods::field(key))
    } else if name == Side::Reimports.key() {
        (Side::Reimports.key(), ReimportGoods::field(key))
    } else if name == attachment::SECTION {
        (attachment::SECTION, Attachment::field(key))
    } else {
        return None;
    };
    Some(Place { section, seq, field })
}

/// `出口货物第3项 商品编码`
pub fn name_of(pointer: &str, language: Language) -> String {
    let Some(place) = place_of(pointer) else { return pointer.to_owned() };
    let section = match place.section {
        "exports" => Side::Exports.label(),
        "reimports" => Side::Reimports.label(),
        attachment::SECTION => attachment::LABEL,
        _ => HEAD_LABEL,
    };
    let field = place.field.map_or("", |field| field.label.of(language));
    match (place.seq, language) {
        (Some(seq), Language::Zh) => format!("{}第{seq}项 {field}", section.zh),
        (Some(seq), Language::En) => format!("{} item {seq}, {field}", section.en),
        (None, _) => format!("{} {field}", section.of(language)),
    }
}
