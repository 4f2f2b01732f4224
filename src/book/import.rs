//! 导入 (manual lines 250–275): goods rows from the company's own Excel. Upload → report → the user
//! decides → one transaction. Nothing reaches the book before the decision. Also the template, rows
//! sent back with their reason, and lists as workbooks. The generic part is `crate::sheet`.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
mod apply;
#[cfg(feature = "ssr")]
mod columns;
#[cfg(feature = "ssr")]
mod download;
#[cfg(feature = "ssr")]
mod plan;
#[cfg(feature = "ssr")]
mod prepare;
#[cfg(feature = "ssr")]
mod recent;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
mod service;
#[cfg(feature = "ssr")]
mod store;

#[cfg(feature = "ssr")]
pub use routes::routes;
#[cfg(feature = "ssr")]
pub use service::{apply, cancel, review, upload};
#[cfg(feature = "ssr")]
pub use store::sweep;
