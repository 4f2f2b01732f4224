//! The reminders of a caller: those of the enterprises it acts for. Reads, and changes nothing.
//! Called by `api`; the sweep writes them.

use chrono::TimeDelta;

use super::model::Reminder;
use super::store;
use crate::server::call::Call;
use crate::server::db::stamp;
use crate::server::failure::Failure;

/// So long a reminder is shown.
const SHOWN: TimeDelta = TimeDelta::days(90);
const MOST: i64 = 200;

/// The latest reminders, newest first.
///
/// # Errors
/// Only those of the database.
pub async fn list(call: &Call) -> Result<Vec<Reminder>, Failure> {
    let from = stamp(call.state.clock.now() - SHOWN);
    Ok(store::latest(&call.state.db, &call.actor.operators(), &from, MOST).await?)
}
