//! 复制: a new draft made of a stored document, opened at once. Used by the open document and by the query list.

use uuid::Uuid;

use crate::document::kind::Kind;
use crate::document::{Derive, api};
use crate::text::text;
use crate::ui::call::store;
use crate::ui::{dialog, toast};
use crate::workspace::tabs::{self, Tab};

/// 复制 of a stored document into a new draft.
pub async fn copy(kind: &'static Kind, from: Uuid) {
    let question = text(
        "复制为新的暂存账册：内容全部复制，编号、日期、状态和回执不复制。随附单据是否一并复制？",
        "A new draft with all content, without numbers, dates, states and receipts. The attachments too?",
    );
    let ways = [text("不复制随附单据", "Without attachments"), text("复制随附单据", "With attachments")];
    let Some(way) = dialog::choose(question, &ways).await else { return };
    let request = Derive { from, id: Uuid::now_v7(), attachments: way == 1 };
    match store(|| api::copy(request.clone())).await {
        Ok(copied) => {
            tabs::open(Tab::Document { kind, id: request.id, new: false, read_only: false });
            match copied.trouble {
                Some(trouble) => toast::error(trouble),
                None => toast::success(text("复制成功！请核对后暂存。", "Copied. Check it and save.")),
            }
        }
        Err(error) => toast::failed(&error),
    }
}
