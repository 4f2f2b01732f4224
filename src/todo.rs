//! 待办: what waits for the people of an enterprise, on the screen with which the program begins. Reads what the other folders
//! keep, and stores nothing.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
pub mod rules;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "csr")]
pub mod page;
