//! Hints: within a second, open pages hear which documents changed, whoever changed them and in whichever process (server-sent
//! events). A hint says nothing but which document and how often it changed; the page then asks as it always does, and the
//! server looks whether it may. A lost hint is harmless: pages also ask now and then.

pub mod model;
#[cfg(feature = "csr")]
pub mod page;

#[cfg(feature = "ssr")]
pub mod listeners;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod watch;
