//! What was typed and not saved, as the journal keeps it: pages say which forms are kept ([`keep`]) and put back what they
//! find ([`read`]). Kept per user, enterprise, kind of document, document and part of the document.

use std::collections::BTreeMap;

use leptos::prelude::*;
use uuid::Uuid;

use super::queue::waiting::Save;
use super::{journal, me_now};
use crate::document::kind::HEAD;
use crate::form::Filled;
use crate::ui::form_state::FormState;
use crate::ui::grid::KeptRow;

/// Beside the fields: the version the text was typed over, and the tab's name.
const BASE: &str = "@base";
const TITLE: &str = "@title";
/// Beside the fields: the texts they were typed over, as JSON.
const WAS: &str = "@was";
/// In place of the fields, what is typed of a list: its rows, as JSON.
const ROWS: &str = "@rows";

/// Text of a form that was typed and not saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The version it was typed over; 0: never stored.
    pub base: i64,
    /// Only the fields that differ from what was stored.
    pub values: Filled,
    /// The text each of these fields had before.
    pub was: Filled,
}

/// Which text it is: a part (a form, the cells of a list) of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Key of the kind of document.
    pub kind: &'static str,
    pub document: Uuid,
    pub part: String,
}

/// A document that has such text, for who looks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Key of the kind of document.
    pub kind: String,
    pub document: Uuid,
    pub title: String,
    /// Never stored on the server.
    pub new: bool,
}

/// Keeps what is typed in a form, from the moment `ready` is true (when what an earlier visit left is
/// put back). What is saved, discarded or closed is kept no longer.
pub fn keep(place: Place, form: FormState, base: Signal<i64>, title: Signal<String>, ready: RwSignal<bool>) {
    let track = move || {
        form.track_unsaved();
        base.track();
        title.track();
    };
    let text = move || {
        let values = form.unsaved_now();
        let was = form.changed(&form.typed_now());
        let (base, title) = (base.try_get_untracked()?, title.try_get_untracked()?);
        (!values.is_empty()).then(|| encode(Draft { base, values, was }, title))
    };
    keep_text(&place, track, text, ready);
}

/// The same for what is typed of the rows of a list; `rows` gives it, `track` says when it may have changed.
pub fn keep_rows(
    place: Place,
    track: impl Fn() + 'static,
    rows: impl Fn() -> Vec<KeptRow> + Copy + 'static,
    title: Signal<String>,
    ready: RwSignal<bool>,
) {
    let track = move || {
        track();
        title.track();
    };
    let text = move || {
        let (rows, title) = (rows(), title.try_get_untracked()?);
        (!rows.is_empty()).then(|| encode_rows(&rows, title))
    };
    keep_text(&place, track, text, ready);
}

/// `track` says when the text may have changed, `text` makes it.
fn keep_text(
    place: &Place,
    track: impl Fn() + 'static,
    text: impl Fn() -> Option<String> + Copy + 'static,
    ready: RwSignal<bool>,
) {
    let Some(entry) = entry(place) else { return };
    let gone = entry.clone();
    Effect::new(move |_| {
        if ready.get() {
            track();
            journal::write_later(entry.clone(), Box::new(text));
        }
    });
    // Closing the tab was answered with yes; a reload comes without this.
    on_cleanup(move || {
        if ready.try_get_untracked().unwrap_or(true) {
            journal::write_later(gone, Box::new(|| None));
            journal::flush(false);
        }
    });
}

/// What an earlier visit left.
pub async fn read(place: &Place) -> Option<Draft> {
    decode(&journal::read(&entry(place)?).await?).map(|(draft, _)| draft)
}

/// What an earlier visit left of the rows of a list.
pub async fn read_rows(place: &Place) -> Vec<KeptRow> {
    let Some(entry) = entry(place) else { return Vec::new() };
    journal::read(&entry).await.map(|text| decode_rows(&text)).unwrap_or_default()
}

