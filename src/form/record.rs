//! A record: a plain struct of texts plus its field table, made together by [`crate::record!`].
//! Values are kept as normalised text, so that an unfinished draft can be stored exactly as typed;
//! rules parse what they need.

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
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $($(#[$field_meta])* #[serde(skip_serializing_if = "String::is_empty")] pub $key: String,)*
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
