//! The list of the kinds of documents, and what the server has for each. Frame and server read it; a new kind is a new
//! line here and nothing else.

use crate::document::kind::Kind;
#[cfg(feature = "ssr")]
use crate::document::office::Office;
use crate::entry;
#[cfg(feature = "ssr")]
use crate::entry::service::EntryOffice;
#[cfg(feature = "ssr")]
use crate::exchange::Unasked;
use crate::filing;

/// All kinds, in the order of the menu.
pub const ALL: &[&Kind] = &[&filing::kind::FILING, &entry::kind::ENTRY_EXPORT, &entry::kind::ENTRY_IMPORT];

/// What only the server knows of each kind.
#[cfg(feature = "ssr")]
pub const OFFICES: &[&dyn Office] = &[&filing::service::FilingOffice, &EntryOffice::EXPORT, &EntryOffice::IMPORT];

/// Who takes the messages of customs that nobody asked for.
#[cfg(feature = "ssr")]
pub const UNASKED: &[&dyn Unasked] = &[&entry::service::Revocations];

/// The kind with this key.
pub fn find(key: &str) -> Option<&'static Kind> {
    ALL.iter().copied().find(|kind| kind.key == key)
}
