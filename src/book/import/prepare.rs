//! From cells to goods rows: each cell to the value of its field, the row completed and checked by the
//! same functions that save a row. Pure; the heavy part of an import, done outside of the transaction.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::columns::{self, Found, SEQ};
use super::model::Problem;
use crate::book::model::{ExportGoods, Goods, ReimportGoods, Side};
use crate::book::rules::GoodsRow;
use crate::form::{Field, Finding, Kind, Severity, clean, today};
use crate::reference::Codes;
use crate::sheet::convert::{self, Lookup};
use crate::sheet::{Area, Cell, RawRow, letters};
use crate::text::Message;

/// The rows of one list as they were uploaded; kept until they are imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub side: Side,
    pub sheet: String,
    /// Key of the field and column, in the order of the sheet.
    pub columns: Vec<(String, usize)>,
    pub rows: Vec<RawRow>,
    pub merged: Vec<Area>,
}

impl Kept {
    pub fn of(found: Found) -> Self {
        let Found { side, mut sheet, layout } = found;
        let columns = layout.columns.iter().map(|(key, at)| ((*key).to_owned(), *at)).collect();
        sheet.rows.retain(|row| layout.is_data(row));
        Self { side, sheet: sheet.name, columns, rows: sheet.rows, merged: sheet.merged }
    }

