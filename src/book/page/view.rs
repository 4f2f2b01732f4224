//! The screen of one book: blue buttons, head, the two lists of goods, findings.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;
use web_sys::KeyboardEvent;

use super::actions::{copy, declare, delete, go_to, load, row_committed, save_head, save_row};
use super::goods::goods_section;
use super::labels::{COPY, DECLARE, DELETE, HEAD_LABEL, LOCKED_HINT, NEW, RECEIPTS, SAVE, name_of};
use super::poll::{show_reasons, watch};
use super::receipts::ReceiptsDialog;
use super::state::{BookState, Shown};
use crate::book::model::{HEAD, Head, Side};
use crate::document::{Action, Status};
use crate::form::Record;
use crate::text::{Message, text};
use crate::ui::call::call;
use crate::ui::findings_panel::FindingsPanel;
use crate::ui::lang::{language, t};
use crate::ui::parts::{ActionButton, Block, BlockKind, ButtonKind, StatusPill};
use crate::ui::record_form::{LookUp, RecordForm};
use crate::ui::section_tabs::{SectionPanel, SectionTab, SectionTabs};
use crate::workspace::tabs::{self, Tab, TabKey};

/// 出境加工账册(备案/变更): one filing.
#[component]
pub fn BookPage(id: Uuid, new: bool, read_only: bool, tab_key: TabKey) -> impl IntoView {
    let state = BookState::new(id, tab_key, new, read_only);
    if !new {
        spawn_local(async move {
            load(state).await;
            if matches!(state.meta.with_untracked(|meta| meta.as_ref().map(|meta| meta.status)), Some(Status::Returned))
            {
                show_reasons(state).await;
            }
        });
    }
    watch(state);
    Effect::new(move |_| tabs::set_dirty(tab_key, state.dirty()));
    Effect::new(move |_| {
        let locked = !state.editable();
        state.head.locked.set(locked);
        let rows_locked = locked || !state.is_saved();
        state.exports.form.locked.set(rows_locked);
        state.reimports.form.locked.set(rows_locked);
    });
    // A memo: showing the book anew (after an answer of customs) fills the forms that are there; it
    // must not build them again under the fingers of whoever types.
    let loading = Memo::new(move |_| state.loading.get());
    let body = move || match loading.get() {
        Shown::Reading => {
            view! { <Block kind=BlockKind::Loading text=text("正在读取账册…", "Reading the book…")/> }.into_any()
        }
        Shown::Failed(message) => {
            view! { <p class="notice notice-error" role="alert">{message.of(language()).to_owned()}</p> }.into_any()
        }
        Shown::Ready => content(state).into_any(),
    };
    view! {
        <section class="page book" on:keydown=move |event| on_key(state, &event)>
            {body}
            <ReceiptsDialog open=state.receipts_open id state/>
        </section>
    }
    .into_any()
}

fn content(state: BookState) -> impl IntoView {
    let editable = Memo::new(move |_| state.editable());
    view! {
        {buttons(state)}
        {summary(state)}
        <div class="book-columns">
            <div class="book-main">{sections(state)}</div>
            {move || editable.get().then(|| findings(state))}
        </div>
    }
}

/// What keeps the book from being declared; of no use once customs has it.
fn findings(state: BookState) -> impl IntoView {
    view! {
        <aside class="book-side">
            <FindingsPanel
                findings=Signal::derive(move || state.findings())
                label_of=Callback::new(move |pointer: String| name_of(&pointer, language()))
                on_go=Callback::new(move |pointer: String| go_to(state, &pointer))
            />
        </aside>
    }
}

fn buttons(state: BookState) -> impl IntoView {
    let disallowed = move |action: Action| {
        Signal::derive(move || state.read_only.get() || !state.status().is_none_or(|status| status.allows(action)))
    };
    view! {
        <div class="action-bar" role="toolbar" aria-label=move || t(text("整票操作", "Whole filing"))>
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
            <ActionButton label=COPY icon="copy" kind=ButtonKind::Plain disabled=Signal::derive(move || !state.is_saved())
                on_press=Callback::new(move |()| spawn_local(copy(state.id)))/>
            <ActionButton label=RECEIPTS icon="inbox" kind=ButtonKind::Plain
                disabled=Signal::derive(move || state.meta.with(|meta| meta.as_ref().is_none_or(|meta| meta.receipt_count == 0)))
                on_press=Callback::new(move |()| state.receipts_open.set(true))/>
        </div>
    }
}

/// One line that says which book this is, whatever section is open.
fn summary(state: BookState) -> impl IntoView {
    let code = Signal::derive(move || state.status().map_or("new", Status::code).to_owned());
    let stored = move |key: &'static str| state.stored_head.with(|head| head.get(key).to_owned());
    let fact = move |key: &'static str| {
        let label = Head::field(key).map_or(text("", ""), |field| field.label);
        view! {
            <div class="fact" class:fact-empty=move || stored(key).is_empty()>
                <dt>{move || t(label)}</dt>
                <dd>{move || { let value = stored(key); if value.is_empty() { "—".to_owned() } else { value } }}</dd>
            </div>
        }
    };
    view! {
        <div class="book-summary">
            <div role="status" class="book-status">
                <StatusPill code label=Signal::derive(move || state.status_label())/>
            </div>
            <dl class="facts">
                {fact("seq_no")} {fact("internal_no")} {fact("book_no")} {fact("operator_name")}
                {fact("export_total")} {fact("reimport_total")} {fact("currency")}
            </dl>
        </div>
    }
}

