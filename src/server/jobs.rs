//! Who carries out which jobs: the list the worker goes by. `start` hands it to the worker; a new kind of job is a new line
//! here and nothing else.

use super::sweep::Sweep;
use crate::job::worker::Runners;
use crate::remind::notify::ReminderMail;
use crate::remind::sweep::Reminders;
use crate::urge::notify::UrgeSms;

/// All of them.
pub const RUNNERS: Runners = &[&Sweep, &Reminders, &ReminderMail, &UrgeSms];
