//! The page's clock: the one place where the browser is asked for the time. Everything on the page that needs today
//! asks here; rules get the day as a parameter. Tests of the page move the browser's own clock.

use chrono::{NaiveDate, Utc};

use crate::form::in_china;

/// Today where the users are, whatever zone the computer is set to.
pub fn today() -> NaiveDate {
    in_china(Utc::now()).date_naive()
}
