//! Lists as workbooks, as the screen shows them: the chosen columns in their order, codes with their
//! names; and the answer that brings a workbook to a browser. Used by the exports of business folders.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::cell::Cell;
use super::write::cell_of;
use crate::form::{Field, Kind};
use crate::reference::Codes;

const XML: &str = "application/xml";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A file that goes out: its name and its bytes.
pub type Download = (String, Vec<u8>);

/// The wanted fields in the wanted order; all when none is named.
pub fn chosen<'f>(fields: impl Iterator<Item = &'f Field>, wanted: &[&str]) -> Vec<&'f Field> {
    let all: Vec<&Field> = fields.collect();
    let some: Vec<&Field> =
        wanted.iter().filter_map(|key| all.iter().find(|field| field.key == *key).copied()).collect();
    if some.is_empty() { all } else { some }
}

/// A value as the screen shows it: `code-name` for codes, numbers as numbers.
pub fn shown(field: &Field, value: &str, codes: &Codes) -> Cell {
    match field.kind {
        Kind::Coded(table) if !value.is_empty() => Cell::Text(codes.show(table, value)),
        Kind::Choice(choices) => {
            let label = choices.iter().find(|(code, _)| *code == value).map(|(_, label)| label.zh);
            label.map_or_else(|| cell_of(field, value), |label| Cell::Text(label.to_owned()))
        }
        _ => cell_of(field, value),
    }
}

/// The answer that is saved as a file.
pub fn answer((name, bytes): Download) -> Response {
    let encoded = utf8_percent_encode(&name, NON_ALPHANUMERIC);
    let (ending, kind) = if name.ends_with(".xml") { ("xml", XML) } else { ("xlsx", XLSX) };
    let disposition = format!("attachment; filename=\"opbook.{ending}\"; filename*=UTF-8''{encoded}");
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
