//! 催核: customs urges a company to write a book off. The notice comes unasked, is kept as a document nobody enters (催核查询),
//! marks the book, and goes on to the mobile number of the filing in force as a short message, once.

pub mod kind;
pub mod model;

#[cfg(feature = "ssr")]
pub mod notify;
#[cfg(feature = "ssr")]
pub mod service;
