//! What Excel shows of a number in a cell with a number format: 12 as 00012, 1.1 as 1.10. A text column means what is
//! shown. Used by the readers of workbooks; what a format means that is not understood here is left untold.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::form::plain;

/// A number format taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Format {
    /// For numbers above zero, below, and zero.
    sections: Vec<Pattern>,
}

/// One section: text and places for digits, in order. `None` where it holds what is not understood.
type Pattern = Option<Vec<Part>>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A place for a digit; `'0'` is filled always, `'?'` by a blank, `'#'` by nothing.
    Digit(char),
    Point,
    Comma,
    Percent,
}

impl Format {
    /// `None` for formats that show a number as it is.
    pub fn new(code: &str) -> Option<Self> {
        if ["", "general", "@", "0"].contains(&code.trim().to_ascii_lowercase().as_str()) {
            return None;
        }
        Some(Self { sections: sections(code).into_iter().take(3).map(pattern).collect() })
    }

    /// What is shown of a number; `None` where that cannot be told.
    pub fn show(&self, number: &str) -> Option<String> {
        let number: Decimal = number.parse().ok()?;
        let (at, sign) = match self.sections.len() {
            3 if number.is_zero() => (2, ""),
            2.. if number.is_sign_negative() => (1, ""),
            _ => (0, if number.is_sign_negative() && !number.is_zero() { "-" } else { "" }),
        };
        let parts = self.sections.get(at)?.as_ref()?;
        Some(format!("{sign}{}", fill(parts, number.abs())?).trim().to_owned())
    }
}

/// The sections of a format, which semicolons part.
fn sections(code: &str) -> Vec<&str> {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    code.split(|letter| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match letter {
            '"' => quoted = !quoted,
            '[' if !quoted => bracketed = true,
            ']' if !quoted => bracketed = false,
            '\\' | '_' | '*' if !quoted => escaped = true,
            ';' => return !quoted && !bracketed,
            _ => {}
        }
        false
    })
    .collect()
}

fn pattern(section: &str) -> Pattern {
    let mut parts = Vec::new();
    let mut letters = section.chars();
    while let Some(letter) = letters.next() {
        let part = match letter {
            '0' | '#' | '?' => Part::Digit(letter),
            '.' => Part::Point,
            ',' => Part::Comma,
            '%' => Part::Percent,
            '"' => Part::Text(letters.by_ref().take_while(|letter| *letter != '"').collect()),
            '\\' => Part::Text(letters.next()?.to_string()),
            '_' => {
                letters.next()?;
                Part::Text(" ".to_owned())
            }
            // Filled up to the width of the column.
            '*' => {
                letters.next()?;
                continue;
            }
            '[' => {
                let inner: String = letters.by_ref().take_while(|letter| *letter != ']').collect();
                match inner.strip_prefix('$') {
                    Some(money) => Part::Text(money.split('-').next().unwrap_or_default().to_owned()),
                    None if inner.contains(['<', '>', '=']) => return None,
                    None => continue, // a colour
                }
            }
            // Fractions, powers of ten, dates: not numbers as digits.
            '/' | '@' => return None,
            letter if letter.is_ascii_alphabetic() => return None,
            other => Part::Text(other.to_string()),
        };
        parts.push(part);
    }
    Some(parts)
}

