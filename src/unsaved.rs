//! 未同步: the screen of what a browser has and the server does not; and the server's table for browsers that can keep nothing
//! safely themselves (a page without TLS has no encryption, a private window no store): by user, under the names the browser
//! gives (`workspace::journal`), never read as a document.

pub mod api;
pub mod model;
#[cfg(feature = "csr")]
pub mod page;

#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
