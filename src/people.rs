//! 系统管理: the users and delegations of an enterprise, kept by its administrators, and the enterprises of the service,
//! kept by whoever operates it. The command line does the same by the same services.

pub mod api;
pub mod fields;
pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "csr")]
pub mod page;
