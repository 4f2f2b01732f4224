//! What keys and clicks do in a grid to read and choose from: move, choose, open, sort; the keys of
//! columns, also where cells are typed into. Cells have keys of their own (`cell_keys`).

use std::collections::HashSet;
use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::columns::ROOM;
use super::{Column, Frame, HEAD, ROW, Sort};
use crate::ui::ime;

/// Width of a digit in the lists, in pixels.
const LETTER: i32 = 7;

/// How many digits fit into a heading as it is drawn.
fn letters(heading: &web_sys::Element) -> i32 {
    (heading.client_width() - ROOM).max(0) / LETTER
}

impl Frame {
    pub(super) fn on_key(self, event: &ev::KeyboardEvent) {
        if ime::is_composing(event) || self.on_column_key(event) || event.alt_key() || event.meta_key() {
            return;
        }
        let key = event.key();
        if event.ctrl_key() {
            if key == "a" && self.selected.is_some() {
                self.select_all();
                event.prevent_default();
            }
            return;
        }
        let handled = match self.heading.get_untracked() {
            Some(column) => self.on_heading_key(&key, column),
            None => self.on_row_key(&key),
        };
        if handled {
            event.prevent_default();
            event.stop_propagation();
        }
    }

    /// Alt+Shift+←/→ makes the column under the keys narrower or wider; in the head Ctrl+Shift+←/→ moves it.
    pub(super) fn on_column_key(self, event: &ev::KeyboardEvent) -> bool {
        let right = match event.key().as_str() {
            "ArrowLeft" => false,
            "ArrowRight" => true,
            _ => return false,
        };
        let handled = match (event.alt_key(), event.ctrl_key(), event.shift_key(), self.heading.get_untracked()) {
            (true, false, true, _) => self.widen(right),
            (false, true, true, Some(_)) => self.shift_column(right),
            _ => false,
        };
        if handled {
            event.prevent_default();
            event.stop_propagation();
        }
        handled
    }

    /// The column the keys stand in, in the head or in a cell.
    fn column(self) -> Option<(usize, Column)> {
        let columns = untrack(|| self.columns.visible());
        let at = self.heading.get_untracked().or_else(|| {
            let key = self.cells?.column.get_untracked();
            columns.iter().position(|column| column.key == key)
        })?;
        columns.get(at).map(|column| (at, *column))
    }

    /// Makes the column under the keys wider or narrower.
    pub(super) fn widen(self, wider: bool) -> bool {
        let Some((at, column)) = self.column() else { return false };
        let drawn = document().get_element_by_id(&self.heading_id(at)).map_or(0, |heading| letters(&heading));
        self.columns.set_width(column.key, drawn + if wider { 2 } else { -2 });
        true
    }

    /// Moves the column under the keys; they stay with it.
    pub(super) fn shift_column(self, right: bool) -> bool {
        let Some((at, column)) = self.column() else { return false };
        if self.columns.shift(column.key, right) && self.heading.get_untracked().is_some() {
            let at = if right { at + 1 } else { at - 1 };
            // Headings are drawn anew, and on a slow machine not at once.
            request_animation_frame(move || self.to_heading(at));
            let again = move || {
                if self.heading.try_get_untracked().flatten() == Some(at) {
                    self.to_heading(at);
                }
            };
            set_timeout(again, Duration::from_millis(150));
        }
        true
    }

    /// The edge of a heading is drawn with the mouse.
    pub(super) fn on_grip(self, event: &ev::MouseEvent, column: Column) {
        event.prevent_default();
        event.stop_propagation();
        let from = event.client_x();
        let grip = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let wide = grip.and_then(|grip| grip.parent_element()).map_or(0, |heading| letters(&heading));
        let listening = StoredValue::new(Vec::new());
        let stop = move || {
            for listener in listening.try_update_value(std::mem::take).unwrap_or_default() {
                WindowListenerHandle::remove(listener);
            }
        };
        let moved = window_event_listener(ev::mousemove, move |event| {
            // The button may have been released where the page does not hear of it.
            if event.buttons() == 0 {
                return stop();
            }
            self.columns.set_width(column.key, wide + (event.client_x() - from) / LETTER);
        });
        let up = window_event_listener(ev::mouseup, move |_| stop());
        listening.set_value(vec![moved, up]);
    }

    fn on_heading_key(self, key: &str, column: usize) -> bool {
        let columns = untrack(|| self.columns.visible());
        let last = columns.len().saturating_sub(1);
        match key {
            "ArrowDown" => {
                self.heading.set(None);
                self.go(0);
            }
            "ArrowLeft" => self.to_heading(column.saturating_sub(1)),
            "ArrowRight" => self.to_heading((column + 1).min(last)),
            "Home" => self.to_heading(0),
            "End" => self.to_heading(last),
            "Enter" | " " => {
                if let Some(column) = columns.get(column) {
                    self.sort_by(column.key);
                }
            }
            "Escape" => self.heading.set(None),
            _ => return false,
        }
        true
    }

