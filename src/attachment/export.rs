//! 导出: the list of a document's attachments as a workbook, as the screen shows it. Names that a
//! spreadsheet would compute are made harmless on the way out.

use uuid::Uuid;

use super::model::{Attachment, LABEL};
use super::service;
use crate::form::{Field, Kind, Record, show_time};
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::sheet::list::{Download, chosen, shown};
use crate::sheet::{Cell, Column, Output, OutputSheet};
use crate::text::text;

const SEQ: &Field = &Field::new(text("随附单证序号", "No."), Kind::Text { max: 9 }).named("seq").column(10);

/// The attachments of a document. `wanted`: keys of the columns in their order; empty: all.
///
/// # Errors
/// As `service::list`.
pub async fn export(call: &Call, document_id: Uuid, wanted: &[&str]) -> Result<Download, Failure> {
    let listing = service::list(call, document_id).await?;
    let fields = chosen(std::iter::once(SEQ).chain(Attachment::FIELDS), wanted);
    let codes = call.state.reference.codes();
    let rows = listing.rows.iter().map(|row| {
        let cell = |field: &&Field| match (field.key, row.content.get(field.key)) {
            ("seq", _) => Cell::Number(row.seq.to_string()),
            ("size", bytes) if !bytes.is_empty() => Cell::Number(bytes.to_owned()),
            ("uploaded_at", at) if !at.is_empty() => Cell::Text(show_time(at)),
            (_, value) => shown(field, value, &codes),
        };
        fields.iter().map(cell).collect()
    });
    let sheet = OutputSheet {
        name: LABEL.zh.to_owned(),
        columns: fields.iter().map(|field| column(field)).collect(),
        rows: rows.collect(),
    };
    Ok((format!("{}.xlsx", LABEL.zh), Output { sheets: vec![sheet] }.written().await?))
}

/// Sizes are numbers to calculate with, so their unit stands above.
fn column(field: &Field) -> Column {
    match field.key {
        "seq" => Column::of(field).numeric(),
        "size" => Column::new(format!("{}（字节）", field.label.zh), 16).numeric(),
        _ => Column::of(field),
    }
}
