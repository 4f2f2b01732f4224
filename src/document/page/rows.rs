//! One list of a document: white buttons, the row form, the list itself, which can be typed into. The same for all
//! lists; how rows are stored is in `source`.

pub(super) mod actions;
pub(super) mod fold;
mod source;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;
use web_sys::KeyboardEvent;

use self::actions::{delete_rows, new_row, row_committed, save_row};
use self::fold::{folding, form_id, is_folded};
use self::source::RowSource;
pub use self::source::save;
use super::change::{MARKS, mark_code, restore_rows};
use super::labels::{
    DELETE, EXPORT, NEW, NO_ROWS, NO_ROWS_FOUND, NO_ROWS_LOCKED, QUICK_QUERY, RESTORE, SAVE_ROW, SHOW_ALL,
};
use super::load::export;
use super::section::SectionState;
use super::state::DocumentState;
use crate::document::import::model::export_rows;
use crate::document::kind::Section;
use crate::document::{Mark, Row};
use crate::form::{Kind, Severity, Values};
use crate::text::{Message, Text, folded, text};
use crate::ui::codes::codes;
use crate::ui::grid::{Column, ColumnChooser, Columns, Grid, GridRows, Sort, compare};
use crate::ui::ime;
use crate::ui::lang::{t, tm};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::record_form::RecordForm;

/// Key of the column with the rows' numbers.
const SEQ: &str = "seq";

/// Key of the column with 修改标志.
const MARK: &str = "mark";

/// Says how the rows of a list are read and stored. Before anything is drawn: what an earlier visit left may
/// come back before the list is.
pub fn bind(state: DocumentState, list: SectionState) {
    list.editing.bind(RowSource::new(state, list));
    // What is typed in the cells of the row that stands in the form is shown there, too.
    Effect::new(move |before: Option<(Uuid, bool)>| {
        let id = list.current.get();
        let typed = list.editing.typed_texts(id);
        let is_typed = typed.is_some();
        match typed {
            Some(texts) => list.show_typed(texts),
            // Stored or taken back in the list. What is being typed in the form right now stays.
            None if before == Some((id, true)) => {
                if let Some(row) = list.find(id) {
                    list.form.saved(&list.form.accepted(), &row.content);
                }
            }
            None => {}
        }
        (id, is_typed)
    });
}

/// The tab of one list.
pub fn rows_section(state: DocumentState, list: SectionState, prefix: String) -> AnyView {
    let section = list.section;
    let mut columns = vec![Column::new(SEQ, section.number, 5).numeric()];
    // A document that is read anew builds its lists anew: this need not be tracked.
    if untrack(|| state.is_change()) {
        columns.push(Column::new(MARK, text("修改标志", "Mark"), 8).pill(MARKS));
    }
    columns.extend(section.fields.iter().map(Column::of));
    let columns = Columns::new(section.key, columns);
    let sort = columns.sort();
    let rows = list.editing.over(shown_rows(list, sort));
    let locked = locked(state);
    let edit = Callback::new(move |id: Uuid| {
        // Looking at a row must not cost what is typed in the form.
        let free = id != list.current.get_untracked() && !list.form.dirty_now();
        if let Some(row) = list.find(id).filter(|row| free && row.mark != Mark::Deleted) {
            list.edit(&row);
        }
    });
    let struck = Callback::new(move |id: Uuid| {
        list.rows.with(|rows| rows.iter().any(|row| row.id == id && row.mark == Mark::Deleted))
    });
    let registers = Memo::new(move |_| state.registers());
    let flaw = Callback::new(move |id: Uuid| {
        let row = list.find(id).filter(|row| row.mark != Mark::Deleted)?;
        let found = section.rules.check(row.seq, &row.content, &codes(), !registers.get());
        found.into_iter().find(|found| found.severity > Severity::Warning).map(|found| found.message)
    });
    let save = Callback::new(move |()| {
        spawn_local(async move {
            save_row(state, list).await;
        })
    });
    let remove = Callback::new(move |()| spawn_local(delete_rows(list)));
    let add = Callback::new(move |()| spawn_local(new_row(state, list)));
    let heading = move || {
        let most = section.most_rows;
        let (zh, en) = match list.form.seq.get() {
            None if list.is_full() => (
                format!("已达上限{most}项，不能再新增；请修改或删除已有的项"),
                format!("{most} items are the most: edit or delete one"),
            ),
            Some(seq) => (format!("修改第{seq}项"), format!("Edit item {seq}")),
            None => ("新增一项".to_owned(), "New item".to_owned()),
        };
        tm(&Message::new(zh, en))
    };
    view! {
        <div class="goods">
            {bar(state, list, columns, add, remove, save, prefix.clone())}
            <div id=form_id(&prefix) hidden=is_folded>
                {move || (!locked.get()).then(|| view! { <h2 class="row-heading">{heading}</h2> })}
                <RecordForm state=list.form fields=section.fields id_prefix=prefix.clone() name=section.label
                    on_last=save
                    on_commit=Callback::new(move |key| row_committed(state, list, key))
                    settled=Callback::new(move |()| settled(list))/>
            </div>
            <Grid name=section.label columns rows empty=nothing_there(list, locked) sort editing=list.editing
                active=list.active selected=list.selected on_pick=edit flaw struck/>
        </div>
    }
    .into_any()
}

