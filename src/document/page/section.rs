//! One list of an open document: its rows as stored, the form that edits one of them, what is typed in the list itself.
//! A copy handle, made by `state`. No talk with the server: that is in `rows`.

use std::collections::{HashMap, HashSet};

use leptos::prelude::*;
use uuid::Uuid;

use crate::document::kind::Section;
use crate::document::{Mark, Row};
use crate::form::{Finding, Values};
use crate::reference::Codes;
use crate::ui::codes::codes_now;
use crate::ui::form_state::FormState;
use crate::ui::grid::Editing;

/// Findings of rows by their id, with the version of the row they were made of.
type Checked = HashMap<Uuid, (i64, Vec<Finding>)>;

/// One list and the form that edits its rows.
#[derive(Clone, Copy)]
pub struct SectionState {
    pub section: &'static Section,
    pub form: FormState,
    pub rows: RwSignal<Vec<Row<Values>>>,
    /// The row in the form: a stored one, or the next new one.
    pub current: RwSignal<Uuid>,
    /// Text of 快速查询; empty shows all.
    pub filter: RwSignal<String>,
    pub active: RwSignal<Option<Uuid>>,
    pub selected: RwSignal<HashSet<Uuid>>,
    /// What is typed and not stored, in the form or in the cells.
    pub editing: Editing,
    /// What the rules said of each row, and the code tables they looked into.
    checked: StoredValue<(Codes, bool, Checked)>,
}

impl SectionState {
    /// `locked`: rows cannot be changed now.
    pub fn new(section: &'static Section, locked: Signal<bool>) -> Self {
        Self {
            section,
            editing: Editing::new(section.fields, locked, section.most_rows),
            form: FormState::new(section.key, section.fields),
            rows: RwSignal::new(Vec::new()),
            current: RwSignal::new(Uuid::now_v7()),
            filter: RwSignal::new(String::new()),
            active: RwSignal::new(None),
            selected: RwSignal::new(HashSet::new()),
            checked: StoredValue::new((Codes::default(), true, HashMap::new())),
        }
    }

