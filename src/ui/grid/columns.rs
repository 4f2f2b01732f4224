//! Columns of a grid: what they show, how wide, in which order, and which of them the user wants to see,
//! remembered per user. Pages make them from field tables; holds no rows and no values.

use std::sync::Arc;

use leptos::prelude::*;

use super::Sort;
use crate::form::{Field, Kind};
use crate::reference::Table;
use crate::text::{Text, text};
use crate::ui::codes::show;
use crate::ui::lang::{said, t};
use crate::ui::menu::Menu;
use crate::ui::preferences;

/// One column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    pub key: &'static str,
    pub label: Text,
    /// Width in characters.
    pub width: u8,
    /// Set to the right, figures of one width.
    pub numeric: bool,
    /// For showing `code-name`.
    pub kind: Kind,
    /// Shown as the pill of a state: the value is its code, `kind` its name.
    pub pill: bool,
    /// Not shown until chosen.
    pub hidden: bool,
    /// The user chose the width: also narrower than the heading.
    fixed: bool,
}

/// What a column is wider than its text, in pixels: padding, edge, the sign of sorting.
pub(super) const ROOM: i32 = 26;
/// The same where room is short: padding and edge.
const TIGHT: i32 = 19;

impl Column {
    pub const fn new(key: &'static str, label: Text, width: u8) -> Self {
        Self {
            key,
            label,
            width,
            numeric: false,
            kind: Kind::Text { max: 0 },
            pill: false,
            hidden: false,
            fixed: false,
        }
    }

    /// The column of a field.
    pub fn of(field: &Field) -> Self {
        Self {
            key: field.key,
            label: field.label,
            width: if field.column == 0 { 12 } else { field.column },
            numeric: matches!(field.kind, Kind::Decimal { .. }),
            kind: field.kind,
            pill: false,
            hidden: field.column == 0,
            fixed: false,
        }
    }

    /// The column of a field that shows the words of a short list, and not its codes.
    pub fn in_words(field: &Field) -> Self {
        match field.kind {
            Kind::Choice(choices) => Self::of(field).pill(choices),
            _ => Self::of(field),
        }
    }

    pub const fn numeric(mut self) -> Self {
        self.numeric = true;
        self
    }

    pub const fn table(mut self, table: Table) -> Self {
        self.kind = Kind::Coded(table);
        self
    }

    pub const fn choices(mut self, choices: &'static [(&'static str, Text)]) -> Self {
        self.kind = Kind::Choice(choices);
        self
    }

    /// States by code, shown as pills.
    pub const fn pill(mut self, states: &'static [(&'static str, Text)]) -> Self {
        self.kind = Kind::Choice(states);
        self.pill = true;
        self
    }

    pub const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// A value as this column shows it; tracked.
    pub(super) fn show(&self, value: &str) -> String {
        match self.kind {
            Kind::Choice(states) if self.pill => states
                .iter()
                .find(|(code, _)| *code == value)
                .map_or_else(|| value.to_owned(), |(_, name)| t(*name).to_owned()),
            kind => show(kind, value),
        }
    }

    /// Its track in CSS: as wide as it should be where there is room, never narrower than [`Self::least`].
    pub(super) fn track(&self) -> String {
        format!("minmax({}, calc({}ch + {ROOM}px))", self.least(), self.wide())
    }

    /// The least width, as a CSS length: the heading in two lines, codes and usual figures whole.
    pub(super) fn least(&self) -> String {
        self.least_under(self.heading())
    }

    fn least_under(&self, heading: usize) -> String {
        if self.fixed {
            return format!("calc({}ch + {ROOM}px)", self.width);
        }
        let heading = heading.div_ceil(2).next_multiple_of(2);
        let width = usize::from(self.width);
        // Long words may be cut; a figure or code that is cut is another one.
        let content = if matches!(self.kind, Kind::Text { max: 100.. }) { width * 3 / 5 } else { width };
        format!("calc({}ch + {TIGHT}px)", heading.max(content))
    }

    /// Width of the heading in characters.
    fn heading(&self) -> usize {
        t(self.label).chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum()
    }

    /// Width in characters, as it is drawn.
    pub(super) fn wide(&self) -> usize {
        if self.fixed {
            return usize::from(self.width);
        }
        self.heading().max(usize::from(self.width))
    }
}

