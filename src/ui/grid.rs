//! A list of rows, smooth with 10,000 rows: only what is visible is drawn. One tab stop. To read and
//! choose from: the active row is told to screen readers by `aria-activedescendant`. With an [`Editing`]
//! also to type into: then the keys stand in a cell, where a real input has the focus (`cells`). Focus
//! survives scrolling, sorting and fresh data. Rows come through callbacks, never as copies.

mod block;
mod cell_keys;
mod cells;
mod clipboard;
mod columns;
mod commands;
mod drop_down;
mod edit;
mod entry;
mod history;
mod html_table;
pub mod keymap;
mod keys;
mod list;
mod paste;
mod preview;
mod row;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;
use leptos::{ev, html};
use uuid::Uuid;

pub use columns::{Column, ColumnChooser, Columns};
pub use edit::{Batch, Editing, KeptRow, Put, Refusal, Saving, Source, Stored, compare};
pub use history::RowTexts;

use self::cells::{Cells, Mode, Sheet};
use self::drop_down::list_view;
use self::preview::preview_dialog;
use self::row::row_view;
use super::lang::{said, t, tm};
use super::parts::{Block, BlockKind, icon};
use crate::text::{Message, Text, text};

/// Height of a row in pixels, as in style/tokens.css.
const ROW: i32 = 30;
/// Height of the headings, which may take two lines.
const HEAD: i32 = 38;
/// Rows drawn beyond what is seen, so that a quick scroll shows no gap.
const SPARE: usize = 6;

/// Where a grid reads its rows.
#[derive(Clone, Copy)]
pub struct GridRows {
    pub count: Signal<usize>,
    pub id: Callback<usize, Option<Uuid>>,
    pub cell: Callback<(usize, &'static str), String>,
}

impl GridRows {
    /// Rows of a signal.
    pub fn of<T: Send + Sync + 'static>(
        rows: Signal<Vec<T>>,
        id: fn(&T) -> Uuid,
        cell: fn(&T, &'static str) -> String,
    ) -> Self {
        Self {
            count: Signal::derive(move || rows.with(Vec::len)),
            id: Callback::new(move |index: usize| rows.with(|rows| rows.get(index).map(id))),
            cell: Callback::new(move |(index, key): (usize, &'static str)| {
                rows.with(|rows| rows.get(index).map(|row| cell(row, key)).unwrap_or_default())
            }),
        }
    }

    fn id_at(self, index: usize) -> Option<Uuid> {
        untrack(|| self.id.run(index))
    }

    fn find(self, id: Uuid, near: usize) -> Option<usize> {
        if self.id_at(near) == Some(id) {
            return Some(near);
        }
        (0..self.count.get_untracked()).find(|index| self.id_at(*index) == Some(id))
    }
}

/// Whether the rows are there.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum GridState {
    #[default]
    Ready,
    Loading,
    Failed(Message),
}

/// By which column the rows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub key: &'static str,
    pub descending: bool,
}

/// What the parts of one grid share.
#[derive(Clone, Copy)]
struct Frame {
    number: u32,
    columns: Columns,
    rows: GridRows,
    node: NodeRef<html::Div>,
    active: RwSignal<Option<Uuid>>,
    /// Index of the active row, as far as known.
    at: RwSignal<usize>,
    /// The heading the keys stand on, while they are in the head.
    heading: RwSignal<Option<usize>>,
    selected: Option<RwSignal<HashSet<Uuid>>>,
    sort: Option<RwSignal<Option<Sort>>>,
    flaw: Option<Callback<Uuid, Option<Message>>>,
    struck: Option<Callback<Uuid, bool>>,
    on_open: Option<Callback<Uuid>>,
    on_pick: Option<Callback<Uuid>>,
    on_delete: Option<Callback<()>>,
    /// What editing needs, where rows can be edited.
    cells: Option<Cells>,
    /// Rows seen at once.
    height: usize,
}

