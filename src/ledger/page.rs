//! 台账 of an account book: its figures, its goods, its lines; from a figure by Enter to its lines, from a line by Enter to its
//! 报关单. A tab of its own (`app::panels`). Only reads.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::api;
use super::model::{LedgerLine, LinesPage, LinesQuery, Side, export_address, print_address};
use super::rows::{self, GOODS, LINES};
use crate::document::under_book::{LIFE, UnderBook};
use crate::entry::kind::{EXPORT_NAMING, IMPORT_NAMING};
use crate::form::{Field, Kind, Values, grouped, plain, show_date};
use crate::text::{Message, Text, folded, text};
use crate::ui::call::call;
use crate::ui::clock::today;
use crate::ui::download::save_as;
use crate::ui::grid::{Column, ColumnChooser, Columns, Grid, GridRows, GridState, compare};
use crate::ui::lang::{t, tm};
use crate::ui::parts::{ActionButton, Block, BlockKind, ButtonKind};
use crate::ui::type_ahead::Again;
use crate::ui::{focus, ime, toast};
use crate::workspace::opening::{self, Reading};
use crate::workspace::tabs::{self, Tab, TabKey};

const PAGE_SIZE: i64 = 100;
/// The grid of the lines, to which Enter on goods leads.
const LINES_ID: &str = "ledger-lines";

/// What the page shows.
#[derive(Clone, Copy)]
struct LedgerState {
    id: Uuid,
    tab: TabKey,
    book: RwSignal<Option<UnderBook>>,
    failed: RwSignal<Option<Message>>,
    /// The goods whose lines are shown; `None`: all.
    goods: RwSignal<Option<(Side, i64)>>,
    lines: RwSignal<LinesPage>,
    page: RwSignal<i64>,
    grid: RwSignal<GridState>,
    /// Number of the last question: an answer to an earlier one that comes later counts no more.
    turn: StoredValue<u32>,
}

impl LedgerState {
    /// Reads all of it; keys struck for the page wait as long as `reading` lives.
    fn read(self, reading: Option<Reading>) {
        self.failed.set(None);
        spawn_local(async move {
            let answer = call(|| crate::document::api::book(self.id)).await;
            if self.book.is_disposed() {
                return;
            }
            let why = match answer {
                Ok(Some(book)) => {
                    let title = Message::new(format!("台账 {}", book.book_no), format!("Ledger {}", book.book_no));
                    tabs::set_title(self.tab, title);
                    self.book.set(Some(book));
                    // After the page is drawn with what was read.
                    gloo_timers::future::TimeoutFuture::new(0).await;
                    if let Some(reading) = reading {
                        reading.arrived();
                    }
                    return;
                }
                Ok(None) => NO_BOOK.into(),
                Err(error) => error.message,
            };
            self.failed.set(Some(why.clone()));
            if let Some(reading) = reading {
                let pending = move || self.failed.try_get().flatten().is_some();
                let run = move || self.read_again();
                reading.failed(why, Again { keeps: false, pending: Arc::new(pending), run: Arc::new(run) });
            }
        });
        self.read_lines(0);
    }

    fn read_again(self) {
        tabs::enter(self.tab);
        self.read(Some(opening::reading(self.tab)));
    }

    fn read_lines(self, page: i64) {
        self.page.set(page);
        self.grid.set(GridState::Loading);
        let turn = self.turn.with_value(|turn| turn + 1);
        self.turn.set_value(turn);
        let goods = self.goods.get_untracked().map(|(side, seq)| (side.code().to_owned(), seq));
        let query = LinesQuery { id: self.id, goods, page, page_size: PAGE_SIZE };
        spawn_local(async move {
            let answer = call(|| api::lines(query.clone())).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Ok(lines) => {
                    self.lines.set(lines);
                    self.grid.set(GridState::Ready);
                }
                Err(error) => self.grid.set(GridState::Failed(error.message)),
            }
        });
    }

    /// Shows the lines of goods, or of all.
    fn show(self, goods: Option<(Side, i64)>) {
        self.goods.set(goods);
        // Lines of other goods must not stand under this heading while the right ones are on their way.
        self.lines.set(LinesPage::default());
        self.read_lines(0);
    }
}

