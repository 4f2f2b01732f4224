//! Screens of the book: the filing itself (出境加工账册备案) and its query list.
//! `state` holds what a screen shows, `actions` talks to the server, `drafts` brings back unsaved text, the rest draws.

mod actions;
mod attachments;
mod buttons;
mod drafts;
mod faults;
mod goods;
mod import;
mod keys;
mod labels;
mod list;
mod poll;
mod receipts;
mod state;
mod templates;
mod view;

pub use list::BookListPage;
pub use view::BookPage;
