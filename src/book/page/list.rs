//! 出境加工账册查询: conditions, list with paging and sorting, 查看明细, 修改, 查看回执. A tab of its own (`app::panels`).
//! Asks the server for one page at a time; changes no book.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::actions::{copy, export};
use super::buttons::print;
use super::labels::{CLEAR, COPY, DETAIL, EDIT, EXPORT, PRINT, QUERY, RECEIPTS};
use super::receipts::ReceiptsDialog;
use crate::book::api;
use crate::book::import::model::export_list;
use crate::book::model::{BookLine, BookPage, BookQuery, Head};
use crate::document::{Action, Status};
use crate::form::{Field, Kind, Record, Severity};
use crate::text::{Message, Text, text};
use crate::ui::call::call;
use crate::ui::form_state::FormState;
use crate::ui::grid::{Column, ColumnChooser, Columns, Grid, GridRows, GridState, Sort};
use crate::ui::lang::t;
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::record_form::RecordForm;
use crate::workspace;
use crate::workspace::tabs::{self, Tab};

/// States to choose from, by code.
const STATUSES: &[(&str, Text)] = &[
    ("0", Status::Draft.label()),
    ("1", Status::Declared.label()),
    ("2", Status::DeclareFailed.label()),
    ("4", Status::Sent.label()),
    ("5", Status::Entered.label()),
    ("6", Status::EntryFailed.label()),
    ("T", Status::Manual.label()),
    ("C", Status::Returned.label()),
    ("B", Status::Approved.label()),
];

crate::record! {
    /// Conditions of the query, besides the enterprise.
    pub struct Conditions {
        book_no: Field::new(text("账册编号", "Book no."), Kind::Text { max: 12 }),
        seq_no: Field::new(text("统一编号", "Unified no."), Kind::Text { max: 18 }),
        internal_no: Field::new(text("企业内部编号", "Internal no."), Kind::Text { max: 64 }),
        status: Field::new(text("数据状态", "State"), Kind::Choice(STATUSES)).help("不选为全部", "Empty: all"),
        input_from: Field::new(text("录入日期从", "Input from"), Kind::Date),
        input_to: Field::new(text("录入日期到", "Input to"), Kind::Date),
    }
}

/// Columns of the list: fields of the head, and its state.
const COLUMNS: &[&str] = &[
    "seq_no",
    "book_no",
    "internal_no",
    "decl_type",
    "operator_code",
    "operator_name",
    "processor_name",
    "master_customs",
    "valid_to",
    "export_total",
    "reimport_total",
    "currency",
    "change_seq",
    "input_date",
    "declared_at",
];
const PAGE_SIZES: &[i64] = &[15, 50, 100, 500];

#[derive(Clone, Copy)]
struct ListState {
    operator: RwSignal<String>,
    conditions: FormState,
    page: RwSignal<BookPage>,
    at: RwSignal<i64>,
    size: RwSignal<i64>,
    sort: RwSignal<Option<Sort>>,
    grid: RwSignal<GridState>,
    active: RwSignal<Option<Uuid>>,
    asked: RwSignal<bool>,
    receipts: RwSignal<bool>,
}

impl ListState {
    fn line(&self) -> Option<BookLine> {
        let active = self.active.get()?;
        self.page.with(|page| page.lines.iter().find(|line| line.meta.id == active).cloned())
    }

    /// What is asked for now.
    fn query(&self) -> BookQuery {
        let typed: Conditions = self.conditions.record();
        let sort = self.sort.get_untracked();
        BookQuery {
            operator_code: self.operator.get_untracked(),
            book_no: typed.book_no,
            seq_no: typed.seq_no,
            internal_no: typed.internal_no,
            status: Status::from_code(&typed.status),
            input_from: typed.input_from,
            input_to: typed.input_to,
            sort: sort.map(|sort| sort.key.to_owned()).unwrap_or_default(),
            descending: sort.is_some_and(|sort| sort.descending),
            page: self.at.get_untracked(),
            page_size: self.size.get_untracked(),
        }
    }
}

