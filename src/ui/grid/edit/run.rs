//! Storing what was typed, and carrying out steps over many cells (paste, fill, clear, delete, undo):
//! all of a step is stored or nothing. A row that is being typed in only changes on the screen, and is
//! stored with the rest of it when it is left.

use std::collections::HashSet;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use uuid::Uuid;

use super::super::history::{Change, RowTexts, Step};
use super::super::paste::{Bad, Plan};
use super::{Batch, Draft, Editing, Put, Refusal};
use crate::form::written::{self, Lookup, Read};
use crate::form::{check_field, clean};
use crate::reference::Codes;
use crate::text::{Message, text};
use crate::ui::clock::today;
use crate::ui::toast;

/// What carrying out a step means for what can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Do,
    Undo,
    Redo,
}

/// Why a step was not carried out; the user has been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// Nothing answered, or it was refused: it may be tried again.
    ForNow,
    /// What it was about is no longer there.
    ForGood,
}

/// The line of those who save. Who asked first is first.
#[derive(Debug, Default)]
pub(super) struct Line {
    asked: u64,
    over: u64,
}

/// Somebody's turn to save; over when dropped.
struct Turn(Editing);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.line.try_update_value(|line| line.over += 1);
    }
}

/// A paste as it would be carried out.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub plan: Plan,
    /// With what is wrong as it was copied.
    pub step: Step,
    /// The cells at fault; none: all of it can be stored.
    pub faults: Vec<Fault>,
}

