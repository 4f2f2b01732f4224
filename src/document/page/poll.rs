//! Watches an open document, so that it moves without a reload when customs has decided or somebody else stored it, and shows
//! the reasons of a return at their fields. Started by `view`. Hears of changes (`hint`); asks by itself only while nothing is
//! heard and an answer is due. Ends with its tab.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::load::load;
use super::refusal::show_at_fields;
use super::state::{DocumentState, Shown};
use crate::document::{DocumentMeta, Status, api};
use crate::form::Finding;
use crate::hint::model::Hint;
use crate::hint::page as hint;
use crate::text::{Message, text};
use crate::ui::announce::announce;
use crate::ui::call::{self, call};
use crate::ui::lang::t;
use crate::ui::toast;
use crate::workspace::queue;

const QUICK: Duration = Duration::from_millis(700);
const SLOW: Duration = Duration::from_secs(5);
/// After so many quick looks customs is taking its time.
const QUICK_LOOKS: u32 = 40;

/// While changes are heard of: what should never be needed.
const HARDLY: Duration = Duration::from_secs(30);
/// Between two looks whether what this page stores is stored.
const SOON: Duration = Duration::from_millis(200);

/// Watches for as long as the screen lives.
pub fn watch(state: DocumentState) {
    let heard = Memo::new(move |_| (hint::of(state.id), hint::looks()));
    Effect::new(move |before: Option<(Option<Hint>, u32)>| {
        let now = heard.get();
        if let Some(before) = before.filter(|before| *before != now) {
            // Where something may have been missed, what was heard last says nothing.
            let told = now.0.filter(|_| before.1 == now.1);
            spawn_local(look(state, told));
        }
        now
    });
    let alive = StoredValue::new(());
    spawn_local(async move {
        let (mut looks, mut unasked) = (0, Duration::ZERO);
        loop {
            let pause = if looks < QUICK_LOOKS { QUICK } else { SLOW };
            gloo_timers::future::sleep(pause).await;
            if alive.try_get_value().is_none() {
                return; // the tab was closed
            }
            if !state.meta.with_untracked(|meta| meta.as_ref().is_some_and(|meta| meta.status.is_pending())) {
                looks = 0;
                continue;
            }
            unasked += pause;
            if hint::is_live() && unasked < HARDLY {
                continue;
            }
            unasked = Duration::ZERO;
            looks += 1;
            look(state, None).await;
        }
    });
}

/// Asks where the document stands, and shows what moved; `told`: the change that calls for it, which may be this page's own.
async fn look(state: DocumentState, told: Option<Hint>) {
    // A change of this page's own is known once it is answered.
    while untrack(call::saving) {
        gloo_timers::future::sleep(SOON).await;
    }
    let is_shown = || state.loading.try_get_untracked() == Some(Shown::Ready) && untrack(call::online);
    // What waits for the server is over what the server has: `catching_up` shows both.
    if !is_shown() || untrack(|| queue::waits(state.id)) {
        return;
    }
    let known = |meta: &DocumentMeta| (meta.version, meta.receipt_count);
    let Some(Some(before)) = state.meta.try_get_untracked() else { return };
    if told.is_some_and(|hint| hint.version < before.version || (hint.version, hint.receipts) == known(&before)) {
        return; // its own change, come back
    }
    let Ok(found) = api::status(vec![state.id]).await else { return };
    let Some(meta) = found.into_iter().next() else { return };
    let now = state.meta.try_get_untracked().flatten();
    if !is_shown() || untrack(call::saving) || now.as_ref().map(known) != Some(known(&before)) {
        return; // another answer was quicker
    }
    if known(&meta) == known(&before) {
        return;
    }
    if before.status.is_pending() {
        moved(state, meta).await;
    } else if meta.version == before.version {
        state.meta.set(Some(meta));
    } else {
        load(state).await;
        announce(
            t(text("此单据在别处有修改，已显示最新内容", "Changed elsewhere; what is shown is up to date")).to_owned(),
        );
    }
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
