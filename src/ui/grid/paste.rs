//! What a pasted block would do: which cell goes where, which cannot be taken over and why. Pure; the
//! preview shows the plan and asks what becomes of the cells at fault.

use super::block::Block;
use crate::form::written::Read;
use crate::text::{Message, Text};

/// A column of the grid as pasting sees it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub label: Text,
    /// Number of the field; `None` for a grey column.
    pub field: Option<usize>,
    /// Decimals a number of it takes; 0 for everything else.
    pub places: u32,
}

/// One row that is pasted into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Row of the grid; `None` beyond its end: a new row.
    pub row: Option<usize>,
    /// Its place in the block, from 0: what the copied rows are counted by.
    pub at: usize,
    /// Field and its value.
    pub values: Vec<(usize, String)>,
    /// Field and text of what cannot be taken over.
    pub wrong: Vec<(usize, String)>,
}

/// A cell that cannot be taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    pub line: usize,
    pub field: usize,
    pub label: Text,
    pub text: String,
    pub reason: Message,
}

/// What would happen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub lines: Vec<Line>,
    pub good: usize,
    pub bad: Vec<Bad>,
    /// Row of the block, column, and what was completed or rounded there.
    pub notes: Vec<(usize, Text, Message)>,
    /// Grey columns the block covers: what stands there is worked out, not pasted.
    pub skipped: Vec<Text>,
    /// Blank rows beyond the end of the grid, which make no new rows.
    pub blank: usize,
    /// A column's numbers all have the same decimals, and fewer than it takes: Excel copies what it shows.
    pub maybe_rounded: bool,
}

impl Plan {
    pub fn added(&self) -> usize {
        self.lines.iter().filter(|line| line.row.is_none()).count()
    }
}

/// Where a block goes: one cell fills the selected cells, one row all selected rows, more go from the first
/// cell on. Rows beyond the end are added; `convert` makes a value of a field's text.
///
/// # Errors
/// When the block is wider than the columns there are, or longer than the rows a list takes.
pub fn plan(
    cells: &[Vec<String>],
    columns: &[Target],
    block: Block,
    rows: usize,
    most_rows: usize,
    mut convert: impl FnMut(usize, &str) -> Result<Read, Message>,
) -> Result<Plan, Message> {
    let filled;
    let cells = match cells {
        [row] if row.len() == 1 && !block.is_one_cell() => {
            filled = vec![vec![row[0].clone(); block.columns()]; block.rows()];
            &filled
        }
        [row] if block.rows() > 1 => {
            filled = vec![row.clone(); block.rows()];
            &filled
        }
        cells => cells,
    };
    let width = cells.iter().map(Vec::len).max().unwrap_or(0);
    let Some(columns) = columns.get(block.left..block.left + width) else {
        let room = columns.len().saturating_sub(block.left);
        return Err(Message::new(
            format!("未粘贴：复制的内容有{width}列，从光标起只有{room}列。请从更靠左的列开始粘贴，或减少列数。"),
            format!(
                "Not pasted: {width} columns were copied, but there are only {room} from here on. Start further left, or copy fewer."
            ),
        ));
    };
    let mut plan = Plan {
        skipped: columns.iter().filter(|column| column.field.is_none()).map(|column| column.label).collect(),
        maybe_rounded: columns.iter().enumerate().any(|(at, column)| {
            column.field.is_some() && looks_rounded(cells.iter().filter_map(|row| row.get(at)), column.places)
        }),
        ..Plan::default()
    };
    for (index, row) in cells.iter().enumerate() {
        let place = block.top + index;
        let place = (place < rows).then_some(place);
        if place.is_none() && row.iter().all(|cell| cell.trim().is_empty()) {
            plan.blank += 1;
            continue;
        }
        let mut line = Line { row: place, at: index, values: Vec::new(), wrong: Vec::new() };
        // A row that is shorter than the others ends in blank cells.
        for (at, column) in columns.iter().enumerate() {
            let Some(field) = column.field else { continue };
            let text = row.get(at).map_or("", String::as_str);
            match convert(field, text) {
                Ok(Read { value, note }) => {
                    plan.good += 1;
                    line.values.push((field, value));
                    plan.notes.extend(note.map(|note| (index, column.label, note)));
                }
                Err(reason) => {
                    let text = text.to_owned();
                    line.wrong.push((field, text.clone()));
                    plan.bad.push(Bad { line: plan.lines.len(), field, label: column.label, text, reason });
                }
            }
        }
        plan.lines.push(line);
    }
    if rows + plan.added() > most_rows {
        return Err(Message::new(
            format!("未粘贴：粘贴后将有{}行，最多{most_rows}行。请减少行数，或分为多本账册。", rows + plan.added()),
            format!(
                "Not pasted: there would be {} rows, at most {most_rows} fit. Copy fewer, or file several books.",
                rows + plan.added()
            ),
        ));
    }
    Ok(plan)
}

/// True when numbers were perhaps cut to the decimals they are shown with: a column of one format shows the
/// same number of them everywhere; numbers shown as they are differ.
fn looks_rounded<'a>(texts: impl Iterator<Item = &'a String>, places: u32) -> bool {
    let decimals = |text: &String| {
        let behind = text.trim().rsplit_once(['.', '．', '。', '｡']).map_or("", |(_, behind)| behind);
        behind.chars().filter(|letter| letter.is_numeric()).count()
    };
    let shown: Vec<usize> = texts.filter(|text| text.contains(char::is_numeric)).map(decimals).collect();
    shown.first().is_some_and(|first| *first < places as usize && shown.iter().all(|one| one == first))
}

#[cfg(test)]
mod tests {
    use super::super::block::At;
    use super::*;
    use crate::text::delimited::parse;
    use crate::text::text;

