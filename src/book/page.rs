//! Screens of the book: the filing itself (出境加工账册备案) and its query list.
//! `state` holds what a screen shows, `actions` talks to the server, the rest draws.

mod actions;
mod goods;
mod labels;
mod list;
mod poll;
mod receipts;
mod state;
mod view;

pub use list::BookListPage;
pub use view::BookPage;
