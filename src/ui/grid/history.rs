//! What was done to a list, step by step, and how it is taken back. Pure: a step names rows and texts,
//! and says of a row whether it is still as the step left it, so that nobody else's change is undone.

use uuid::Uuid;

/// Texts of one row, in the order of the field table.
pub type RowTexts = Vec<String>;

/// More than anybody goes back.
const MOST_STEPS: usize = 200;

/// What happened to one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Number of the field, its text before and after.
    Cells {
        id: Uuid,
        cells: Vec<(usize, String, String)>,
    },
    /// `seq`: the number the row had when it was there; 0 when it never had one.
    Added {
        id: Uuid,
        seq: i64,
        values: RowTexts,
    },
    Removed {
        id: Uuid,
        seq: i64,
        values: RowTexts,
    },
}

impl Change {
    /// The change of a row from one state to another; `None` when no field that `counts` differs.
    pub fn between(id: Uuid, before: &RowTexts, after: &RowTexts, counts: impl Fn(usize) -> bool) -> Option<Self> {
        let cells: Vec<_> = before
            .iter()
            .zip(after)
            .enumerate()
            .filter(|(place, (before, after))| counts(*place) && before != after)
            .map(|(place, (before, after))| (place, before.clone(), after.clone()))
            .collect();
        (!cells.is_empty()).then_some(Self::Cells { id, cells })
    }

    pub const fn id(&self) -> Uuid {
        match self {
            Self::Cells { id, .. } | Self::Added { id, .. } | Self::Removed { id, .. } => *id,
        }
    }

    fn inverse(self) -> Self {
        match self {
            Self::Cells { id, cells } => Self::Cells {
                id,
                cells: cells.into_iter().map(|(place, before, after)| (place, after, before)).collect(),
            },
            Self::Added { id, seq, values } => Self::Removed { id, seq, values },
            Self::Removed { id, seq, values } => Self::Added { id, seq, values },
        }
    }

    /// The row after this change, `None` when it is gone; `now` is the row as it stands.
    ///
    /// # Errors
    /// When the row is not as this change expects it: somebody else was there meanwhile.
    pub fn apply(&self, now: Option<&RowTexts>) -> Result<Option<RowTexts>, Overtaken> {
        match (self, now) {
            (Self::Cells { cells, .. }, Some(now)) => {
                let mut after = now.clone();
                for (place, before, text) in cells {
                    match after.get_mut(*place) {
                        Some(cell) if cell == before => text.clone_into(cell),
                        _ => return Err(Overtaken),
                    }
                }
                Ok(Some(after))
            }
            (Self::Added { values, .. }, None) => Ok(Some(values.clone())),
            (Self::Removed { values, .. }, Some(now)) if now == values => Ok(None),
            _ => Err(Overtaken),
        }
    }
}

/// The row was changed by somebody else since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overtaken;

/// One thing a person did: a cell typed, a paste, a fill, a deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Row and column where the keys stood.
    pub at: Option<(Uuid, &'static str)>,
    pub changes: Vec<Change>,
}

impl Step {
    pub fn inverse(self) -> Self {
        Self { at: self.at, changes: self.changes.into_iter().rev().map(Change::inverse).collect() }
    }
}

