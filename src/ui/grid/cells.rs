//! The active cell of an editable grid. A real input stands in it, always, and has the focus: what is
//! typed, and the first letter of an input method, is never lost. One input for the whole grid, moved
//! from cell to cell; while the keys walk it shows the cell's text, all of it selected.

use leptos::prelude::*;
use leptos::web_sys::{Element, HtmlInputElement};
use uuid::Uuid;
use wasm_bindgen::JsCast;

use super::block::{At, Block, Extent};
use super::edit::{Editing, Prepared};
use super::list::{List, set};
use super::{Column, Frame};
use crate::form::{Field, Kind};
use crate::text::Message;
use crate::ui::lang::{t, tm};
use crate::ui::{focus, lang};

/// What keys do: walk between cells, or edit the text of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Walk,
    Edit,
}

/// What an editable grid has beyond one to read.
#[derive(Clone, Copy)]
pub(super) struct Cells {
    pub editing: Editing,
    pub mode: RwSignal<Mode>,
    /// Column of the active cell; the row is the frame's active one.
    pub column: RwSignal<&'static str>,
    /// The other corner of the selected block; gone when rows come, go or are sorted.
    pub anchor: RwSignal<Option<At>>,
    pub list: List,
    pub preview: RwSignal<Option<Prepared>>,
    pub preview_open: RwSignal<bool>,
    input: StoredValue<HtmlInputElement, LocalStorage>,
    pub composing: StoredValue<bool>,
    /// The keys are in this grid.
    pub focused: StoredValue<bool>,
    /// The input is on its way to another cell: leaving the old one is no leaving of the grid.
    pub moving: StoredValue<bool>,
    /// The active cell is to be brought into sight once it is drawn.
    wanted: StoredValue<bool>,
}

impl Cells {
    pub fn new(editing: Editing, number: u32) -> Self {
        let input: HtmlInputElement = leptos::tachys::dom::document()
            .create_element("input")
            .expect("an element of a known name")
            .unchecked_into();
        for (name, value) in [
            ("class", "cell-input"),
            ("type", "text"),
            ("autocomplete", "off"),
            ("spellcheck", "false"),
            ("id", &format!("grid-{number}-input")),
        ] {
            let _ = input.set_attribute(name, value);
        }
        Self {
            editing,
            mode: RwSignal::new(Mode::Walk),
            column: RwSignal::new(""),
            anchor: RwSignal::new(None),
            list: List::new(format!("grid-{number}-list")),
            preview: RwSignal::new(None),
            preview_open: RwSignal::new(false),
            input: StoredValue::new_local(input),
            composing: StoredValue::new(false),
            focused: StoredValue::new(false),
            moving: StoredValue::new(false),
            wanted: StoredValue::new(false),
        }
    }
}

/// An editable grid: the frame and what edits it.
#[derive(Clone, Copy)]
pub(super) struct Sheet {
    pub frame: Frame,
    pub cells: Cells,
}

impl Sheet {
    pub fn input(self) -> HtmlInputElement {
        self.cells.input.get_value()
    }

    pub fn columns(self) -> Vec<Column> {
        untrack(|| self.frame.columns.visible())
    }

    pub fn extent(self) -> Extent {
        Extent {
            rows: self.frame.rows.count.get_untracked(),
            columns: self.columns().len(),
            page: self.frame.height.saturating_sub(1),
        }
    }

    /// The active cell. Where none was chosen, or its row is gone, the one that is nearest.
    pub fn at(self) -> Option<At> {
        let last = self.frame.rows.count.get_untracked().checked_sub(1)?;
        let row = self.frame.place().unwrap_or_else(|| self.frame.at.get_untracked().min(last));
        Some(At { row, column: self.column_place(self.cells.column.get_untracked()).unwrap_or(0) })
    }

    fn column_place(self, key: &str) -> Option<usize> {
        self.columns().iter().position(|column| column.key == key)
    }

