//! Work that is owed and done later, once, by whichever process comes first: reminders, SMS, sweeps. A job is written with
//! what it follows from; any number of processes may look for jobs, and each is leased by one of them. What a job does is
//! the business folders' (`server::jobs` lists them).

pub mod model;
pub mod runner;
pub mod store;
pub mod worker;

pub use model::{Job, NewJob, Outcome};
pub use runner::Runner;
