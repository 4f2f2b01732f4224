//! A sheet with several tables, taken apart: each begins with a title that names a list, or with headings of its own.
//! Used by `columns`, which tells what each table is. Pure.

use crate::document::kind::Section;
use crate::sheet::layout::is_heading;
use crate::sheet::{Headings, RawRow, RawSheet};

/// The list whose name stands in a name; the longest, since one may be part of another.
pub fn by_name(sections: &'static [Section], name: &str) -> Option<&'static Section> {
    // 进出口货物 is part of the names of companies.
    let name = name.replace("进出口", "");
    let longest = |section: &&Section| {
        section.sheet_names.iter().filter(|part| name.contains(**part)).map(|part| part.len()).max()
    };
    sections.iter().filter(|section| longest(section).is_some()).max_by_key(longest)
}

/// The longest title; what is longer is a remark.
const TITLE: usize = 40;

/// A table of a sheet.
#[derive(Clone, Debug)]
pub struct Table {
    /// The list that the title above it names.
    pub title: Option<&'static Section>,
    pub sheet: RawSheet,
}

/// The tables of a sheet, from top to bottom. Headings that are repeated as they are, as printing does on each page,
/// begin no new table and are no row of it. Below a title without headings of its own, those above go on to count.
pub fn split(sections: &'static [Section], sheet: RawSheet, headings: &[(&'static Section, Headings)]) -> Vec<Table> {
    let RawSheet { name, above, rows, merged, formulas, hidden_rows, hidden_columns } = sheet;
    let part = |above: u32, title| Table {
        title,
        sheet: RawSheet {
            name: name.clone(),
            above,
            rows: Vec::new(),
            merged: merged.clone(),
            formulas,
            hidden_rows: hidden_rows.clone(),
            hidden_columns: hidden_columns.clone(),
        },
    };
    let mut tables = vec![part(above, None)];
    // The headings in force, once a table has them.
    let mut heading: Option<RawRow> = None;
    let mut last_heading = 0;
    // True while nothing but titles stands in the newest table.
    let mut fresh = true;
    for row in rows {
        let Some(table) = tables.last_mut() else { break };
        let title = title_of(&row).and_then(|title| by_name(sections, title));
        let is_heading = headings.iter().any(|(_, headings)| is_heading(&row, headings));
        if let Some(section) = title {
            if heading.is_none() && fresh {
                table.title = table.title.or(Some(section));
            } else if table.title != Some(section) {
                tables.push(part(row.number - 1, Some(section)));
                fresh = true;
                continue;
            }
        } else if is_heading {
            match &heading {
                // The lower of two rows of headings.
                Some(_) if row.number == last_heading + 1 => {}
                Some(before) if same(before, &row) && !(fresh && table.title.is_some()) => continue,
                Some(_) if !fresh => {
                    tables.push(part(row.number - 1, None));
                }
                _ => {}
            }
            (fresh, last_heading) = (false, row.number);
            heading = Some(row.clone());
        } else if fresh && heading.is_some() && !table.sheet.rows.iter().any(|one| Some(one) == heading.as_ref()) {
            // A title, and goods at once below it.
            let Some(before) = heading.clone().filter(|_| !is_title(&row)) else { continue };
            table.sheet.above = before.number - 1;
            table.sheet.rows.push(before);
            fresh = false;
        }
        if let Some(table) = tables.last_mut() {
            table.sheet.rows.push(row);
        }
    }
    // What each table covers of the formulas is not known: they are told once.
    tables.iter_mut().skip(1).for_each(|table| table.sheet.formulas = 0);
    tables.retain(|table| !table.sheet.rows.is_empty());
    tables
}

/// The only text of a row.
fn title_of(row: &RawRow) -> Option<&str> {
    let mut filled = row.cells.iter().filter(|cell| !cell.is_empty()).map(|cell| cell.shown().trim());
    filled.next().filter(|title| title.chars().count() <= TITLE && filled.next().is_none())
}

fn is_title(row: &RawRow) -> bool {
    title_of(row).is_some()
}

