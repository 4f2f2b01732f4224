//! 导入 (manual lines 250–275): rows from the company's own Excel. Upload → report → the user decides → one
//! transaction. Nothing reaches the document before the decision. Also the template, rows sent back with their reason,
//! and lists as workbooks. The generic part is `crate::sheet`.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
mod apply;
#[cfg(feature = "ssr")]
pub mod columns;
#[cfg(feature = "ssr")]
pub mod download;
#[cfg(feature = "ssr")]
pub mod intake;
#[cfg(feature = "ssr")]
pub mod plan;
#[cfg(feature = "ssr")]
pub mod prepare;
#[cfg(feature = "ssr")]
pub mod prepared;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
mod tables;

#[cfg(feature = "ssr")]
pub use apply::apply;
#[cfg(feature = "ssr")]
pub use routes::routes;
#[cfg(feature = "ssr")]
pub use service::{cancel, review, upload};
#[cfg(feature = "ssr")]
pub use store::sweep;
