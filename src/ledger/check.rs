//! `opbook ledger check`: counts the lines of every book anew and holds the sums against them. Called by the command line
//! and by tests. Reads; repairs nothing.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::due::{self, Kept};
use super::model::{Booking, Deed, Side};
use super::month::{self, Months};
use super::post::count;
use super::store::{Place, Sums, Walked, books_after, sums, walk};
use crate::form::plain;
use crate::server::db::{Db, Engine};
use crate::server::failure::Failure;

/// Lines and books read in one statement.
const AT_ONCE: i64 = 2000;

/// What was looked at, and every difference in a sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    pub books: usize,
    pub lines: usize,
    pub differences: Vec<String>,
}

/// Counts all books anew. Each is read within one transaction, so that a booking meanwhile is seen whole or not at all.
///
/// # Errors
/// When the database fails or a line cannot be read.
pub async fn check(db: &Db) -> Result<Checked, Failure> {
    let mut checked = Checked::default();
    let mut last = (String::new(), String::new());
    loop {
        let books = books_after(db, (&last.0, &last.1), AT_ONCE).await?;
        let Some(end) = books.last() else { return Ok(checked) };
        last = end.clone();
        for (operator, book) in &books {
            check_book(db, operator, book, &mut checked).await?;
        }
    }
}

async fn check_book(db: &Db, operator: &str, book: &str, checked: &mut Checked) -> Result<(), Failure> {
    let mut tx = db.read.begin().await?;
    if db.engine == Engine::Postgres {
        sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(&mut *tx).await?;
    }
    let kept = sums(&mut *tx, operator, book).await?;
    let (kept_months, kept_entries) =
        (month::of_book(&mut *tx, operator, book).await?, due::of_book(&mut *tx, operator, book).await?);
    let (mut counted, mut months, mut entries) = (Sums::new(), Months::new(), Kept::new());
    let mut place = Place::default();
    loop {
        let lines = walk(&mut *tx, operator, book, &place, AT_ONCE).await?;
        checked.lines += lines.len();
        for Walked { place, deed, value_date, at, booking } in &lines {
            count(&mut counted, *deed, booking);
            let day = of_entry(&mut entries, place, (*deed, value_date, at), booking);
            month::count(&mut months, day.get(..7).unwrap_or_default(), *deed, booking)?;
        }
        match lines.into_iter().last() {
            Some(end) => place = end.place,
            None => break,
        }
    }
    tx.rollback().await?;
    checked.books += 1;
    checked.differences.extend(differences(book, &kept, &counted));
    checked.differences.extend(of_months(book, kept_months, months));
    // What was released or reversed has nothing left.
    entries.retain(|_, (_, _, amounts)| amounts.iter().any(|amount| *amount != Decimal::ZERO));
    checked.differences.extend(of_entries(book, &kept_entries, &entries));
    Ok(())
}

/// Counts a line as what its entry has: the latest declaration replaces what came before. The day on which it counts.
fn of_entry(
    entries: &mut Kept,
    place: &Place,
    (deed, value_date, at): (Deed, &str, &str),
    booking: &Booking,
) -> String {
    let kept = entries.entry(place.entry_id.clone()).or_default();
    let amount = match booking.side {
        Side::Exported => &mut kept.2[0],
        Side::Exempt => &mut kept.2[1],
        Side::Taxed => &mut kept.2[2],
    };
    match deed {
        Deed::Reserved => *amount += booking.amount,
        Deed::Booked => kept.0 = true,
        Deed::Released | Deed::Reversed => *amount -= booking.amount,
    }
    match deed {
        Deed::Reserved => value_date.clone_into(&mut kept.1),
        Deed::Booked if value_date.is_empty() => kept.1 = due::day_of(at),
        Deed::Booked => value_date.clone_into(&mut kept.1),
        Deed::Released => {}
        Deed::Reversed => kept.0 = false,
    }
    kept.1.clone()
}

/// Where the months are not those of the lines.
fn of_months(book: &str, mut kept: Months, mut counted: Months) -> Vec<String> {
    for months in [&mut kept, &mut counted] {
        months.retain(|_, sums| *sums != (0, 0));
    }
    let keys: BTreeSet<_> = kept.keys().chain(counted.keys()).cloned().collect();
    let differs = keys.into_iter().filter(|key| kept.get(key) != counted.get(key));
    differs
        .map(|key| {
            let of = |months: &Months| {
                let (cents, lines) = months.get(&key).copied().unwrap_or_default();
                format!("{}（{lines}行）", plain(Decimal::new(cents, 2)))
            };
            let (has, should) = (of(&kept), of(&counted));
            format!("账册{book} {} {} {}月统计：为{has}，按明细重算为{should}", key.1.label().zh, key.2, key.0)
        })
        .collect()
}

/// Where what is kept of an entry is not what its lines say.
fn of_entries(book: &str, kept: &Kept, counted: &Kept) -> Vec<String> {
    let keys: BTreeSet<_> = kept.keys().chain(counted.keys()).collect();
    let differs = keys.into_iter().filter(|id| kept.get(*id) != counted.get(*id));
    differs
        .map(|id| {
            let of = |entries: &Kept| {
                entries.get(id).map_or_else(
                    || "没有".to_owned(),
                    |(booked, day, amounts)| {
                        let state = if *booked { "已核注" } else { "在途" };
                        format!("{state} {day} {}", amounts.map(plain).join("/"))
                    },
                )
            };
            format!("账册{book} 报关单数据{id}：为{}，按明细重算为{}", of(kept), of(counted))
        })
        .collect()
}

/// Where the sums are not those of the lines, and where a book has more exempt than exported.
fn differences(book: &str, kept: &Sums, counted: &Sums) -> Vec<String> {
    let mut found = Vec::new();
    let mut keys: Vec<(Side, i64)> = kept.keys().chain(counted.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let figure = |sums: &Sums| sums.get(&key).map(|sum| sum.figure).unwrap_or_default();
        let (has, should) = (figure(kept), figure(counted));
        let lines = |sums: &Sums| Decimal::from(sums.get(&key).map_or(0, |sum| sum.lines));
        let pairs = [
            ("明细行数", lines(kept), lines(counted)),
            ("在途数量", has.reserved_qty, should.reserved_qty),
            ("在途金额", has.reserved, should.reserved),
            ("已核注数量", has.booked_qty, should.booked_qty),
            ("已核注金额", has.booked, should.booked),
        ];
        for (label, has, should) in pairs.into_iter().filter(|(_, has, should)| has != should) {
            let (side, seq) = (key.0.label().zh, key.1);
            let (has, should) = (plain(has), plain(should));
            found.push(format!("账册{book} {side} 商品序号{seq} {label}：合计为{has}，按明细重算为{should}"));
        }
        if [should.reserved_qty, should.reserved, should.booked_qty, should.booked]
            .iter()
            .any(|one| *one < Decimal::ZERO)
        {
            found.push(format!("账册{book} {} 商品序号{}：明细合计为负数", key.0.label().zh, key.1));
        }
    }
    let total = |wanted: Side, of: fn(&crate::document::under_book::Figure) -> Decimal| -> Decimal {
        counted.iter().filter(|((side, _), _)| *side == wanted).map(|(_, sum)| of(&sum.figure)).sum()
    };
    let (exported, exempt) =
        (total(Side::Exported, |figure| figure.booked), total(Side::Exempt, |figure| figure.amount()));
    if exempt > exported {
        found.push(format!("账册{book}：全免金额{}（含在途）大于已出口金额{}", plain(exempt), plain(exported)));
    }
    found
}
