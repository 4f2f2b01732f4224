//! The values of one record on the screen: what was typed, what was loaded, what is wrong with it.
//! A small `Copy` handle that pages pass around; [`super::record_form::RecordForm`] draws it.
//! Values live per field, so that a key struck in one field redraws nothing else.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use leptos::prelude::*;

use super::clock::today;
use super::codes::codes_now;
use super::focus;
use super::type_ahead::Again;
use crate::form::{Field, Filled, Finding, Severity, Texts, Values, check_field, check_record, clean, pointer};
use crate::text::Message;

struct Inner {
    section: &'static str,
    fields: &'static [Field],
    /// One per field, in their order.
    slots: Vec<Slot>,
    /// What was loaded or saved last, in the order of the fields.
    baseline: ArcRwSignal<Vec<String>>,
    /// Grows with every load: only then may a focused control be rewritten.
    loads: ArcRwSignal<u32>,
    /// Ids of controls are `prefix-key`.
    prefix: Mutex<String>,
}

/// What is known of one field's value.
#[derive(Default)]
struct Slot {
    value: ArcRwSignal<String>,
    /// The value when it was last accepted.
    committed: Mutex<String>,
    /// The value for which the field's look-up last succeeded.
    looked_up: Mutex<String>,
    /// The text it was typed over, where that is not what is stored now: storing it asks.
    over: Mutex<Option<String>>,
}

impl Slot {
    fn over(&self) -> MutexGuard<'_, Option<String>> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Handle of one form.
#[derive(Clone, Copy)]
pub struct FormState {
    /// Shown beside the fields they point to, until mended.
    pub findings: RwSignal<Vec<Finding>>,
    /// All fields grey.
    pub locked: RwSignal<bool>,
    /// Number of the row, for pointers; `None` for a head or a row not saved yet.
    pub seq: RwSignal<Option<i64>>,
    /// True while it shows what an interrupted visit left behind; until the next load or save.
    pub restored: RwSignal<bool>,
    inner: StoredValue<Arc<Inner>>,
}

impl FormState {
    /// An empty form of these fields. `section` is the first part of its pointers.
    pub fn new(section: &'static str, fields: &'static [Field]) -> Self {
        let inner = Inner {
            section,
            fields,
            slots: fields.iter().map(|_| Slot::default()).collect(),
            baseline: ArcRwSignal::new(vec![String::new(); fields.len()]),
            loads: ArcRwSignal::default(),
            prefix: Mutex::default(),
        };
        Self {
            findings: RwSignal::new(Vec::new()),
            locked: RwSignal::new(false),
            seq: RwSignal::new(None),
            restored: RwSignal::new(false),
            inner: StoredValue::new(Arc::new(inner)),
        }
    }

    fn inner(&self) -> Option<Arc<Inner>> {
        self.inner.try_get_value()
    }

    /// Replaces all values, forgets findings, and counts as unchanged from now on.
    pub fn load(&self, record: &dyn Texts) {
        self.findings.try_set(Vec::new());
        self.take(|field, _| record.text(field.key).to_owned(), record);
        if let Some(inner) = self.inner() {
            inner.loads.update(|loads| *loads = loads.wrapping_add(1));
        }
    }

    /// After a save: fields still as they were `sent` take what is `stored`; what was typed since
    /// stays and stays unsaved. Findings stay.
    pub fn saved(&self, sent: &dyn Texts, stored: &dyn Texts) {
        let mut typed_since = Vec::new();
        self.take(
            |field, current| {
                let is_typed = field.is_typed() && clean(field, current, today()) != sent.text(field.key);
                if is_typed {
                    typed_since.push(field.key);
                    current.to_owned()
                } else {
                    stored.text(field.key).to_owned()
                }
            },
            stored,
        );
        // What others have in the place of what was sent is shown also where the focus stands, as long as nothing is typed there.
        let in_focus = focus::active().map(|active| active.id()).unwrap_or_default();
        let is_others = |field: &Field| field.is_typed() && sent.text(field.key) != stored.text(field.key);
        if let Some(inner) = self.inner()
            && inner
                .fields
                .iter()
                .any(|field| is_others(field) && !typed_since.contains(&field.key) && self.id_of(field.key) == in_focus)
        {
            inner.loads.update(|loads| *loads = loads.wrapping_add(1));
        }
        // Typed over what was sent: what somebody else stored there instead was not seen.
        for key in typed_since.into_iter().filter(|key| sent.text(key) != stored.text(key)) {
            self.typed_over(key, sent.text(key));
        }
    }

