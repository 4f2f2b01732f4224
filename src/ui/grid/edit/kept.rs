//! What is typed in a list and not stored, as a page keeps it over a reload, and putting it back; and
//! what becomes of it when somebody else deletes its row. Storing it in the browser is the page's.

use std::collections::{BTreeMap, HashMap};

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::history::RowTexts;
use super::{Draft, Editing};
use crate::form::written::{Lookup, Read};
use crate::form::{check_field, clean};
use crate::ui::clock::today;
use crate::ui::codes::codes_now;

/// A row with something typed in it that nobody stored yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRow {
    pub id: Uuid,
    /// Version it was typed over; 0: a new row.
    pub base: i64,
    /// It stood in the form beside the list.
    #[serde(default)]
    pub in_form: bool,
    /// Texts by field: those that were typed over what was stored, or in an empty new row.
    pub values: BTreeMap<String, String>,
    /// The text each of these fields had before.
    #[serde(default)]
    pub was: BTreeMap<String, String>,
}

impl Editing {
    /// Has whoever calls this called again when what [`Self::unsaved`] gives may have changed.
    pub fn track_unsaved(self) {
        self.typing.track();
        self.drafts.track();
        self.new_rows.track();
    }

    /// All that was typed in the list and not stored, the cell that is being typed in included; new
    /// rows last, in their order. Takes as long as there is much of it: not for every key.
    pub fn unsaved(self) -> Vec<KeptRow> {
        let typing = self.typing.try_get_untracked().flatten();
        let Some(source) = self.source() else { return Vec::new() };
        let new_rows = self.new_rows.get_untracked();
        let places: HashMap<Uuid, usize> = new_rows.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        let mut ids: Vec<Uuid> = self.drafts.with_untracked(|drafts| drafts.keys().copied().collect());
        ids.extend(typing.as_ref().map(|(id, ..)| *id));
        ids.sort_by_key(|id| (places.get(id), *id));
        ids.dedup();
        let kept = ids.into_iter().filter_map(|id| {
            let stored = source.stored(id);
            let draft = self.drafts.with_untracked(|drafts| drafts.get(&id).cloned());
            let stored_now = || stored.as_ref().map_or_else(|| self.blank_row(&*source), |row| row.values.clone());
            let before = draft.as_ref().map_or_else(stored_now, |draft| draft.over.clone());
            let mut values = self.differing(&before, &self.values(id)?);
            if let Some((_, key, text)) = typing.as_ref().filter(|(row, ..)| *row == id) {
                values.insert((*key).to_owned(), text.clone());
            }
            let base = draft.map_or(stored.map_or(0, |row| row.version), |draft| draft.base);
            let was =
                values.keys().filter_map(|key| Some((key.clone(), before.get(self.place(key)?)?.clone()))).collect();
            let in_form = self.in_form.get_untracked() == Some(id);
            (!values.is_empty()).then_some(KeptRow { id, base, in_form, values, was })
        });
        kept.collect()
    }

    fn differing(self, before: &RowTexts, after: &RowTexts) -> BTreeMap<String, String> {
        let fields = self.fields.iter().zip(before).zip(after);
        fields
            .filter(|((field, before), after)| field.is_typed() && before != after)
            .map(|((field, _), after)| (field.key.to_owned(), after.clone()))
            .collect()
    }

    /// Lays texts over a row.
    pub(super) fn lay(self, texts: &BTreeMap<String, String>, row: &mut RowTexts) {
        for (key, text) in texts {
            if let Some(place) = self.place(key) {
                text.clone_into(&mut row[place]);
            }
        }
    }

    /// Puts back what [`Self::unsaved`] gave in an earlier visit. How many rows that are.
    pub fn restore(self, kept: Vec<KeptRow>) -> usize {
        let Some(source) = self.source() else { return 0 };
        let codes = codes_now();
        let lookup = Lookup::new(&codes);
        let mut convert = self.converter(&codes, &lookup);
        let mut restored = 0;
        for row in kept {
            let stored = source.stored(row.id);
            let mut values = stored.as_ref().map_or_else(|| self.blank_row(&*source), |row| row.values.clone());
            let mut over = values.clone();
            self.lay(&row.was, &mut over);
            let mut faults = Vec::new();
            for (key, text) in row.values {
                let Some((place, field)) = self.typed_field(&key) else { continue };
                values[place] = match convert(place, &text) {
                    Ok(Read { value, note: None }) => value,
                    // What pasting would complete or round was a fault when it was typed, and still is.
                    Ok(_) => {
                        let value = clean(field, &text, today());
                        let fault = check_field(field, &value, "", &codes, false);
                        faults.extend(fault.map(|finding| (field.key, finding.message)));
                        value
                    }
                    Err(why) => {
                        faults.push((field.key, why));
                        text
                    }
                };
            }
            source.complete(&mut values, None);
            if stored.as_ref().is_some_and(|stored| stored.values == values) {
                continue; // its save reached the server, only the answer was lost
            }
            self.drafts.update(|drafts| {
                drafts.insert(row.id, Draft { values, base: row.base, seq: 0, over });
            });
            if stored.is_none() && row.base == 0 && !self.is_only_in_form(row.id) {
                self.new_rows.update(|rows| {
                    rows.retain(|known| *known != row.id);
                    rows.push(row.id);
                });
            }
            self.set_faults(row.id, faults);
            restored += 1;
        }
        self.adopt_orphans();
        restored
    }

    /// The rows are stored anew: what nobody typed in them follows, and what was typed in rows that somebody else deleted
    /// becomes new rows. How many.
    pub fn follow(self) -> usize {
        let Some(source) = self.source() else { return 0 };
        // The form follows by itself, or keeps all of its row.
        let in_form = self.in_form.get_untracked();
        let ids: Vec<Uuid> = self.drafts.with_untracked(|drafts| drafts.keys().copied().collect());
        for id in ids.into_iter().filter(|id| Some(*id) != in_form) {
            let Some(stored) = source.stored(id) else { continue };
            let is_other = self.drafts.with_untracked(|drafts| {
                drafts.get(&id).is_some_and(|draft| !draft.is_new() && draft.base != stored.version)
            });
            if is_other {
                self.drafts.update(|drafts| {
                    if let Some(draft) = drafts.get_mut(&id) {
                        let over = draft.over.clone();
                        draft.follow(&over, stored.values);
                    }
                });
            }
        }
        self.adopt_orphans()
    }

    /// What was typed in rows that somebody else deleted becomes new rows. How many.
    fn adopt_orphans(self) -> usize {
        let Some(source) = self.source() else { return 0 };
        let new_rows = self.new_rows.get_untracked();
        let lost = |id: &Uuid, base: i64| {
            !new_rows.contains(id) && source.stored(*id).is_none() && !(base == 0 && self.is_only_in_form(*id))
        };
        let mut orphans: Vec<Uuid> = self.drafts.with_untracked(|drafts| {
            drafts.iter().filter(|(id, draft)| lost(id, draft.base)).map(|(id, _)| *id).collect()
        });
        orphans.sort_unstable();
        let found = orphans.len();
        for id in &orphans {
            self.drafts.update(|drafts| {
                if let Some(draft) = drafts.get_mut(id) {
                    draft.base = 0;
                }
            });
        }
        // The form goes on showing its row, as a new one.
        orphans.retain(|id| !self.is_only_in_form(*id));
        if !orphans.is_empty() {
            self.new_rows.update(|rows| rows.extend(&orphans));
        }
        found
    }
}
