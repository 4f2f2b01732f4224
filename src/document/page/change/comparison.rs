//! 变更对比: what a change changes, before and after, field by field; from each line to its field. A dialog of the open
//! document, and the table above the question of 申报. Only shows: the server compares.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use crate::attachment::model as attachment;
use crate::attachment::rules::kind_label;
use crate::document::Mark;
use crate::document::change::api;
use crate::document::change::model::{Comparison, FieldChange, RowChange, export_differences};
use crate::document::kind::{HEAD, Kind};
use crate::document::page::actions::go_to;
use crate::document::page::labels::{DIFFERENCES, EXPORT};
use crate::document::page::load::export;
use crate::document::page::state::DocumentState;
use crate::document::place::{name_of, place_of};
use crate::error::ApiError;
use crate::form::pointer;
use crate::text::{Message, Text, text};
use crate::ui::call::call;
use crate::ui::codes;
use crate::ui::dialog::Dialog;
use crate::ui::grid::{Column, Columns, Grid, GridRows, GridState};
use crate::ui::lang::{language, t};
use crate::ui::parts::{ActionButton, ButtonKind};

const NOTHING: Text = text("没有变更内容", "Nothing was changed");
/// More lines than this are not put above the question of 申报; the dialog shows all.
const MOST_ASKED: usize = 200;
/// So many fields tell which row is meant.
const MOST_NAMED: usize = 4;

/// One line: a field that differs.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    id: Uuid,
    pointer: String,
    mark: Mark,
    before: String,
    after: String,
}

/// All lines of a comparison, as the workbook has them: the head, row by row, papers that came.
fn lines(kind: &'static Kind, comparison: &Comparison) -> Vec<Line> {
    let head = comparison.head.iter().map(|field| line(kind, pointer(HEAD, None, &field.key), Mark::Changed, field));
    let of_row = |row: &RowChange| {
        let (section, seq, mark) = (row.section.clone(), row.seq, row.mark);
        let one = move |field: &FieldChange| line(kind, pointer(&section, Some(seq), &field.key), mark, field);
        row.fields.iter().map(one).collect::<Vec<_>>()
    };
    let papers = comparison.papers.iter().map(|paper| {
        let after = format!("{} {}", t(kind_label(&paper.att_type)), paper.file_name);
        let pointer = pointer(attachment::SECTION, Some(paper.seq), "att_type");
        Line { id: Uuid::now_v7(), pointer, mark: Mark::Added, before: String::new(), after }
    });
    head.chain(comparison.rows.iter().flat_map(of_row)).chain(papers).collect()
}

fn line(kind: &'static Kind, pointer: String, mark: Mark, field: &FieldChange) -> Line {
    let shown = |value: &str| {
        let field = place_of(kind, &pointer).and_then(|place| place.field);
        field.map_or_else(|| value.to_owned(), |field| codes::show(field.kind, value))
    };
    let (before, after) = (shown(&field.before), shown(&field.after));
    Line { id: Uuid::now_v7(), pointer, mark, before, after }
}

/// The dialog behind 变更对比 (Alt+G).
#[component]
pub fn ComparisonDialog(state: DocumentState, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title=Signal::derive(move || t(DIFFERENCES).to_owned()) wide=true>
            {move || content(state, open)}
        </Dialog>
    }
    .into_any()
}

fn content(state: DocumentState, open: RwSignal<bool>) -> AnyView {
    let found: RwSignal<Vec<Line>> = RwSignal::new(Vec::new());
    let grid = RwSignal::new(GridState::Loading);
    let active = RwSignal::new(None);
    let read = move || {
        grid.set(GridState::Loading);
        spawn_local(async move {
            match call(|| api::differences(state.id)).await {
                Ok(comparison) => {
                    let all = untrack(|| lines(state.kind, &comparison));
                    active.try_set(all.first().map(|line| line.id));
                    found.try_set(all);
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
        "differences",
        vec![
            Column::new("place", text("字段", "Field"), 34),
            Column::new("mark", text("修改标志", "Mark"), 8).pill(super::MARKS),
            Column::new("before", text("变更前", "Before"), 28),
            Column::new("after", text("变更后", "After"), 28),
        ],
    );
    let rows = GridRows::of(
        found.into(),
        |line: &Line| line.id,
        |line, key| match key {
            "mark" => super::mark_code(line.mark).to_owned(),
            "before" => line.before.clone(),
            "after" => line.after.clone(),
            _ => line.pointer.clone(),
        },
    );
    // The place is told in words of the language that is shown.
    let rows = GridRows {
        cell: Callback::new(move |(index, key)| {
            let value = rows.cell.run((index, key));
            if key == "place" { name_of(state.kind, &value, language()) } else { value }
        }),
        ..rows
    };
    let go = Callback::new(move |id: Uuid| {
        let target = found.with_untracked(|all| all.iter().find(|line| line.id == id).map(|line| line.pointer.clone()));
        if let Some(target) = target {
            open.set(false);
            go_to(state, &target);
        }
    });
    view! {
        <Grid name=DIFFERENCES columns rows empty=NOTHING active height=16 state=Signal::from(grid)
            on_open=go on_retry=Callback::new(move |()| read())/>
        <div class="dialog-buttons">
            <ActionButton label=EXPORT icon="download" kind=ButtonKind::Plain
                on_press=Callback::new(move |()| spawn_local(export(export_differences(state.id))))/>
            <ActionButton label=text("关闭", "Close") icon="" kind=ButtonKind::Plain
                on_press=Callback::new(move |()| open.set(false))/>
        </div>
    }
    .into_any()
}

/// What a change changes as rows of a question: field, before, after.
///
/// # Errors
/// Why the server could not say.
pub async fn changes_to_confirm(state: DocumentState) -> Result<Vec<[String; 3]>, ApiError> {
    let mut comparison = call(|| api::differences(state.id)).await?;
    // A row that comes or goes is one line here: which one it is, not everything it says.
    for row in comparison.rows.iter_mut().filter(|row| row.mark != Mark::Changed) {
        row.fields.truncate(MOST_NAMED);
        let joined = |side: fn(&FieldChange) -> &str| {
            row.fields.iter().map(side).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
        };
        let (before, after) = (joined(|field| &field.before), joined(|field| &field.after));
        row.fields = vec![FieldChange { key: String::new(), before, after }];
    }
    let all = untrack(|| lines(state.kind, &comparison));
    let more = all.len().saturating_sub(MOST_ASKED);
    let shown = |line: Line| {
        let name = untrack(|| name_of(state.kind, &line.pointer, language()));
        let mark = match line.mark {
            Mark::Added | Mark::Deleted => format!("({})", untrack(|| t(line.mark.label()))),
            Mark::Same | Mark::Changed => String::new(),
        };
        [format!("{name}{mark}"), line.before, line.after]
    };
    let mut rows: Vec<_> = all.into_iter().take(MOST_ASKED).map(shown).collect();
    if more > 0 {
        let words = Message::new(format!("另有{more}处，见“变更对比”"), format!("{more} more: see the differences"));
        rows.push([untrack(|| crate::ui::lang::tm(&words)), String::new(), String::new()]);
    }
    Ok(rows)
}