/// The columns of one grid and what the user made of them: which are shown, how wide, in which order,
/// by which the rows are sorted. Kept with the user's preferences.
#[derive(Clone, Copy)]
pub struct Columns {
    list: StoredValue<Arc<[Column]>>,
    name: StoredValue<&'static str>,
    visible: Memo<Vec<Column>>,
}

/// Narrower than this nothing can be read, wider is no column.
const WIDTHS: std::ops::RangeInclusive<i32> = 3..=90;

impl Columns {
    /// `name` is the grid's place in the user's preferences.
    pub fn new(name: &'static str, columns: Vec<Column>) -> Self {
        let list: Arc<[Column]> = columns.into();
        let visible = Memo::new({
            let list = Arc::clone(&list);
            move |_| arranged(&list, &words(name, "toggled"), &words(name, "order"), &words(name, "widths"))
        });
        Self { list: StoredValue::new(list), name: StoredValue::new(name), visible }
    }

    /// The columns to show; tracked.
    pub fn visible(&self) -> Vec<Column> {
        self.visible.get()
    }

    /// Keys of the columns shown, for an export of what the screen shows.
    pub fn shown_keys(&self) -> Vec<&'static str> {
        self.visible.with_untracked(|columns| columns.iter().map(|column| column.key).collect())
    }

    /// By which column the rows are sorted, as the user left it.
    pub fn sort(&self) -> RwSignal<Option<Sort>> {
        let (name, all) = (self.name.get_value(), self.all());
        let kept = move || {
            let kept = words(name, "sort").into_iter().next().unwrap_or_default();
            let (key, descending) = kept.strip_prefix('-').map_or((kept.as_str(), false), |key| (key, true));
            all.iter().find(|column| column.key == key).map(|column| Sort { key: column.key, descending })
        };
        let sort = RwSignal::new(untrack(&kept));
        Effect::new(move |_| {
            let kept = kept();
            if sort.get_untracked() != kept {
                sort.set(kept);
            }
        });
        Effect::new(move |before: Option<Option<Sort>>| {
            let now = sort.get();
            if before.is_some_and(|before| before != now) {
                let sign = if now.is_some_and(|sort| sort.descending) { "-" } else { "" };
                keep(name, "sort", format!("{sign}{}", now.map_or("", |sort| sort.key)));
            }
            now
        });
        sort
    }

    fn all(&self) -> Arc<[Column]> {
        self.list.get_value()
    }

    /// Shows or hides a column. The last one stays.
    fn toggle(&self, key: &str) {
        let name = self.name.get_value();
        let mut toggled = untrack(|| words(name, "toggled"));
        match toggled.iter().position(|known| known == key) {
            Some(at) => {
                toggled.swap_remove(at);
            }
            None => toggled.push(key.to_owned()),
        }
        if self.all().iter().any(|column| column.hidden == contains(&toggled, column.key)) {
            keep(name, "toggled", toggled.join(" "));
        }
    }

    /// Makes a column so many characters wide.
    pub(super) fn set_width(&self, key: &str, width: i32) {
        let name = self.name.get_value();
        let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
        let mut widths = untrack(|| words(name, "widths"));
        widths.retain(|known| known.split_once(':').is_some_and(|(known, _)| known != key));
        widths.push(format!("{key}:{width}"));
        keep(name, "widths", widths.join(" "));
    }

    /// Moves a shown column past its neighbour; false at the edge.
    pub(super) fn shift(&self, key: &str, right: bool) -> bool {
        let mut keys = self.shown_keys();
        let Some(at) = keys.iter().position(|known| *known == key) else { return false };
        let to = if right { at + 1 } else { at.wrapping_sub(1) };
        if to >= keys.len() {
            return false;
        }
        keys.swap(at, to);
        // Hidden columns stay behind those that were arranged.
        keep(self.name.get_value(), "order", keys.join(" "));
        true
    }

    fn reset(&self) {
        for what in ["toggled", "order", "widths", "sort"] {
            keep(self.name.get_value(), what, String::new());
        }
    }
}

/// The columns to show, in order and width as the user wants them.
fn arranged(list: &[Column], toggled: &[String], order: &[String], widths: &[String]) -> Vec<Column> {
    let mut shown: Vec<Column> =
        list.iter().copied().filter(|column| column.hidden == contains(toggled, column.key)).collect();
    let place = |column: &Column| order.iter().position(|key| key == column.key).unwrap_or(order.len());
    shown.sort_by_key(place);
    for column in &mut shown {
        let width = widths.iter().find_map(|width| {
            let (key, width) = width.split_once(':')?;
            (key == column.key).then(|| width.parse::<u8>().ok())?
        });
        if let Some(width) = width {
            column.width = width;
            column.fixed = true;
        }
    }
    shown
}

