//! The integration tests, one program: a module per subject. The papers (tests/print) need the typesetting engine, and the
//! largest import (tests/full_import) a process of its own; those two are programs beside this one.

#![cfg(feature = "ssr")]

#[path = "../support/mod.rs"]
mod support;

mod account;
mod answers;
mod arrows;
mod attachment;
mod change;
mod command_line;
mod desk;
mod document;
mod entry;
mod exchange;
mod hints;
mod histories;
mod kill;
mod leptos_toml;
mod list;
mod login_limits;
mod numbers;
mod old_database;
mod operations;
mod other_kind;
mod people;
mod plans;
mod remind;
mod rows;
mod sheet;
mod stats;
mod template;
mod todo;
mod twins;
mod unsaved;
mod urge;
mod walk;
mod writeoff;

/// Today by the clock that servers start with.
fn today() -> chrono::NaiveDate {
    opbook::server::clock::Clock::default().today()
}
