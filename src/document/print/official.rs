//! The official form of a document on paper, made of its data (`OfficialForm`): the boxes, the table of what is declared. What
//! else is known of the document follows on the pages behind.

use super::content::Content;
use crate::attachment::model::KINDS;
use crate::document::Row;
use crate::document::office::{Column, OfficialForm, PAPERS, Slot};
use crate::form::{Field, Kind as FieldKind, Values};
use crate::print::{Boxed, Boxes, Head, Listing, Part, Row as PrintedRow};
use crate::reference::{Codes, Table};

/// Half-width characters of the column of item numbers.
const NUMBER_WIDTH: usize = 4;

/// The parts of the form, and the end of its pages.
pub fn official(form: &OfficialForm, content: &Content, codes: &Codes) -> Vec<Part> {
    let boxes = |lines: &[&[Slot]]| {
        let line = |slots: &&[Slot]| slots.iter().map(|slot| boxed(slot, content, codes)).collect();
        Part::Boxes(Boxes { lines: lines.iter().map(line).collect() })
    };
    vec![boxes(form.above), Part::Listing(items(form.columns, content, codes)), boxes(form.below), Part::Break]
}

fn boxed(slot: &Slot, content: &Content, codes: &Codes) -> Boxed {
    let value = |key: &&str| match *key {
        PAPERS => papers(content),
        key => named(&content.head, key, codes, slot.is_coded),
    };
    let values: Vec<String> = slot.fields.iter().map(value).filter(|value| !value.is_empty()).collect();
    let between = if slot.is_coded { "/" } else { "　" };
    Boxed { label: slot.label.to_owned(), value: values.join(between), width: slot.width }
}

/// `上海海关(2200)`, as the form has it.
fn named(record: &Values, key: &str, codes: &Codes, is_coded: bool) -> String {
    let value = record.get(key);
    let field = record.fields().iter().find(|field| field.key == key);
    match name_of(field, value, codes).filter(|_| !is_coded) {
        Some(name) => format!("{name}({value})"),
        None => value.to_owned(),
    }
}

fn name_of(field: Option<&Field>, value: &str, codes: &Codes) -> Option<String> {
    match field?.kind {
        // The goods have a name of their own beside their code.
        FieldKind::Coded(Table::Commodity) => None,
        FieldKind::Coded(table) => codes.find(table, value).map(|entry| entry.name.to_owned()),
        FieldKind::Choice(choices) => {
            choices.iter().find(|(code, _)| *code == value).map(|(_, label)| label.zh.to_owned())
        }
        _ => None,
    }
}

fn papers(content: &Content) -> String {
    let name = |code: &str| KINDS.iter().find(|(one, _)| *one == code).map_or("", |(_, label)| label.zh);
    let papers = content.attachments.iter().map(|row| (row.content.att_type.as_str(), row.content.file_name.as_str()));
    papers.map(|(code, file)| format!("{} {file}", name(code)).trim().to_owned()).collect::<Vec<_>>().join("；")
}

fn items(columns: &[Column], content: &Content, codes: &Codes) -> Listing {
    let head = |column: &Column| Head { label: column.label.to_owned(), span: 1, right: column.right };
    let lists: Vec<&[Row<Values>]> = content.lists.iter().map(Vec::as_slice).collect();
    let declared = content.kind.declared.map(|declared| (declared.items)(&content.head, &lists)).unwrap_or_default();
    let value = |item: &Values, column: &Column| {
        let line = |keys: &&[&str]| {
            let shown = |key: &&str| {
                // A quantity is read with the name of its unit, everything else with its code.
                let is_beside = keys.len() > 1;
                let field = item.fields().iter().find(|field| field.key == *key);
                match name_of(field, item.get(key), codes).filter(|_| is_beside) {
                    Some(name) => name,
                    None => named(item, key, codes, false),
                }
            };
            keys.iter().map(shown).collect::<String>()
        };
        let lines: Vec<String> = column.lines.iter().map(line).filter(|line| !line.is_empty()).collect();
        lines.join("\n")
    };
    let row = |item: &Row<Values>| PrintedRow {
        number: item.seq,
        lines: vec![columns.iter().map(|column| value(&item.content, column)).collect()],
    };
    Listing {
        title: String::new(),
        none: "（无）".to_owned(),
        number: "项号".to_owned(),
        widths: std::iter::once(NUMBER_WIDTH).chain(columns.iter().map(|column| column.width)).collect(),
        heads: vec![columns.iter().map(head).collect()],
        rows: declared.iter().map(row).collect(),
    }
}
