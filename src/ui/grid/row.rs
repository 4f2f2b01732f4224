//! One drawn row of a grid. Reads its cells through the grid's callbacks, so that fresh data
//! changes texts and nothing else. The input of an editable grid comes and goes by itself (`cells`).

use leptos::prelude::*;

use super::block::{At, Block};
use super::cells::Cells;
use super::{Column, Frame, ROW};
use crate::text::Message;
use crate::ui::lang::tm;
use crate::ui::parts::icon;

pub(super) fn row_view(frame: Frame, index: usize) -> AnyView {
    let id = Memo::new(move |_| frame.rows.id.run(index));
    let is_active = move || id.get().is_some() && frame.active.get() == id.get();
    let is_selected = Memo::new(move |_| {
        id.get().is_some_and(|id| frame.selected.is_some_and(|selected| selected.with(|all| all.contains(&id))))
    });
    let chosen = Memo::new(move |_| frame.cells.and_then(|cells| chosen(frame, cells, index)));
    // One reading per row, not per cell: a quick scroll makes hundreds of cells.
    let cells = Memo::new(move |_| {
        let faults = frame.cells.zip(id.get()).map(|(cells, id)| cells.editing.faulty(id)).unwrap_or_default();
        let settled = frame.cells.zip(id.get()).map_or(&[][..], |(cells, id)| cells.editing.settled(id));
        let chosen = chosen.get();
        let read = |(place, column): (usize, Column)| {
            let value = frame.rows.cell.run((index, column.key));
            let fault = faults.iter().find(|(key, _)| *key == column.key).map(|(_, fault)| tm(fault));
            let grey = frame.cells.is_some_and(|cells| cells.editing.typed_field(column.key).is_none())
                || settled.contains(&column.key);
            Cell {
                text: column.show(&value),
                value: if column.pill { value } else { String::new() },
                fault,
                numeric: column.numeric,
                pill: column.pill,
                grey,
                chosen: chosen.is_some_and(|(from, to)| (from..=to).contains(&place)),
            }
        };
        frame.columns.visible().into_iter().enumerate().map(read).collect::<Vec<_>>()
    });
    let flaw = Memo::new(move |_| id.get().and_then(|id| frame.flaw?.run(id)));
    view! {
        <div
            role="row"
            id=frame.row_id(index)
            class="grid-row"
            class:odd={index % 2 == 1}
            class:active=is_active
            class:selected=is_selected
            class:flawed=move || flaw.with(Option::is_some)
            class:struck=move || frame.struck.zip(id.get()).is_some_and(|(struck, id)| struck.run(id))
            class:draft=move || frame.cells.zip(id.get()).is_some_and(|(cells, id)| cells.editing.is_draft(id))
            aria-rowindex=(index + 2).to_string()
            aria-selected=move || if is_selected.get() || (frame.selected.is_none() && is_active()) { "true" } else { "false" }
            style:top=format!("{}px", i32::try_from(index).unwrap_or(0) * ROW)
            on:click=move |_| frame.pick(index)
            on:dblclick=move |_| frame.open(index)
        >
            {frame.selected.is_some().then(|| check(frame, index, is_selected))}
            {frame.flaw.is_some().then(|| view! { <div role="gridcell" class="grid-cell grid-mark">{move || flaw.get().map(mark)}</div> })}
            {move || cells.get().into_iter().map(cell).collect_view()}
        </div>
    }
    .into_any()
}

/// What one cell shows.
#[derive(Clone, PartialEq)]
struct Cell {
    text: String,
    /// The code behind a pill.
    value: String,
    fault: Option<String>,
    numeric: bool,
    pill: bool,
    grey: bool,
    chosen: bool,
}

fn cell(cell: Cell) -> AnyView {
    let Cell { text, value, fault, .. } = cell;
    let mut class = String::from("grid-cell");
    for (name, is) in
        [(" numeric", cell.numeric), (" grey", cell.grey), (" faulty", fault.is_some()), (" chosen", cell.chosen)]
    {
        if is {
            class.push_str(name);
        }
    }
    let title = fault.unwrap_or_else(|| text.clone());
    let inner = if cell.pill && !value.is_empty() { format!("pill status-{value}") } else { String::new() };
    view! {
        <div
            role="gridcell"
            class=class
            title=title
            aria-readonly=cell.grey.then_some("true")
            aria-selected=cell.chosen.then_some("true")
        >
            <span class=inner>{text}</span>
        </div>
    }
    .into_any()
}

/// The columns of a row that belong to the selected block; tracked.
fn chosen(frame: Frame, cells: Cells, index: usize) -> Option<(usize, usize)> {
    let anchor = cells.anchor.get()?;
    let key = cells.column.get();
    let column = frame.columns.visible().iter().position(|column| column.key == key)?;
    let block = Block::between(At { row: frame.at.get(), column }, anchor);
    (block.has_row(index) && !block.is_one_cell()).then_some((block.left, block.right))
}

fn check(frame: Frame, index: usize, is_selected: Memo<bool>) -> AnyView {
    let name = move || tm(&Message::new(format!("选择第{}行", index + 1), format!("Select row {}", index + 1)));
    view! {
        <div role="gridcell" class="grid-cell grid-check" on:click=|event| event.stop_propagation()>
            <input
                type="checkbox"
                tabindex="-1"
                aria-label=name
                prop:checked=is_selected
                on:change=move |_| frame.toggle(index)
            />
        </div>
    }
    .into_any()
}

fn mark(flaw: Message) -> AnyView {
    let reason = tm(&flaw);
    view! { <span class="grid-flaw" role="img" aria-label=reason.clone() title=reason>{icon("warning")}</span> }
        .into_any()
}