/// Fields of the row in the form in which there is nothing to type now; tracked.
fn settled(list: SectionState) -> &'static [&'static str] {
    list.form.get(list.section.first);
    list.section.rules.settled(&list.form.accepted(), &codes())
}

/// The stored rows as they are filtered and sorted.
fn shown_rows(list: SectionState, sort: RwSignal<Option<Sort>>) -> GridRows {
    let shown = Memo::new(move |_| {
        let wanted = folded(list.filter.get().trim()).to_lowercase();
        list.rows.with(|rows| {
            let mut places: Vec<usize> =
                (0..rows.len()).filter(|place| wanted.is_empty() || matches(list, &rows[*place], &wanted)).collect();
            if let Some(sort) = sort.get() {
                let numeric =
                    list.section.field(sort.key).is_none_or(|field| matches!(field.kind, Kind::Decimal { .. }));
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
            place(index).and_then(|at| list.rows.with(|rows| rows.get(at).map(|row| row.id)))
        }),
        cell: Callback::new(move |(index, key)| {
            place(index)
                .and_then(|at| list.rows.with(|rows| rows.get(at).map(|row| cell(row, key))))
                .unwrap_or_default()
        }),
    }
}

fn cell(row: &Row<Values>, key: &str) -> String {
    match key {
        SEQ => row.seq.to_string(),
        MARK => mark_code(row.mark).to_owned(),
        key => row.content.get(key).to_owned(),
    }
}

fn matches(list: SectionState, row: &Row<Values>, wanted: &str) -> bool {
    row.seq.to_string() == wanted
        || list.section.quick.iter().any(|key| folded(row.content.get(key)).to_lowercase().contains(wanted))
}

/// What 快速查询 looks in: the number of a row, and what the list names.
fn searched(section: &Section) -> Message {
    let labels = section.quick.iter().filter_map(|key| section.fields.iter().find(|field| field.key == *key));
    let labels: Vec<Text> = std::iter::once(text("序号", "Number")).chain(labels.map(|field| field.label)).collect();
    let joined = |of: fn(&Text) -> &'static str, mark: &str| labels.iter().map(of).collect::<Vec<_>>().join(mark);
    Message::new(joined(|label| label.zh, "、"), joined(|label| label.en, ", "))
}

fn bar(
    state: DocumentState,
    list: SectionState,
    columns: Columns,
    add: Callback<()>,
    remove: Callback<()>,
    save: Callback<()>,
    prefix: String,
) -> AnyView {
    let locked = locked(state);
    let typed = RwSignal::new(String::new());
    let search = move || list.filter.set(typed.get_untracked());
    let all = Callback::new(move |()| {
        typed.set(String::new());
        list.filter.set(String::new());
    });
    let nothing = Signal::derive(move || list.rows.with(Vec::is_empty));
    let input_id = format!("{prefix}-quick");
    let hint = searched(list.section);
    let shown_hint = hint.clone();
    view! {
        <div class="section-bar" role="toolbar" aria-label=move || t(list.section.label)>
            <ActionButton label=NEW icon="plus" kind=ButtonKind::Plain keys="Alt+N" disabled=locked on_press=add/>
            <ActionButton label=SAVE_ROW icon="save" kind=ButtonKind::Plain keys="Ctrl+Enter" disabled=locked on_press=save/>
            <ActionButton label=DELETE icon="trash" kind=ButtonKind::Plain disabled=locked on_press=remove/>
            {untrack(|| state.is_change()).then(|| view! {
                <ActionButton label=RESTORE icon="refresh" kind=ButtonKind::Plain disabled=locked
                    on_press=Callback::new(move |()| spawn_local(restore_rows(state, list)))/>
            })}
            <span class="bar-gap"></span>
            <input id=input_id type="search" class="quick"
                aria-label=move || format!("{}{}", t(text("查询条件：", "Find by: ")), tm(&hint))
                placeholder=move || tm(&shown_hint)
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
                on_press=Callback::new(move |()| spawn_local(export(export_rows(state.id, list.key(), &columns.shown_keys()))))/>
            <ColumnChooser columns/>
            {folding(form_id(&prefix))}
        </div>
    }
    .into_any()
}

/// Why the list shows nothing.
fn nothing_there(list: SectionState, locked: Signal<bool>) -> Signal<Text> {
    Signal::derive(move || {
        if !list.filter.get().trim().is_empty() {
            NO_ROWS_FOUND
        } else if locked.get() {
            NO_ROWS_LOCKED
        } else {
            NO_ROWS
        }
    })
}

fn locked(state: DocumentState) -> Signal<bool> {
    Signal::derive(move || !state.editable() || !state.is_saved())
}
