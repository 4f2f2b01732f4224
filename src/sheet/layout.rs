//! Finds the headings of a sheet and which column is which field: by Chinese or English label, in any
//! order, with or without `*`, blanks and brackets, within the first rows.

use std::collections::HashMap;

use super::cell::{Cell, RawRow, RawSheet, letters};
use super::limits;
use crate::form::{Field, Kind, Need};
use crate::text::{Message, folded};

/// A row of hints in our own templates: every filled cell begins with this, in any version of them.
pub const HINT: char = '※';

/// Name of the headings among the other spellings ([`crate::reference::Table::Synonym`]).
pub const HEADING: &str = "heading";

/// Which column is which field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Row of the headings, from 1.
    pub heading: u32,
    /// Key of the field and column from 0, in the order of the sheet.
    pub columns: Vec<(&'static str, usize)>,
    /// Headings that are no field.
    pub unknown: Vec<String>,
    /// Rows that are no data though something stands in them: sums, signatures, remarks under the table.
    pub footers: Vec<u32>,
}

impl Layout {
    /// The rows below the headings that hold data.
    pub fn data<'a>(&'a self, sheet: &'a RawSheet) -> impl Iterator<Item = &'a RawRow> {
        sheet.rows.iter().filter(|row| self.is_data(row))
    }

    /// True for a row below the headings that holds data.
    pub fn is_data(&self, row: &RawRow) -> bool {
        let filled = |(_, at): &(&str, usize)| !row.cell(*at).is_empty();
        row.number > self.heading
            && !is_hint(row)
            && !self.footers.contains(&row.number)
            && self.columns.iter().any(filled)
    }

    /// The rows that are no data: without what every row needs, and beginning with a word of sums and signatures, or
    /// with one text alone below the last row of data.
    fn find_footers(&self, sheet: &RawSheet, fields: &[Field]) -> Vec<u32> {
        // Sums stand in columns of numbers: where something else is needed, that tells.
        let needed = || fields.iter().filter(|field| field.need == Need::Save);
        let is_number = |field: &&Field| matches!(field.kind, Kind::Decimal { .. });
        let only_numbers = needed().all(|field| is_number(&field));
        let needed = needed().filter(|field| only_numbers || !is_number(field));
        let needed: Vec<usize> =
            needed.filter_map(|field| Some(self.columns.iter().find(|(key, _)| *key == field.key)?.1)).collect();
        let lacks = |row: &RawRow| {
            let says_nothing = |at: &usize| row.cell(*at).is_empty() || is_footer_word(row.cell(*at));
            !needed.is_empty() && needed.iter().all(says_nothing)
        };
        let below = || sheet.rows.iter().filter(|row| row.number > self.heading && !is_hint(row));
        let last = below().filter(|row| !lacks(row)).map(|row| row.number).max().unwrap_or_default();
        let is_footer = |row: &&RawRow| {
            let mut filled = row.cells.iter().filter(|cell| !cell.is_empty());
            let first = filled.next();
            let alone = matches!(first, Some(Cell::Text(_))) && filled.next().is_none();
            lacks(row) && (first.is_some_and(is_footer_word) || (alone && row.number > last && last > 0))
        };
        below().filter(is_footer).map(|row| row.number).collect()
    }
}

/// What the rows under a table begin with.
const FOOTERS: &[&str] = &[
    "合计", "总计", "小计", "共计", "累计", "制表", "制单", "填表", "填报", "编制", "经办", "审核", "复核", "批准",
    "签字", "盖章", "备注", "说明", "附注", "注:", "日期", "本页", "以上", "total", "subtotal", "sum", "prepared",
    "checked", "approved", "note", "remark",
];

fn is_footer_word(cell: &Cell) -> bool {
    let Cell::Text(text) = cell else { return false };
    let narrow: String = folded(text).chars().filter(|letter| !letter.is_whitespace()).collect();
    let narrow = narrow.to_lowercase();
    // Not a name that only begins so: Sumitomo, 合计器.
    FOOTERS.iter().any(|word| {
        narrow.strip_prefix(word).is_some_and(|rest| {
            rest.is_empty()
                || word.ends_with(':')
                || rest.starts_with([':', '(', '人', '员', '单', '日', '数', '金', '内', 's'])
        })
    })
}

fn is_hint(row: &RawRow) -> bool {
    row.cells.iter().filter(|cell| !cell.is_empty()).all(|cell| cell.shown().starts_with(HINT))
}

