//! What the ledger says of a row, and the lists as the ledger has them (按台账生成). A row that a person corrected keeps what was
//! typed; every other one follows the ledger. Pure; called by the kind for browser and server alike.

use rust_decimal::Decimal;

use crate::document::Row;
use crate::document::kind::{Lists, Made, Section};
use crate::document::under_book::{BookGoods, DueGoods, ToWriteOff, UnderBook, find};
use crate::form::{Values, amount, plain};
use crate::writeoff::model::{ENTRIES, ENTRY, EXPORT_ROW, EXPORTS, REIMPORT_ROW, REIMPORTS};

/// Figures of a goods row that are typed, each with that of the ledger and the difference. The third is of re-imports alone.
pub(super) const PAIRS: [(&str, &str, &str); 3] = [
    ("qty", "ledger_qty", "diff_qty"),
    ("amount", "ledger_amount", "diff_amount"),
    ("taxed", "ledger_taxed", "diff_taxed"),
];

/// What the ledger has of these goods in the period, in the order of [`PAIRS`].
pub(super) fn of_due(due: &DueGoods) -> [Decimal; 3] {
    [due.qty, due.amount, due.taxed]
}

/// The goods of the book a row names.
pub(super) fn goods_of<'a>(section: &str, row: &Values, book: &'a UnderBook) -> Option<&'a BookGoods> {
    find(if section == EXPORTS { &book.exports } else { &book.reimports }, row.get("goods_seq"))
}

/// Fills the grey figures of a row.
pub fn figures(section: &Section, row: &mut Values, book: &UnderBook) {
    match section.key {
        ENTRIES => entry(row, book.to_write_off.as_ref()),
        _ => goods(section.key, row, book),
    }
}

fn entry(row: &mut Values, due: Option<&ToWriteOff>) {
    let found = due.and_then(|due| due.entry(row.get("entry_no")));
    let texts = found.map(|entry| {
        let money = |figure: Decimal, shown: bool| if shown { plain(figure) } else { String::new() };
        [
            if entry.is_import { "I" } else { "E" }.to_owned(),
            entry.day.clone(),
            money(entry.exported, !entry.is_import),
            money(entry.exempt, entry.is_import),
            money(entry.taxed, entry.is_import),
        ]
    });
    for (key, text) in ["way", "ie_date", "exported", "exempt", "taxed"].into_iter().zip(texts.unwrap_or_default()) {
        row.set(key, text);
    }
}

fn goods(section: &str, row: &mut Values, book: &UnderBook) {
    let known = goods_of(section, row, book);
    let get = |key: &str| known.map_or("", |goods| goods.get(key)).to_owned();
    for (to, from) in [
        ("hs_code", "hs_code"),
        ("goods_name", "goods_name"),
        ("spec_model", "spec_model"),
        ("unit", "declare_unit"),
        ("filed_qty", "qty"),
    ] {
        row.set(to, get(from));
    }
    let figure = known.map(|goods| if section == EXPORTS { goods.balance.exported } else { goods.balance.exempt });
    row.set("total_qty", figure.map(|figure| plain(figure.booked_qty)).unwrap_or_default());
    row.set("total_amount", figure.map(|figure| plain(figure.booked)).unwrap_or_default());
    let due = known.zip(book.to_write_off.as_ref()).map(|(goods, due)| due.of_goods(section == REIMPORTS, goods.seq));
    for (place, (typed, ledger, difference)) in PAIRS.into_iter().enumerate() {
        let in_ledger = due.as_ref().map(|due| of_due(due)[place]);
        let apart = in_ledger.filter(|_| !row.get(typed).is_empty()).map(|figure| amount(row.get(typed)) - figure);
        row.set(ledger, in_ledger.map(plain).unwrap_or_default());
        row.set(difference, apart.map(plain).unwrap_or_default());
    }
}

/// Proposes the figures of the ledger for goods that were just named.
pub(super) fn propose(section: &str, row: &mut Values, book: &UnderBook) {
    let Some(goods) = goods_of(section, row, book) else { return };
    let Some(due) = book.to_write_off.as_ref().map(|due| due.of_goods(section == REIMPORTS, goods.seq)) else { return };
    take(row, &due);
}

fn take(row: &mut Values, due: &DueGoods) {
    for ((typed, ..), figure) in PAIRS.into_iter().zip(of_due(due)) {
        row.set(typed, plain(figure));
    }
}

/// The three lists as the ledger has them.
pub fn lists(_: &Values, present: Lists<'_>, book: &UnderBook) -> Vec<Vec<Made>> {
    let nothing = ToWriteOff::default();
    let due = book.to_write_off.as_ref().unwrap_or(&nothing);
    let list = |place: usize| present.get(place).copied().unwrap_or_default();
    let entries = due.entries.iter().map(|one| {
        let mut content = Values::new(ENTRY);
        content.set("entry_no", one.entry_no.as_str());
        entry(&mut content, Some(due));
        Made { of: row_of(list(0), "entry_no", &one.entry_no).map(|row| row.id), content }
    });
    vec![entries.collect(), goods_list(EXPORTS, list(1), book, due), goods_list(REIMPORTS, list(2), book, due)]
}

fn row_of<'a>(rows: &'a [Row<Values>], key: &str, value: &str) -> Option<&'a Row<Values>> {
    rows.iter().find(|row| row.content.get(key) == value)
}

/// All goods of the period; of the rows that are there, also those a person typed in for goods that are not in the ledger.
fn goods_list(section: &'static str, present: &[Row<Values>], book: &UnderBook, due: &ToWriteOff) -> Vec<Made> {
    let is_import = section == REIMPORTS;
    let of_ledger = due.goods.iter().filter(|goods| goods.is_import == is_import).map(|goods| {
        let seq = goods.seq.to_string();
        let before = row_of(present, "goods_seq", &seq);
        let mut content = match before {
            Some(row) => row.content.clone(),
            None => Values::new(if is_import { REIMPORT_ROW } else { EXPORT_ROW }),
        };
        content.set("goods_seq", seq);
        if before.is_none_or(|row| !is_corrected(&row.content)) {
            take(&mut content, goods);
        }
        self::goods(section, &mut content, book);
        Made { of: before.map(|row| row.id), content }
    });
    let is_own = |row: &&Row<Values>| {
        let in_ledger = due
            .goods
            .iter()
            .any(|goods| goods.is_import == is_import && row.content.get("goods_seq") == goods.seq.to_string());
        !in_ledger && is_explained(&row.content)
    };
    let own = present.iter().filter(is_own).map(|row| {
        let mut content = row.content.clone();
        self::goods(section, &mut content, book);
        Made { of: Some(row.id), content }
    });
    of_ledger.chain(own).collect()
}

/// True when a person departed from what the ledger said at the time.
fn is_corrected(row: &Values) -> bool {
    PAIRS.into_iter().any(|(typed, ledger, _)| {
        !row.get(typed).is_empty() && !row.get(ledger).is_empty() && amount(row.get(typed)) != amount(row.get(ledger))
    })
}

/// True for a row that says something the ledger does not.
fn is_explained(row: &Values) -> bool {
    ["remark", "unreturned_qty"].into_iter().any(|key| !row.get(key).is_empty())
}
