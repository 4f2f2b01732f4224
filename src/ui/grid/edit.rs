//! Editing of a list in its grid: what is typed and not stored yet, what is wrong with it, what can be
//! undone. Rows are texts in the order of a field table, so that this is compiled once for all lists;
//! a page says through [`Source`] how its rows are read, completed, checked and stored.

mod form;
mod kept;
mod run;

pub use kept::KeptRow;
use run::Line;
pub(super) use run::{Failed, Fault, How, Prepared};

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::history::{Change, History, RowTexts, Step};
use super::{GridRows, Sort};
use crate::form::{Field, check_field, clean};
use crate::text::Message;
use crate::ui::clock::today;
use crate::ui::codes::codes_now;

/// A row as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub seq: i64,
    pub version: i64,
    pub values: RowTexts,
}

/// A row to be stored; `base` 0 is a new one, which gets `seq` if it can.
#[derive(Clone, Debug)]
pub struct Put {
    pub id: Uuid,
    pub base: i64,
    pub seq: i64,
    pub values: RowTexts,
    /// The row it was typed over, so that what somebody else changed in other fields stays; `None`: all of it is meant.
    pub over: Option<RowTexts>,
}

/// What is to be stored, all of it or nothing.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub puts: Vec<Put>,
    /// Rows to be deleted, with the version they were read at.
    pub removes: Vec<(Uuid, i64)>,
}

/// Why a batch was not stored, and the fields at fault.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub message: Message,
    pub faults: Vec<(Uuid, &'static str, Message)>,
}

pub type Saving = Pin<Box<dyn Future<Output = Result<(), Refusal>>>>;

/// How a page's rows are read and stored.
pub trait Source: Send + Sync {
    /// A row of the list, whether the grid shows it now or not.
    fn stored(&self, id: Uuid) -> Option<Stored>;
    /// What a new row starts with.
    fn blank(&self) -> RowTexts;
    /// Fills what follows from other fields; `typed` is the one just typed.
    fn complete(&self, values: &mut RowTexts, typed: Option<&'static str>);
    /// Fields of the row in which what stands in others leaves nothing to type; tracked.
    fn settled(&self, values: &RowTexts) -> &'static [&'static str];
    /// What keeps a row from being stored, by field.
    fn check(&self, values: &RowTexts) -> Vec<(&'static str, Message)>;
    /// Stores, and takes the answer over into the list.
    fn save(&self, batch: Batch) -> Saving;
}

/// A row with something typed that is not stored.
#[derive(Clone, Debug, PartialEq)]
struct Draft {
    values: RowTexts,
    /// Version it was begun at; 0: a new row.
    base: i64,
    /// Number it had before it was deleted, when it comes back; else 0.
    seq: i64,
    /// The row it was typed over; for a new row, as it began.
    over: RowTexts,
}

/// Handle of one list's editing.
#[derive(Clone, Copy)]
pub struct Editing {
    pub(super) fields: &'static [Field],
    /// Nothing can be changed.
    pub locked: Signal<bool>,
    /// At most so many rows.
    pub(super) most_rows: usize,
    source: StoredValue<Option<Arc<dyn Source>>>,
    drafts: RwSignal<HashMap<Uuid, Draft>>,
    /// New rows, in the order they stand below the others.
    new_rows: RwSignal<Vec<Uuid>>,
    /// The row in the form beside the list, if there is a form.
    in_form: RwSignal<Option<Uuid>>,
    faults: RwSignal<HashMap<(Uuid, &'static str), Message>>,
    history: StoredValue<History>,
    /// The text in the active cell, while it is being typed.
    typing: RwSignal<Option<(Uuid, &'static str, String)>>,
    /// Only one save at a time, so that none overtakes another of the same row.
    line: StoredValue<Line>,
}

impl Editing {
    pub fn new(fields: &'static [Field], locked: Signal<bool>, most_rows: usize) -> Self {
        Self {
            fields,
            locked,
            most_rows,
            source: StoredValue::new(None),
            drafts: RwSignal::default(),
            new_rows: RwSignal::default(),
            in_form: RwSignal::default(),
            faults: RwSignal::default(),
            history: StoredValue::default(),
            typing: RwSignal::new(None),
            line: StoredValue::default(),
        }
    }

    /// Says where rows come from and go to.
    pub fn bind(self, source: impl Source + 'static) {
        self.source.set_value(Some(Arc::new(source)));
    }

    fn source(self) -> Option<Arc<dyn Source>> {
        self.source.try_get_value().flatten()
    }

    /// The rows of the list with what is typed over them and new rows below them.
    pub fn over(self, base: GridRows) -> GridRows {
        let (drafts, new_rows) = (self.drafts, self.new_rows);
        let fields = self.fields;
        let new_at = move |index: usize, count: usize| {
            index.checked_sub(count).and_then(|at| new_rows.with(|rows| rows.get(at).copied()))
        };
        let id_of = move |index: usize| {
            let count = base.count.get();
            if index < count { base.id.run(index) } else { new_at(index, count) }
        };
        let cell = move |(index, key): (usize, &'static str)| {
            let typed = id_of(index).and_then(|id| {
                drafts.with(|drafts| {
                    let draft = drafts.get(&id)?;
                    let place = fields.iter().position(|field| field.key == key)?;
                    draft.values.get(place).cloned()
                })
            });
            typed.unwrap_or_else(|| {
                if index < base.count.get_untracked() { base.cell.run((index, key)) } else { String::new() }
            })
        };
        GridRows {
            count: Signal::derive(move || base.count.get() + new_rows.with(Vec::len)),
            id: Callback::new(id_of),
            cell: Callback::new(cell),
        }
    }

    /// Number of a field.
    pub(super) fn place(self, key: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.key == key)
    }

    /// The field of a column, when it can be typed into.
    pub(super) fn typed_field(self, key: &str) -> Option<(usize, &'static Field)> {
        self.fields.iter().enumerate().find(|(_, field)| field.key == key && field.is_typed())
    }

    /// Fields of a row in which there is nothing to type now; tracked.
    pub(super) fn settled(self, id: Uuid) -> &'static [&'static str] {
        match (self.source(), self.values(id)) {
            (Some(source), Some(values)) => source.settled(&values),
            _ => &[],
        }
    }

