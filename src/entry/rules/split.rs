//! The two lines of a re-import (manual lines 719–727): of every row that is typed, one item with the value of the goods
//! that were sent out, exempt, and one with what was paid abroad, taxed. Pure: the same in the browser, on paper and in the
//! message. All amounts are in the currency of the entry, to the cent.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::document::{Mark, Row};
use crate::entry::model::{BY_QUANTITY, BY_WEIGHT};
use crate::form::{Values, amount, half_even};

/// Quantity of the taxed item, whatever came back.
pub const TAXED_QTY: Decimal = Decimal::from_parts(1, 0, 0, false, 1);
/// Decimals of an amount, and of a unit price.
const CENTS: u32 = 2;
const PRICE: u32 = 4;

/// Costs given once for the entry, and the field of the row each belongs to.
pub const SHARED: [(&str, &str); 4] = [
    ("shared_processing", "fee_processing"),
    ("shared_material", "fee_material"),
    ("shared_freight", "fee_freight"),
    ("shared_insurance", "fee_insurance"),
];

/// What the two items of one row amount to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// 全免: the original value.
    pub exempt: Decimal,
    /// 照章征税: as it is declared.
    pub taxed: Decimal,
    /// The fees of the row and its part of the shared costs.
    pub worked_out: Decimal,
}

impl Split {
    /// By how much a person's correction departs from what was worked out.
    pub fn departure(&self) -> Decimal {
        self.taxed - self.worked_out
    }
}

/// Shares an amount out by weights, to the cent: every part is rounded down, and the cents left over go to the parts that
/// lost most by that, so that the parts add up to the amount. Without any weight all parts are equal.
pub fn share_out(total: Decimal, weights: &[Decimal]) -> Vec<Decimal> {
    let equal = vec![Decimal::ONE; weights.len()];
    let sum: Decimal = weights.iter().copied().sum();
    let (weights, sum) = if sum.is_zero() { (&equal[..], Decimal::from(equal.len())) } else { (weights, sum) };
    let exact: Vec<Decimal> = weights.iter().map(|weight| total * (*weight / sum)).collect();
    let down = |part: &Decimal| part.round_dp_with_strategy(CENTS, RoundingStrategy::ToZero);
    let mut parts: Vec<Decimal> = exact.iter().map(down).collect();
    let cent = Decimal::new(1, CENTS);
    let mut left = total - parts.iter().copied().sum::<Decimal>();
    // At most fifty rows, so looking for the greatest loss anew costs less than sorting.
    while left >= cent {
        let loss = |at: usize| exact[at] - parts[at];
        // Of equal losses the first row wins: the same rows are always shared the same.
        let Some(at) = (0..parts.len()).reduce(|best, at| if loss(at) > loss(best) { at } else { best }) else { break };
        parts[at] += cent;
        left -= cent;
    }
    parts
}

/// What costs are shared by.
fn weight(head: &Values, row: &Values) -> Decimal {
    amount(row.get(match head.get("share_by") {
        BY_QUANTITY => "qty",
        BY_WEIGHT => "net_wt",
        _ => "original_value",
    }))
}

/// Splits every row that is in force, in the order of the rows.
pub fn split(head: &Values, rows: &[Row<Values>]) -> Vec<Split> {
    let rows: Vec<&Values> = in_force(rows).map(|row| &row.content).collect();
    let weights: Vec<Decimal> = rows.iter().map(|row| weight(head, row)).collect();
    let mut splits: Vec<Split> =
        rows.iter().map(|row| Split { exempt: amount(row.get("original_value")), ..Split::default() }).collect();
    for (shared, own) in SHARED {
        let parts = share_out(amount(head.get(shared)), &weights);
        for ((split, row), part) in splits.iter_mut().zip(&rows).zip(parts) {
            split.worked_out += amount(row.get(own)) + part;
        }
    }
    for (split, row) in splits.iter_mut().zip(&rows) {
        let corrected = row.get("taxed_total");
        // Registered and imported rows know the total alone.
        let knows_fees = !split.worked_out.is_zero();
        split.taxed = if corrected.is_empty() { split.worked_out } else { amount(corrected) };
        if !knows_fees {
            split.worked_out = split.taxed;
        }
    }
    splits
}

/// Rows that are not marked as deleted.
pub fn in_force(rows: &[Row<Values>]) -> impl Iterator<Item = &Row<Values>> {
    rows.iter().filter(|row| row.mark != Mark::Deleted)
}

/// Total ÷ quantity as the platform takes it; 0 without a quantity.
pub fn unit_price(total: Decimal, qty: Decimal) -> Decimal {
    total.checked_div(qty).map(|price| half_even(price, PRICE)).unwrap_or_default()
}

