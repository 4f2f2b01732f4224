//! 常用模板: a head or a set of rows that an enterprise uses again and again, kept under a name. Made of what a document
//! has stored, used in any document of the same kind that may be edited. The dialog is in `document::page`.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
mod service;
#[cfg(feature = "ssr")]
mod store;

#[cfg(feature = "ssr")]
pub use service::{delete, head, insert, list, save};
