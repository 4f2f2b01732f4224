//! Typing into a cell: how an edit begins, what an input method may do, how a text is accepted, and
//! where the keys go then.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::block::{At, next};
use super::cells::{Mode, Sheet};
use super::keymap;
use crate::form::Kind;
use crate::text::text;
use crate::ui::announce::announce;
use crate::ui::codes::codes_now;
use crate::ui::combo_box::choices::{code_part, resolve};
use crate::ui::lang::{language, tm};
use crate::ui::preferences::choices::{ENTER_DIRECTION, chosen};
use crate::ui::{focus, ime, toast};

impl Sheet {
    /// Begins to edit the active cell, with the caret at the end of its text.
    pub fn start_edit(self) -> bool {
        let Some(at) = self.at().filter(|at| self.open_field(*at).is_some()) else { return false };
        self.cells.mode.set(Mode::Edit);
        self.cells.anchor.set(None);
        let input = self.input();
        let end = u32::try_from(input.value().encode_utf16().count()).unwrap_or(0);
        let _ = input.set_selection_range(end, end);
        self.frame.reveal(at.row);
        true
    }

    /// Something was typed: into a cell that was only walked over, it replaces what stood there.
    pub fn on_input(self, event: &ev::Event) {
        if !self.is_own(event) {
            return; // a box that chooses a row
        }
        self.begin_typing();
        let partial = ime::is_partial(event);
        self.cells.composing.set_value(partial);
        if !partial {
            self.tell_typing();
            self.search_typed();
        }
    }

    /// What stands in the input is kept over a reload before it is accepted.
    fn tell_typing(self) {
        if self.cells.mode.get_untracked() == Mode::Edit
            && let Some((id, key)) = self.named()
        {
            self.cells.editing.set_typing(Some((id, key, self.input().value())));
        }
    }

    pub fn on_composition_start(self) {
        self.cells.composing.set_value(true);
        self.begin_typing();
    }

    pub fn on_composition_end(self) {
        self.cells.composing.set_value(false);
        // The cell may have moved meanwhile: rows sorted, or drawn anew.
        self.place();
        self.tell_typing();
        self.search_typed();
    }

    fn begin_typing(self) {
        if self.cells.mode.get_untracked() == Mode::Walk && self.at().is_some_and(|at| self.open_field(at).is_some()) {
            self.cells.mode.set(Mode::Edit);
            self.cells.anchor.set(None);
            if let Some(at) = self.at() {
                self.frame.reveal(at.row);
            }
        }
    }

    /// The kind of the active cell, where it has a list.
    fn listed(self) -> Option<Kind> {
        let (_, field) = self.open_field(self.at()?)?;
        matches!(field.kind, Kind::Coded(_) | Kind::Choice(_)).then_some(field.kind)
    }

    fn search_typed(self) {
        let Some(kind) = self.listed() else { return };
        let input = self.input();
        let typed = input.value();
        if typed.trim().is_empty() {
            self.cells.list.close(&input);
        } else {
            self.cells.list.search(kind, &typed, "", &input);
        }
    }

    /// Opens the list of a coded cell at its value.
    pub fn show_list(self) -> bool {
        let Some(kind) = self.listed() else { return false };
        if self.cells.mode.get_untracked() == Mode::Walk && !self.start_edit() {
            return false;
        }
        let input = self.input();
        let typed = if self.is_untouched() { String::new() } else { input.value() };
        self.cells.list.search(kind, &typed, &self.stored_text().unwrap_or_default(), &input);
        true
    }

    /// What the cell holds, before the edit that is under way.
    fn stored_text(self) -> Option<String> {
        let (id, key) = self.named()?;
        let place = self.cells.editing.place(key)?;
        self.cells.editing.values(id)?.get(place).cloned()
    }

