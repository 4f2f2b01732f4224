//! Finds the headings of a sheet and which column is which field: by Chinese or English label, in any
//! order, with or without `*`, blanks and brackets, within the first rows.

use super::cell::{Cell, RawRow, RawSheet, letters};
use super::limits;
use crate::form::{Field, Need};
use crate::text::Message;

/// A row of hints in our own templates: every filled cell begins with this, in any version of them.
pub const HINT: char = '※';

/// Which column is which field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Row of the headings, from 1.
    pub heading: u32,
    /// Key of the field and column from 0, in the order of the sheet.
    pub columns: Vec<(&'static str, usize)>,
    /// Headings that are no field.
    pub unknown: Vec<String>,
}

impl Layout {
    /// The rows below the headings that hold data.
    pub fn data<'a>(&'a self, sheet: &'a RawSheet) -> impl Iterator<Item = &'a RawRow> {
        sheet.rows.iter().filter(|row| self.is_data(row))
    }

    /// True for a row below the headings that holds data.
    pub fn is_data(&self, row: &RawRow) -> bool {
        let filled = |(_, at): &(&str, usize)| !row.cell(*at).is_empty();
        row.number > self.heading && !is_hint(row) && self.columns.iter().any(filled)
    }
}

fn is_hint(row: &RawRow) -> bool {
    row.cells.iter().filter(|cell| !cell.is_empty()).all(|cell| cell.shown().starts_with(HINT))
}

/// How well a heading row is known.
fn known<'f>(row: &RawRow, fields: &'f [Field]) -> impl Iterator<Item = (usize, &'f Field)> {
    let cells: Vec<_> = row.cells.iter().map(|cell| bare(cell.shown())).enumerate().collect();
    cells.into_iter().filter_map(|(at, name)| Some((at, field_of(&name, fields)?.0)))
}

/// Finds the headings.
///
/// # Errors
/// When there are none, one stands twice, or a field that every row needs has no column.
pub fn find_layout(sheet: &RawSheet, fields: &'static [Field]) -> Result<Layout, Message> {
    let top = sheet.rows.iter().take_while(|row| row.number as usize <= limits::HEADING_WITHIN);
    // The first of the best: below it, data may repeat a word or two.
    let best =
        top.map(|row| (known(row, fields).count(), row)).reduce(|best, row| if row.0 > best.0 { row } else { best });
    let Some((_, row)) = best.filter(|(count, _)| *count >= 2) else {
        return Err(Message::new(
            format!("前{}行中找不到列标题（如“{}”），请使用导入模板。", limits::HEADING_WITHIN, example(fields).zh),
            format!(
                "No headings (such as “{}”) within the first {} rows: use the template.",
                example(fields).en,
                limits::HEADING_WITHIN
            ),
        ));
    };
    let mut layout = Layout { heading: row.number, columns: Vec::new(), unknown: Vec::new() };
    let headings: Vec<_> = row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()).collect();
    let means = |cell: &Cell| field_of(&bare(cell.shown()), fields);
    // 商品名称(英文) is 商品名称 only where no column is called just that.
    let exact: Vec<&str> = headings
        .iter()
        .filter_map(|(_, cell)| means(cell).filter(|(_, exact)| *exact))
        .map(|(field, _)| field.key)
        .collect();
    for (at, cell) in headings {
        match means(cell).filter(|(field, is_exact)| *is_exact || !exact.contains(&field.key)) {
            Some((field, _)) => {
                if let Some((_, first)) = layout.columns.iter().find(|(key, _)| *key == field.key) {
                    return Err(Message::new(
                        format!(
                            "列标题“{}”出现了两次（{}列和{}列），请删去一列。",
                            field.label.zh,
                            letters(*first),
                            letters(at)
                        ),
                        format!(
                            "Heading “{}” stands twice (columns {} and {}); remove one.",
                            field.label.en,
                            letters(*first),
                            letters(at)
                        ),
                    ));
                }
                layout.columns.push((field.key, at));
            }
            None => layout.unknown.push(cell.shown().chars().take(40).collect()),
        }
    }
    let missing = |field: &&Field| field.need == Need::Save && !layout.columns.iter().any(|(key, _)| *key == field.key);
    if let Some(field) = fields.iter().find(missing) {
        return Err(Message::new(
            format!("缺少列“{}”，请使用导入模板。", field.label.zh),
            format!("Column “{}” is missing: use the template.", field.label.en),
        ));
    }
    Ok(layout)
}

fn example(fields: &[Field]) -> crate::text::Text {
    let needed = fields.iter().find(|field| field.need == Need::Save).or_else(|| fields.first());
    needed.map_or(crate::text::text("", ""), |field| field.label)
}

/// How many headings a sheet has of these fields; to tell which of two lists it is.
pub fn matches(sheet: &RawSheet, fields: &[Field]) -> usize {
    let top = sheet.rows.iter().take_while(|row| row.number as usize <= limits::HEADING_WITHIN);
    top.map(|row| known(row, fields).count()).max().unwrap_or(0)
}

