//! The screen of 统计: what is asked for, the totals, a chart, the lines, and why documents were sent back. A tab of its own
//! (`app::pages`). Only reads.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::api;
use super::model::{Asked, By, EXPORT, Line, PRINT, REASONS, Reason, Stats, address, fields};
use super::rules::{Bar, chart};
use crate::form::{Field, Kind, grouped};
use crate::kinds;
use crate::text::{Message, Text, text};
use crate::ui::call::call;
use crate::ui::clock::today;
use crate::ui::download::save_as;
use crate::ui::grid::{Column, ColumnChooser, Columns, Grid, GridRows, GridState, compare};
use crate::ui::lang::{said, t, tm};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::toast;
use crate::workspace::me_now;

/// More bars cannot be told apart on the screen.
const MOST_BARS: usize = 12;
const NAME: Text = text("统计", "Statistics");

#[derive(Clone, Copy)]
struct StatsState {
    /// What stands in the fields above.
    asked: RwSignal<Asked>,
    /// What the figures below are of.
    shown: RwSignal<Asked>,
    stats: RwSignal<Stats>,
    grid: RwSignal<GridState>,
    /// Number of the last question: an answer to an earlier one that comes later counts no more.
    turn: StoredValue<u32>,
}

impl StatsState {
    fn ask(self) {
        let turn = self.turn.with_value(|turn| turn + 1);
        self.turn.set_value(turn);
        self.grid.set(GridState::Loading);
        let asked = self.asked.get_untracked();
        spawn_local(async move {
            let answer = call(|| api::get(asked.clone())).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Ok(stats) => {
                    self.shown.set(asked);
                    self.stats.set(stats);
                    self.grid.set(GridState::Ready);
                }
                Err(error) => {
                    // Figures of another question would be taken for the answer.
                    self.stats.set(Stats::default());
                    self.grid.set(GridState::Failed(error.message));
                }
            }
        });
    }
}

/// 统计
#[component]
pub fn StatsPage() -> impl IntoView {
    let month = today().format("%Y-%m").to_string();
    let year = format!("{}-01", &month[..4]);
    let asked = Asked { operator_code: String::new(), from: year, to: month, by: By::Book };
    let state = StatsState {
        asked: RwSignal::new(asked.clone()),
        shown: RwSignal::new(asked),
        stats: RwSignal::new(Stats::default()),
        grid: RwSignal::new(GridState::Loading),
        turn: StoredValue::new(0),
    };
    state.ask();
    // Other columns are another list.
    let by = Memo::new(move |_| state.shown.with(|shown| shown.by));
    view! {
        <section class="page stats">
            <h1 class="page-title">{said(NAME)}</h1>
            {conditions(state)}
            {totals(state)}
            {move || lines(state, by.get())}
            {reasons(state)}
        </section>
    }
    .into_any()
}

fn conditions(state: StatsState) -> AnyView {
    let mine = me_now().map(|me| me.acts_for).unwrap_or_default();
    let operators = mine
        .into_iter()
        .map(|one| view! { <option value=one.code.clone()>{format!("{} {}", one.code, one.name)}</option> })
        .collect_view();
    let sorts =
        By::ALL.map(|by| view! { <option value=by.code()>{said(by.label())}</option> }).into_iter().collect_view();
    let month = move |id: &'static str, label: Text, get: fn(&Asked) -> &String, set: fn(&mut Asked, String)| {
        view! {
            <label for=id>{said(label)}</label>
            <input id=id class="input" type="text" inputmode="numeric" maxlength="7" placeholder="2026-01"
                prop:value=move || state.asked.with(|asked| get(asked).clone())
                on:change=move |event| {
                    let typed = spelled(&event_target_value(&event));
                    state.asked.update(|asked| set(asked, typed));
                }/>
        }
    };
    view! {
        <form class="panel stats-conditions" novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                state.ask();
            }>
            <label for="stats-operator">{said(text("经营单位", "Operator"))}</label>
            <select id="stats-operator"
                on:change=move |event| state.asked.update(|asked| asked.operator_code = event_target_value(&event))>
                <option value="">{said(text("全部可查询企业", "All I act for"))}</option>
                {operators}
            </select>
            {month("stats-from", text("起始月份", "From"), |asked| &asked.from, |asked, to| asked.from = to)}
            {month("stats-to", text("截止月份", "To"), |asked| &asked.to, |asked, to| asked.to = to)}
            <label for="stats-by">{said(text("统计方式", "Added up"))}</label>
            <select id="stats-by"
                on:change=move |event| {
                    let by = By::from_code(&event_target_value(&event)).unwrap_or_default();
                    state.asked.update(|asked| asked.by = by);
                    state.ask();
                }>
                {sorts}
            </select>
            <button type="submit" class="button primary">{said(text("统计", "Add up"))}</button>
        </form>
    }
    .into_any()
}