    const COLUMNS: [Target; 4] = [
        Target { label: text("料号", "Material"), field: Some(0), places: 0 },
        Target { label: text("编码", "Code"), field: Some(1), places: 0 },
        Target { label: text("总价", "Total"), field: None, places: 2 },
        Target { label: text("数量", "Quantity"), field: Some(3), places: 2 },
    ];

    fn at(row: usize, column: usize) -> Block {
        Block::between(At { row, column }, At { row, column })
    }

    fn paste(text: &str, block: Block) -> Result<Plan, Message> {
        plan(&parse(text), &COLUMNS, block, 3, 5, |field, text| match (field, text) {
            (1, "bad") => Err(Message::new("不行", "no")),
            (1, "short") => Ok(Read { value: "long".to_owned(), note: Some(Message::new("补全", "completed")) }),
            _ => Ok(text.to_owned().into()),
        })
    }

    fn values(line: &Line) -> Vec<(usize, &str)> {
        line.values.iter().map(|(field, text)| (*field, text.as_str())).collect()
    }

    #[test]
    fn a_block_lands_from_the_active_cell_on_and_what_overflows_is_added() {
        let plan = paste("a\tb\tc\td\r\ne\tf\tg\th\r\n", at(2, 0)).unwrap();
        assert_eq!(plan.lines.iter().map(|line| line.row).collect::<Vec<_>>(), [Some(2), None]);
        // The grey column keeps its place in the block, or everything right of it would shift.
        assert_eq!(values(&plan.lines[1]), [(0, "e"), (1, "f"), (3, "h")]);
        assert_eq!(plan.skipped.iter().map(|label| label.zh).collect::<Vec<_>>(), ["总价"]);
        assert_eq!((plan.good, plan.added()), (6, 1));
    }

    #[test]
    fn columns_that_overflow_refuse_everything() {
        assert!(paste("a\tb\tc", at(0, 2)).is_err_and(|why| why.zh.contains("有3列，从光标起只有2列")));
        assert!(paste("a\r\nb\r\nc\r\n", at(2, 0)).is_ok());
        assert!(paste("a\r\nb\r\nc\r\nd\r\n", at(2, 0)).is_err_and(|why| why.zh.contains("最多5行")));
    }

    #[test]
    fn one_cell_fills_what_is_selected() {
        let block = Block { top: 0, left: 0, bottom: 1, right: 2 };
        let plan = paste("x", block).unwrap();
        assert_eq!(plan.lines.iter().map(values).collect::<Vec<_>>(), [[(0, "x"), (1, "x")], [(0, "x"), (1, "x")]]);
    }

    #[test]
    fn one_row_fills_all_selected_rows() {
        let plan = paste("x\ty", Block { top: 0, left: 0, bottom: 2, right: 1 }).unwrap();
        assert_eq!(plan.lines.iter().map(|line| line.row).collect::<Vec<_>>(), [Some(0), Some(1), Some(2)]);
        assert_eq!(values(&plan.lines[2]), [(0, "x"), (1, "y")]);
        // Also where only its first column is selected.
        let plan = paste("x\ty", Block { top: 1, left: 0, bottom: 2, right: 0 }).unwrap();
        assert_eq!(plan.lines.iter().map(values).collect::<Vec<_>>(), [[(0, "x"), (1, "y")], [(0, "x"), (1, "y")]]);
    }

    #[test]
    fn rounding_is_suspected_where_all_numbers_are_shown_alike() {
        // Excel copies 1234.504 as 1,234.5 where it shows one decimal: the declaration would be wrong.
        for (copied, suspicious) in [
            ("1,234.5\n2.0", true),
            ("1235\n2", true),
            ("1,234.50\n2.00", false),
            ("1234.5\n2", false),
            ("１２．５", true),
            ("\n\n", false),
        ] {
            assert_eq!(paste(copied, at(0, 3)).unwrap().maybe_rounded, suspicious, "{copied}");
        }
        assert!(!paste("12", at(0, 0)).unwrap().maybe_rounded, "a code has no decimals");
    }

    #[test]
    fn blank_rows_keep_their_place_but_add_nothing() {
        let plan = paste("\t\r\n\t\r\nx\ty\r\n", at(2, 0)).unwrap();
        assert_eq!(plan.lines.iter().map(|line| line.row).collect::<Vec<_>>(), [Some(2), None]);
        assert_eq!(values(&plan.lines[0]), [(0, ""), (1, "")]);
        assert_eq!((values(&plan.lines[1]), plan.blank), (vec![(0, "x"), (1, "y")], 1));
        assert_eq!(plan.lines[1].at, 2, "the preview counts the rows as they were copied");
    }

    #[test]
    fn what_is_completed_is_told_with_its_place() {
        let plan = paste("a\tb\r\nc\tshort\r\n", at(0, 0)).unwrap();
        assert_eq!(values(&plan.lines[1]), [(0, "c"), (1, "long")]);
        let told: Vec<_> = plan.notes.iter().map(|(row, label, note)| (*row, label.zh, note.zh.as_str())).collect();
        assert_eq!(told, [(1, "编码", "补全")]);
    }

    #[test]
    fn a_bad_cell_is_named_and_the_others_are_counted() {
        let plan = paste("a\tbad\r\nb\tc\r\n", at(0, 0)).unwrap();
        assert_eq!((plan.good, plan.bad.len()), (3, 1));
        assert_eq!((plan.bad[0].line, plan.bad[0].label.zh, plan.bad[0].text.as_str()), (0, "编码", "bad"));
        assert_eq!(plan.lines[0].wrong, [(1, "bad".to_owned())], "for who wants it pasted all the same");
    }
}
