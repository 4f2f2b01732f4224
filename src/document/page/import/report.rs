//! What the server found in a file: what each choice would do, every problem by its cell, the decision. Shown by
//! the dialog of the import. Checks nothing itself and stores nothing: that is `apply`.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Import;
use crate::document::import::model::{Mode, Plan, Problem, RETURNED, Report};
use crate::document::page::problems::problem_table;
use crate::text::{Message, Text, text};
use crate::ui::lang::{said, tm};
use crate::ui::parts::{ActionButton, ButtonKind};

const AGAIN: Text = text("重新选择文件", "Choose another file");
const CLOSE: Text = text("关闭", "Close");

/// Label of a list.
fn label_of(import: Import, section: &str) -> Text {
    import.document.kind.section(section).map_or(text("", ""), |section| section.label)
}

/// The report and the decision.
pub fn report_view(import: Import, report: Report) -> AnyView {
    let parts = report.parts.iter().map(|part| {
        let sheet = &part.sheet;
        Message::new(
            format!("{}：工作表“{sheet}”，{}行", label_of(import, &part.section).zh, part.rows),
            format!("{}: sheet “{sheet}”, {} rows", label_of(import, &part.section).en, part.rows),
        )
    });
    let facts =
        parts.chain(report.notes.iter().cloned()).map(|line| view! { <li>{move || tm(&line)}</li> }).collect_view();
    let name = report.file_name.clone();
    let stored = StoredValue::new(report);
    let chosen = move || {
        let mode = import.mode.get();
        stored.with_value(|report| report.plans.iter().find(|plan| plan.mode == mode).cloned())
    };
    view! {
        <h3 class="import-name">{name}</h3>
        <ul class="import-facts">{facts}</ul>
        {modes(import, stored)}
        {move || chosen().map(|plan| replaces(import, &plan))}
        {move || chosen().map(|plan| problems(import, stored, &plan))}
        {move || chosen().map(|plan| notices(import, &plan))}
        {move || chosen().map(|plan| hints(import, &plan))}
        {move || chosen().map(|plan| decision(import, stored, &plan))}
    }
    .into_any()
}

/// How rows that are there are treated, with what each way would do.
fn modes(import: Import, report: StoredValue<Report>) -> AnyView {
    let one = |plan: &Plan| {
        let mode = plan.mode;
        let impossible = plan.impossible.is_some();
        let (added, replaced, unchanged, bad) = plan.total();
        let tells = plan.impossible.clone().unwrap_or_else(|| {
            Message::new(
                format!("新增{added}项，替换{replaced}项，相同跳过{unchanged}项，有误{bad}行"),
                format!("{added} added, {replaced} replaced, {unchanged} the same and skipped, {bad} wrong"),
            )
        });
        view! {
            <label class="import-mode">
                <input type="radio" name="import-mode" value=mode.code() disabled=impossible
                    prop:checked=move || import.mode.get() == mode
                    on:change=move |_| import.mode.set(mode)/>
                <span>{said(mode.label())}</span>
                <span class="import-tells">{move || tm(&tells)}</span>
            </label>
        }
    };
    let choices = report.with_value(|report| report.plans.iter().map(one).collect_view());
    view! {
        <fieldset class="import-modes">
            <legend>{said(text("已有数据的处理方式", "Rows that are there already"))}</legend>
            {choices}
        </fieldset>
    }
    .into_any()
}

/// Which rows of the book will not be the same afterwards.
fn replaces(import: Import, plan: &Plan) -> AnyView {
    let line = |(section, seqs): &(String, Vec<i64>)| {
        let (list, label) = (ranges(seqs), label_of(import, section));
        let words = Message::new(
            format!("将替换{}第{list}项，原内容会被文件中的内容覆盖。", label.zh),
            format!("{}: items {list} will be replaced by what stands in the file.", label.en),
        );
        view! { <p class="notice notice-info">{move || tm(&words)}</p> }
    };
    plan.replaces.iter().map(line).collect_view().into_any()
}

/// `1–3、7`: thousands of numbers in a row are one range.
fn ranges(seqs: &[i64]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in seqs.chunk_by(|one, next| *next == one + 1) {
        let (first, last) = (part[0], part[part.len() - 1]);
        parts.push(if first == last { first.to_string() } else { format!("{first}–{last}") });
    }
    const MOST: usize = 12;
    let more = parts.len() > MOST;
    parts.truncate(MOST);
    parts.join("、") + if more { "…" } else { "" }
}

fn problems(import: Import, report: StoredValue<Report>, plan: &Plan) -> AnyView {
    let (count, bad) = (plan.problem_count, plan.total().3);
    if count == 0 {
        return view! { <p class="notice">{said(text("全部行都可以导入。", "All rows can be imported."))}</p> }
            .into_any();
    }
    let title = Message::new(format!("有误的数据：{bad}行，{count}处"), format!("{count} problems in {bad} rows"));
    let shown = plan.problems.len();
    let more = (shown < count).then(|| {
        let words = Message::new(
            format!("只显示前{shown}处，全部见下载的文件。"),
            format!("The first {shown} are shown; all are in the file to download."),
        );
        view! { <p class="import-note">{move || tm(&words)}</p> }
    });
    view! {
        {table(import, title, plan.problems.clone())}
        {more}
        <p>{report.with_value(|report| returned(import, report.id, plan.mode))}</p>
    }
    .into_any()
}