    pub const fn key(&self) -> &'static str {
        self.section.key
    }

    /// A new row: what is the same for most rows is filled in.
    pub fn blank(&self, head: &Values) -> Values {
        self.section.rules.blank(head, &codes_now())
    }

    /// Clears the row form for the next new row.
    pub fn start_new(&self, head: &Values) {
        self.form.load(&self.blank(head));
        self.form.seq.set(None);
        self.set_current(Uuid::now_v7());
    }

    /// Puts a stored row into the form, with what is typed of it and not stored.
    pub fn edit(&self, row: &Row<Values>) {
        self.form.seq.set(Some(row.seq));
        self.form.load(&row.content);
        self.set_current(row.id);
        self.active.set(Some(row.id));
        if let Some(texts) = untrack(|| self.editing.typed_texts(row.id)) {
            self.show_typed(texts);
        }
    }

    /// What a new row takes from the head follows it, as long as nothing is typed in the row.
    pub fn refresh_blank(&self, head: &Values) {
        if self.find(self.current.get_untracked()).is_some() || self.form.dirty_now() {
            return;
        }
        let blank = self.blank(head);
        if blank.texts() != self.form.accepted().texts() {
            self.form.load(&blank);
        }
    }

    /// The new row in the form gets the id it had in an earlier visit.
    pub fn take_id(&self, id: Uuid) {
        self.set_current(id);
    }

    fn set_current(&self, id: Uuid) {
        self.current.set(id);
        self.editing.set_in_form(id);
    }

    /// Shows in the form what is typed of its row elsewhere.
    pub fn show_typed(&self, texts: Vec<String>) {
        let shown = self.form.accepted();
        for ((field, text), shown) in self.section.fields.iter().zip(texts).zip(shown.texts()) {
            if text != *shown {
                self.form.patch(field.key, text);
            }
        }
    }

    /// Shows the rows as stored; the one in the form follows unless something is typed of it. Answers how many
    /// rows with something typed in them are gone: they stay as new ones.
    pub fn follow(&self, rows: Vec<Row<Values>>, head: &Values) -> usize {
        let current = self.current.get_untracked();
        let was_stored = self.find(current).is_some();
        if was_stored && self.form.dirty_now() {
            // Before the new rows are there: what is typed stays over the version it was typed over.
            self.editing.accept(current, self.form.typed_now().into_texts(), None);
        }
        self.rows.set(rows);
        let is_typed = self.form.dirty_now();
        match self.find(current) {
            Some(row) if !is_typed => self.edit(&row),
            None if was_stored && !is_typed => self.start_new(head),
            // Somebody deleted the row while it was typed over: it is a new row from now on.
            None if was_stored => self.form.seq.set(None),
            _ => {}
        }
        self.editing.follow()
    }

    /// Shows a row in the form as it was stored, when it is there and nobody typed over it.
    pub fn refresh(&self, row: &Row<Values>) {
        if self.current.get_untracked() == row.id && !self.form.dirty_now() {
            self.form.load(&row.content);
            self.form.seq.set(Some(row.seq));
        }
    }

    /// Takes stored rows over into the list; `gone` are not there any more.
    pub fn put(&self, stored: Vec<Row<Values>>, gone: &[Uuid]) {
        let mut stored: HashMap<Uuid, Row<Values>> = stored.into_iter().map(|row| (row.id, row)).collect();
        self.rows.update(|rows| {
            rows.retain(|row| stored.contains_key(&row.id) || !gone.contains(&row.id));
            for row in rows.iter_mut() {
                if let Some(new) = stored.remove(&row.id) {
                    *row = new;
                }
            }
            rows.extend(stored.into_values());
            rows.sort_by_key(|row| row.seq);
        });
        if self.selected.with_untracked(|chosen| gone.iter().any(|id| chosen.contains(id))) {
            self.selected.update(|chosen| chosen.retain(|id| !gone.contains(id)));
        }
    }

    /// No further row fits; tracked.
    pub fn is_full(&self) -> bool {
        self.rows.with(|rows| rows.iter().filter(|row| row.mark != Mark::Deleted).count()) >= self.section.most_rows
    }

    pub fn find(&self, id: Uuid) -> Option<Row<Values>> {
        self.rows.with_untracked(|rows| rows.iter().find(|row| row.id == id).cloned())
    }

    pub fn find_seq(&self, seq: i64) -> Option<Row<Values>> {
        self.rows.with_untracked(|rows| rows.iter().find(|row| row.seq == seq).cloned())
    }

    /// A row form counts as typed once its first field is filled: the others are filled in advance.
    pub fn has_row_in_form(&self) -> bool {
        self.form.dirty_now() && !self.form.get_untracked(self.section.first).is_empty()
    }

    /// Anything typed that is not stored; tracked.
    pub fn dirty(&self) -> bool {
        // Both are read, so that both are tracked.
        let form = self.form.dirty();
        self.editing.dirty() || form
    }

    /// What keeps the rows from being declared, or, without `for_declare`, from being stored. Only rows that changed since the
    /// last time are looked at anew.
    pub fn findings(&self, codes: &Codes, for_declare: bool) -> Vec<Finding> {
        self.rows.with(|rows| {
            let mut found = Vec::new();
            self.checked.update_value(|(known_codes, known_for, known)| {
                if !known_codes.is_same(codes) || *known_for != for_declare {
                    *known_codes = codes.clone();
                    *known_for = for_declare;
                    known.clear();
                }
                let check = |row: &Row<Values>| self.section.rules.check(row.seq, &row.content, codes, for_declare);
                for row in rows.iter().filter(|row| row.mark != Mark::Deleted) {
                    let (_, findings) = known
                        .entry(row.id)
                        .and_modify(|(version, findings)| {
                            if *version != row.version {
                                *findings = check(row);
                                *version = row.version;
                            }
                        })
                        .or_insert_with(|| (row.version, check(row)));
                    found.extend(findings.iter().cloned());
                }
                if known.len() > rows.len() * 2 + 100 {
                    known.clear(); // of rows that are gone
                }
            });
            found
        })
    }
}
