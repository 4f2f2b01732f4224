//! The trail (操作记录): who did what, when, to whose document, users or delegations. Written by every service in the transaction
//! of what it tells of.

pub mod store;