fn preference(name: &str, what: &str) -> String {
    format!("grid.{name}.{what}")
}

/// What is kept of a grid, word by word; tracked. Of the shown columns only those that are not as they
/// come, so that a new column appears for everybody.
fn words(name: &str, what: &str) -> Vec<String> {
    let kept = preferences::get(&preference(name, what)).unwrap_or_default();
    kept.split_whitespace().map(str::to_owned).collect()
}

fn keep(name: &str, what: &str, value: String) {
    preferences::set(&preference(name, what), value);
}

fn contains(toggled: &[String], key: &str) -> bool {
    toggled.iter().any(|known| known == key)
}

/// 选择显示列: which columns a grid shows.
#[component]
pub fn ColumnChooser(columns: Columns) -> impl IntoView {
    view! {
        <Menu label=text("选择显示列", "Choose columns") icon_name="columns" listed=true>
            {move || {
                let shown: Vec<&str> = columns.visible().iter().map(|column| column.key).collect();
                columns.all().iter().map(|column| {
                    let key = column.key;
                    view! {
                        <label class="menu-check">
                            <input
                                type="checkbox"
                                prop:checked=shown.contains(&key)
                                on:change=move |event| {
                                    columns.toggle(key);
                                    refocus(&event, key);
                                }
                                data-column=key
                            />
                            {t(column.label)}
                        </label>
                    }
                }).collect_view()
            }}
            <button type="button" class="menu-item" on:click=move |_| columns.reset()>
                {said(text("恢复默认", "Restore defaults"))}
            </button>
        </Menu>
    }
    .into_any()
}

/// The list is drawn anew after a choice; the keys stay on the box they were on.
fn refocus(event: &leptos::ev::Event, key: &'static str) {
    use wasm_bindgen::JsCast;
    let panel = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|target| target.closest(".menu-panel").ok().flatten());
    set_timeout(
        move || {
            let again = panel.and_then(|panel| panel.query_selector(&format!("[data-column={key}]")).ok().flatten());
            if let Some(again) = again.and_then(|again| again.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = again.focus();
            }
        },
        std::time::Duration::ZERO,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: [Column; 4] = [
        Column::new("a", text("甲", "A"), 10),
        Column::new("b", text("乙", "B"), 10),
        Column::new("c", text("丙", "C"), 10).hidden(),
        Column::new("d", text("丁", "D"), 10),
    ];

    fn keys(toggled: &[&str], order: &[&str]) -> Vec<&'static str> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        arranged(&LIST, &words(toggled), &words(order), &[]).iter().map(|column| column.key).collect()
    }

    #[test]
    fn columns_stand_as_the_user_arranged_them_and_new_ones_are_not_lost() {
        assert_eq!(keys(&[], &[]), ["a", "b", "d"]);
        assert_eq!(keys(&["c", "a"], &[]), ["b", "c", "d"]);
        assert_eq!(keys(&[], &["d", "a"]), ["d", "a", "b"]);
        // A key of an older version means nothing, and hides nothing.
        assert_eq!(keys(&["gone"], &["gone", "b"]), ["b", "a", "d"]);
    }

    #[test]
    fn a_width_is_taken_only_when_it_is_one() {
        let widths = ["a:4".to_owned(), "b:wide".to_owned(), "nonsense".to_owned()];
        let shown = arranged(&LIST, &[], &[], &widths);
        assert_eq!((shown[0].width, shown[0].fixed), (4, true));
        assert_eq!((shown[1].width, shown[1].fixed), (10, false));
    }

    #[test]
    fn where_room_is_short_words_may_be_cut_and_figures_not() {
        let least = |kind, width| Column { kind, ..Column::new("a", text("", ""), width) }.least_under(12);
        assert_eq!(least(Kind::Text { max: 255 }, 24), "calc(14ch + 19px)");
        assert_eq!(least(Kind::Text { max: 32 }, 24), "calc(24ch + 19px)");
        assert_eq!(least(Kind::Decimal { int: 13, frac: 5, positive: true }, 10), "calc(10ch + 19px)");
        // The heading takes two lines, not more; a width of the user's own is kept.
        assert_eq!(least(Kind::Text { max: 32 }, 2), "calc(6ch + 19px)");
        assert_eq!(Column { fixed: true, ..LIST[0] }.least_under(12), "calc(10ch + 26px)");
    }
}
