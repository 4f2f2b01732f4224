//! Columns of a grid: what they show, how wide, and which of them the user wants to see.

use std::sync::Arc;

use leptos::prelude::*;

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
}

impl Column {
    pub const fn new(key: &'static str, label: Text, width: u8) -> Self {
        Self { key, label, width, numeric: false, kind: Kind::Text { max: 0 }, pill: false, hidden: false }
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

    /// Wide enough for the content and for the heading, as a CSS length.
    pub(super) fn track(&self) -> String {
        let heading = t(self.label).chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum::<usize>();
        format!("calc({}ch + 26px)", heading.max(usize::from(self.width)))
    }
}

/// The columns of one grid and the user's choice among them.
#[derive(Clone, Copy)]
pub struct Columns {
    list: StoredValue<Arc<[Column]>>,
    preference: StoredValue<String>,
    visible: Memo<Vec<Column>>,
}

impl Columns {
    /// `name` is the grid's place in the user's preferences.
    pub fn new(name: &'static str, columns: Vec<Column>) -> Self {
        let list: Arc<[Column]> = columns.into();
        let preference = format!("grid.{name}.toggled");
        let visible = Memo::new({
            let (list, preference) = (Arc::clone(&list), preference.clone());
            move |_| {
                let toggled = toggled(&preference);
                list.iter().copied().filter(|column| column.hidden == contains(&toggled, column.key)).collect()
            }
        });
        Self { list: StoredValue::new(list), preference: StoredValue::new(preference), visible }
    }

    pub fn of_fields(name: &'static str, fields: &[Field]) -> Self {
        Self::new(name, fields.iter().map(Column::of).collect())
    }

    /// The columns to show; tracked.
    pub fn visible(&self) -> Vec<Column> {
        self.visible.get()
    }

    fn all(&self) -> Arc<[Column]> {
        self.list.get_value()
    }

    /// Shows or hides a column. The last one stays.
    fn toggle(&self, key: &str) {
        let preference = self.preference.get_value();
        let mut toggled = untrack(|| toggled(&preference));
        match toggled.iter().position(|known| known == key) {
            Some(at) => {
                toggled.swap_remove(at);
            }
            None => toggled.push(key.to_owned()),
        }
        if self.all().iter().any(|column| column.hidden == contains(&toggled, column.key)) {
            preferences::set(&preference, toggled.join(" "));
        }
    }

    fn reset(&self) {
        preferences::set(&self.preference.get_value(), "");
    }
}

/// Columns that are not as they come: this is what is kept, so that a new column appears for everybody.
fn toggled(preference: &str) -> Vec<String> {
    preferences::get(preference).map(|keys| keys.split_whitespace().map(str::to_owned).collect()).unwrap_or_default()
}

fn contains(toggled: &[String], key: &str) -> bool {
    toggled.iter().any(|known| known == key)
}

/// 选择显示列: which columns a grid shows.
#[component]
pub fn ColumnChooser(columns: Columns) -> impl IntoView {
    view! {
        <Menu label=text("选择显示列", "Choose columns") icon_name="columns">
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
