//! What this browser has of one document and the server does not, field by field: text that was typed and not saved, and saves
//! that wait. Pure; `drafts` keeps it, `queue` makes it of saves that are refused, `held` lists it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::queue::waiting::Save;
use crate::form::Filled;
use crate::ui::grid::KeptRow;

/// Text of a form that was typed and not saved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The version it was typed over; 0: never stored.
    pub base: i64,
    /// Only the fields that differ from what was stored.
    pub values: Filled,
    /// The text each of these fields had before.
    pub was: Filled,
}

/// All of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub head: Option<Draft>,
    /// By list.
    pub lists: BTreeMap<String, Vec<KeptRow>>,
    /// Rows that a save that waits deletes, by list.
    pub removed: BTreeMap<String, Vec<Uuid>>,
}

/// A field: its list and row, or the head; and its name.
pub type At<'a> = (Option<(&'a str, Uuid)>, &'a str);

impl Content {
    /// What saves say, in their order.
    pub fn of_saves<'a>(saves: impl IntoIterator<Item = &'a Save>) -> Self {
        let mut content = Self::default();
        for save in saves {
            content.add_save(save);
        }
        content
    }

    fn add_save(&mut self, save: &Save) {
        match save {
            Save::Head(save) => {
                let draft = self.head.get_or_insert_with(|| Draft { base: save.base, ..Draft::default() });
                lay_texts(&mut draft.values, &mut draft.was, sent_texts(&save.head, save.was.as_ref()));
            }
            Save::Rows(save) => {
                let rows = self.lists.entry(save.section.clone()).or_default();
                for put in &save.puts {
                    lay(rows, put.row_id, put.base, sent_texts(&put.content, put.was.as_ref()));
                }
                rows.retain(|row| !save.removes.iter().any(|gone| gone.row_id == row.id));
                let removed = self.removed.entry(save.section.clone()).or_default();
                removed.extend(save.removes.iter().map(|gone| gone.row_id));
            }
        }
    }

    /// Lays later content over this one.
    pub fn add(&mut self, later: Self) {
        if let Some(typed) = later.head {
            match &mut self.head {
                Some(head) => lay_texts(&mut head.values, &mut head.was, (typed.values, typed.was)),
                None => self.head = Some(typed),
            }
        }
        for (list, typed) in later.lists {
            let rows = self.lists.entry(list).or_default();
            for row in typed {
                match rows.iter_mut().find(|known| known.id == row.id) {
                    Some(known) => lay_texts(&mut known.values, &mut known.was, (row.values, row.was)),
                    None => rows.push(row),
                }
            }
        }
        for (list, removed) in later.removed {
            self.removed.entry(list).or_default().extend(removed);
        }
    }

    /// Leaves only the parts (head, lists) that another one has, too.
    pub fn keep_parts_of(&mut self, other: &Self) {
        if other.head.is_none() {
            self.head = None;
        }
        self.lists.retain(|list, _| other.lists.contains_key(list));
    }

    /// True when there is no text in it, and nothing to delete.
    pub fn is_empty(&self) -> bool {
        self.head.as_ref().is_none_or(|head| head.values.is_empty())
            && self.lists.values().all(Vec::is_empty)
            && self.removed.values().all(Vec::is_empty)
    }

    /// Every text, in the order of the parts: where it is, the text, and the one it was typed over.
    pub fn texts(&self) -> impl Iterator<Item = (At<'_>, &str, &str)> {
        fn of<'a>(
            row: Option<(&'a str, Uuid)>,
            values: &'a Filled,
            was: &'a Filled,
        ) -> Vec<(At<'a>, &'a str, &'a str)> {
            let before = |key: &str| was.get(key).map_or("", String::as_str);
            values.iter().map(|(key, text)| ((row, key.as_str()), text.as_str(), before(key))).collect()
        }
        let head = self.head.iter().flat_map(|head| of(None, &head.values, &head.was));
        let rows = self.lists.iter().flat_map(|(list, rows)| rows.iter().map(move |row| (list, row)));
        head.chain(rows.flat_map(|(list, row)| of(Some((list, row.id)), &row.values, &row.was)))
    }

    /// The text of a field, where there is one.
    pub fn text(&self, (row, key): At<'_>) -> Option<&str> {
        let values = match row {
            None => &self.head.as_ref()?.values,
            Some((list, id)) => &self.lists.get(list)?.iter().find(|row| row.id == id)?.values,
        };
        values.get(key).map(String::as_str)
    }

    /// Drops the texts of some fields.
    pub fn drop_texts(&mut self, which: impl Fn(At<'_>) -> bool) {
        if let Some(head) = &mut self.head {
            head.values.retain(|key, _| !which((None, key)));
        }
        for (list, rows) in &mut self.lists {
            for row in rows {
                let id = row.id;
                row.values.retain(|key, _| !which((Some((list, id)), key)));
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Filled {
        pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn saves_that_are_refused_keep_what_the_first_of_them_was_typed_over() {
        // Held against the text in between, a colleague's change would be overwritten without a question.
        let whole = of(&[("remark", "one"), ("contract_no", "A")]);
        let before = of(&[("remark", "before")]);
        let (mut values, mut was) = sent_texts(&whole, Some(&before));
        assert_eq!((&values, &was), (&of(&[("remark", "one")]), &before), "only what was changed is the user's");
        lay_texts(&mut values, &mut was, (of(&[("remark", "two")]), of(&[("remark", "one")])));
        assert_eq!((values, was), (of(&[("remark", "two")]), before.clone()));
        let emptied = sent_texts(&Filled::new(), Some(&before));
        assert_eq!(emptied, (of(&[("remark", "")]), before));
        assert_eq!(sent_texts(&whole, None), (whole.clone(), Filled::new()), "a new record is all the user's");
    }

    #[test]
    fn a_text_is_found_where_it_was_typed_and_dropped_alone() {
        let id = Uuid::from_u128(7);
        let row = |pairs| KeptRow { id, base: 2, in_form: false, values: of(pairs), was: of(&[("qty", "1")]) };
        let mut content = Content {
            head: Some(Draft { base: 3, values: of(&[("remark", "x"), ("contract_no", "A")]), was: Filled::new() }),
            lists: [("exports".to_owned(), vec![row(&[("qty", "5")])])].into(),
            ..Content::default()
        };
        let at = (Some(("exports", id)), "qty");
        assert_eq!((content.text(at), content.text((None, "remark"))), (Some("5"), Some("x")));
        assert_eq!(content.texts().count(), 3);
        assert!(content.texts().any(|one| one == (at, "5", "1")));
        // Later text over earlier: the earlier one's base stays.
        content
            .add(Content { lists: [("exports".to_owned(), vec![row(&[("qty", "6")])])].into(), ..Content::default() });
        assert_eq!((content.text(at), content.lists["exports"].len()), (Some("6"), 1));
        content.drop_texts(|(row, key)| row.is_none() && key == "remark");
        assert_eq!((content.text((None, "remark")), content.text((None, "contract_no"))), (None, Some("A")));
        assert!(!content.is_empty() && Content::default().is_empty());
    }
}