/// The field a heading means, and whether it says just that.
fn field_of<'f>(name: &str, fields: &'f [Field]) -> Option<(&'f Field, bool)> {
    if name.is_empty() {
        return None;
    }
    let is = |field: &&Field| [field.label.zh, field.label.en, field.key].iter().any(|label| bare(label) == name);
    // 原产国 for 原产国(地区), and 申报数量(个) for 申报数量.
    let short = |field: &&Field| {
        let front = before_bracket(name);
        !front.is_empty() && [field.label.zh, field.label.en].iter().any(|label| before_bracket(&bare(label)) == front)
    };
    let exact = fields.iter().find(is).map(|field| (field, true));
    exact.or_else(|| fields.iter().find(short).map(|field| (field, false)))
}

fn before_bracket(name: &str) -> &str {
    name.split('(').next().unwrap_or("")
}

/// A heading without what people add or leave out: stars, blanks, colons, width, case.
fn bare(heading: &str) -> String {
    heading
        .chars()
        .map(|letter| match letter {
            '（' | '【' | '[' | '［' => '(',
            '）' | '】' | ']' | '］' => ')',
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
            other => other,
        })
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '*' | ':' | '_' | '.' | '\u{feff}' | '\u{200b}'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Kind;
    use crate::text::text;

    static FIELDS: &[Field] = &[
        Field::new(text("商品编码", "Commodity code"), Kind::Text { max: 10 }).named("hs_code").save(),
        Field::new(text("商品名称", "Goods"), Kind::Text { max: 255 }).named("goods_name"),
        Field::new(text("原产国(地区)", "Country of origin"), Kind::Text { max: 3 }).named("origin_country"),
    ];

    fn sheet(rows: &[(u32, &[&str])]) -> RawSheet {
        let cell = |text: &&str| if text.is_empty() { Cell::Empty } else { Cell::Text((*text).into()) };
        let row =
            |(number, cells): &(u32, &[&str])| RawRow { number: *number, cells: cells.iter().map(cell).collect() };
        RawSheet { name: "s".into(), rows: rows.iter().map(row).collect(), ..RawSheet::default() }
    }

    fn columns(headings: &[&str]) -> Vec<(&'static str, usize)> {
        find_layout(&sheet(&[(1, headings)]), FIELDS).unwrap().columns
    }

    #[test]
    fn headings_are_found_however_they_are_written() {
        let want = vec![("origin_country", 0), ("hs_code", 1), ("goods_name", 2)];
        for headings in [
            ["原产国(地区)", "商品编码", "商品名称"],
            ["原产国（地区）", "* 商品编码", "商品名称＊"],
            ["原产国", "商 品 编 码：", "商品名称(中文)"],
            ["COUNTRY OF ORIGIN", "commodity code*", "Goods"],
            ["origin_country", "hs_code", "goods_name"],
        ] {
            assert_eq!(columns(&headings), want, "{headings:?}");
        }
    }

    #[test]
    fn the_column_that_is_called_so_wins() {
        // Refused as the same heading twice, a file with an English name beside could not be imported.
        for headings in [["商品编码", "商品名称", "商品名称(英文)"], ["商品编码", "商品名称（英文）", "商品名称"]]
        {
            let sheet = sheet(&[(1, &headings)]);
            let layout = find_layout(&sheet, FIELDS).unwrap();
            let at = headings.iter().position(|heading| *heading == "商品名称").unwrap();
            assert_eq!(layout.columns, [("hs_code", 0), ("goods_name", at)]);
            assert_eq!(layout.unknown, [headings[3 - at]]);
        }
        let twice = sheet(&[(1, &["商品编码", "商品名称(中文)", "商品名称(英文)"])]);
        assert!(find_layout(&twice, FIELDS).unwrap_err().zh.contains("B列和C列"), "which one cannot be told");
    }

    #[test]
    fn title_and_hint_rows_are_no_data() {
        let sheet = sheet(&[
            (1, &["出口货物清单 2026"]),
            (3, &["商品编码", "商品名称", "我的备注"]),
            (4, &["※必填", "※最多255字"]),
            (5, &["8542399000", "※不是提示"]),
            (6, &["", "", "只有自己的列"]),
        ]);
        let layout = find_layout(&sheet, FIELDS).unwrap();
        assert_eq!((layout.heading, layout.unknown.as_slice()), (3, &["我的备注".to_owned()][..]));
        assert_eq!(layout.data(&sheet).map(|row| row.number).collect::<Vec<_>>(), [5]);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (rows, says) in [
            (vec![(1, &["甲", "乙"][..])], "找不到列标题"),
            (vec![(11, &["商品编码", "商品名称"][..])], "找不到列标题"),
            (vec![], "找不到列标题"),
            (vec![(1, &["商品编码", "商品名称", "商品编码*"][..])], "A列和C列"),
            (vec![(1, &["商品名称", "原产国"][..])], "缺少列“商品编码”"),
        ] {
            let fault = find_layout(&sheet(&rows), FIELDS).unwrap_err();
            assert!(fault.zh.contains(says), "{says}: {}", fault.zh);
        }
    }
}