    fn on_row_key(self, key: &str) -> bool {
        let count = self.rows.count.get_untracked();
        let at = self.place();
        let next = match (key, at) {
            ("ArrowUp", Some(0) | None) if self.sort.is_some() => {
                self.to_heading(0);
                return true;
            }
            ("Enter", at) if self.on_open.is_some() => {
                // Nothing chosen yet: the first row is meant.
                self.go(at.unwrap_or(0));
                self.open(at.unwrap_or(0));
                return true;
            }
            (" ", Some(at)) if self.selected.is_some() => {
                self.toggle(at);
                return true;
            }
            ("Delete", _) => {
                if let Some(on_delete) = self.on_delete {
                    on_delete.run(());
                }
                return self.on_delete.is_some();
            }
            ("ArrowDown", None) | ("Home", _) => 0,
            ("ArrowDown", Some(at)) => at + 1,
            ("ArrowUp", Some(at)) => at.saturating_sub(1),
            ("PageDown", at) => at.unwrap_or(0) + self.height.saturating_sub(1),
            ("PageUp", at) => at.unwrap_or(0).saturating_sub(self.height.saturating_sub(1)),
            ("End", _) => count,
            _ => return false,
        };
        if count > 0 {
            self.go(next.min(count - 1));
        }
        true
    }

    /// Index of the active row, if it is there.
    pub(super) fn place(self) -> Option<usize> {
        self.rows.find(self.active.get_untracked()?, self.at.get_untracked())
    }

    /// Makes a row the active one and brings it into sight.
    fn go(self, index: usize) {
        let Some(id) = self.rows.id_at(index) else { return };
        self.at.set(index);
        self.active.set(Some(id));
        self.reveal(index);
    }

    /// When the page sets the active row, or rows move under it: find it again, show it when it changed.
    pub(super) fn follow_active(self) {
        Effect::new(move |before: Option<Option<uuid::Uuid>>| {
            let active = self.active.get();
            self.rows.count.track();
            if let Some(id) = active {
                // Sorting moves a row without changing the count.
                let _ = self.rows.id.run(self.at.get_untracked());
                if let Some(index) = self.rows.find(id, self.at.get_untracked()) {
                    if self.at.get_untracked() != index {
                        self.at.set(index);
                    }
                    if before.flatten() != active {
                        self.reveal(index);
                    }
                }
            }
            active
        });
    }

    /// Scrolls by as little as brings the row into sight.
    pub(super) fn reveal(self, index: usize) {
        let Some(node) = self.node.get_untracked() else { return };
        let top = i32::try_from(index).unwrap_or(0) * ROW;
        let seen = node.client_height() - HEAD; // which covers the first rows
        let now = node.scroll_top();
        if top < now {
            node.set_scroll_top(top);
        } else if seen > 0 && top + ROW > now + seen {
            node.set_scroll_top(top + ROW - seen);
        }
    }

    pub(super) fn to_heading(self, column: usize) {
        self.heading.set(Some(column));
        if let Some(node) = self.node.get_untracked() {
            node.set_scroll_top(0);
        }
        if let Some(cell) = document().get_element_by_id(&self.heading_id(column)) {
            // Where cells have the focus, headings have it too.
            if let Some(heading) = cell.dyn_ref::<web_sys::HtmlElement>().filter(|_| self.cells.is_some()) {
                let _ = heading.focus();
            }
            self.reveal_column(&cell);
        }
    }

    /// Scrolls sideways by as little as brings a cell or heading into sight.
    pub(super) fn reveal_column(self, cell: &web_sys::Element) {
        let (Some(node), Some(cell)) = (self.node.get_untracked(), cell.dyn_ref::<web_sys::HtmlElement>()) else {
            return;
        };
        let (left, right) = (cell.offset_left(), cell.offset_left() + cell.offset_width());
        if left < node.scroll_left() {
            node.set_scroll_left(left);
        } else if right > node.scroll_left() + node.client_width() {
            node.set_scroll_left(right - node.client_width());
        }
    }

    pub(super) fn pick(self, index: usize) {
        self.heading.set(None);
        self.go(index);
        if let (Some(on_pick), Some(id)) = (self.on_pick, self.rows.id_at(index)) {
            on_pick.run(id);
        }
    }

    pub(super) fn open(self, index: usize) {
        if let (Some(on_open), Some(id)) = (self.on_open, self.rows.id_at(index)) {
            on_open.run(id);
        }
    }

    pub(super) fn toggle(self, index: usize) {
        if let (Some(selected), Some(id)) = (self.selected, self.rows.id_at(index)) {
            selected.update(|all| {
                if !all.remove(&id) {
                    all.insert(id);
                }
            });
        }
    }

    pub(super) fn select_all(self) {
        let Some(selected) = self.selected else { return };
        let all: HashSet<_> = (0..self.rows.count.get_untracked()).filter_map(|index| self.rows.id_at(index)).collect();
        selected.update(|chosen| *chosen = if chosen.len() >= all.len() { HashSet::new() } else { all });
    }

    /// Ascending, descending, as it came.
    pub(super) fn sort_by(self, key: &'static str) {
        let Some(sort) = self.sort else { return };
        sort.update(|sort| {
            *sort = match *sort {
                Some(now) if now.key == key && now.descending => None,
                Some(now) if now.key == key => Some(Sort { key, descending: true }),
                _ => Some(Sort { key, descending: false }),
            };
        });
    }
}
