//! 出境加工报关单 (manual, fourth part): the entries under supervision mode 1427, one kind for exports and one for
//! re-imports. What they declare and which rules they follow; their life is `document`'s, what they book is `ledger`'s.

pub mod kind;
pub mod model;
pub mod register;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod service;
