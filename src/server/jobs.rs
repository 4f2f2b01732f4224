//! Who carries out which jobs: the lists the workers go by. `start` hands them to the workers; a new kind of job is a new line
//! here and nothing else.

use chrono::TimeDelta;

use super::sweep::Sweep;
use crate::attachment::sweep::FileSweep;
use crate::job::worker::Lane;
use crate::remind::notify::ReminderMail;
use crate::remind::sweep::Reminders;
use crate::urge::notify::UrgeSms;

/// What is done in a moment.
pub const SHORT: Lane =
    Lane { runners: &[&Sweep, &Reminders, &ReminderMail, &UrgeSms], patience: TimeDelta::seconds(45) };
/// What goes over everything that is stored.
pub const LONG: Lane = Lane { runners: &[&FileSweep], patience: TimeDelta::minutes(30) };
