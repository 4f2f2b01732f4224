//! 出境加工账册 (manual, sixth part, chapter 1): head, exported goods, re-imported goods,
//! from the first 暂存 to the answer of customs.

pub mod api;
pub mod import;
pub mod model;
pub mod place;
pub mod rules;
pub mod template;

#[cfg(feature = "ssr")]
pub mod message;
#[cfg(feature = "ssr")]
pub mod notes;
#[cfg(feature = "ssr")]
pub mod print;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "csr")]
pub mod page;