const FILTER: Text = text("序号、编码、名称、规格、报关单号", "Number, code, name, specification, entry");

const NO_BOOK: Text = text(
    "该数据还没有账册编号，没有台账；账册由海关终审通过后才有台账。",
    "There is no ledger yet: customs must approve the book first.",
);

/// 台账 of the book that a document belongs to.
#[component]
pub fn LedgerPage(id: Uuid, tab_key: TabKey) -> impl IntoView {
    let state = LedgerState {
        id,
        tab: tab_key,
        book: RwSignal::new(None),
        failed: RwSignal::new(None),
        goods: RwSignal::new(None),
        lines: RwSignal::new(LinesPage::default()),
        page: RwSignal::new(0),
        grid: RwSignal::new(GridState::Loading),
        turn: StoredValue::new(0),
    };
    state.read(Some(opening::reading(tab_key)));
    let is_here = Memo::new(move |_| state.book.with(Option::is_some));
    let content = move || match (state.failed.get(), is_here.get()) {
        (Some(text), _) => {
            let on_retry = Callback::new(move |()| state.read_again());
            view! { <Block kind=BlockKind::Failed text on_retry/> }.into_any()
        }
        (None, false) => {
            view! { <Block kind=BlockKind::Loading text=text("正在读取台账…", "Reading the ledger…")/> }.into_any()
        }
        (None, true) => view! { {figures(state)} {goods(state)} {lines(state)} }.into_any(),
    };
    view! {
        <section class="page ledger">
            <h1 class="page-title">{move || {
                let number = state.book.with(|book| book.as_ref().map(|book| book.book_no.clone()).unwrap_or_default());
                format!("{} {number}", t(text("台账", "Ledger")))
            }}</h1>
            {content}
        </section>
    }
    .into_any()
}

fn figures(state: LedgerState) -> AnyView {
    let shown = move || {
        let book = state.book.get().unwrap_or_default();
        let total = book.total();
        let facts = book.figures().map(|(label, figure)| {
            let amount = format!("{} {}", grouped(&plain(figure)), book.currency);
            view! { <div class="fact"><dt>{t(label)}</dt><dd>{amount}</dd></div> }
        });
        let validity = format!("{} — {}", book.valid_from, book.valid_to);
        view! {
            <dl class="facts">
                <div class="fact"><dt>{t(text("经营单位", "Operator"))}</dt><dd>{format!("{} {}", book.operator_code, book.operator_name)}</dd></div>
                <div class="fact"><dt>{t(text("账册有效期", "Validity"))}</dt><dd>{validity}</dd></div>
                <div class="fact"><dt>{t(LIFE)}</dt><dd>{t(book.life(&show_date(today())))}</dd></div>
                {facts.into_iter().collect_view()}
            </dl>
            {bar(total.exported.booked, total.exempt.booked, total.exempt.reserved)}
        }
    };
    view! { <div class="panel ledger-figures">{shown}</div> }.into_any()
}

/// How much of what was exported came back exempt, as a bar.
fn bar(exported: Decimal, booked: Decimal, reserved: Decimal) -> impl IntoView {
    let percent = |part: Decimal| {
        part.checked_div(exported).map_or(Decimal::ZERO, |share| (share * Decimal::ONE_HUNDRED).round_dp(1))
    };
    let (used, waiting) = (percent(booked), percent(reserved));
    let told = Message::new(
        format!("已核注全免占已出口{used}%，在途{waiting}%"),
        format!("{used} % of what was exported came back exempt, {waiting} % is under way"),
    );
    view! {
        <div class="ledger-bar" role="img" aria-label=tm(&told)>
            <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect class="ledger-bar-all" width="100" height="4"/>
                <rect class="ledger-bar-booked" width=used.to_string() height="4"/>
                <rect class="ledger-bar-reserved" x=used.to_string() width=waiting.to_string() height="4"/>
            </svg>
            <span>{tm(&told)}</span>
        </div>
    }
}

