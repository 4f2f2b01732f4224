//! The clock of a process. Everything on the server that needs the time asks it, so that a test can move it.
//! Only the log, the browser's cookies and the files of the store go by the machine's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};

use crate::form::in_china;

/// Cheap to clone; the clones go together.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Milliseconds ahead of the machine.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.ahead.load(Ordering::Relaxed))
    }

    /// Now, as it is stored.
    pub fn stamp(&self) -> String {
        stamp(self.now())
    }

    /// Today where the users are, whatever zone the machine is set to.
    pub fn today(&self) -> NaiveDate {
        in_china(self.now()).date_naive()
    }

    /// Moves the clock by this much.
    pub fn advance(&self, by: TimeDelta) {
        self.ahead.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }

    /// Sets the clock; it goes on from there.
    pub fn set(&self, to: DateTime<Utc>) {
        // Rounded up: what was set must not lie in the future.
        self.ahead.store((to - Utc::now()).num_milliseconds() + 1, Ordering::Relaxed);
    }
}

/// A moment as it is stored: UTC, milliseconds, fixed width, so that text order is time order.
pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_clock_moves_the_day_in_china() {
        let clock = Clock::default();
        clock.set("2026-12-31T16:00:00Z".parse().unwrap());
        assert_eq!(clock.today().to_string(), "2027-01-01");
        let same = clock.clone();
        same.advance(TimeDelta::days(1));
        assert_eq!(clock.today().to_string(), "2027-01-02");
    }
}
