//! What stands on the paper of a document: state and last answer, head, lists, attachments. Every field of every field
//! table, so that a field added there is printed too. Papers are in Chinese.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::attachment::content::human_size;
use crate::attachment::model::{Attachment, LABEL, SECTION};
use crate::document::change::export;
use crate::document::change::model::Comparison;
use crate::document::kind::{HEAD, HEAD_LABEL, Kind};
use crate::document::under_book::UnderBook;
use crate::document::{Receipt, Row, Status};
use crate::form::{Record as _, Values, in_china, plain, show_time};
use crate::print::{Cell, Form, Head, Listing, Paper, Part, Row as PrintedRow, form, listing, seal};
use crate::reference::Codes;
use crate::text::Text;

use super::content::Content;
use super::official::official;

const WATERMARK: &str = "未审核通过 仅供核对";

/// The paper, printed by `who` at a moment.
pub fn paper(content: &Content, who: &str, codes: &Codes, at: DateTime<Utc>) -> Paper {
    let Content { kind, meta, head, lists, .. } = content;
    let printed = format!("{}（北京时间）", in_china(at).format("%Y-%m-%d %H:%M:%S"));
    let seal = seal_of(content);
    let state = meta.status.label().zh;
    let standing = Form {
        title: String::new(),
        cells: vec![
            Cell::new("数据状态", state, 1),
            Cell::new("打印时间", &*printed, 1),
            Cell::new("打印人", who, 1),
            Cell::new("最近回执", last_answer(&content.receipts), 3),
            Cell::new("内容校验值", format!("SHA-256 {seal}"), 3),
        ],
    };
    let mut parts = content.form.map(|form| official(form, content, codes)).unwrap_or_default();
    parts.push(Part::Form(standing));
    parts.extend(content.book.as_ref().map(|book| Part::Form(balance(book))));
    parts.extend(content.changes.as_ref().map(|changes| Part::Listing(changes_of(kind, changes, codes))));
    parts.push(Part::Form(form(HEAD_LABEL.zh, head, codes)));
    for (section, rows) in kind.sections.iter().zip(lists) {
        let rows = Content::rows(rows);
        parts.push(Part::Listing(listing(section.label.zh, section.number.zh, section.fields, rows, codes)));
    }
    if let Some(declared) = kind.declared {
        let lists: Vec<&[Row<Values>]> = lists.iter().map(Vec::as_slice).collect();
        let items = (declared.items)(head, &lists);
        let items = items.iter().map(|item| (item.seq, &item.content));
        parts.push(Part::Listing(listing(declared.label.zh, declared.number.zh, declared.fields, items, codes)));
    }
    let attachments: Vec<_> = content.attachments.iter().map(|row| (row.seq, readable(&row.content))).collect();
    let attachments = attachments.iter().map(|(seq, content)| (*seq, content));
    parts.push(Part::Listing(listing(LABEL.zh, "序号", Attachment::FIELDS, attachments, codes)));
    Paper {
        title: content.form.map_or_else(|| kind.name(), |form| form.title).to_owned(),
        header: [title(kind, head), state.to_owned()],
        footer: format!("打印时间 {printed}　内容校验值 {}…", &seal[..16]),
        watermark: if meta.status == Status::Approved { String::new() } else { WATERMARK.to_owned() },
        printed_at: at,
        parts,
    }
}

/// What the ledger has of the account book at this moment.
pub fn balance(book: &UnderBook) -> Form {
    let cell =
        |(label, figure): (Text, Decimal)| Cell::new(label.zh, format!("{} {}", plain(figure), book.currency), 1);
    Form { title: format!("账册{}执行情况", book.book_no), cells: book.figures().map(cell).to_vec() }
}

/// 变更内容: each field that differs, 变更前 and 变更后 side by side.
fn changes_of(kind: &'static Kind, changes: &Comparison, codes: &Codes) -> Listing {
    let head = |(label, _): &(&str, u8)| Head { label: (*label).to_owned(), span: 1, right: false };
    let lines = export::lines(kind, changes, codes).into_iter().zip(1..);
    Listing {
        title: "变更内容".to_owned(),
        none: "（无）".to_owned(),
        number: "序号".to_owned(),
        widths: std::iter::once(5).chain(export::HEADINGS.iter().map(|(_, width)| usize::from(*width))).collect(),
        heads: vec![export::HEADINGS.iter().map(head).collect()],
        rows: lines.map(|(line, number)| PrintedRow { number, lines: vec![line.to_vec()] }).collect(),
    }
}

/// Name of the kind, then every number by which the document is called.
fn title(kind: &Kind, head: &Values) -> String {
    let mut title = kind.name().to_owned();
    for key in kind.titles.iter().rev().filter(|key| !head.get(key).is_empty()) {
        let label = kind.field(key).map_or("", |field| field.label.zh);
        title += &format!("　{label} {}", head.get(key));
    }
    title
}

/// Hash of everything a person filed or customs gave: the same content has the same hash, in any
/// state and at any time.
pub fn seal_of(content: &Content) -> String {
    let mut parts = Map::new();
    parts.insert(HEAD.to_owned(), json!(content.head));
    for (section, list) in content.kind.sections.iter().zip(&content.lists) {
        let rows = Content::rows(list).map(|(seq, content)| json!({ "seq": seq, "content": content }));
        parts.insert(section.key.to_owned(), rows.collect());
    }
    let papers = content.attachments.iter().map(|row| json!({ "seq": row.seq, "content": row.content }));
    parts.insert(SECTION.to_owned(), papers.collect());
    seal(&Value::Object(parts))
}

/// An attachment with size and time as people read them.
fn readable(content: &Attachment) -> Attachment {
    let mut shown = content.clone();
    if !shown.size.is_empty() {
        shown.size = human_size(content.bytes());
    }
    if !shown.uploaded_at.is_empty() {
        shown.uploaded_at = show_time(&content.uploaded_at);
    }
    shown
}

/// The answer that counts: the newest one that was not late or repeated.
fn last_answer(receipts: &[Receipt]) -> String {
    let Some(receipt) = receipts.iter().find(|receipt| receipt.applied) else { return "（尚无回执）".to_owned() };
    let meaning = receipt.meaning().map_or_else(|| format!("代码{}", receipt.result), |meaning| meaning.zh.to_owned());
    let mut answer = format!("{}　{meaning}（{}）", show_time(&receipt.at), receipt.message_type);
    let notes = receipt.notes.iter().map(|note| &note.text);
    for words in std::iter::once(&receipt.remark).chain(notes).filter(|words| !words.is_empty()) {
        answer.push('\n');
        answer += words;
    }
    answer
}
