//! Keys of an editable grid, walking and editing, and what the mouse does. While a cell is edited most
//! keys are its input's own. Which key asks for which command stands in `keymap`, what the commands do in
//! `commands` and `clipboard`.

use std::collections::HashMap;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::block::{At, moved};
use super::cells::{Mode, Sheet};
use super::edit::How;
use super::keymap::{GridCommand, command_of};
use crate::text::Message;
use crate::ui::announce::announce;
use crate::ui::ime;
use crate::ui::lang::tm;
use crate::ui::spelled::spelled;

impl Sheet {
    pub fn on_key(self, event: &ev::KeyboardEvent) {
        if ime::owns_key(event, self.cells.composing.get_value()) {
            return;
        }
        let control = event.ctrl_key() || event.meta_key();
        let editing = self.cells.mode.get_untracked() == Mode::Edit;
        let handled = if let Some(column) = self.frame.heading.get_untracked() {
            if self.frame.on_column_key(event) {
                return;
            }
            !control && !event.alt_key() && self.on_head_key(&event.key(), column)
        } else if let Some(command) = command_of(&spelled(event), editing) {
            self.obey(command)
        } else if event.alt_key() {
            !control && self.on_alt_key(event)
        } else if control {
            self.on_control_key(event)
        } else {
            self.on_plain_key(event)
        };
        if handled {
            event.prevent_default();
            event.stop_propagation();
        }
    }

    fn on_alt_key(self, event: &ev::KeyboardEvent) -> bool {
        match (event.key().as_str(), event.shift_key()) {
            ("ArrowDown" | "ArrowUp", false) if self.cells.list.open.get_untracked() => {
                self.cells.list.close(&self.input());
                true
            }
            ("ArrowDown", false) => self.show_list(),
            _ => false,
        }
    }

    fn on_control_key(self, event: &ev::KeyboardEvent) -> bool {
        let editing = self.cells.mode.get_untracked() == Mode::Edit;
        let key = event.key();
        match key.to_ascii_lowercase().as_str() {
            // 申报: the page's, with what is being typed.
            "enter" if event.shift_key() => !self.commit(),
            // While a cell is edited these are the browser's, within the text.
            "a" | "z" | "y" | "delete" | "home" | "end" | "arrowleft" | "arrowright" | "arrowup" | "arrowdown"
            | "c" | "x"
                if editing =>
            {
                false
            }
            "c" | "x" => {
                // Without a selection the browser would not ask what to copy.
                let input = self.input();
                if input.value().is_empty() {
                    input.set_value("\u{a0}");
                    input.select();
                }
                false
            }
            _ => self.walk(&key, true, event.shift_key()),
        }
    }

    fn on_plain_key(self, event: &ev::KeyboardEvent) -> bool {
        let key = event.key();
        let editing = self.cells.mode.get_untracked() == Mode::Edit;
        let list_open = self.cells.list.open.get_untracked();
        let input = self.input();
        match key.as_str() {
            "F2" => {}
            "F4" if list_open => self.cells.list.close(&input),
            "F4" => return self.show_list(),
            "Escape" if list_open => self.cells.list.close(&input),
            "Escape" if editing => self.cancel(),
            "Escape" if self.cells.anchor.with_untracked(Option::is_some) => self.cells.anchor.set(None),
            "Escape" => return false,
            "Enter" if editing => self.enter(event.shift_key()),
            "Enter" => {
                if !self.start_edit() {
                    // A cell that cannot be typed into is passed over.
                    return self.cells.editing.locked.get_untracked() || self.walk("ArrowRight", false, false);
                }
            }
            // Tab leaves the grid, which is one stop; only while typing it goes on to the next cell.
            "Tab" if editing => self.tab(event.shift_key()),
            "Tab" => return false,
            "ArrowDown" if list_open => self.cells.list.step(1, &input),
            "ArrowUp" if list_open => self.cells.list.step(-1, &input),
            "PageDown" if list_open => self.cells.list.step(10, &input),
            "PageUp" if list_open => self.cells.list.step(-10, &input),
            "ArrowUp" | "ArrowDown" | "PageUp" | "PageDown" if editing => {
                if self.commit() {
                    self.walk(&key, false, false);
                }
            }
            _ if editing => return false,
            "Delete" | "Backspace" => self.clear(),
            _ => return self.walk(&key, false, event.shift_key()),
        }
        true
    }

    /// Does what a key or the palette asks for; false when there was nothing to do.
    pub fn obey(self, command: GridCommand) -> bool {
        use GridCommand as Do;
        match command {
            Do::FillDown | Do::NewRow | Do::RemoveRows | Do::Undo | Do::Redo
                if self.cells.editing.locked.get_untracked() => {}
            Do::Edit => {
                self.start_edit();
            }
            Do::FillDown => self.fill_down(),
            Do::NewRow => self.insert_row(None),
            Do::RemoveRows => self.remove_rows(),
            Do::Tick => self.tick(),
            Do::Everything => self.select_everything(),
            Do::WholeRows => self.select_rows(),
            Do::Undo => self.go_back(How::Undo),
            Do::Redo => self.go_back(How::Redo),
            Do::Store => self.store(),
            Do::NextFault | Do::PreviousFault => return self.next_fault(command == Do::PreviousFault),
            Do::Narrower | Do::Wider => return self.frame.widen(command == Do::Wider),
            Do::ColumnLeft | Do::ColumnRight => return self.frame.shift_column(command == Do::ColumnRight),
        }
        true
    }

