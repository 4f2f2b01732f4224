//! 查询 of one or several kinds of documents: conditions, list with paging and sorting, 查看明细, 修改, 查看回执. A tab of its own
//! (`app::panels`). Asks the server for one page at a time; changes no document.

mod conditions;
mod model;
mod state;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use self::conditions::conditions;
use self::state::{ListState, PAGE_SIZES};
use super::buttons::{open_ledger, print};
use super::change::{HistoryDialog, begin_change, is_changeable};
use super::copy::copy;
use super::labels::{CHANGE, COPY, DETAIL, EDIT, EXPORT, HISTORY, LEDGER, PRINT, RECEIPTS};
use super::load::export;
use super::receipts::ReceiptsDialog;
use crate::account::rights::Right;
use crate::document::import::model::export_list;
use crate::document::listing::Listed;
use crate::document::{Action, QueryLine, Status};
use crate::form::{Field, Values};
use crate::text::{Message, Text, text};
use crate::ui::grid::{Column, ColumnChooser, Columns, Grid, GridRows};
use crate::ui::lang::{t, tm};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::spelled::spelled;
use crate::ui::toast;
use crate::workspace::may;
use crate::workspace::tabs::{self, Tab};

/// Said of the document of a book that customs works by.
const IN_FORCE: &[(&str, Text)] = &[("in-force", text("现行", "In force"))];

/// 出境加工账册查询 and its like.
#[component]
pub fn QueryListPage(listed: Listed) -> impl IntoView {
    let columns = columns(&listed);
    let listing = listed.listing;
    let state = ListState::new(listed, columns);
    let no_book = Signal::derive(move || {
        state.line().is_none_or(|line| {
            line.head.get(state.kind_of(&line).book.unwrap_or("book_no")).is_none_or(String::is_empty)
        })
    });
    view! {
        <section class="page query-list" on:keydown=move |event| {
            if spelled(&event) == "Alt+L" && !no_book.get_untracked() && let Some((_, line)) = state.chosen() {
                event.prevent_default();
                open_ledger(line.meta.id);
            }
        }>
            <h1 class="page-title">{move || t(listing.label)}</h1>
            {conditions(state)}
            {results(state, columns, no_book)}
            {move || state.active.get().map(|id| {
                let kind = untrack(|| state.line()).map(|line| state.kind_of(&line));
                view! {
                    <ReceiptsDialog open=state.receipts id/>
                    {kind.map(|kind| view! { <HistoryDialog open=state.history kind id/> })}
                }
            })}
        </section>
    }
    .into_any()
}

fn columns(listed: &Listed) -> Columns {
    let mut list = vec![Column::new("status", text("数据状态", "State"), 13).pill(&Status::CHOICES)];
    if makes_book(listed) {
        list.push(Column::new("in_force", text("现行", "In force"), 6).pill(IN_FORCE));
    }
    list.extend(listed.columns().into_iter().filter_map(|key| {
        let field = listed.field(key)?;
        let (zh, en) = listed.labels(key);
        // Once per screen: a column lives as long as the program.
        let label = if zh == field.label.zh { field.label } else { text(zh.leak(), en.leak()) };
        Some(Column::of(&Field { label, ..*field }))
    }));
    Columns::new(listed.listing.key, list)
}

/// True for a list of documents that make account books.
fn makes_book(listed: &Listed) -> bool {
    listed.kinds.iter().any(|kind| kind.makes_book())
}