    /// Somebody else stored other texts: fields in which nothing is typed take them, but not those that `stay`; what is typed
    /// stays, over the text it was typed over first.
    pub fn follow(&self, stored: &dyn Texts, stay: impl Fn(&Field) -> bool) {
        let Some(inner) = self.inner() else { return };
        let in_focus = focus::active().map(|active| active.id()).unwrap_or_default();
        let mut is_shown_anew = false;
        let mut baseline = inner.baseline.get_untracked();
        for ((field, slot), before) in inner.fields.iter().zip(&inner.slots).zip(&mut baseline) {
            let (now, current) = (stored.text(field.key), slot.value.get_untracked());
            if field.is_typed() && current != *before {
                let mut over = slot.over();
                let first = over.take().unwrap_or_else(|| before.clone());
                *over = (first != now).then_some(first);
            } else if !stay(field) {
                now.clone_into(&mut held(&slot.committed));
                now.clone_into(&mut held(&slot.looked_up));
                if current != now {
                    slot.value.set(now.to_owned());
                    is_shown_anew |= self.id_of(field.key) == in_focus;
                }
            }
            now.clone_into(before);
        }
        inner.baseline.set(baseline);
        if is_shown_anew {
            inner.loads.update(|loads| *loads = loads.wrapping_add(1));
        }
    }

    fn typed_over(&self, key: &str, text: &str) {
        if let Some((inner, at)) = self.place(key) {
            *inner.slots[at].over() = Some(text.to_owned());
        }
    }

    /// The fields in which `sent` differs from what they were typed over, with that text.
    pub fn changed(&self, sent: &dyn Texts) -> Filled {
        let Some(inner) = self.inner() else { return Filled::new() };
        let baseline = inner.baseline.get_untracked();
        let was = inner.fields.iter().zip(&inner.slots).zip(baseline);
        was.map(|((field, slot), stored)| (field.key, slot.over().clone().unwrap_or(stored)))
            .filter(|(key, was)| sent.text(key) != was)
            .map(|(key, was)| (key.to_owned(), was))
            .collect()
    }

    fn take(&self, mut value_of: impl FnMut(&Field, &str) -> String, baseline: &dyn Texts) {
        let Some(inner) = self.inner() else { return };
        let stored: Vec<String> = inner.fields.iter().map(|field| baseline.text(field.key).to_owned()).collect();
        for ((field, slot), stored) in inner.fields.iter().zip(&inner.slots).zip(&stored) {
            let current = slot.value.get_untracked();
            let value = value_of(field, &current);
            stored.clone_into(&mut held(&slot.committed));
            stored.clone_into(&mut held(&slot.looked_up));
            *slot.over() = None;
            if value != current {
                slot.value.set(value);
            }
        }
        inner.baseline.set(stored);
        if self.restored.try_get_untracked() == Some(true) {
            self.restored.set(false);
        }
    }

    /// Has whoever calls this called again when what [`Self::unsaved_now`] gives may have changed.
    pub fn track_unsaved(&self) {
        let Some(inner) = self.inner() else { return };
        inner.baseline.track();
        inner.slots.iter().for_each(|slot| slot.value.track());
    }

    /// What people typed and nobody stored yet, by field.
    pub fn unsaved_now(&self) -> Filled {
        let Some(inner) = self.inner() else { return Filled::new() };
        let baseline = inner.baseline.get_untracked();
        let typed = inner.fields.iter().zip(&inner.slots).zip(baseline).filter_map(|((field, slot), stored)| {
            let value = slot.value.get_untracked();
            (field.is_typed() && value != stored).then(|| (field.key.to_owned(), value))
        });
        typed.collect()
    }

    /// Puts back what [`Self::unsaved_now`] gave in an earlier visit, over what is loaded. `was`: what each was typed over.
    pub fn restore(&self, unsaved: &Filled, was: &Filled) {
        let Some(inner) = self.inner() else { return };
        for field in inner.fields.iter().filter(|field| field.is_typed()) {
            if let Some(value) = unsaved.get(field.key) {
                if let Some(was) = was.get(field.key) {
                    self.typed_over(field.key, was);
                }
                self.set_text(field.key, value.clone());
                self.commit(field.key);
            }
        }
        self.restored.set(true);
    }

    /// Back to what was loaded or saved last.
    pub fn revert(&self) {
        let Some(inner) = self.inner() else { return };
        let baseline = inner.baseline.get_untracked();
        for ((field, slot), stored) in inner.fields.iter().zip(&inner.slots).zip(baseline) {
            if field.is_typed() {
                stored.clone_into(&mut held(&slot.committed));
                *slot.over() = None;
                self.set_text(field.key, stored);
            }
        }
        self.findings.try_set(Vec::new());
        self.restored.set(false);
        inner.loads.update(|loads| *loads = loads.wrapping_add(1));
    }

