//! Commands over blocks of cells: fill, clear, delete, undo. Each is one step, stored at once or not at
//! all; the keys that run them are in `cell_keys`.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::block::At;
use super::cells::{Mode, Sheet};
use super::edit::{Failed, Fault, How};
use super::history::Step;
use crate::text::{Message, Text, text};
use crate::ui::announce::announce;
use crate::ui::lang::{t, tm};
use crate::ui::type_ahead::{self, Again};

const NOT_DONE: Text = text("列表的操作未执行", "The list was not changed");

impl Sheet {
    /// Fields of the block's columns that can be typed into.
    fn typed_columns(self) -> Vec<(usize, &'static str)> {
        let Some(block) = self.block() else { return Vec::new() };
        let columns = self.columns();
        let within = columns.get(block.left..=block.right).unwrap_or_default();
        within
            .iter()
            .filter_map(|column| self.cells.editing.typed_field(column.key).map(|(place, field)| (place, field.key)))
            .collect()
    }

    /// Ctrl+D: the first row of the block, or the cell above, goes to all below it.
    pub(super) fn fill_down(self) {
        if !self.commit() {
            return;
        }
        let Some(block) = self.block() else { return };
        let (source, first) = if block.rows() == 1 {
            match block.top.checked_sub(1) {
                Some(above) => (above, block.top),
                None => return,
            }
        } else {
            (block.top, block.top + 1)
        };
        let Some(values) = self.frame.rows.id_at(source).and_then(|id| self.cells.editing.values(id)) else { return };
        let cells: Vec<_> = self.typed_columns().into_iter().map(|(place, _)| (place, values[place].clone())).collect();
        let rows = (first..=block.bottom).filter_map(|row| self.frame.rows.id_at(row));
        let step = self.cells.editing.step_of(self.named(), rows.map(|id| (id, cells.clone())));
        self.carry_out_step(step, |_| ());
    }

    /// Delete, Backspace: empties the cells. In one row this is typing, stored with the row.
    pub fn clear(self) {
        let (Some(block), false) = (self.block(), self.cells.editing.locked.get_untracked()) else { return };
        let columns = self.typed_columns();
        if block.is_one_cell() {
            if let (Some((id, _)), Some((_, key))) = (self.named(), columns.first()) {
                self.cells.editing.type_cell(id, key, "", None);
                self.place();
            }
            return;
        }
        let empty: Vec<_> = columns.into_iter().map(|(place, _)| (place, String::new())).collect();
        let rows = (block.top..=block.bottom).filter_map(|row| self.frame.rows.id_at(row));
        let step = self.cells.editing.step_of(self.named(), rows.map(|id| (id, empty.clone())));
        self.carry_out_step(step, |_| ());
    }

    /// Ctrl+Delete: the rows of the block go; the keys stay in their column.
    pub(super) fn remove_rows(self) {
        let Some(block) = self.block() else { return };
        if self.cells.mode.get_untracked() == Mode::Edit {
            self.cancel();
        }
        let ids: Vec<_> = (block.top..=block.bottom).filter_map(|row| self.frame.rows.id_at(row)).collect();
        let count = ids.len();
        let step = self.cells.editing.removal_of(self.named(), ids);
        if step.changes.is_empty() {
            return;
        }
        self.cells.anchor.set(None);
        self.frame.at.set(block.top);
        self.carry_out_step(step, move |sheet| {
            let said = Message::new(
                format!("已删除{count}行，按Ctrl+Z恢复"),
                format!("{count} rows deleted; Ctrl+Z brings them back"),
            );
            announce(untrack(|| tm(&said)));
            let last = sheet.extent().rows.checked_sub(1);
            if let (Some(last), Some((_, key))) = (last, sheet.named()) {
                let column = sheet.columns().iter().position(|column| column.key == key).unwrap_or(0);
                sheet.go(At { row: block.top.min(last), column }, false);
            }
        });
    }

    /// Stores a step. What is typed meanwhile waits: it is meant for the rows as they will be.
    pub(super) fn carry_out_step(self, step: Step, then: impl FnOnce(Self) + 'static) {
        self.carry_out_marking(step, Vec::new(), then);
    }

    /// Stores a step but for the rows with cells at fault, which stay unstored and in red.
    pub(super) fn carry_out_marking(self, step: Step, faults: Vec<Fault>, then: impl FnOnce(Self) + 'static) {
        if step.changes.is_empty() {
            return;
        }
        let hold = type_ahead::hold();
        spawn_local(async move {
            if self.cells.editing.run_marking(step, faults).await {
                then(self);
                hold.release();
            } else {
                hold.stop(NOT_DONE.into(), Again::nothing());
            }
        });
    }

    pub(super) fn go_back(self, how: How) {
        let hold = type_ahead::hold();
        spawn_local(async move {
            match self.cells.editing.go_back(how).await {
                Ok(Some(at)) => {
                    let said = match how {
                        How::Redo => text("已重做", "Done again"),
                        _ => text("已撤销", "Undone"),
                    };
                    announce(untrack(|| t(said)).to_owned());
                    self.go_to(at);
                }
                Ok(None) => {}
                Err(Failed::ForNow | Failed::ForGood) => return hold.stop(NOT_DONE.into(), Again::nothing()),
            }
            hold.release();
        });
    }
}
