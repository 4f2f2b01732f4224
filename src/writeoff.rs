//! 出境加工账册报核 (manual, third part, chapters 2 and 3.2): what a company accounts for at the end of a period, made from the
//! ledger and held against it. Fields, rules and what an approval means; the life of the document is `document`'s.

pub mod kind;
pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod service;
