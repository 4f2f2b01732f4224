//! What can be done on the page right now, read from the page itself: every visible control that carries
//! `data-action` (see `ui::parts::action_name`). The command palette and the list of keys show it; nothing
//! has to be registered, and nothing is listed that is not there.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::text::{Language, Text};
use crate::ui::initials::initials;

/// One action of the page.
#[derive(Clone)]
pub struct PageAction {
    pub label: Label,
    /// As people read it: `Ctrl+S`.
    pub keys: String,
    pub disabled: bool,
    pub element: HtmlElement,
}

/// A name in both languages and by its initials, for searching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub zh: String,
    pub en: String,
    initials: String,
}

impl Label {
    pub fn new(zh: &str, en: &str) -> Self {
        Self { zh: zh.to_owned(), en: en.to_owned(), initials: initials(zh) }
    }

    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }

    /// How well a lower-case query fits; smaller is better, `None` not at all. The whole name beats its
    /// beginning, that its middle, and all of them beat letters that merely come in this order.
    pub fn rank(&self, query: &str) -> Option<u8> {
        let names = [self.zh.to_lowercase(), self.en.to_lowercase(), self.initials.clone()];
        let one = |name: &String| {
            if name == query || query.is_empty() {
                Some(0)
            } else if name.starts_with(query) {
                Some(1)
            } else if name.split([' ', '-', '(', '/']).any(|word| word.starts_with(query)) {
                Some(2)
            } else if name.contains(query) {
                Some(3)
            } else {
                let mut letters = name.chars();
                query.chars().all(|wanted| wanted == ' ' || letters.any(|letter| letter == wanted)).then_some(4)
            }
        };
        names.iter().filter_map(one).min()
    }
}

impl From<Text> for Label {
    fn from(text: Text) -> Self {
        Self::new(text.zh, text.en)
    }
}

/// The actions of the open page first, then those of the frame around it.
pub fn page_actions() -> Vec<PageAction> {
    let mut actions = collect(".tab-panel:not([hidden]) [data-action]");
    actions.extend(
        collect("[data-action]")
            .into_iter()
            .filter(|action| !action.element.closest(".tab-panel").is_ok_and(|panel| panel.is_some())),
    );
    actions
}

fn collect(selector: &str) -> Vec<PageAction> {
    let Ok(all) = document().query_selector_all(selector) else { return Vec::new() };
    (0..all.length())
        .filter_map(|index| all.item(index)?.dyn_into::<HtmlElement>().ok())
        .filter(|element| element.offset_width() > 0)
        .filter_map(|element| {
            let action = element.get_attribute("data-action")?;
            let (zh, en) = action.split_once('|')?;
            Some(PageAction {
                label: Label::new(zh, en),
                keys: keys_of(&element),
                disabled: element.has_attribute("disabled"),
                element,
            })
        })
        .collect()
}

/// The key of a control as people read it.
fn keys_of(element: &Element) -> String {
    element.get_attribute("aria-keyshortcuts").unwrap_or_default().replace("Control", "Ctrl")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_found_by_name_initials_and_english() {
        let save = Label::new("暂存", "Save");
        let row = Label::new("保存本行", "Save row");
        for query in ["暂存", "zc", "save", "sa"] {
            assert!(save.rank(query).is_some(), "{query}");
        }
        assert_eq!(row.rank("bcbh"), Some(0));
        assert_eq!(row.rank("row"), Some(2));
        assert_eq!(row.rank("swr"), None, "letters in another order");
        assert!(save.rank("save") <= row.rank("save"));
        assert!(row.rank("srw").is_some(), "letters in order, with others between");
        assert_eq!(save.rank("declare"), None);
        assert_eq!(save.rank(""), Some(0), "nothing typed lists everything");
    }
}
