//! What was typed and not saved, kept in this browser so that a reload, a crash or a lost session costs
//! nothing. Pages say which forms are kept ([`keep`]) and put back what they find ([`read`]); the server
//! knows nothing of it. Kept per user, enterprise, document and part of the document.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use leptos::prelude::*;
use uuid::Uuid;
use web_sys::Storage;

use super::me_now;
use crate::ui::form_state::FormState;
use crate::ui::grid::{Editing, KeptRow};

/// Short enough that a crash costs a word at most, long enough to write once for a word.
const WRITE_AFTER: Duration = Duration::from_millis(300);

/// Beside the fields: the version the text was typed over, the row, and the tab's name.
const BASE: &str = "@base";
const ROW: &str = "@row";
const TITLE: &str = "@title";
/// In place of all these, what is typed in a list: its rows, as JSON.
const ROWS: &str = "@rows";

thread_local! {
    /// What is to be written next: entry, and its text or nothing to remove it.
    static PENDING: RefCell<BTreeMap<String, Option<String>>> = const { RefCell::new(BTreeMap::new()) };
    static SCHEDULED: Cell<bool> = const { Cell::new(false) };
}

/// What the typed text belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The version it was typed over; 0: never stored.
    pub base: i64,
    /// The row in a row form.
    pub row: Option<Uuid>,
}

/// Text that was typed and not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub origin: Origin,
    /// Only the fields that differ from what is stored.
    pub values: HashMap<String, String>,
}

/// A document that has such text, for who looks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub document: Uuid,
    pub title: String,
    /// Never stored on the server.
    pub new: bool,
}

/// Keeps what is typed in a form, from the moment `ready` is true (when what an earlier visit left is
/// put back). What is saved, discarded or closed is kept no longer.
pub fn keep(
    document: Uuid,
    part: &'static str,
    form: FormState,
    origin: Signal<Origin>,
    title: Signal<String>,
    ready: RwSignal<bool>,
) {
    let text = move || {
        let values = form.unsaved();
        (!values.is_empty()).then(|| encode(Draft { origin: origin.get(), values }, title.get()))
    };
    keep_text(document, part, text, ready);
}

/// The same for what is typed in the cells of a list.
pub fn keep_rows(document: Uuid, part: &'static str, editing: Editing, title: Signal<String>, ready: RwSignal<bool>) {
    let text = move || {
        let rows = editing.unsaved();
        (!rows.is_empty()).then(|| encode_rows(&rows, title.get()))
    };
    keep_text(document, part, text, ready);
}

fn keep_text(document: Uuid, part: &'static str, text: impl Fn() -> Option<String> + 'static, ready: RwSignal<bool>) {
    let Some(entry) = entry(document, part) else { return };
    let gone = entry.clone();
    Effect::new(move |_| {
        if ready.get() {
            write_later(entry.clone(), text());
        }
    });
    // Closing the tab was answered with yes; a reload comes without this.
    on_cleanup(move || {
        if ready.try_get_untracked().unwrap_or(true) {
            write_later(gone, None);
            flush();
        }
    });
}

/// What an earlier visit left.
pub fn read(document: Uuid, part: &str) -> Option<Draft> {
    decode(&storage()?.get_item(&entry(document, part)?).ok()??).map(|(draft, _)| draft)
}

/// What an earlier visit left in the cells of a list.
pub fn read_rows(document: Uuid, part: &str) -> Vec<KeptRow> {
    let text = entry(document, part).and_then(|entry| storage()?.get_item(&entry).ok()?);
    text.map(|text| decode_rows(&text)).unwrap_or_default()
}

/// Drops everything kept of a document.
pub fn forget(document: Uuid) {
    let Some(front) = entry(document, "") else { return };
    PENDING.with_borrow_mut(|pending| pending.retain(|entry, _| !entry.starts_with(&front)));
    for (entry, _) in entries(&front) {
        write_later(entry, None);
    }
    flush();
}

