//! What a pointer of a finding or a receipt means: which part of a document, which row, which field, and how people
//! call it. Used by the screens and by exported lists; finds nothing by words (that is `notes`).

use super::kind::{HEAD, HEAD_LABEL, Kind};
use crate::attachment::model::{self as attachment, Attachment};
use crate::form::{Field, Record as _};
use crate::text::{Language, Text};

/// A field of a document by its pointer: section, number of the row, field.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Key of the section: the head, a list, the attachments.
    pub section: &'static str,
    /// Place of the section on the screen, from 0.
    pub at: usize,
    pub label: Text,
    pub seq: Option<i64>,
    pub field: Option<&'static Field>,
}

/// A part of a document as a tab of its screen: key, label, fields.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub key: &'static str,
    pub label: Text,
    pub fields: &'static [Field],
}

/// All parts of a document in the order of the screen: head, lists, what it declares, attachments.
pub fn parts(kind: &'static Kind) -> Vec<Part> {
    let head = Part { key: HEAD, label: HEAD_LABEL, fields: kind.head };
    let lists = kind.sections.iter().map(|list| Part { key: list.key, label: list.label, fields: list.fields });
    let declared = kind.declared.map(|one| Part { key: one.key, label: one.label, fields: one.fields });
    let papers = (!kind.is_notice).then_some(Part {
        key: attachment::SECTION,
        label: attachment::LABEL,
        fields: Attachment::FIELDS,
    });
    std::iter::once(head).chain(lists).chain(declared).chain(papers).collect()
}

/// Takes a pointer apart; `None` when it is not one of the kind's.
pub fn place_of(kind: &'static Kind, pointer: &str) -> Option<Place> {
    let (front, key) = pointer.split_once('.')?;
    let (name, seq) = match front.split_once('[') {
        Some((name, rest)) => (name, rest.strip_suffix(']')?.parse().ok()),
        None => (front, None),
    };
    let (at, part) = parts(kind).into_iter().enumerate().find(|(_, part)| part.key == name)?;
    let field = part.fields.iter().find(|field| field.key == key);
    Some(Place { section: part.key, at, label: part.label, seq, field })
}

/// `出口货物第3项 商品编码`
pub fn name_of(kind: &'static Kind, pointer: &str, language: Language) -> String {
    let Some(place) = place_of(kind, pointer) else { return pointer.to_owned() };
    let field = place.field.map_or("", |field| field.label.of(language));
    let between = if place.seq.is_some() && language == Language::En { ", " } else { " " };
    format!("{}{between}{field}", place.part(language))
}

/// `出口货物第3项`: for words that name the field themselves.
pub fn part_of(kind: &'static Kind, pointer: &str, language: Language) -> String {
    place_of(kind, pointer).map_or_else(|| pointer.to_owned(), |place| place.part(language))
}

impl Place {
    fn part(&self, language: Language) -> String {
        let section = self.label.of(language);
        match (self.seq, language) {
            (Some(seq), Language::Zh) => format!("{section}第{seq}项"),
            (Some(seq), Language::En) => format!("{section} item {seq}"),
            (None, _) => section.to_owned(),
        }
    }
}
