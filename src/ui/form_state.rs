//! The values of one record on the screen: what was typed, what was loaded, what is wrong with it.
//! A small `Copy` handle that pages pass around; [`super::record_form::RecordForm`] draws it.
//! Values live per field, so that a key struck in one field redraws nothing else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use leptos::prelude::*;

use super::codes::codes_now;
use super::focus;
use crate::form::{Field, Finding, Record, Severity, check_field, check_record, clean, pointer, today};
use crate::text::Message;

struct Inner {
    section: &'static str,
    fields: &'static [Field],
    values: HashMap<&'static str, ArcRwSignal<String>>,
    /// What was loaded or saved last.
    baseline: ArcRwSignal<HashMap<&'static str, String>>,
    /// Grows with every load: only then may a focused control be rewritten.
    loads: ArcRwSignal<u32>,
    notes: Mutex<Notes>,
}

#[derive(Default)]
struct Notes {
    /// Ids of controls are `prefix-key`.
    prefix: String,
    /// Value of a field when it was last accepted.
    committed: HashMap<&'static str, String>,
    /// Value for which the field's look-up last succeeded.
    looked_up: HashMap<&'static str, String>,
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
    inner: StoredValue<Arc<Inner>>,
}

impl FormState {
    /// An empty form of a record. `section` is the first part of its pointers.
    pub fn new<R: Record>(section: &'static str) -> Self {
        let inner = Inner {
            section,
            fields: R::FIELDS,
            values: R::FIELDS.iter().map(|field| (field.key, ArcRwSignal::new(String::new()))).collect(),
            baseline: ArcRwSignal::default(),
            loads: ArcRwSignal::default(),
            notes: Mutex::default(),
        };
        Self {
            findings: RwSignal::new(Vec::new()),
            locked: RwSignal::new(false),
            seq: RwSignal::new(None),
            inner: StoredValue::new(Arc::new(inner)),
        }
    }

    fn inner(&self) -> Option<Arc<Inner>> {
        self.inner.try_get_value()
    }

    /// Replaces all values, forgets findings, and counts as unchanged from now on.
    pub fn load<R: Record>(&self, record: &R) {
        self.findings.try_set(Vec::new());
        self.take(|field, _| record.get(field.key).to_owned(), record);
        if let Some(inner) = self.inner() {
            inner.loads.update(|loads| *loads = loads.wrapping_add(1));
        }
    }

    /// After a save: fields still as they were `sent` take what is `stored`; what was typed since
    /// stays and stays unsaved. Findings stay.
    pub fn saved<R: Record>(&self, sent: &R, stored: &R) {
        self.take(
            |field, current| {
                let typed_since = field.is_typed() && clean(field, current, today()) != sent.get(field.key);
                if typed_since { current.to_owned() } else { stored.get(field.key).to_owned() }
            },
            stored,
        );
    }

    fn take<R: Record>(&self, value_of: impl Fn(&Field, &str) -> String, baseline: &R) {
        let Some(inner) = self.inner() else { return };
        for field in inner.fields {
            let Some(signal) = inner.values.get(field.key) else { continue };
            let current = signal.get_untracked();
            let value = value_of(field, &current);
            let mut notes = inner.notes();
            notes.committed.insert(field.key, baseline.get(field.key).to_owned());
            notes.looked_up.insert(field.key, baseline.get(field.key).to_owned());
            drop(notes);
            if value != current {
                signal.set(value);
            }
        }
        inner.baseline.set(R::FIELDS.iter().map(|field| (field.key, baseline.get(field.key).to_owned())).collect());
    }

    /// Sets one field from the program: a grey field, or what a look-up found.
    pub fn patch(&self, key: &str, value: impl Into<String>) {
        let Some((inner, field)) = self.field(key) else { return };
        let value = value.into();
        inner.notes().committed.insert(field.key, value.clone());
        self.findings_update(key, None);
        self.set_text(key, value);
    }

    /// The values as they would be stored. Text a control has not accepted yet is accepted first.
    pub fn record<R: Record>(&self) -> R {
        focus::commit_active();
        let mut record = R::default();
        if let Some(inner) = self.inner() {
            for field in inner.fields {
                if let Some(value) = inner.values.get(field.key) {
                    record.set(field.key, clean(field, &value.get_untracked(), today()));
                }
            }
        }
        record
    }

    /// One value; tracked.
    pub fn get(&self, key: &str) -> String {
        self.field(key).and_then(|(inner, _)| Some(inner.values.get(key)?.get())).unwrap_or_default()
    }

    /// One value, without tracking.
    pub fn get_untracked(&self, key: &str) -> String {
        untrack(|| self.get(key))
    }

    /// True while a field that people type differs from what was loaded or saved.
    pub fn dirty(&self) -> Signal<bool> {
        let inner = self.inner();
        Memo::new(move |_| {
            let Some(inner) = &inner else { return false };
            let baseline = inner.baseline.read();
            inner.fields.iter().filter(|field| field.is_typed()).any(|field| {
                let loaded = baseline.get(field.key).map_or("", String::as_str);
                inner.values.get(field.key).is_some_and(|value| *value.read() != loaded)
            })
        })
        .into()
    }

    /// Checks all fields and shows what is wrong; findings of other rules give way.
    pub fn check<R: Record>(&self, for_declare: bool) -> Vec<Finding> {
        let Some(inner) = self.inner() else { return Vec::new() };
        let seq = self.seq.try_get_untracked().flatten();
        let findings = check_record(inner.section, seq, &self.record::<R>(), &codes_now(), for_declare);
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
    fn field(&self, key: &str) -> Option<(Arc<Inner>, &'static Field)> {
        let inner = self.inner()?;
        let field = inner.fields.iter().find(|field| field.key == key)?;
        Some((inner, field))
    }

    /// Sets the text of a field as it is being typed.
    pub(super) fn set_text(&self, key: &str, text: String) {
        if let Some((inner, _)) = self.field(key)
            && let Some(signal) = inner.values.get(key)
            && signal.with_untracked(|current| *current != text)
        {
            signal.set(text);
        }
    }

    /// Accepts what stands in a field: normalises it and, when it changed, checks it anew.
    /// True when it changed since it was last accepted.
    pub(super) fn commit(&self, key: &str) -> bool {
        let Some((inner, field)) = self.field(key) else { return false };
        let value = clean(field, &self.get_untracked(key), today());
        self.set_text(key, value.clone());
        let before = inner.notes().committed.insert(field.key, value.clone()).unwrap_or_default();
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
        self.inner().and_then(|inner| inner.notes().committed.get(key).cloned()).unwrap_or_default()
    }

    pub(super) fn is_looked_up(&self, key: &str, value: &str) -> bool {
        self.inner().is_some_and(|inner| inner.notes().looked_up.get(key).is_some_and(|known| known == value))
    }

    pub(super) fn mark_looked_up(&self, key: &str, value: Option<String>) {
        if let Some((inner, field)) = self.field(key) {
            inner.notes().looked_up.insert(field.key, value.unwrap_or_default());
        }
    }

    /// Count of loads; tracked.
    pub(super) fn loads(&self) -> u32 {
        self.inner().map(|inner| inner.loads.get()).unwrap_or_default()
    }

    pub(super) fn set_prefix(&self, prefix: &str) {
        if let Some(inner) = self.inner() {
            prefix.clone_into(&mut inner.notes().prefix);
        }
    }

    pub(super) fn id_of(&self, key: &str) -> String {
        self.inner().map(|inner| format!("{}-{key}", inner.notes().prefix)).unwrap_or_default()
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

impl Inner {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
