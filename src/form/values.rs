//! A record without its struct: texts in the order of a field table. Used where one piece of code serves the records
//! of every kind of document (forms, lists, storage, messages). Rules read it into a struct; it has no rule itself.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Field, Record, clean};

/// The filled fields of a record by key: how a record travels and how it is stored.
pub type Filled = BTreeMap<String, String>;

/// What forms, checks and differences need of a record, whether it is a struct or [`Values`].
pub trait Texts {
    /// The field table, in the order of the form.
    fn fields(&self) -> &'static [Field];
    /// Value of a field; empty for an unknown key.
    fn text(&self, key: &str) -> &str;
}

impl<R: Record> Texts for R {
    fn fields(&self) -> &'static [Field] {
        R::FIELDS
    }
    fn text(&self, key: &str) -> &str {
        self.get(key)
    }
}

impl Texts for Values {
    fn fields(&self) -> &'static [Field] {
        self.fields
    }
    fn text(&self, key: &str) -> &str {
        self.get(key)
    }
}

/// What rules that fill fields need of a record, whether it is a struct or [`Values`].
pub trait TextsMut: Texts {
    /// Sets a field; an unknown key is ignored.
    fn put(&mut self, key: &str, value: &str);
}

impl<R: Record> TextsMut for R {
    fn put(&mut self, key: &str, value: &str) {
        self.set(key, value);
    }
}

impl TextsMut for Values {
    fn put(&mut self, key: &str, value: &str) {
        self.set(key, value);
    }
}

/// The texts of one record, one per line of its field table.
#[derive(Clone, Debug)]
pub struct Values {
    fields: &'static [Field],
    texts: Vec<String>,
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.texts == other.texts
    }
}
impl Eq for Values {}

impl Values {
    /// An empty record.
    pub fn new(fields: &'static [Field]) -> Self {
        Self { fields, texts: vec![String::new(); fields.len()] }
    }

    /// The texts of a struct.
    pub fn of(record: &impl Texts) -> Self {
        let fields = record.fields();
        Self { fields, texts: fields.iter().map(|field| record.text(field.key).to_owned()).collect() }
    }

    /// Texts that are in the order of the table already; missing ones are empty.
    pub fn ordered(fields: &'static [Field], mut texts: Vec<String>) -> Self {
        texts.resize(fields.len(), String::new());
        Self { fields, texts }
    }

    /// What travelled or was stored. Keys the table does not have are passed over: they belong to a field that
    /// is gone.
    pub fn filled_from(fields: &'static [Field], filled: &Filled) -> Self {
        let texts = fields.iter().map(|field| filled.get(field.key).cloned().unwrap_or_default()).collect();
        Self { fields, texts }
    }

    /// Reads the stored JSON of a record.
    ///
    /// # Errors
    /// When it is no map of texts.
    pub fn from_json(fields: &'static [Field], json: &str) -> Result<Self, serde_json::Error> {
        Ok(Self::filled_from(fields, &serde_json::from_str(json)?))
    }

    /// The struct with these values.
    pub fn read<R: Record>(&self) -> R {
        let mut record = R::default();
        for (field, text) in self.fields.iter().zip(&self.texts) {
            record.set(field.key, text.as_str());
        }
        record
    }

    /// The filled fields.
    pub fn filled(&self) -> Filled {
        let filled = self.fields.iter().zip(&self.texts).filter(|(_, text)| !text.is_empty());
        filled.map(|(field, text)| (field.key.to_owned(), text.clone())).collect()
    }

    pub const fn fields(&self) -> &'static [Field] {
        self.fields
    }

    /// The texts in the order of the table.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    pub fn into_texts(self) -> Vec<String> {
        self.texts
    }

    /// Value of a field; empty for an unknown key.
    pub fn get(&self, key: &str) -> &str {
        self.place(key).map_or("", |place| &self.texts[place])
    }

    /// Sets a field; an unknown key is ignored.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        if let Some(place) = self.place(key) {
            self.texts[place] = value.into();
        }
    }

    /// True when the table has this field.
    pub fn has(&self, key: &str) -> bool {
        self.place(key).is_some()
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.key == key)
    }

    /// Takes over only what a person may type; grey fields keep what `self` has.
    /// This is how the server ignores grey fields sent by a browser.
    pub fn take_typed(&mut self, from: &Self) {
        for (place, field) in self.fields.iter().enumerate().filter(|(_, field)| field.is_typed()) {
            from.get(field.key).clone_into(&mut self.texts[place]);
        }
    }

    /// Normalises every typed field (full-width digits, separators, dates …).
    #[must_use]
    pub fn cleaned(mut self, today: NaiveDate) -> Self {
        for (field, text) in self.fields.iter().zip(&mut self.texts).filter(|(field, _)| field.is_typed()) {
            *text = clean(field, text, today);
        }
        self
    }
}

/// As a map of the filled fields.
impl serde::Serialize for Values {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let filled = self.fields.iter().zip(&self.texts).filter(|(_, text)| !text.is_empty());
        to.collect_map(filled.map(|(field, text)| (field.key, text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{Kind, Source};
    use crate::text::text;

    const TABLE: &[Field] = &[
        Field::new(text("名称", "Name"), Kind::Text { max: 9 }).named("name"),
        Field::new(text("编号", "Number"), Kind::Text { max: 9 }).named("number").from(Source::System),
    ];

    #[test]
    fn what_is_stored_is_read_back_and_grey_fields_are_not_taken_from_a_browser() {
        let mut stored = Values::from_json(TABLE, r#"{"name":"甲","number":"1","gone":"x"}"#).unwrap();
        assert_eq!(serde_json::to_string(&stored).unwrap(), r#"{"name":"甲","number":"1"}"#);
        stored.take_typed(&Values::ordered(TABLE, vec!["乙".into(), "2".into()]));
        assert_eq!((stored.get("name"), stored.get("number"), stored.get("gone")), ("乙", "1", ""));
    }
}
