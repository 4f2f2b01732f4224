//! From field tables and records to forms and listings: every field of the table, in its order.
//! Decides how many lines a record takes so that no column becomes too narrow. Papers are in Chinese.

use super::paper::{Cell, Form, Head, Listing, Row};
use crate::form::{Field, Kind, Texts};
use crate::reference::Codes;

/// Half-width characters that fit side by side on a landscape A4 page in the size of listings.
pub(super) const PAGE_WIDTH: usize = 180;
/// The column of row numbers.
const NUMBER_WIDTH: usize = 5;
/// A field that screens hide at first has no width of its own.
const DEFAULT_WIDTH: usize = 12;

/// A stored value as people read it: `code-name` for coded fields and choices.
pub fn shown(field: &Field, value: &str, codes: &Codes) -> String {
    match field.kind {
        Kind::Coded(table) => codes.show(table, value),
        Kind::Choice(choices) => match choices.iter().find(|(code, _)| *code == value) {
            Some((_, name)) => format!("{value}-{}", name.zh),
            None => value.to_owned(),
        },
        _ => value.to_owned(),
    }
}

/// All fields of a record, three to a line.
pub fn form(title: &str, record: &dyn Texts, codes: &Codes) -> Form {
    let cell = |field: &Field| Cell::new(field.label.zh, shown(field, record.text(field.key), codes), field.span);
    Form { title: title.to_owned(), cells: record.fields().iter().map(cell).collect() }
}

/// All fields of all records.
pub fn listing<'a, R: Texts + 'a>(
    title: &str,
    number: &str,
    fields: &'static [Field],
    records: impl IntoIterator<Item = (i64, &'a R)>,
    codes: &Codes,
) -> Listing {
    let (lines, widths) = arrange(fields);
    let columns = widths.len() - 1;
    let head = |field: &Field, span| Head {
        label: field.label.zh.to_owned(),
        span,
        right: matches!(field.kind, Kind::Decimal { .. }),
    };
    let heads = lines.iter().map(|fields| {
        // The last field of a short line takes what is left of it.
        let last = fields.len() - 1;
        let span = |at| if at == last { columns - last } else { 1 };
        fields.iter().enumerate().map(|(at, field)| head(field, span(at))).collect()
    });
    let values = |record: &R| {
        let line = |fields: &&[Field]| fields.iter().map(|field| shown(field, record.text(field.key), codes)).collect();
        lines.iter().map(line).collect()
    };
    let rows = records.into_iter().map(|(number, record)| Row { number, lines: values(record) });
    Listing {
        title: title.to_owned(),
        none: "（无）".to_owned(),
        number: number.to_owned(),
        heads: heads.collect(),
        rows: rows.collect(),
        widths,
    }
}

/// The fewest lines on which all fields fit, and the widths of their columns after that of the numbers.
fn arrange(fields: &'static [Field]) -> (Vec<&'static [Field]>, Vec<usize>) {
    let mut count = 1;
    loop {
        let lines: Vec<_> = fields.chunks(fields.len().div_ceil(count).max(1)).collect();
        let mut widths = vec![NUMBER_WIDTH];
        for column in 0..lines.first().map_or(0, |line| line.len()) {
            let widest = lines.iter().filter_map(|line| line.get(column)).map(width).max();
            widths.push(widest.unwrap_or(DEFAULT_WIDTH));
        }
        // One character more for the space beside each value.
        let total: usize = widths.iter().map(|width| width + 1).sum();
        if total <= PAGE_WIDTH || count >= fields.len() {
            return (lines, widths);
        }
        count += 1;
    }
}

fn width(field: &Field) -> usize {
    if field.column == 0 { DEFAULT_WIDTH } else { usize::from(field.column) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Record as _;
    use crate::text::text;

    crate::record! {
        /// As wide as a goods row.
        pub struct Wide {
            a: Field::new(text("甲", "A"), Kind::Text { max: 9 }).column(50),
            b: Field::new(text("乙", "B"), Kind::Text { max: 9 }).column(50),
            c: Field::new(text("丙", "C"), Kind::Decimal { int: 9, frac: 2, positive: false }).column(50),
            d: Field::new(text("丁", "D"), Kind::Choice(&[("1", text("是", "Yes"))])).column(10),
            e: Field::new(text("戊", "E"), Kind::Text { max: 9 }).column(0),
        }
    }

    #[test]
    fn no_field_is_left_out_however_many_there_are() {
        let record = Wide { a: "1".into(), c: "2".into(), d: "1".into(), ..Wide::default() };
        let listing = listing("表", "序号", Wide::FIELDS, [(7, &record)], &Codes::default());
        let labels: Vec<_> = listing.heads.iter().flatten().map(|head| head.label.as_str()).collect();
        assert_eq!(labels, ["甲", "乙", "丙", "丁", "戊"]);
        assert_eq!(listing.heads.len(), 2, "three wide columns are too much for one line");
        assert_eq!(listing.rows[0].lines, [vec!["1", "", "2"], vec!["1-是", ""]]);
        // Each line fills the table, or cells would slip into the next record.
        for line in &listing.heads {
            assert_eq!(line.iter().map(|head| head.span).sum::<usize>(), listing.widths.len() - 1);
        }
        assert!(listing.heads[0][2].right && !listing.heads[0][0].right);
    }
}
