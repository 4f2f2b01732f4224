//! 系统提醒: the program's own reminders, written once each by a job, shown on the first screen, and sent as mail to those who
//! want them. None of them is law; the days are settings.

pub mod api;
pub mod model;

#[cfg(feature = "ssr")]
pub mod notify;
#[cfg(feature = "ssr")]
pub mod rules;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod sweep;

#[cfg(feature = "csr")]
pub mod page;
