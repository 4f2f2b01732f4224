//! One list of goods: white buttons, the row form, the list itself, which can be typed into. The same
//! for both lists.

pub(super) mod actions;
mod source;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;
use web_sys::KeyboardEvent;

use self::actions::{delete_rows, new_row, row_committed, save_row};
use self::source::GoodsSource;
use super::actions::export;
use super::labels::{DELETE, EXPORT, NEW, NO_ROWS, QUICK_QUERY, SAVE_ROW, SHOW_ALL};
use super::state::{BookState, Section};
use crate::book::import::model::export_goods;
use crate::book::model::Row;
use crate::book::rules::{GoodsRow, settled_by_code};
use crate::form::{Kind, Severity};
use crate::text::{Message, text};
use crate::ui::codes::codes;
use crate::ui::grid::{Column, ColumnChooser, Columns, Grid, GridRows, Sort, compare};
use crate::ui::ime;
use crate::ui::lang::t;
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::record_form::RecordForm;

/// Says how the rows of a list are read and stored. Before anything is drawn: what an earlier visit left may
/// come back before the list is.
pub fn bind<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>) {
    section.editing.bind(GoodsSource::new(state, section));
}

/// The tab of one list.
pub fn goods_section<R: GoodsRow + Send + Sync>(state: BookState, section: Section<R>, prefix: String) -> AnyView {
    let mut columns = vec![Column::new("seq", text("商品序号", "No."), 8).numeric()];
    columns.extend(R::FIELDS.iter().map(Column::of));
    let columns = Columns::new(R::SIDE.key(), columns);
    let sort = columns.sort();
    let rows = section.editing.over(shown_rows(section, sort));
    let locked = locked(state);
    let edit = Callback::new(move |id: Uuid| {
        // Looking at a row must not cost what is typed in the form.
        let free = id != section.current.get_untracked().0 && !section.form.dirty_now();
        if let Some(row) = section.find(id).filter(|_| free) {
            section.edit(&row);
        }
    });
    let flaw = Callback::new(move |id: Uuid| {
        let row = section.find(id)?;
        let found = row.content.check(row.seq, &codes(), true);
        found.into_iter().find(|found| found.severity > Severity::Warning).map(|found| found.message)
    });
    let save = Callback::new(move |()| {
        spawn_local(async move {
            save_row(state, section).await;
        })
    });
    let remove = Callback::new(move |()| spawn_local(delete_rows(section)));
    let add = Callback::new(move |()| spawn_local(new_row(state, section)));
    let heading = move || {
        let (zh, en) = match section.form.seq.get() {
            Some(seq) => (format!("修改第{seq}项"), format!("Edit item {seq}")),
            None => ("新增一项".to_owned(), "New item".to_owned()),
        };
        crate::ui::lang::tm(&Message::new(zh, en))
    };
    view! {
        <div class="goods">
            {bar(state, section, columns, add, remove, save, prefix.clone())}
            {move || (!locked.get()).then(|| view! { <h2 class="row-heading">{heading}</h2> })}
            <RecordForm state=section.form fields=R::FIELDS id_prefix=prefix name=R::SIDE.label()
                on_last=save
                on_commit=Callback::new(move |key| row_committed(section, key))
                settled=Callback::new(move |()| settled_by_code(&section.form.get("hs_code"), &codes()))/>
            <Grid name=R::SIDE.label() columns rows empty=NO_ROWS sort editing=section.editing
                active=section.active selected=section.selected on_pick=edit flaw/>
        </div>
    }
    .into_any()
}