fn goods(state: LedgerState) -> AnyView {
    let columns = Columns::new("ledger-goods", GOODS.iter().map(Column::in_words).collect());
    let sort = columns.sort();
    let typed = RwSignal::new(String::new());
    let shown = Memo::new(move |_| {
        let wanted = folded(typed.get().trim()).to_lowercase();
        let found = |row: &Values| {
            wanted.is_empty()
                || ["seq", "hs_code", "goods_name", "spec_model", "entry"]
                    .iter()
                    .any(|key| folded(row.get(key)).to_lowercase().contains(&wanted))
        };
        let mut shown = state.book.with(|book| book.as_ref().map(rows::goods).unwrap_or_default());
        shown.retain(found);
        if let Some(sort) = sort.get() {
            let is_number = |field: &&Field| field.key == sort.key && matches!(field.kind, Kind::Decimal { .. });
            let numeric = GOODS.iter().any(|field| is_number(&field));
            shown.sort_by(|one, other| compare(sort, numeric, one.get(sort.key), other.get(sort.key)));
        }
        shown
    });
    let name = text("商品", "Goods");
    let grid_rows = GridRows::of(shown.into(), row_id, |row, key| row.get(key).to_owned());
    let open = Callback::new(move |id: Uuid| {
        let found = shown.with_untracked(|rows| {
            let row = rows.iter().find(|row| row_id(row) == id)?;
            Some((row.get("way") == "E", row.get("seq").parse().ok()?))
        });
        if let Some((is_export, seq)) = found {
            state.show(Some((if is_export { Side::Exported } else { Side::Exempt }, seq)));
            focus::enter(LINES_ID.to_owned());
        }
    });
    view! {
        <div class="panel results">
            <div class="section-bar" role="toolbar" aria-label=move || t(name)>
                <ActionButton label=text("刷新", "Refresh") icon="refresh" kind=ButtonKind::Plain on_press=Callback::new(move |()| state.read(None))/>
                <ActionButton label=text("导出", "Export") icon="download" kind=ButtonKind::Plain
                    on_press=Callback::new(move |()| spawn_local(export(state.id)))/>
                <ActionButton label=text("打印", "Print") icon="print" kind=ButtonKind::Plain
                    on_press=Callback::new(move |()| { let _ = window().open_with_url_and_target(&print_address(state.id), "_blank"); })/>
                <span class="bar-note">{move || t(text("回车或双击查看该商品的明细", "Enter or a double click shows the lines of the goods"))}</span>
                <span class="bar-gap"></span>
                <input type="search" class="quick"
                    aria-label=move || t(FILTER)
                    placeholder=move || t(FILTER)
                    prop:value=move || typed.get()
                    on:input=move |event| {
                        // Nothing is written into what is being composed.
                        if !ime::is_partial(&event) {
                            typed.set(event_target_value(&event));
                        }
                    }
                    on:compositionend=move |event| typed.set(event_target_value(&event))/>
                <ColumnChooser columns/>
            </div>
            <Grid name columns rows=grid_rows active=RwSignal::new(None) sort height=12
                empty=text("账册中没有商品", "The book has no goods") on_open=open/>
        </div>
    }
    .into_any()
}

/// Exports and re-imports count each from 1.
fn row_id(row: &Values) -> Uuid {
    let seq: u64 = row.get("seq").parse().unwrap_or_default();
    Uuid::from_u128(u128::from(seq) * 2 + u128::from(row.get("way") == "E"))
}

