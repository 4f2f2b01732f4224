//! The template people fill in, made from the field tables: headings with `*`, a row of hints, text
//! format where zeros must stay, drop-downs for code tables, a sheet that explains every column.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Color, DataValidation, Format, Formula, Workbook, Worksheet, XlsxError};

use super::heading;
use crate::form::{Field, Kind, Need};
use crate::reference::{Codes, Table};
use crate::server::failure::Failure;
use crate::sheet::layout::{HEADING, HINT};
use crate::sheet::limits;

/// One sheet to be filled in.
#[derive(Clone, Copy, Debug)]
pub struct TemplateSheet<'a> {
    pub name: &'a str,
    pub fields: &'a [&'a Field],
}

/// Name of the sheet that explains.
const EXPLANATION: &str = "填写说明";
/// Name of the hidden sheet behind the drop-downs.
const TABLES: &str = "代码表";

/// The template. `rules` are sentences for the explanation; they stand above the columns.
///
/// # Errors
/// Only faults of ours.
pub fn template(sheets: &[TemplateSheet<'_>], rules: &[String], codes: &Codes) -> Result<Vec<u8>, Failure> {
    write(sheets, rules, codes).map_err(|error| Failure::Internal(format!("cannot write the template: {error}")))
}

fn write(sheets: &[TemplateSheet<'_>], rules: &[String], codes: &Codes) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // Each table once, though several columns of both sheets use it.
    let mut tables: BTreeMap<Table, String> = BTreeMap::new();
    let used = sheets.iter().flat_map(|sheet| sheet.fields).filter_map(|field| listed(field));
    for table in used {
        let letter = crate::sheet::letters(tables.len());
        let count = codes.table(table).map_or(0, |data| data.len());
        if count > 0 {
            tables.entry(table).or_insert_with(|| format!("='{TABLES}'!${letter}$2:${letter}${}", count + 1));
        }
    }
    for sheet in sheets {
        page(book.add_worksheet(), *sheet, &tables)?;
    }
    explanation(book.add_worksheet(), sheets, rules, codes)?;
    let lists = book.add_worksheet();
    lists.set_name(TABLES)?.set_hidden(true);
    for (table, range) in &tables {
        // The column stands in the range: the map sorts tables, letters were given in order of use.
        let column = range.split('$').nth(1).map_or(0, column_of);
        lists.write_string(0, column, table.label().zh)?;
        for (row, entry) in codes.table(*table).iter().flat_map(|data| data.iter()).enumerate() {
            lists.write_string(row as u32 + 1, column, format!("{}-{}", entry.code, entry.name))?;
        }
    }
    book.save_to_buffer()
}

fn column_of(letters: &str) -> u16 {
    letters.bytes().fold(0, |number, letter| number * 26 + u16::from(letter - b'A') + 1) - 1
}

/// The table whose entries a drop-down offers; thousands of commodity codes are no list to scroll.
fn listed(field: &Field) -> Option<Table> {
    match field.kind {
        Kind::Coded(table) if table != Table::Commodity => Some(table),
        _ => None,
    }
}

fn page(page: &mut Worksheet, sheet: TemplateSheet<'_>, tables: &BTreeMap<Table, String>) -> Result<(), XlsxError> {
    page.set_name(sheet.name)?;
    let text = Format::new().set_num_format("@");
    let hint_format = Format::new().set_italic().set_font_color(Color::Gray).set_text_wrap().set_num_format("@");
    let needed = heading().set_font_color(0x00C0_0000);
    for (at, field) in sheet.fields.iter().enumerate() {
        let at = at as u16;
        page.set_column_width(at, f64::from(field.column.clamp(14, 30)))?;
        if !matches!(field.kind, Kind::Decimal { .. }) {
            page.set_column_format(at, &text)?;
        }
        if field.need == Need::Optional {
            page.write_string_with_format(0, at, field.label.zh, &heading())?;
        } else {
            page.write_string_with_format(0, at, format!("*{}", field.label.zh), &needed)?;
        }
        page.write_string_with_format(1, at, format!("{HINT}{}", hint(field)), &hint_format)?;
        if let Some(range) = listed(field).and_then(|table| tables.get(&table)) {
            // Codes and names are taken as well, so nothing typed is stopped.
            let list = DataValidation::new().allow_list_formula(Formula::new(range)).show_error_message(false);
            page.add_data_validation(2, at, limits::ROWS as u32 + 1, at, &list)?;
        }
    }
    page.set_row_height(1, 60.0)?;
    page.set_freeze_panes(2, 0)?;
    Ok(())
}

/// Other words for a heading or a code, those of one code together: 035 KG、KGS.
fn spellings(codes: &Codes, table: &str) -> Vec<(String, String)> {
    let mut by_code: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    codes.also(table).for_each(|(written, code)| by_code.entry(code).or_default().push(written));
    by_code.into_iter().map(|(code, written)| (code.to_owned(), written.join("、"))).collect()
}

fn explanation(
    page: &mut Worksheet,
    sheets: &[TemplateSheet<'_>],
    rules: &[String],
    codes: &Codes,
) -> Result<(), XlsxError> {
    page.set_name(EXPLANATION)?;
    let wrapped = Format::new().set_text_wrap();
    let mut row = 0;
    for rule in rules {
        page.write_string(row, 0, rule)?;
        row += 1;
    }
    row += 1;
    for (at, (title, width)) in
        [("工作表", 12.0), ("列", 22.0), ("英文", 24.0), ("是否必填", 12.0), ("填写要求", 60.0)].into_iter().enumerate()
    {
        page.set_column_width(at as u16, width)?;
        page.write_string_with_format(row, at as u16, title, &heading())?;
    }
    for sheet in sheets {
        for field in sheet.fields {
            row += 1;
            let need = match field.need {
                Need::Save => "必填",
                Need::Declare => "申报前必填",
                Need::Optional => "选填",
            };
            for (at, words) in [sheet.name, field.label.zh, field.label.en, need].into_iter().enumerate() {
                page.write_string(row, at as u16, words)?;
            }
            let words =
                if field.help.zh.is_empty() { hint(field) } else { format!("{}。{}", hint(field), field.help.zh) };
            page.write_string_with_format(row, 4, words, &wrapped)?;
        }
    }
    row += 2;
    for (at, title) in ["其他写法", "代码或列", "", "", "可以写作"].into_iter().enumerate() {
        page.write_string_with_format(row, at as u16, title, &heading())?;
    }
    let mut fields: Vec<&Field> = sheets.iter().flat_map(|sheet| sheet.fields).copied().collect();
    fields.dedup_by_key(|field| field.key);
    let label = |key: &str| fields.iter().find(|field| field.key == key).map(|field| field.label.zh);
    let headings = spellings(codes, HEADING).into_iter().filter_map(|(key, written)| Some((label(&key)?, written)));
    let mut lines: Vec<(&str, String, String)> =
        headings.map(|(label, written)| ("列标题", label.to_owned(), written)).collect();
    for table in Table::ALL {
        let spellings = spellings(codes, table.key()).into_iter();
        lines.extend(spellings.map(|(code, written)| (table.label().zh, codes.show(table, &code), written)));
    }
    for (kind, code, written) in lines {
        row += 1;
        page.write_string(row, 0, kind)?;
        page.write_string(row, 1, code)?;
        page.write_string_with_format(row, 4, written, &wrapped)?;
    }
    Ok(())
}

/// What may stand in a column, in a few words.
fn hint(field: &Field) -> String {
    let need = match field.need {
        Need::Save => "必填，",
        Need::Declare => "申报前必填，",
        Need::Optional => "选填，",
    };
    let what = match field.kind {
        Kind::Text { max } | Kind::Lines { max } => format!("最多{max}个字"),
        Kind::Code { len } => format!("{len}位字母或数字"),
        Kind::Digits { len } => format!("{len}位数字"),
        Kind::Decimal { int, frac, positive } => {
            let above = if positive { "大于0，" } else { "" };
            format!("数字，{above}整数最多{int}位，小数最多{frac}位")
        }
        Kind::Date => "日期，如2026-12-31".to_owned(),
        Kind::Mobile => "11位手机号码".to_owned(),
        Kind::Coded(Table::Commodity) => "10位商品编码".to_owned(),
        Kind::Coded(table) => format!("{}，从下拉列表选择，或填编码、名称", table.label().zh),
        Kind::Choice(choices) => {
            choices.iter().map(|(code, label)| format!("{code}-{}", label.zh)).collect::<Vec<_>>().join("、")
        }
    };
    format!("{need}{what}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::TableData;
    use crate::sheet::layout::{Headings, find_layout};
    use crate::sheet::open;
    use crate::text::text;

    static FIELDS: &[Field] = &[
        Field::new(text("商品编码", "Commodity code"), Kind::Coded(Table::Commodity)).named("hs_code").save(),
        Field::new(text("计量单位", "Unit"), Kind::Coded(Table::Unit)).named("unit").declare(),
        Field::new(text("币制", "Currency"), Kind::Coded(Table::Currency)).named("currency"),
        Field::new(text("数量", "Quantity"), Kind::Decimal { int: 13, frac: 5, positive: true }).named("qty"),
    ];

    #[test]
    fn the_empty_template_is_understood_and_holds_no_row() {
        // The hints must never be imported as goods.
        let mut codes = Codes::default();
        codes.insert(Table::Unit, TableData::new("1".into(), "007\t个\n035\t千克\n".into()));
        codes.insert(Table::Currency, TableData::new("1".into(), "USD\t美元\n".into()));
        let also = "heading:HS编码=hs_code\tHS编码\ths_code\nunit:KG=035\tKG\t035\nunit:KGS=035\tKGS\t035\n";
        codes.insert(Table::Synonym, TableData::new("1".into(), also.into()));
        let fields: Vec<&Field> = FIELDS.iter().collect();
        let sheets = [TemplateSheet { name: "出口货物", fields: &fields }];
        let bytes = template(&sheets, &["规则".to_owned()], &codes).unwrap();
        let book = open(&bytes, &["出口货物".to_owned()]).unwrap();
        assert_eq!(book.unread, ["填写说明"]);
        let sheet = &book.sheets[0];
        let layout = find_layout(sheet, &Headings::new(FIELDS, std::iter::empty())).unwrap();
        assert_eq!(layout.columns.len(), FIELDS.len());
        assert_eq!(layout.data(sheet).count(), 0);
        assert_eq!(sheet.rows[0].cell(0).shown(), "*商品编码");
        assert!(sheet.rows[1].cell(1).shown().contains("申报前必填"));
        let explained = open(&bytes, &["填写说明".to_owned()]).unwrap().sheets.remove(0).rows;
        let line =
            |row: &crate::sheet::RawRow| row.cells.iter().map(|cell| cell.shown().to_owned()).collect::<Vec<_>>();
        let told: Vec<String> = explained.iter().map(|row| line(row).join("|")).collect();
        assert!(told.contains(&"列标题|商品编码|||HS编码".to_owned()), "{told:?}");
        assert!(told.contains(&"计量单位|035-千克|||KG、KGS".to_owned()), "{told:?}");
    }

    #[test]
    fn letters_and_columns_agree() {
        for column in [0, 1, 25, 26, 27, 51, 52, 701] {
            assert_eq!(usize::from(column_of(&crate::sheet::letters(column))), column);
        }
    }
}
