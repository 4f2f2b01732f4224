//! How the figures of 统计 are made of what is kept with the ledger. Pure; the days abroad and the chart.
//! Used by the service and by the screen; read nothing.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::model::Line;

/// An entry as far as its days are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    pub day: NaiveDate,
    /// What went out, and what came back exempt.
    pub exported: Decimal,
    pub exempt: Decimal,
}

/// A part of what came back in an entry: when, how long it had been abroad, and how much it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    pub back: NaiveDate,
    pub days: i64,
    pub amount: Decimal,
}

/// How long everything that came back had been abroad. What went out first is taken to have come back first. `entries` of one
/// book, in the order of their days.
pub fn stays(entries: &[Dated]) -> Vec<Stay> {
    let mut out =
        entries.iter().filter(|entry| entry.exported > Decimal::ZERO).map(|entry| (entry.day, entry.exported));
    let mut oldest = out.next();
    let mut stays = Vec::new();
    for back in entries.iter().filter(|entry| entry.exempt > Decimal::ZERO) {
        let mut left = back.exempt;
        while left > Decimal::ZERO
            && let Some((day, stock)) = oldest
        {
            let amount = left.min(stock);
            // An entry may be let pass after goods of it came back: that is no time at all.
            let days = (back.day - day).num_days().max(0);
            stays.push(Stay { back: back.day, days, amount });
            left -= amount;
            oldest = if stock > amount { Some((day, stock - amount)) } else { out.next() };
        }
    }
    stays
}

/// The days abroad of many stays, weighted by amount.
#[derive(Clone, Copy, Debug)]
pub struct Average {
    /// Days times amount, and amount; `None` once they were too large to be added.
    sums: Option<(Decimal, Decimal)>,
}

impl Default for Average {
    fn default() -> Self {
        Self { sums: Some((Decimal::ZERO, Decimal::ZERO)) }
    }
}

impl Average {
    pub fn add(&mut self, stay: Stay) {
        self.sums = self.sums.and_then(|(weighted, amount)| {
            let weighted = weighted.checked_add(stay.amount.checked_mul(stay.days.into())?)?;
            Some((weighted, amount.checked_add(stay.amount)?))
        });
    }

    /// With one decimal; `None` when nothing came back.
    pub fn days(self) -> Option<Decimal> {
        let (weighted, amount) = self.sums?;
        weighted.checked_div(amount).map(|days| days.round_dp(1).normalize())
    }
}

/// One group of the chart: a name, and how long the bars of exported and exempt are, in per cent of the longest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    pub name: String,
    pub exported: Decimal,
    pub exempt: Decimal,
}

/// The bars of the lines with the largest amounts, in the order of the list, and the currency they are of: amounts of different
/// currencies cannot stand side by side.
pub fn chart(lines: &[Line], most: usize) -> (String, Vec<Bar>) {
    let amount = |text: &str| text.parse::<Decimal>().unwrap_or_default().max(Decimal::ZERO);
    let size = |line: &Line| amount(&line.exported).max(amount(&line.exempt));
    let Some(largest) = lines.iter().max_by_key(|line| size(line)) else { return Default::default() };
    let (currency, longest) = (largest.currency.clone(), size(largest));
    let mut chosen: Vec<(usize, &Line)> =
        lines.iter().enumerate().filter(|(_, line)| line.currency == currency && size(line) > Decimal::ZERO).collect();
    chosen.sort_by_key(|(_, line)| std::cmp::Reverse(size(line)));
    chosen.truncate(most);
    chosen.sort_by_key(|(place, _)| *place);
    let percent =
        |text: &str| (amount(text) * Decimal::ONE_HUNDRED).checked_div(longest).unwrap_or_default().round_dp(1);
    let bar = |(_, line): (usize, &Line)| Bar {
        name: line.key.clone(),
        exported: percent(&line.exported),
        exempt: percent(&line.exempt),
    };
    (currency, chosen.into_iter().map(bar).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(day: &str, exported: i64, exempt: i64) -> Dated {
        Dated { day: day.parse().unwrap(), exported: exported.into(), exempt: exempt.into() }
    }

    fn days(entries: &[Dated], from: &str) -> Option<String> {
        let (from, mut average) = (from.parse().unwrap(), Average::default());
        stays(entries).into_iter().filter(|stay| stay.back >= from).for_each(|stay| average.add(stay));
        average.days().map(|days| days.to_string())
    }

    #[test]
    fn what_went_out_first_came_back_first() {
        let entries = [entry("2026-01-01", 100, 0), entry("2026-02-01", 100, 0), entry("2026-03-02", 0, 150)];
        // 100 for 60 days and 50 for 29.
        assert_eq!(days(&entries, "2026-01-01"), Some("49.7".into()));
        let later = [entries.as_slice(), &[entry("2026-04-02", 0, 50)]].concat();
        assert_eq!(days(&later, "2026-04-01"), Some("60".into()), "only what came back in the months asked for");
        assert_eq!(days(&entries[..2], "2026-01-01"), None);
        assert_eq!(days(&[], "2026-01-01"), None);
        // More came back than went out, and before it went out: no figure of days is made of that.
        let odd = [entry("2026-01-01", 0, 10), entry("2026-01-05", 5, 0)];
        assert_eq!(days(&odd, "2026-01-01"), Some("0".into()));
    }

    #[test]
    fn the_chart_shows_the_largest_of_one_currency() {
        let line = |key: &str, currency: &str, exported: &str, exempt: &str| Line {
            key: key.into(),
            currency: currency.into(),
            exported: exported.into(),
            exempt: exempt.into(),
            ..Line::default()
        };
        let lines = [
            line("a", "USD", "50", "10"),
            line("b", "JPY", "70", "0"),
            line("c", "USD", "200", "100"),
            line("d", "USD", "0", "0"),
            line("e", "USD", "100", "0"),
        ];
        let (currency, bars) = chart(&lines, 2);
        assert_eq!(currency, "USD");
        let told: Vec<String> =
            bars.iter().map(|bar| format!("{} {} {}", bar.name, bar.exported, bar.exempt)).collect();
        assert_eq!(told, ["c 100 50", "e 50 0"]);
        assert_eq!(chart(&[], 5), (String::new(), Vec::new()));
    }
}
