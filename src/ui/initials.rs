//! Pinyin initials of the characters in names of actions and in short fixed lists. `build.rs` writes the table from the
//! names in the sources, so that no character can be forgotten. The server has a table of its own for code tables.

/// The characters of each initial.
const INITIALS: &[(char, &str)] = include!(concat!(env!("OUT_DIR"), "/initials.rs"));

/// The initials of a name: `暂存` becomes `zc`. Latin letters and digits stay; what is unknown is left out.
pub fn initials(name: &str) -> String {
    name.chars()
        .filter_map(|letter| {
            if letter.is_ascii_alphanumeric() {
                return Some(letter.to_ascii_lowercase());
            }
            INITIALS.iter().find(|(_, group)| group.contains(letter)).map(|(initial, _)| *initial)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The characters that the table forgets.
    fn without_initial<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
        let letters = names.into_iter().flat_map(str::chars).filter(|letter| letter.is_alphanumeric());
        letters.filter(|letter| initials(&letter.to_string()).is_empty()).collect()
    }

    #[test]
    fn every_action_can_be_found_by_its_initials() {
        let of_lists = crate::ui::grid::keymap::GRID_KEYS.iter().filter(|line| line.command.is_some());
        let names: Vec<&str> = of_lists.map(|line| line.label.zh).collect();
        assert!(names.len() > 5, "the table is read: {names:?}");
        assert_eq!(without_initial(names), "");
        assert_eq!(initials("出境加工账册查询"), "cjjgzccx");
        assert_eq!(initials("重做"), "cz");
    }

    #[test]
    fn every_entry_of_a_fixed_list_can_be_found_by_its_initials() {
        use crate::attachment::model::Attachment;
        use crate::document::Status;
        use crate::form::{Field, Kind, Record};

        let of_kinds = crate::kinds::ALL
            .iter()
            .flat_map(|kind| std::iter::once(kind.head).chain(kind.sections.iter().map(|section| section.fields)));
        let fields: Vec<&Field> = of_kinds.chain([Attachment::FIELDS]).flatten().collect();
        let lists =
            fields.iter().filter_map(|field| if let Kind::Choice(list) = field.kind { Some(list) } else { None });
        let mut names: Vec<&str> = lists.flatten().map(|(_, name)| name.zh).collect();
        names.extend(Status::CHOICES.map(|(_, label)| label.zh));
        assert!(names.len() > 15, "the tables are read: {names:?}");
        assert_eq!(without_initial(names), "");
        assert_eq!(initials("报关行"), "bgh");
    }
}
