//! From cells to rows: each cell to the value of its field, the row completed and checked by the same functions that
//! save a row. Pure; the heavy part of an import, done outside of the transaction.

use chrono::NaiveDate;
use rust_decimal::RoundingStrategy;
use serde::{Deserialize, Serialize};

use super::columns::{self, Found, SEQ};
use super::model::Problem;
use crate::document::kind::Section;
use crate::form::{Field, Finding, Kind, Severity, Source, Values, amount, clean, read_number};
use crate::reference::Codes;
use crate::sheet::convert::{self, Lookup, Read};
use crate::sheet::{Area, Cell, RawRow, letters};
use crate::text::Message;

/// The rows of one list as they were uploaded; kept until they are imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Key of the list.
    pub section: String,
    pub sheet: String,
    /// Key of the field and column, in the order of the sheet.
    pub columns: Vec<(String, usize)>,
    pub rows: Vec<RawRow>,
    pub merged: Vec<Area>,
}

impl Kept {
    pub fn of(found: Found) -> Self {
        let Found { section, mut sheet, layout } = found;
        let columns = layout.columns.iter().map(|(key, at)| ((*key).to_owned(), *at)).collect();
        sheet.rows.retain(|row| layout.is_data(row));
        Self { section: section.key.to_owned(), sheet: sheet.name, columns, rows: sheet.rows, merged: sheet.merged }
    }

    /// True when the file says everything of a row that a person may.
    pub fn is_whole(&self, section: &Section) -> bool {
        section.fields.iter().all(|field| !field.is_typed() || self.has(field.key))
    }

    pub fn row(&self, number: u32) -> Option<&RawRow> {
        self.rows.binary_search_by_key(&number, |row| row.number).ok().map(|place| &self.rows[place])
    }

    pub fn has(&self, key: &str) -> bool {
        self.columns.iter().any(|(one, _)| one == key)
    }
}

/// One row of the file, ready to be stored if it has no fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub number: u32,
    /// Completed and checked, as it would be added.
    pub content: Values,
    /// What the file says and nothing more, where it does not say everything.
    pub said: Option<Values>,
    /// What stands in the column of the number.
    pub seq: String,
    pub faults: Vec<Problem>,
    pub hints: Vec<Problem>,
    /// What was completed, rounded or not taken over; to be looked at before the import.
    pub notices: Vec<Problem>,
}

