//! `opbook ledger check`: counts the lines of every book anew and holds the sums against them. Called by the command line
//! and by tests. Reads; repairs nothing.

use rust_decimal::Decimal;

use super::model::Side;
use super::post::count;
use super::store::{Place, Sums, books_after, sums, walk};
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
    let mut counted = Sums::new();
    let mut place = Place::default();
    loop {
        let lines = walk(&mut *tx, operator, book, &place, AT_ONCE).await?;
        checked.lines += lines.len();
        for (_, deed, booking) in &lines {
            count(&mut counted, *deed, booking);
        }
        match lines.into_iter().last() {
            Some((end, ..)) => place = end,
            None => break,
        }
    }
    tx.rollback().await?;
    checked.books += 1;
    checked.differences.extend(differences(book, &kept, &counted));
    Ok(())
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
