//! What stands on the paper of a book: state and last answer, head, goods, attachments. Every field
//! of every field table, so that a field added there is printed too.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::attachment::content::human_size;
use crate::attachment::model::{Attachment, AttachmentRow, LABEL};
use crate::book::model::{Book, Row, Side};
use crate::document::{Receipt, Status};
use crate::form::{in_china, show_time};
use crate::print::{Cell, Form, Paper, Part, form, listing, seal};
use crate::reference::Codes;

const TITLE: &str = "出境加工账册";
const WATERMARK: &str = "未审核通过 仅供核对";

/// A book and its papers as they were read.
#[derive(Clone, Debug)]
pub struct Content {
    pub book: Book,
    pub attachments: Vec<AttachmentRow>,
    /// Newest first.
    pub receipts: Vec<Receipt>,
}

/// The paper, printed by `who` at a moment.
pub fn paper(content: &Content, who: &str, codes: &Codes, at: DateTime<Utc>) -> Paper {
    let Book { meta, head, exports, reimports } = &content.book;
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
    let attachments: Vec<_> = content.attachments.iter().map(|row| (row.seq, readable(&row.content))).collect();
    let number = "商品序号";
    let numbers = [("企业内部编号", &head.internal_no), ("账册编号", &head.book_no)];
    let named =
        numbers.iter().filter(|(_, number)| !number.is_empty()).map(|(name, number)| format!("{name} {number}"));
    let title = std::iter::once(TITLE.to_owned()).chain(named).collect::<Vec<_>>().join("　");
    Paper {
        title: TITLE.to_owned(),
        header: [title, state.to_owned()],
        footer: format!("打印时间 {printed}　内容校验值 {}…", &seal[..16]),
        watermark: if meta.status == Status::Approved { String::new() } else { WATERMARK.to_owned() },
        printed_at: at,
        parts: vec![
            Part::Form(standing),
            Part::Form(form("表头", head, codes)),
            Part::Listing(listing(Side::Exports.label().zh, number, goods(exports), codes)),
            Part::Listing(listing(Side::Reimports.label().zh, number, goods(reimports), codes)),
            Part::Listing(listing(LABEL.zh, "序号", attachments.iter().map(|(seq, content)| (*seq, content)), codes)),
        ],
    }
}

/// Hash of everything a person filed or customs gave: the same content has the same hash, in any
/// state and at any time.
pub fn seal_of(content: &Content) -> String {
    let Book { head, exports, reimports, .. } = &content.book;
    seal(&json!({
        "head": head,
        "exports": rows(exports.iter().map(|row| (row.seq, &row.content))),
        "reimports": rows(reimports.iter().map(|row| (row.seq, &row.content))),
        "attachments": rows(content.attachments.iter().map(|row| (row.seq, &row.content))),
    }))
}

fn rows<'a, R: Serialize + 'a>(rows: impl Iterator<Item = (i64, &'a R)>) -> Vec<Value> {
    rows.map(|(seq, content)| json!({ "seq": seq, "content": content })).collect()
}

fn goods<R>(rows: &[Row<R>]) -> impl Iterator<Item = (i64, &R)> {
    rows.iter().map(|row| (row.seq, &row.content))
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