    pub fn id_at(self, at: At) -> Option<Uuid> {
        self.frame.rows.id_at(at.row)
    }

    pub fn column_at(self, at: At) -> Option<Column> {
        self.columns().get(at.column).copied()
    }

    /// Row and column of the active cell by their names.
    pub fn named(self) -> Option<(Uuid, &'static str)> {
        let at = self.at()?;
        Some((self.id_at(at)?, self.column_at(at)?.key))
    }

    /// The field of a cell that can be typed into now.
    pub fn open_field(self, at: At) -> Option<(usize, &'static Field)> {
        if self.cells.editing.locked.get_untracked() {
            return None;
        }
        let key = self.column_at(at)?.key;
        let is_settled = self.id_at(at).is_some_and(|id| untrack(|| self.cells.editing.settled(id)).contains(&key));
        self.cells.editing.typed_field(key).filter(|_| !is_settled)
    }

    /// The selected cells; the active one alone where no block is drawn.
    pub fn block(self) -> Option<Block> {
        let at = self.at()?;
        Some(Block::between(at, self.cells.anchor.get_untracked().unwrap_or(at)))
    }

    /// Makes a cell the active one. `extend`: the block reaches from where it began to there. What was
    /// typed in the row that is left is stored.
    pub fn go(self, to: At, extend: bool) {
        let (Some(id), Some(column)) = (self.id_at(to), self.column_at(to)) else { return };
        let before = self.named();
        if extend {
            if self.cells.anchor.with_untracked(Option::is_none) {
                self.cells.anchor.set(self.at());
            }
        } else if self.cells.anchor.with_untracked(Option::is_some) {
            self.cells.anchor.set(None);
        }
        self.frame.at.set(to.row);
        self.frame.active.set(Some(id));
        self.cells.column.set(column.key);
        self.cells.wanted.set_value(true);
        self.frame.reveal(to.row);
        self.place();
        if extend {
            self.say_block();
        }
        if let Some((left, _)) = before.filter(|(left, _)| *left != id) {
            self.cells.editing.left(left);
        }
    }

