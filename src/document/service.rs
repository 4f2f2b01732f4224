//! Operations on a document of any kind, one file per verb. Each checks who calls, works in one transaction
//! (validate → write → audit → message) and answers with what is stored.

mod check;
mod copy;
mod create;
mod declare;
mod delete;
mod generate;
mod merge_rows;
mod operation;
mod query;
mod row_change;
mod rows;
mod save_head;
mod save_rows;
mod withdraw;

pub use check::{Checked, check};
pub use copy::copy;
pub(in crate::document) use create::take_rows;
pub use create::{Origin, create};
pub use declare::{declare, register};
pub use delete::delete;
pub use generate::generate;
pub use query::{Content, book, content, get, list, look_up, receipts, status};
pub(in crate::document) use query::{Snapshot, base_of, lists_of, snapshot};
pub(in crate::document) use row_change::Remove;
pub use row_change::{Put, RowChange, SentChange};
pub use rows::change_rows;
pub use save_head::save_head;
pub use save_rows::save_rows;
pub use withdraw::withdraw;
