//! 出境加工账册 备案/变更 (manual, sixth part, chapter 1): what a filing is and which rules it follows. The life it
//! shares with other documents is `document`'s.

pub mod kind;
pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod service;
