//! 对照: what this browser has of a document beside what the server has, field by field. Shown by the screen 未同步; without
//! the server beside the copy that was kept here. Decides nothing.

use uuid::Uuid;

use crate::document::kind::HEAD;
use crate::document::place::name_of;
use crate::document::{Document, Row, api};
use crate::error::ErrorKind;
use crate::form::{Filled, pointer};
use crate::kinds;
use crate::text::{Message, Text, text};
use crate::ui::call::call;
use crate::ui::dialog::{self, FIELD};
use crate::ui::lang::{language, t};
use crate::ui::toast;
use crate::workspace::content::At;
use crate::workspace::copies;
use crate::workspace::held::Held;

pub const COMPARE: Text = text("对照", "Compare");
/// This computer.
pub const HERE: Text = text("本机", "This computer");
const SERVER: Text = text("服务器", "Server");
const KEPT: Text = text("服务器（上次打开时）", "Server (when opened last)");
const EMPTY: Text = text("（空）", "(empty)");

/// Shows it.
pub async fn show(held: Held) {
    let (document, kept_at) = match call(|| api::get(held.document)).await {
        Ok(document) => (Some(document), None),
        Err(error) if error.kind == ErrorKind::NotFound => (None, None),
        Err(error) => match copies::read(held.document).await {
            Some((document, at)) => (Some(document), Some(at)),
            // Not stored at the server yet, as far as this browser knows.
            None if held.content().head.is_some_and(|head| head.base == 0) => (None, None),
            None => return toast::failed(&error),
        },
    };
    let content = held.content();
    let (mut rows, mut same) = (Vec::new(), 0_usize);
    for (at, here, _) in content.texts() {
        let there = text_of(document.as_ref(), at);
        if here == there {
            same += 1;
            continue;
        }
        let shown = |text: &str| if text.is_empty() { t(EMPTY).to_owned() } else { text.to_owned() };
        rows.push([label_of(&held.kind, document.as_ref(), at), shown(here), shown(there)]);
    }
    for (list, removed) in &content.removed {
        rows.extend(removed.iter().map(|id| {
            let at = (Some((list.as_str(), *id)), "");
            let deleted = t(text("（删除）", "(deleted)")).to_owned();
            [label_of(&held.kind, document.as_ref(), at), deleted, String::new()]
        }));
    }
    let mut words = match (&document, &kept_at) {
        (None, _) => Message::new("服务器上还没有此单据。", "The server does not have this document yet."),
        (Some(_), None) => Message::new(
            "左为本机的内容，右为服务器上现在的内容。",
            "Here on the left, at the server now on the right.",
        ),
        (Some(_), Some(at)) => Message::new(
            format!("服务器连接不上：右为{at}打开时服务器上的内容。"),
            format!("The server does not answer: on the right is what it had at {at}."),
        ),
    };
    if same > 0 {
        words = Message::new(
            format!("{}另有{same}项两边相同，未列出。", words.zh),
            format!("{} {same} more fields are the same and not listed.", words.en),
        );
    }
    let there = if kept_at.is_some() { KEPT } else { SERVER };
    dialog::choose_by(COMPARE, words, [FIELD, HERE, there], rows, &[]).await;
}

fn row_of<'a>(document: Option<&'a Document>, (list, id): (&str, Uuid)) -> Option<&'a Row<Filled>> {
    document?.lists.iter().find(|one| one.section == list)?.rows.iter().find(|row| row.id == id)
}

fn text_of<'a>(document: Option<&'a Document>, (row, key): At<'_>) -> &'a str {
    let filled = match row {
        None => document.map(|document| &document.head),
        Some(row) => row_of(document, row).map(|row| &row.content),
    };
    filled.and_then(|filled| filled.get(key)).map_or("", String::as_str)
}

/// `出口货物第3项 商品编码`; a row that is not there yet: `出口货物（新增） 商品编码`.
pub(super) fn label_of(kind: &str, document: Option<&Document>, (row, key): At<'_>) -> String {
    let seq = row.and_then(|row| row_of(document, row)).map(|row| row.seq);
    let section = row.map_or(HEAD, |(list, _)| list);
    let pointer = pointer(section, seq, key);
    let Some(kind) = kinds::find(kind) else { return pointer };
    let name = name_of(kind, &pointer, language());
    if row.is_some() && seq.is_none() { format!("{}{name}", t(text("新增：", "New: "))) } else { name }
}