/// 出境加工账册查询
#[component]
pub fn BookListPage() -> impl IntoView {
    let own = workspace::me_now().map(|me| me.enterprise.code).unwrap_or_default();
    let columns = columns();
    let state = ListState {
        operator: RwSignal::new(own),
        conditions: FormState::new::<Conditions>("query"),
        page: RwSignal::new(BookPage { lines: Vec::new(), total: 0 }),
        at: RwSignal::new(0),
        size: RwSignal::new(50),
        sort: columns.sort(),
        grid: RwSignal::new(GridState::Ready),
        active: RwSignal::new(None),
        asked: RwSignal::new(false),
        receipts: RwSignal::new(false),
    };
    state.conditions.load(&Conditions::default());
    run(state);
    Effect::new(move |before: Option<()>| {
        state.sort.track();
        if before.is_some() {
            run(state);
        }
    });
    view! {
        <section class="page book-list">
            <h1 class="page-title">{move || t(text("出境加工账册查询", "Books"))}</h1>
            {conditions(state)}
            {results(state, columns)}
            {move || state.active.get().map(|id| view! { <ReceiptsDialog open=state.receipts id/> })}
        </section>
    }
    .into_any()
}

fn run(state: ListState) {
    let faults = state.conditions.check::<Conditions>(false);
    if faults.iter().any(|found| found.severity == Severity::Save) {
        state.conditions.focus_error();
        return;
    }
    let query = state.query();
    state.grid.set(GridState::Loading);
    spawn_local(async move {
        match call(|| api::list(query.clone())).await {
            Ok(page) => {
                state.page.set(page);
                state.grid.set(GridState::Ready);
                state.asked.set(true);
            }
            Err(error) => state.grid.set(GridState::Failed(error.message)),
        }
    });
}

fn conditions(state: ListState) -> impl IntoView {
    let again = move || {
        state.at.set(0);
        run(state);
    };
    let enterprises = move || {
        workspace::me().map(|me| me.acts_for).unwrap_or_default().into_iter().map(|enterprise| {
            let chosen = enterprise.code == state.operator.get_untracked();
            view! { <option value=enterprise.code.clone() selected=chosen>{format!("{}-{}", enterprise.code, enterprise.name)}</option> }
        }).collect_view()
    };
    view! {
        <div class="panel conditions">
            <div class="field field-wide">
                <label for="query-operator" class="label required">{move || t(text("可查询企业", "Enterprise"))}</label>
                <select id="query-operator" required aria-required="true"
                    on:change=move |event| { state.operator.set(event_target_value(&event)); again(); }>{enterprises}</select>
            </div>
            <RecordForm state=state.conditions fields=Conditions::FIELDS id_prefix="query" name=text("查询条件", "Conditions")
                on_last=Callback::new(move |()| again())/>
            <div class="section-bar">
                <ActionButton label=QUERY icon="search" kind=ButtonKind::Primary on_press=Callback::new(move |()| again())/>
                <ActionButton label=CLEAR icon="x" kind=ButtonKind::Plain on_press=Callback::new(move |()| {
                    state.conditions.load(&Conditions::default());
                    state.conditions.focus_first();
                })/>
            </div>
        </div>
    }
}

fn columns() -> Columns {
    let mut list = vec![Column::new("status", text("数据状态", "State"), 12).pill(STATUSES)];
    list.extend(COLUMNS.iter().filter_map(|key| Head::field(key)).map(Column::of));
    Columns::new("books", list)
}