/// The steps of one list. What is taken out and could not be done for good is forgotten.
#[derive(Debug, Default)]
pub struct History {
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl History {
    /// Something new was done: what was undone before cannot be done again.
    pub fn did(&mut self, step: Step) {
        self.undone.clear();
        self.keep(step);
    }

    /// The step to take back, as it is to be carried out.
    pub fn undo(&mut self) -> Option<Step> {
        self.done.pop().map(Step::inverse)
    }

    /// The step to do again.
    pub fn redo(&mut self) -> Option<Step> {
        self.undone.pop().map(Step::inverse)
    }

    /// A step given by [`Self::undo`] was carried out.
    pub fn undid(&mut self, step: Step) {
        self.undone.push(step);
    }

    /// A step given by [`Self::redo`] was carried out.
    pub fn redid(&mut self, step: Step) {
        self.keep(step);
    }

    /// A step given by [`Self::undo`] could not be carried out now.
    pub fn not_undone(&mut self, step: Step) {
        self.done.push(step.inverse());
    }

    /// A step given by [`Self::redo`] could not be carried out now.
    pub fn not_redone(&mut self, step: Step) {
        self.undone.push(step.inverse());
    }

    /// A row that was typed cell by cell is stored for the first time. From now on that is one step, which
    /// takes the row away as a whole: with a cell of it taken back it might not be a row at all.
    pub fn stored_first(&mut self, id: Uuid, seq: i64, values: RowTexts) {
        let of_row = |change: &Change| matches!(change, Change::Cells { .. }) && change.id() == id;
        // Pasted with what was wrong in it, and mended since: it goes with its paste.
        let pasted = self.done.iter_mut().flat_map(|step| &mut step.changes);
        if let Some(added) =
            pasted.into_iter().find(|change| matches!(change, Change::Added { .. }) && change.id() == id)
        {
            *added = Change::Added { id, seq, values };
            for step in &mut self.done {
                step.changes.retain(|change| !of_row(change));
            }
            return self.done.retain(|step| !step.changes.is_empty());
        }
        let Some(last) = self.done.iter().rposition(|step| step.changes.iter().any(of_row)) else { return };
        for step in &mut self.done {
            step.changes.retain(|change| !of_row(change));
        }
        self.done[last].changes.push(Change::Added { id, seq, values });
        self.done.retain(|step| !step.changes.is_empty());
    }

    /// A row goes as a whole from now on: single cells of it are no steps any more.
    pub fn forget_cells(&mut self, id: Uuid) {
        for step in &mut self.done {
            step.changes.retain(|change| !(matches!(change, Change::Cells { .. }) && change.id() == id));
        }
        self.done.retain(|step| !step.changes.is_empty());
    }

    fn keep(&mut self, step: Step) {
        self.done.push(step);
        if self.done.len() > MOST_STEPS {
            self.done.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Rows = BTreeMap<Uuid, RowTexts>;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn carry_out(rows: &mut Rows, step: &Step) -> Result<(), Overtaken> {
        for change in &step.changes {
            match change.apply(rows.get(&change.id()))? {
                Some(values) => rows.insert(change.id(), values),
                None => rows.remove(&change.id()),
            };
        }
        Ok(())
    }

    fn cell(row: u128, place: usize, before: &str, after: &str) -> Change {
        Change::Cells { id: id(row), cells: vec![(place, before.into(), after.into())] }
    }

    #[test]
    fn what_somebody_else_changed_is_not_undone() {
        let mut rows: Rows = [(id(1), vec!["a".to_owned()])].into();
        let step = Step { at: None, changes: vec![cell(1, 0, "a", "b")] };
        carry_out(&mut rows, &step).unwrap();
        rows.insert(id(1), vec!["theirs".to_owned()]);
        assert_eq!(carry_out(&mut rows, &step.inverse()), Err(Overtaken));
        assert_eq!(rows[&id(1)], ["theirs"]);
    }

    #[test]
    fn a_deleted_row_that_is_there_again_is_not_added_twice() {
        let rows: Rows = [(id(1), vec!["a".to_owned()])].into();
        let back = Change::Added { id: id(1), seq: 4, values: vec!["a".into()] };
        assert_eq!(back.apply(rows.get(&id(1))), Err(Overtaken));
    }

    #[test]
    fn what_could_not_be_undone_now_can_be_undone_later() {
        let mut history = History::default();
        let step = Step { at: None, changes: vec![cell(1, 0, "a", "b")] };
        history.did(step.clone());
        let undo = history.undo().unwrap();
        history.not_undone(undo.clone());
        assert_eq!(history.undo(), Some(undo.clone()), "the network was gone for a moment, not the step");
        history.undid(undo);
        let redo = history.redo().unwrap();
        history.not_redone(redo);
        assert_eq!(history.redo(), Some(step));
    }

    #[test]
    fn a_row_that_was_typed_is_taken_back_as_a_whole() {
        let mut history = History::default();
        let typed = |row, place, text| Step { at: Some((id(row), "code")), changes: vec![cell(row, place, "", text)] };
        for step in [typed(1, 0, "other"), typed(2, 0, "a"), typed(2, 1, "b")] {
            history.did(step);
        }
        let values = vec!["a".to_owned(), "b".to_owned()];
        history.stored_first(id(2), 7, values.clone());
        let mut rows: Rows = [(id(1), vec!["other".to_owned(), String::new()]), (id(2), values)].into();
        carry_out(&mut rows, &history.undo().unwrap()).unwrap();
        assert!(!rows.contains_key(&id(2)), "not a row without its code, which nobody could store");
        assert_eq!(history.undo(), Some(typed(1, 0, "other").inverse()));
        assert_eq!(history.undo(), None);
    }

    #[test]
    fn doing_something_new_ends_what_could_be_done_again() {
        let mut history = History::default();
        let step = |text: &str| Step { at: None, changes: vec![cell(1, 0, "", text)] };
        history.did(step("a"));
        let undo = history.undo().unwrap();
        history.undid(undo);
        history.did(step("b"));
        assert_eq!(history.redo(), None);
        assert_eq!(history.undo(), Some(step("b").inverse()));
        assert_eq!(history.undo(), None);
    }

    /// A random thing done to the rows: 0 edits, 1 adds, 2 removes.
    fn random_step(rows: &Rows, kind: u8, pick: u128, text: &str) -> Step {
        let known = rows.keys().nth(pick as usize % rows.len().max(1)).copied();
        let change = match (kind, known) {
            (0, Some(known)) => {
                let mut after = rows[&known].clone();
                text.clone_into(&mut after[1]);
                Change::between(known, &rows[&known], &after, |_| true)
            }
            (2, Some(known)) => Some(Change::Removed { id: known, seq: 1, values: rows[&known].clone() }),
            _ => {
                let new = id(pick + 1000);
                (!rows.contains_key(&new)).then(|| Change::Added { id: new, seq: 0, values: vec![text.into(); 2] })
            }
        };
        Step { at: None, changes: change.into_iter().collect() }
    }

    proptest! {
        /// However much was typed, pasted and deleted: undoing all of it brings the list back, and
        /// doing it again brings back what was there.
        #[test]
        fn undoing_everything_brings_the_list_back(
            steps in prop::collection::vec((0u8..3, 0u128..6, "[a-c]{0,2}"), 0..30),
        ) {
            let start: Rows = (0..3).map(|number| (id(number), vec![number.to_string(), String::new()])).collect();
            let mut rows = start.clone();
            let mut history = History::default();
            for (kind, pick, text) in steps {
                let step = random_step(&rows, kind, pick, &text);
                prop_assert_eq!(carry_out(&mut rows, &step), Ok(()));
                history.did(step);
            }
            let end = rows.clone();
            while let Some(step) = history.undo() {
                prop_assert_eq!(carry_out(&mut rows, &step), Ok(()));
                history.undid(step);
            }
            prop_assert_eq!(&rows, &start);
            while let Some(step) = history.redo() {
                prop_assert_eq!(carry_out(&mut rows, &step), Ok(()));
                history.redid(step);
            }
            prop_assert_eq!(rows, end);
        }
    }
}
