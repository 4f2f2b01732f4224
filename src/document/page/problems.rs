//! Tables of what stands in a file: problems by their cells, and plain ones beside. Shown by the import of rows and by the
//! registering of many entries; checks nothing.

use leptos::prelude::*;

use crate::document::import::model::Problem;
use crate::text::{Message, Text, text};
use crate::ui::lang::{said, tm};

/// Of a cell: class, and what stands in it.
pub type PlainCell = (&'static str, Message);

/// A cell that is the same in both languages.
pub fn cell(class: &'static str, text: impl ToString) -> PlainCell {
    let text = text.to_string();
    (class, Message::new(text.clone(), text))
}

/// The table of problems. `label_of`: what the list of a problem is called.
pub fn problem_table(title: Message, problems: Vec<Problem>, label_of: impl Fn(&str) -> Text) -> AnyView {
    const HEADINGS: &[Text] = &[
        text("表体", "List"),
        text("行", "Row"),
        text("单元格", "Cell"),
        text("列", "Column"),
        text("内容", "Content"),
        text("原因", "Reason"),
    ];
    let rows = problems.into_iter().map(|Problem { section, row, column, field, value, reason }| {
        let place = if column.is_empty() { "—".to_owned() } else { format!("{column}{row}") };
        let list = label_of(&section).into();
        vec![("", list), cell("number", row), cell("", place), ("", field), cell("import-value", value), ("", reason)]
    });
    plain_table(title, HEADINGS, rows.collect())
}

/// A table that is scrolled with the arrow keys.
pub fn plain_table(title: Message, headings: &'static [Text], rows: Vec<Vec<PlainCell>>) -> AnyView {
    let name = title.clone();
    let line = |row: Vec<PlainCell>| {
        let cells = row.into_iter().map(|(class, text)| view! { <td class=class>{move || tm(&text)}</td> });
        view! { <tr>{cells.collect_view()}</tr> }
    };
    view! {
        <div class="import-table" tabindex="0" role="region" aria-label=move || tm(&name)>
            <table class="table">
                <caption>{move || tm(&title)}</caption>
                <thead><tr>{headings.iter().map(|heading| view! { <th scope="col">{said(*heading)}</th> }).collect_view()}</tr></thead>
                <tbody>{rows.into_iter().map(line).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