    /// True while the input still shows what the cell holds.
    fn is_untouched(self) -> bool {
        let shown = self.at().and_then(|at| self.column_at(at)).zip(self.stored_text());
        shown.is_some_and(|(column, value)| untrack(|| column.show(&value)) == self.input().value())
    }

    /// Accepts what is being typed. False when it means nothing: then it stays, and the cell says why.
    pub fn commit(self) -> bool {
        if self.cells.mode.get_untracked() == Mode::Walk {
            return true;
        }
        let input = self.input();
        let (list, typed) = (self.cells.list, input.value());
        let chosen = list.open.get_untracked().then(|| list.current()).flatten();
        let kind = self.listed();
        let untouched = self.is_untouched() && chosen.is_none();
        list.close(&input);
        self.cells.composing.set_value(false);
        self.cells.mode.set(Mode::Walk);
        let good = match (self.named(), kind) {
            _ if untouched => true,
            (None, _) => true,
            (Some((id, key)), None) => self.cells.editing.type_cell(id, key, &typed, None),
            (Some((id, key)), Some(kind)) => {
                let codes = codes_now();
                let loaded = !matches!(kind, Kind::Coded(table) if codes.table(table).is_none());
                let code = match chosen {
                    Some(choice) => Ok(choice.code),
                    // Without the table nothing can be matched; the server will check the code.
                    None if !loaded => Ok(code_part(kind, &codes, &typed)),
                    None => untrack(|| resolve(kind, &codes, language(), &typed)),
                };
                match code {
                    Ok(code) => self.cells.editing.type_cell(id, key, &code, None),
                    Err(why) => self.cells.editing.type_cell(id, key, &typed, Some(why)),
                }
            }
        };
        self.cells.editing.set_typing(None);
        if !good {
            self.say_fault();
        }
        self.place();
        good
    }

    fn say_fault(self) {
        if let Some((id, key)) = self.named()
            && let Some(fault) = untrack(|| self.cells.editing.fault(id, key))
        {
            announce(untrack(|| tm(&fault)));
        }
    }

    /// Gives up what is being typed.
    pub fn cancel(self) {
        self.cells.list.close(&self.input());
        self.cells.mode.set(Mode::Walk);
        self.cells.composing.set_value(false);
        self.cells.editing.set_typing(None);
        self.place();
    }

    /// Enter: accepts and goes on, to the right or down as the user chose.
    pub fn enter(self, back: bool) {
        if untrack(|| chosen(&ENTER_DIRECTION)) != "down" {
            return self.tab(back);
        }
        let below = |at: At| {
            let row = if back { at.row.checked_sub(1)? } else { at.row + 1 };
            (row < self.extent().rows).then_some(At { row, ..at })
        };
        // A new row goes on in the column the keys came down in.
        let column = self.at().map(|at| at.column);
        self.commit_and_go(back, below, column);
    }

    /// Tab: accepts and goes on to the next cell that can be typed into.
    pub fn tab(self, back: bool) {
        let open = |at: At| self.open_field(at).is_some();
        self.commit_and_go(back, |at| next(at, back, self.extent(), open), None);
    }

    /// Accepts and goes to a cell; where there is none any more, to a new row. Out of a row only when it
    /// could be stored, else to what is wrong in it.
    fn commit_and_go(self, back: bool, next: impl Fn(At) -> Option<At>, column: Option<usize>) {
        if !self.commit() {
            return;
        }
        let Some(at) = self.at() else { return };
        let to = next(at);
        if to.is_none_or(|to| to.row != at.row)
            && let Some((id, _)) = self.named()
            && let Some(faulty) = self.cells.editing.first_fault(id)
        {
            self.go_to((id, faulty));
            return self.say_fault();
        }
        match to {
            Some(to) => self.go(to, false),
            None if !back => self.insert_row(column),
            None => {}
        }
    }