    /// True while something typed is not stored; tracked.
    pub fn dirty(self) -> bool {
        // Both are read, so that both are tracked.
        let typing = self.typing.with(Option::is_some);
        self.drafts.with(|drafts| !drafts.is_empty()) || typing
    }

    /// What is wrong with a cell; tracked.
    pub(super) fn fault(self, id: Uuid, key: &'static str) -> Option<Message> {
        self.faults.with(|faults| faults.get(&(id, key)).cloned())
    }

    /// Keys of a row's faulty cells; tracked.
    pub(super) fn faulty(self, id: Uuid) -> Vec<(&'static str, Message)> {
        self.faults.with(|faults| {
            if faults.is_empty() {
                return Vec::new();
            }
            faults.iter().filter(|((row, _), _)| *row == id).map(|((_, key), fault)| (*key, fault.clone())).collect()
        })
    }

    /// All faulty cells.
    pub(super) fn faulty_cells(self) -> Vec<(Uuid, &'static str)> {
        self.faults.with_untracked(|faults| faults.keys().copied().collect())
    }

    /// Looks at a row that is about to be left: the first field, in their order, that keeps it from
    /// being stored. `None` for a row nobody typed in.
    pub(super) fn first_fault(self, id: Uuid) -> Option<&'static str> {
        let source = self.source()?;
        let draft = self.drafts.with_untracked(|drafts| drafts.get(&id).cloned())?;
        if draft.is_new() && draft.values == self.blank_row(&*source) {
            return None;
        }
        self.set_faults(id, source.check(&draft.values));
        let faulty = untrack(|| self.faulty(id));
        self.fields.iter().map(|field| field.key).find(|key| faulty.iter().any(|(faulty, _)| faulty == key))
    }

    /// A new row as it starts, what follows from its first texts filled in.
    fn blank_row(self, source: &dyn Source) -> RowTexts {
        let mut values = source.blank();
        source.complete(&mut values, None);
        values
    }

    /// True while a row differs from what is stored; tracked.
    pub(super) fn is_draft(self, id: Uuid) -> bool {
        self.drafts.with(|drafts| drafts.contains_key(&id))
    }

    /// A row as it stands: typed over what is stored.
    pub(super) fn values(self, id: Uuid) -> Option<RowTexts> {
        self.drafts
            .with_untracked(|drafts| drafts.get(&id).map(|draft| draft.values.clone()))
            .or_else(|| self.source()?.stored(id).map(|row| row.values))
    }

    /// Accepts the text of a cell; `fault` when it is known already that it means nothing. True when
    /// the cell is in order.
    pub(super) fn type_cell(self, id: Uuid, key: &'static str, text: &str, fault: Option<Message>) -> bool {
        let (Some((place, field)), Some(source), Some(before)) =
            (self.typed_field(key), self.source(), self.values(id))
        else {
            return true;
        };
        let value = if fault.is_some() { text.to_owned() } else { clean(field, text, today()) };
        let fault =
            fault.or_else(|| check_field(field, &value, "", &codes_now(), false).map(|finding| finding.message));
        let is_good = fault.is_none();
        if before[place] != value {
            let mut after = before.clone();
            after[place] = value;
            if is_good {
                source.complete(&mut after, Some(key));
            }
            let step = Change::between(id, &before, &after, |place| self.fields[place].is_typed());
            self.draft(id, after, 0);
            self.history.update_value(|history| {
                history.did(Step { at: Some((id, key)), changes: step.into_iter().collect() });
            });
        }
        self.set_fault(id, key, fault);
        is_good
    }