    /// Sets one field from the program: a grey field, or what a look-up found.
    pub fn patch(&self, key: &str, value: impl Into<String>) {
        let Some((inner, at)) = self.place(key) else { return };
        let value = value.into();
        value.clone_into(&mut held(&inner.slots[at].committed));
        self.findings_update(key, None);
        self.set_text(key, value);
    }

    /// The values as they would be stored. Text a control has not accepted yet is accepted first.
    pub fn values(&self) -> Values {
        focus::commit_active();
        self.collect(|field, slot| clean(field, &slot.value.get_untracked(), today()))
    }

    /// The values as they stand in the controls, half typed as they may be. Nothing is accepted by this.
    pub fn typed_now(&self) -> Values {
        self.collect(|_, slot| slot.value.get_untracked())
    }

    /// The values as they were accepted last. What is being typed in a control is not touched: this may run
    /// behind its back.
    pub fn accepted(&self) -> Values {
        self.collect(|_, slot| held(&slot.committed).clone())
    }

    fn collect(&self, text_of: impl Fn(&Field, &Slot) -> String) -> Values {
        let Some(inner) = self.inner() else { return Values::new(&[]) };
        let texts = inner.fields.iter().zip(&inner.slots).map(|(field, slot)| text_of(field, slot)).collect();
        Values::ordered(inner.fields, texts)
    }

    /// The field table of the form.
    pub fn fields(&self) -> &'static [Field] {
        self.inner().map_or(&[], |inner| inner.fields)
    }

    /// One value; tracked.
    pub fn get(&self, key: &str) -> String {
        self.place(key).map(|(inner, at)| inner.slots[at].value.get()).unwrap_or_default()
    }

    /// One value, without tracking.
    pub fn get_untracked(&self, key: &str) -> String {
        untrack(|| self.get(key))
    }

    /// True while a field that people type differs from what was loaded or saved; tracked.
    pub fn dirty(&self) -> bool {
        self.track_unsaved();
        self.dirty_now()
    }

    /// The same, without tracking.
    pub fn dirty_now(&self) -> bool {
        let Some(inner) = self.inner() else { return false };
        let fields = inner.fields.iter().zip(&inner.slots);
        inner.baseline.with_untracked(|baseline| {
            fields
                .zip(baseline)
                .any(|((field, slot), stored)| field.is_typed() && slot.value.with_untracked(|value| value != stored))
        })
    }

    /// Checks all fields and shows what is wrong; findings of other rules give way.
    pub fn check(&self, for_declare: bool) -> Vec<Finding> {
        let Some(inner) = self.inner() else { return Vec::new() };
        let seq = self.seq.try_get_untracked().flatten();
        let findings = check_record(inner.section, seq, &self.values(), &codes_now(), for_declare);
        self.findings.try_set(findings.clone());
        findings
    }

    /// The pointer of a field of this form.
    pub fn pointer_of(&self, key: &str) -> String {
        let seq = self.seq.try_get_untracked().flatten();
        self.inner().map(|inner| pointer(inner.section, seq, key)).unwrap_or_default()
    }

    /// The field a pointer means, when it is one of this form.
    pub fn key_of(&self, at: &str) -> Option<&'static str> {
        let inner = self.inner()?;
        let seq = self.seq.try_get_untracked().flatten();
        inner.fields.iter().map(|field| field.key).find(|key| pointer(inner.section, seq, key) == at)
    }

    /// What is wrong with a field; tracked.
    pub fn fault_of(&self, key: &str) -> Option<Message> {
        let inner = self.inner()?;
        let at = pointer(inner.section, self.seq.try_get().flatten(), key);
        let findings = self.findings.try_read()?;
        findings.iter().filter(|one| one.pointer == at).max_by_key(|one| one.severity).map(|one| one.message.clone())
    }

    /// Shows a fault beside a field, in place of an earlier one of the same rule.
    pub fn set_fault(&self, key: &str, rule: &str, message: Message) {
        let finding =
            Finding { rule: rule.to_owned(), pointer: self.pointer_of(key), severity: Severity::Save, message };
        self.findings_update(key, Some(finding));
    }

    /// Ends a fault set by [`Self::set_fault`].
    pub fn clear_fault(&self, key: &str, rule: &str) {
        let at = self.pointer_of(key);
        let is_it = move |one: &Finding| one.pointer == at && one.rule == rule;
        if self.findings.try_with_untracked(|all| all.iter().any(&is_it)).unwrap_or_default() {
            self.findings.try_update(|all| all.retain(|one| !is_it(one)));
        }
    }

    fn findings_update(&self, key: &str, new: Option<Finding>) {
        let at = self.pointer_of(key);
        let stale = self.findings.try_with_untracked(|all| all.iter().any(|one| one.pointer == at)).unwrap_or_default();
        if stale || new.is_some() {
            self.findings.try_update(|findings| {
                findings.retain(|one| one.pointer != at);
                findings.extend(new);
            });
        }
    }

    /// Moves the focus to a field, as soon as it is on the page.
    pub fn focus(&self, key: &str) {
        focus::focus_id(self.id_of(key));
    }

    /// Moves the focus to the first field that can be typed into.
    pub fn focus_first(&self) {
        if let Some(field) = self.inner().and_then(|inner| inner.fields.iter().find(|field| field.is_typed())) {
            self.focus(field.key);
        }
    }

    /// Moves the focus to the first faulty field; false when there is none.
    pub fn focus_error(&self) -> bool {
        match self.faulty_keys().first() {
            Some(key) => {
                self.focus(key);
                true
            }
            None => false,
        }
    }
}

