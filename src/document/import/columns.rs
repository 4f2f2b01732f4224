//! Which sheet of a file is which list, and what its columns are: the field table of the rows and their number, which a
//! row has but a form does not.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::tables::{self, Table, by_name};
use crate::document::kind::Section;
use crate::form::{Field, Kind as FieldKind, Source};
use crate::reference::Codes;
use crate::server::failure::Failure;
use crate::sheet::layout::{HEADING, matches};
use crate::sheet::{Headings, Layout, RawSheet, find_layout};
use crate::text::Message;

/// Key of the number of a row.
pub const SEQ: &str = "seq";
/// Heading of the last column of rows sent back; not a field.
pub const REASON: &str = "失败原因";

/// Columns of each list, by the address of its field table; they live as long as the program, like that.
static COLUMNS: LazyLock<Mutex<HashMap<usize, &'static [Field]>>> = LazyLock::new(Mutex::default);

/// The columns a list can have.
pub fn fields(section: &'static Section) -> &'static [Field] {
    let mut columns = COLUMNS.lock().unwrap_or_else(PoisonError::into_inner);
    columns.entry(section.fields.as_ptr().addr()).or_insert_with(|| {
        let seq = Field::new(section.number, FieldKind::Text { max: 9 }).named(SEQ).from(Source::System).column(8);
        Vec::leak(std::iter::once(seq).chain(section.fields.iter().copied()).collect())
    })
}

pub fn field(section: &'static Section, key: &str) -> Option<&'static Field> {
    fields(section).iter().find(|field| field.key == key)
}

/// Parts of names by which the sheets of these lists are found.
pub fn names(sections: &'static [Section]) -> Vec<&'static str> {
    sections.iter().flat_map(|section| section.sheet_names).copied().collect()
}

/// A sheet that is one of the lists.
#[derive(Clone, Debug)]
pub struct Found {
    pub section: &'static Section,
    pub sheet: RawSheet,
    pub layout: Layout,
}

/// What the headings of each list may be called.
pub fn headings(sections: &'static [Section], codes: &Codes) -> Vec<(&'static Section, Headings)> {
    let of = |section: &'static Section| (section, Headings::new(fields(section), codes.also(HEADING)));
    sections.iter().map(of).collect()
}

/// A sheet that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    pub name: String,
    /// It could be one of the lists, too.
    pub has_headings: bool,
}

/// Of sheets whose names say nothing, the first with headings; what stands before is a cover. The others are named.
pub fn with_goods(sections: &'static [Section], sheets: Vec<RawSheet>, codes: &Codes) -> (Vec<RawSheet>, Vec<Other>) {
    if sheets.len() < 2 || sheets.iter().any(|sheet| by_name(sections, &sheet.name).is_some()) {
        return (sheets, Vec::new());
    }
    let headings = headings(sections, codes);
    let has_headings = |sheet: &RawSheet| headings.iter().any(|(_, headings)| matches(sheet, headings) >= 2);
    let place = sheets.iter().position(has_headings).unwrap_or_default();
    let mut others = sheets;
    let chosen = others.remove(place);
    let other = |sheet: RawSheet| Other { has_headings: has_headings(&sheet), name: sheet.name };
    (vec![chosen], others.into_iter().map(other).collect())
}

/// Tells what each table is: by the title over it, the name of its sheet or of the file (a CSV has no sheets), by its
/// headings, else by the list the user has open.
///
/// # Errors
/// When a sheet has no headings we know, names two lists, or two tables are the same list.
pub fn tell(
    sections: &'static [Section],
    sheets: Vec<RawSheet>,
    file_name: &str,
    open: &'static Section,
    codes: &Codes,
) -> Result<Vec<Found>, Failure> {
    let headings = headings(sections, codes);
    let mut found: Vec<Found> = Vec::new();
    for sheet in sheets.into_iter().filter(|sheet| !sheet.rows.is_empty()) {
        let named = by_name(sections, &sheet.name);
        for (place, Table { title, mut sheet }) in tables::split(sections, sheet, &headings).into_iter().enumerate() {
            let told = match (title, named.filter(|_| place == 0)) {
                (Some(title), Some(named)) if title != named => return Err(two_names(&sheet.name, title)),
                (Some(section), _) | (None, Some(section)) => Some(section),
                // A table below another one has no name of its own.
                (None, None) => by_name(sections, file_name).filter(|_| place == 0),
            };
            let section = told.unwrap_or_else(|| by_headings(&headings, &sheet, open));
            if sheet.name.is_empty() {
                section.label.zh.clone_into(&mut sheet.name);
            }
            if let Some(other) = found.iter().find(|other| other.section == section) {
                return Err(same_list(&other.sheet, &sheet, section));
            }
            let known = headings.iter().find(|(one, _)| *one == section).ok_or(Failure::NotFound)?;
            let layout = find_layout(&sheet, &known.1).map_err(|fault| {
                Failure::refused(Message::new(
                    format!("工作表“{}”：{}", sheet.name, fault.zh),
                    format!("Sheet “{}”: {}", sheet.name, fault.en),
                ))
            })?;
            found.push(Found { section, sheet, layout });
        }
    }
    found.sort_by_key(|one| sections.iter().position(|section| section == one.section));
    Ok(found)
}

fn two_names(sheet: &str, title: &Section) -> Failure {
    Failure::refused(Message::new(
        format!("工作表“{sheet}”中的标题写的是{}，与工作表名称不一致，请改为一致后再导入。", title.label.zh),
        format!("The title on sheet “{sheet}” says {}, its name another list; make them agree.", title.label.en),
    ))
}

fn same_list(one: &RawSheet, two: &RawSheet, section: &Section) -> Failure {
    let (zh, en) = (section.label.zh, section.label.en);
    let start = |sheet: &RawSheet| sheet.rows.first().map_or(1, |row| row.number);
    Failure::refused(if one.name == two.name {
        Message::new(
            format!(
                "工作表“{}”第{}行和第{}行开始的两个表都是{zh}，请合并为一个表，或在各表上方写明是哪一个表。",
                one.name,
                start(one),
                start(two)
            ),
            format!(
                "The tables from rows {} and {} of sheet “{}” are both {en}: join them, or write above each what it is.",
                start(one),
                start(two),
                one.name
            ),
        )
    } else {
        Message::new(
            format!("工作表“{}”和“{}”都是{zh}，请只保留一张。", one.name, two.name),
            format!("Sheets “{}” and “{}” are both {en}; keep one.", one.name, two.name),
        )
    })
}

/// The list whose columns fit best; the open one where several do.
fn by_headings(
    headings: &[(&'static Section, Headings)],
    sheet: &RawSheet,
    open: &'static Section,
) -> &'static Section {
    let known: Vec<_> = headings.iter().map(|(section, headings)| (matches(sheet, headings), *section)).collect();
    let best = known.iter().map(|(count, _)| *count).max().unwrap_or_default();
    let fits = |section: &&'static Section| known.contains(&(best, *section));
    Some(open).filter(fits).or_else(|| known.iter().map(|(_, section)| *section).find(fits)).unwrap_or(open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filing::kind::FILING;
    use crate::filing::model::{EXPORTS, REIMPORTS};
    use crate::sheet::{Cell, RawRow};

    fn sheet(name: &str, headings: &[&str]) -> RawSheet {
        let cells = headings.iter().map(|text| Cell::Text((*text).into())).collect();
        RawSheet { name: name.into(), rows: vec![RawRow { number: 1, cells }], ..RawSheet::default() }
    }

    fn lists(sheets: Vec<RawSheet>, file: &str, open: &str) -> Vec<&'static str> {
        let found = tell(FILING.sections, sheets, file, FILING.section(open).unwrap(), &Codes::default()).unwrap();
        found.iter().map(|found| found.section.key).collect()
    }

    #[test]
    fn each_sheet_goes_into_its_own_list() {
        // Exported goods in the list of re-imports would be declared the wrong way round.
        const PLAIN: &[&str] = &["商品编码", "商品名称"];
        let both = vec![sheet("复进口货物", PLAIN), sheet("出口货物", PLAIN)];
        assert_eq!(lists(both, "x.xlsx", EXPORTS), [EXPORTS, REIMPORTS]);
        assert_eq!(lists(vec![sheet("", PLAIN)], "复进口货物.csv", EXPORTS), [REIMPORTS]);
        assert_eq!(lists(vec![sheet("Sheet1", PLAIN)], "x.xlsx", REIMPORTS), [REIMPORTS]);
        let fees = sheet("Sheet1", &["商品编码", "商品名称", "境外加工费"]);
        assert_eq!(lists(vec![fees], "x.xlsx", EXPORTS), [REIMPORTS]);
        let target = sheet("Sheet1", &["商品编码", "商品名称", "最终目的国"]);
        assert_eq!(lists(vec![target], "x.xlsx", REIMPORTS), [EXPORTS]);
        let twice = vec![sheet("出口货物", PLAIN), sheet("出口货物(2)", PLAIN)];
        assert!(tell(FILING.sections, twice, "x.xlsx", &FILING.sections[0], &Codes::default()).is_err());
    }

    #[test]
    fn goods_behind_a_cover_are_found() {
        let cover = sheet("封面", &["2026年出境加工清单"]);
        let goods = sheet("Sheet2", &["商品编码", "商品名称"]);
        let old = sheet("Sheet3", &["商品编码", "商品名称", "备注"]);
        let (chosen, others) = with_goods(FILING.sections, vec![cover.clone(), goods.clone(), old], &Codes::default());
        let told: Vec<_> = others.iter().map(|other| (other.name.as_str(), other.has_headings)).collect();
        assert_eq!((chosen, told), (vec![goods], vec![("封面", false), ("Sheet3", true)]));
        let named = vec![cover, sheet("出口货物", &["x"])];
        assert_eq!(with_goods(FILING.sections, named.clone(), &Codes::default()), (named, Vec::new()));
    }

    #[test]
    fn every_label_of_the_form_is_a_heading_of_its_own() {
        // Two fields that one heading could mean would swap their columns.
        for side in FILING.sections {
            let labels: Vec<&str> = fields(side).iter().map(|field| field.label.zh).collect();
            let layout = find_layout(&sheet("s", &labels), &Headings::new(fields(side), std::iter::empty())).unwrap();
            let keys: Vec<&str> = layout.columns.iter().map(|(key, _)| *key).collect();
            assert_eq!(keys, fields(side).iter().map(|field| field.key).collect::<Vec<_>>());
            let labels: Vec<&str> = fields(side).iter().map(|field| field.label.en).collect();
            assert_eq!(
                find_layout(&sheet("s", &labels), &Headings::new(fields(side), std::iter::empty())).unwrap().columns,
                layout.columns
            );
        }
    }
}
