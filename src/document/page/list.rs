//! 查询 of a kind of document: conditions, list with paging and sorting, 查看明细, 修改, 查看回执. A tab of its own
//! (`app::panels`). Asks the server for one page at a time; changes no document.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::buttons::print;
use super::change::{HistoryDialog, begin_change, is_changeable};
use super::copy::copy;
use super::labels::{CHANGE, CLEAR, COPY, DETAIL, EDIT, EXPORT, HISTORY, PRINT, QUERY, RECEIPTS};
use super::load::export;
use super::receipts::ReceiptsDialog;
use crate::document::import::model::export_list;
use crate::document::kind::Kind;
use crate::document::{Action, Query, QueryLine, QueryPage, Status, api};
use crate::form::{Field, Kind as FieldKind, Need, Record, Severity, Source, Values};
use crate::text::{Message, Text, text};
use crate::ui::call::call;
use crate::ui::form_state::FormState;
use crate::ui::grid::{Column, ColumnChooser, Columns, Grid, GridRows, GridState, Sort};
use crate::ui::lang::{t, tm};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::record_form::RecordForm;
use crate::workspace;
use crate::workspace::tabs::{self, Tab};

/// Said of the document of a book that customs works by.
const IN_FORCE: &[(&str, Text)] = &[("in-force", text("现行", "In force"))];

crate::record! {
    /// Conditions of the query, besides the enterprise. 申报类型 takes its choices from the kind.
    pub struct Conditions {
        book_no: Field::new(text("账册编号", "Book no."), FieldKind::Text { max: 12 }),
        seq_no: Field::new(text("统一编号", "Unified no."), FieldKind::Text { max: 18 }),
        internal_no: Field::new(text("企业内部编号", "Internal no."), FieldKind::Text { max: 64 }),
        status: Field::new(text("数据状态", "State"), FieldKind::Choice(&Status::CHOICES)).help("不选为全部", "Empty: all"),
        decl_type: Field::new(text("申报类型", "Declaration type"), FieldKind::Text { max: 1 }).help("不选为全部", "Empty: all"),
        change_seq: Field::new(text("变更次数", "Changes"), FieldKind::Decimal { int: 9, frac: 0, positive: false })
            .help("0为备案", "0 is the filing"),
        input_from: Field::new(text("录入日期从", "Input from"), FieldKind::Date),
        input_to: Field::new(text("录入日期到", "Input to"), FieldKind::Date),
    }
}