fn results(state: ListState, columns: Columns, no_book: Signal<bool>) -> impl IntoView {
    let makes_book = state.listed.with_value(makes_book);
    let can_copy =
        state.listed.with_value(|listed| listed.kinds.iter().any(|kind| kind.accounts.is_none() && !kind.is_notice));
    let can_edit = state.listed.with_value(|listed| listed.kinds.iter().any(|kind| !kind.is_notice));
    // What the user may do for nobody is not there; what only for others, is grey.
    let enters = Memo::new(move |_| may(Right::Enter, ""));
    let may_enter = |line: &QueryLine| may(Right::Enter, &line.meta.operator_code);
    // A memo: the grid reads a cell at a time, and a derived signal would copy the whole page for each.
    let lines = Memo::new(move |_| {
        state.page.with(|page| {
            let shown = |line: &QueryLine| (line.clone(), Values::filled_from(state.kind_of(line).head, &line.head));
            page.lines.iter().map(shown).collect::<Vec<_>>()
        })
    });
    let rows = GridRows::of(
        lines.into(),
        |(line, _): &(QueryLine, Values)| line.meta.id,
        |(line, head), key| match key {
            "status" => line.meta.status.code().to_owned(),
            "in_force" => if line.meta.in_force { "in-force" } else { "" }.to_owned(),
            // A draft that is to be registered is known by the number typed for it.
            "entry_no" if head.get("entry_no").is_empty() => head.get("registered_no").to_owned(),
            key => head.get(key).to_owned(),
        },
    );
    let open = move |read_only: bool| {
        if let Some((kind, line)) = state.chosen() {
            let key = tabs::open(Tab::Document { kind: kind.naming, id: line.meta.id, new: false, read_only });
            let shown = untrack(|| tabs::get(key)).map(|open| open.tab);
            if read_only && matches!(shown, Some(Tab::Document { read_only: false, .. })) {
                toast::info(text(
                    "该数据已在修改中，已转到其页签。",
                    "It is open for editing already; this is its tab.",
                ));
            }
        }
    };
    let none = Signal::derive(move || state.line().is_none());
    let not_editable = Signal::derive(move || {
        !state.line().is_some_and(|line| line.meta.status.allows(Action::Edit) && may_enter(&line))
    });
    let not_changeable =
        Signal::derive(move || !state.line().is_some_and(|line| is_changeable(&line.meta) && may_enter(&line)));
    let not_copied = Signal::derive(move || !state.line().is_some_and(|line| may_enter(&line)));
    let no_history = Signal::derive(move || state.line().is_none_or(|line| !has_history(&line)));
    let no_receipt = Signal::derive(move || state.line().is_none_or(|line| line.meta.receipt_count == 0));
    let by_state = Callback::new(move |id: Uuid| {
        state.active.set(Some(id));
        let editable =
            untrack(|| state.line().is_some_and(|line| line.meta.status.allows(Action::Edit) && may_enter(&line)));
        open(!editable);
    });
    view! {
        <div class="panel results">
            <div class="section-bar" role="toolbar" aria-label=move || t(text("列表操作", "List"))>
                <ActionButton label=DETAIL icon="eye" kind=ButtonKind::Plain disabled=none on_press=Callback::new(move |()| open(true))/>
                {move || (can_edit && enters.get()).then(|| view! {
                    <ActionButton label=EDIT icon="edit" kind=ButtonKind::Plain disabled=not_editable on_press=Callback::new(move |()| open(false))/>
                })}
                {move || (makes_book && enters.get()).then(|| view! {
                    <ActionButton label=CHANGE icon="edit" kind=ButtonKind::Plain disabled=not_changeable on_press=Callback::new(move |()| {
                        if let Some((kind, line)) = state.chosen() {
                            spawn_local(begin_change(kind, line.meta.id));
                        }
                    })/>
                })}
                {makes_book.then(|| view! {
                    <ActionButton label=HISTORY icon="list" kind=ButtonKind::Plain disabled=no_history on_press=Callback::new(move |()| state.history.set(true))/>
                })}
                <ActionButton label=LEDGER icon="columns" kind=ButtonKind::Plain keys="Alt+L" disabled=no_book on_press=Callback::new(move |()| {
                    if let Some(id) = state.active.get_untracked() {
                        open_ledger(id);
                    }
                })/>
                {move || (can_copy && enters.get()).then(|| view! {
                    <ActionButton label=COPY icon="copy" kind=ButtonKind::Plain disabled=not_copied on_press=Callback::new(move |()| {
                        if let Some((kind, line)) = state.chosen() {
                            spawn_local(copy(kind, line.meta.id));
                        }
                    })/>
                })}
                <ActionButton label=PRINT icon="print" kind=ButtonKind::Plain disabled=none on_press=Callback::new(move |()| {
                    if let Some(id) = state.active.get_untracked() {
                        print(id);
                    }
                })/>
                <ActionButton label=EXPORT icon="download" kind=ButtonKind::Plain on_press=Callback::new(move |()| {
                    spawn_local(export(export_list(&state.asked.get_untracked(), &columns.shown_keys())));
                })/>
                <ActionButton label=RECEIPTS icon="inbox" kind=ButtonKind::Plain disabled=no_receipt on_press=Callback::new(move |()| state.receipts.set(true))/>
                <span class="bar-gap"></span>
                <ColumnChooser columns/>
            </div>
            <Grid name=state.listing().label columns rows state=Signal::from(state.grid) active=state.active sort=state.sort height=20
                empty=text("没有符合条件的数据。可放宽条件，或从左侧菜单新增。", "Nothing matches. Widen the conditions, or enter a new one from the menu.")
                on_open=by_state on_retry=Callback::new(move |()| state.go_on(&|_| {}))/>
            {pager(state)}
        </div>
    }
}

/// A book that customs approved has a history.
fn has_history(line: &QueryLine) -> bool {
    line.meta.in_force || line.meta.change_seq > 0 || line.meta.status == Status::Approved
}

fn pager(state: ListState) -> impl IntoView {
    let total = move || state.page.with(|page| page.total);
    let (at, size) = (move || state.asked.with(|asked| asked.page), move || state.asked.with(|asked| asked.page_size));
    let pages = move || (total() + size() - 1).div_euclid(size()).max(1);
    let turn = move |by: i64| state.go_on(&|query| query.page += by);
    let sizes = PAGE_SIZES
        .iter()
        .map(|one| view! { <option value=one.to_string() selected={*one == untrack(size)}>{one.to_string()}</option> })
        .collect_view();
    view! {
        <div class="pager">
            <span role="status">{move || {
                tm(&Message::new(
                    format!("共{}条，第{}/{}页", total(), at() + 1, pages()),
                    format!("{} in all, page {} of {}", total(), at() + 1, pages()),
                ))
            }}</span>
            <ActionButton label=text("上一页", "Previous") icon="left" kind=ButtonKind::Plain
                disabled=Signal::derive(move || at() == 0) on_press=Callback::new(move |()| turn(-1))/>
            <ActionButton label=text("下一页", "Next") icon="right" kind=ButtonKind::Plain
                disabled=Signal::derive(move || at() + 1 >= pages()) on_press=Callback::new(move |()| turn(1))/>
            <label>
                {move || t(text("每页", "Per page"))}
                <select on:change=move |event| {
                    if let Ok(size) = event_target_value(&event).parse() {
                        state.go_on(&|query| (query.page, query.page_size) = (0, size));
                    }
                }>{sizes}</select>
            </label>
        </div>
    }
}