/// What the headings of a list may be called: the labels of its fields, and other words people use for them.
#[derive(Clone, Debug)]
pub struct Headings {
    pub fields: &'static [Field],
    /// Fields by what a heading is, bare: a label, a key, other words. Every row of a file is looked up here.
    names: HashMap<String, &'static Field>,
    /// Fields by what stands before the bracket of a label.
    fronts: HashMap<String, &'static Field>,
}

impl Headings {
    /// `also`: other words for a field, and its key.
    pub fn new<'a>(fields: &'static [Field], also: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut made = Self { fields, names: HashMap::new(), fronts: HashMap::new() };
        for field in fields {
            for label in [field.label.zh, field.label.en, field.key] {
                made.names.entry(bare(label)).or_insert(field);
            }
            for label in [field.label.zh, field.label.en] {
                let name = bare(label);
                made.fronts.entry(before_bracket(&name).to_owned()).or_insert(field);
            }
        }
        made.fronts.remove("");
        for (words, key) in also {
            if let Some(field) = fields.iter().find(|field| field.key == key) {
                made.names.entry(bare(words)).or_insert(field);
            }
        }
        made
    }

    /// The field a heading means, and whether it says just that.
    fn field_of(&self, heading: &str) -> Option<(&'static Field, bool)> {
        let name = bare(heading);
        if name.is_empty() {
            return None;
        }
        let other = || self.by_front(&name).or_else(|| self.in_two_languages(heading));
        self.exact(&name).map(|field| (field, true)).or_else(|| other().map(|field| (field, false)))
    }

    /// 原产国 for 原产国(地区), and 申报数量(个) for 申报数量.
    fn by_front(&self, name: &str) -> Option<&'static Field> {
        let front = before_bracket(name);
        self.fronts.get(front).copied().or_else(|| self.exact(front))
    }

    fn exact(&self, name: &str) -> Option<&'static Field> {
        self.names.get(name).copied()
    }

    /// 币制/Currency, 规格型号 Spec: one field said twice, or once and with words we do not know.
    fn in_two_languages(&self, heading: &str) -> Option<&'static Field> {
        let is_sign = |letter: char| matches!(letter, '/' | '／' | '|' | '\n' | '\r');
        let mut parts: Vec<String> = vec![String::new()];
        let mut latin = None;
        for letter in heading.chars() {
            if is_sign(letter) || (letter.is_alphabetic() && latin.is_some_and(|latin| latin != letter.is_ascii())) {
                parts.push(String::new());
            }
            if letter.is_alphabetic() {
                latin = Some(letter.is_ascii());
            }
            if let Some(part) = parts.last_mut().filter(|_| !is_sign(letter)) {
                part.push(letter);
            }
        }
        let names = parts.iter().map(|part| bare(part));
        let mut meant = names.filter_map(|name| self.exact(&name).or_else(|| self.by_front(&name)));
        let first = meant.next().filter(|_| parts.len() > 1)?;
        meant.all(|other| other.key == first.key).then_some(first)
    }

    /// True for a row with enough headings to be taken for one: two, or, of a list that needs one field only, this one alone.
    fn are_in(&self, row: &RawRow) -> bool {
        let filled: Vec<&Cell> = row.cells.iter().filter(|cell| !cell.is_empty()).collect();
        let mut needed = self.fields.iter().filter(|field| field.need == Need::Save);
        match (filled.as_slice(), needed.next(), needed.next()) {
            ([lone], Some(needed), None) => {
                self.field_of(lone.shown()).is_some_and(|(field, exact)| exact && field.key == needed.key)
            }
            _ => self.known(row) >= 2,
        }
    }

    /// How many cells of a row are headings.
    fn known(&self, row: &RawRow) -> usize {
        row.cells.iter().filter(|cell| self.field_of(cell.shown()).is_some()).count()
    }
}

/// The row of headings that a sheet has best, as one row: of two that stand over each other, the lower says more.
fn heading_row(sheet: &RawSheet, headings: &Headings) -> Option<(usize, RawRow)> {
    let top = || {
        sheet.rows.iter().take_while(|row| row.number.saturating_sub(sheet.above) as usize <= limits::HEADING_WITHIN)
    };
    // The first of the best: below it, data may repeat a word or two.
    let better = |best: (usize, RawRow), one: (usize, RawRow)| if one.0 > best.0 { one } else { best };
    let counted = |row: RawRow| (headings.known(&row), row);
    let single = top().map(|row| counted(row.clone())).reduce(better);
    let pairs = top().zip(top().skip(1)).filter_map(|(upper, lower)| joined(sheet, upper, lower, headings));
    single.into_iter().chain(pairs.map(counted)).reduce(better)
}

