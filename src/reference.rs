//! Code tables (参数表): commodity codes, units, currencies, countries, customs offices, levy modes
//! and natures, supervision modes, each with version and validity.
//! `model` and `search` run on both sides; the browser gets each table once, cached by version.

mod model;
mod search;

pub mod api;

pub use model::{Codes, Entry, Table, TableData};

#[cfg(feature = "ssr")]
pub mod import;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