#[component]
pub fn Grid(
    name: Text,
    columns: Columns,
    rows: GridRows,
    #[prop(optional, into)] state: Signal<GridState>,
    /// What an empty list says.
    #[prop(default = Signal::stored(text("暂无数据", "No data")), into)]
    empty: Signal<Text>,
    #[prop(optional)] on_retry: Option<Callback<()>>,
    /// The row the keys stand on.
    #[prop(optional)]
    active: Option<RwSignal<Option<Uuid>>>,
    /// Given: rows can be chosen by box or Space.
    #[prop(optional)]
    selected: Option<RwSignal<HashSet<Uuid>>>,
    /// Enter or double click.
    #[prop(optional)]
    on_open: Option<Callback<Uuid>>,
    /// Single click.
    #[prop(optional)]
    on_pick: Option<Callback<Uuid>>,
    /// The Delete key.
    #[prop(optional)]
    on_delete: Option<Callback<()>>,
    /// What is wrong with a row, if anything.
    #[prop(optional)]
    flaw: Option<Callback<Uuid, Option<Message>>>,
    /// Rows that are struck through: they are marked as deleted.
    #[prop(optional)]
    struck: Option<Callback<Uuid, bool>>,
    /// Given: headings sort.
    #[prop(optional)]
    sort: Option<RwSignal<Option<Sort>>>,
    /// Given: cells can be typed into. The rows are those of [`Editing::over`].
    #[prop(optional)]
    editing: Option<Editing>,
    /// Rows seen at once, at most.
    #[prop(default = 12)]
    height: usize,
) -> impl IntoView {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let frame = Frame {
        number,
        columns,
        rows,
        node: NodeRef::new(),
        active: active.unwrap_or_else(|| RwSignal::new(None)),
        at: RwSignal::new(0),
        heading: RwSignal::new(None),
        selected,
        sort,
        flaw,
        struck,
        on_open,
        on_pick,
        on_delete,
        cells: editing.map(|editing| Cells::new(editing, number)),
        height,
    };
    let sheet = frame.cells.map(|cells| Sheet { frame, cells });
    frame.follow_active();
    // First row of the drawn window, in steps, so that scrolling redraws only now and then.
    let first = RwSignal::new(0usize);
    let window = Memo::new(move |_| {
        let count = rows.count.get();
        let from = first.get().saturating_sub(SPARE).min(count);
        let to = (from + height + 2 * SPARE + 1).min(count);
        // The row with the focus stays drawn, however far the others scroll away.
        let far = frame.at.get();
        (from, to, (frame.cells.is_some() && far < count && !(from..to).contains(&far)).then_some(far))
    });
    if let Some(sheet) = sheet {
        sheet.follow(window.into());
    }
    let on_scroll = move |_: ev::Event| {
        if let Some(node) = frame.node.get_untracked() {
            let row = usize::try_from(node.scroll_top() / ROW).unwrap_or(0);
            if first.get_untracked() != row {
                first.set(row);
            }
        }
    };
    // In their order: a row that had to change its place among the others would lose the focus.
    let drawn = move || {
        let (from, to, far) = window.get();
        let (before, after) = (far.filter(|far| *far < from), far.filter(|far| *far >= to));
        before.into_iter().chain(from..to).chain(after)
    };
    let on_key = move |event: ev::KeyboardEvent| match sheet {
        Some(sheet) => sheet.on_key(&event),
        None => frame.on_key(&event),
    };
    // A grid to type into is left through the input in its active cell, where there is one.
    let tab_index = move || (sheet.is_none() || rows.count.get() == 0).then_some("0");
    view! {
        <div class="grid-box">
            <div
                node_ref=frame.node
                class="grid"
                role="grid"
                class:sheet=sheet.is_some()
                class:typing=move || sheet.is_some_and(|sheet| sheet.cells.mode.get() == Mode::Edit)
                tabindex=tab_index
                aria-label=said(name)
                aria-rowcount=move || (rows.count.get() + 1).to_string()
                aria-multiselectable=(selected.is_some() || sheet.is_some()).then_some("true")
                aria-activedescendant=move || if sheet.is_some() { None } else { frame.active_id() }
                aria-busy=move || (state.get() == GridState::Loading).then_some("true")
                style=("--grid-columns", move || frame.tracks())
                style=("--grid-least", move || frame.least())
                style=("--grid-head", format!("{HEAD}px"))
                style=("--grid-height", format!("{}px", height as i32 * ROW + HEAD + 18))
                on:scroll=on_scroll
                on:keydown=on_key
                on:input=move |event| with(sheet, |sheet| sheet.on_input(&event))
                on:compositionstart=move |_| with(sheet, Sheet::on_composition_start)
                on:compositionend=move |_| with(sheet, Sheet::on_composition_end)
                on:copy=move |event| with(sheet, |sheet| sheet.on_copy(&event, false))
                on:cut=move |event| with(sheet, |sheet| sheet.on_copy(&event, true))
                on:paste=move |event| with(sheet, |sheet| sheet.on_paste(&event))
                on:focusin=move |event| with(sheet, |sheet| sheet.on_focus_in(&event))
                on:focusout=move |event| with(sheet, |sheet| sheet.on_focus_out(&event))
                on:mousedown=move |event| with(sheet, |sheet| sheet.on_mouse_down(&event))
                on:mouseover=move |event| with(sheet, |sheet| sheet.on_mouse_over(&event))
                on:dblclick=move |event| with(sheet, |sheet| sheet.on_double_click(&event))
            >
                <div role="rowgroup" class="grid-head">{head(frame)}</div>
                <div
                    role="rowgroup"
                    class="grid-body"
                    hidden=move || rows.count.get() == 0
                    style:height=move || format!("{}px", i32::try_from(rows.count.get()).unwrap_or(0) * ROW)
                >
                    <For each=drawn key=|index| *index children=move |index| row_view(frame, index)/>
                </div>
            </div>
            {move || block(rows.count.get(), &state.get(), empty.get(), on_retry)}
            {sheet.map(foot)}
        </div>
    }
    .into_any()
}

/// What only an editable grid listens to.
fn with(sheet: Option<Sheet>, work: impl FnOnce(Sheet)) {
    if let Some(sheet) = sheet {
        work(sheet);
    }
}

