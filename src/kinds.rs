//! The list of the kinds of documents, and what the server has for each. Frame and server read it; a new kind is a new
//! line here and nothing else.

use crate::document::kind::{Kind, Listing, Naming};
use crate::document::listing::Listed;
#[cfg(feature = "ssr")]
use crate::document::office::Office;
use crate::entry;
#[cfg(feature = "ssr")]
use crate::entry::service::EntryOffice;
#[cfg(feature = "ssr")]
use crate::exchange::Unasked;
use crate::filing;
use crate::urge;
#[cfg(feature = "ssr")]
use crate::urge::service::{UrgeOffice, Urgings};
use crate::writeoff;
#[cfg(feature = "ssr")]
use crate::writeoff::service::WriteoffOffice;

/// How all kinds are called, in the order of the menu. The frame of the page reads this one, and so comes without the rules.
pub static NAMINGS: [&Naming; 5] = [
    &filing::kind::NAMING,
    &entry::kind::EXPORT_NAMING,
    &entry::kind::IMPORT_NAMING,
    &writeoff::kind::NAMING,
    &urge::kind::NAMING,
];

/// All query lists, in the order of the menu. Read by the frame, as the namings are.
pub static LISTINGS: [&Listing; 4] =
    [&filing::kind::LISTING, &entry::kind::LISTING, &writeoff::kind::LISTING, &urge::kind::LISTING];

/// All kinds, in the order of the menu.
pub const ALL: &[&Kind] = &[
    &filing::kind::FILING,
    &entry::kind::ENTRY_EXPORT,
    &entry::kind::ENTRY_IMPORT,
    &writeoff::kind::WRITEOFF,
    &urge::kind::URGE,
];

/// What only the server knows of each kind.
#[cfg(feature = "ssr")]
pub const OFFICES: &[&dyn Office] =
    &[&filing::service::FilingOffice, &EntryOffice::EXPORT, &EntryOffice::IMPORT, &WriteoffOffice, &UrgeOffice];

/// Who takes the messages of customs that nobody asked for.
#[cfg(feature = "ssr")]
pub const UNASKED: &[&dyn Unasked] = &[&entry::service::Revocations, &Urgings];

/// How the kind with this key is called.
pub fn naming(key: &str) -> Option<&'static Naming> {
    NAMINGS.iter().copied().find(|naming| naming.key == key)
}

/// The query list with this key.
pub fn listing(key: &str) -> Option<&'static Listing> {
    LISTINGS.iter().copied().find(|listing| listing.key == key)
}

/// A query list with its kinds.
pub fn listed(listing: &'static Listing) -> Option<Listed> {
    Listed::of(listing.key, ALL.iter().copied())
}

/// The kind with this key.
pub fn find(key: &str) -> Option<&'static Kind> {
    ALL.iter().copied().find(|kind| kind.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_menu_names_every_kind() {
        // A kind that is missing there could be made by nobody.
        assert!(ALL.iter().map(|kind| kind.naming).eq(NAMINGS));
        assert!(ALL.iter().all(|kind| LISTINGS.contains(&kind.listing)));
        assert!(LISTINGS.iter().all(|listing| listed(listing).is_some()));
    }
}