fn lines(state: LedgerState) -> AnyView {
    let columns = Columns::new("ledger-lines", LINES.iter().map(Column::in_words).collect());
    let shown = Memo::new(move |_| {
        let of = |line: &LedgerLine| (line.id(), rows::line(line));
        state.lines.with(|lines| lines.lines.iter().map(of).collect::<Vec<_>>())
    });
    let grid_rows = GridRows::of(shown.into(), |(id, _): &(Uuid, Values)| *id, |(_, row), key| row.get(key).to_owned());
    let open = Callback::new(move |id: Uuid| {
        let found = state.lines.with_untracked(|lines| lines.lines.iter().find(|line| line.id() == id).cloned());
        if let Some(line) = found {
            let kind = if line.side == Side::Exported.code() { &EXPORT_NAMING } else { &IMPORT_NAMING };
            tabs::open(Tab::Document { kind, id: line.entry_id, new: false, read_only: true });
        }
    });
    let heading = move || {
        tm(&match state.goods.get() {
            None => text("全部明细", "All lines").into(),
            Some((side, seq)) => {
                let Text { zh, en } = side.label();
                Message::new(format!("{zh} 商品序号{seq} 的明细"), format!("Lines of {en} no. {seq}"))
            }
        })
    };
    let total = move || state.lines.with(|lines| lines.total);
    let pages = move || ((total() + PAGE_SIZE - 1) / PAGE_SIZE).max(1);
    let side = move |wanted: Side| {
        Callback::new(move |()| {
            if let Some((_, seq)) = state.goods.get_untracked() {
                state.show(Some((wanted, seq)));
            }
        })
    };
    let no_goods = Signal::derive(move || !matches!(state.goods.get(), Some((Side::Exempt | Side::Taxed, _))));
    view! {
        <div class="panel results" id=LINES_ID>
            <h2 class="row-heading">{heading}</h2>
            <div class="section-bar" role="toolbar" aria-label=move || t(text("明细", "Lines"))>
                <ActionButton label=text("显示全部", "Show all") icon="list" kind=ButtonKind::Plain keys="F9"
                    on_press=Callback::new(move |()| state.show(None))/>
                <ActionButton label=text("全免明细", "Exempt") icon="list" kind=ButtonKind::Plain disabled=no_goods on_press=side(Side::Exempt)/>
                <ActionButton label=text("征税明细", "Taxed") icon="list" kind=ButtonKind::Plain disabled=no_goods on_press=side(Side::Taxed)/>
                <span class="bar-note">{move || t(text("回车或双击打开报关单", "Enter or a double click opens the entry"))}</span>
                <span class="bar-gap"></span>
                <ColumnChooser columns/>
            </div>
            <Grid name=text("台账明细", "Ledger lines") columns rows=grid_rows active=RwSignal::new(None) height=12
                state=Signal::from(state.grid) empty=text("还没有明细", "No lines yet") on_open=open
                on_retry=Callback::new(move |()| state.read_lines(state.page.get_untracked()))/>
            <div class="pager">
                <span role="status">{move || tm(&Message::new(
                    format!("共{}行，第{}/{}页", total(), state.page.get() + 1, pages()),
                    format!("{} in all, page {} of {}", total(), state.page.get() + 1, pages()),
                ))}</span>
                <ActionButton label=text("上一页", "Previous") icon="left" kind=ButtonKind::Plain
                    disabled=Signal::derive(move || state.page.get() == 0)
                    on_press=Callback::new(move |()| state.read_lines(state.page.get_untracked() - 1))/>
                <ActionButton label=text("下一页", "Next") icon="right" kind=ButtonKind::Plain
                    disabled=Signal::derive(move || state.page.get() + 1 >= pages())
                    on_press=Callback::new(move |()| state.read_lines(state.page.get_untracked() + 1))/>
            </div>
        </div>
    }
    .into_any()
}

/// 导出: through the session first, so that an error is said and not saved as a file.
async fn export(id: Uuid) {
    match call(|| crate::document::api::status(Vec::new())).await {
        Ok(_) => save_as(&export_address(id)),
        Err(error) => toast::failed(&error),
    }
}
