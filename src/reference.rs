//! Code tables (参数表): commodity codes, units, currencies, countries, customs offices, levy modes
//! and natures, supervision modes, each with version and validity.
//! `model` and `search` run on both sides; the browser gets each table once, cached by version.

mod model;
mod search;

pub use model::{Codes, Entry, Table, TableData};
pub use search::COMMODITY_MIN_DIGITS;

#[cfg(feature = "ssr")]
pub mod import;
#[cfg(feature = "ssr")]
mod initials;
#[cfg(feature = "ssr")]
mod packed;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod source;
#[cfg(feature = "ssr")]
pub mod starter;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "csr")]
pub mod client;

#[cfg(all(test, feature = "ssr"))]
mod testing;