/// An amount of the entry in the currency of the book, to the cent; `rate` empty: the currencies are the same.
pub fn in_book_currency(value: Decimal, rate: &str) -> Decimal {
    if rate.is_empty() {
        value
    } else {
        value.checked_mul(amount(rate)).map(|value| half_even(value, CENTS)).unwrap_or(Decimal::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::entry::model::{IMPORT_HEAD, IMPORT_ITEM};
    use crate::form::plain;

    fn cents(value: i64) -> Decimal {
        Decimal::new(value, 2)
    }

    fn row(seq: i64, values: &[(&str, String)]) -> Row<Values> {
        let mut content = Values::new(IMPORT_ITEM);
        values.iter().for_each(|(key, value)| content.set(key, value.as_str()));
        Row { id: Uuid::from_u128(seq.unsigned_abs().into()), seq, version: 1, mark: Mark::Same, content }
    }

    #[test]
    fn a_hundred_by_one_to_two_is_shared_to_the_cent() {
        let parts = share_out(cents(10_000), &[Decimal::ONE, Decimal::TWO]);
        assert_eq!(parts, [cents(3333), cents(6667)]);
        assert_eq!(share_out(cents(100), &[Decimal::ZERO; 3]), [cents(34), cents(33), cents(33)]);
        assert!(share_out(cents(100), &[]).is_empty());
    }

    #[test]
    fn a_correction_says_by_how_much_it_departs() {
        let head = Values::new(IMPORT_HEAD);
        let fees = |taxed: &str| {
            [
                ("original_value", "100".to_owned()),
                ("fee_processing", "10".to_owned()),
                ("taxed_total", taxed.to_owned()),
            ]
        };
        let splits = split(&head, &[row(1, &fees("")), row(2, &fees("12.5")), row(3, &fees("9"))]);
        let told: Vec<String> = splits.iter().map(|one| plain(one.departure())).collect();
        assert_eq!(told, ["0", "2.5", "-1"]);
        // A registered row knows the total alone: nothing to depart from.
        let known = split(&head, &[row(1, &[("original_value", "100".into()), ("taxed_total", "7".into())])]);
        assert_eq!((known[0].taxed, known[0].departure()), (Decimal::from(7), Decimal::ZERO));
    }

    proptest! {
        /// A cent lost or made by sharing would be declared to customs as value that is not there.
        #[test]
        fn parts_add_up_and_none_is_negative(total in 0i64..10_000_000_000, weights in prop::collection::vec(0i64..1_000_000, 1..50)) {
            let weights: Vec<Decimal> = weights.into_iter().map(|weight| Decimal::new(weight, 3)).collect();
            let parts = share_out(cents(total), &weights);
            prop_assert_eq!(parts.iter().copied().sum::<Decimal>(), cents(total));
            prop_assert!(parts.iter().all(|part| !part.is_sign_negative() && part.scale() <= 2));
            // Nobody gets a cent more than the next one up, or less than the next one down.
            let sum: Decimal = weights.iter().copied().sum();
            if !sum.is_zero() {
                for (part, weight) in parts.iter().zip(&weights) {
                    prop_assert!((*part - cents(total) * (*weight / sum)).abs() <= cents(1));
                }
            }
        }

        /// What is declared is what was paid, however the rows stand and whatever the costs are shared by.
        #[test]
        fn the_two_items_hold_all_that_was_given(
            rows in prop::collection::vec((0i64..100_000_000, 0i64..1_000_000, 1i64..100_000, 0i64..100_000), 1..25),
            shared in prop::array::uniform4(0i64..100_000_000),
            by in 1u8..=3,
        ) {
            let mut head = Values::new(IMPORT_HEAD);
            head.set("share_by", by.to_string());
            for ((key, _), value) in SHARED.iter().zip(shared) {
                head.set(key, plain(cents(value)));
            }
            let lines: Vec<Row<Values>> = rows.iter().zip(1..).map(|((value, fee, qty, weight), seq)| row(seq, &[
                ("original_value", plain(cents(*value))), ("fee_processing", plain(cents(*fee))),
                ("qty", qty.to_string()), ("net_wt", plain(Decimal::new(*weight, 3))),
            ])).collect();
            let splits = split(&head, &lines);
            let fees: i64 = rows.iter().map(|(_, fee, ..)| fee).sum::<i64>() + shared.iter().sum::<i64>();
            prop_assert_eq!(splits.iter().map(|one| one.taxed).sum::<Decimal>(), cents(fees));
            prop_assert_eq!(splits.iter().map(|one| one.exempt).sum::<Decimal>(), cents(rows.iter().map(|(value, ..)| value).sum()));
            prop_assert!(splits.iter().all(|one| !one.taxed.is_sign_negative() && one.departure().is_zero()));
            // The unit price of the taxed item is exact: 0.1 of it is the total again.
            prop_assert!(splits.iter().all(|one| unit_price(one.taxed, TAXED_QTY) * TAXED_QTY == one.taxed));
            let mut other = lines.clone();
            other.reverse();
            let backwards = split(&head, &other);
            prop_assert_eq!(backwards.iter().map(|one| one.taxed).sum::<Decimal>(), cents(fees));
        }
    }
}
