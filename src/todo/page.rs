//! The screen of 待办: the box for numbers, how much waits of each sort and for whom, and the list; Enter opens what waits. A tab
//! (`app::pages`), and what stands where no tab is open. Renews itself while it is looked at, and asks for what drafts lack once
//! they are listed. Only reads.

use std::collections::HashMap;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::api;
use super::model::{Checked, ITEMS, Item, MOST_CHECKED, Todo, Why};
use crate::account::rights::Right;
use crate::find::page::FindBox;
use crate::hint::page as hint;
use crate::kinds;
use crate::remind::page::Reminders;
use crate::text::{Message, Text, text};
use crate::ui::call::{call, signed_out};
use crate::ui::grid::{Column, ColumnChooser, Columns, Grid, GridRows, GridState, compare};
use crate::ui::lang::{said, t, tm};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::workspace::tabs::{self, Tab, TabKey};
use crate::workspace::{may, me, me_now, stored};

/// Between two looks at what waits, where nothing is heard of changes.
const RENEW: Duration = Duration::from_mins(1);
/// The same where they are heard of: what waits hangs on the day, too.
const RENEW_SELDOM: Duration = Duration::from_mins(10);
/// After a change, so that many at once are one look.
const SOON: Duration = Duration::from_secs(2);

#[derive(Clone, Copy)]
struct TodoState {
    todo: RwSignal<Todo>,
    /// What drafts lack, as far as they were looked at in this version.
    checked: RwSignal<HashMap<Uuid, Checked>>,
    /// Why what is listed could not be renewed.
    outdated: RwSignal<Option<Message>>,
    /// 经营单位 whose matters are listed; empty: all.
    operator: RwSignal<String>,
    /// The sort of matters listed; `None`: all.
    why: RwSignal<Option<Why>>,
    grid: RwSignal<GridState>,
    /// Number of the last question: an answer to an earlier one that comes later counts no more.
    turn: StoredValue<u32>,
    /// How often all was asked for: the reminders go along.
    reads: RwSignal<u32>,
}

impl TodoState {
    /// Reads all, and looks at drafts anew: what they lack may hang on the day and on their book.
    fn read_anew(self) {
        self.checked.set(HashMap::new());
        self.read_all();
    }

    fn read_all(self) {
        self.reads.update(|reads| *reads += 1);
        self.read();
    }

    /// Reads because somebody wants to see: what stood there makes way.
    fn read(self) {
        self.grid.set(GridState::Loading);
        self.ask(false);
    }

    fn ask(self, renews: bool) {
        let turn = self.turn.with_value(|turn| turn + 1);
        self.turn.set_value(turn);
        let operator = self.operator.get_untracked();
        spawn_local(async move {
            // What nobody asked for waits for no sign-in, and asks for none.
            let answer = match renews {
                true => api::list(operator, renews).await,
                false => call(|| api::list(operator.clone(), renews)).await,
            };
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Ok(todo) => {
                    self.todo.set(todo);
                    self.outdated.set(None);
                    self.grid.set(GridState::Ready);
                    if renews {
                        self.reads.update(|reads| *reads += 1);
                    }
                    self.check(turn).await;
                }
                // What stands there is still of use.
                Err(error) if renews => self.outdated.set(Some(error.message)),
                Err(error) => self.grid.set(GridState::Failed(error.message)),
            }
        });
    }

    /// Asks what the listed drafts lack, a few at a time, those that changed since they were looked at.
    async fn check(self, turn: u32) {
        let is_new = |item: &&Item| {
            self.checked.with_untracked(|known| known.get(&item.id).is_none_or(|one| one.version != item.version))
        };
        let mut ids: Vec<Uuid> = self.todo.with_untracked(|todo| {
            todo.items.iter().filter(|item| item.why == Why::Draft).filter(is_new).map(|item| item.id).collect()
        });
        while !ids.is_empty() {
            let asked = ids[..ids.len().min(MOST_CHECKED)].to_vec();
            // Not asked for by anybody: what fails here is asked for with the next look.
            let Ok(found) = api::check(asked.clone()).await else { return };
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            let last = found.last().and_then(|last| asked.iter().position(|id| *id == last.id));
            ids.drain(..last.map_or(asked.len(), |last| last + 1));
            self.checked.update(|known| known.extend(found.into_iter().map(|one| (one.id, one))));
        }
    }

    /// Looks again when something changed, and now and then, as long as the screen lives and is looked at.
    fn renew(self, tab: Option<TabKey>) {
        spawn_local(async move {
            let (mut heard, mut waited) = (untrack(hint::count), Duration::ZERO);
            loop {
                gloo_timers::future::sleep(SOON).await;
                waited += SOON;
                let Some(grid) = self.grid.try_get_untracked() else { return };
                let is_seen = !document().hidden() && untrack(|| tab.is_none_or(tabs::is_active));
                let may_ask = untrack(signed_out).is_none() && !matches!(grid, GridState::Loading);
                let is_due = waited >= if hint::is_live() { RENEW_SELDOM } else { RENEW };
                let is_new = untrack(hint::count) != heard;
                if is_seen && may_ask && (is_due || is_new) {
                    (heard, waited) = (untrack(hint::count), Duration::ZERO);
                    self.ask(true);
                }
            }
        });
    }

    fn choose_operator(self, code: &str) {
        // Once more takes the choice back.
        let is_chosen = self.operator.with_untracked(|chosen| chosen == code);
        self.operator.set(if is_chosen { String::new() } else { code.to_owned() });
        self.read();
    }

    fn choose_why(self, why: Option<Why>) {
        self.why.update(|chosen| *chosen = if *chosen == why { None } else { why });
    }

    /// How much of a sort waits for the chosen enterprise, or for all; tracked.
    fn count(self, why: Option<Why>) -> i64 {
        let operator = self.operator.get();
        self.todo.with(|todo| {
            let counted = todo.counts.iter().filter(|count| operator.is_empty() || count.operator_code == operator);
            counted.filter(|count| why.is_none_or(|why| count.why == why)).map(|count| count.count).sum()
        })
    }
}

