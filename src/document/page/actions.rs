//! What the buttons and keys of an open document do with the whole of it: delete, declare, go to a place. Each
//! asks, calls the server once, and shows the answer. 暂存 of the head is in `head`, of rows in `rows`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::balance;
use super::change::changes_to_confirm;
use super::findings::findings;
use super::head::save_head;
use super::load::load;
use super::refusal::show_at_fields;
use super::rows::actions::{free_form, save_row};
use super::rows::fold::unfold;
use super::section::SectionState;
use super::state::DocumentState;
use crate::attachment::model as attachment;
use crate::document::kind::HEAD;
use crate::document::place::place_of;
use crate::document::{Step, api};
use crate::error::{ApiError, ErrorKind};
use crate::form::Severity;
use crate::text::{Message, Text, text};
use crate::ui::call::act;
use crate::ui::focus;
use crate::ui::section_tabs::panel_id;
use crate::ui::{dialog, toast};
use crate::workspace::stored;
use crate::workspace::tabs::{self, Tab};
use crate::workspace::{copies, queue};

/// 删除 of the whole document.
pub async fn delete(state: DocumentState) {
    let Some(meta) = state.meta.get_untracked() else {
        tabs::close(state.tab);
        return;
    };
    let name = tabs::get(state.tab).map(|open| open.title).unwrap_or_default();
    let question = Message::new(
        format!(
            "是否删除当前数据（{}，包括其全部表体和随附单据）？删除的数据将不可恢复，需重新录入，请谨慎操作。",
            name.zh
        ),
        format!(
            "Delete {} with all its rows and papers? It cannot be restored and would have to be typed again.",
            name.en
        ),
    );
    if !dialog::confirm_loss(question).await {
        return;
    }
    let step = Step { id: state.id, base: meta.version };
    match act(|| api::delete(step.clone())).await {
        Ok(()) => {
            toast::success(text("删除成功！", "Deleted"));
            stored::note();
            copies::forget(state.id).await;
            tabs::close_now(state.tab);
        }
        Err(error) => report(state, &error),
    }
}

/// 申报: stores what is typed, asks, checks, sends.
pub async fn declare(state: DocumentState) {
    if state.busy.get_untracked() || !store_typed(state).await {
        return;
    }
    if !all_is_at_server(state).await {
        return;
    }
    let hindering: Vec<_> =
        untrack(|| findings(state)).into_iter().filter(|found| found.severity > Severity::Warning).collect();
    if let Some(first) = hindering.first() {
        toast::error(Message::new(
            format!("还有{}处需要修改才能申报，已跳到第一处。", hindering.len()),
            format!("{} things must be mended first; this is the first.", hindering.len()),
        ));
        go_to(state, &first.pointer.clone());
        show_at_fields(state, &hindering);
        return;
    }
    let registers = state.kind.rules.registers(&state.head.values());
    let question = if registers {
        text(
            "登记即按海关已放行的报关单核注账册台账，不向海关发送数据。是否确认登记？",
            "Registering books what customs let pass elsewhere; nothing is sent to customs. Register?",
        )
    } else {
        text(
            "申报即向海关发送数据并等待其审批，申报后不能再修改。是否确认申报？",
            "Declaring sends the data to customs for a decision; it cannot be edited after that. Declare?",
        )
    };
    if !confirm_declaring(state, question).await {
        return;
    }
    state.busy.set(true);
    let base = state.meta.with_untracked(|meta| meta.as_ref().map_or(0, |meta| meta.version));
    let step = Step { id: state.id, base };
    match act(|| api::declare(step.clone())).await {
        Ok(saved) => {
            state.took_answer(&saved.meta, &saved.head);
            toast::success(if registers {
                text("登记成功！已核注账册台账。", "Registered and booked.")
            } else if saved.meta.status.is_pending() {
                text("申报成功！正在等待海关回执。", "Declared. Waiting for the answer of customs.")
            } else {
                // The request was repeated; the answer of customs was quicker than ours.
                text(
                    "申报成功！海关已有回执，请查看。",
                    "Declared. Customs has answered already; look at the receipts.",
                )
            });
        }
        Err(error) => report(state, &error),
    }
    state.busy.set(false);
}

/// 申报 is never put off: what waits is sent now, or there is no declaring.
async fn all_is_at_server(state: DocumentState) -> bool {
    if untrack(|| queue::waits(state.id)) {
        queue::sync().await;
    }
    let is_there = untrack(|| !queue::waits(state.id));
    if !is_there {
        toast::error(text(
            "服务器连接不上，不能申报。录入的内容已存本机，连上服务器后会自动暂存，届时请再次申报。",
            "The server does not answer, so nothing can be declared now. What you typed is kept here and is saved by itself once the server answers; declare it then.",
        ));
    }
    is_there && !state.loading.is_disposed()
}

