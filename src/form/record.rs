//! A record: a plain struct of texts plus its field table, made together by [`crate::record!`].
//! Values are kept as normalised text, so that an unfinished draft can be stored exactly as typed;
//! rules parse what they need.

use serde::Deserialize;

use super::Field;

/// A struct made by [`crate::record!`].
pub trait Record: Clone + Default + PartialEq + 'static {
    /// The field table, in the order of the form.
    const FIELDS: &'static [Field];
    /// Value of a field; empty for an unknown key.
    fn get(&self, key: &str) -> &str;
    /// Sets a field; an unknown key is ignored.
    fn set(&mut self, key: &str, value: impl Into<String>);

    fn field(key: &str) -> Option<&'static Field> {
        Self::FIELDS.iter().find(|field| field.key == key)
    }

    /// Takes over only what a person may type; grey fields keep what `self` has.
    /// This is how the server ignores grey fields sent by a browser.
    fn take_typed(&mut self, from: &Self) {
        for field in Self::FIELDS.iter().filter(|field| field.is_typed()) {
            self.set(field.key, from.get(field.key));
        }
    }
}

/// Path of a field within a document: `head.contract_no`, `exports[3].hs_code`.
/// The number is the 商品序号, not the position on the screen.
pub fn pointer(section: &str, seq: Option<i64>, key: &str) -> String {
    match seq {
        Some(seq) => format!("{section}[{seq}].{key}"),
        None => format!("{section}.{key}"),
    }
}

/// Writes a record as a map of its filled fields. By hand, because derived code of a struct of forty
/// fields is some thirty kilobytes of the program every browser loads; this is shared by all records.
///
/// # Errors
/// Those of the serializer.
pub fn write_record<R: Record, S: serde::Serializer>(record: &R, to: S) -> Result<S::Ok, S::Error> {
    let filled =
        || R::FIELDS.iter().map(|field| (field.key, record.get(field.key))).filter(|(_, value)| !value.is_empty());
    to.collect_map(filled())
}

/// Reads what [`write_record`] wrote. Missing fields are empty, unknown ones are passed over, so that
/// records stored before a field came or after one went can be read.
///
/// # Errors
/// Those of the deserializer, and values that are not text.
pub fn read_record<'de, R: Record, D: serde::Deserializer<'de>>(from: D) -> Result<R, D::Error> {
    let values = std::collections::BTreeMap::<String, String>::deserialize(from)?;
    let mut record = R::default();
    for (key, value) in values {
        record.set(&key, value);
    }
    Ok(record)
}

/// Declares a record: the struct, its field table and access by key, from one list.
///
/// ```
/// use opbook::form::{Field, Kind, Record};
/// use opbook::text::text;
/// opbook::record! {
///     /// A contact.
///     pub struct Contact {
///         /// 联系人
///         name: Field::new(text("联系人", "Contact"), Kind::Text { max: 64 }).declare(),
///     }
/// }
/// assert_eq!(Contact::FIELDS[0].key, "name");
/// ```
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident {
        $($(#[$field_meta:meta])* $key:ident : $spec:expr),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name {
            $($(#[$field_meta])* pub $key: String,)*
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $crate::form::write_record(self, to)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::form::read_record(from)
            }
        }

        impl $crate::form::Record for $name {
            const FIELDS: &'static [$crate::form::Field] = &[
                $($spec.named(stringify!($key)),)*
            ];
            fn get(&self, key: &str) -> &str {
                match key {
                    $(stringify!($key) => &self.$key,)*
                    _ => "",
                }
            }
            fn set(&mut self, key: &str, value: impl Into<String>) {
                match key {
                    $(stringify!($key) => self.$key = value.into(),)*
                    _ => {}
                }
            }
        }
    };
}

/// What a field may be chosen from, made of the values of an enum: of its `ALL`, `code` and `label`. For a constant inside its
/// `impl`.
#[macro_export]
macro_rules! choices {
    () => {{
        let mut choices = [("", $crate::text::text("", "")); Self::ALL.len()];
        let mut at = 0;
        while at < choices.len() {
            choices[at] = (Self::ALL[at].code(), Self::ALL[at].label());
            at += 1;
        }
        choices
    }};
}

/// Declares a field table alone, for records that are only read as [`crate::form::Values`].
#[macro_export]
macro_rules! table {
    ($(#[$meta:meta])* pub static $name:ident {
        $($key:ident : $spec:expr),* $(,)?
    }) => {
        $(#[$meta])*
        pub static $name: &[$crate::form::Field] = &[
            $($spec.named(stringify!($key)),)*
        ];
    };
}
