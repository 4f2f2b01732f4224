//! 统计 of a caller: the books of the enterprises it acts for, added up. Reads, and changes nothing.
//! Called by `api` and `export`.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate};
use rust_decimal::Decimal;

use super::model::{Asked, By, Line, Reason, Stats, Total};
use super::rules::{Average, Dated, stays};
use super::store::{self, Booked, Group};
use crate::form::{plain, show_date, stored_date};
use crate::ledger::model::Side;
use crate::server::call::Call;
use crate::server::db::stamp;
use crate::server::failure::Failure;
use crate::text::Message;

/// So many reasons are named; the rest are counted.
const MOST_REASONS: usize = 100;

/// The first day of the first month, and the first day after the last.
fn span(asked: &Asked) -> Result<(NaiveDate, NaiveDate), Failure> {
    let first = |month: &str| stored_date(&format!("{month}-01"));
    let span = first(&asked.from).zip(first(&asked.to)).filter(|(from, to)| from <= to);
    span.and_then(|(from, to)| Some((from, to.checked_add_months(Months::new(1))?))).ok_or_else(|| {
        Failure::refused(Message::new(
            "统计月份不正确，请录入起止月份，如2026-01到2026-12，起始月份不晚于截止月份。",
            "The months are not right: type the first and the last one, e.g. 2026-01 to 2026-12.",
        ))
    })
}

/// Midnight in China at the beginning of a day, as stored.
fn midnight(day: NaiveDate) -> String {
    let utc = day.checked_sub_days(Days::new(1)).unwrap_or(day).and_hms_opt(16, 0, 0).unwrap_or_default();
    stamp(utc.and_utc())
}

#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    within: [i64; 3],
    until: [i64; 3],
    entries: [i64; 2],
}

const fn place(side: Side) -> usize {
    match side {
        Side::Exported => 0,
        Side::Exempt => 1,
        Side::Taxed => 2,
    }
}

fn money(cents: i64) -> String {
    plain(Decimal::new(cents, 2))
}

/// The figures asked for.
///
/// # Errors
/// `Refused` for months that are none; `Forbidden` for an enterprise the caller does not act for.
pub async fn stats(call: &Call, asked: &Asked) -> Result<Stats, Failure> {
    let (from, before) = span(asked)?;
    if !asked.operator_code.is_empty() && !call.actor.acts_for(&asked.operator_code) {
        return Err(Failure::Forbidden);
    }
    let operators =
        if asked.operator_code.is_empty() { call.actor.operators() } else { vec![asked.operator_code.as_str()] };
    let db = &call.state.db;
    let (first_day, after) = (show_date(from), show_date(before));
    // At once: each of them reads much.
    let (sums, entries, booked) = tokio::try_join!(
        store::sums(db, &operators, asked.by, (&asked.from, &asked.to)),
        store::entries(db, &operators, asked.by, (&first_day, &after)),
        store::booked(db, &operators, asked.by, &after),
    )?;
    let mut groups: BTreeMap<Group, Figures> = BTreeMap::new();
    for sum in sums {
        let figures = groups.entry(sum.group).or_default();
        figures.within[place(sum.side)] += sum.within;
        figures.until[place(sum.side)] += sum.until;
    }
    for (group, is_import, count) in entries {
        groups.entry(group).or_default().entries[usize::from(is_import)] += count;
    }
    let days = days_abroad(&booked, from)?;
    let mut totals: BTreeMap<String, ([i64; 3], i64)> = BTreeMap::new();
    let mut lines = Vec::new();
    // Months are in their order: what is abroad at the end of one is what was there before and came to it.
    let mut running: BTreeMap<String, i64> = BTreeMap::new();
    for (group, figures) in groups {
        let days = days.get(&group).and_then(|average| average.days()).map(plain).unwrap_or_default();
        let (key, beside, currency) = group;
        let mut abroad = figures.until[0] - figures.until[1];
        if asked.by == By::Month {
            let sum = running.entry(currency.clone()).or_default();
            *sum += abroad;
            abroad = *sum;
        }
        let total = totals.entry(currency.clone()).or_default();
        for (sum, part) in total.0.iter_mut().zip(figures.within) {
            *sum += part;
        }
        total.1 = if asked.by == By::Month { abroad } else { total.1 + abroad };
        let is_silent = figures.within == [0; 3] && figures.entries == [0; 2];
        // A month before those asked for has no line; a book in which nothing moved has one as long as something is abroad.
        if is_silent && (asked.by == By::Month || abroad == 0) {
            continue;
        }
        lines.push(Line {
            days,
            key,
            beside,
            currency,
            exported: money(figures.within[0]),
            exempt: money(figures.within[1]),
            taxed: money(figures.within[2]),
            abroad: money(abroad),
            exports: figures.entries[0],
            imports: figures.entries[1],
        });
    }
    let total = |(currency, (sums, abroad)): (String, ([i64; 3], i64))| {
        let [exported, exempt, taxed] = sums.map(money);
        Total { currency, exported, exempt, taxed, abroad: money(abroad) }
    };
    let span = (midnight(from), midnight(before));
    let (returned, reasons) = reasons(store::returned(db, &operators, (&span.0, &span.1)).await?);
    Ok(Stats {
        lines,
        totals: totals.into_iter().map(total).collect(),
        approved: store::approved(db, &operators, (&span.0, &span.1)).await?,
        returned,
        reasons,
    })
}

/// The days abroad of what came back from a day on, by the group of the entry with which it came.
fn days_abroad(entries: &[Booked], from: NaiveDate) -> Result<BTreeMap<Group, Average>, Failure> {
    let broken = |entry: &Booked| Failure::Internal(format!("an entry of {:?} cannot be read: {entry:?}", entry.book));
    let mut days: BTreeMap<Group, Average> = BTreeMap::new();
    for of_book in entries.chunk_by(|one, other| one.book == other.book) {
        let mut dated = Vec::with_capacity(of_book.len());
        // Entries of one day are of one group.
        let mut groups: BTreeMap<NaiveDate, &Group> = BTreeMap::new();
        for entry in of_book {
            // A registered entry without a day has that of its booking, so there always is one.
            let day = stored_date(&entry.day).ok_or_else(|| broken(entry))?;
            dated.push(Dated {
                day,
                exported: entry.exported.parse().map_err(|_| broken(entry))?,
                exempt: entry.exempt.parse().map_err(|_| broken(entry))?,
            });
            groups.insert(day, &entry.group);
        }
        for stay in stays(&dated).into_iter().filter(|stay| stay.back >= from) {
            if let Some(group) = groups.get(&stay.back) {
                days.entry((*group).clone()).or_default().add(stay);
            }
        }
    }
    Ok(days)
}

/// How many documents were sent back, and why, the most frequent first.
fn reasons(returned: Vec<store::Returned>) -> (i64, Vec<Reason>) {
    let mut counts: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut all = 0;
    for one in returned {
        let note = serde_json::from_str::<Vec<String>>(&one.notes).ok().and_then(|notes| notes.into_iter().next());
        let reason = if one.remark.is_empty() { note.unwrap_or_default() } else { one.remark };
        all += one.count;
        *counts.entry((one.kind, reason)).or_default() += one.count;
    }
    let mut reasons: Vec<Reason> =
        counts.into_iter().map(|((kind, reason), count)| Reason { kind, reason, count }).collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
    reasons.truncate(MOST_REASONS);
    (all, reasons)
}
