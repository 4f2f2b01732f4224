//! Which sheet of a file is which list of goods, and what its columns are: the rows' field tables and
//! 商品序号, which a row has but a form does not.

use std::sync::LazyLock;

use crate::book::model::{ExportGoods, ReimportGoods, Side};
use crate::form::{Field, Kind, Record, Source};
use crate::server::failure::Failure;
use crate::sheet::layout::matches;
use crate::sheet::{Layout, RawSheet, find_layout};
use crate::text::{Message, text};

/// Key of 商品序号.
pub const SEQ: &str = "seq";
/// Heading of the last column of rows sent back; not a field.
pub const REASON: &str = "失败原因";

static EXPORTS: LazyLock<Vec<Field>> = LazyLock::new(with_seq::<ExportGoods>);
static REIMPORTS: LazyLock<Vec<Field>> = LazyLock::new(with_seq::<ReimportGoods>);

fn with_seq<R: Record>() -> Vec<Field> {
    let seq = Field::new(text("商品序号", "Item no."), Kind::Text { max: 9 }).named(SEQ).from(Source::System).column(8);
    std::iter::once(seq).chain(R::FIELDS.iter().copied()).collect()
}

/// The columns a list can have.
pub fn fields(side: Side) -> &'static [Field] {
    match side {
        Side::Exports => &EXPORTS,
        Side::Reimports => &REIMPORTS,
    }
}

pub fn field(side: Side, key: &str) -> Option<&'static Field> {
    fields(side).iter().find(|field| field.key == key)
}

/// Parts of names by which sheets are found.
pub const NAMES: [(&str, Side); 4] = [
    ("复进口", Side::Reimports),
    ("Re-import", Side::Reimports),
    ("出口货物", Side::Exports),
    ("Exported goods", Side::Exports),
];

/// A sheet that is one of the lists.
#[derive(Clone, Debug)]
pub struct Found {
    pub side: Side,
    pub sheet: RawSheet,
    pub layout: Layout,
}

fn by_name(name: &str) -> Option<Side> {
    NAMES.iter().find(|(part, _)| name.contains(part)).map(|(_, side)| *side)
}

/// Tells what each sheet is: by its name, by the name of the file (a CSV has no sheets), by its
/// headings, else by the list the user has open.
///
/// # Errors
/// When a sheet has no headings we know, or two sheets are the same list.
pub fn tell(sheets: Vec<RawSheet>, file_name: &str, open: Side) -> Result<Vec<Found>, Failure> {
    let mut found: Vec<Found> = Vec::new();
    for mut sheet in sheets {
        let side = by_name(&sheet.name).or_else(|| by_name(file_name)).unwrap_or_else(|| by_headings(&sheet, open));
        if sheet.name.is_empty() {
            side.label().zh.clone_into(&mut sheet.name);
        }
        if sheet.rows.is_empty() {
            continue;
        }
        if let Some(other) = found.iter().find(|other| other.side == side) {
            return Err(Failure::refused(Message::new(
                format!("工作表“{}”和“{}”都是{}，请只保留一张。", other.sheet.name, sheet.name, side.label().zh),
                format!("Sheets “{}” and “{}” are both {}; keep one.", other.sheet.name, sheet.name, side.label().en),
            )));
        }
        let layout = find_layout(&sheet, fields(side)).map_err(|fault| {
            Failure::refused(Message::new(
                format!("工作表“{}”：{}", sheet.name, fault.zh),
                format!("Sheet “{}”: {}", sheet.name, fault.en),
            ))
        })?;
        found.push(Found { side, sheet, layout });
    }
    found.sort_by_key(|one| one.side == Side::Reimports);
    Ok(found)
}

fn by_headings(sheet: &RawSheet, open: Side) -> Side {
    let (exports, reimports) = (matches(sheet, &EXPORTS), matches(sheet, &REIMPORTS));
    match exports.cmp(&reimports) {
        std::cmp::Ordering::Greater => Side::Exports,
        std::cmp::Ordering::Less => Side::Reimports,
        std::cmp::Ordering::Equal => open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::{Cell, RawRow};

    fn sheet(name: &str, headings: &[&str]) -> RawSheet {
        let cells = headings.iter().map(|text| Cell::Text((*text).into())).collect();
        RawSheet { name: name.into(), rows: vec![RawRow { number: 1, cells }], ..RawSheet::default() }
    }

    fn sides(sheets: Vec<RawSheet>, file: &str, open: Side) -> Vec<Side> {
        tell(sheets, file, open).unwrap().iter().map(|found| found.side).collect()
    }

    #[test]
    fn each_sheet_goes_into_its_own_list() {
        // Exported goods in the list of re-imports would be declared the wrong way round.
        const PLAIN: &[&str] = &["商品编码", "商品名称"];
        let both = vec![sheet("复进口货物", PLAIN), sheet("出口货物", PLAIN)];
        assert_eq!(sides(both, "x.xlsx", Side::Exports), [Side::Exports, Side::Reimports]);
        assert_eq!(sides(vec![sheet("", PLAIN)], "复进口货物.csv", Side::Exports), [Side::Reimports]);
        assert_eq!(sides(vec![sheet("Sheet1", PLAIN)], "x.xlsx", Side::Reimports), [Side::Reimports]);
        let fees = sheet("Sheet1", &["商品编码", "商品名称", "境外加工费"]);
        assert_eq!(sides(vec![fees], "x.xlsx", Side::Exports), [Side::Reimports]);
        let target = sheet("Sheet1", &["商品编码", "商品名称", "最终目的国"]);
        assert_eq!(sides(vec![target], "x.xlsx", Side::Reimports), [Side::Exports]);
        let twice = vec![sheet("出口货物", PLAIN), sheet("出口货物(2)", PLAIN)];
        assert!(tell(twice, "x.xlsx", Side::Exports).is_err());
    }

    #[test]
    fn every_label_of_the_form_is_a_heading_of_its_own() {
        // Two fields that one heading could mean would swap their columns.
        for side in [Side::Exports, Side::Reimports] {
            let labels: Vec<&str> = fields(side).iter().map(|field| field.label.zh).collect();
            let layout = find_layout(&sheet("s", &labels), fields(side)).unwrap();
            let keys: Vec<&str> = layout.columns.iter().map(|(key, _)| *key).collect();
            assert_eq!(keys, fields(side).iter().map(|field| field.key).collect::<Vec<_>>());
            let labels: Vec<&str> = fields(side).iter().map(|field| field.label.en).collect();
            assert_eq!(find_layout(&sheet("s", &labels), fields(side)).unwrap().columns, layout.columns);
        }
    }
}
