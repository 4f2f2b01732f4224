//! Users, login, sessions, enterprises and delegations: who may see what.
//! Every service asks `Actor` what its caller may touch; nothing a browser sends decides it.

pub mod api;
pub mod model;
pub mod rights;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod actor;
#[cfg(feature = "ssr")]
pub mod captcha;
#[cfg(feature = "ssr")]
pub mod invitation;
#[cfg(feature = "ssr")]
pub mod join;
#[cfg(feature = "ssr")]
pub mod password;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod throttle;

#[cfg(feature = "csr")]
pub mod page;
