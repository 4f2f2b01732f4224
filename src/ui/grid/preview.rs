//! The question before a block is pasted: how many cells are good, which are not and why. Nothing is
//! changed before the answer; a block with a bad cell is pasted only where its marking is asked for.

use leptos::prelude::*;

use super::cells::Sheet;
use super::edit::Prepared;
use crate::text::{Message, Text, text};
use crate::ui::dialog::Dialog;
use crate::ui::focus::focus_id;
use crate::ui::lang::{said, t, tm};

/// Notes that are written out; more are counted.
const MOST_NOTES: usize = 20;
/// Bad cells told at once: who has more mends the column, not the cells.
const MOST_TOLD: usize = 100;

pub(super) fn preview_dialog(sheet: Sheet) -> impl IntoView {
    let cells = sheet.cells;
    let button = format!("grid-{}-paste", sheet.frame.number);
    let first = button.clone();
    Effect::new(move |_| {
        if cells.preview_open.get() {
            focus_id(first.clone());
        }
    });
    view! {
        <Dialog open=cells.preview_open wide=true
            title=Signal::derive(|| t(text("粘贴预览", "Paste preview")).to_owned())>
            {
                let button = button.clone();
                move || cells.preview.get().map(|prepared| content(sheet, prepared, button.clone()))
            }
        </Dialog>
    }
}

fn content(sheet: Sheet, prepared: Prepared, button: String) -> AnyView {
    let cells = sheet.cells;
    let plan = &prepared.plan;
    let (rows, added, good, bad) = (plan.lines.len(), plan.added(), plan.good, plan.bad.len());
    let facts = Message::new(
        format!("共{rows}行，其中新增{added}行；正确{good}格，有误{bad}格。"),
        format!("{rows} rows, {added} of them new; {good} cells are good, {bad} are wrong."),
    );
    let mut notes: Vec<Message> = Vec::new();
    if bad > 0 {
        notes.push(
            text(
                "有误的单元格如下。可在Excel中改正后重新复制粘贴；也可粘贴并标红，在列表中改正，有误的行改正后才保存。",
                "These cells are wrong. Mend them in the spreadsheet and copy again; or paste and mark them, and mend them in the list: their rows are stored once they are in order.",
            )
            .into(),
        );
    }
    if let Some(more) = bad.checked_sub(MOST_TOLD).filter(|more| *more > 0) {
        notes.push(Message::new(
            format!("只列出前{MOST_TOLD}格，另有{more}格有误。"),
            format!("Only the first {MOST_TOLD} are listed; {more} more are wrong."),
        ));
    }
    if !plan.skipped.is_empty() {
        let names = |of: fn(&Text) -> &'static str, between: &str| {
            plan.skipped.iter().map(of).collect::<Vec<_>>().join(between)
        };
        notes.push(Message::new(
            format!("灰色列由系统返填，不粘贴：{}", names(|label| label.zh, "、")),
            format!("Grey columns are filled by the system and not pasted: {}", names(|label| label.en, ", ")),
        ));
    }
    if plan.blank > 0 {
        notes.push(Message::new(
            format!("{}个空白行不新增。", plan.blank),
            format!("{} blank rows add nothing.", plan.blank),
        ));
    }
    notes.extend(plan.notes.iter().take(MOST_NOTES).map(|(row, label, note)| {
        let row = row + 1;
        Message::new(format!("第{row}行 {}：{}", label.zh, note.zh), format!("Row {row}, {}: {}", label.en, note.en))
    }));
    if plan.notes.len() > MOST_NOTES {
        let count = plan.notes.len();
        notes.push(Message::new(
            format!("共有{count}格已补全或修约，请核对。"),
            format!("{count} cells were completed or rounded; please check."),
        ));
    }
    if plan.maybe_rounded && bad == 0 {
        notes.push(
            text(
                "剪贴板中的小数是Excel显示的位数，可能已四舍五入；如需更多位数，请先在Excel中增加小数位再复制。",
                "Decimals are as the spreadsheet shows them, perhaps rounded; show more digits there first if you need them.",
            )
            .into(),
        );
    }
    let told = plan.bad.iter().take(MOST_TOLD).map(|bad| {
        let (line, value) = (plan.lines[bad.line].at + 1, bad.text.chars().take(40).collect::<String>());
        let (label, reason) = (bad.label, bad.reason.clone());
        view! {
            <tr>
                <th scope="row">{line}</th>
                <td>{said(label)}</td>
                <td class="import-value">{value}</td>
                <td>{move || tm(&reason)}</td>
            </tr>
        }
    });
    let table = (bad > 0).then(|| {
        view! {
            <div class="import-table" tabindex="0" role="group" aria-label=said(text("有误的单元格", "Wrong cells"))>
                <table class="differences">
                    <thead>
                        <tr>
                            <th scope="col">{said(text("行", "Row"))}</th>
                            <th scope="col">{said(text("列", "Column"))}</th>
                            <th scope="col">{said(text("内容", "Content"))}</th>
                            <th scope="col">{said(text("原因", "Reason"))}</th>
                        </tr>
                    </thead>
                    <tbody>{told.collect_view()}</tbody>
                </table>
            </div>
        }
    });
    let is_good = bad == 0 && !prepared.step.changes.is_empty();
    let unchanged = bad == 0 && prepared.step.changes.is_empty();
    if unchanged {
        notes
            .push(text("这些单元格已经是这样，没有变化。", "The cells are like this already; nothing changes.").into());
    }
    let close = move || cells.preview_open.set(false);
    let label = if is_good { text("粘贴", "Paste") } else { text("关闭", "Close") };
    let paste = move || {
        close();
        if let Some(prepared) = cells.preview.get_untracked() {
            sheet.carry_out(prepared);
        }
    };
    let on_press = move |_| if is_good { paste() } else { close() };
    view! {
        <div class="import">
            <p role="status">{move || tm(&facts)}</p>
            {notes.into_iter().map(|note| view! { <p class="import-note">{move || tm(&note)}</p> }).collect_view()}
            {table}
            <div class="dialog-buttons">
                <button type="button" id=button class="button primary" on:click=on_press>{said(label)}</button>
                {(bad > 0).then(|| view! {
                    <button type="button" class="button" on:click=move |_| paste()>
                        {said(text("粘贴并标红", "Paste and mark"))}
                    </button>
                })}
                {is_good.then(|| view! {
                    <button type="button" class="button" on:click=move |_| close()>{said(text("取消", "Cancel"))}</button>
                })}
            </div>
        </div>
    }
    .into_any()
}