fn same(one: &RawRow, other: &RawRow) -> bool {
    let shown = |row: &RawRow| -> Vec<String> { row.cells.iter().map(|cell| cell.shown().trim().to_owned()).collect() };
    shown(one) == shown(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::import::columns::{headings, tell};
    use crate::filing::kind::FILING;
    use crate::filing::model::{EXPORTS, REIMPORTS};
    use crate::reference::Codes;
    use crate::sheet::Cell;

    const HEADINGS: &[&str] = &["商品编码", "商品名称", "备注"];
    const GOODS: &[&str] = &["8542399000", "集成电路", ""];

    fn sheet(name: &str, rows: &[&[&str]]) -> RawSheet {
        let cell = |text: &&str| if text.is_empty() { Cell::Empty } else { Cell::Text((*text).into()) };
        let row =
            |(at, cells): (usize, &&[&str])| RawRow { number: at as u32 + 1, cells: cells.iter().map(cell).collect() };
        let rows = rows.iter().enumerate().map(row).filter(|row| row.cells.iter().any(|cell| !cell.is_empty()));
        RawSheet { name: name.into(), rows: rows.collect(), ..RawSheet::default() }
    }

    /// Key of each list and the numbers of its rows, or what is refused.
    fn read(name: &str, rows: &[&[&str]]) -> Result<Vec<(&'static str, Vec<u32>)>, String> {
        let found = tell(FILING.sections, vec![sheet(name, rows)], "x.xlsx", &FILING.sections[0], &Codes::default());
        let found = found.map_err(|failure| format!("{failure:?}"))?;
        let numbers =
            |one: &crate::document::import::columns::Found| one.layout.data(&one.sheet).map(|row| row.number).collect();
        Ok(found.iter().map(|one| (one.section.key, numbers(one))).collect())
    }

    #[test]
    fn goods_below_a_second_title_are_of_the_list_it_names() {
        // Re-imports were stored as exports.
        let two = [(EXPORTS, vec![3, 4]), (REIMPORTS, vec![8])];
        let rows = [&["出口货物"], HEADINGS, GOODS, GOODS, &[], &["二、复进口货物清单"], HEADINGS, GOODS];
        assert_eq!(read("Sheet1", &rows).unwrap(), two);
        let rows = [&["出口货物"], HEADINGS, GOODS, GOODS, &[], &[], &["复进口货物"], GOODS];
        assert_eq!(read("Sheet1", &rows).unwrap(), two, "also without headings of its own");
        let rows = [HEADINGS, GOODS, GOODS, &["复进口货物"], &["商品编码", "境外加工费"], &["8542399000", "1"]];
        assert_eq!(read("Sheet1", &rows).unwrap(), [(EXPORTS, vec![2, 3]), (REIMPORTS, vec![6])]);
        // No title: other headings say it.
        let rows = [HEADINGS, GOODS, &["商品编码", "境外加工费"], &["8542399000", "1"]];
        assert_eq!(read("Sheet1", &rows).unwrap(), [(EXPORTS, vec![2]), (REIMPORTS, vec![4])]);
    }

    #[test]
    fn one_table_stays_one() {
        let rows = [HEADINGS, GOODS, HEADINGS, GOODS];
        assert_eq!(read("Sheet1", &rows).unwrap(), [(EXPORTS, vec![2, 4])], "headings of each printed page");
        let rows = [&["复进口货物"], HEADINGS, GOODS];
        assert_eq!(read("Sheet1", &rows).unwrap(), [(REIMPORTS, vec![3])], "the title says what it is");
        let rows = [&["东澜进出口货物代理有限公司"], HEADINGS, GOODS];
        assert_eq!(read("复进口", &rows).unwrap(), [(REIMPORTS, vec![3])], "a company is no list");
    }

    #[test]
    fn what_cannot_be_told_is_asked() {
        let rows = [&["复进口货物"], HEADINGS, GOODS];
        assert!(read("出口货物", &rows).unwrap_err().contains("不一致"));
        let rows = [HEADINGS, GOODS, &["商品编码", "规格型号"], &["8542399000", "B"]];
        assert!(read("Sheet1", &rows).unwrap_err().contains("第1行和第3行"));
        assert_eq!(split(FILING.sections, sheet("s", &[]), &headings(FILING.sections, &Codes::default())).len(), 0);
    }
}
