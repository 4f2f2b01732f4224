//! 未保存的内容 of browsers that can keep nothing safely themselves (a page without TLS has no encryption, a private window no
//! store): kept on the server, by user, under the names the browser gives (`workspace::journal`). Never read as a document.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
