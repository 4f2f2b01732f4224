//! A query list: which kinds of documents stand in it, and the columns they show as one. Used by the screen of the list, by
//! the query and by its export; asks and draws nothing.

use super::kind::{Kind, Listing};
use crate::form::Field;
use crate::text::Text;

/// A query list with its kinds.
#[derive(Clone, Debug)]
pub struct Listed {
    pub listing: &'static Listing,
    /// At least one.
    pub kinds: Vec<&'static Kind>,
}

impl Listed {
    /// The list with this key; `None` when none of these kinds stands in it.
    pub fn of(key: &str, all: impl Iterator<Item = &'static Kind>) -> Option<Self> {
        let kinds: Vec<&'static Kind> = all.filter(|kind| kind.listing.key == key).collect();
        kinds.first().map(|first| Self { listing: first.listing, kinds: kinds.clone() })
    }

    /// The kind with this key.
    pub fn kind(&self, key: &str) -> Option<&'static Kind> {
        self.kinds.iter().copied().find(|kind| kind.key == key)
    }

    /// A field of the head, of the first kind that has it.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.kinds.iter().find_map(|kind| kind.field(key))
    }

    /// All fields of the heads, each once.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + '_ {
        let is_new = |place: usize, key: &str| !self.kinds[..place].iter().any(|before| before.field(key).is_some());
        let kinds = self.kinds.iter().enumerate();
        kinds.flat_map(move |(place, kind)| kind.head.iter().filter(move |field| is_new(place, field.key)))
    }

    /// For files: the name of the first kind without what stands in brackets.
    pub fn name(&self) -> &'static str {
        self.kinds.first().map_or("", |kind| kind.name())
    }

    /// Keys of the columns: those of the first kind, and what only others have beside what stands there in the first.
    pub fn columns(&self) -> Vec<&'static str> {
        let mut columns: Vec<&'static str> = Vec::new();
        for kind in &self.kinds {
            for (place, key) in kind.columns.iter().enumerate() {
                if !columns.contains(key) {
                    columns.insert((place + 1).min(columns.len()), key);
                }
            }
        }
        columns
    }

    /// What a column is called: 出境关别/进境关别 where the kinds call it differently.
    pub fn labels(&self, key: &str) -> (String, String) {
        let mut labels: Vec<Text> = Vec::new();
        for label in self.kinds.iter().filter_map(|kind| kind.field(key)).map(|field| field.label) {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        let joined = |of: fn(&Text) -> &'static str| labels.iter().map(of).collect::<Vec<_>>().join("/");
        (joined(|label| label.zh), joined(|label| label.en))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;

    #[test]
    fn a_list_of_two_kinds_shows_what_either_has() {
        let entries = Listed::of("entry", kinds::ALL.iter().copied()).unwrap();
        assert_eq!(entries.kinds.len(), 2);
        let columns = entries.columns();
        let place = |key: &str| columns.iter().position(|one| *one == key).unwrap();
        assert_eq!(place("reimport_total"), place("export_total") + 1, "{columns:?}");
        assert_eq!(entries.labels("ie_port").0, "出境关别/进境关别");
        assert_eq!(entries.labels("manual_no").0, "备案号");
        assert!(Listed::of("none", kinds::ALL.iter().copied()).is_none());
        // In the order in which the kind has them.
        let filing = Listed::of("filing", kinds::ALL.iter().copied()).unwrap();
        assert_eq!(filing.columns(), filing.kinds[0].columns);
    }
}
