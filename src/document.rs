//! What book filings, write-offs and entries share: identity, state machine, numbering, audit,
//! receipts. Business folders build on it; it knows none of them.

mod model;
mod status;

pub use model::{DocumentMeta, LATE, Receipt, ReceiptNote};
pub use status::{Action, Event, Status};

#[cfg(feature = "ssr")]
pub mod store;
