//! The row form as the second editor of a list: what is typed in it is a draft of the same store the cells write to, so
//! that a row has one unsaved content wherever it is typed. The form's own controls hold only what is being typed.

use std::collections::BTreeMap;

use leptos::prelude::*;
use uuid::Uuid;

use super::super::history::RowTexts;
use super::Editing;
use crate::form::check_field;
use crate::ui::codes::codes_now;

impl Editing {
    /// Says which row stands in the form. A new row there is not shown among the others: it is shown by the form.
    pub fn set_in_form(self, id: Uuid) {
        if self.in_form.get_untracked() != Some(id) {
            self.in_form.set(Some(id));
        }
    }

    /// True for a row that only the form shows.
    pub(super) fn is_only_in_form(self, id: Uuid) -> bool {
        self.in_form.get_untracked() == Some(id) && !self.new_rows.with_untracked(|rows| rows.contains(&id))
    }

    /// Takes over the texts of the row in the form; `typed` is the field that was just accepted there.
    pub fn accept(self, id: Uuid, texts: RowTexts, typed: Option<&'static str>) {
        let Some(source) = self.source() else { return };
        let untouched = source.stored(id).is_none() && texts == self.blank_row(&*source);
        if untouched {
            return self.drop_new(id);
        }
        let field = typed.and_then(|key| self.typed_field(key));
        let fault = field.and_then(|(place, field)| check_field(field, &texts[place], "", &codes_now(), false));
        let known = self.drafts.with_untracked(|drafts| drafts.get(&id).is_some_and(|draft| draft.values == texts));
        if !known {
            self.draft(id, texts, 0);
        }
        if let Some((_, field)) = field {
            self.set_fault(id, field.key, fault.map(|found| found.message));
        }
    }

    /// The version to name when a row is stored: the one its typing began at; 0 for a new row.
    pub fn base_of(self, id: Uuid) -> i64 {
        let drafted = self.drafts.with_untracked(|drafts| drafts.get(&id).map(|draft| draft.base));
        drafted.or_else(|| self.source()?.stored(id).map(|row| row.version)).unwrap_or(0)
    }

    /// The row that what is typed of a row was typed over; `None` for a new row.
    pub fn over_of(self, id: Uuid) -> Option<RowTexts> {
        match self.drafts.with_untracked(|drafts| drafts.get(&id).cloned()) {
            Some(draft) => (!draft.is_new()).then_some(draft.over),
            None => self.source()?.stored(id).map(|row| row.values),
        }
    }

    /// What is typed of a row was typed over these texts: storing it asks where another text is stored now.
    pub fn typed_over(self, id: Uuid, was: &BTreeMap<String, String>) {
        self.drafts.update(|drafts| {
            if let Some(draft) = drafts.get_mut(&id) {
                self.lay(was, &mut draft.over);
            }
        });
    }

    /// What is typed of a row and not stored; tracked.
    pub fn typed_texts(self, id: Uuid) -> Option<RowTexts> {
        self.drafts.try_with(|drafts| drafts.get(&id).map(|draft| draft.values.clone())).flatten()
    }

    /// The row was stored by the form: what was typed since stays unsaved.
    pub fn was_stored(self, id: Uuid, texts: RowTexts) {
        self.settle(&[(id, texts)]);
        self.drop_faults(|row, _| row != id);
    }

    /// Drops what is typed of a row.
    pub fn forget(self, id: Uuid) {
        if self.is_draft_now(id) {
            self.drop_new(id);
        }
    }
}
