//! The blue buttons of a document (整票操作): what can be done with the whole document, in any section. `view` draws
//! them, the list prints with `print`. Each is grey where the state of the document does not allow it; what it
//! does is in `actions`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::actions::{declare, delete, generate, withdraw};
use super::change::{begin_change, is_changeable};
use super::copy::copy;
use super::head::save_head;
use super::labels::{
    CHANGE, COPY, DECLARE, DELETE, DIFFERENCES, HISTORY, IMPORT, LEDGER, NEW, PRINT, RECEIPTS, REGISTER, SAVE,
    TEMPLATES, WITHDRAW,
};
use super::state::DocumentState;
use crate::account::rights::Right;
use crate::document::{Action, print_address};
use crate::text::text;
use crate::ui::lang::{said, t};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::toast;
use crate::workspace::may;
use crate::workspace::tabs::{self, Tab};

pub fn buttons(state: DocumentState) -> impl IntoView {
    let disallowed = move |action: Action| {
        Signal::derive(move || state.read_only.get() || !state.status().is_none_or(|status| status.allows(action)))
    };
    // What customs tells is only read.
    let is_notice = state.kind.is_notice;
    let unsaved = Signal::derive(move || !state.is_saved());
    let no_receipt =
        Signal::derive(move || state.meta.with(|meta| meta.as_ref().is_none_or(|meta| meta.receipt_count == 0)));
    let changeable = Memo::new(move |_| state.meta.with(|meta| meta.as_ref().is_some_and(is_changeable)));
    let (is_change, has_history) = (Memo::new(move |_| state.is_change()), Memo::new(move |_| state.has_history()));
    let registers = Memo::new(move |_| state.registers());
    let has_book = Memo::new(move |_| state.book.with(Option::is_some));
    let withdrawable = Memo::new(move |_| state.is_registered() && state.may(Right::Declare));
    // What the user may not do is not there at all.
    let (enters, declares) =
        (Memo::new(move |_| state.may(Right::Enter)), Memo::new(move |_| state.may(Right::Declare)));
    let adds = Memo::new(move |_| may(Right::Enter, ""));
    view! {
        <div class="action-bar" role="toolbar" aria-label=said(text("整票操作", "Whole filing"))>
            {move || (!is_notice && adds.get()).then(|| view! {
            <ActionButton label=NEW icon="plus" kind=ButtonKind::Primary once=true on_press=Callback::new(move |()| {
                tabs::open(Tab::Document { kind: state.kind.naming, id: Uuid::now_v7(), new: true, read_only: false });
            })/>
            })}
            {move || (!is_notice && enters.get()).then(|| view! {
            <ActionButton label=SAVE icon="save" kind=ButtonKind::Primary keys="Ctrl+S" busy=state.busy
                disabled=Signal::derive(move || !state.editable())
                on_press=Callback::new(move |()| spawn_local(async move { save_head(state).await; }))/>
            <ActionButton label=DELETE icon="trash" kind=ButtonKind::Danger disabled=disallowed(Action::Delete)
                hint=Signal::derive(move || why_not_deleted(state))
                on_press=Callback::new(move |()| spawn_local(delete(state)))/>
            })}
            {move || (!is_notice && declares.get()).then(|| {
                let label = if registers.get() { REGISTER } else { DECLARE };
                view! {
                    <ActionButton label icon="send" kind=ButtonKind::Primary keys="Ctrl+Shift+Enter" busy=state.busy
                        disabled=disallowed(Action::Declare)
                        on_press=Callback::new(move |()| spawn_local(declare(state)))/>
                }
            })}
            {move || withdrawable.get().then(|| view! {
                <ActionButton label=WITHDRAW icon="refresh" kind=ButtonKind::Danger
                    on_press=Callback::new(move |()| spawn_local(withdraw(state)))/>
            })}
            {move || (!is_notice && enters.get()).then(|| view! {
            <ActionButton label=IMPORT icon="upload" kind=ButtonKind::Primary keys="Alt+I"
                disabled=Signal::derive(move || !state.editable() || !state.is_saved())
                on_press=Callback::new(move |()| state.import_open.set(true))/>
            })}
            {move || state.kind.accounts.filter(|_| enters.get()).map(|accounts| view! {
                <ActionButton label=accounts.label icon="refresh" kind=ButtonKind::Primary keys="Alt+B" busy=state.busy
                    disabled=Signal::derive(move || !state.editable())
                    on_press=Callback::new(move |()| spawn_local(generate(state)))/>
            })}
            <ActionButton label=PRINT icon="print" kind=ButtonKind::Primary keys="Ctrl+P" disabled=unsaved
                on_press=Callback::new(move |()| print_open(state))/>
            {move || (changeable.get() && enters.get()).then(|| view! {
                <ActionButton label=CHANGE icon="edit" kind=ButtonKind::Primary
                    on_press=Callback::new(move |()| spawn_local(begin_change(state.kind, state.id)))/>
            })}
            {move || is_change.get().then(|| view! {
                <ActionButton label=DIFFERENCES icon="columns" kind=ButtonKind::Primary keys="Alt+G"
                    on_press=Callback::new(move |()| state.differences_open.set(true))/>
            })}
            {move || has_history.get().then(|| view! {
                <ActionButton label=HISTORY icon="list" kind=ButtonKind::Plain
                    on_press=Callback::new(move |()| state.history_open.set(true))/>
            })}
            {move || has_book.get().then(|| view! {
                <ActionButton label=LEDGER icon="columns" kind=ButtonKind::Plain keys="Alt+L"
                    on_press=Callback::new(move |()| open_ledger(state.id))/>
            })}
            {move || (state.kind.accounts.is_none() && !is_notice && enters.get()).then(|| view! {
                <ActionButton label=COPY icon="copy" kind=ButtonKind::Plain disabled=unsaved
                    on_press=Callback::new(move |()| spawn_local(copy(state.kind, state.id)))/>
            })}
            {move || (!is_notice && enters.get()).then(|| view! {
                <ActionButton label=TEMPLATES icon="list" kind=ButtonKind::Plain keys="Alt+M"
                    on_press=Callback::new(move |()| state.templates_open.set(true))/>
            })}
            <ActionButton label=RECEIPTS icon="inbox" kind=ButtonKind::Plain disabled=no_receipt
                on_press=Callback::new(move |()| state.receipts_open.set(true))/>
        </div>
    }
}

/// 台账 of the book a document belongs to.
pub fn open_ledger(id: Uuid) {
    tabs::open(Tab::Ledger { id });
}

/// Why the document cannot be deleted (manual line 240); empty where it can.
fn why_not_deleted(state: DocumentState) -> String {
    let status = state.status();
    if state.read_only.get() {
        t(text("正在查看明细，不能删除；请在列表中选择“修改”打开", "Opened to be read: open it by 修改 to delete it"))
            .to_owned()
    } else if status.is_some_and(|status| !status.allows(Action::Delete)) {
        t(text(
            "数据状态为暂存、申报失败或海关退单时才能删除",
            "Only a draft, a failed declaration or what customs returned can be deleted",
        ))
        .to_owned()
    } else {
        String::new()
    }
}

/// 打印 of the book on the screen, with a word when the paper will differ from the screen.
pub fn print_open(state: DocumentState) {
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