/// Prepares all rows of one list, on the cores there are: somebody waits for it.
pub fn prepare(section: &'static Section, kept: &Kept, codes: &Codes, today: NaiveDate) -> Vec<Line> {
    let cores = std::thread::available_parallelism().map_or(1, |count| count.get().min(MOST_CORES));
    let chunk = kept.rows.len().div_ceil(cores).max(WORTH_A_THREAD);
    let part = |rows: &[RawRow]| -> Vec<Line> {
        let (columns, lookup) = (places(section, kept), Lookup::new(codes));
        let reading = Reading { section, columns, codes, lookup, today, whole: kept.is_whole(section) };
        rows.iter().map(|row| line(kept, row, &reading)).collect()
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = kept.rows.chunks(chunk).map(|rows| scope.spawn(move || part(rows))).collect();
        // A panic in a part is one of the whole, as it would be without threads.
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

const MOST_CORES: usize = 4;
const WORTH_A_THREAD: usize = 200;

/// What is the same for all rows of a list.
struct Reading<'a> {
    section: &'static Section,
    columns: Vec<(&'static Field, usize)>,
    codes: &'a Codes,
    lookup: Lookup<'a>,
    today: NaiveDate,
    whole: bool,
}

fn line(kept: &Kept, row: &RawRow, reading: &Reading<'_>) -> Line {
    let Reading { section, columns, codes, lookup, today, whole } = reading;
    let mut record = Values::new(section.fields);
    let mut line = Line {
        number: row.number,
        content: Values::new(section.fields),
        said: None,
        seq: String::new(),
        faults: Vec::new(),
        hints: Vec::new(),
        notices: Vec::new(),
    };
    let merged: Vec<&Area> =
        kept.merged.iter().filter(|area| area.top <= row.number && row.number <= area.bottom).collect();
    for (field, at) in columns {
        let cell = row.cell(*at);
        if merged.iter().any(|area| area.hides(row.number, *at as u32)) {
            let reason = Message::new(
                "合并单元格，不能确定本行的值，请取消合并后逐行填写",
                "Merged cells: the value of this row cannot be told; unmerge them and fill in every row",
            );
            line.faults.push(problem(section, row, Some((field, *at)), reason));
        } else if field.key == SEQ {
            line.seq = cell.shown().trim().to_owned();
        } else if field.is_typed() {
            match convert::value(field, cell, lookup) {
                Ok(Read { value, note }) => {
                    record.set(field.key, clean(field, &value, *today));
                    line.notices.extend(note.map(|note| problem(section, row, Some((field, *at)), note)));
                }
                Err(reason) => line.faults.push(problem(section, row, Some((field, *at)), reason)),
            }
        }
    }
    line.said = (!whole).then(|| record.clone());
    let mut line = finish(section, columns, row, record, codes, line);
    let reckoned = columns.iter().filter(|(field, _)| field.source == Source::Computed);
    let differs =
        reckoned.filter_map(|(field, at)| reckoned_otherwise((field, *at), row, &line.content, lookup, section));
    let differs: Vec<Problem> = differs.collect();
    line.notices.extend(differs);
    line
}

/// The file's own sum, where it is not the one that is stored. Which of the two is wrong, only the person can tell.
fn reckoned_otherwise(
    (field, at): (&'static Field, usize),
    row: &RawRow,
    content: &Values,
    lookup: &Lookup<'_>,
    section: &Section,
) -> Option<Problem> {
    let (Kind::Decimal { frac, .. }, cell) = (field.kind, row.cell(at)) else { return None };
    let stored = content.get(field.key);
    if cell.is_empty() || stored.is_empty() {
        return None;
    }
    let read = convert::value(field, cell, lookup).ok().and_then(|read| read_number(&read.value));
    let is_same = read.is_some_and(|read| {
        let near = [RoundingStrategy::MidpointNearestEven, RoundingStrategy::MidpointAwayFromZero];
        near.iter().any(|way| read.round_dp_with_strategy(frac, *way) == amount(stored))
    });
    let (zh, en, shown) = (field.label.zh, field.label.en, cell.shown());
    (!is_same).then(|| {
        let reason = Message::new(
            format!("文件中的{zh}是{shown}，按本行其他数据算得{stored}：导入的是{stored}，请核对数量和单价"),
            format!("{en} in the file is {shown}, reckoned from the row it is {stored}: {stored} is imported; check quantity and price"),
        );
        problem(section, row, Some((field, at)), reason)
    })
}

/// Completes and checks a row, as saving a typed one does.
fn finish(
    section: &'static Section,
    columns: &[(&Field, usize)],
    row: &RawRow,
    mut record: Values,
    codes: &Codes,
    mut line: Line,
) -> Line {
    section.rules.complete(&mut record, None, codes);
    for found in section.rules.check(0, &record, codes, true) {
        let key = found.pointer.rsplit('.').next().unwrap_or_default();
        let place = columns.iter().find(|(field, _)| field.key == key);
        // One fault per cell: what could not be read is also missing.
        let told = place.is_some_and(|(_, at)| line.faults.iter().any(|fault| fault.column == letters(*at)));
        if !told {
            sort_in(section, row, found, place.copied(), &mut line);
        }
    }
    line.content = record;
    line
}

/// What replacing a stored row by a row of the file comes to. Who leaves a column out says nothing of it: what is stored
/// there stays, and the whole is completed and checked anew.
pub fn over(section: &'static Section, kept: &Kept, line: &Line, stored: &Values, codes: &Codes) -> Line {
    let said = line.said.as_ref().unwrap_or(&line.content);
    let mut record = stored.clone();
    for field in section.fields.iter().filter(|field| field.is_typed()) {
        if kept.has(field.key) {
            record.set(field.key, said.get(field.key));
        } else if follows(section, stored, field, codes) {
            record.set(field.key, "");
        }
    }
    let bare = Line { faults: Vec::new(), hints: Vec::new(), ..line.clone() };
    match kept.row(line.number) {
        Some(raw) => finish(section, &places(section, kept), raw, record, codes, bare),
        None => bare,
    }
}

/// True for a quantity that was filled from another one: it goes on following that.
fn follows(section: &Section, stored: &Values, field: &Field, codes: &Codes) -> bool {
    if !matches!(field.kind, Kind::Decimal { .. }) || stored.get(field.key).is_empty() {
        return false;
    }
    let mut without = stored.clone();
    without.set(field.key, "");
    section.rules.complete(&mut without, None, codes);
    without.get(field.key) == stored.get(field.key)
}

/// The fields of a list and their columns.
fn places(section: &'static Section, kept: &Kept) -> Vec<(&'static Field, usize)> {
    kept.columns.iter().filter_map(|(key, at)| Some((columns::field(section, key)?, *at))).collect()
}

fn sort_in(section: &'static Section, row: &RawRow, found: Finding, place: Option<(&Field, usize)>, line: &mut Line) {
    let key = found.pointer.rsplit('.').next().unwrap_or_default();
    let mut problem = problem(section, row, place, found.message);
    if place.is_none()
        && let Some(field) = columns::field(section, key)
    {
        problem.field = field.label.into();
    }
    if found.severity == Severity::Save { line.faults.push(problem) } else { line.hints.push(problem) }
}

/// A problem of a cell, or of the row when there is no place.
pub fn problem(section: &Section, row: &RawRow, place: Option<(&Field, usize)>, reason: Message) -> Problem {
    let shown = |cell: &Cell| {
        let text = cell.shown();
        if text.chars().count() > 40 { text.chars().take(40).chain(['…']).collect() } else { text.to_owned() }
    };
    Problem {
        section: section.key.to_owned(),
        row: row.number,
        column: place.map_or_else(String::new, |(_, at)| letters(at)),
        field: place.map_or_else(Message::default, |(field, _)| field.label.into()),
        value: place.map_or_else(String::new, |(_, at)| shown(row.cell(at))),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filing::kind::FILING;
    use crate::reference::{Table, TableData};

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 2, 28).unwrap()
    }

    fn codes() -> Codes {
        let mut codes = Codes::default();
        for (table, lines) in [
            (Table::Commodity, "8542399000\t其他集成电路\t\t\t\t007\t035\n"),
            (Table::Unit, "007\t个\n035\t千克\n"),
            (Table::Currency, "USD\t美元\n"),
        ] {
            codes.insert(table, TableData::new("1".into(), lines.into()));
        }
        codes
    }

    fn kept(columns: &[&str], rows: &[&[&str]]) -> Kept {
        let cells = |row: &&[&str]| {
            row.iter().map(|text| if text.is_empty() { Cell::Empty } else { Cell::Text((*text).into()) }).collect()
        };
        Kept {
            section: "exports".into(),
            sheet: "出口货物".into(),
            columns: columns.iter().enumerate().map(|(at, key)| ((*key).to_owned(), at)).collect(),
            rows: rows
                .iter()
                .enumerate()
                .map(|(at, row)| RawRow { number: at as u32 + 2, cells: cells(row) })
                .collect(),
            merged: Vec::new(),
        }
    }

    #[test]
    fn a_row_is_what_typing_it_would_have_made_of_it() {
        let codes = codes();
        let kept = kept(
            &["hs_code", "goods_name", "declare_unit", "qty", "unit_price", "currency"],
            &[&["8542399000", "集成电路", "个", "1,000", "2.5", "美元"]],
        );
        let line = prepare(&FILING.sections[0], &kept, &codes, today()).remove(0);
        assert!(line.faults.is_empty(), "{:?}", line.faults);
        let goods = line.content;
        assert_eq!((goods.get("total_price"), goods.get("currency")), ("2500", "USD"));
        let entry = codes.find(Table::Commodity, "8542399000").unwrap();
        assert_eq!((goods.get("legal_unit"), goods.get("levy_mode")), (entry.unit, "3"));
        // Not filled in, and needed before 申报: told, not refused.
        assert!(line.hints.iter().any(|hint| hint.field.zh == "规格型号" && hint.column.is_empty()));
    }

    #[test]
    fn a_sum_of_the_file_that_is_another_is_told() {
        // 999 in the file and 475 in the declaration, and nobody had said a word.
        let codes = codes();
        let columns = ["hs_code", "qty", "unit_price", "total_price"];
        let rows: [&[&str]; 4] = [
            &["8542399000", "3", "158.3333", "999"],
            &["8542399000", "3", "158.3333", "474.9999"],
            &["8542399000", "2", "1000", "2,000.00"],
            &["8542399000", "3", "158.3333", "约475"],
        ];
        let lines = prepare(&FILING.sections[0], &kept(&columns, &rows), &codes, today());
        let told =
            |line: &Line| line.notices.iter().any(|notice| notice.column == "D" && notice.reason.zh.contains("475"));
        assert_eq!(lines.iter().map(told).collect::<Vec<_>>(), [true, false, false, true], "{:?}", lines[1].notices);
    }

    #[test]
    fn a_fault_names_its_cell_once() {
        let codes = codes();
        let kept = kept(&["hs_code", "qty"], &[&["8.54E+09", "0"], &["", "1"]]);
        let lines = prepare(&FILING.sections[0], &kept, &codes, today());
        let told: Vec<_> =
            lines[0].faults.iter().map(|fault| (fault.row, fault.column.as_str(), fault.value.as_str())).collect();
        assert_eq!(told, [(2, "A", "8.54E+09"), (2, "B", "0")]);
        assert_eq!(lines[1].faults.len(), 1);
        assert_eq!(lines[1].faults[0].field.zh, "商品编码");
    }

    proptest::proptest! {
        /// Whatever stands in a cell, it becomes a value or a problem: a panic would lose the whole import.
        #[test]
        fn no_cell_breaks_the_preparation(
            texts in proptest::collection::vec("[-+=@'0-9０-９.,，eE#%￥个美元:|\\PC]{0,14}", 23),
            mark in "[tndbeu]",
        ) {
            let codes = codes();
            let reimports = &FILING.sections[1];
            let fields = columns::fields(reimports);
            let cell = |text: &String| serde_json::from_value(format!("{mark}{text}").into()).unwrap();
            let cells = texts.iter().map(cell).collect();
            let kept = Kept {
                section: "reimports".into(),
                sheet: String::new(),
                columns: fields.iter().enumerate().map(|(at, field)| (field.key.to_owned(), at)).collect(),
                rows: vec![RawRow { number: 2, cells }],
                merged: Vec::new(),
            };
            let line = prepare(reimports, &kept, &codes, today()).remove(0);
            for fault in &line.faults {
                proptest::prop_assert!(!fault.reason.zh.is_empty());
            }
        }
    }
}