/// A month as people type it: `202601`, `2026/1`, `2026年1月` as `2026-01`. What is none stays, and is refused.
fn spelled(typed: &str) -> String {
    let plain = crate::text::folded(typed.trim()).into_owned();
    let mut parts = plain.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty());
    let (first, second, more) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    match (first.len(), second, more) {
        (6, None, None) => format!("{}-{}", &first[..4], &first[4..]),
        (4, Some(month), None) if month.len() <= 2 => format!("{first}-{month:0>2}"),
        _ => plain,
    }
}

fn totals(state: StatsState) -> AnyView {
    let facts = move || {
        let stats = state.stats.get();
        let money = stats.totals.iter().flat_map(|total| {
            let fact = |label: Text, amount: &str| {
                let amount = format!("{} {}", grouped(amount), total.currency);
                view! { <div class="fact"><dt>{t(label)}</dt><dd>{amount}</dd></div> }
            };
            [
                fact(text("出口金额", "Exported"), &total.exported),
                fact(text("复进口全免", "Re-imported, exempt"), &total.exempt),
                fact(text("征税金额", "Taxed"), &total.taxed),
                fact(text("境外余额", "Still abroad"), &total.abroad),
            ]
        });
        let counts = [(text("终审通过", "Approved"), stats.approved), (text("退单", "Sent back"), stats.returned)];
        let counts = counts.map(|(label, count)| {
            view! { <div class="fact"><dt>{t(label)}</dt><dd>{count}</dd></div> }
        });
        view! { <dl class="facts">{money.collect_view()}{counts.into_iter().collect_view()}</dl> }
    };
    let bars = move || state.stats.with(|stats| chart(&stats.lines, MOST_BARS));
    let drawn = move || {
        let (currency, bars) = bars();
        (!bars.is_empty()).then(|| drawing(&currency, &bars))
    };
    view! { <div class="panel stats-totals">{facts}{drawn}</div> }.into_any()
}

/// The chart. The list beside it says the same in figures, so who listens hears that.
fn drawing(currency: &str, bars: &[Bar]) -> AnyView {
    let told = Message::new(
        format!("金额最大的{}项（{currency}）：深色为出口，浅色为复进口全免；数字见下表", bars.len()),
        format!("The {} largest ({currency}): dark exported, light re-imported exempt; figures below", bars.len()),
    );
    let group = |bar: &Bar| {
        view! {
            <div class="stats-group" title=bar.name.clone()>
                <svg viewBox="0 0 100 100" preserveAspectRatio="none">
                    <rect class="stats-exported" x="14" width="32" y=(rust_decimal::Decimal::ONE_HUNDRED - bar.exported).to_string() height=bar.exported.to_string()/>
                    <rect class="stats-exempt" x="54" width="32" y=(rust_decimal::Decimal::ONE_HUNDRED - bar.exempt).to_string() height=bar.exempt.to_string()/>
                </svg>
                <span>{bar.name.clone()}</span>
            </div>
        }
    };
    view! {
        <figure class="stats-chart">
            <div class="stats-bars" aria-hidden="true">{bars.iter().map(group).collect_view()}</div>
            <figcaption>{tm(&told)}</figcaption>
        </figure>
    }
    .into_any()
}