/// Two rows of headings as one: 数量 over 申报数量 and 法定数量, beside headings that are merged down.
fn joined(sheet: &RawSheet, upper: &RawRow, lower: &RawRow, headings: &Headings) -> Option<RawRow> {
    if lower.number != upper.number + 1 || is_hint(lower) {
        return None;
    }
    let width = upper.cells.len().max(lower.cells.len());
    let mut cells = Vec::with_capacity(width);
    let mut parent = "";
    for at in 0..width {
        let (above, below) = (upper.cell(at), lower.cell(at));
        let hidden = sheet.merged.iter().any(|area| area.hides(upper.number, at as u32));
        if !(above.is_empty() && (hidden || !below.is_empty())) {
            parent = above.shown();
        }
        if below.is_empty() {
            cells.push(above.clone());
            continue;
        }
        let own = headings.field_of(below.shown());
        let together = [format!("{}{parent}", below.shown()), format!("{parent}{}", below.shown())];
        let said = together.into_iter().find(|words| headings.field_of(words).is_some_and(|(_, exact)| exact));
        // Under a heading of its own stands data, not another heading.
        let spans = sheet.merged.iter().any(|area| {
            area.top == upper.number && area.left as usize <= at && at <= area.right as usize && area.left < area.right
        });
        if !above.is_empty() && !spans && own.is_none() && said.is_none() {
            return None;
        }
        cells.push(match (own, said) {
            (None, Some(words)) => Cell::Text(words),
            _ => below.clone(),
        });
    }
    Some(RawRow { number: lower.number, cells })
}

/// Finds the headings.
///
/// # Errors
/// When there are none, one stands twice, or a field that every row needs has no column.
pub fn find_layout(sheet: &RawSheet, headings: &Headings) -> Result<Layout, Message> {
    let fields = headings.fields;
    let Some((_, row)) = heading_row(sheet, headings).filter(|(_, row)| headings.are_in(row)) else {
        return Err(Message::new(
            format!("前{}行中找不到列标题（如“{}”），请使用导入模板。", limits::HEADING_WITHIN, example(fields).zh),
            format!(
                "No headings (such as “{}”) within the first {} rows: use the template.",
                example(fields).en,
                limits::HEADING_WITHIN
            ),
        ));
    };
    let mut layout = Layout { heading: row.number, columns: Vec::new(), unknown: Vec::new(), footers: Vec::new() };
    let filled: Vec<_> = row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()).collect();
    let means = |cell: &Cell| headings.field_of(cell.shown());
    // 商品名称(英文) is 商品名称 only where no column is called just that.
    let exact: Vec<&str> = filled
        .iter()
        .filter_map(|(_, cell)| means(cell).filter(|(_, exact)| *exact))
        .map(|(field, _)| field.key)
        .collect();
    for (at, cell) in filled {
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
    layout.footers = layout.find_footers(sheet, fields);
    Ok(layout)
}

fn example(fields: &[Field]) -> crate::text::Text {
    let needed = fields.iter().find(|field| field.need == Need::Save).or_else(|| fields.first());
    needed.map_or(crate::text::text("", ""), |field| field.label)
}

/// How many headings a sheet has of these fields; to tell which of two lists it is.
pub fn matches(sheet: &RawSheet, headings: &Headings) -> usize {
    heading_row(sheet, headings).map_or(0, |(count, _)| count)
}

/// True for a row of headings of these fields and nothing much else: where a second table begins.
pub fn is_heading(row: &RawRow, headings: &Headings) -> bool {
    let filled = row.cells.iter().filter(|cell| !cell.is_empty()).count();
    let known = headings.known(row);
    headings.are_in(row) && known * 2 > filled
}

fn before_bracket(name: &str) -> &str {
    name.split('(').next().unwrap_or("")
}

