//! 台账: what the entries of an account book have booked. Append-only lines, sums beside them, everything under the book's
//! lock; the rule that the exempt amount never runs over what was exported; and the page that shows all this.

pub mod api;
pub mod model;
pub mod rows;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod book;
#[cfg(feature = "ssr")]
pub mod check;
#[cfg(feature = "ssr")]
pub mod due;
#[cfg(feature = "ssr")]
pub mod month;
#[cfg(feature = "ssr")]
pub mod post;
#[cfg(feature = "ssr")]
pub mod print;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "csr")]
pub mod page;
