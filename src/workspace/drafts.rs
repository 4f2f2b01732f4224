//! What was typed and not saved, as the journal keeps it: pages say which forms are kept ([`keep`]) and put back what they
//! find ([`read`]). Kept per user, enterprise, kind of document, document and part of the document.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use uuid::Uuid;

use super::content::{Content, Draft};
use super::{journal, me_now};
use crate::document::kind::HEAD;
use crate::form::Filled;
use crate::ui::clock::day_and_time;
use crate::ui::form_state::FormState;
use crate::ui::grid::KeptRow;

/// Beside the fields: the version the text was typed over, the tab's name, and when.
const BASE: &str = "@base";
const TITLE: &str = "@title";
const AT: &str = "@at";
/// Beside the fields: the texts they were typed over, as JSON.
const WAS: &str = "@was";
/// In place of the fields, what is typed of a list: its rows, as JSON.
const ROWS: &str = "@rows";

/// Which text it is: a part (a form, the cells of a list) of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Key of the kind of document.
    pub kind: &'static str,
    pub document: Uuid,
    pub part: String,
}

/// All that was typed and not saved of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// Key of the kind of document.
    pub kind: String,
    pub document: Uuid,
    pub title: String,
    /// When it was typed: `2026-11-30 10:42`.
    pub at: String,
    pub content: Content,
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
    decode(&journal::read(&entry(place)?).await?)
}

/// What an earlier visit left of the rows of a list.
pub async fn read_rows(place: &Place) -> Vec<KeptRow> {
    let Some(entry) = entry(place) else { return Vec::new() };
    journal::read(&entry).await.map(|text| decode_rows(&text)).unwrap_or_default()
}

/// Drops everything kept of a document.
pub async fn forget(kind: &str, document: Uuid) {
    if let Some(front) = user_front() {
        journal::forget(&format!("{front}{kind}.{}.", document.simple())).await;
    }
}

/// The documents of this user with text that was not saved, the latest first.
pub async fn all() -> Vec<Typed> {
    let Some(front) = user_front() else { return Vec::new() };
    read_front(&front, "").await
}

/// What was typed of a document and not saved.
pub async fn of(kind: &str, document: Uuid) -> Content {
    let Some(front) = user_front() else { return Content::default() };
    let found = read_front(&front, &format!("{kind}.{}.", document.simple())).await;
    found.into_iter().next().map(|typed| typed.content).unwrap_or_default()
}

async fn read_front(front: &str, of: &str) -> Vec<Typed> {
    let mut found: BTreeMap<Uuid, Typed> = BTreeMap::new();
    for (entry, text) in journal::read_all(&format!("{front}{of}")).await {
        let mut names = entry[front.len()..].splitn(3, '.');
        let (Some(kind), Some(id), Some(part)) = (names.next(), names.next(), names.next()) else { continue };
        let Ok(document) = Uuid::parse_str(id) else { continue };
        let (draft, rows) = (decode(&text), decode_rows(&text));
        if draft.is_none() && rows.is_empty() {
            continue;
        }
        let typed =
            found.entry(document).or_insert_with(|| Typed { kind: kind.to_owned(), document, ..Typed::default() });
        let mut said = fields(&text);
        typed.title = said.remove(TITLE).unwrap_or_default();
        typed.at = typed.at.clone().max(said.remove(AT).unwrap_or_default());
        match draft {
            Some(draft) => typed.content.head = Some(draft),
            None => drop(typed.content.lists.insert(part.to_owned(), rows)),
        }
    }
    let mut all: Vec<Typed> = found.into_values().collect();
    all.sort_by(|one, other| other.at.cmp(&one.at));
    all
}

/// How many documents of this user have text that was not saved; tracked.
pub fn count() -> usize {
    let Some(front) = user_front() else { return 0 };
    journal::with_names(|names| {
        let parts = names.range(front.clone()..).take_while(|name| name.starts_with(&front));
        // By document: a name without its part.
        let documents: BTreeSet<&str> = parts.filter_map(|name| name.rsplit_once('.')).map(|(name, _)| name).collect();
        documents.len()
    })
}

/// What is to be written for content to be text that was typed and not saved, in place of what was. Rows that were to be
/// deleted are not in it: they stay.
pub fn writes(kind: &str, document: Uuid, title: &str, content: Content) -> Vec<(String, Option<String>)> {
    let Some(front) = user_front() else { return Vec::new() };
    let name = |part: &str| format!("{front}{kind}.{}.{part}", document.simple());
    let head = content.head.map(|head| (name(HEAD), Some(encode(head, title.to_owned()))));
    let lists = content.lists.iter().filter(|(_, rows)| !rows.is_empty());
    head.into_iter().chain(lists.map(|(list, rows)| (name(list), Some(encode_rows(rows, title.to_owned()))))).collect()
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
    all.insert(AT.to_owned(), day_and_time());
    all.insert(WAS.to_owned(), serde_json::to_string(&draft.was).unwrap_or_default());
    serde_json::to_string(&all).unwrap_or_default()
}

fn fields(text: &str) -> Filled {
    serde_json::from_str(text).unwrap_or_default()
}

fn decode(text: &str) -> Option<Draft> {
    let mut all = fields(text);
    let base = all.remove(BASE)?.parse().ok()?;
    all.remove(TITLE);
    all.remove(AT);
    let was = all.remove(WAS).map(|was| fields(&was)).unwrap_or_default();
    Some(Draft { base, values: all, was })
}

fn encode_rows(rows: &[KeptRow], title: String) -> String {
    let rows = serde_json::to_string(rows).unwrap_or_default();
    serde_json::to_string(&BTreeMap::from([(ROWS, rows), (TITLE, title), (AT, day_and_time())])).unwrap_or_default()
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
        assert_eq!(decode(&encode(draft.clone(), "账册 A-1".to_owned())), Some(draft));
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
}