    /// Says what is being typed in a cell and not accepted yet; nothing when that is over.
    pub(super) fn set_typing(self, typing: Option<(Uuid, &'static str, String)>) {
        if typing.is_some() || self.typing.with_untracked(Option::is_some) {
            self.typing.set(typing);
        }
    }

    fn set_fault(self, id: Uuid, key: &'static str, fault: Option<Message>) {
        let known = self.faults.with_untracked(|faults| faults.get(&(id, key)) == fault.as_ref());
        if !known {
            self.faults.update(|faults| {
                match fault {
                    Some(fault) => faults.insert((id, key), fault),
                    None => faults.remove(&(id, key)),
                };
            });
        }
    }

    /// Keeps a row's texts until they are stored; a row as stored needs no keeping.
    fn draft(self, id: Uuid, values: RowTexts, seq: i64) {
        let Some(source) = self.source() else { return };
        let stored = source.stored(id);
        self.drafts.update(|drafts| match (drafts.get_mut(&id), stored) {
            (_, Some(stored)) if stored.values == values => {
                drafts.remove(&id);
            }
            (Some(draft), _) => {
                draft.values = values;
                draft.seq = seq;
            }
            (None, Some(stored)) => {
                drafts.insert(id, Draft { values, base: stored.version, seq, over: stored.values });
            }
            (None, None) => {
                let over = self.blank_row(&*source);
                drafts.insert(id, Draft { values, base: 0, seq, over });
            }
        });
        self.drop_faults(|row, _| row != id || self.is_draft_now(id));
    }

    fn is_draft_now(self, id: Uuid) -> bool {
        self.drafts.with_untracked(|drafts| drafts.contains_key(&id))
    }

    fn drop_faults(self, keep: impl Fn(Uuid, &str) -> bool) {
        if self.faults.with_untracked(|faults| faults.keys().any(|(id, key)| !keep(*id, key))) {
            self.faults.update(|faults| faults.retain(|(id, key), _| keep(*id, key)));
        }
    }

    /// A new row below the others; its id.
    pub(super) fn insert(self, count: usize) -> Option<Uuid> {
        let source = self.source()?;
        if count >= self.most_rows {
            return None;
        }
        let values = self.blank_row(&*source);
        let id = Uuid::now_v7();
        self.drafts.update(|drafts| {
            drafts.insert(id, Draft { over: values.clone(), values, base: 0, seq: 0 });
        });
        self.new_rows.update(|rows| rows.push(id));
        Some(id)
    }

    /// Drops a row that was never stored.
    fn drop_new(self, id: Uuid) {
        self.drafts.update(|drafts| {
            drafts.remove(&id);
        });
        if self.new_rows.with_untracked(|rows| rows.contains(&id)) {
            self.new_rows.update(|rows| rows.retain(|row| *row != id));
        }
        self.drop_faults(|row, _| row != id);
    }

    /// The row was left: what was typed in it is stored; a new row nobody typed in goes away.
    pub(super) fn left(self, id: Uuid) {
        let Some(source) = self.source() else { return };
        let Some(draft) = self.drafts.with_untracked(|drafts| drafts.get(&id).cloned()) else { return };
        if draft.is_new() && draft.values == self.blank_row(&*source) {
            return self.drop_new(id);
        }
        spawn_local(async move {
            self.save(vec![id]).await;
        });
    }

    /// Stores everything typed so far; true when nothing is left unstored.
    pub async fn save_all(self) -> bool {
        let ids = self.drafts.with_untracked(|drafts| drafts.keys().copied().collect());
        self.save(ids).await;
        !untrack(|| self.dirty())
    }
}

/// Orders rows by a column: numbers by size, everything else as text; what is empty comes last.
pub fn compare(sort: Sort, numeric: bool, one: &str, other: &str) -> std::cmp::Ordering {
    use std::cmp::Ordering;
    match (one.is_empty(), other.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        _ => {}
    }
    let number = |text: &str| text.parse::<rust_decimal::Decimal>().ok();
    let order = match (numeric, number(one), number(other)) {
        (true, Some(one), Some(other)) => one.cmp(&other),
        _ => one.cmp(other),
    };
    if sort.descending { order.reverse() } else { order }
}

#[cfg(test)]
mod tests;
