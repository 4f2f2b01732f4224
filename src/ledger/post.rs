//! Writing into the ledger: one deed of one declaration, its lines and the sums beside them. The caller holds the lock of
//! the account book until its transaction ends, so that sums and limit are looked at one after the other.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::model::{Booking, Deed, Side};
use super::store::{self, Entry, Sum, Sums};
use super::{due, month};
use crate::document::under_book::{Balance, UnderBook};
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;

/// Reserves what a declaration books.
///
/// # Errors
/// `Internal` when this declaration has lines already.
pub async fn reserve(db: &Db, tx: &mut Tx, entry: &Entry<'_>, at: &str, bookings: &[Booking]) -> Result<(), Failure> {
    post(db, tx, entry, Deed::Reserved, at, Some(bookings)).await
}

/// Goes on with what a declaration reserved or booked: book, release, reverse.
///
/// # Errors
/// `Internal` when that cannot follow what was done before: nothing is booked twice.
pub async fn follow(db: &Db, tx: &mut Tx, entry: &Entry<'_>, deed: Deed, at: &str) -> Result<(), Failure> {
    post(db, tx, entry, deed, at, None).await
}

async fn post(
    db: &Db,
    tx: &mut Tx,
    entry: &Entry<'_>,
    deed: Deed,
    at: &str,
    bookings: Option<&[Booking]>,
) -> Result<(), Failure> {
    let last = store::last_turn(tx, entry).await?;
    if !deed.follows(last.map(|(_, deed)| deed)) {
        let (entry, round) = (entry.entry_id, entry.round);
        return Err(Failure::Internal(format!("ledger: {deed:?} of {entry} round {round} cannot follow {last:?}")));
    }
    let turn = last.map_or(0, |(turn, _)| turn);
    let known;
    let bookings = match bookings {
        Some(bookings) => bookings,
        None => {
            known = store::of_turn(tx, entry, turn).await?;
            &known
        }
    };
    store::add(db, tx, entry, (turn + 1, deed), at, bookings).await?;
    let day = due::note(tx, entry, deed, at, bookings).await?;
    month::note(db, tx, entry, (deed, &day), bookings).await?;
    let goods: Vec<i64> = bookings.iter().map(|one| one.goods_seq).collect::<BTreeSet<_>>().into_iter().collect();
    let mut sums = store::sums_of(db, tx, entry, &goods).await?;
    sums.retain(|(side, seq), _| bookings.iter().any(|one| (one.side, one.goods_seq) == (*side, *seq)));
    for booking in bookings {
        count(&mut sums, deed, booking);
    }
    store::put_sums(db, tx, entry, &sums).await?;
    Ok(())
}

/// Adds what a deed does to the sums.
pub fn count(sums: &mut Sums, deed: Deed, booking: &Booking) {
    let sum = sums.entry((booking.side, booking.goods_seq)).or_default();
    sum.lines += 1;
    let figure = &mut sum.figure;
    let (reserved, booked) = deed.effect();
    let (reserved, booked) = (Decimal::from(reserved), Decimal::from(booked));
    figure.reserved_qty += reserved * booking.qty;
    figure.reserved += reserved * booking.amount;
    figure.booked_qty += booked * booking.qty;
    figure.booked += booked * booking.amount;
}

/// Puts the sums of the ledger into a book: on the goods in force, the rest beside them.
pub fn fill(book: &mut UnderBook, sums: &Sums) {
    book.others = Balance::default();
    for goods in book.exports.iter_mut().chain(&mut book.reimports) {
        goods.balance = Balance::default();
        goods.entry = String::new();
    }
    for ((side, seq), Sum { figure, entry, .. }) in sums {
        let list = if *side == Side::Exported { &mut book.exports } else { &mut book.reimports };
        // The goods of a book are in the order of their numbers.
        let place = list.binary_search_by_key(seq, |goods| goods.seq).ok();
        let balance = match place.and_then(|place| list.get_mut(place)) {
            Some(goods) => {
                // Of both sides of what came back, the latest number will do: each names an entry of the goods.
                goods.entry.clone_from(entry);
                &mut goods.balance
            }
            None => &mut book.others,
        };
        *(match side {
            Side::Exported => &mut balance.exported,
            Side::Exempt => &mut balance.exempt,
            Side::Taxed => &mut balance.taxed,
        }) += *figure;
    }
}
