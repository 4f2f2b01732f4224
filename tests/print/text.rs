//! What stands on a PDF, as pdftotext of poppler reads it, and records to print.
//! Shared by the tests of this folder; checks nothing itself.

use std::io::Write as _;
use std::process::{Command, Stdio};

use chrono::{DateTime, Utc};
use opbook::document::print::{Content, paper};
use opbook::document::{DocumentMeta, Mark, Row, Status};
use opbook::filing::kind::FILING;
use opbook::filing::model::{ExportGoods, Head, ReimportGoods};
use opbook::form::{Record, Texts, Values};
use opbook::print::{PrintError, pdf};
use opbook::reference::Codes;
use uuid::Uuid;

pub const WATERMARK: &str = "未审核通过仅供核对";

/// Prints as the server does, but for codes: they stand as they are stored. Comes back when told to: a
/// thousand rows on a busy machine keep the others waiting.
pub async fn printed(content: &Content) -> Vec<u8> {
    loop {
        match pdf(None, paper(content, "沈知远", &Codes::default(), at())).await {
            Err(PrintError::Busy) => {}
            made => return made.unwrap(),
        }
    }
}

pub fn at() -> DateTime<Utc> {
    "2026-11-23T16:30:05Z".parse().unwrap()
}

/// A book with nothing in it.
pub fn empty(status: Status) -> Content {
    let meta = DocumentMeta { id: Uuid::now_v7(), status, version: 1, head_version: 1, ..DocumentMeta::default() };
    Content {
        kind: &FILING,
        form: None,
        meta,
        head: Values::new(FILING.head),
        lists: vec![Vec::new(), Vec::new()],
        book: None,
        changes: None,
        attachments: Vec::new(),
        receipts: Vec::new(),
    }
}

/// A record in which every field says which it is.
pub fn filled<R: Record>(mark: &str) -> R {
    let mut record = R::default();
    for (at, field) in R::FIELDS.iter().enumerate() {
        record.set(field.key, format!("值{mark}.{at}"));
    }
    record
}

pub fn row(seq: i64, content: &impl Texts) -> Row<Values> {
    Row { id: Uuid::now_v7(), seq, version: 1, mark: Mark::Same, content: Values::of(content) }
}

/// A book with every field filled and so many rows on each side.
pub fn full(rows: i64) -> Content {
    let mut content = empty(Status::Approved);
    content.head = Values::of(&filled::<Head>("头"));
    content.lists[0] = (1..=rows).map(|seq| row(seq, &filled::<ExportGoods>(&format!("出{seq}")))).collect();
    content.lists[1] = (1..=rows).map(|seq| row(seq, &filled::<ReimportGoods>(&format!("进{seq}")))).collect();
    content
}

/// The text without blanks and line ends, page by page, in the order in which it was set.
pub fn pages(pdf: &[u8]) -> Vec<String> {
    let text = poppler("pdftotext", &["-raw", "-enc", "UTF-8", "-", "-"], pdf);
    let pages = text.split('\u{c}').map(|page| page.split_whitespace().collect());
    pages.filter(|page: &String| !page.is_empty()).collect()
}

/// Runs a program of poppler-utils on a PDF.
pub fn poppler(program: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; scripts/setup test installs poppler-utils"));
    let (mut input, pdf) = (child.stdin.take().unwrap(), pdf.to_vec());
    let writer = std::thread::spawn(move || input.write_all(&pdf));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{program} cannot read the PDF");
    String::from_utf8(output.stdout).unwrap()
}

/// Finds texts one after the other, and complains about the first that is not there.
pub struct Reading<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reading<'a> {
    pub fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub fn next(&mut self, words: &str) {
        let wanted: String = words.split_whitespace().collect();
        let rest = &self.text[self.at..];
        match rest.find(&wanted) {
            Some(found) => self.at += found + wanted.len(),
            None => panic!(
                "{wanted} is not on the paper after …{}",
                &self.text[..self.at].chars().rev().take(40).collect::<Vec<_>>().iter().rev().collect::<String>()
            ),
        }
    }
}
