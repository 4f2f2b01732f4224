//! Of what a reminder is written, and under which name it is written once. Pure; used by the sweep. When a book or a document
//! waits at all is said by `todo::rules`.

use chrono::{NaiveDate, TimeDelta};

use crate::form::stored_date;
use crate::server::config::Remind;
use crate::todo::rules::{Ending, deadline};

/// The latest day of a book's reminders that is reached: of those around its end, and of those around the day on which its
/// write-off is due. Who starts the program late is reminded once, and not of each day that went by.
pub fn reached(book: &Ending, today: NaiveDate, remind: &Remind) -> Option<NaiveDate> {
    let around = |day: Option<NaiveDate>, days: &[i64]| -> Vec<NaiveDate> {
        days.iter().filter_map(|by| day?.checked_add_signed(TimeDelta::days(*by))).collect()
    };
    let mut days = around(stored_date(&book.valid_to), &remind.expiry);
    days.extend(around(deadline(book, remind), &remind.deadline));
    days.into_iter().filter(|day| *day <= today).max()
}

/// The name under which a book is reminded of once: another validity, or another day by customs, is another matter.
pub fn matter(operator_code: &str, book_no: &str, day: NaiveDate) -> String {
    format!("{operator_code}:book:{book_no}:{day}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_day_of_the_settings_is_reached_once() {
        // A day too few, and a book is over without a word; a day twice, and nobody reads them any more.
        let book = Ending { valid_to: "2026-12-31".into(), ..Ending::default() };
        let remind = Remind::default();
        let mut reminded: Vec<NaiveDate> = Vec::new();
        let mut today = day("2026-11-01");
        while today < day("2027-03-01") {
            if let Some(reached) = reached(&book, today, &remind)
                && !reminded.contains(&reached)
            {
                assert_eq!(reached, today, "on the day itself");
                reminded.push(reached);
            }
            today = today.succ_opt().unwrap();
        }
        let wanted = ["2026-12-01", "2026-12-24", "2026-12-31", "2027-01-15", "2027-01-23", "2027-01-30"];
        assert_eq!(reminded, wanted.map(day));
    }

    #[test]
    fn who_starts_late_is_reminded_of_the_latest_day_only() {
        let book = Ending { valid_to: "2026-12-31".into(), ..Ending::default() };
        let remind = Remind::default();
        assert_eq!(reached(&book, day("2027-06-01"), &remind), Some(day("2027-01-30")));
        assert_eq!(reached(&book, day("2026-12-28"), &remind), Some(day("2026-12-24")));
        let none = Remind { expiry: Vec::new(), deadline: Vec::new(), ..remind.clone() };
        assert_eq!(reached(&book, day("2027-06-01"), &none), None);
        // Customs names an earlier day.
        let urged = Ending { urged_on: "2026-11-01".into(), due_date: "2026-11-10".into(), ..book };
        assert_eq!(reached(&urged, day("2026-11-09"), &remind), Some(day("2026-11-03")));
    }
}
