//! One life for every kind of document: content, state machine, rows, import, templates, print, declaring, receipts,
//! and the screens of all that. A kind is data ([`kind::Kind`]); this folder knows none by name. `store`, `model`,
//! `status` and `guard` are the base that attachments and the exchange with customs stand on as well.

pub mod api;
pub mod change;
pub mod import;
pub mod kind;
pub mod listing;
mod model;
pub mod place;
mod status;
pub mod template;
pub mod under_book;

pub use model::{
    Base, Copied, Derive, Document, DocumentMeta, List, LookedUp, Mark, PutRow, Query, QueryLine, QueryPage, Receipt,
    ReceiptNote, RemoveRow, Row, SMS_RECEIPT, SaveHead, SaveRows, Saved, SavedRows, Step, UNREADABLE, print_address,
};
pub use status::{Action, Event, Status};

#[cfg(feature = "ssr")]
pub mod guard;
#[cfg(feature = "ssr")]
pub mod message;
#[cfg(feature = "ssr")]
pub mod notes;
#[cfg(feature = "ssr")]
pub mod office;
#[cfg(feature = "ssr")]
pub mod parties;
#[cfg(feature = "ssr")]
pub mod print;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(feature = "csr")]
pub mod page;