/// Drops everything kept of a document.
pub async fn forget(kind: &'static str, document: Uuid) {
    if let Some(front) = entry(&Place { kind, document, part: String::new() }) {
        journal::forget(&front).await;
    }
}

/// The documents of this user with text that was not saved.
pub async fn all() -> Vec<Kept> {
    let Some(front) = user_front() else { return Vec::new() };
    let mut found: BTreeMap<Uuid, Kept> = BTreeMap::new();
    for (entry, text) in journal::read_all(&front).await {
        let mut names = entry[front.len()..].splitn(3, '.');
        let (Some(kind), Some(id), Some(part)) = (names.next(), names.next(), names.next()) else { continue };
        let Ok(document) = Uuid::parse_str(id) else { continue };
        let kept = |title| Kept { kind: kind.to_owned(), document, title, new: false };
        if let Some((draft, title)) = decode(&text) {
            let kept = found.entry(document).or_insert_with(|| kept(title));
            kept.new |= part == HEAD && draft.base == 0;
        } else if !decode_rows(&text).is_empty() {
            let title = fields(&text).remove(TITLE).unwrap_or_default();
            found.entry(document).or_insert_with(|| kept(title));
        }
    }
    found.into_values().collect()
}

/// What saves of a document become when they are refused: its text that was typed and not saved, with what was typed since
/// over it. To be written by whoever takes the saves out. Rows that were to be deleted stay.
pub async fn of_saves(kind: &str, document: Uuid, title: &str, saves: &[&Save]) -> Vec<(String, Option<String>)> {
    let Some(front) = user_front() else { return Vec::new() };
    let name = |part: &str| format!("{front}{kind}.{}.{part}", document.simple());
    let mut head: Option<Draft> = None;
    let mut lists: BTreeMap<&str, Vec<KeptRow>> = BTreeMap::new();
    for save in saves {
        match save {
            Save::Head(save) => {
                let draft = head.get_or_insert_with(|| Draft { base: save.base, ..Draft::default() });
                lay_texts(&mut draft.values, &mut draft.was, sent_texts(&save.head, save.was.as_ref()));
            }
            Save::Rows(save) => {
                let rows = lists.entry(&save.section).or_default();
                for put in &save.puts {
                    lay(rows, put.row_id, put.base, sent_texts(&put.content, put.was.as_ref()));
                }
                rows.retain(|row| !save.removes.iter().any(|gone| gone.row_id == row.id));
            }
        }
    }
    let mut writes = Vec::new();
    if let Some(mut head) = head {
        let name = name(HEAD);
        if let Some((typed, _)) = journal::read(&name).await.and_then(|text| decode(&text)) {
            lay_texts(&mut head.values, &mut head.was, (typed.values, typed.was));
        }
        writes.push((name, Some(encode(head, title.to_owned()))));
    }
    for (section, mut rows) in lists {
        let name = name(section);
        for typed in journal::read(&name).await.map(|text| decode_rows(&text)).unwrap_or_default() {
            lay(&mut rows, typed.id, typed.base, (typed.values, typed.was));
        }
        if !rows.is_empty() {
            writes.push((name, Some(encode_rows(&rows, title.to_owned()))));
        }
    }
    writes
}

/// Texts by field, and what each was typed over.
type Typed = (Filled, Filled);

/// What a save sends of the user's: the fields that were changed, or all of a record that is new.
fn sent_texts(content: &Filled, was: Option<&Filled>) -> Typed {
    let Some(was) = was else { return (content.clone(), Filled::new()) };
    let values = was.keys().map(|key| (key.clone(), content.get(key).cloned().unwrap_or_default()));
    (values.collect(), was.clone())
}

/// Lays later texts over earlier ones; what was there before the first of them is what they were typed over.
fn lay_texts(values: &mut Filled, was: &mut Filled, (later, later_was): Typed) {
    for (key, text) in later_was {
        // What an earlier text of the same field was laid over: the later one knew only that earlier text.
        if !values.contains_key(&key) {
            was.insert(key, text);
        }
    }
    values.extend(later);
}