/// 按台账生成: stores what is typed, asks where lists have rows already, and shows what the server made of the ledger.
pub async fn generate(state: DocumentState) {
    let Some(accounts) = state.kind.accounts else { return };
    if state.busy.get_untracked() || !store_typed(state).await {
        return;
    }
    let has_rows = state.lists().iter().any(|list| !list.rows.with_untracked(Vec::is_empty));
    if has_rows && !dialog::confirm(accounts.question).await {
        return;
    }
    state.busy.set(true);
    let base = state.meta.with_untracked(|meta| meta.as_ref().map_or(0, |meta| meta.version));
    let step = Step { id: state.id, base };
    match act(|| api::generate(step.clone())).await {
        Ok(document) => {
            state.follow(document);
            let counts = |of: fn(&Text) -> &'static str, between: &str| -> String {
                let count = |list: &SectionState| list.rows.with_untracked(Vec::len);
                let one = |list: &SectionState| format!("{} {}", of(&list.section.label), count(list));
                state.lists().iter().map(one).collect::<Vec<_>>().join(between)
            };
            toast::success(Message::new(
                format!("已按台账生成：{}。", counts(|label| label.zh, "，")),
                format!("Made from the ledger: {}.", counts(|label| label.en, ", ")),
            ));
            if state.section.get_untracked() == HEAD
                && let Some(first) = state.lists().first()
            {
                state.section.set(first.key());
                focus::enter(panel_id(&state.prefix(), first.key()));
            }
        }
        Err(error) => report(state, &error),
    }
    state.busy.set(false);
}

/// 撤销登记: what was registered is a draft again.
pub async fn withdraw(state: DocumentState) {
    let Some(meta) = state.meta.get_untracked() else { return };
    let question = text(
        "撤销登记后，该报关单在台账中的核注将冲回，数据恢复为暂存，可修改后重新登记。是否撤销？",
        "Withdrawing reverses what the entry booked and makes it a draft again. Withdraw?",
    );
    if !dialog::confirm(question).await {
        return;
    }
    let step = Step { id: state.id, base: meta.version };
    match act(|| api::withdraw(step.clone())).await {
        Ok(_) => {
            toast::success(text("已撤销登记，可修改后重新登记。", "Withdrawn; mend it and register it again."));
            if state.read_only.get_untracked() {
                // Opened to be looked at, from a list or from the ledger: now it is to be mended.
                tabs::open(Tab::Document { kind: state.kind.naming, id: state.id, new: false, read_only: false });
            } else {
                load(state).await;
            }
        }
        Err(error) => report(state, &error),
    }
}

/// Asks before 申报; a change shows what it changes.
async fn confirm_declaring(state: DocumentState, question: Text) -> bool {
    if !untrack(|| state.is_change()) {
        return dialog::confirm(question).await;
    }
    match changes_to_confirm(state).await {
        Ok(rows) => dialog::confirm_changes(question, rows).await,
        Err(error) => {
            toast::failed(&error);
            false
        }
    }
}

/// Stores what is typed in the head, in the row forms and in the lists. False when something could not be stored;
/// its section is open then.
async fn store_typed(state: DocumentState) -> bool {
    let unsaved = state.meta.get_untracked().is_none() || state.head.dirty_now();
    if unsaved && !save_head(state).await {
        return false;
    }
    for list in state.lists() {
        if list.has_row_in_form() && !save_row(state, list).await {
            state.section.set(list.key());
            return false;
        }
    }
    for list in state.lists() {
        if !list.editing.save_all().await {
            state.section.set(list.key());
            return false;
        }
    }
    true
}

/// Opens the place a pointer names and puts the cursor there. A row that is typed in another row's place is
/// not given up for it without a word.
pub fn go_to(state: DocumentState, pointer: &str) {
    let Some(place) = place_of(state.kind, pointer) else { return };
    state.section.set(place.section);
    let key = place.field.map(|field| field.key);
    if let Some(list) = state.list(place.section) {
        return open_row(state, list, place.seq, key.unwrap_or(list.section.first));
    }
    match (place.section, key) {
        (HEAD, Some(key)) => state.head.focus(key),
        (HEAD, None) => state.head.focus_first(),
        (section, _) if section != attachment::SECTION => {
            // What is declared can only be looked at; the line stands out.
            state.declared_item.set(place.seq.map(|seq| Uuid::from_u128(seq.unsigned_abs().into())));
            focus::enter(panel_id(&state.prefix(), section));
        }
        (_, key) => {
            if let Some(row) = place.seq.and_then(|seq| state.attachments.find_seq(seq)) {
                state.attachments.edit(&row);
            }
            state.attachments.form.focus(key.unwrap_or("att_type"));
        }
    }
}

fn open_row(state: DocumentState, list: SectionState, seq: Option<i64>, key: &'static str) {
    unfold();
    let row = seq.and_then(|seq| list.find_seq(seq));
    let current = list.current.get_untracked();
    if row.as_ref().map_or(list.find(current).is_none(), |row| row.id == current) {
        return list.form.focus(key);
    }
    spawn_local(async move {
        if free_form(state, list).await {
            match row {
                Some(row) => list.edit(&row),
                None => list.start_new(&state.head.accepted()),
            }
            list.form.focus(key);
        }
    });
}

/// Shows why the server refused; a conflict reloads what it has.
pub fn report(state: DocumentState, error: &ApiError) {
    toast::failed(error);
    state.remote_findings.set(error.findings.clone());
    show_at_fields(state, &error.findings);
    if state.book.with_untracked(Option::is_some) {
        // What others took of it meanwhile may be why.
        spawn_local(balance::read(state));
    }
    if error.kind == ErrorKind::Conflict {
        spawn_local(load(state));
    } else if let Some(first) = error.findings.first() {
        go_to(state, &first.pointer);
    }
}
