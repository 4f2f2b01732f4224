//! Copying a block, and pasting one: read, planned, shown, and carried out as one step. Called by the keys and the
//! clipboard events of the grid. What a cell means is planned in `paste`, what is stored runs in `edit`.

use leptos::prelude::*;
use web_sys::{ClipboardEvent, DataTransfer};

use super::block::{At, Block};
use super::cells::{Mode, Sheet};
use super::edit::Prepared;
use super::html_table;
use super::paste::{Target, plan};
use crate::form::Kind;
use crate::form::written::Lookup;
use crate::text::{Message, delimited};
use crate::ui::codes::codes_now;
use crate::ui::toast;

impl Sheet {
    /// The block as a spreadsheet reads it, every cell in full.
    fn block_text(self) -> Option<String> {
        let block = self.block()?;
        let columns = self.columns();
        let within = columns.get(block.left..=block.right)?;
        let cell = |row: usize, key: &'static str| untrack(|| self.frame.rows.cell.run((row, key)));
        let rows: Vec<Vec<String>> = (block.top..=block.bottom)
            .map(|row| within.iter().map(|column| untrack(|| column.show(&cell(row, column.key)))).collect())
            .collect();
        Some(delimited::print(&rows))
    }

    pub fn on_copy(self, event: &ClipboardEvent, cut: bool) {
        if self.cells.mode.get_untracked() == Mode::Edit || self.frame.heading.get_untracked().is_some() {
            return;
        }
        if let (Some(data), Some(text)) = (event.clipboard_data(), self.block_text()) {
            event.prevent_default();
            let _ = data.set_data("text/plain", &text);
            if cut {
                self.clear();
            }
            self.place();
        }
    }

    pub fn on_paste(self, event: &ClipboardEvent) {
        let data = |kind: &str| event.clipboard_data().and_then(|data: DataTransfer| data.get_data(kind).ok());
        let text = data("text/plain").filter(|text| !text.is_empty());
        let one_cell =
            text.as_ref().is_some_and(|text| !text.trim_end_matches(['\r', '\n']).contains(['\t', '\n', '\r']));
        if self.cells.mode.get_untracked() == Mode::Edit && one_cell {
            return; // into the text that is being typed
        }
        // Also where nothing can be pasted: left to the browser, a picture would empty the cell.
        event.prevent_default();
        let cells = text.map(|text| delimited::parse(&text));
        let Some(cells) = cells.or_else(|| data("text/html").and_then(|html| html_table::read(&html))) else {
            return toast::info(crate::text::text(
                "剪贴板中没有文字（可能是图片），未粘贴。",
                "There is no text on the clipboard (a picture perhaps); nothing was pasted.",
            ));
        };
        if self.cells.editing.locked.get_untracked() {
            return toast::info(crate::text::text(
                "列表当前不能修改，未粘贴。",
                "The list cannot be changed now; nothing was pasted.",
            ));
        }
        // What was being typed is a step of its own.
        self.commit();
        self.paste(&cells);
    }

    /// Shows what pasting cells would do; one good cell is simply done.
    fn paste(self, cells: &[Vec<String>]) {
        let codes = codes_now();
        let lookup = Lookup::new(&codes);
        let columns: Vec<Target> = self
            .columns()
            .iter()
            .map(|column| Target {
                label: column.label,
                field: self.cells.editing.typed_field(column.key).map(|(place, _)| place),
                places: if let Kind::Decimal { frac, .. } = column.kind { frac } else { 0 },
            })
            .collect();
        // An empty list has no cell to start at: what is pasted begins in the first column that is typed, not in the
        // grey number.
        let first = columns.iter().position(|column| column.field.is_some()).unwrap_or_default();
        let at = self.at().unwrap_or(At { row: 0, column: first });
        let block = self.block().unwrap_or(Block::between(at, at));
        let rows = self.extent().rows;
        let convert = self.cells.editing.converter(&codes, &lookup);
        let plan = match plan(cells, &columns, block, rows, self.cells.editing.most_rows, convert) {
            Ok(plan) => plan,
            Err(why) => return toast::error(why),
        };
        let prepared = self.cells.editing.prepare(plan, self.named(), |row| self.frame.rows.id_at(row));
        let plan = &prepared.plan;
        if cells.len() == 1
            && cells[0].len() == 1
            && plan.bad.is_empty()
            && plan.skipped.is_empty()
            && plan.notes.is_empty()
        {
            return self.carry_out(prepared);
        }
        self.cells.preview.set(Some(prepared));
        self.cells.preview_open.set(true);
    }

    /// Carries out a paste that was looked at. Cells at fault are pasted as they are, and marked.
    pub fn carry_out(self, prepared: Prepared) {
        let (lines, wrong) = (prepared.plan.lines.len(), prepared.faults.len());
        let first = prepared.faults.first().map(|(id, key, _)| (*id, *key));
        self.carry_out_marking(prepared.step, prepared.faults, move |sheet| {
            if let Some(first) = first {
                sheet.go_to(first);
                toast::info(Message::new(
                    format!("已粘贴{lines}行，{wrong}格有误并标红，所在行改正后才保存：F8逐格修改，Ctrl+Z撤销粘贴"),
                    format!(
                        "{lines} rows pasted; {wrong} cells are wrong and in red, their rows are stored once mended: F8 leads to them, Ctrl+Z takes the paste back"
                    ),
                ));
            } else if lines > 1 {
                toast::success(Message::new(
                    format!("已粘贴{lines}行，按Ctrl+Z撤销"),
                    format!("{lines} rows pasted; Ctrl+Z takes them back"),
                ));
            }
        });
    }
}