/// The documents of this user with text that was not saved.
pub fn all() -> Vec<Kept> {
    let Some(front) = user_front() else { return Vec::new() };
    let mut found: BTreeMap<Uuid, Kept> = BTreeMap::new();
    for (entry, text) in entries(&front) {
        let place = entry[front.len()..].split_once('.');
        let document = place.and_then(|(id, part)| Some((Uuid::parse_str(id).ok()?, part)));
        let Some((document, part)) = document else { continue };
        if let Some((draft, title)) = decode(&text) {
            let kept = found.entry(document).or_insert(Kept { document, title, new: false });
            kept.new |= part == "head" && draft.origin.base == 0;
        } else if !decode_rows(&text).is_empty() {
            let title = fields(&text).remove(TITLE).unwrap_or_default();
            found.entry(document).or_insert(Kept { document, title, new: false });
        }
    }
    found.into_values().collect()
}

/// Writes what still waits; called when the page is about to go. False when the browser refuses to
/// keep anything.
pub fn flush() -> bool {
    SCHEDULED.set(false);
    let pending = PENDING.take();
    if pending.is_empty() {
        return true;
    }
    let Some(storage) = storage() else { return pending.values().all(Option::is_none) };
    pending.iter().fold(true, |fine, (entry, text)| {
        let done = match text {
            Some(text) => storage.set_item(entry, text),
            None => storage.remove_item(entry),
        };
        done.is_ok() && fine
    })
}

fn write_later(entry: String, text: Option<String>) {
    PENDING.with_borrow_mut(|pending| pending.insert(entry, text));
    if !SCHEDULED.replace(true) {
        set_timeout(
            || {
                flush();
            },
            WRITE_AFTER,
        );
    }
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn user_front() -> Option<String> {
    let me = me_now()?;
    Some(format!("opbook.draft.{}.{}.", me.login, me.enterprise.code))
}

fn entry(document: Uuid, part: &str) -> Option<String> {
    Some(format!("{}{}.{part}", user_front()?, document.simple()))
}

fn entries(front: &str) -> Vec<(String, String)> {
    let Some(storage) = storage() else { return Vec::new() };
    let names = (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok()?);
    names
        .filter(|name| name.starts_with(front))
        .filter_map(|name| Some((storage.get_item(&name).ok()??, name)))
        .map(|(text, name)| (name, text))
        .collect()
}

fn encode(draft: Draft, title: String) -> String {
    let mut all = draft.values;
    all.insert(BASE.to_owned(), draft.origin.base.to_string());
    all.insert(TITLE.to_owned(), title);
    if let Some(row) = draft.origin.row {
        all.insert(ROW.to_owned(), row.to_string());
    }
    serde_json::to_string(&all).unwrap_or_default()
}

fn fields(text: &str) -> HashMap<String, String> {
    serde_json::from_str(text).unwrap_or_default()
}

fn decode(text: &str) -> Option<(Draft, String)> {
    let mut all = fields(text);
    let base = all.remove(BASE)?.parse().ok()?;
    let row = all.remove(ROW).and_then(|row| Uuid::parse_str(&row).ok());
    let title = all.remove(TITLE).unwrap_or_default();
    Some((Draft { origin: Origin { base, row }, values: all }, title))
}

fn encode_rows(rows: &[KeptRow], title: String) -> String {
    let rows = serde_json::to_string(rows).unwrap_or_default();
    serde_json::to_string(&HashMap::from([(ROWS, rows), (TITLE, title)])).unwrap_or_default()
}

fn decode_rows(text: &str) -> Vec<KeptRow> {
    fields(text).remove(ROWS).and_then(|rows| serde_json::from_str(&rows).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_before_a_crash_is_read_after_it() {
        let values = HashMap::from([("remark".to_owned(), "一“二”\n三".to_owned())]);
        let draft = Draft { origin: Origin { base: 7, row: Some(Uuid::from_u128(9)) }, values };
        assert_eq!(decode(&encode(draft.clone(), "账册 A-1".to_owned())), Some((draft, "账册 A-1".to_owned())));
        // What another program or version left there must not stop the page.
        assert_eq!(decode("{}"), None);
        assert_eq!(decode("not JSON"), None);
    }

    #[test]
    fn cells_are_read_as_they_were_written_and_are_no_form() {
        let values = [("qty".to_owned(), "１，２".to_owned())].into();
        let rows = vec![KeptRow { id: Uuid::from_u128(4), base: 3, values }];
        let text = encode_rows(&rows, "账册 A-1".to_owned());
        assert_eq!(decode_rows(&text), rows);
        assert_eq!(decode(&text), None);
        assert!(decode_rows("not JSON").is_empty());
    }
}