    /// True when the file says everything of a row that a person may.
    pub fn is_whole(&self) -> bool {
        columns::fields(self.side).iter().all(|field| !field.is_typed() || self.has(field.key))
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
    pub goods: Goods,
    /// What the file says and nothing more, where it does not say everything.
    pub said: Option<Box<Goods>>,
    /// What stands in the column 商品序号.
    pub seq: String,
    pub faults: Vec<Problem>,
    pub hints: Vec<Problem>,
}

/// Prepares all rows of one list, on the cores there are: somebody waits for it.
pub fn prepare(kept: &Kept, codes: &Codes) -> Vec<Line> {
    let cores = std::thread::available_parallelism().map_or(1, |count| count.get().min(MOST_CORES));
    let chunk = kept.rows.len().div_ceil(cores).max(WORTH_A_THREAD);
    std::thread::scope(|scope| {
        let parts: Vec<_> = kept.rows.chunks(chunk).map(|rows| scope.spawn(move || part(kept, rows, codes))).collect();
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
    columns: Vec<(&'static Field, usize)>,
    codes: &'a Codes,
    lookup: Lookup<'a>,
    today: NaiveDate,
    whole: bool,
}

fn part(kept: &Kept, rows: &[RawRow], codes: &Codes) -> Vec<Line> {
    let (columns, lookup) = (places(kept), Lookup::new(codes));
    let reading = Reading { columns, codes, lookup, today: today(), whole: kept.is_whole() };
    let line = |row| match kept.side {
        Side::Exports => line::<ExportGoods>(kept, row, &reading),
        Side::Reimports => line::<ReimportGoods>(kept, row, &reading),
    };
    rows.iter().map(line).collect()
}

fn line<R: GoodsRow>(kept: &Kept, row: &RawRow, reading: &Reading<'_>) -> Line {
    let Reading { columns, codes, lookup, today, whole } = reading;
    let mut record = R::default();
    let mut line = Line {
        number: row.number,
        goods: R::default().wrap(),
        said: None,
        seq: String::new(),
        faults: Vec::new(),
        hints: Vec::new(),
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
            line.faults.push(problem(kept.side, row, Some((field, *at)), reason));
        } else if field.key == SEQ {
            line.seq = cell.shown().trim().to_owned();
        } else if field.is_typed() {
            match convert::value(field, cell, lookup) {
                Ok(value) => record.set(field.key, clean(field, &value, *today)),
                Err(reason) => line.faults.push(problem(kept.side, row, Some((field, *at)), reason)),
            }
        }
    }
    line.said = (!whole).then(|| Box::new(record.clone().wrap()));
    finish(kept, columns, row, record, codes, line)
}

/// Completes and checks a row, as saving a typed one does.
fn finish<R: GoodsRow>(
    kept: &Kept,
    columns: &[(&Field, usize)],
    row: &RawRow,
    mut record: R,
    codes: &Codes,
    mut line: Line,
) -> Line {
    record.complete(codes);
    for found in record.check(0, codes, true) {
        let key = found.pointer.rsplit('.').next().unwrap_or_default();
        let place = columns.iter().find(|(field, _)| field.key == key);
        // One fault per cell: what could not be read is also missing.
        let told = place.is_some_and(|(_, at)| line.faults.iter().any(|fault| fault.column == letters(*at)));
        if !told {
            sort_in(kept.side, row, found, place.copied(), &mut line);
        }
    }
    line.goods = record.wrap();
    line
}

/// What replacing a stored row by a row of the file comes to. Who leaves a column out says nothing of
/// it: what is stored there stays, and the whole is completed and checked anew.
pub fn over(kept: &Kept, line: &Line, stored: &Goods, codes: &Codes) -> Line {
    match (line.said.as_deref().unwrap_or(&line.goods), stored) {
        (Goods::Exports(row), Goods::Exports(stored)) => merged(kept, line, row, stored, codes),
        (Goods::Reimports(row), Goods::Reimports(stored)) => merged(kept, line, row, stored, codes),
        // Lists are found by their side: they never mix.
        _ => line.clone(),
    }
}

fn merged<R: GoodsRow>(kept: &Kept, line: &Line, row: &R, stored: &R, codes: &Codes) -> Line {
    let mut record = stored.clone();
    for field in R::FIELDS.iter().filter(|field| field.is_typed()) {
        if kept.has(field.key) {
            record.set(field.key, row.get(field.key));
        } else if follows(stored, field, codes) {
            record.set(field.key, "");
        }
    }
    let bare = Line { faults: Vec::new(), hints: Vec::new(), ..line.clone() };
    match kept.row(line.number) {
        Some(raw) => finish(kept, &places(kept), raw, record, codes, bare),
        None => bare,
    }
}

/// True for a quantity that was filled from another one: it goes on following that.
fn follows<R: GoodsRow>(stored: &R, field: &Field, codes: &Codes) -> bool {
    if !matches!(field.kind, Kind::Decimal { .. }) || stored.get(field.key).is_empty() {
        return false;
    }
    let mut without = stored.clone();
    without.set(field.key, "");
    without.complete(codes);
    without.get(field.key) == stored.get(field.key)
}

/// The fields of a list and their columns.
fn places(kept: &Kept) -> Vec<(&'static Field, usize)> {
    kept.columns.iter().filter_map(|(key, at)| Some((columns::field(kept.side, key)?, *at))).collect()
}

fn sort_in(side: Side, row: &RawRow, found: Finding, place: Option<(&Field, usize)>, line: &mut Line) {
    let key = found.pointer.rsplit('.').next().unwrap_or_default();
    let mut problem = problem(side, row, place, found.message);
    if place.is_none()
        && let Some(field) = columns::field(side, key)
    {
        problem.field = field.label.into();
    }
    if found.severity == Severity::Save { line.faults.push(problem) } else { line.hints.push(problem) }
}

/// A problem of a cell, or of the row when there is no place.
pub fn problem(side: Side, row: &RawRow, place: Option<(&Field, usize)>, reason: Message) -> Problem {
    let shown = |cell: &Cell| {
        let text = cell.shown();
        if text.chars().count() > 40 { text.chars().take(40).chain(['…']).collect() } else { text.to_owned() }
    };
    Problem {
        side,
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
    use crate::reference::{Table, TableData};

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
            side: Side::Exports,
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
        let line = prepare(&kept, &codes).remove(0);
        assert!(line.faults.is_empty(), "{:?}", line.faults);
        let Goods::Exports(goods) = line.goods else { panic!("an export") };
        assert_eq!((goods.total_price.as_str(), goods.currency.as_str()), ("2500", "USD"));
        let entry = codes.find(Table::Commodity, "8542399000").unwrap();
        assert_eq!((goods.legal_unit.as_str(), goods.levy_mode.as_str()), (entry.unit, "3"));
        // Not filled in, and needed before 申报: told, not refused.
        assert!(line.hints.iter().any(|hint| hint.field.zh == "规格型号" && hint.column.is_empty()));
    }

    #[test]
    fn a_fault_names_its_cell_once() {
        let codes = codes();
        let kept = kept(&["hs_code", "qty"], &[&["8.54E+09", "0"], &["", "1"]]);
        let lines = prepare(&kept, &codes);
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
            let fields = columns::fields(Side::Reimports);
            let cell = |text: &String| serde_json::from_value(format!("{mark}{text}").into()).unwrap();
            let cells = texts.iter().map(cell).collect();
            let kept = Kept {
                side: Side::Reimports,
                sheet: String::new(),
                columns: fields.iter().enumerate().map(|(at, field)| (field.key.to_owned(), at)).collect(),
                rows: vec![RawRow { number: 2, cells }],
                merged: Vec::new(),
            };
            let line = prepare(&kept, &codes).remove(0);
            for fault in &line.faults {
                proptest::prop_assert!(!fault.reason.zh.is_empty());
            }
        }
    }
}