/// Below an editable grid: what is wrong with the active cell, the list of codes, the paste preview.
fn foot(sheet: Sheet) -> AnyView {
    let fault = move || {
        let id = sheet.frame.rows.id.run(sheet.frame.at.get())?;
        sheet.cells.editing.fault(id, sheet.cells.column.get()).map(|fault| tm(&fault))
    };
    view! {
        <p id=sheet.fault_id() class="grid-fault" class:shown=move || fault().is_some()>{fault}</p>
        {list_view(sheet)}
        {preview_dialog(sheet)}
    }
    .into_any()
}

/// What stands in place of missing rows.
fn block(count: usize, state: &GridState, empty: Text, on_retry: Option<Callback<()>>) -> Option<AnyView> {
    match state {
        GridState::Failed(message) => Some(match on_retry {
            Some(on_retry) => view! { <Block kind=BlockKind::Failed text=message.clone() on_retry/> }.into_any(),
            None => view! { <Block kind=BlockKind::Failed text=message.clone()/> }.into_any(),
        }),
        GridState::Loading if count == 0 => {
            Some(view! { <Block kind=BlockKind::Loading text=text("正在读取…", "Reading…")/> }.into_any())
        }
        GridState::Ready if count == 0 => Some(view! { <Block kind=BlockKind::Empty text=empty/> }.into_any()),
        _ => None,
    }
}

fn head(frame: Frame) -> AnyView {
    let all_selected = move || {
        let count = frame.rows.count.get();
        count > 0 && frame.selected.is_some_and(|selected| selected.with(HashSet::len) >= count)
    };
    view! {
        <div role="row" class="grid-row grid-heading" aria-rowindex="1">
            {frame.selected.is_some().then(|| view! {
                <div role="columnheader" class="grid-cell grid-check">
                    <input
                        type="checkbox"
                        tabindex="-1"
                        aria-label=said(text("全选", "Select all"))
                        prop:checked=all_selected
                        on:change=move |_| frame.select_all()
                    />
                </div>
            })}
            {frame.flaw.is_some().then(|| view! {
                <div role="columnheader" class="grid-cell grid-mark">
                    <span class="sr-only">{said(text("检查", "Check"))}</span>
                </div>
            })}
            {move || {
                frame.columns.visible().into_iter().enumerate().map(|(index, column)| heading(frame, index, column)).collect_view()
            }}
        </div>
    }
    .into_any()
}

fn heading(frame: Frame, index: usize, column: Column) -> AnyView {
    let order = move || frame.sort.and_then(|sort| sort.get()).filter(|sort| sort.key == column.key);
    let aria = move || {
        frame.sort?;
        Some(match order() {
            None => "none",
            Some(sort) if sort.descending => "descending",
            Some(_) => "ascending",
        })
    };
    view! {
        <div
            role="columnheader"
            id=frame.heading_id(index)
            class="grid-cell"
            class:numeric=column.numeric
            class:sortable=frame.sort.is_some()
            class:active=move || frame.heading.get() == Some(index)
            tabindex=frame.cells.is_some().then_some("-1")
            aria-sort=aria
            title=t(column.label)
            on:click=move |_| frame.sort_by(column.key)
        >
            {t(column.label)}
            {move || order().map(|sort| icon(if sort.descending { "down" } else { "up" }))}
            // For the mouse only: keys have Alt+Shift+arrows.
            <span
                class="grid-grip"
                aria-hidden="true"
                on:mousedown=move |event| frame.on_grip(&event, column)
                on:click=|event| event.stop_propagation()
            ></span>
        </div>
    }
    .into_any()
}

impl Frame {
    fn tracks(self) -> String {
        let mut tracks: Vec<String> = self.narrow().map(|pixels| format!("{pixels}px")).collect();
        let columns = self.columns.visible();
        tracks.extend(columns.iter().map(Column::track));
        if let Some((last, column)) = tracks.last_mut().zip(columns.last()) {
            // The last column takes what room is left.
            *last = format!("minmax({}, 1fr)", column.least());
        }
        tracks.join(" ")
    }

    /// Below this width of all columns the list is scrolled.
    fn least(self) -> String {
        let narrow = self.narrow().map(|pixels| format!("{pixels}px"));
        let least = narrow.chain(self.columns.visible().iter().map(Column::least)).collect::<Vec<_>>();
        format!("calc({})", least.join(" + "))
    }

    /// Widths of what stands before the columns: ticks and marks.
    fn narrow(self) -> impl Iterator<Item = u32> {
        [(self.selected.is_some(), 36), (self.flaw.is_some(), 26)]
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, width)| width)
    }

    fn row_id(self, index: usize) -> String {
        format!("grid-{}-row-{index}", self.number)
    }

    fn heading_id(self, index: usize) -> String {
        format!("grid-{}-heading-{index}", self.number)
    }

    fn active_id(self) -> Option<String> {
        if let Some(heading) = self.heading.get() {
            return Some(self.heading_id(heading));
        }
        let id = self.active.get()?;
        let at = self.at.get();
        (self.rows.id.run(at) == Some(id)).then(|| self.row_id(at))
    }
}
