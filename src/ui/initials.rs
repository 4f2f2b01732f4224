//! Pinyin initials of the characters in names of actions and in short fixed lists, written by hand: a
//! table of all characters would outweigh the program. Tests name every character that is missing.

/// The characters of each initial.
const INITIALS: &[(char, &str)] = &[
    ('a', "案按"),
    ('b', "部报备变表本保闭标败板"),
    ('c', "菜传出存册查除撤处成常产充重"),
    ('d', "叠单导打到点丢代待的"),
    ('f', "复附发非"),
    ('g', "工更关改光公构功过格勾"),
    ('h', "货回户行和换或恢合核海化红"),
    ('j', "据加进件境键校记结"),
    ('k', "卡空口开快看库况宽"),
    ('l', "录列令览理"),
    ('m', "命明模"),
    ('n', "能内"),
    ('p', "批片品"),
    ('q', "浅其弃切全清前签企期情取"),
    ('r', "入人容"),
    ('s', "删上申示说色深速随生失送审是司"),
    ('t', "停退头他填同图通"),
    ('w', "文未无物"),
    ('x', "新显项选细修消息下相询销需向"),
    ('y', "印预页移右一语言用业艺样延运已元"),
    ('z', "止折展执账制证增择左暂载粘转终整中做窄"),
];

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
    use std::fs;

    /// Names of actions as the sources write them: constants of labels, and labels given in place.
    fn names() -> Vec<String> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src/");
        let files = [
            "app/commands.rs",
            "app/menu.rs",
            "app/top_bar.rs",
            "attachment/page/view.rs",
            "book/page/labels.rs",
            "book/page/list.rs",
            "ui/switches.rs",
            "ui/type_ahead.rs",
        ];
        let mut names = Vec::new();
        for file in files {
            let source = fs::read_to_string(format!("{root}{file}")).unwrap();
            for line in source.lines() {
                let named = line.contains("ActionButton label=text(")
                    || line.contains("action_name(text(")
                    || line.contains("label: text(")
                    || (line.contains("const ") && line.contains(": Text = text("));
                if let Some((_, rest)) = line.split_once("text(\"").filter(|_| named) {
                    names.extend(rest.split('"').next().map(str::to_owned));
                }
            }
        }
        names
    }

    /// The characters that this file forgets.
    fn without_initial<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
        let letters = names.into_iter().flat_map(str::chars).filter(|letter| letter.is_alphanumeric());
        letters.filter(|letter| initials(&letter.to_string()).is_empty()).collect()
    }

    #[test]
    fn every_action_can_be_found_by_its_initials() {
        let mut names = names();
        let of_lists = crate::ui::grid::keymap::GRID_KEYS.iter().filter(|line| line.command.is_some());
        names.extend(of_lists.map(|line| line.label.zh.to_owned()));
        assert!(names.len() > 30, "the sources are read: {names:?}");
        // Hints are sentences, not actions.
        let actions = names.iter().map(String::as_str).filter(|name| !name.contains(['，', '：', '、']));
        assert_eq!(without_initial(actions), "");
        assert_eq!(initials("出境加工账册查询"), "cjjgzccx");
        assert_eq!(initials("重做"), "cz");
    }

    #[test]
    fn every_entry_of_a_fixed_list_can_be_found_by_its_initials() {
        use crate::attachment::model::Attachment;
        use crate::book::model::{ExportGoods, Head, ReimportGoods};
        use crate::document::Status;
        use crate::form::{Kind, Record};

        let fields = [Head::FIELDS, ExportGoods::FIELDS, ReimportGoods::FIELDS, Attachment::FIELDS].concat();
        let lists =
            fields.iter().filter_map(|field| if let Kind::Choice(list) = field.kind { Some(list) } else { None });
        let mut names: Vec<&str> = lists.flatten().map(|(_, name)| name.zh).collect();
        names.extend([Status::Declared, Status::Sent, Status::EntryFailed, Status::Manual].map(|one| one.label().zh));
        names.extend([Status::Returned, Status::Approved, Status::Draft].map(|one| one.label().zh));
        assert!(names.len() > 15, "the tables are read: {names:?}");
        assert_eq!(without_initial(names), "");
        assert_eq!(initials("报关行"), "bgh");
    }
}
