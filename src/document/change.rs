//! 变更 (manual lines 407–425): a new draft of what is in force, what differs between the two, and all filings of a book in
//! their order. How a change is edited, declared and printed is the life of every document.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
mod derive;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
mod service;

#[cfg(feature = "ssr")]
pub use derive::change;
#[cfg(feature = "ssr")]
pub use service::{differences, history};
