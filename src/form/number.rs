//! Reading and writing decimals as people type them. Used by the checks of fields and by the rules that reckon.
//! No floats anywhere, and no rounding that is not asked for.

use rust_decimal::{Decimal, RoundingStrategy};

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

    #[test]
    fn midpoints_go_to_the_even_neighbour() {
        let two = |text: &str| half_even(text.parse().unwrap(), 2).to_string();
        assert_eq!(two("0.125"), "0.12");
        assert_eq!(two("0.135"), "0.14");
        assert_eq!(two("2.005"), "2.00");
    }
}
