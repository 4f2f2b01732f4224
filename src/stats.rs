//! 统计 (manual line 77): what was exported, what came back exempt and taxed, what is still abroad, and what customs sent back
//! and why; by book, month, partner, country and commodity. Reads what is kept with the ledger; stores nothing.

pub mod api;
pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "csr")]
pub mod page;
