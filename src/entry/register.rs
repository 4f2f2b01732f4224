//! 批量登记: a list of 报关单 that customs let pass elsewhere (one line an item, several 报关单 in a file) becomes registered
//! entries. Upload → report → decision → one transaction. How cells are read and told is `document::import`'s.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
mod apply;
#[cfg(feature = "ssr")]
mod download;
#[cfg(feature = "ssr")]
mod group;
#[cfg(feature = "ssr")]
mod judge;
#[cfg(feature = "ssr")]
mod lines;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
mod service;

#[cfg(feature = "csr")]
pub mod page;

#[cfg(feature = "ssr")]
pub use apply::apply;
#[cfg(feature = "ssr")]
pub use routes::routes;
#[cfg(feature = "ssr")]
pub use service::{review, upload};
