//! Commands over blocks of cells: fill, clear, delete, undo. Each is one step, stored at once or not at
//! all; the keys that run them are in `cell_keys`.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::block::At;
use super::cells::{Mode, Sheet};
use super::edit::How;
use crate::text::{Message, text};
use crate::ui::announce::announce;
use crate::ui::lang::{t, tm};

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
        if !step.changes.is_empty() {
            spawn_local(async move {
                self.cells.editing.run(step, How::Do).await;
            });
        }
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
        if !step.changes.is_empty() {
            spawn_local(async move {
                self.cells.editing.run(step, How::Do).await;
            });
        }
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
        spawn_local(async move {
            if self.cells.editing.run(step, How::Do).await {
                let said = Message::new(
                    format!("已删除{count}行，按Ctrl+Z恢复"),
                    format!("{count} rows deleted; Ctrl+Z brings them back"),
                );
                announce(untrack(|| tm(&said)));
                let last = self.extent().rows.checked_sub(1);
                if let (Some(last), Some((_, key))) = (last, self.named()) {
                    let column = self.columns().iter().position(|column| column.key == key).unwrap_or(0);
                    self.go(At { row: block.top.min(last), column }, false);
                }
            }
        });
    }

    pub(super) fn go_back(self, how: How) {
        spawn_local(async move {
            if let Some(at) = self.cells.editing.go_back(how).await {
                announce(
                    untrack(|| match how {
                        How::Redo => t(text("已重做", "Done again")),
                        _ => t(text("已撤销", "Undone")),
                    })
                    .to_owned(),
                );
                self.go_to(at);
            }
        });
    }
}
