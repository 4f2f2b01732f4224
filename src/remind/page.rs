//! The list of the program's own reminders, under what waits (`todo::page`): what it reminded of, when, and what became of the
//! mails. Enter opens the document. Only reads.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::api;
use super::model::{Mailed, REMINDERS, Reminder};
use crate::form::show_time;
use crate::kinds;
use crate::text::text;
use crate::ui::call::call;
use crate::ui::grid::{Column, ColumnChooser, Columns, Grid, GridRows, GridState};
use crate::ui::lang::{said, t, tm};
use crate::workspace::tabs::{self, Tab};

#[derive(Clone, Copy)]
struct State {
    reminders: RwSignal<Vec<Reminder>>,
    grid: RwSignal<GridState>,
    /// Number of the last question: an answer to an earlier one that comes later counts no more.
    turn: StoredValue<u32>,
}

impl State {
    fn read(self) {
        let turn = self.turn.with_value(|turn| turn + 1);
        self.turn.set_value(turn);
        // What stands there stays until the answer is there.
        let is_shown = self.grid.with_untracked(|grid| matches!(grid, GridState::Ready));
        if !is_shown {
            self.grid.set(GridState::Loading);
        }
        spawn_local(async move {
            let answer = call(api::list).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Ok(reminders) => {
                    self.reminders.set(reminders);
                    self.grid.set(GridState::Ready);
                }
                Err(error) => self.grid.set(GridState::Failed(error.message)),
            }
        });
    }
}

/// The reminders of the last weeks. `operator`: of which enterprise, empty for all; `read`: grows when they are to be read.
#[component]
pub fn Reminders(operator: Signal<String>, read: Signal<u32>) -> impl IntoView {
    let state = State {
        reminders: RwSignal::new(Vec::new()),
        grid: RwSignal::new(GridState::Loading),
        turn: StoredValue::new(0),
    };
    Effect::new(move |_| {
        read.track();
        untrack(|| state.read());
    });
    let columns = Columns::new("reminders", REMINDERS.iter().map(Column::in_words).collect());
    let shown = Memo::new(move |_| {
        let operator = operator.get();
        let mut shown = state.reminders.get();
        shown.retain(|one| operator.is_empty() || one.operator_code == operator);
        shown
    });
    let grid_rows = GridRows::of(shown.into(), |one: &Reminder| one.id, cell);
    let open = Callback::new(move |id: Uuid| {
        let found = shown.with_untracked(|shown| shown.iter().find(|one| one.id == id).cloned());
        if let Some(one) = found
            && let Some(kind) = kinds::naming(&one.kind)
        {
            tabs::open(Tab::Document { kind, id: one.document, new: false, read_only: true });
        }
    });
    view! {
        <div class="panel results">
            <div class="section-bar" role="toolbar" aria-label=said(text("系统提醒", "Reminders"))>
                <h2 class="row-heading">{said(text("系统提醒", "Reminders"))}</h2>
                <span class="bar-note">{said(text(
                    "由本系统按设置的天数发出，每件事一次，不是海关通知",
                    "Written by this system on the days of its settings, once each; not by customs",
                ))}</span>
                <span class="bar-gap"></span>
                <ColumnChooser columns/>
            </div>
            <Grid name=text("系统提醒", "Reminders") columns rows=grid_rows active=RwSignal::new(None) height=8
                state=Signal::from(state.grid) empty=text("近90天没有系统提醒", "No reminders within 90 days") on_open=open
                on_retry=Callback::new(move |()| state.read())/>
        </div>
    }
    .into_any()
}

fn cell(one: &Reminder, key: &'static str) -> String {
    match key {
        "at" => show_time(&one.at),
        "name" => one.name.clone(),
        "told" => tm(&one.told),
        "mailed" => one.mailed.code().to_owned(),
        "mail_told" if one.mailed == Mailed::Sent => {
            format!("{} {}", one.mail_told, t(text("人", "readers")))
        }
        "mail_told" => one.mail_told.clone(),
        _ => one.operator_code.clone(),
    }
}