/// Link to the bad rows as a workbook.
fn returned(import: Import, id: uuid::Uuid, mode: Mode) -> AnyView {
    let address = format!("{RETURNED}?id={id}&mode={}", mode.code());
    let target = address.clone();
    let save = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        spawn_local(import.save_returned(id, target.clone()));
    };
    view! {
        <a class="link" href=address download="" on:click=save>{said(text(
            "下载有误的行（最后一列是原因，修改后可再次导入）",
            "Download the wrong rows (the last column has the reason; mend and import them again)",
        ))}</a>
    }
    .into_any()
}

/// Open at once: what was read otherwise than it is written is for the person to judge.
fn notices(import: Import, plan: &Plan) -> AnyView {
    let (count, notices) = (plan.notice_count, plan.notices.clone());
    if count == 0 {
        return ().into_any();
    }
    let title = Message::new(
        format!("请核对：{count}处已补全、修约或与文件不同"),
        format!("Please check: {count} completed, rounded or other than in the file"),
    );
    let heading = title.clone();
    view! {
        <p class="import-note">{move || tm(&heading)}</p>
        {table(import, title, notices)}
    }
    .into_any()
}

fn hints(import: Import, plan: &Plan) -> AnyView {
    let (count, hints) = (plan.hint_count, plan.hints.clone());
    if count == 0 {
        return ().into_any();
    }
    let title = Message::new(
        format!("可以导入、但申报前须补全或核对：{count}处"),
        format!("Can be imported, but must be completed or checked before declaring: {count}"),
    );
    let summary = title.clone();
    view! {
        <details class="import-hints">
            <summary>{move || tm(&summary)}</summary>
            {table(import, title, hints)}
        </details>
    }
    .into_any()
}

fn table(import: Import, title: Message, problems: Vec<Problem>) -> AnyView {
    let kind = import.document.kind;
    problem_table(title, problems, move |section| kind.section(section).map_or(text("", ""), |section| section.label))
}

fn decision(import: Import, report: StoredValue<Report>, plan: &Plan) -> AnyView {
    let (added, replaced, _, bad) = plan.total();
    let good = added + replaced;
    let press = Callback::new(move |()| spawn_local(import.apply(report.get_value(), bad > 0)));
    let nothing = Signal::stored(good == 0 || plan.impossible.is_some());
    let label = if bad > 0 {
        text("只导入正确的行", "Import the good rows only")
    } else {
        text("确认导入", "Import")
    };
    let words = match (good, bad) {
        (0, 0) => Message::new(
            "存在重复数据！文件中的行都已录入，没有需要导入的数据。",
            "Nothing to import: all of these rows are there already.",
        ),
        (0, _) => Message::new("没有可以导入的行，请修改文件后重新导入。", "No row can be imported: mend the file."),
        (_, 0) => Message::new(format!("将导入{good}行。"), format!("{good} rows will be imported.")),
        _ => Message::new(
            format!("可只导入正确的{good}行；不导入则数据不变，修改文件后重新选择即可。"),
            format!("Import the {good} good rows only, or nothing: mend the file and choose it again."),
        ),
    };
    view! {
        <p role="status">{move || tm(&words)}</p>
        <div class="dialog-buttons">
            <ActionButton label icon="" kind=ButtonKind::Primary disabled=nothing on_press=press/>
            <ActionButton label=AGAIN icon="" kind=ButtonKind::Plain on_press=Callback::new(move |()| import.restart())/>
            <ActionButton label=CLOSE icon="" kind=ButtonKind::Plain on_press=Callback::new(move |()| import.open.set(false))/>
        </div>
    }
    .into_any()
}

/// After an import that left rows out.
pub fn done(import: Import, id: uuid::Uuid, mode: Mode, message: Message, left: usize) -> AnyView {
    view! {
        <p class="notice" role="status">{move || tm(&message)}</p>
        {(left > 0).then(|| view! { <p>{returned(import, id, mode)}</p> })}
        <div class="dialog-buttons">
            <ActionButton label=CLOSE icon="" kind=ButtonKind::Primary on_press=Callback::new(move |()| import.open.set(false))/>
            <ActionButton label=AGAIN icon="" kind=ButtonKind::Plain on_press=Callback::new(move |()| import.restart())/>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn what_is_replaced_is_named_and_stays_readable() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1–3、7、9–10");
        assert_eq!(ranges(&(1..=5000).collect::<Vec<_>>()), "1–5000");
        assert!(ranges(&(1..=5000).step_by(2).collect::<Vec<_>>()).ends_with("23…"));
    }
}