/// The conditions for a kind of document. They live as long as the program: call this once per screen.
fn condition_fields(kind: &'static Kind) -> &'static [Field] {
    let known = |field: &&Field| field.key != "decl_type" || kind.field("decl_type").is_some();
    let fields = Conditions::FIELDS.iter().filter(known).map(|field| match kind.field(field.key) {
        Some(own) if field.key == "decl_type" => {
            Field { source: Source::Typed, need: Need::Optional, help: field.help, ..*own }
        }
        _ => *field,
    });
    Vec::leak(fields.collect())
}

const PAGE_SIZES: &[i64] = &[15, 50, 100, 500];

#[derive(Clone, Copy)]
struct ListState {
    kind: &'static Kind,
    operator: RwSignal<String>,
    conditions: FormState,
    page: RwSignal<QueryPage>,
    at: RwSignal<i64>,
    size: RwSignal<i64>,
    sort: RwSignal<Option<Sort>>,
    grid: RwSignal<GridState>,
    active: RwSignal<Option<Uuid>>,
    asked: RwSignal<bool>,
    receipts: RwSignal<bool>,
    history: RwSignal<bool>,
}

impl ListState {
    fn line(&self) -> Option<QueryLine> {
        let active = self.active.get()?;
        self.page.with(|page| page.lines.iter().find(|line| line.meta.id == active).cloned())
    }

    /// What is asked for now.
    fn query(&self) -> Query {
        let typed: Conditions = self.conditions.values().read();
        let sort = self.sort.get_untracked();
        Query {
            kind: self.kind.key.to_owned(),
            operator_code: self.operator.get_untracked(),
            book_no: typed.book_no,
            seq_no: typed.seq_no,
            internal_no: typed.internal_no,
            status: Status::from_code(&typed.status),
            decl_type: typed.decl_type,
            change_seq: typed.change_seq,
            input_from: typed.input_from,
            input_to: typed.input_to,
            sort: sort.map(|sort| sort.key.to_owned()).unwrap_or_default(),
            descending: sort.is_some_and(|sort| sort.descending),
            page: self.at.get_untracked(),
            page_size: self.size.get_untracked(),
        }
    }
}

/// 出境加工账册查询 and its like.
#[component]
pub fn QueryListPage(kind: &'static Kind) -> impl IntoView {
    let own = workspace::me_now().map(|me| me.enterprise.code).unwrap_or_default();
    let columns = columns(kind);
    let state = ListState {
        kind,
        operator: RwSignal::new(own),
        conditions: FormState::new("query", condition_fields(kind)),
        page: RwSignal::new(QueryPage::default()),
        at: RwSignal::new(0),
        size: RwSignal::new(50),
        sort: columns.sort(),
        grid: RwSignal::new(GridState::Ready),
        active: RwSignal::new(None),
        asked: RwSignal::new(false),
        receipts: RwSignal::new(false),
        history: RwSignal::new(false),
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
        <section class="page query-list">
            <h1 class="page-title">{move || t(kind.query_label)}</h1>
            {conditions(state)}
            {results(state, columns)}
            {move || state.active.get().map(|id| view! {
                <ReceiptsDialog open=state.receipts id/>
                <HistoryDialog open=state.history kind id/>
            })}
        </section>
    }
    .into_any()
}

fn run(state: ListState) {
    let faults = state.conditions.check(false);
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
            <RecordForm state=state.conditions fields=state.conditions.fields() id_prefix="query" name=text("查询条件", "Conditions")
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

fn columns(kind: &'static Kind) -> Columns {
    let mut list = vec![
        Column::new("status", text("数据状态", "State"), 12).pill(&Status::CHOICES),
        Column::new("in_force", text("现行", "In force"), 6).pill(IN_FORCE),
    ];
    list.extend(kind.columns.iter().filter_map(|key| kind.field(key)).map(Column::of));
    Columns::new(kind.key, list)
}

fn results(state: ListState, columns: Columns) -> impl IntoView {
    // A memo: the grid reads a cell at a time, and a derived signal would copy the whole page for each.
    let lines = Memo::new(move |_| {
        state.page.with(|page| {
            let shown = |line: &QueryLine| (line.clone(), Values::filled_from(state.kind.head, &line.head));
            page.lines.iter().map(shown).collect::<Vec<_>>()
        })
    });
    let rows = GridRows::of(
        lines.into(),
        |(line, _): &(QueryLine, Values)| line.meta.id,
        |(line, head), key| match key {
            "status" => line.meta.status.code().to_owned(),
            "in_force" => if line.meta.in_force { "in-force" } else { "" }.to_owned(),
            key => head.get(key).to_owned(),
        },
    );
    let open = move |read_only: bool| {
        if let Some(line) = untrack(|| state.line()) {
            tabs::open(Tab::Document { kind: state.kind, id: line.meta.id, new: false, read_only });
        }
    };
    let none = Signal::derive(move || state.line().is_none());
    let not_editable = Signal::derive(move || !state.line().is_some_and(|line| line.meta.status.allows(Action::Edit)));
    let not_changeable = Signal::derive(move || !state.line().is_some_and(|line| is_changeable(&line.meta)));
    let no_history = Signal::derive(move || state.line().is_none_or(|line| !has_history(&line)));
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
                <ActionButton label=CHANGE icon="edit" kind=ButtonKind::Plain disabled=not_changeable on_press=Callback::new(move |()| {
                    if let Some(id) = state.active.get_untracked() {
                        spawn_local(begin_change(state.kind, id));
                    }
                })/>
                <ActionButton label=HISTORY icon="list" kind=ButtonKind::Plain disabled=no_history on_press=Callback::new(move |()| state.history.set(true))/>
                <ActionButton label=COPY icon="copy" kind=ButtonKind::Plain disabled=none on_press=Callback::new(move |()| {
                    if let Some(id) = state.active.get_untracked() {
                        spawn_local(copy(state.kind, id));
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
            <Grid name=state.kind.query_label columns rows state=Signal::from(state.grid) active=state.active sort=state.sort height=20
                empty=text("没有符合条件的数据。可放宽条件，或从左侧菜单新增。", "Nothing matches. Widen the conditions, or enter a new one from the menu.")
                on_open=by_state on_retry=Callback::new(move |()| run(state))/>
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
                tm(&Message::new(
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
