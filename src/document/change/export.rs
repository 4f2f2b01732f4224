//! The differences of a change line by line, as a workbook and as a part of the paper: where, which field, 变更前, 变更后.
//! Both are in Chinese, like every paper of the book.

use uuid::Uuid;

use super::model::{Comparison, FieldChange};
use crate::attachment::model::LABEL;
use crate::attachment::rules::kind_label;
use crate::document::Mark;
use crate::document::guard::readable;
use crate::document::kind::{HEAD_LABEL, Kind};
use crate::form::Field;
use crate::print::shown;
use crate::reference::Codes;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::sheet::list::Download;
use crate::sheet::{Cell, Column, Output, OutputSheet};

/// Headings of a line, and how wide they are.
pub const HEADINGS: [(&str, u8); 5] = [("位置", 18), ("修改标志", 10), ("项目", 20), ("变更前", 40), ("变更后", 40)];

/// The differences line by line, in the order of [`HEADINGS`].
pub fn lines(kind: &'static Kind, comparison: &Comparison, codes: &Codes) -> Vec<[String; 5]> {
    let mut lines = Vec::new();
    for change in &comparison.head {
        lines.push(line(HEAD_LABEL.zh.to_owned(), Mark::Changed.label().zh, kind.field(&change.key), change, codes));
    }
    for row in &comparison.rows {
        let Some(section) = kind.section(&row.section) else { continue };
        for change in &row.fields {
            let place = format!("{}第{}项", section.label.zh, row.seq);
            lines.push(line(place, row.mark.label().zh, section.field(&change.key), change, codes));
        }
    }
    for paper in &comparison.papers {
        let label = kind_label(&paper.att_type).zh.to_owned();
        let place = format!("{}第{}项", LABEL.zh, paper.seq);
        lines.push([place, Mark::Added.label().zh.to_owned(), label, String::new(), paper.file_name.clone()]);
    }
    lines
}

fn line(place: String, mark: &str, field: Option<&'static Field>, change: &FieldChange, codes: &Codes) -> [String; 5] {
    let text = |value: &str| field.map_or_else(|| value.to_owned(), |field| shown(field, value, codes));
    let label = field.map_or(change.key.as_str(), |field| field.label.zh).to_owned();
    [place, mark.to_owned(), label, text(&change.before), text(&change.after)]
}

/// The differences of a document as a workbook.
///
/// # Errors
/// As [`super::differences`].
pub async fn workbook(call: &Call, document: Uuid) -> Result<Download, Failure> {
    let row = readable(call, document).await?;
    let kind = call.state.kind(&row.kind)?;
    let comparison = super::differences(call, document).await?;
    let codes = call.state.reference.codes();
    let sheet = OutputSheet {
        name: "变更内容".to_owned(),
        columns: HEADINGS.iter().map(|(heading, width)| Column::new(*heading, *width)).collect(),
        rows: lines(kind, &comparison, &codes).into_iter().map(|line| line.map(Cell::Text).to_vec()).collect(),
    };
    let name = format!("变更内容-{}-{}.xlsx", row.book_no, row.change_seq);
    Ok((name, Output { sheets: vec![sheet] }.written().await?))
}