fn sections(state: BookState) -> impl IntoView {
    let prefix = format!("book-{}", state.id.simple());
    let faulty = move |section: &'static str| {
        Signal::derive(move || {
            state.remote_findings.with(|found| found.iter().any(|found| found.pointer.starts_with(section)))
        })
    };
    let count = |rows: Signal<usize>| Some(rows);
    let exports = state.exports.rows;
    let reimports = state.reimports.rows;
    let tabs = vec![
        SectionTab { key: HEAD, label: HEAD_LABEL, count: None, faulty: Some(faulty(HEAD)) },
        SectionTab {
            key: Side::Exports.key(),
            label: Side::Exports.label(),
            count: count(Signal::derive(move || exports.with(Vec::len))),
            faulty: Some(faulty("exports")),
        },
        SectionTab {
            key: Side::Reimports.key(),
            label: Side::Reimports.label(),
            count: count(Signal::derive(move || reimports.with(Vec::len))),
            faulty: Some(faulty("reimports")),
        },
    ];
    let look_up = LookUp::new(move |key| Box::pin(look_up_party(state, key)));
    let form = |section: &str| format!("{prefix}-{section}");
    let (head_form, exports_form, reimports_form) = (form("head"), form("exports"), form("reimports"));
    view! {
        <SectionTabs name=text("账册内容", "Contents") id_prefix=prefix.clone() tabs active=state.section/>
        <SectionPanel id_prefix=prefix.clone() key=HEAD active=state.section>
            <RecordForm state=state.head fields=Head::FIELDS id_prefix=head_form.clone() name=HEAD_LABEL
                look_up_keys=PARTY_CODES look_up
                on_last=Callback::new(move |()| spawn_local(async move {
                    if save_head(state).await {
                        state.section.set(Side::Exports.key());
                        state.exports.form.focus_first();
                    }
                }))
                on_commit=Callback::new(move |_| state.typed.update(|count| *count += 1))/>
        </SectionPanel>
        <SectionPanel id_prefix=prefix.clone() key=Side::Exports.key() active=state.section>
            {locked_hint(state)}
            {goods_section(state, state.exports, exports_form.clone())}
        </SectionPanel>
        <SectionPanel id_prefix=prefix.clone() key=Side::Reimports.key() active=state.section>
            {locked_hint(state)}
            {goods_section(state, state.reimports, reimports_form.clone())}
        </SectionPanel>
    }
}

fn locked_hint(state: BookState) -> impl IntoView {
    move || (!state.is_saved()).then(|| view! { <p class="notice notice-info">{t(LOCKED_HINT)}</p> })
}

/// Codes whose Enter fills credit code and name.
const PARTY_CODES: &[&str] = &["operator_code", "processor_code", "declarant_code"];

async fn look_up_party(state: BookState, key: &'static str) -> Result<(), Message> {
    let code = state.head.record::<Head>().get(key).to_owned();
    let front = key.strip_suffix("code").unwrap_or(key);
    let fill = |uscc: String, name: String| {
        for (part, value) in [("uscc", uscc), ("name", name)] {
            let field = format!("{front}{part}");
            if let Some(field) = Head::field(&field) {
                state.head.patch(field.key, value);
            }
        }
        state.typed.update(|count| *count += 1);
    };
    if code.is_empty() {
        fill(String::new(), String::new());
        return Ok(());
    }
    match call(|| crate::account::api::enterprise(code.clone())).await {
        Ok(found) => {
            fill(found.uscc, found.name);
            Ok(())
        }
        Err(error) => {
            fill(String::new(), String::new());
            Err(error.message)
        }
    }
}

/// Keys that work anywhere in the book (keyboard.md §B2).
fn on_key(state: BookState, event: &KeyboardEvent) {
    if crate::ui::ime::is_composing(event) {
        return;
    }
    let control = event.ctrl_key() || event.meta_key();
    let key = event.key();
    let handled = match key.as_str() {
        "s" | "S" if control && !event.alt_key() => {
            if state.editable() {
                save_what_is_open(state);
            }
            true
        }
        "Enter" if control && event.shift_key() => {
            spawn_local(declare(state));
            true
        }
        "Enter" if control => {
            save_what_is_open(state);
            true
        }
        "1" | "2" | "3" if event.alt_key() && !control => {
            let section = match key.as_str() {
                "1" => HEAD,
                "2" => Side::Exports.key(),
                _ => Side::Reimports.key(),
            };
            state.section.set(section);
            match section {
                "exports" => state.exports.form.focus_first(),
                "reimports" => state.reimports.form.focus_first(),
                _ => state.head.focus_first(),
            }
            true
        }
        _ => false,
    };
    if handled {
        event.prevent_default();
        event.stop_propagation();
    }
}

/// Ctrl+S and Ctrl+Enter: the head on its tab, the row on a list's tab.
fn save_what_is_open(state: BookState) {
    // A value still being typed is taken over first.
    crate::ui::focus::commit_active();
    spawn_local(async move {
        match state.section.get_untracked() {
            "exports" if state.meta.get_untracked().is_some() => {
                row_committed(state.exports, "");
                save_row(state, state.exports).await;
            }
            "reimports" if state.meta.get_untracked().is_some() => {
                row_committed(state.reimports, "");
                save_row(state, state.reimports).await;
            }
            _ => {
                save_head(state).await;
            }
        }
    });
}
