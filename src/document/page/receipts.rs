//! 查看回执: every answer of customs, newest first; a reason leads to its field. A dialog of the open document
//! and of the list. Only shows: a receipt is applied by the server.

use leptos::prelude::*;

use super::actions::go_to;
use super::labels::{EXPORT, RECEIPTS};
use super::load::export;
use super::state::DocumentState;
use crate::document::import::model::export_receipts;
use crate::document::place::name_of;
use crate::document::{Receipt, ReceiptNote, UNREADABLE, api};
use crate::error::ApiError;
use crate::form::show_time;
use crate::text::{Message, text};
use crate::ui::call::call;
use crate::ui::dialog::Dialog;
use crate::ui::lang::{language, t, tm};
use crate::ui::parts::{ActionButton, Block, BlockKind, ButtonKind};

/// The dialog with the history. `state` is given when reasons can lead to fields of an open book.
#[component]
pub fn ReceiptsDialog(
    open: RwSignal<bool>,
    id: uuid::Uuid,
    #[prop(optional)] state: Option<DocumentState>,
) -> impl IntoView {
    view! {
        <Dialog open title=Signal::derive(move || t(RECEIPTS).to_owned()) wide=true>
            {move || history(open, id, state)}
        </Dialog>
    }
}

fn history(open: RwSignal<bool>, id: uuid::Uuid, state: Option<DocumentState>) -> AnyView {
    let answer: RwSignal<Option<Result<Vec<Receipt>, ApiError>>> = RwSignal::new(None);
    leptos::task::spawn_local(async move { answer.set(Some(call(|| api::receipts(id)).await)) });
    (move || match answer.get() {
        None => {
            view! { <Block kind=BlockKind::Loading text=text("正在读取回执…", "Reading the receipts…")/> }.into_any()
        }
        Some(Err(error)) => view! { <p class="notice notice-error" role="alert">{tm(&error.message)}</p> }.into_any(),
        Some(Ok(receipts)) if receipts.is_empty() => {
            view! { <Block kind=BlockKind::Empty text=text("还没有收到海关回执", "No receipt yet")/> }.into_any()
        }
        Some(Ok(receipts)) => {
            let items = receipts.into_iter().map(|receipt| one(open, receipt, state)).collect_view();
            view! {
                <div class="receipts-bar">
                    <ActionButton label=EXPORT icon="download" kind=ButtonKind::Plain
                        on_press=Callback::new(move |()| leptos::task::spawn_local(export(export_receipts(id))))/>
                </div>
                <ol class="receipts">{items}</ol>
            }
            .into_any()
        }
    })
    .into_any()
}

fn one(open: RwSignal<bool>, receipt: Receipt, state: Option<DocumentState>) -> impl IntoView {
    let label = receipt.meaning();
    let unnamed = Message::new(format!("代码 {}", receipt.result), format!("Code {}", receipt.result));
    let late = receipt.late();
    let refused = receipt.message_type == UNREADABLE || matches!(receipt.result.as_str(), "3" | "Z" | "-1");
    let notes = receipt.notes.into_iter().map(|note| reason(open, note, state)).collect_view();
    view! {
        <li class="receipt" class:receipt-refused=refused>
            <div class="receipt-line">
                <time>{show_time(&receipt.at)}</time>
                <strong>{move || label.map_or_else(|| tm(&unnamed), |label| t(label).to_owned())}</strong>
                <span class="receipt-type">{receipt.message_type}</span>
                {late.map(|late| view! { <em>{move || t(late)}</em> })}
            </div>
            {(!receipt.remark.is_empty()).then(|| view! { <p>{receipt.remark}</p> })}
            <ul>{notes}</ul>
        </li>
    }
}

fn reason(open: RwSignal<bool>, note: ReceiptNote, state: Option<DocumentState>) -> impl IntoView {
    let ReceiptNote { text: words, pointer } = note;
    match state.filter(|_| !pointer.is_empty()) {
        Some(state) => {
            let target = pointer.clone();
            view! {
                <li>
                    <button type="button" class="link" on:click=move |_| {
                        open.set(false);
                        go_to(state, &target);
                    }>{words}</button>
                    <span class="receipt-place">{move || name_of(state.kind, &pointer, language())}</span>
                </li>
            }
            .into_any()
        }
        None => view! { <li>{words}</li> }.into_any(),
    }
}
