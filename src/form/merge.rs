//! A record that two people changed: what one of them changed is laid over what the other stored, field by field. Used by the
//! services that save and by pages that put unsaved text back; decides nothing where both changed the same field.

use chrono::NaiveDate;

use super::{Difference, Filled, Texts, Values, clean, pointer};

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// What is stored, with the sender's changes in it. Where both changed a field, it is as stored.
    pub values: Values,
    /// What the sender did not know: fields that somebody else changed and the sender did not.
    pub taken: Vec<Difference>,
    /// Fields that both changed, and not to the same.
    pub overlapping: Vec<Difference>,
}

/// Lays `sent` over `stored`. `was`: the fields the sender changed, with the text each had before.
pub fn merge(
    section: &str,
    seq: Option<i64>,
    sent: &Values,
    was: &Filled,
    stored: &Values,
    today: NaiveDate,
) -> Merged {
    let mut merged = Merged { values: stored.clone(), taken: Vec::new(), overlapping: Vec::new() };
    for field in sent.fields().iter().filter(|field| field.is_typed()) {
        let (mine, theirs) = (sent.get(field.key), stored.get(field.key));
        if mine == theirs {
            continue;
        }
        let difference = || Difference {
            pointer: pointer(section, seq, field.key),
            mine: mine.to_owned(),
            theirs: theirs.to_owned(),
        };
        match was.get(field.key) {
            Some(before) if clean(field, before, today) == theirs => merged.values.set(field.key, mine),
            Some(_) => merged.overlapping.push(difference()),
            None => merged.taken.push(difference()),
        }
    }
    merged
}

/// The fields of a record that were changed, with the text each had before: `was` of [`merge`]. What follows from what was typed
/// is among them, for who shows the record before the server has it; merging looks at what people type.
pub fn changed(before: &dyn Texts, after: &dyn Texts) -> Filled {
    let differing = after.fields().iter().filter(|field| before.text(field.key) != after.text(field.key));
    differing.map(|field| (field.key.to_owned(), before.text(field.key).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filing::model::Head;
    use crate::form::Record as _;

    fn head(remark: &str, contract: &str) -> Values {
        let mut head = Values::new(Head::FIELDS);
        head.set("remark", remark);
        head.set("contract_no", contract);
        head
    }

    fn was(fields: &[(&str, &str)]) -> Filled {
        fields.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    }

    fn merged(sent: &Values, was: &Filled, stored: &Values) -> Merged {
        merge("head", None, sent, was, stored, NaiveDate::from_ymd_opt(2026, 11, 30).unwrap())
    }

    #[test]
    fn what_two_people_changed_in_different_fields_is_both_kept_and_said() {
        let found = merged(&head("mine", "A"), &was(&[("remark", "")]), &head("", "theirs"));
        assert_eq!(found.values, head("mine", "theirs"));
        assert!(found.overlapping.is_empty());
        let told: Vec<_> = found.taken.iter().map(|one| (one.mine.as_str(), one.theirs.as_str())).collect();
        assert_eq!(told, [("A", "theirs")], "otherwise somebody else's text comes in unseen");
    }

    #[test]
    fn a_field_both_changed_is_nobodys_until_it_is_decided() {
        let found = merged(&head("mine", "A"), &was(&[("remark", "before")]), &head("theirs", "A"));
        assert_eq!(found.values, head("theirs", "A"), "the other's text would be lost without a question");
        assert_eq!(found.overlapping.len(), 1);
        assert!(found.taken.is_empty());
        // Cleared by one, changed by the other.
        let found = merged(&head("", "A"), &was(&[("remark", "before")]), &head("theirs", "A"));
        assert_eq!(found.overlapping.len(), 1);
        // The same by both: nothing to decide.
        let found = merged(&head("same", "A"), &was(&[("remark", "before")]), &head("same", "A"));
        assert_eq!((found.overlapping.len(), found.taken.len()), (0, 0));
    }

    #[test]
    fn a_field_that_was_emptied_stays_empty() {
        let found = merged(&head("", "A"), &was(&[("remark", "before")]), &head("before", "B"));
        assert_eq!(found.values, head("", "B"));
    }

    #[test]
    fn what_changed_is_told_with_what_it_was() {
        assert_eq!(changed(&head("a", "A"), &head("", "A")), was(&[("remark", "a")]));
        assert_eq!(changed(&head("", "A"), &head("b", "A")), was(&[("remark", "")]));
    }
}