/// A heading without what people add or leave out: stars, blanks, colons, dashes, width, case.
fn bare(heading: &str) -> String {
    folded(heading)
        .chars()
        .map(|letter| match letter {
            '（' | '【' | '[' | '［' => '(',
            '）' | '】' | ']' | '］' => ')',
            other => other,
        })
        .filter(|letter| {
            !letter.is_whitespace() && !matches!(letter, '*' | ':' | '_' | '.' | '-' | '\u{feff}' | '\u{200b}')
        })
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Kind;
    use crate::sheet::Area;
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

    fn find_layout(sheet: &RawSheet, fields: &'static [Field]) -> Result<Layout, Message> {
        let also = [("品名", "goods_name"), ("HS编码", "hs_code"), ("原产国Origin", "origin_country"), ("x", "gone")];
        super::find_layout(sheet, &Headings::new(fields, also.into_iter()))
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
            ["原产国/Country of origin", "HS-编码", "品名"],
            ["原产国(地区)\nCountry", "H.S.编码", "品名 Description"],
            ["原产国 Origin", "hs编码（10位）", "Goods|商品名称"],
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
    fn a_heading_that_could_mean_two_fields_means_none() {
        let layout = find_layout(&sheet(&[(1, &["商品编码", "品名/原产国", "商品名称"])]), FIELDS).unwrap();
        assert_eq!(layout.unknown, ["品名/原产国"]);
    }

    #[test]
    fn headings_in_two_rows_are_read_together() {
        // All quantities were lost, with one note about an unknown column 数量.
        static TWO: &[Field] = &[
            Field::new(text("商品编码", "Code"), Kind::Text { max: 10 }).named("hs_code").save(),
            Field::new(text("申报数量", "Quantity"), Kind::Text { max: 9 }).named("qty"),
            Field::new(text("法定数量", "Legal"), Kind::Text { max: 9 }).named("legal_qty"),
            Field::new(text("备注", "Remark"), Kind::Text { max: 9 }).named("remark"),
        ];
        let want = [("hs_code", 0), ("qty", 1), ("legal_qty", 2), ("remark", 3)];
        let data: (u32, &[&str]) = (4, &["8542399000", "1", "2", "备注"]);
        for lower in [["", "申报数量", "法定数量", ""], ["", "申报", "法定", ""]] {
            let mut sheet = sheet(&[(1, &["清单"]), (2, &["商品编码", "数量", "", "备注"]), (3, &lower), data]);
            sheet.merged = vec![Area { top: 2, left: 1, bottom: 2, right: 2 }];
            let layout = find_layout(&sheet, TWO).unwrap();
            assert_eq!((layout.heading, layout.columns.as_slice()), (3, &want[..]), "{lower:?}");
            assert_eq!(layout.data(&sheet).count(), 1);
        }
        // A first row of data that repeats a heading is data.
        let plain = sheet(&[(1, &["商品编码", "申报数量", "", ""]), (2, &["8542399000", "1", "", "备注"])]);
        assert_eq!(find_layout(&plain, TWO).unwrap().heading, 1);
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
    fn sums_and_signatures_are_no_rows() {
        // Each was a row at fault, and kept all others out.
        let rows: &[(u32, &[&str])] = &[
            (1, &["商品名称", "商品编码", "原产国"]),
            (2, &["电路", "8542399000", "中国"]),
            (3, &["小计", "", "12"]),
            (4, &["合计器", "", "中国"]),
            (5, &["电路", "8542399000", ""]),
            (6, &["", "合 计：", "24"]),
            (7, &["制表人：张三", "", "审核：李四"]),
            (8, &["货物均为自有", "", ""]),
        ];
        let sheet = sheet(rows);
        let layout = find_layout(&sheet, FIELDS).unwrap();
        assert_eq!(layout.footers, [3, 6, 7, 8]);
        let data: Vec<u32> = layout.data(&sheet).map(|row| row.number).collect();
        assert_eq!(data, [2, 4, 5], "what may be goods without a code stays, to be mended");
    }

    #[test]
    fn a_list_that_needs_one_column_may_have_one_column() {
        // The template of 核报报关单 has 报关单号 and nothing else: filled in, it must be read.
        assert_eq!(columns(&["*商品编码"]), [("hs_code", 0)]);
        assert_eq!(columns(&["", "商品编码", ""]), [("hs_code", 1)]);
        let headings = Headings::new(FIELDS, std::iter::empty());
        let is_one = |cells: &[&str]| is_heading(&sheet(&[(1, cells)]).rows[0], &headings);
        assert!(
            is_one(&["商品编码"]) && !is_one(&["商品名称"]) && !is_one(&["商品编码", "甲"]) && !is_one(&["8542399000"])
        );
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (rows, says) in [
            (vec![(1, &["甲", "乙"][..])], "找不到列标题"),
            (vec![(1, &["商品名称"][..])], "找不到列标题"),
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
