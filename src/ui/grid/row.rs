//! One drawn row of a grid. Reads its cells through the grid's callbacks, so that fresh data
//! changes texts and nothing else.

use leptos::prelude::*;

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
    // One reading per row, not per cell: a quick scroll makes hundreds of cells.
    let cells = Memo::new(move |_| {
        let read = |column: Column| {
            let value = frame.rows.cell.run((index, column.key));
            (column, column.show(&value), value)
        };
        frame.columns.visible().into_iter().map(read).collect::<Vec<_>>()
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

fn cell((column, text, value): (Column, String, String)) -> AnyView {
    let title = text.clone();
    let class = if column.numeric { "grid-cell numeric" } else { "grid-cell" };
    if column.pill {
        let class_of_state = format!("pill status-{value}");
        return view! { <div role="gridcell" class=class title=title><span class=class_of_state>{text}</span></div> }
            .into_any();
    }
    view! { <div role="gridcell" class=class title=title>{text}</div> }.into_any()
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
