//! 随附单据 (manual lines 355–405): files that belong to a filing, from 文件选择 to what customs is
//! told of them. Belongs to any document; knows books no more than write-offs.

pub mod api;
pub mod content;
pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
mod export;
#[cfg(feature = "csr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod pdf;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod sweep;
