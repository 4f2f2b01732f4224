//! Screens of documents: the document itself (`view`) and the query list. The same for every kind; what differs is read
//! from the kind.

mod actions;
mod attachments;
mod away;
mod balance;
mod buttons;
mod catching_up;
mod change;
mod copy;
mod declared;
mod derive;
mod dialogs;
mod drafts;
mod faults;
mod findings;
mod head;
pub mod import;
mod keys;
mod labels;
mod later;
mod list;
pub mod load;
mod one_window;
mod parties;
mod poll;
pub mod problems;
mod receipts;
mod refusal;
mod rows;
mod section;
mod state;
mod templates;
mod unanswered;
mod view;

pub use dialogs::{close_dialogs, dialogs, wants_dialog};
pub use list::QueryListPage;
pub use state::DocumentState;
pub use view::DocumentPage;
