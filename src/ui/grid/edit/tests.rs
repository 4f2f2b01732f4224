//! Editing over rows in memory that behave as the server does: one version per row, all or nothing. If these fail,
//! what was typed, pasted or undone in a list is lost or written over a colleague's. No browser, no server.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::super::history::Change;
use super::*;
use crate::form::Kind;
use crate::text::text;

const FIELDS: &[Field] = &[
    Field::new(text("编码", "Code"), Kind::Text { max: 10 }).save().named("code"),
    Field::new(text("名称", "Name"), Kind::Text { max: 20 }).named("name"),
    Field::new(text("合计", "Sum"), Kind::Text { max: 40 }).from(crate::form::Source::Computed).named("sum"),
];

type Table = Arc<Mutex<BTreeMap<Uuid, Stored>>>;

struct Memory(Table);

impl Source for Memory {
    fn stored(&self, id: Uuid) -> Option<Stored> {
        self.0.lock().unwrap().get(&id).cloned()
    }
    fn blank(&self) -> RowTexts {
        vec![String::new(); 3]
    }
    fn complete(&self, values: &mut RowTexts, _typed: Option<&'static str>) {
        values[2] = format!("{}+{}", values[0], values[1]);
    }
    fn settled(&self, _values: &RowTexts) -> &'static [&'static str] {
        &[]
    }
    fn check(&self, values: &RowTexts) -> Vec<(&'static str, Message)> {
        values[0].is_empty().then(|| ("code", Message::new("编码不能为空", "Code is required"))).into_iter().collect()
    }
    fn save(&self, batch: Batch) -> Saving {
        let mut table = self.0.lock().unwrap();
        let version = |id: &Uuid| table.get(id).map_or(0, |row| row.version);
        let stale = batch.puts.iter().any(|put| version(&put.id) != put.base)
            || batch.removes.iter().any(|(id, base)| version(id) != *base);
        if stale {
            let message = Message::new("已被他人修改", "changed by somebody else");
            return Box::pin(async { Err(Refusal { message, faults: Vec::new() }) });
        }
        for (id, _) in batch.removes {
            table.remove(&id);
        }
        for put in batch.puts {
            let last = table.values().map(|row| row.seq).max().unwrap_or(0);
            let seq = table.get(&put.id).map_or(if put.seq > 0 { put.seq } else { last + 1 }, |row| row.seq);
            table.insert(put.id, Stored { seq, version: put.base + 1, values: put.values });
        }
        Box::pin(async { Ok(()) })
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn row(code: &str, name: &str) -> RowTexts {
    vec![code.to_owned(), name.to_owned(), format!("{code}+{name}")]
}

/// An editing of two stored rows. The owner keeps its signals.
fn editing() -> (Owner, Editing, Table) {
    let owner = Owner::new();
    owner.set();
    let stored = |seq: i64, values| Stored { seq, version: 1, values };
    let table: Table =
        Arc::new(Mutex::new([(id(1), stored(1, row("a", "one"))), (id(2), stored(2, row("b", "two")))].into()));
    let editing = Editing::new(FIELDS, Signal::stored(false), 10);
    editing.bind(Memory(Arc::clone(&table)));
    (owner, editing, table)
}

/// Nothing here has to wait.
fn now<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn values(table: &Table) -> Vec<(i64, RowTexts)> {
    table.lock().unwrap().values().map(|row| (row.seq, row.values.clone())).collect()
}

#[test]
fn what_is_typed_is_a_draft_until_the_row_is_saved_and_can_be_undone_after() {
    let (_owner, editing, table) = editing();
    let before = values(&table);
    assert!(editing.type_cell(id(1), "name", " eins ", None));
    assert_eq!(editing.values(id(1)), Some(row("a", "eins")), "normalised and completed");
    assert_eq!(values(&table), before, "nothing is stored before the row is left");
    now(editing.save(vec![id(1)]));
    assert!(!untrack(|| editing.dirty()));
    assert_eq!(values(&table)[0].1, row("a", "eins"));
    assert_eq!(now(editing.go_back(How::Undo)), Ok(Some((id(1), "name"))));
    assert_eq!(values(&table), before);
    assert_eq!(now(editing.go_back(How::Redo)), Ok(Some((id(1), "name"))));
    assert_eq!(values(&table)[0].1, row("a", "eins"));
}

#[test]
fn typing_that_is_undone_before_it_is_saved_leaves_nothing_to_save() {
    let (_owner, editing, table) = editing();
    editing.type_cell(id(1), "name", "x", None);
    editing.type_cell(id(1), "code", "c", None);
    now(editing.go_back(How::Undo)).unwrap();
    assert_eq!(editing.values(id(1)), Some(row("a", "x")));
    now(editing.go_back(How::Undo)).unwrap();
    assert!(!untrack(|| editing.dirty()));
    assert_eq!(table.lock().unwrap()[&id(1)].version, 1);
}

#[test]
fn a_faulty_row_keeps_what_was_typed() {
    let (_owner, editing, table) = editing();
    assert!(!editing.type_cell(id(1), "code", "", None));
    assert_eq!(untrack(|| editing.first_fault(id(1))), Some("code"));
    now(editing.save(vec![id(1)]));
    assert!(untrack(|| editing.dirty()));
    assert_eq!(values(&table)[0].1, row("a", "one"));
    assert!(editing.type_cell(id(1), "code", "c", None));
    assert_eq!(untrack(|| editing.first_fault(id(1))), None);
    now(editing.save(vec![id(1)]));
    assert_eq!(values(&table)[0].1, row("c", "one"));
}

#[test]
fn pasted_and_deleted_rows_come_and_go_in_one_step_with_their_numbers() {
    let (_owner, editing, table) = editing();
    let before = values(&table);
    let added = |number| Change::Added { id: id(number), seq: 0, values: row("n", "new") };
    let paste = Step { at: None, changes: vec![added(3), added(4)] };
    assert!(now(editing.run(paste)));
    let pasted = values(&table);
    assert_eq!(pasted.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(now(editing.remove(vec![id(1), id(3)])).is_some());
    assert_eq!(values(&table).len(), 2);
    now(editing.go_back(How::Undo)).unwrap();
    assert_eq!(values(&table), pasted, "deleted rows have their numbers again");
    now(editing.go_back(How::Undo)).unwrap();
    assert_eq!(values(&table), before);
    now(editing.go_back(How::Redo)).unwrap();
    assert_eq!(values(&table), pasted);
}

#[test]
fn a_step_that_fails_in_one_row_changes_none() {
    let (_owner, editing, table) = editing();
    let before = values(&table);
    let clear = editing.step_of(None, [1, 2].map(|row| (id(row), vec![(0, String::new())])));
    assert!(!now(editing.run(clear)), "the code is required");
    assert_eq!(values(&table), before);
    // A row changed by somebody else that this screen has not seen: the version says so.
    let fill = editing.step_of(None, [1, 2].map(|row| (id(row), vec![(1, "same".to_owned())])));
    assert!(now(editing.run(fill)));
    table.lock().unwrap().get_mut(&id(2)).unwrap().values = row("b", "theirs");
    let after = values(&table);
    assert_eq!(now(editing.go_back(How::Undo)), Err(Failed::ForGood));
    assert_eq!(values(&table), after, "somebody's change was overwritten");
}

#[test]
fn a_row_that_was_typed_is_undone_as_a_whole_and_comes_back_with_its_number() {
    let (_owner, editing, table) = editing();
    let before = values(&table);
    let new = editing.insert(2).unwrap();
    editing.type_cell(new, "code", "n", None);
    editing.type_cell(new, "name", "new", None);
    now(editing.save(vec![new]));
    let typed = values(&table);
    assert_eq!(typed.len(), 3);
    now(editing.go_back(How::Undo)).unwrap();
    assert_eq!(values(&table), before, "without its code it could not be stored, so the whole row goes");
    now(editing.go_back(How::Redo)).unwrap();
    now(editing.save(vec![new]));
    assert_eq!(values(&table), typed);
}

#[test]
fn an_edit_begun_before_somebody_saved_is_held_to_the_version_it_began_with() {
    let (_owner, editing, table) = editing();
    editing.type_cell(id(2), "name", "mine", None);
    *table.lock().unwrap().get_mut(&id(2)).unwrap() = Stored { seq: 2, version: 7, values: row("b", "theirs") };
    now(editing.save(vec![id(2)]));
    assert_eq!(values(&table)[1].1, row("b", "theirs"));
    assert_eq!(editing.values(id(2)), Some(row("b", "mine")), "what was typed is still there");
}

#[test]
fn what_is_typed_comes_back_after_a_reload_and_is_stored_as_it_was_meant() {
    let (owner, before, _) = editing();
    before.type_cell(id(2), "name", "mine", None);
    let new = before.insert(2).unwrap();
    before.type_cell(new, "code", "n", None);
    before.insert(3).unwrap(); // nobody typed in it
    before.set_typing(Some((id(1), "name", "half a wo".to_owned())));
    let kept = untrack(|| before.unsaved());
    assert_eq!(kept.iter().map(|row| row.id).collect::<Vec<_>>(), [id(1), id(2), new]);
    drop(owner);

    let (_owner, after, table) = editing();
    assert_eq!(after.restore(kept), 3);
    assert_eq!(after.values(id(1)), Some(row("a", "half a wo")));
    assert!(now(after.save_all()));
    let texts: Vec<_> = values(&table).into_iter().map(|(_, values)| values).collect();
    assert_eq!(texts, [row("a", "half a wo"), row("b", "mine"), row("n", "")]);
    assert!(untrack(|| after.unsaved()).is_empty());
}

#[test]
fn a_row_that_was_stored_before_the_reload_is_not_typed_anew() {
    let (_owner, editing, _) = editing();
    let values = [("name".to_owned(), "one".to_owned())].into();
    assert_eq!(
        editing.restore(vec![KeptRow { id: id(1), base: 0, in_form: false, values, was: Default::default() }]),
        0
    );
    assert!(!untrack(|| editing.dirty()));
}

#[test]
fn what_is_typed_in_a_row_that_somebody_deletes_becomes_a_new_row() {
    let (_owner, editing, table) = editing();
    editing.type_cell(id(2), "name", "mine", None);
    table.lock().unwrap().remove(&id(2));
    assert_eq!(editing.follow(), 1);
    assert_eq!(editing.follow(), 0);
    assert!(now(editing.save_all()));
    assert_eq!(values(&table)[1].1, row("b", "mine"));
}

#[test]
fn rows_pasted_from_a_new_row_on_keep_their_order_and_go_together() {
    // Of five rows the first became the last and waited unsaved, and the toast spoke of five.
    let (_owner, editing, table) = editing();
    let before = values(&table);
    let new = editing.insert(2).unwrap();
    editing.type_cell(new, "name", "x", None);
    let mut step = editing.step_of(None, [(new, vec![(0, "p".to_owned()), (1, "first".to_owned())])]);
    step.changes.push(Change::Added { id: id(u128::MAX), seq: 0, values: row("q", "second") });
    assert!(now(editing.run(step)));
    let pasted = || {
        let mut rows = values(&table);
        rows.sort_by_key(|(seq, _)| *seq);
        rows.split_off(2)
    };
    assert_eq!(pasted(), [(3, row("p", "first")), (4, row("q", "second"))]);
    assert!(!untrack(|| editing.dirty()), "no row waits");
    now(editing.go_back(How::Undo)).unwrap();
    assert_eq!(values(&table), before);
    assert!(!untrack(|| editing.dirty()));
    now(editing.go_back(How::Redo)).unwrap();
    assert_eq!(pasted(), [(3, row("p", "first")), (4, row("q", "second"))]);
}

#[test]
fn what_is_pasted_with_its_faults_is_kept_in_red_and_goes_in_one_step() {
    let (_owner, editing, table) = editing();
    let before = values(&table);
    let added = |number: u128, code: &str| Change::Added { id: id(number), seq: 0, values: row(code, "new") };
    let mut step = Step { at: None, changes: vec![added(3, "n"), added(4, "")] };
    step.changes.extend(editing.step_of(None, [(id(1), vec![(0, String::new())])]).changes);
    let why = || Message::new("编码不能为空", "Code is required");
    let faults = vec![(id(4), "code", why()), (id(1), "code", why())];
    assert!(now(editing.run_marking(step, faults)));
    let red = || {
        let mut cells = editing.faulty_cells();
        cells.sort_unstable();
        cells
    };
    let stored = values(&table);
    assert_eq!(stored.len(), 3, "the good row is stored, the wrong one waits");
    assert_eq!(red(), [(id(1), "code"), (id(4), "code")]);
    assert_eq!(editing.values(id(4)), Some(row("", "new")), "nothing that was copied is lost");

    now(editing.go_back(How::Undo)).unwrap();
    assert_eq!(values(&table), before);
    assert!(!untrack(|| editing.dirty()) && red().is_empty());
    now(editing.go_back(How::Redo)).unwrap();
    assert_eq!((values(&table), red()), (stored, vec![(id(1), "code"), (id(4), "code")]));

    // Mended, the row is stored, and still goes with its paste.
    editing.type_cell(id(4), "code", "m", None);
    editing.type_cell(id(1), "code", "a", None);
    now(editing.save(vec![id(1), id(4)]));
    assert_eq!(values(&table).len(), 4);
    assert_eq!(now(editing.go_back(How::Undo)), Ok(Some((id(1), "code"))), "mending a row that was there");
    now(editing.go_back(How::Undo)).unwrap();
    assert_eq!(values(&table), before);
    assert!(!untrack(|| editing.dirty()));
}