/// The stored rows as they are filtered and sorted.
fn shown_rows<R: GoodsRow + Send + Sync>(section: Section<R>, sort: RwSignal<Option<Sort>>) -> GridRows {
    let shown = Memo::new(move |_| {
        let wanted = section.filter.get().trim().to_lowercase();
        section.rows.with(|rows| {
            let mut places: Vec<usize> =
                (0..rows.len()).filter(|place| wanted.is_empty() || matches(&rows[*place], &wanted)).collect();
            if let Some(sort) = sort.get() {
                let numeric = R::field(sort.key).is_none_or(|field| matches!(field.kind, Kind::Decimal { .. }));
                places.sort_by(|one, other| {
                    compare(sort, numeric, &cell(&rows[*one], sort.key), &cell(&rows[*other], sort.key))
                });
            }
            places
        })
    });
    let place = move |index: usize| shown.with(|places| places.get(index).copied());
    GridRows {
        count: Signal::derive(move || shown.with(Vec::len)),
        id: Callback::new(move |index| {
            place(index).and_then(|at| section.rows.with(|rows| rows.get(at).map(|row| row.id)))
        }),
        cell: Callback::new(move |(index, key)| {
            place(index)
                .and_then(|at| section.rows.with(|rows| rows.get(at).map(|row| cell(row, key))))
                .unwrap_or_default()
        }),
    }
}

fn cell<R: GoodsRow>(row: &Row<R>, key: &str) -> String {
    if key == "seq" { row.seq.to_string() } else { row.content.get(key).to_owned() }
}

fn matches<R: GoodsRow>(row: &Row<R>, wanted: &str) -> bool {
    row.seq.to_string() == wanted
        || ["hs_code", "goods_name", "material_no", "spec_model"]
            .iter()
            .any(|key| row.content.get(key).to_lowercase().contains(wanted))
}

fn bar<R: GoodsRow + Send + Sync>(
    state: BookState,
    section: Section<R>,
    columns: Columns,
    add: Callback<()>,
    remove: Callback<()>,
    save: Callback<()>,
    prefix: String,
) -> AnyView {
    let locked = locked(state);
    let typed = RwSignal::new(String::new());
    let search = move || section.filter.set(typed.get_untracked());
    let all = Callback::new(move |()| {
        typed.set(String::new());
        section.filter.set(String::new());
    });
    let nothing = Signal::derive(move || section.rows.with(Vec::is_empty));
    let input_id = format!("{prefix}-quick");
    view! {
        <div class="section-bar" role="toolbar" aria-label=move || t(R::SIDE.label())>
            <ActionButton label=NEW icon="plus" kind=ButtonKind::Plain keys="Alt+N" disabled=locked on_press=add/>
            <ActionButton label=SAVE_ROW icon="save" kind=ButtonKind::Plain keys="Ctrl+Enter" disabled=locked on_press=save/>
            <ActionButton label=DELETE icon="trash" kind=ButtonKind::Plain disabled=locked on_press=remove/>
            <span class="bar-gap"></span>
            <input id=input_id type="search" class="quick"
                aria-label=move || t(text("查询条件：序号、商品编码、名称、料号", "Number, code, name or material no."))
                placeholder=move || t(text("序号、商品编码、名称、料号", "Number, code, name, material no."))
                prop:value=move || typed.get()
                on:input=move |event| {
                    // Nothing is written into what is being composed.
                    if !ime::is_partial(&event) {
                        typed.set(event_target_value(&event));
                    }
                }
                on:compositionend=move |event| typed.set(event_target_value(&event))
                on:keydown=move |event: KeyboardEvent| {
                    if event.key() == "Enter" && !ime::is_composing(&event) {
                        event.prevent_default();
                        search();
                    }
                }/>
            <ActionButton label=QUICK_QUERY icon="search" kind=ButtonKind::Plain on_press=Callback::new(move |()| search())/>
            <ActionButton label=SHOW_ALL icon="list" kind=ButtonKind::Plain keys="F9" on_press=all/>
            <ActionButton label=EXPORT icon="download" kind=ButtonKind::Plain disabled=nothing
                on_press=Callback::new(move |()| spawn_local(export(export_goods(state.id, R::SIDE, &columns.shown_keys()))))/>
            <ColumnChooser columns/>
        </div>
    }
    .into_any()
}

fn locked(state: BookState) -> Signal<bool> {
    Signal::derive(move || !state.editable() || !state.is_saved())
}