    /// A new row below the others, and into its first cell or another column.
    pub fn insert_row(self, column: Option<usize>) {
        if self.cells.editing.locked.get_untracked() || !self.commit() {
            return;
        }
        let left = self.named();
        let count = self.extent().rows;
        let Some(id) = self.cells.editing.insert(count) else {
            return toast::error(text(
                "表体已满，不能再新增。请分为多本账册备案。",
                "The list is full; file several books.",
            ));
        };
        if let Some((left, _)) = left {
            self.cells.editing.left(left);
        }
        let first = self.columns().iter().position(|column| self.cells.editing.typed_field(column.key).is_some());
        if let Some(row) = self.frame.rows.find(id, count) {
            self.cells.focused.set_value(true);
            self.go(At { row, column: column.or(first).unwrap_or(0) }, false);
        }
    }

    /// The keys come back into the cell they left for the palette.
    pub fn come_back(self) {
        self.frame.heading.set(None);
        self.cells.focused.set_value(true);
        self.place();
    }

    fn is_own(self, event: &ev::Event) -> bool {
        event.target().is_some_and(|target| target == *self.input().as_ref())
    }

    /// The keys came into the grid.
    pub fn on_focus_in(self, event: &ev::FocusEvent) {
        if self.cells.moving.get_value() {
            return;
        }
        let own = self.is_own(event);
        // With no row there is no cell: the grid itself has the focus, until there is one.
        self.cells.focused.set_value(own || self.frame.rows.count.get_untracked() == 0);
        if !own {
            return;
        }
        self.frame.heading.set(None);
        keymap::entered(self);
        if let Some((id, key)) = self.named()
            && self.frame.active.get_untracked() != Some(id)
        {
            self.frame.active.set(Some(id));
            self.cells.column.set(key);
        }
        if self.cells.mode.get_untracked() == Mode::Walk {
            self.input().select();
        }
    }

    /// The keys left the cells: what was typed is accepted and stored.
    pub fn on_focus_out(self, event: &ev::FocusEvent) {
        let gone = self.frame.node.try_get_untracked().flatten().is_none();
        // Another window is no other place in this one.
        if gone || self.cells.moving.get_value() || !document().has_focus().unwrap_or(true) {
            return;
        }
        if !self.is_own(event) {
            // The keys only passed through an empty list: its first row must not call them back.
            self.cells.focused.set_value(false);
            return self.keep_heading(event);
        }
        if let Some(to) = event.related_target() {
            let in_dialog = to.dyn_into::<web_sys::Element>().ok().and_then(|to| to.closest("dialog").ok().flatten());
            if in_dialog.is_some() {
                // The preview, or a command's question: the keys come back to this cell.
                self.commit();
                return;
            }
            return self.leave();
        }
        // Somebody pressed where nothing takes the focus, or the list is out of sight; or the row was drawn
        // anew under the keys, which takes the focus from its input: then they are still here.
        let pressed = focus::is_pressed();
        queue_microtask(move || {
            let input = self.input();
            if !input.is_connected() || focus::has_focus(&input) {
                return; // the next drawing brings it back
            }
            if pressed || input.offset_width() == 0 || focus::active().is_some_and(|active| active.tag_name() != "BODY")
            {
                self.leave();
            } else {
                self.place();
            }
        });
    }

    /// Headings are drawn anew when a column changes: the keys stay on theirs, unless they went elsewhere.
    fn keep_heading(self, event: &ev::FocusEvent) {
        if event.related_target().is_some() {
            return;
        }
        request_animation_frame(move || {
            let nowhere = focus::active().is_none_or(|active| active.tag_name() == "BODY");
            if let Some(at) = self.frame.heading.get_untracked().filter(|_| nowhere) {
                self.frame.to_heading(at);
            }
        });
    }

    fn leave(self) {
        self.cells.composing.set_value(false);
        // First: what is accepted must not take the focus back from where somebody pressed.
        self.cells.focused.set_value(false);
        self.commit();
        if let Some((id, _)) = self.named() {
            self.cells.editing.left(id);
        }
    }
}
