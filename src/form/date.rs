//! Dates as people type them (`20261231`, `2026-12-31`, `1231`, `+6m`), stored `yyyy-mm-dd`. Used by checks,
//! fields and imports on both sides. Today is China's, whatever the clock of the computer is set to.

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, Utc};

/// Reads a date as typed; `today` anchors `+6m`, `+10d`, `+1y`, and completes `1231`: with the year that brings it
/// nearest, or, where the date lies `ahead`, with the next one.
pub fn parse_date(text: &str, today: NaiveDate, ahead: bool) -> Option<NaiveDate> {
    let text = text.trim();
    if let Some(relative) = text.strip_prefix('+') {
        return parse_relative(relative, today);
    }
    let parts: Vec<&str> = text.split(['-', '/', '.', '年', '月', '日']).filter(|p| !p.is_empty()).collect();
    if !parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let number = |part: &str| part.parse::<u32>().ok();
    match parts.as_slice() {
        [all] if all.len() == 8 => {
            NaiveDate::from_ymd_opt(all[..4].parse().ok()?, number(&all[4..6])?, number(&all[6..])?)
        }
        [all] if all.len() == 4 => of_year(number(&all[..2])?, number(&all[2..])?, today, ahead),
        [month, day] if month.len() <= 2 && day.len() <= 2 => of_year(number(month)?, number(day)?, today, ahead),
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            NaiveDate::from_ymd_opt(year.parse().ok()?, number(month)?, number(day)?)
        }
        _ => None,
    }
}

/// A day without its year. 29 February may be years away.
fn of_year(month: u32, day: u32, today: NaiveDate, ahead: bool) -> Option<NaiveDate> {
    let years = if ahead { today.year()..today.year() + 9 } else { today.year() - 1..today.year() + 2 };
    let mut days = years.filter_map(|year| NaiveDate::from_ymd_opt(year, month, day));
    if ahead { days.find(|day| *day >= today) } else { days.min_by_key(|day| (*day - today).abs()) }
}

fn parse_relative(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count: u32 = count.parse().ok().filter(|count| *count <= 1200)?;
    match unit {
        "d" | "D" => today.checked_add_days(Days::new(u64::from(count))),
        "m" | "M" => add_months(today, count),
        "y" | "Y" => add_months(today, count * 12),
        _ => None,
    }
}

/// Adds months; a day the target month lacks becomes its last day (31 August + 6 → 28/29 February).
pub fn add_months(date: NaiveDate, months: u32) -> Option<NaiveDate> {
    date.checked_add_months(Months::new(months))
}

/// A moment on the clocks of the users: China has one time zone and no summer time.
pub fn in_china(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    const EIGHT_HOURS: FixedOffset = FixedOffset::east_opt(8 * 3600).unwrap();
    at.with_timezone(&EIGHT_HOURS)
}

/// A stored UTC time as users read it: `2026-12-31 09:30:00`; unreadable text comes back as it is.
pub fn show_time(stored: &str) -> String {
    match DateTime::parse_from_rfc3339(stored) {
        Ok(at) => in_china(at.to_utc()).format("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => stored.to_owned(),
    }
}

/// Reads a stored date; `None` for any other spelling: `26-5-1` is the year 26 to a computer.
pub fn stored_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| show_date(*date) == text)
}

/// The stored spelling.
pub fn show_date(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_its_year_is_the_one_that_is_meant() {
        // Typed in the last days of a year, the end of a book was in the past, and a contract a year ahead.
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let read = |text: &str, today, ahead| parse_date(text, today, ahead).map(show_date);
        for (text, today, nearest, next) in [
            ("0101", day(2026, 11, 30), "2027-01-01", "2027-01-01"),
            ("0930", day(2026, 11, 30), "2026-09-30", "2027-09-30"),
            ("12-31", day(2027, 1, 4), "2026-12-31", "2027-12-31"),
            ("1130", day(2026, 11, 30), "2026-11-30", "2026-11-30"),
        ] {
            assert_eq!(read(text, today, false).as_deref(), Some(nearest), "{text}");
            assert_eq!(read(text, today, true).as_deref(), Some(next), "{text}");
        }
        assert_eq!(read("0229", day(2026, 11, 30), true).as_deref(), Some("2028-02-29"));
        assert_eq!(read("0229", day(2026, 11, 30), false), None, "none of these years has that day");
    }

    #[test]
    fn every_spelling_a_clerk_uses() {
        let today = NaiveDate::from_ymd_opt(2026, 8, 31).unwrap();
        let read = |text: &str| parse_date(text, today, false).map(show_date);
        for text in ["20261231", "2026-12-31", "2026/12/31", "2026.12.31", "1231", "12-31", "2026年12月31日"] {
            assert_eq!(read(text).as_deref(), Some("2026-12-31"), "{text}");
        }
        assert_eq!(read("+6m").as_deref(), Some("2027-02-28"));
        assert_eq!(read("+1y").as_deref(), Some("2027-08-31"));
        assert_eq!(read("+10d").as_deref(), Some("2026-09-10"));
        for bad in ["", "+", "+m", "20261331", "0230", "abc", "2026", "123", "2026-02-30", "+９m", "１２３１"] {
            if bad == "2026" {
                continue; // 20 month, 26 day: refused below by the calendar
            }
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read("2026"), None);
    }
}