fn results(state: ListState, columns: Columns) -> impl IntoView {
    let rows = GridRows::of(
        Signal::derive(move || state.page.with(|page| page.lines.clone())),
        |line: &BookLine| line.meta.id,
        |line, key| match key {
            "status" => line.meta.status.code().to_owned(),
            key => line.head.get(key).to_owned(),
        },
    );
    let open = move |read_only: bool| {
        if let Some(line) = untrack(|| state.line()) {
            tabs::open(Tab::Book { id: line.meta.id, new: false, read_only });
        }
    };
    let none = Signal::derive(move || state.line().is_none());
    let not_editable = Signal::derive(move || !state.line().is_some_and(|line| line.meta.status.allows(Action::Edit)));
    let no_receipt = Signal::derive(move || state.line().is_none_or(|line| line.meta.receipt_count == 0));
    let by_state = Callback::new(move |id: Uuid| {
        state.active.set(Some(id));
        let editable = untrack(|| state.line()).is_some_and(|line| line.meta.status.allows(Action::Edit));
        open(!editable);
    });
    view! {
        <div class="panel results">
            <div class="section-bar" role="toolbar" aria-label=move || t(text("列表操作", "List"))>
                <ActionButton label=DETAIL icon="eye" kind=ButtonKind::Plain disabled=none on_press=Callback::new(move |()| open(true))/>
                <ActionButton label=EDIT icon="edit" kind=ButtonKind::Plain disabled=not_editable on_press=Callback::new(move |()| open(false))/>
                <ActionButton label=COPY icon="copy" kind=ButtonKind::Plain disabled=none on_press=Callback::new(move |()| {
                    if let Some(id) = state.active.get_untracked() {
                        spawn_local(copy(id));
                    }
                })/>
                <ActionButton label=PRINT icon="print" kind=ButtonKind::Plain disabled=none on_press=Callback::new(move |()| {
                    if let Some(id) = state.active.get_untracked() {
                        print(id);
                    }
                })/>
                <ActionButton label=EXPORT icon="download" kind=ButtonKind::Plain on_press=Callback::new(move |()| {
                    spawn_local(export(export_list(&untrack(|| state.query()), &columns.shown_keys())));
                })/>
                <ActionButton label=RECEIPTS icon="inbox" kind=ButtonKind::Plain disabled=no_receipt on_press=Callback::new(move |()| state.receipts.set(true))/>
                <span class="bar-gap"></span>
                <ColumnChooser columns/>
            </div>
            <Grid name=text("账册列表", "Books") columns rows state=Signal::from(state.grid) active=state.active sort=state.sort height=20
                empty=text("没有符合条件的账册。可放宽条件，或从左侧菜单新增备案。", "No book matches. Widen the conditions, or file a new one from the menu.")
                on_open=by_state on_retry=Callback::new(move |()| run(state))/>
            {pager(state)}
        </div>
    }
}

fn pager(state: ListState) -> impl IntoView {
    let total = move || state.page.with(|page| page.total);
    let pages = move || (total() + state.size.get() - 1).div_euclid(state.size.get()).max(1);
    let turn = move |by: i64| {
        state.at.update(|at| *at += by);
        run(state);
    };
    let sizes = PAGE_SIZES
        .iter()
        .map(|size| view! { <option value=size.to_string() selected={*size == 50}>{size.to_string()}</option> })
        .collect_view();
    view! {
        <div class="pager">
            <span role="status">{move || {
                crate::ui::lang::tm(&Message::new(
                    format!("共{}条，第{}/{}页", total(), state.at.get() + 1, pages()),
                    format!("{} in all, page {} of {}", total(), state.at.get() + 1, pages()),
                ))
            }}</span>
            <ActionButton label=text("上一页", "Previous") icon="left" kind=ButtonKind::Plain
                disabled=Signal::derive(move || state.at.get() == 0) on_press=Callback::new(move |()| turn(-1))/>
            <ActionButton label=text("下一页", "Next") icon="right" kind=ButtonKind::Plain
                disabled=Signal::derive(move || state.at.get() + 1 >= pages()) on_press=Callback::new(move |()| turn(1))/>
            <label>
                {move || t(text("每页", "Per page"))}
                <select on:change=move |event| {
                    if let Ok(size) = event_target_value(&event).parse() {
                        state.size.set(size);
                        state.at.set(0);
                        run(state);
                    }
                }>{sizes}</select>
            </label>
        </div>
    }
}