    fn walk(self, key: &str, control: bool, extend: bool) -> bool {
        let Some(at) = self.at() else { return false };
        if key == "ArrowUp" && !control && !extend && at.row == 0 && self.frame.sort.is_some() {
            self.frame.to_heading(at.column);
            return true;
        }
        match moved(key, control, at, self.extent()) {
            Some(to) => {
                self.go(to, extend);
                true
            }
            None => false,
        }
    }

    fn on_head_key(self, key: &str, column: usize) -> bool {
        let last = self.columns().len().saturating_sub(1);
        match key {
            "ArrowLeft" => self.frame.to_heading(column.saturating_sub(1)),
            "ArrowRight" => self.frame.to_heading((column + 1).min(last)),
            "Home" => self.frame.to_heading(0),
            "End" => self.frame.to_heading(last),
            "ArrowDown" | "Escape" => {
                self.frame.heading.set(None);
                self.cells.focused.set_value(true);
                self.go(At { row: 0, column }, false);
                self.place();
            }
            "Enter" | " " => {
                if let Some(column) = self.columns().get(column) {
                    self.frame.sort_by(column.key);
                }
            }
            _ => return false,
        }
        true
    }

    /// Ctrl+S, Ctrl+Enter: stores what is typed, without leaving the cell.
    fn store(self) {
        if self.commit() {
            spawn_local(async move {
                self.cells.editing.save_all().await;
            });
        }
    }

    fn select_everything(self) {
        let extent = self.extent();
        self.cells.anchor.set(Some(At { row: 0, column: 0 }));
        self.go(At { row: extent.rows.saturating_sub(1), column: extent.columns.saturating_sub(1) }, true);
    }

    /// Insert: ticks the rows of the block, or takes their ticks away; a single row also goes on to the next.
    fn tick(self) {
        let (Some(selected), Some(block)) = (self.frame.selected, self.block()) else { return };
        let ids: Vec<_> = (block.top..=block.bottom).filter_map(|row| self.frame.rows.id_at(row)).collect();
        selected.update(|all| {
            if ids.iter().all(|id| all.contains(id)) {
                all.retain(|id| !ids.contains(id));
            } else {
                all.extend(ids);
            }
        });
        if block.rows() == 1 {
            self.walk("ArrowDown", false, false);
        }
        let count = selected.with_untracked(std::collections::HashSet::len);
        announce(untrack(|| tm(&Message::new(format!("已勾选{count}行"), format!("{count} rows ticked")))));
    }

    fn select_rows(self) {
        if let Some(block) = self.block() {
            self.cells.anchor.set(Some(At { row: block.top, column: 0 }));
            self.go(At { row: block.bottom, column: self.extent().columns.saturating_sub(1) }, true);
        }
    }

    /// F8: the next cell that is marked as wrong.
    fn next_fault(self, back: bool) -> bool {
        let Some(at) = self.at() else { return false };
        let columns = self.columns();
        // By row: after a paste there may be thousands.
        let mut faulty: HashMap<Uuid, Vec<usize>> = HashMap::new();
        for (id, key) in self.cells.editing.faulty_cells() {
            if let Some(column) = columns.iter().position(|column| column.key == key) {
                faulty.entry(id).or_default().push(column);
            }
        }
        if faulty.is_empty() {
            return false;
        }
        let columns_of = |row: usize| self.frame.rows.id_at(row).and_then(|id| faulty.get(&id));
        let cells_of =
            |row: usize| columns_of(row).into_iter().flatten().map(move |column| At { row, column: *column });
        let mut faults: Vec<At> = (0..self.extent().rows).flat_map(cells_of).collect();
        faults.sort_by_key(|fault| (fault.row, fault.column));
        let here = (at.row, at.column);
        let next = if back {
            faults.iter().rev().find(|fault| (fault.row, fault.column) < here).or(faults.last())
        } else {
            faults.iter().find(|fault| (fault.row, fault.column) > here).or(faults.first())
        };
        if let Some(next) = next
            && self.commit()
        {
            self.go(*next, false);
        }
        next.is_some()
    }

    /// The cell a mouse event happened in.
    fn cell_of(self, event: &ev::MouseEvent) -> Option<At> {
        let target: Element = event.target()?.dyn_into().ok()?;
        let cell = target.closest("[role=gridcell]").ok()??;
        let line = cell.parent_element()?;
        let row = line.get_attribute("aria-rowindex")?.parse::<usize>().ok()?.checked_sub(2)?;
        let before = usize::from(self.frame.selected.is_some()) + usize::from(self.frame.flaw.is_some());
        let cells = line.children();
        let place = (0..cells.length()).position(|index| cells.item(index).as_ref() == Some(&cell))?;
        Some(At { row, column: place.checked_sub(before)? })
    }

    pub fn on_mouse_down(self, event: &ev::MouseEvent) {
        let Some(to) = self.cell_of(event).filter(|_| event.button() == 0) else { return };
        let editing = self.cells.mode.get_untracked() == Mode::Edit;
        if editing && self.at() == Some(to) {
            return; // the caret, within the text
        }
        event.prevent_default();
        self.commit();
        self.frame.heading.set(None);
        self.cells.focused.set_value(true);
        self.go(to, event.shift_key());
    }

    /// Drawing a block with the button held down.
    pub fn on_mouse_over(self, event: &ev::MouseEvent) {
        if event.buttons() == 1
            && self.cells.mode.get_untracked() == Mode::Walk
            && self.cells.focused.get_value()
            && let Some(to) = self.cell_of(event)
            && self.at() != Some(to)
        {
            self.go(to, true);
        }
    }

    pub fn on_double_click(self, event: &ev::MouseEvent) {
        if self.cell_of(event).is_some() && self.cells.mode.get_untracked() == Mode::Walk {
            self.start_edit();
        }
    }
}