    /// Goes to a cell by name, as soon as it is there.
    pub fn go_to(self, (id, key): (Uuid, &'static str)) {
        let near = self.frame.at.get_untracked();
        if let Some(row) = self.frame.rows.find(id, near) {
            self.go(At { row, column: self.column_place(key).unwrap_or(0) }, false);
        }
    }

    fn say_block(self) {
        if let Some(block) = self.block() {
            let (rows, columns) = (block.rows(), block.columns());
            let said =
                Message::new(format!("已选择{rows}行{columns}列"), format!("{rows} rows, {columns} columns selected"));
            crate::ui::announce::announce(untrack(|| tm(&said)));
        }
    }

    fn cell_element(self, at: At) -> Option<Element> {
        let row = leptos::tachys::dom::document().get_element_by_id(&self.frame.row_id(at.row))?;
        let before = u32::from(self.frame.selected.is_some()) + u32::from(self.frame.flaw.is_some());
        row.children().item(before + u32::try_from(at.column).ok()?)
    }

    /// Puts the input into the active cell, with the cell's text unless it is being edited. What is
    /// being composed is left alone until that is over.
    pub fn place(self) {
        if self.frame.node.try_get_untracked().flatten().is_none() || self.cells.composing.get_value() {
            return;
        }
        let Some(at) = self.at() else { return };
        let input = self.input();
        if let Some(cell) = self.cell_element(at) {
            if input.parent_element().as_ref() != Some(&cell) {
                let selection = (input.selection_start(), input.selection_end());
                self.cells.moving.set_value(true);
                let _ = cell.append_child(&input);
                if self.cells.focused.get_value() {
                    focus_quietly(&input);
                    if let (Ok(Some(start)), Ok(Some(end))) = selection {
                        let _ = input.set_selection_range(start, end);
                    }
                }
                self.cells.moving.set_value(false);
            }
            if self.cells.wanted.get_value() {
                self.cells.wanted.set_value(false);
                self.frame.reveal(at.row);
                self.frame.reveal_column(&cell);
                // The page too, and clear of the bar that lies over its top.
                if self.cells.focused.get_value() {
                    let near = web_sys::ScrollIntoViewOptions::new();
                    near.set_block(web_sys::ScrollLogicalPosition::Nearest);
                    near.set_inline(web_sys::ScrollLogicalPosition::Nearest);
                    cell.scroll_into_view_with_scroll_into_view_options(&near);
                }
            }
        }
        if self.cells.focused.get_value() && !focus::has_focus(&input) {
            focus_quietly(&input);
        }
        if self.cells.mode.get_untracked() == Mode::Walk {
            self.show_text(&input, at);
        }
        self.describe(&input, at);
    }

    fn show_text(self, input: &HtmlInputElement, at: At) {
        let Some(column) = self.column_at(at) else { return };
        let text = untrack(|| column.show(&self.frame.rows.cell.run((at.row, column.key))));
        if input.value() != text {
            input.set_value(&text);
        }
        // Chromium's select() takes the focus as well: never from a form that is being typed into.
        if self.cells.focused.get_value() {
            input.select();
        }
    }

    /// Tells screen readers what the cell is.
    fn describe(self, input: &HtmlInputElement, at: At) {
        let Some(column) = self.column_at(at) else { return };
        let open = self.open_field(at).is_some();
        let name = untrack(|| {
            let label = t(column.label);
            tm(&Message::new(format!("{label} 第{}行", at.row + 1), format!("{label}, row {}", at.row + 1)))
        });
        let faulty = self.named().is_some_and(|(id, key)| untrack(|| self.cells.editing.fault(id, key)).is_some());
        let is_list = open && matches!(column.kind, Kind::Coded(_) | Kind::Choice(_));
        // What is drawn anew under an open list does not close it.
        let is_list_open = self.cells.list.open.get_untracked();
        let described = faulty.then(|| self.fault_id());
        input.set_read_only(!open);
        for (attribute, value) in [
            ("aria-label", Some(name.as_str())),
            ("data-key", Some(column.key)),
            ("role", is_list.then_some("combobox")),
            ("aria-autocomplete", is_list.then_some("list")),
            ("aria-haspopup", is_list.then_some("listbox")),
            ("aria-expanded", is_list.then_some(if is_list_open { "true" } else { "false" })),
            ("aria-invalid", faulty.then_some("true")),
            ("aria-describedby", described.as_deref()),
            ("inputmode", matches!(column.kind, Kind::Decimal { .. }).then_some("decimal")),
        ] {
            set(input, attribute, value);
        }
    }

    pub fn fault_id(self) -> String {
        format!("grid-{}-fault", self.frame.number)
    }

    /// Keeps the input in the active cell whatever is drawn anew under it.
    pub fn follow(self, drawn: Signal<(usize, usize, Option<usize>)>) {
        Effect::new(move |_| {
            self.frame.rows.count.track();
            self.frame.columns.visible();
            if let Some(sort) = self.frame.sort {
                sort.track();
            }
            self.cells.anchor.set(None);
        });
        Effect::new(move |_| {
            self.frame.active.track();
            self.frame.columns.visible();
            lang::language();
            self.cells.editing.locked.track();
            drawn.track();
            let (row, column) = (self.frame.at.get(), self.cells.column.get());
            if let Some(id) = self.frame.rows.id.run(row) {
                let _ = self.frame.rows.cell.run((row, column));
                let _ = self.cells.editing.fault(id, column);
            }
            request_animation_frame(move || self.place());
        });
    }
}

/// The grid scrolls by itself, and by less than the browser would.
fn focus_quietly(input: &HtmlInputElement) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = input.focus_with_options(&options);
}