/// Fills the places of a pattern with the digits of a number that is not negative.
fn fill(parts: &[Part], number: Decimal) -> Option<String> {
    let is_digit = |part: &Part| matches!(part, Part::Digit(_));
    let Some(last) = parts.iter().rposition(is_digit) else {
        // Text alone, as "-" for zero.
        return Some(
            parts
                .iter()
                .filter_map(|part| if let Part::Text(text) = part { Some(text.as_str()) } else { None })
                .collect(),
        );
    };
    let point = parts.iter().position(|part| *part == Part::Point).unwrap_or(last + 1).min(last + 1);
    let mut number = number;
    for _ in parts.iter().filter(|part| **part == Part::Percent) {
        number = number.checked_mul(Decimal::ONE_HUNDRED)?;
    }
    // A comma behind the digits divides by a thousand, one between them keeps thousands apart.
    let end = parts[..point].iter().rposition(is_digit).unwrap_or_default();
    for _ in parts[end..].iter().filter(|part| **part == Part::Comma) {
        number = number.checked_div(Decimal::ONE_THOUSAND)?;
    }
    let int_places = (parts[..point].iter().position(is_digit), parts[..point].iter().rposition(is_digit));
    let grouped = matches!(int_places, (Some(first), Some(last)) if parts[first..last].contains(&Part::Comma));
    let places = parts[point..].iter().filter(|part| is_digit(part)).count();
    let number = number.round_dp_with_strategy(u32::try_from(places).ok()?, RoundingStrategy::MidpointAwayFromZero);
    let text = plain(number);
    let (int, frac) = text.split_once('.').unwrap_or((&text, ""));
    let int = if int == "0" { "" } else { int };

    // From the right: each place takes a digit, the first one all that are left.
    let mut digits = int.bytes().rev().map(char::from);
    let mut shown: Vec<String> = Vec::new();
    let mut count = 0;
    let mut put = |letter: Option<char>, shown: &mut Vec<String>| {
        let Some(letter) = letter else { return };
        if grouped && count > 0 && count % 3 == 0 {
            shown.push(",".to_owned());
        }
        count += 1;
        shown.push(letter.to_string());
    };
    if int_places.0.is_none() {
        digits.by_ref().for_each(|digit| put(Some(digit), &mut shown));
    }
    for (at, part) in parts[..point].iter().enumerate().rev() {
        match part {
            Part::Digit(place) => {
                let spare = match place {
                    '0' => Some('0'),
                    '?' => Some(' '),
                    _ => None,
                };
                put(digits.next().or(spare), &mut shown);
                if Some(at) == int_places.0 {
                    digits.by_ref().for_each(|digit| put(Some(digit), &mut shown));
                }
            }
            Part::Text(text) => shown.push(text.clone()),
            Part::Percent => shown.push("%".to_owned()),
            Part::Comma | Part::Point => {}
        }
    }
    shown.reverse();
    let mut shown = shown.concat();
    let mut digits = frac.chars();
    for part in &parts[point..] {
        match part {
            Part::Point => shown.push('.'),
            Part::Digit('0') => shown.push(digits.next().unwrap_or('0')),
            Part::Digit(_) => shown.extend(digits.next()),
            Part::Text(text) => shown.push_str(text),
            Part::Percent => shown.push('%'),
            Part::Comma => {}
        }
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_excel_shows_them() {
        for (code, number, shown) in [
            ("00000", "12", Some("00012")),
            ("0.00", "1.1", Some("1.10")),
            ("0.00", "1.105", Some("1.11")),
            ("#,##0.00", "1234567.5", Some("1,234,567.50")),
            ("#,##0", "12", Some("12")),
            ("0.0##", "1.5", Some("1.5")),
            ("0%", "0.5", Some("50%")),
            ("0.0%", "0.123", Some("12.3%")),
            ("\"A-\"000", "7", Some("A-007")),
            ("000\\-0000", "1234567", Some("123-4567")),
            ("000-00", "1", Some("000-01")),
            ("0\"件\"", "5", Some("5件")),
            ("[$US$-409]#,##0.00", "2.5", Some("US$2.50")),
            ("0.00_);[Red](0.00)", "-2", Some("(2.00)")),
            ("0.00", "-2", Some("-2.00")),
            ("0;-0;\"-\"", "0", Some("-")),
            ("#", "0", Some("")),
            (".00", "12.5", Some("12.50")),
            ("0.0,", "12345", Some("12.3")),
            // Powers, fractions and conditions: what is shown is not told, and never guessed.
            ("0.00E+00", "12345", None),
            ("# ?/?", "0.5", None),
            ("[>100]0;0.0", "5", None),
        ] {
            let format = Format::new(code).unwrap();
            assert_eq!(format.show(number).as_deref(), shown, "{code} {number}");
        }
        for code in ["General", "@", "", "0"] {
            assert_eq!(Format::new(code), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_format_breaks_the_reader(code in "[0#?.,%;\"\\\\_*\\[$\\]E/ a件-]{0,16}", number in "-?[0-9]{1,16}(\\.[0-9]{1,9})?") {
            if let Some(format) = Format::new(&code) {
                format.show(&number);
            }
        }
    }
}
