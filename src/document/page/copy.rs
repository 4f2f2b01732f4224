//! 复制: a new draft with the content of a stored document. Used by the open document and by the query list; only asks,
//! `derive` makes the draft.

use uuid::Uuid;

use super::derive::{Way, derive};
use crate::document::Derive;
use crate::document::kind::Kind;
use crate::text::text;
use crate::ui::{dialog, type_ahead};

/// 复制 of a stored document into a new draft.
pub async fn copy(kind: &'static Kind, from: Uuid) {
    let question = text(
        "复制为新的暂存数据：内容全部复制，编号、日期、状态和回执不复制。随附单据是否一并复制？",
        "A new draft with all content, without numbers, dates, states and receipts. The attachments too?",
    );
    let ways = [text("不复制随附单据", "Without attachments"), text("复制随附单据", "With attachments")];
    // Held from now on: the moment between the answer and the request is long enough for a key.
    let hold = type_ahead::hold();
    let Some(way) = dialog::choose(question, &ways).await else { return };
    let request = Derive { from, id: Uuid::now_v7(), attachments: way == 1 };
    let done = text("复制成功！请核对后暂存。", "Copied. Check it and save.");
    derive(kind, Way::Copy, request, done, hold).await;
}
