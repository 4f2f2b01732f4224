//! The page's clock: the one place where the browser is asked for the time. Everything on the page that needs today
//! asks here; rules get the day as a parameter. Tests of the page move the browser's own clock.

use chrono::{NaiveDate, Timelike, Utc};

use crate::form::{in_china, show_date};

/// Today where the users are, whatever zone the computer is set to.
pub fn today() -> NaiveDate {
    in_china(Utc::now()).date_naive()
}

/// The time where the users are, `10:42`.
pub fn time_of_day() -> String {
    let now = in_china(Utc::now());
    format!("{:02}:{:02}", now.hour(), now.minute())
}

/// Day and time where the users are, `2026-11-30 10:42`.
pub fn day_and_time() -> String {
    format!("{} {}", show_date(today()), time_of_day())
}
