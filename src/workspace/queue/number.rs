//! Numbers of operations: each later than the last one of this page, and no two the same on one document, whoever makes them.
//! Used by `queue` and by whoever sends a save.

use std::cell::Cell;

use chrono::Utc;
use uuid::Uuid;

/// Bits that chance gives: two pages that save one document in the same millisecond still differ.
const CHANCE: u32 = 22;

thread_local! {
    static LAST: Cell<i64> = const { Cell::new(0) };
}

/// The next number. Grows also while the clock of the computer is set back.
pub fn next() -> i64 {
    let now = Utc::now().timestamp_millis();
    let number = after(LAST.get(), now, Uuid::now_v7().as_u128());
    LAST.set(number);
    number
}

/// A number that is kept: those to come are later, also where the clock was set back since.
pub(super) fn seen(number: i64) {
    LAST.set(LAST.get().max(number));
}

fn after(last: i64, now: i64, chance: u128) -> i64 {
    let chance = i64::try_from(chance & ((1 << CHANCE) - 1)).unwrap_or_default();
    ((now << CHANCE) | chance).max(last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_grow_whatever_the_clock_does() {
        // Sent in another order, the older text of a row would be the one that stays.
        let now = 1_796_000_000_000;
        let first = after(0, now, 5);
        assert!(first > 0 && after(first, now, 4) > first && after(first, now - 86_400_000, 0) == first + 1);
        assert_ne!(after(0, now, 1), after(0, now, 2), "two pages in one millisecond");
        assert!(after(0, 2_190_000_000_000, u128::MAX) > 0, "until the year 2039");
    }
}
