//! 复制: a new draft made of a stored document, opened at once. Used by the open document and by the query list. Keys
//! struck meanwhile are meant for what opens.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use crate::document::kind::Kind;
use crate::document::{Derive, api};
use crate::text::text;
use crate::ui::call::store;
use crate::ui::type_ahead::{self, Again, Hold};
use crate::ui::{dialog, toast};
use crate::workspace::tabs::{self, Tab};

/// 复制 of a stored document into a new draft.
pub async fn copy(kind: &'static Kind, from: Uuid) {
    let question = text(
        "复制为新的暂存账册：内容全部复制，编号、日期、状态和回执不复制。随附单据是否一并复制？",
        "A new draft with all content, without numbers, dates, states and receipts. The attachments too?",
    );
    let ways = [text("不复制随附单据", "Without attachments"), text("复制随附单据", "With attachments")];
    // Held from now on: the moment between the answer and the request is long enough for a key.
    let hold = type_ahead::hold();
    let Some(way) = dialog::choose(question, &ways).await else { return };
    let request = Derive { from, id: Uuid::now_v7(), attachments: way == 1 };
    carry_out(kind, request, ArcRwSignal::new(true), hold).await;
}

/// The copy itself. `pending` until it is there.
async fn carry_out(kind: &'static Kind, request: Derive, pending: ArcRwSignal<bool>, hold: Hold) {
    match store(|| api::copy(request.clone())).await {
        Ok(copied) => {
            pending.set(false);
            tabs::open(Tab::Document { kind, id: request.id, new: false, read_only: false });
            match copied.trouble {
                Some(trouble) => toast::error(trouble),
                None => toast::success(text("复制成功！请核对后暂存。", "Copied. Check it and save.")),
            }
            hold.release();
        }
        Err(error) => {
            toast::failed(&error);
            let still = pending.clone();
            let again = Again {
                keeps: false,
                pending: Arc::new(move || still.get()),
                // The same id: a copy whose answer was lost is not made twice.
                run: Arc::new(move || {
                    spawn_local(carry_out(kind, request.clone(), pending.clone(), type_ahead::hold()));
                }),
            };
            hold.stop(error.message, again);
        }
    }
}
