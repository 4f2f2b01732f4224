//! Reading and writing decimals as people type them. Used by the checks of fields and by the rules that reckon.
//! No floats anywhere, and no rounding that is not asked for.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::text::half_width;

/// Limits of a decimal field.
#[derive(Clone, Copy, Debug)]
pub struct Digits {
    pub int: u32,
    pub frac: u32,
}

/// Plain spelling of a number: no trailing zeros, no exponent.
pub fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

/// An amount for the eye: `1234567.5` as `1,234,567.5`. What is no plain number stays as it is.
pub fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    if whole.is_empty() || !whole.bytes().chain(fraction.unwrap_or_default().bytes()).all(|one| one.is_ascii_digit()) {
        return text.to_owned();
    }
    let first = whole.len() % 3;
    let mut groups: Vec<&str> = Vec::new();
    groups.extend((first > 0).then(|| &whole[..first]));
    groups.extend((first..whole.len()).step_by(3).map(|at| &whole[at..at + 3]));
    let point = if fraction.is_some() { "." } else { "" };
    format!("{sign}{}{point}{}", groups.join(","), fraction.unwrap_or_default())
}

/// An amount that was checked before; nothing typed counts as zero.
pub fn amount(text: &str) -> Decimal {
    parse_decimal(text, Digits { int: 20, frac: 9 }).unwrap_or_default()
}

/// Rounds as the official screens do (四舍六入五成双).
pub fn half_even(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven)
}

/// Reads a number however people and programs write it: full-width signs, the full stop of a Chinese keyboard, thousands
/// kept apart by commas or any kind of blank, a sign of Chinese money or a plus in front, no digit before or behind the
/// point, a power of ten. The one reader for forms, cells, pasted text, files and requests; `number/cases.txt` has a
/// line for each way. `None` for everything else, and where a comma stands elsewhere: 1,5 is one and a half in some
/// countries, and as fifteen it would be a wrong declaration.
pub fn read_number(text: &str) -> Option<Decimal> {
    let pointed: String = text
        .trim()
        .chars()
        .map(|letter| match half_width(letter) {
            '。' | '｡' => '.',
            '￥' => '¥',
            letter if letter.is_whitespace() => ' ',
            letter => letter,
        })
        .collect();
    let bare = pointed.trim_start_matches(['¥', ' ']);
    let bare = bare.strip_prefix('+').unwrap_or(bare);
    let (front, power) = match bare.split_once(['e', 'E']) {
        Some((front, power)) => (front, power_of_ten(power)?),
        None => (bare, 0),
    };
    let (int, frac) = front.split_once('.').unwrap_or((front, ""));
    let groups: Vec<&str> = int.split([',', ' ']).collect();
    let apart = (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
    let int = groups.concat();
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (groups.len() > 1 && (!apart || power != 0))
        || (int.is_empty() && frac.is_empty())
        || !all_digits(&int)
        || !all_digits(frac)
    {
        return None;
    }
    let number: Decimal = format!("0{int}.{frac}0").parse().ok()?;
    if power == 0 {
        return Some(number);
    }
    Decimal::from_scientific(&format!("{}e{power}", plain(number))).ok()
}

/// The power behind an `e`; more than a number can have is none.
fn power_of_ten(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_power = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|power| is_power && (-28..=28).contains(power))
}

/// Parses a normalised decimal: digits and at most one point, no sign, no exponent,
/// within the limits. `None` when it is anything else.
pub fn parse_decimal(text: &str, digits: Digits) -> Option<Decimal> {
    let (int, frac) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let int_len = int.trim_start_matches('0').len();
    if int.is_empty()
        || (text.contains('.') && frac.is_empty())
        || !all_digits(int)
        || !all_digits(frac)
        || int_len > digits.int as usize
        || frac.len() > digits.frac as usize
    {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QTY: Digits = Digits { int: 13, frac: 5 };

    #[test]
    fn an_amount_is_read_in_groups_of_three() {
        for (text, shown) in [
            ("", ""),
            ("7", "7"),
            ("123", "123"),
            ("1234", "1,234"),
            ("1234567.50", "1,234,567.50"),
            ("-12500.5", "-12,500.5"),
            ("12,5", "12,5"),
            ("许多", "许多"),
        ] {
            assert_eq!(grouped(text), shown);
        }
    }

    #[test]
    fn limits_of_the_official_screen() {
        // 13 + 5 digits is the largest quantity customs takes; one more digit must be refused,
        // or the message would be refused later and the user would not know why.
        assert!(parse_decimal("1234567890123.12345", QTY).is_some());
        assert!(parse_decimal("12345678901234", QTY).is_none());
        assert!(parse_decimal("1.123456", QTY).is_none());
        for bad in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,000", "１", "abc", "1.2.3"] {
            assert!(parse_decimal(bad, QTY).is_none(), "{bad} must be refused");
        }
        assert_eq!(parse_decimal("00012.50", QTY).map(plain).as_deref(), Some("12.5"));
    }

    /// Every line of the table is a way to write a number, and what it means; `!` for what is not understood.
    #[test]
    fn every_way_to_write_a_number_means_the_same_everywhere() {
        use crate::form::written::{self, Lookup};
        use crate::form::{Field, Kind, check_field, clean};
        use crate::reference::Codes;
        const FIELD: Field =
            Field::new(crate::text::text("申报数量", "Quantity"), Kind::Decimal { int: 13, frac: 5, positive: true });
        let (codes, today) = (Codes::default(), chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap());
        let lookup = Lookup::new(&codes);
        let lines = include_str!("number/cases.txt").lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
        for line in lines {
            let (typed, means) = line.split_once('\t').unwrap_or_else(|| panic!("no tab in {line:?}"));
            let typed = typed.replace("{nbsp}", "\u{a0}").replace("{thin}", "\u{2009}").replace("{nnbsp}", "\u{202f}");
            let fault = |value: &str| check_field(&FIELD, value, "", &codes, false).is_some();
            // Form, cell and request.
            let cleaned = clean(&FIELD, &typed, today);
            // Pasted text, and text in a file.
            let pasted = written::value(&FIELD, &typed, &lookup).map(|read| clean(&FIELD, &read.value, today));
            if means == "!" {
                assert!(fault(&cleaned), "{typed:?} typed is {cleaned}");
                assert!(pasted.as_ref().map_or(true, |value| fault(value)), "{typed:?} pasted is {pasted:?}");
            } else {
                assert_eq!((cleaned.as_str(), fault(&cleaned)), (means, false), "{typed:?} typed");
                assert_eq!(pasted.as_deref(), Ok(means), "{typed:?} pasted");
            }
        }
    }

    #[test]
    fn midpoints_go_to_the_even_neighbour() {
        let two = |text: &str| half_even(text.parse().unwrap(), 2).to_string();
        assert_eq!(two("0.125"), "0.12");
        assert_eq!(two("0.135"), "0.14");
        assert_eq!(two("2.005"), "2.00");
    }
}
