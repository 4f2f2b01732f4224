//! The rule that decides whether a re-import may be declared (manual lines 731–732): what came back exempt, booked and under
//! way, is never more than what was exported and booked. Pure; the page shows it while somebody types, the server asks it
//! under the book's lock.

use rust_decimal::Decimal;

use super::model::{Booking, Side};
use crate::document::under_book::{BookGoods, Figure, UnderBook};
use crate::form::{Finding, Severity, plain};
use crate::goods::source_seqs;

/// The three figures of a refusal, in the currency of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// Booked exports.
    pub exported: Decimal,
    /// Exempt, booked and under way.
    pub used: Decimal,
    /// Exempt of the entry in question.
    pub asked: Decimal,
}

impl Excess {
    fn of(exported: Figure, exempt: Figure, asked: Decimal) -> Option<Self> {
        let over = Self { exported: exported.booked, used: exempt.amount(), asked };
        // An entry that asks for nothing cannot be at fault.
        (!asked.is_zero() && over.used + over.asked > over.exported).then_some(over)
    }

    fn told(&self, currency: &str) -> (String, String) {
        let [exported, used, asked] = [self.exported, self.used, self.asked].map(plain);
        let left = plain((self.exported - self.used).max(Decimal::ZERO));
        (
            format!(
                "已核注出口金额{exported}，已用全免金额{used}（含在途），本次全免金额{asked}，尚可用{left}（{currency}）"
            ),
            format!(
                "exported {exported}, exempt so far {used} (with what is under way), this entry {asked}, left {left} ({currency})"
            ),
        )
    }
}

/// The exempt amounts of these bookings for goods that `is_member`.
fn asked(bookings: &[Booking], is_member: impl Fn(i64) -> bool) -> Decimal {
    let exempt = bookings.iter().filter(|one| one.side == Side::Exempt && is_member(one.goods_seq));
    exempt.map(|one| one.amount).sum()
}

/// True when the bookings would take the exempt amount of the book over what was exported.
pub fn over(book: &UnderBook, bookings: &[Booking]) -> Option<Excess> {
    let total = book.total();
    Excess::of(total.exported, total.exempt, asked(bookings, |_| true))
}

/// The same for goods that say which exports they were made of (对应出口商品序号): all goods made of no other exports than
/// these are counted together.
pub fn over_of_goods(book: &UnderBook, bookings: &[Booking]) -> Vec<(i64, Excess)> {
    let sources: Vec<(&BookGoods, Vec<i64>)> = book
        .reimports
        .iter()
        .filter_map(|goods| Some((goods, source_seqs(goods.get("source_export_seqs"))?)))
        .collect();
    let touched = |seq: i64| bookings.iter().any(|one| one.side == Side::Exempt && one.goods_seq == seq);
    let concerned = sources.iter().filter(|(goods, _)| touched(goods.seq));
    let over = concerned.filter_map(|(goods, of)| {
        let is_within = |other: &[i64]| other.iter().all(|one| of.contains(one));
        let members: Vec<i64> =
            sources.iter().filter(|(_, other)| is_within(other)).map(|(member, _)| member.seq).collect();
        let (mut exported, mut exempt) = (Figure::default(), Figure::default());
        book.exports.iter().filter(|one| of.contains(&one.seq)).for_each(|one| exported += one.balance.exported);
        book.reimports.iter().filter(|one| members.contains(&one.seq)).for_each(|one| exempt += one.balance.exempt);
        let over = Excess::of(exported, exempt, asked(bookings, |seq| members.contains(&seq)))?;
        Some((goods.seq, over))
    });
    over.collect()
}

/// What keeps these bookings from being declared, in the words of the manual with the three figures. `at`: the pointer.
pub fn check(book: &UnderBook, bookings: &[Booking], at: &str) -> Vec<Finding> {
    let whole = over(book, bookings).map(|over| {
        let (zh, en) = over.told(&book.currency);
        Finding::new(
            "ledger.over",
            at,
            Severity::Declare,
            format!("全免金额不得超过已出口报关单金额：{zh}。请核对原出口货物价值，或先完成出口报关单的核注"),
            format!("The exempt amount must not be more than what was exported: {en}"),
        )
    });
    let of_goods = over_of_goods(book, bookings).into_iter().map(|(seq, over)| {
        let (zh, en) = over.told(&book.currency);
        Finding::new(
            "ledger.over_goods",
            at,
            Severity::Declare,
            format!("复进口商品序号{seq}：全免金额不得超过其对应出口商品的已出口金额：{zh}"),
            format!("Re-import goods {seq}: more exempt than was exported of what they are made of: {en}"),
        )
    });
    whole.into_iter().chain(of_goods).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::under_book::Balance;

    fn figure(reserved: i64, booked: i64) -> Figure {
        Figure { reserved: reserved.into(), booked: booked.into(), ..Figure::default() }
    }

    fn goods(seq: i64, made_of: &str, balance: Balance) -> BookGoods {
        let content = [("source_export_seqs".to_owned(), made_of.to_owned())].into();
        BookGoods { seq, content, balance, entry: String::new() }
    }

    fn exempt(goods_seq: i64, amount: i64) -> Booking {
        let amount = Decimal::from(amount);
        Booking {
            item: 1,
            side: Side::Exempt,
            goods_seq,
            hs_code: String::new(),
            qty: Decimal::ONE,
            own_amount: amount,
            amount,
        }
    }

    fn book() -> UnderBook {
        let sent = |amount: i64| Balance { exported: figure(500, amount), ..Balance::default() };
        let back = |reserved, booked| Balance { exempt: figure(reserved, booked), ..Balance::default() };
        UnderBook {
            currency: "USD".into(),
            exports: vec![goods(1, "", sent(100)), goods(2, "", sent(50))],
            reimports: vec![goods(1, "1", back(20, 30)), goods(2, "1,2", back(0, 0)), goods(3, "", back(0, 0))],
            ..UnderBook::default()
        }
    }

    #[test]
    fn what_is_under_way_counts_on_the_exempt_side_only() {
        // 150 exported and booked, 50 used: 100 are left. What is exported but not booked yet does not count.
        assert_eq!(over(&book(), &[exempt(3, 100)]), None);
        let told = over(&book(), &[exempt(3, 60), exempt(3, 41)]).unwrap();
        assert_eq!((told.exported, told.used, told.asked), (150.into(), 50.into(), 101.into()));
        let message = &check(&book(), &[exempt(3, 101)], "items.original_value")[0].message.zh;
        for figure in ["全免金额不得超过已出口报关单金额", "150", "50", "101", "尚可用100"] {
            assert!(message.contains(figure), "{message}");
        }
    }

    #[test]
    fn goods_that_name_their_exports_are_held_to_those() {
        // Goods 1 are made of exports 1 (100, of which 50 are used).
        assert!(over_of_goods(&book(), &[exempt(1, 50)]).is_empty());
        let over = over_of_goods(&book(), &[exempt(1, 51)]);
        assert_eq!(over.len(), 1);
        assert_eq!((over[0].0, over[0].1.exported, over[0].1.used), (1, 100.into(), 50.into()));
        // Goods 2 are made of both: all 150 count, and so does what goods 1 used.
        assert!(over_of_goods(&book(), &[exempt(2, 100)]).is_empty());
        assert_eq!(over_of_goods(&book(), &[exempt(2, 101)]).len(), 1);
        assert!(over_of_goods(&book(), &[exempt(3, 1000)]).is_empty(), "they name none");
    }
}
