//! 变更记录: all documents of a book, newest first, each opened by Enter. A dialog of the open document and of the list.
//! Only shows.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use crate::document::Status;
use crate::document::change::api;
use crate::document::change::model::Version;
use crate::document::kind::Kind;
use crate::document::page::labels::HISTORY;
use crate::text::{Text, text};
use crate::ui::call::call;
use crate::ui::dialog::Dialog;
use crate::ui::grid::{Column, Columns, Grid, GridRows, GridState};
use crate::ui::lang::t;
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::workspace::tabs::{self, Tab};

const IN_FORCE: &[(&str, Text)] = &[("in-force", text("现行", "In force"))];

/// The dialog behind 变更记录.
#[component]
pub fn HistoryDialog(open: RwSignal<bool>, kind: &'static Kind, id: Uuid) -> impl IntoView {
    view! {
        <Dialog open title=Signal::derive(move || t(HISTORY).to_owned()) wide=true>
            {move || content(open, kind, id)}
        </Dialog>
    }
    .into_any()
}

fn content(open: RwSignal<bool>, kind: &'static Kind, id: Uuid) -> AnyView {
    let versions: RwSignal<Vec<Version>> = RwSignal::new(Vec::new());
    let grid = RwSignal::new(GridState::Loading);
    let active = RwSignal::new(None);
    let read = move || {
        grid.set(GridState::Loading);
        spawn_local(async move {
            match call(|| api::history(id)).await {
                Ok(found) => {
                    active.try_set(found.first().map(|version| version.id));
                    versions.try_set(found);
                    grid.try_set(GridState::Ready);
                }
                Err(error) => {
                    grid.try_set(GridState::Failed(error.message));
                }
            }
        });
    };
    read();
    let columns = Columns::new(
        "history",
        vec![
            Column::new("change_seq", text("变更次数", "Changes"), 7).numeric(),
            Column::new("status", text("数据状态", "State"), 11).pill(&Status::CHOICES),
            Column::new("in_force", text("现行", "In force"), 6).pill(IN_FORCE),
            Column::new("seq_no", text("统一编号", "Unified no."), 17),
            Column::new("valid_to", text("结束有效日期", "Valid until"), 11),
            Column::new("declared_on", text("申报日期", "Declared on"), 9),
            Column::new("approved_on", text("批准日期", "Approved on"), 9),
        ],
    );
    let rows = GridRows::of(
        versions.into(),
        |version: &Version| version.id,
        |version, key| match key {
            "change_seq" => version.change_seq.to_string(),
            "status" => version.status.code().to_owned(),
            "in_force" => if version.in_force { "in-force" } else { "" }.to_owned(),
            "seq_no" => version.seq_no.clone(),
            "valid_to" => version.valid_to.clone(),
            "declared_on" => version.declared_on.clone(),
            _ => version.approved_on.clone(),
        },
    );
    let show = Callback::new(move |id: Uuid| {
        open.set(false);
        tabs::open(Tab::Document { kind: kind.naming, id, new: false, read_only: true });
    });
    view! {
        <Grid name=HISTORY columns rows empty=text("还没有变更记录", "No history yet") active height=10
            state=Signal::from(grid) on_open=show on_retry=Callback::new(move |()| read())/>
        <p class="form-note">{t(text(
            "回车或双击查看该次的内容；其中的“变更对比”显示与上一次的差异。",
            "Enter or a double click shows one of them; its 变更对比 tells how it differs from the one before.",
        ))}</p>
        <div class="dialog-buttons">
            <ActionButton label=text("关闭", "Close") icon="" kind=ButtonKind::Plain
                on_press=Callback::new(move |()| open.set(false))/>
        </div>
    }
    .into_any()
}
