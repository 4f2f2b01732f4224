//! Watches a declared document until customs has decided, so that its state moves without a reload, and shows the
//! reasons of a return at their fields. Started by `view`; asks nothing while no answer is due, and ends with
//! its tab.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::load::load;
use super::refusal::show_at_fields;
use super::state::DocumentState;
use crate::document::{DocumentMeta, Status, api};
use crate::form::Finding;
use crate::text::{Message, text};
use crate::ui::call::call;
use crate::ui::toast;

const QUICK: Duration = Duration::from_millis(700);
const SLOW: Duration = Duration::from_secs(5);
/// After so many quick looks customs is taking its time.
const QUICK_LOOKS: u32 = 40;

/// Watches for as long as the screen lives.
pub fn watch(state: DocumentState) {
    let alive = StoredValue::new(());
    spawn_local(async move {
        let mut looks = 0;
        loop {
            gloo_timers::future::sleep(if looks < QUICK_LOOKS { QUICK } else { SLOW }).await;
            if alive.try_get_value().is_none() {
                return; // the tab was closed
            }
            let Some(known) = state.meta.get_untracked().filter(|meta| meta.status.is_pending()) else {
                looks = 0;
                continue;
            };
            looks += 1;
            let Ok(found) = api::status(vec![state.id]).await else { continue };
            let Some(meta) = found.into_iter().next() else { continue };
            if meta.version != known.version || meta.receipt_count != known.receipt_count {
                moved(state, meta).await;
            }
        }
    });
}

async fn moved(state: DocumentState, meta: DocumentMeta) {
    let status = meta.status;
    if status.is_pending() {
        state.meta.set(Some(meta));
        return;
    }
    load(state).await;
    match status {
        Status::Approved => {
            let number = state.stored_head.with_untracked(|head| state.kind.title(head).to_owned());
            let label = state.kind.titles.first().and_then(|key| state.kind.field(key)).map(|field| field.label);
            let label = label.unwrap_or(state.kind.noun);
            toast::success(Message::new(
                format!("海关终审通过，{} {number}", label.zh),
                format!("Approved by customs: {} {number}", label.en),
            ));
        }
        _ => {
            show_reasons(state).await;
            toast::error(text(
                "海关未通过，请查看回执，按提示修改后重新申报。",
                "Customs did not accept it. See the receipt, mend it and declare again.",
            ));
        }
    }
}

/// Puts the reasons of the last refusal beside the fields they speak of.
pub async fn show_reasons(state: DocumentState) {
    let Ok(receipts) = call(|| api::receipts(state.id)).await else { return };
    // One that came late, or could not be read, is no decision.
    let Some(last) = receipts.iter().find(|receipt| receipt.applied) else { return };
    let reasons: Vec<Finding> = last.notes.iter().map(|note| Finding::of_customs(&note.pointer, &note.text)).collect();
    state.remote_findings.set(reasons.clone());
    show_at_fields(state, &reasons);
}
