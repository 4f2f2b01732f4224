//! The columns of a list of entries: fields of head and row that the entries themselves have, under the names by which a list
//! of both directions calls them. Used by reading, template and returned rows; the tables are those of `entry::model`.

use std::sync::LazyLock;

use crate::document::kind::{RowRules, Section};
use crate::document::under_book::UnderBook;
use crate::entry::model::{DECLARED_ITEM, EXPORT_HEAD, EXPORT_ITEM};
use crate::form::{Field, Finding, Need, Source, Values, check_record};
use crate::reference::Codes;
use crate::text::{Text, text};

/// Key of the list.
pub const LINES: &str = "lines";
/// 征免: which of the two items of a re-import a line is.
pub const LEVY: &str = "duty_mode";
/// 监管方式: tells entries that belong to no account book of ours.
pub const SUPERVISION: &str = "supervision_mode";
/// 总价: of a re-import, the original value or the fees.
pub const TOTAL: &str = "total_price";
/// 报关单号
pub const NUMBER: &str = "registered_no";

/// Fields of the head in the order of the template, and what they are called where exports and re-imports stand in one list.
const OF_HEAD: &[(&str, Option<Text>)] = &[
    (NUMBER, Some(text("报关单号", "Entry no."))),
    ("manual_no", None),
    ("ie_date", Some(text("进出口日期", "Date of export or import"))),
    ("ie_flag", None),
    (SUPERVISION, None),
    ("currency", Some(text("币制", "Currency"))),
    ("rate", None),
];
/// Fields of the head that few lists have.
const MORE_OF_HEAD: &[(&str, Option<Text>)] = &[
    ("internal_no", None),
    ("ie_port", Some(text("进出境关别", "Customs of exit or entry"))),
    ("overseas_name", Some(text("境外收发货人", "Party abroad"))),
    ("traf_mode", None),
    ("traf_name", None),
    ("bill_no", None),
    ("contract_no", None),
    ("trade_country", Some(text("运抵国/启运国", "Country of arrival or departure"))),
    ("trans_mode", None),
    ("wrap_type", None),
    ("pack_no", None),
    ("gross_wt", None),
    ("net_wt", None),
];
/// Fields of the row.
pub const OF_ROW: &[&str] = &[
    "goods_seq",
    "hs_code",
    "goods_name",
    "spec_model",
    "qty",
    "unit",
    "unit_price",
    TOTAL,
    "legal_qty",
    "legal_unit",
    "legal_qty2",
    "legal_unit2",
    "origin_country",
    "dest_country",
    "district",
];
/// What no line can do without; 征免 only those of re-imports need.
const NEEDED: [&str; 4] = [NUMBER, "goods_seq", "qty", TOTAL];
/// What every entry needs on one of its lines at least.
pub const NEEDED_ONCE: [&str; 3] = ["manual_no", "ie_date", "currency"];

/// Keys of the head that a line can have.
pub fn of_head() -> impl Iterator<Item = &'static str> {
    OF_HEAD.iter().chain(MORE_OF_HEAD).map(|(key, _)| *key)
}

fn fields() -> Vec<Field> {
    let of = |table: &'static [Field], key: &str| table.iter().find(|field| field.key == key).copied();
    let head = |list: &'static [(&'static str, Option<Text>)]| {
        list.iter().filter_map(move |(key, label)| {
            let field = of(EXPORT_HEAD, key)?;
            Some(Field { label: label.unwrap_or(field.label), ..field })
        })
    };
    let rows = OF_ROW.iter().filter_map(|key| of(EXPORT_ITEM, key));
    let all = head(OF_HEAD).chain(of(DECLARED_ITEM, LEVY)).chain(rows).chain(head(MORE_OF_HEAD));
    all.map(|field| {
        let need =
            if NEEDED.contains(&field.key) || NEEDED_ONCE.contains(&field.key) { Need::Save } else { Need::Optional };
        Field { need, source: Source::Typed, help: text("", ""), ..field }
    })
    .collect()
}

static SECTION: LazyLock<[Section; 1]> = LazyLock::new(|| {
    [Section {
        key: LINES,
        label: text("报关单", "Customs entries"),
        fields: Vec::leak(fields()),
        number: text("项号", "Item"),
        first: NUMBER,
        most_rows: crate::sheet::limits::ROWS,
        count: "",
        sums: &[],
        quick: &[NUMBER],
        sheet_names: &["报关单"],
        element: "",
        number_element: "",
        rules: &LineRules,
    }]
});

/// The list, as the reading of files knows lists.
pub fn sections() -> &'static [Section] {
    &*SECTION
}

pub fn section() -> &'static Section {
    &SECTION[0]
}

/// A line is checked for its form alone; what it means shows when all lines of an entry are together.
struct LineRules;

impl RowRules for LineRules {
    fn complete(&self, _: &mut Values, _: Option<&str>, _: &Codes) {}
    fn settled(&self, _: &Values, _: &Codes) -> &'static [&'static str] {
        &[]
    }
    fn check(&self, seq: i64, line: &Values, codes: &Codes, for_declare: bool) -> Vec<Finding> {
        let mut found = check_record(LINES, Some(seq), line, codes, for_declare);
        // Another line of the entry may say it.
        found.retain(|one| {
            !one.pointer.rsplit('.').next().is_some_and(|key| NEEDED_ONCE.contains(&key) && line.get(key).is_empty())
        });
        found
    }
    fn blank(&self, _: &Values, _: &Codes) -> Values {
        Values::new(section().fields)
    }
    fn take_goods(&self, _: &mut Values, _: &str, _: &Values, _: &UnderBook) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::model::{IMPORT_HEAD, IMPORT_ITEM};

    #[test]
    fn every_column_is_a_field_of_both_directions() {
        // A key that was mistyped would leave its column unread in every file.
        let has = |table: &[Field], key: &str| table.iter().any(|field| field.key == key);
        assert!(of_head().all(|key| has(EXPORT_HEAD, key) && has(IMPORT_HEAD, key)));
        let only_export = ["unit_price", TOTAL];
        assert!(OF_ROW.iter().all(|key| has(EXPORT_ITEM, key)));
        assert!(OF_ROW.iter().all(|key| has(IMPORT_ITEM, key) || only_export.contains(key)));
        let keys: Vec<&str> = section().fields.iter().map(|field| field.key).collect();
        assert_eq!(keys.len(), of_head().count() + OF_ROW.len() + 1);
        assert!(NEEDED.iter().all(|key| keys.contains(key)));
    }
}
