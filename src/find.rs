//! 查号: one box for every number people have in their hands, and the documents that bear it. Only reads.
//! The box stands on the first screen (`todo`); it knows no kind of document.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "csr")]
pub mod page;
