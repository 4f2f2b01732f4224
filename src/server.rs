//! What every part of the server stands on: settings, database, routes, headers, errors, jobs.
//! Knows business folders only in `router` (to mount them) and `start` (to run their workers).

pub mod access;
pub mod answer;
pub mod assets;
pub mod background;
pub mod call;
pub mod clock;
pub mod command;
pub mod config;
pub mod db;
pub mod failure;
pub mod jobs;
pub mod router;
pub mod security;
pub mod start;
pub mod state;
pub mod storage;
pub mod sweep;