/// Lays texts over a row; what it was typed over first stays its base.
fn lay(rows: &mut Vec<KeptRow>, id: Uuid, base: i64, (values, was): Typed) {
    match rows.iter_mut().find(|row| row.id == id) {
        Some(row) => lay_texts(&mut row.values, &mut row.was, (values, was)),
        None => rows.push(KeptRow { id, base, in_form: false, values, was }),
    }
}

fn user_front() -> Option<String> {
    let me = me_now()?;
    Some(format!("draft.{}.{}.", me.login, me.enterprise.code))
}

fn entry(place: &Place) -> Option<String> {
    let Place { kind, document, part } = place;
    Some(format!("{}{kind}.{}.{part}", user_front()?, document.simple()))
}

fn encode(draft: Draft, title: String) -> String {
    let mut all = draft.values;
    all.insert(BASE.to_owned(), draft.base.to_string());
    all.insert(TITLE.to_owned(), title);
    all.insert(WAS.to_owned(), serde_json::to_string(&draft.was).unwrap_or_default());
    serde_json::to_string(&all).unwrap_or_default()
}

fn fields(text: &str) -> Filled {
    serde_json::from_str(text).unwrap_or_default()
}

fn decode(text: &str) -> Option<(Draft, String)> {
    let mut all = fields(text);
    let base = all.remove(BASE)?.parse().ok()?;
    let title = all.remove(TITLE).unwrap_or_default();
    let was = all.remove(WAS).map(|was| fields(&was)).unwrap_or_default();
    Some((Draft { base, values: all, was }, title))
}

fn encode_rows(rows: &[KeptRow], title: String) -> String {
    let rows = serde_json::to_string(rows).unwrap_or_default();
    serde_json::to_string(&BTreeMap::from([(ROWS, rows), (TITLE, title)])).unwrap_or_default()
}

fn decode_rows(text: &str) -> Vec<KeptRow> {
    fields(text).remove(ROWS).and_then(|rows| serde_json::from_str(&rows).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_before_a_crash_is_read_after_it() {
        let of = |text: &str| Filled::from([("remark".to_owned(), text.to_owned())]);
        let draft = Draft { base: 7, values: of("一“二”\n三"), was: of("旧") };
        assert_eq!(decode(&encode(draft.clone(), "账册 A-1".to_owned())), Some((draft, "账册 A-1".to_owned())));
        // What another program or version left there must not stop the page.
        assert_eq!(decode("{}"), None);
        assert_eq!(decode("not JSON"), None);
    }

    #[test]
    fn cells_are_read_as_they_were_written_and_are_no_form() {
        let values = [("qty".to_owned(), "１，２".to_owned())].into();
        let rows = vec![KeptRow { id: Uuid::from_u128(4), base: 3, in_form: false, values, was: Filled::new() }];
        let text = encode_rows(&rows, "账册 A-1".to_owned());
        assert_eq!(decode_rows(&text), rows);
        assert_eq!(decode(&text), None);
        assert!(decode_rows("not JSON").is_empty());
    }

    #[test]
    fn saves_that_are_refused_keep_what_the_first_of_them_was_typed_over() {
        // Held against the text in between, a colleague's change would be overwritten without a question.
        let of = |text: &str| Filled::from([("remark".to_owned(), text.to_owned())]);
        let whole = Filled::from([("remark".to_owned(), "one".to_owned()), ("contract_no".to_owned(), "A".to_owned())]);
        let (mut values, mut was) = sent_texts(&whole, Some(&of("before")));
        assert_eq!((&values, &was), (&of("one"), &of("before")), "only what was changed is the user's");
        lay_texts(&mut values, &mut was, (of("two"), of("one")));
        assert_eq!((values, was), (of("two"), of("before")));
        let emptied = sent_texts(&Filled::new(), Some(&of("before")));
        assert_eq!(emptied, (of(""), of("before")));
        assert_eq!(sent_texts(&whole, None), (whole.clone(), Filled::new()), "a new record is all the user's");
    }
}
