//! The screen of 随附单据: choose, 暂存, 上传, 下载, look, 删除. Knows no book: the page of a document
//! holds an [`AttachmentsState`] and draws [`attachments_section`].
//! `state` holds what is shown, `chosen` reads files, `upload` sends them, `actions` does the rest.

mod actions;
mod chosen;
mod preview;
mod state;
mod upload;
mod view;

pub use actions::{load, save};
pub use state::AttachmentsState;
pub use view::attachments_section;
