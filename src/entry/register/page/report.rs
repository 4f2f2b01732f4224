//! What the server found in a list of entries: how many would be registered, each entry with what becomes of it, every
//! problem by its cell, the decision. Shown by the page; checks nothing itself.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Registration;
use crate::document::import::model::Problem;
use crate::document::page::problems::{cell, plain_table, problem_table};
use crate::entry::kind::LISTING;
use crate::entry::register::model::{Applied, EntryLine, Outcome, RETURNED, Report};
use crate::form::grouped;
use crate::text::{Message, Text, text};
use crate::ui::lang::{said, tm};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::workspace::tabs::{self, Tab};

const AGAIN: Text = text("重新选择文件", "Choose another file");
/// What a problem is in.
const LINES: Text = text("报关单", "Entries");

/// The report and the decision.
pub(super) fn report_view(page: Registration, report: Report) -> AnyView {
    let facts = report.notes.iter().cloned().map(|line| view! { <li>{move || tm(&line)}</li> }).collect_view();
    let Report { entries, problems, notices, completed, problem_count, notice_count, completed_count, .. } =
        report.clone();
    let (lines, count) = (entries.iter().map(|entry| entry.lines).sum::<usize>(), entries.len());
    let of = |outcome| report.count(outcome);
    let (new, known, other, bad) = (of(Outcome::New), of(Outcome::Known), of(Outcome::Other), of(Outcome::Bad));
    let sum = Message::new(
        format!("共{count}份报关单、{lines}项：将登记{new}份，已有跳过{known}份，非1427跳过{other}份，有误{bad}份。"),
        format!(
            "{count} entries, {lines} items: {new} to be registered, {known} known and skipped, {other} not 1427 and skipped, {bad} wrong."
        ),
    );
    let problem_title = Message::new(
        format!("有误的数据：{bad}份报关单，{problem_count}处"),
        format!("{problem_count} problems in {bad} entries"),
    );
    let notice_title = Message::new(
        format!("请核对：{notice_count}处少见、修约或与账册、申报要求不同"),
        format!("Please check: {notice_count} unlikely, rounded or other than the book or the rules have it"),
    );
    let completed_title = Message::new(
        format!("按账册补全商品数据的报关单：{completed_count}份"),
        format!("Entries whose goods were completed from the account book: {completed_count}"),
    );
    let (id, name) = (report.id, report.file_name.clone());
    view! {
        <h2 class="import-name">{name}</h2>
        <ul class="import-facts">{facts}</ul>
        <p role="status">{move || tm(&sum)}</p>
        {(problem_count > 0).then(|| view! {
            {table(problem_title, problems, problem_count)}
            <p>{returned(page, id)}</p>
        })}
        {(notice_count > 0).then(|| table(notice_title, notices, notice_count))}
        {(completed_count > 0).then(|| {
            let summary = completed_title.clone();
            view! {
                <details class="import-hints">
                    <summary>{move || tm(&summary)}</summary>
                    {table(completed_title, completed, completed_count)}
                </details>
            }
        })}
        {list(entries)}
        {decision(page, report, new, bad)}
    }
    .into_any()
}

fn table(title: Message, problems: Vec<Problem>, count: usize) -> AnyView {
    let shown = problems.len();
    let more = (shown < count).then(|| {
        let words = Message::new(format!("只显示前{shown}处。"), format!("The first {shown} are shown."));
        view! { <p class="import-note">{move || tm(&words)}</p> }
    });
    view! { {problem_table(title, problems, |_| LINES)} {more} }.into_any()
}

/// The entries of the file. All of them, since a person looks for one by its number.
fn list(entries: Vec<EntryLine>) -> AnyView {
    const HEADINGS: &[Text] = &[
        text("处理", "Outcome"),
        text("报关单号", "Entry no."),
        text("备案号", "Book no."),
        text("进出口日期", "Date"),
        text("首行", "First row"),
        text("项数", "Items"),
        text("出口/全免金额", "Exported or exempt"),
        text("币制", "Currency"),
    ];
    let row = |entry: EntryLine| {
        let (class, label) = entry.outcome.choice();
        vec![
            (class, label.into()),
            cell("", entry.entry_no),
            cell("", entry.manual_no),
            cell("", entry.ie_date),
            cell("number", entry.row),
            cell("number", entry.lines),
            cell("number", grouped(&entry.amount)),
            cell("", entry.currency),
        ]
    };
    let title = Message::new("文件中的报关单", "Entries in the file");
    plain_table(title, HEADINGS, entries.into_iter().map(row).collect())
}

/// Link to the lines of the wrong entries as a workbook.
fn returned(page: Registration, id: uuid::Uuid) -> AnyView {
    let address = format!("{RETURNED}?id={id}");
    let target = address.clone();
    let save = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        spawn_local(page.save_returned(id, target.clone()));
    };
    view! {
        <a class="link" href=address download="" on:click=save>{said(text(
            "下载有误的报关单（最后一列是原因，修改后可再次导入）",
            "Download the wrong entries (the last column has the reason; mend and import them again)",
        ))}</a>
    }
    .into_any()
}

fn decision(page: Registration, report: Report, new: usize, bad: usize) -> AnyView {
    let label = if bad > 0 {
        text("只登记正确的报关单", "Register the good entries only")
    } else {
        text("确认登记", "Register")
    };
    let words = match (new, bad) {
        (0, 0) => Message::new("没有需要登记的报关单。", "There is nothing to register."),
        (0, _) => {
            Message::new("没有可以登记的报关单，请修改文件后重新导入。", "No entry can be registered: mend the file.")
        }
        (_, 0) => Message::new(
            format!("将登记{new}份报关单并核注台账。"),
            format!("{new} entries will be registered and booked."),
        ),
        _ => Message::new(
            format!("可只登记正确的{new}份；不登记则数据不变，修改文件后重新选择即可。"),
            format!("Register the {new} good entries only, or nothing: mend the file and choose it again."),
        ),
    };
    let press = Callback::new(move |()| spawn_local(page.apply(report.clone(), bad > 0)));
    view! {
        <p>{move || tm(&words)}</p>
        <div class="dialog-buttons">
            <ActionButton label icon="" kind=ButtonKind::Primary disabled=Signal::stored(new == 0) on_press=press/>
            <ActionButton label=AGAIN icon="" kind=ButtonKind::Plain on_press=Callback::new(move |()| page.restart())/>
        </div>
    }
    .into_any()
}

impl Applied {
    /// In a sentence.
    pub(super) fn told(&self) -> Message {
        let Self { registered, known, other, left } = *self;
        Message::new(
            format!(
                "登记成功！已登记并核注{registered}份报关单；已有跳过{known}份，非1427跳过{other}份，有误未登记{left}份。"
            ),
            format!(
                "Registered and booked {registered} entries; {known} known, {other} not 1427 and {left} wrong ones were left out."
            ),
        )
    }
}

/// After the registering.
pub(super) fn done(page: Registration, report: &Report, applied: Applied) -> AnyView {
    let (id, words) = (report.id, applied.told());
    view! {
        <p class="notice" role="status">{move || tm(&words)}</p>
        {(applied.left > 0).then(|| view! { <p>{returned(page, id)}</p> })}
        <div class="dialog-buttons">
            <ActionButton label=LISTING.label icon="search" kind=ButtonKind::Primary
                on_press=Callback::new(|()| { tabs::open(Tab::QueryList { listing: &LISTING }); })/>
            <ActionButton label=AGAIN icon="" kind=ButtonKind::Plain on_press=Callback::new(move |()| page.restart())/>
        </div>
    }
    .into_any()
}