/// What the controls need.
impl FormState {
    /// Place of a field in the table.
    fn place(&self, key: &str) -> Option<(Arc<Inner>, usize)> {
        let inner = self.inner()?;
        let at = inner.fields.iter().position(|field| field.key == key)?;
        Some((inner, at))
    }

    /// Enter in a field once more, as long as the field is at fault.
    pub(super) fn again(self, key: &'static str) -> Again {
        Again::enter(self.id_of(key), move || self.fault_of(key).is_some())
    }

    /// Sets the text of a field as it is being typed.
    pub(super) fn set_text(&self, key: &str, text: String) {
        let Some((inner, at)) = self.place(key) else { return };
        let value = &inner.slots[at].value;
        if value.with_untracked(|current| *current != text) {
            value.set(text);
        }
    }

    /// Accepts what stands in a field: normalises it and, when it changed, checks it anew.
    /// True when it changed since it was last accepted.
    pub(super) fn commit(&self, key: &str) -> bool {
        let Some((inner, place)) = self.place(key) else { return false };
        let field = &inner.fields[place];
        let value = clean(field, &self.get_untracked(key), today());
        self.set_text(key, value.clone());
        let before = std::mem::replace(&mut *held(&inner.slots[place].committed), value.clone());
        if before == value {
            return false;
        }
        let at = self.pointer_of(key);
        let was_missing =
            self.findings.try_with_untracked(|all| all.iter().any(|one| one.pointer == at)).unwrap_or_default();
        self.findings_update(key, check_field(field, &value, &at, &codes_now(), was_missing));
        true
    }

    /// The value a field had when it was last accepted: what Esc brings back.
    pub(super) fn committed(&self, key: &str) -> String {
        self.place(key).map(|(inner, at)| held(&inner.slots[at].committed).clone()).unwrap_or_default()
    }

    pub(super) fn is_looked_up(&self, key: &str, value: &str) -> bool {
        self.place(key).is_some_and(|(inner, at)| *held(&inner.slots[at].looked_up) == value)
    }

    pub(super) fn mark_looked_up(&self, key: &str, value: Option<String>) {
        if let Some((inner, at)) = self.place(key) {
            *held(&inner.slots[at].looked_up) = value.unwrap_or_default();
        }
    }

    /// Count of loads; tracked.
    pub(super) fn loads(&self) -> u32 {
        self.inner().map(|inner| inner.loads.get()).unwrap_or_default()
    }

    pub(super) fn set_prefix(&self, prefix: &str) {
        if let Some(inner) = self.inner() {
            prefix.clone_into(&mut held(&inner.prefix));
        }
    }

    pub(super) fn id_of(&self, key: &str) -> String {
        self.inner().map(|inner| format!("{}-{key}", held(&inner.prefix))).unwrap_or_default()
    }

    /// Keys of the fields with a finding, in the order of the form.
    pub(super) fn faulty_keys(&self) -> Vec<&'static str> {
        let Some(inner) = self.inner() else { return Vec::new() };
        let seq = self.seq.try_get_untracked().flatten();
        self.findings
            .try_with_untracked(|findings| {
                let faulty = |key: &str| {
                    let at = pointer(inner.section, seq, key);
                    findings.iter().any(|one| one.pointer == at && one.severity != Severity::Warning)
                };
                inner.fields.iter().map(|field| field.key).filter(|key| faulty(key)).collect()
            })
            .unwrap_or_default()
    }
}

/// A lock is never held across anything that could fail.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
