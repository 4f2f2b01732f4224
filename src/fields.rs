//! Lines of field tables that every kind of document spells alike: texts, codes, days, amounts, enterprises. Used by the
//! models of the kinds; what one kind adds (required, element) stands there.

use crate::form::{Field, Kind, Source};
use crate::reference::Table;
use crate::text::text;

/// Free text of one line.
pub const fn typed(zh: &'static str, en: &'static str, max: usize) -> Field {
    Field::new(text(zh, en), Kind::Text { max })
}

/// An entry of a code table.
pub const fn coded(zh: &'static str, en: &'static str, table: Table) -> Field {
    Field::new(text(zh, en), Kind::Coded(table))
}

/// A day.
pub const fn date(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Date).column(11)
}

/// An amount: the official screens take 15 integer and 2 decimal digits for totals.
pub const fn amount(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Decimal { int: 15, frac: 2, positive: false })
}

/// A quantity: 13 integer and 5 decimal digits.
pub const fn quantity(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Decimal { int: 13, frac: 5, positive: true })
}

/// 海关10位编码 of an enterprise, whose Enter fills the two below.
pub const fn party_code(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Code { len: 10 }).column(11).help(
        "录入海关10位编码后按回车，自动返填信用代码和名称",
        "Type the 10-character customs code and press Enter: credit code and name are filled in",
    )
}

/// 社会信用代码 of an enterprise.
pub const fn party_uscc(zh: &'static str, en: &'static str) -> Field {
    Field::new(text(zh, en), Kind::Code { len: 18 }).from(Source::LookedUp).column(19)
}

/// Name of an enterprise.
pub const fn party_name(zh: &'static str, en: &'static str) -> Field {
    typed(zh, en, 512).from(Source::LookedUp).column(24)
}