/// Row, field, what is wrong.
pub type Fault = (Uuid, &'static str, Message);

impl Editing {
    /// Waits for its turn: one save at a time, in the order they were asked for.
    async fn turn(self) -> Turn {
        let number = self.line.try_update_value(|line| {
            line.asked += 1;
            line.asked
        });
        while number.is_some_and(|number| self.line.try_with_value(|line| line.over + 1 < number) == Some(true)) {
            TimeoutFuture::new(10).await;
        }
        Turn(self)
    }

    /// Stores rows with something typed in them. What cannot be stored stays, with the reason.
    pub(super) async fn save(self, ids: Vec<Uuid>) {
        let _turn = self.turn().await;
        let Some(source) = self.source() else { return };
        let mut batch = Batch::default();
        let mut first = None;
        for id in ids {
            let Some(draft) = self.drafts.with_untracked(|drafts| drafts.get(&id).cloned()) else { continue };
            let faults = source.check(&draft.values);
            if let Some((_, message)) = faults.first() {
                first.get_or_insert_with(|| message.clone());
                self.set_faults(id, faults);
            } else {
                self.drop_faults(|row, _| row != id);
                let over = (!draft.is_new()).then_some(draft.over);
                batch.puts.push(Put { id, base: draft.base, seq: draft.seq, values: draft.values, over });
            }
        }
        if let Some(why) = first {
            toast::error(Message::new(
                format!("该行未保存：{}。录入的内容保留在原处，请修改标红的单元格。", why.zh),
                format!("The row was not saved: {}. What you typed is still there; mend the cells in red.", why.en),
            ));
        }
        if !batch.puts.is_empty() {
            let sent: Vec<(Uuid, RowTexts)> = batch.puts.iter().map(|put| (put.id, put.values.clone())).collect();
            match source.save(batch).await {
                Ok(()) if self.source().is_some() => self.settle(&sent),
                Ok(()) => {}
                Err(refusal) => self.refused(refusal),
            }
        }
    }

    /// Rows were stored: what was typed since stays unsaved.
    pub(super) fn settle(self, sent: &[(Uuid, RowTexts)]) {
        let Some(source) = self.source() else { return };
        let ids: Vec<Uuid> = sent.iter().map(|(id, _)| *id).collect();
        self.drafts.update(|drafts| {
            for (id, values) in sent {
                match source.stored(*id) {
                    Some(stored) if drafts.get(id).is_some_and(|draft| draft.values != *values) => {
                        if let Some(draft) = drafts.get_mut(id) {
                            draft.base = stored.version;
                            draft.follow(values, stored.values);
                        }
                    }
                    _ => {
                        drafts.remove(id);
                    }
                }
            }
        });
        let new: Vec<Uuid> =
            self.new_rows.with_untracked(|rows| rows.iter().filter(|id| ids.contains(id)).copied().collect());
        if new.is_empty() {
            return;
        }
        self.new_rows.update(|rows| rows.retain(|id| !ids.contains(id)));
        for id in new {
            if let Some(stored) = source.stored(id) {
                self.history.update_value(|history| history.stored_first(id, stored.seq, stored.values));
            }
        }
    }

    fn refused(self, refusal: Refusal) {
        if self.source().is_none() {
            return; // the page was closed meanwhile
        }
        toast::error(refusal.message);
        for (id, key, message) in refusal.faults {
            self.set_fault(id, key, Some(message));
        }
    }

    pub(super) fn set_faults(self, id: Uuid, faults: Vec<(&'static str, Message)>) {
        for (key, message) in faults {
            self.set_fault(id, key, Some(message));
        }
    }

    /// Carries out a new step; true when it is done.
    pub(in super::super) async fn run(self, step: Step) -> bool {
        self.run_marking(step, Vec::new()).await
    }

    /// Carries out a step with cells that are known to be wrong: their rows are not stored but stay as typed,
    /// in red, until they are mended.
    pub(in super::super) async fn run_marking(self, step: Step, faults: Vec<Fault>) -> bool {
        let _turn = self.turn().await;
        self.carry_out(step, How::Do, faults).await.is_ok()
    }

    async fn carry_out(self, mut step: Step, how: How, mut faults: Vec<Fault>) -> Result<(), Failed> {
        let Some(source) = self.source() else { return Err(Failed::ForGood) };
        let mut batch = Batch::default();
        let mut typed = Vec::new();
        let mut dropped = Vec::new();
        // New rows that are stored with the others; what was typed in them so far becomes part of the step.
        let mut first_stored = Vec::new();
        let adds_rows = how == How::Do && step.changes.iter().any(|change| matches!(change, Change::Added { .. }));
        let mut wrong: HashSet<Uuid> = faults.iter().map(|(id, ..)| *id).collect();
        for (number, change) in step.changes.iter().enumerate() {
            let id = change.id();
            let Ok(after) = change.apply(self.values(id).as_ref()) else {
                toast::error(text(
                    "此后该行已被修改，为不覆盖他人的内容，未执行。请核对后手工修改。",
                    "The row was changed since. Nothing was done, so as not to overwrite it; look at it and edit it by hand.",
                ));
                return Err(Failed::ForGood);
            };
            let draft = self.drafts.with_untracked(|drafts| drafts.get(&id).cloned());
            let stored = source.stored(id);
            match (after, draft) {
                (Some(mut values), Some(_)) => {
                    if !wrong.contains(&id) {
                        source.complete(&mut values, None);
                    }
                    // Pasted rows are stored in their order: left behind, the first would become the last.
                    if adds_rows && stored.is_none() && !wrong.contains(&id) && source.check(&values).is_empty() {
                        first_stored.push((number, id, values.clone()));
                        batch.puts.push(Put { id, base: 0, seq: 0, values, over: None });
                    } else {
                        typed.push((id, values, 0));
                    }
                }
                (Some(values), None) if matches!(change, Change::Added { seq: 0, .. }) && how != How::Do => {
                    faults.extend(source.check(&values).into_iter().map(|(key, why)| (id, key, why)));
                    typed.push((id, values, 0));
                }
                (Some(mut values), None) => {
                    let seq = if let Change::Added { seq, .. } = change { *seq } else { 0 };
                    if how != How::Do {
                        // What comes back as it was may have been wrong then.
                        let found = source.check(&values);
                        wrong.extend(found.first().map(|_| id));
                        faults.extend(found.into_iter().map(|(key, why)| (id, key, why)));
                    }
                    if wrong.contains(&id) {
                        typed.push((id, values, seq));
                    } else {
                        source.complete(&mut values, None);
                        let base = stored.as_ref().map_or(0, |row| row.version);
                        batch.puts.push(Put { id, base, seq, values, over: stored.map(|row| row.values) });
                    }
                }
                (None, draft) => {
                    dropped.push(id);
                    if let Some(stored) = stored {
                        batch.removes.push((id, draft.map_or(stored.version, |draft| draft.base)));
                    }
                }
            }
        }
        if let Some((_, why)) = batch.puts.iter().find_map(|put| source.check(&put.values).into_iter().next()) {
            toast::error(Message::new(format!("未执行：{}。", why.zh), format!("Nothing was done: {}.", why.en)));
            return Err(Failed::ForGood);
        }
        if !(batch.puts.is_empty() && batch.removes.is_empty())
            && let Err(refusal) = source.save(batch).await
        {
            self.refused(refusal);
            return Err(Failed::ForNow);
        }
        if self.source().is_none() {
            return Err(Failed::ForGood);
        }
        for id in dropped {
            self.drop_new(id);
        }
        for (number, id, values) in first_stored {
            self.drop_new(id);
            let (seq, values) = source.stored(id).map_or((0, values), |row| (row.seq, row.values));
            step.changes[number] = Change::Added { id, seq, values: values.clone() };
            // Cells typed in the row before the paste: with it, they go as a whole.
            self.history.update_value(|history| history.forget_cells(id));
        }
        for (id, values, seq) in typed {
            let is_new = source.stored(id).is_none();
            self.draft(id, values, seq);
            if is_new && !self.new_rows.with_untracked(|rows| rows.contains(&id)) {
                self.new_rows.update(|rows| rows.push(id));
            }
        }
        if !faults.is_empty() {
            self.faults.update(|all| all.extend(faults.into_iter().map(|(id, key, why)| ((id, key), why))));
        }
        // Numbers that new rows got: undone and done again, they get them back.
        for change in &mut step.changes {
            if let Change::Added { id, seq, values } = change
                && let Some(stored) = source.stored(*id)
            {
                *seq = stored.seq;
                *values = stored.values;
            }
        }
        self.history.update_value(|history| match how {
            How::Do => history.did(step),
            How::Undo => history.undid(step),
            How::Redo => history.redid(step),
        });
        Ok(())
    }

    /// Takes the last step back, or does it again. Where it was; nothing when there was none to take. A step
    /// that only failed for now (no connection) is there to be tried again.
    pub(in super::super) async fn go_back(self, how: How) -> Result<Option<(Uuid, &'static str)>, Failed> {
        // The step is taken in its turn: the one before may still be under way.
        let _turn = self.turn().await;
        let step = self.history.try_update_value(|history| match how {
            How::Redo => history.redo(),
            _ => history.undo(),
        });
        let Some(step) = step.flatten() else {
            toast::info(match how {
                How::Redo => text("没有可重做的操作", "There is nothing to do again"),
                _ => text("没有可撤销的操作", "There is nothing to undo"),
            });
            return Ok(None);
        };
        let at = step.at;
        let done = self.carry_out(step.clone(), how, Vec::new()).await;
        if done == Err(Failed::ForNow) {
            self.history.update_value(|history| match how {
                How::Redo => history.not_redone(step),
                _ => history.not_undone(step),
            });
        }
        done.map(|()| at)
    }

    /// New values of fields for rows, as one step.
    pub(in super::super) fn step_of(
        self,
        at: Option<(Uuid, &'static str)>,
        rows: impl IntoIterator<Item = (Uuid, Vec<(usize, String)>)>,
    ) -> Step {
        let source = self.source();
        let changes = rows.into_iter().filter_map(|(id, cells)| {
            let before = self.values(id)?;
            let mut after = before.clone();
            for (place, value) in cells {
                after[place] = value;
            }
            if let Some(source) = &source {
                source.complete(&mut after, None);
            }
            Change::between(id, &before, &after, |place| self.fields[place].is_typed())
        });
        Step { at, changes: changes.collect() }
    }

    /// Rows to be deleted, as one step.
    pub(in super::super) fn removal_of(
        self,
        at: Option<(Uuid, &'static str)>,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Step {
        let source = self.source();
        let changes = ids.into_iter().filter_map(|id| {
            let seq = source.as_ref().and_then(|source| source.stored(id)).map_or(0, |row| row.seq);
            Some(Change::Removed { id, seq, values: self.values(id)? })
        });
        Step { at, changes: changes.collect() }
    }

    /// Deletes rows in one step, and answers the step that brings them back; `None` when nothing was deleted.
    pub async fn remove(self, ids: Vec<Uuid>) -> Option<Step> {
        let step = self.removal_of(None, ids);
        (!step.changes.is_empty() && self.run(step.clone()).await).then(|| step.inverse())
    }

    /// Brings back what [`Self::remove`] deleted, whatever was done since; false when that cannot be.
    pub async fn bring_back(self, step: Step) -> bool {
        self.source().is_some() && self.run(step).await
    }

    /// What pasted texts mean, field by field.
    pub(in super::super) fn converter<'a>(
        self,
        codes: &'a Codes,
        lookup: &'a Lookup<'a>,
    ) -> impl FnMut(usize, &str) -> Result<Read, Message> + 'a {
        let fields = self.fields;
        let today = today();
        let mut told = std::collections::HashMap::<(usize, String), Result<Read, Message>>::new();
        move |place, text| {
            if let Some(known) = told.get(&(place, text.to_owned())) {
                return known.clone();
            }
            let field = &fields[place];
            let value = written::value(field, text, lookup).and_then(|read| {
                let value = clean(field, &read.value, today);
                if value.is_empty() {
                    return Ok(value.into()); // whether the row can do without is judged with all of it
                }
                match check_field(field, &value, "", codes, false) {
                    Some(finding) => Err(finding.message),
                    None => Ok(Read { value, ..read }),
                }
            });
            told.insert((place, text.to_owned()), value.clone());
            value
        }
    }

    /// Turns a plan into a step; rows that could not be stored for another reason than a cell of theirs
    /// become bad too.
    pub(in super::super) fn prepare(
        self,
        mut plan: Plan,
        at: Option<(Uuid, &'static str)>,
        id_of: impl Fn(usize) -> Option<Uuid>,
    ) -> Prepared {
        let mut step = Step { at, changes: Vec::new() };
        let mut ids = vec![Uuid::nil(); plan.lines.len()];
        let source = self.source();
        for (number, line) in plan.lines.iter().enumerate() {
            let Some(source) = &source else { break };
            let known = line.row.and_then(&id_of);
            let Some(before) = known.map_or_else(|| Some(source.blank()), |id| self.values(id)) else { continue };
            let mut after = before.clone();
            for (place, value) in line.values.iter().chain(&line.wrong) {
                value.clone_into(&mut after[*place]);
            }
            // From half a row nothing follows, and what was copied must not give way to it.
            if line.wrong.is_empty() {
                source.complete(&mut after, None);
            }
            for (key, reason) in source.check(&after) {
                let Some(place) = self.place(key) else { continue };
                let told = line.wrong.iter().any(|(wrong, _)| *wrong == place);
                // A row typed half earlier is not the paste's fault.
                if !told && (known.is_none() || before[place] != after[place]) {
                    let (label, text) = (self.fields[place].label, after[place].clone());
                    plan.bad.push(Bad { line: number, field: place, label, text, reason });
                }
            }
            let id = known.unwrap_or_else(Uuid::now_v7);
            ids[number] = id;
            match known {
                Some(_) => {
                    step.changes.extend(Change::between(id, &before, &after, |place| self.fields[place].is_typed()));
                }
                None => step.changes.push(Change::Added { id, seq: 0, values: after }),
            }
        }
        plan.bad.sort_by_key(|bad| (bad.line, bad.field));
        let faults = plan.bad.iter().map(|bad| (ids[bad.line], self.fields[bad.field].key, bad.reason.clone()));
        let faults = faults.collect();
        Prepared { plan, step, faults }
    }
}

impl Draft {
    /// True for a row that was never stored.
    pub(super) const fn is_new(&self) -> bool {
        self.base == 0
    }

    /// The row is `stored` now; fields still as they were in `before` follow. What was typed stays, over what was there when it
    /// was typed: where that is another text now, storing it asks.
    pub(super) fn follow(&mut self, before: &RowTexts, stored: RowTexts) {
        let known = before.iter().zip(stored);
        for ((value, over), (before, stored)) in self.values.iter_mut().zip(&mut self.over).zip(known) {
            if value == before {
                value.clone_from(&stored);
                *over = stored;
            } else {
                over.clone_from(before);
            }
        }
    }
}
