//! The blue buttons of a book (整票操作): what can be done with the whole filing, in any section. `view` draws
//! them, the list prints with `print`. Each is grey where the state of the document does not allow it; what it
//! does is in `actions`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::actions::{copy, declare, delete, save_head};
use super::labels::{COPY, DECLARE, DELETE, IMPORT, NEW, PRINT, RECEIPTS, SAVE, TEMPLATES};
use super::state::BookState;
use crate::book::model::print_address;
use crate::document::Action;
use crate::text::text;
use crate::ui::lang::said;
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::toast;
use crate::workspace::tabs::{self, Tab};

pub fn buttons(state: BookState) -> impl IntoView {
    let disallowed = move |action: Action| {
        Signal::derive(move || state.read_only.get() || !state.status().is_none_or(|status| status.allows(action)))
    };
    let unsaved = Signal::derive(move || !state.is_saved());
    let no_receipt =
        Signal::derive(move || state.meta.with(|meta| meta.as_ref().is_none_or(|meta| meta.receipt_count == 0)));
    view! {
        <div class="action-bar" role="toolbar" aria-label=said(text("整票操作", "Whole filing"))>
            <ActionButton label=NEW icon="plus" kind=ButtonKind::Primary on_press=Callback::new(move |()| {
                tabs::open(Tab::Book { id: Uuid::now_v7(), new: true, read_only: false });
            })/>
            <ActionButton label=SAVE icon="save" kind=ButtonKind::Primary keys="Ctrl+S" busy=state.busy
                disabled=Signal::derive(move || !state.editable())
                on_press=Callback::new(move |()| spawn_local(async move { save_head(state).await; }))/>
            <ActionButton label=DELETE icon="trash" kind=ButtonKind::Danger disabled=disallowed(Action::Delete)
                on_press=Callback::new(move |()| spawn_local(delete(state)))/>
            <ActionButton label=DECLARE icon="send" kind=ButtonKind::Primary keys="Ctrl+Shift+Enter" busy=state.busy
                disabled=disallowed(Action::Declare)
                on_press=Callback::new(move |()| spawn_local(declare(state)))/>
            <ActionButton label=IMPORT icon="upload" kind=ButtonKind::Primary keys="Alt+I"
                disabled=Signal::derive(move || !state.editable() || !state.is_saved())
                on_press=Callback::new(move |()| state.import_open.set(true))/>
            <ActionButton label=PRINT icon="print" kind=ButtonKind::Primary keys="Ctrl+P" disabled=unsaved
                on_press=Callback::new(move |()| print_open(state))/>
            <ActionButton label=COPY icon="copy" kind=ButtonKind::Plain disabled=unsaved
                on_press=Callback::new(move |()| spawn_local(copy(state.id)))/>
            <ActionButton label=TEMPLATES icon="list" kind=ButtonKind::Plain keys="Alt+M"
                on_press=Callback::new(move |()| state.templates_open.set(true))/>
            <ActionButton label=RECEIPTS icon="inbox" kind=ButtonKind::Plain disabled=no_receipt
                on_press=Callback::new(move |()| state.receipts_open.set(true))/>
        </div>
    }
}

/// 打印 of the book on the screen, with a word when the paper will differ from the screen.
pub fn print_open(state: BookState) {
    if !state.is_saved() {
        toast::info(text("请先暂存，再打印。", "Save first, then print."));
        return;
    }
    print(state.id);
    if untrack(|| state.editable() && state.dirty()) {
        toast::info(text(
            "有内容尚未暂存：打印的是最近一次暂存的内容。需要时请暂存后重新打印。",
            "Something is not saved yet: the paper shows what was saved last. Save and print again if needed.",
        ));
    }
}

/// Opens the PDF in a tab of the browser, whose viewer prints or saves it.
pub fn print(id: Uuid) {
    let _ = window().open_with_url_and_target(&print_address(id), "_blank");
}