/// 待办. `tab`: the one it stands in, if any.
#[component]
pub fn TodoPage(tab: Option<TabKey>) -> impl IntoView {
    let state = TodoState {
        todo: RwSignal::new(Todo::default()),
        checked: RwSignal::new(HashMap::new()),
        outdated: RwSignal::new(None),
        operator: RwSignal::new(String::new()),
        why: RwSignal::new(None),
        grid: RwSignal::new(GridState::Loading),
        turn: StoredValue::new(0),
        reads: RwSignal::new(0),
    };
    // What was stored elsewhere, and what customs answered meanwhile, is shown as soon as it is in front again.
    Effect::new(move |_| {
        stored::count();
        if tab.is_none_or(tabs::is_active) {
            untrack(|| state.read_all());
        }
    });
    state.renew(tab);
    view! {
        <section class="page todo">
            <div class="todo-top">
                <h1 class="page-title">{said(text("待办", "To do"))}</h1>
                <FindBox/>
            </div>
            {move || (me().is_some_and(|me| me.acts_for.len() > 1)).then(|| enterprises(state))}
            {list(state)}
            <Reminders operator=Signal::from(state.operator) read=Signal::from(state.reads)/>
        </section>
    }
    .into_any()
}

/// How much waits for whom, for those who act for several.
fn enterprises(state: TodoState) -> AnyView {
    let names = me_now().map(|me| me.acts_for).unwrap_or_default();
    let rows = move || {
        let counts = state.todo.with(|todo| todo.counts.clone());
        let count = |code: &str, why: Why| {
            counts.iter().find(|count| count.operator_code == code && count.why == why).map_or(0, |count| count.count)
        };
        let mut rows: Vec<(i64, String, String)> = names
            .iter()
            .map(|one| (Why::ALL.iter().map(|why| count(&one.code, *why)).sum(), one.code.clone(), one.name.clone()))
            .collect();
        rows.retain(|(sum, code, _)| *sum > 0 || state.operator.with(|chosen| chosen == code));
        // Who has most to do comes first.
        rows.sort_by_key(|(sum, ..)| -sum);
        rows.into_iter()
            .map(|(_, code, name)| {
                let cell = |why: Why| {
                    let count = count(&code, why);
                    view! { <td class="numeric">{(count > 0).then(|| count.to_string())}</td> }
                };
                let cells = Why::ALL.into_iter().map(cell).collect_view();
                let (pressed, chosen) = (code.clone(), code.clone());
                view! {
                    <tr>
                        <th scope="row">
                            <button type="button" class="link"
                                aria-pressed=move || if state.operator.with(|now| *now == pressed) { "true" } else { "false" }
                                on:click=move |_| state.choose_operator(&chosen)>
                                {format!("{code} {name}")}
                            </button>
                        </th>
                        {cells}
                    </tr>
                }
            })
            .collect_view()
    };
    let heading = |why: Why| view! { <th scope="col">{said(why.label())}</th> };
    let headings = Why::ALL.into_iter().map(heading).collect_view();
    view! {
        <div class="panel todo-enterprises">
            <table>
                <thead><tr><th scope="col">{said(text("经营单位（选中后只列该单位）", "Operator (choose one to list it alone)"))}</th>{headings}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn list(state: TodoState) -> AnyView {
    let columns = Columns::new("todo", ITEMS.iter().map(Column::in_words).collect());
    let sort = columns.sort();
    let shown = Memo::new(move |_| {
        let why = state.why.get();
        let mut shown = state.todo.with(|todo| todo.items.clone());
        shown.retain(|item| why.is_none_or(|why| item.why == why));
        state.checked.with(|known| shown.iter_mut().for_each(|item| tell(item, known)));
        if let Some(sort) = sort.get() {
            shown.sort_by(|one, other| compare(sort, false, &cell(one, sort.key), &cell(other, sort.key)));
        }
        shown
    });
    let open = Callback::new(move |id: Uuid| {
        let found = shown.with_untracked(|items| items.iter().find(|item| item.id == id).cloned());
        if let Some(item) = found {
            open(&item);
        }
    });
    let grid_rows = GridRows::of(shown.into(), |item: &Item| item.id, cell);
    let sorts = std::iter::once(None).chain(Why::ALL.map(Some)).map(move |why| one_sort(state, why)).collect_view();
    let shown_of = move || {
        let (listed, all) = (shown.with(Vec::len), state.count(state.why.get()));
        let is_part = i64::try_from(listed).is_ok_and(|listed| listed < all);
        is_part.then(|| {
            let told = Message::new(
                format!("共{all}项，列出{listed}项；其余请选择经营单位，或用数据查询"),
                format!("{listed} of {all}: choose an operator, or use the queries, for the rest"),
            );
            tm(&told)
        })
    };
    let outdated = move || {
        let why = state.outdated.get()?;
        let told = Message::new(
            format!("未能自动刷新，所列可能不是最新：{}", why.zh),
            format!("It could not be renewed and may be out of date: {}", why.en),
        );
        Some(tm(&told))
    };
    view! {
        <div class="panel results">
            <div class="section-bar" role="toolbar" aria-label=said(text("待办", "To do"))>
                {sorts}
                <span class="bar-gap"></span>
                <ActionButton label=text("刷新", "Refresh") icon="refresh" kind=ButtonKind::Plain on_press=Callback::new(move |()| state.read_anew())/>
                <ColumnChooser columns/>
            </div>
            <Grid name=text("待办", "To do") columns rows=grid_rows active=RwSignal::new(None) sort height=14
                state=Signal::from(state.grid) empty=text("没有待办事项", "Nothing to do") on_open=open
                on_retry=Callback::new(move |()| state.read())/>
            <p class="todo-note" role="status">{shown_of}</p>
            <p class="todo-note" role="status">{outdated}</p>
        </div>
    }
    .into_any()
}

/// A sort of matters and how many there are: pressed, it is listed alone.
fn one_sort(state: TodoState, why: Option<Why>) -> AnyView {
    const ALL: Text = text("全部", "All");
    let label = why.map_or(ALL, Why::label);
    let is_pressed = move || state.why.get() == why;
    let count = move || state.count(why);
    view! {
        <button type="button" class="button quiet todo-sort"
            hidden=move || why.is_some() && count() == 0 && !is_pressed()
            aria-pressed=move || if is_pressed() { "true" } else { "false" }
            on:click=move |_| state.choose_why(why)>
            {said(label)} " " <strong>{count}</strong>
        </button>
    }
    .into_any()
}

/// Adds what a draft lacks to what there is to know of it.
fn tell(item: &mut Item, known: &HashMap<Uuid, Checked>) {
    if let Some(checked) = known.get(&item.id).filter(|checked| checked.version == item.version) {
        let (told, lacks) = (&item.told, &checked.told);
        item.told = Message::new(format!("{}；{}", told.zh, lacks.zh), format!("{}; {}", told.en, lacks.en));
    }
}

fn cell(item: &Item, key: &'static str) -> String {
    match key {
        "why" => item.why.code().to_owned(),
        "name" => item.name.clone(),
        "told" => tm(&item.told),
        "since" => item.since.clone(),
        "noun" => kinds::naming(&item.kind).map_or_else(String::new, |kind| t(kind.noun).to_owned()),
        _ => {
            let name = me().and_then(|me| me.acts_for.into_iter().find(|one| one.code == item.operator_code));
            format!("{} {}", item.operator_code, name.map(|one| one.name).unwrap_or_default())
        }
    }
}

fn open(item: &Item) {
    let tab = match item.document {
        None => Tab::Registration,
        Some(id) => {
            let Some(kind) = kinds::naming(&item.kind) else { return };
            let editable = item.editable && untrack(|| may(Right::Enter, &item.operator_code));
            Tab::Document { kind, id, new: false, read_only: !editable }
        }
    };
    tabs::open(tab);
}