fn lines(state: StatsState, by: By) -> AnyView {
    let columns = Columns::new(list_name(by), fields(by).iter().map(Column::of).collect());
    let sort = columns.sort();
    let shown = Memo::new(move |_| {
        let mut shown = state.stats.with(|stats| stats.lines.clone());
        if let Some(sort) = sort.get() {
            let is_number = |field: &&Field| field.key == sort.key && matches!(field.kind, Kind::Decimal { .. });
            let numeric = fields(by).iter().any(|field| is_number(&field));
            shown.sort_by(|one, other| compare(sort, numeric, &one.get(sort.key), &other.get(sort.key)));
        }
        shown.into_iter().zip(1_u128..).collect::<Vec<(Line, u128)>>()
    });
    let id = |(_, place): &(Line, u128)| Uuid::from_u128(*place);
    let grid_rows = GridRows::of(shown.into(), id, |(line, _), key| line.get(key));
    view! {
        <div class="panel results">
            <div class="section-bar" role="toolbar" aria-label=said(NAME)>
                <ActionButton label=text("导出", "Export") icon="download" kind=ButtonKind::Plain
                    on_press=Callback::new(move |()| spawn_local(export(state.shown.get_untracked())))/>
                <ActionButton label=text("打印", "Print") icon="print" kind=ButtonKind::Plain keys="Ctrl+P"
                    on_press=Callback::new(move |()| {
                        let path = state.shown.with_untracked(|asked| address(PRINT, asked));
                        let _ = window().open_with_url_and_target(&path, "_blank");
                    })/>
                <span class="bar-note">{said(text(
                    "已核注的报关单，金额为账册币制，月份按进出口日期；境外余额为截止月份末出口金额减复进口全免金额",
                    "Booked entries in the currency of their book, months of 进出口日期; still abroad: exported less exempt at the end of the last month",
                ))}</span>
                <span class="bar-gap"></span>
                <ColumnChooser columns/>
            </div>
            <Grid name=NAME columns rows=grid_rows active=RwSignal::new(None) sort height=14
                state=Signal::from(state.grid) empty=text("这些月份没有已核注的报关单", "No booked entries in these months")
                on_retry=Callback::new(move |()| state.ask())/>
        </div>
    }
    .into_any()
}

/// Under which the columns are remembered: each sort has its own.
const fn list_name(by: By) -> &'static str {
    match by {
        By::Book => "stats-book",
        By::Month => "stats-month",
        By::Partner => "stats-partner",
        By::Country => "stats-country",
        By::Commodity => "stats-commodity",
    }
}

fn reasons(state: StatsState) -> AnyView {
    const REASONS_NAME: Text = text("退单原因", "Why documents were sent back");
    let columns = Columns::new("stats-reasons", REASONS.iter().map(Column::of).collect());
    let shown = Memo::new(move |_| {
        state.stats.with(|stats| stats.reasons.iter().cloned().zip(1_u128..).collect::<Vec<(Reason, u128)>>())
    });
    let id = |(_, place): &(Reason, u128)| Uuid::from_u128(*place);
    let cell = |(reason, _): &(Reason, u128), key: &'static str| match key {
        "noun" => kinds::naming(&reason.kind).map_or_else(String::new, |kind| t(kind.noun).to_owned()),
        "reason" => reason.reason.clone(),
        _ => reason.count.to_string(),
    };
    let grid_rows = GridRows::of(shown.into(), id, cell);
    view! {
        <div class="panel results">
            <h2 class="row-heading">{said(REASONS_NAME)}</h2>
            <Grid name=REASONS_NAME columns rows=grid_rows active=RwSignal::new(None) height=6
                state=Signal::from(state.grid) empty=text("这些月份没有退单", "Nothing was sent back in these months")
                on_retry=Callback::new(move |()| state.ask())/>
        </div>
    }
    .into_any()
}

async fn export(asked: Asked) {
    // A download cannot say that the session is over: asked first, the login opens over the page.
    match call(|| crate::document::api::status(Vec::new())).await {
        Ok(_) => save_as(&address(EXPORT, &asked)),
        Err(error) => toast::failed(&error),
    }
}
