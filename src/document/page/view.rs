//! The screen of one document: blue buttons, head, lists, papers, findings. A tab of its own (`app::panels`). Puts the
//! parts together and ties them to one `state`; what buttons and keys do is in `actions`.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::actions::go_to;
use super::attachments::AttachmentsSection;
use super::away;
use super::balance;
use super::buttons::buttons;
use super::catching_up;
use super::change::HistoryDialog;
use super::declared::{declared_section, items};
use super::drafts;
use super::findings::findings;
use super::head::finish_head;
use super::keys::{on_fault_key, on_key};
use super::labels::LOCKED_HINT;
use super::load::load;
use super::one_window;
use super::parties::{look_up, party_codes};
use super::poll::{show_reasons, watch};
use super::receipts::ReceiptsDialog;
use super::rows::{self, rows_section};
use super::section::SectionState;
use super::state::{DocumentState, Shown};
use crate::attachment::model as attachment;
use crate::document::kind::{HEAD, HEAD_LABEL, Kind};
use crate::document::place::name_of;
use crate::document::{Action, DocumentMeta, Mark, Status};
use crate::form;
use crate::text::text;
use crate::ui::findings_panel::FindingsPanel;
use crate::ui::lang::{language, t};
use crate::ui::parts::{Block, BlockKind, StatusPill};
use crate::ui::record_form::{LookUp, RecordForm};
use crate::ui::section_tabs::{SectionPanel, SectionTab, SectionTabs};
use crate::ui::type_ahead::Again;
use crate::workspace::opening::{self, Reading};
use crate::workspace::tabs::{self, TabKey};

/// One document of any kind. `place_dialogs` draws the [`dialogs`](super::dialogs()) when the first is asked for.
#[component]
pub fn DocumentPage(
    kind: &'static Kind,
    id: Uuid,
    new: bool,
    read_only: bool,
    tab_key: TabKey,
    place_dialogs: fn(DocumentState) -> AnyView,
) -> impl IntoView {
    let state = DocumentState::new(kind, id, tab_key, new, read_only);
    for list in state.lists() {
        rows::bind(state, list);
    }
    let kept = RwSignal::new(false);
    drafts::keep(state, kept);
    let reading = opening::reading(tab_key);
    let held = one_window::hold(state);
    if new {
        state.loading.set(Shown::Reading);
        spawn_local(async move {
            held.await;
            let found = drafts::find(state).await;
            state.loading.try_set(Shown::Ready);
            drafts::restore(state, kept, found).await;
            reading.arrived();
        });
    } else {
        spawn_local(async move {
            held.await;
            read(state, kept, reading).await;
        });
    }
    watch(state);
    balance::follow(state);
    catching_up::follow(state, kept);
    Effect::new(move |_| tabs::set_dirty(tab_key, state.dirty()));
    // What waits in the browser comes back as soon as customs, or a colleague, lets the document be edited again.
    Effect::new(move |before: Option<(bool, bool)>| {
        let now = (state.loading.get() == Shown::Ready, state.editable());
        if before == Some((true, false)) && now == (true, true) && !kept.get_untracked() {
            spawn_local(async move {
                let found = drafts::find(state).await;
                drafts::restore(state, kept, found).await;
            });
        }
        now
    });
    Effect::new(move |_| tabs::set_fragile(tab_key, state.attachments.dirty()));
    Effect::new(move |_| {
        let locked = !state.editable();
        state.head.locked.set(locked);
        let rows_locked = locked || !state.is_saved();
        for list in state.lists() {
            let no_room = list.form.seq.get().is_none() && list.is_full();
            list.form.locked.set(rows_locked || no_room);
        }
    });
    // A memo: showing the document anew (after an answer of customs) fills the forms that are there; it
    // must not build them again under the fingers of whoever types.
    let loading = Memo::new(move |_| state.loading.get());
    let body = move || match loading.get() {
        Shown::Reading => view! { <Block kind=BlockKind::Loading text=text("正在读取数据…", "Reading…")/> }.into_any(),
        Shown::Failed(text) => {
            let on_retry = Callback::new(move |()| read_again(state, kept));
            view! { <Block kind=BlockKind::Failed text on_retry/> }.into_any()
        }
        Shown::Ready => content(state).into_any(),
    };
    view! {
        <section
            class="page document"
            on:keydown:capture=move |event| on_fault_key(state, &event)
            on:keydown=move |event| on_key(state, &event)
        >
            {body}
            <ReceiptsDialog open=state.receipts_open id state/>
            {place_dialogs(state)}
            <HistoryDialog open=state.history_open kind id/>
        </section>
    }
    .into_any()
}

/// Shows a stored document, with what an earlier visit left unsaved. Keys struck since it was opened wait for both.
async fn read(state: DocumentState, kept: RwSignal<bool>, reading: Reading) {
    let found = drafts::find(state).await;
    load(state).await;
    match state.loading.try_get_untracked() {
        Some(Shown::Ready) => drafts::restore(state, kept, found).await,
        Some(Shown::Failed(why)) => {
            let again = Again {
                keeps: false,
                pending: Arc::new(move || matches!(state.loading.try_get(), Some(Shown::Failed(_)))),
                run: Arc::new(move || read_again(state, kept)),
            };
            return reading.failed(why, again);
        }
        // Closed meanwhile.
        _ => return,
    }
    reading.arrived();
    // A document that customs sent back is a draft again once something of it is saved; the reasons go on to count.
    let is_sent_back = |meta: &DocumentMeta| meta.receipt_count > 0 && meta.status.allows(Action::Edit);
    if !state.loading.is_disposed() && state.meta.with_untracked(|meta| meta.as_ref().is_some_and(is_sent_back)) {
        show_reasons(state).await;
    }
}

fn read_again(state: DocumentState, kept: RwSignal<bool>) {
    tabs::enter(state.tab);
    state.loading.set(Shown::Reading);
    spawn_local(read(state, kept, opening::reading(state.tab)));
}

fn content(state: DocumentState) -> impl IntoView {
    let editable = Memo::new(move |_| state.editable());
    view! {
        {buttons(state)}
        {away::notice(state)}
        {summary(state)}
        <div class="document-columns">
            <div class="document-main">{sections(state)}</div>
            {move || editable.get().then(|| findings_panel(state))}
        </div>
    }
}

/// What keeps the document from being declared; of no use once customs has it.
fn findings_panel(state: DocumentState) -> impl IntoView {
    // A memo: the panel reads it several times, and thousands of rows are behind it.
    let findings = Memo::new(move |_| findings(state));
    view! {
        <aside class="document-side">
            <FindingsPanel
                findings
                label_of=Callback::new(move |pointer: String| name_of(state.kind, &pointer, language()))
                on_go=Callback::new(move |pointer: String| go_to(state, &pointer))
            />
        </aside>
    }
}

/// One line that says which document this is, whatever section is open.
fn summary(state: DocumentState) -> impl IntoView {
    let code = Signal::derive(move || state.status().map_or("new", Status::code).to_owned());
    let fact = move |key: &'static str| {
        let field = state.kind.field(key);
        let label = field.map_or(text("", ""), |field| field.label);
        let is_amount = field.is_some_and(|field| matches!(field.kind, form::Kind::Decimal { .. }));
        let stored = move || {
            let value = state.stored_head.with(|head| head.get(key).to_owned());
            if is_amount { form::grouped(&value) } else { value }
        };
        view! {
            <div class="fact" class:fact-empty=move || stored().is_empty()>
                <dt>{move || t(label)}</dt>
                <dd>{move || { let value = stored(); if value.is_empty() { "—".to_owned() } else { value } }}</dd>
            </div>
        }
    };
    view! {
        <div class="document-summary">
            <div role="status" class="document-status">
                <StatusPill code label=Signal::derive(move || state.status_label())/>
            </div>
            <dl class="facts">{state.kind.facts.iter().map(|key| fact(key)).collect_view()}</dl>
            {balance::figures(state)}
        </div>
    }
}

fn sections(state: DocumentState) -> impl IntoView {
    let prefix = state.prefix();
    let faulty = move |section: &'static str| {
        Some(Signal::derive(move || {
            state.remote_findings.with(|found| found.iter().any(|found| found.pointer.starts_with(section)))
        }))
    };
    let lists = state.lists();
    let mut tabs = vec![SectionTab { key: HEAD, label: HEAD_LABEL, count: None, faulty: faulty(HEAD) }];
    tabs.extend(lists.iter().map(|list| {
        let rows = list.rows;
        SectionTab {
            key: list.key(),
            label: list.section.label,
            count: Some(Signal::derive(move || {
                rows.with(|rows| rows.iter().filter(|row| row.mark != Mark::Deleted).count())
            })),
            faulty: faulty(list.key()),
        }
    }));
    tabs.extend(state.kind.declared.map(|declared| SectionTab {
        key: declared.key,
        label: declared.label,
        count: Some(Signal::derive(move || items(state, declared).len())),
        faulty: faulty(declared.key),
    }));
    let papers = state.attachments.rows;
    tabs.extend((!state.kind.is_notice).then(|| SectionTab {
        key: attachment::SECTION,
        label: attachment::LABEL,
        count: Some(Signal::derive(move || papers.with(Vec::len))),
        faulty: faulty(attachment::SECTION),
    }));
    let look_up = LookUp::new(move |key| Box::pin(look_up(state, key)));
    let panels = lists.into_iter().map(|list| list_panel(state, list, &prefix)).collect_view();
    let (head_form, papers_form) = (format!("{prefix}-{HEAD}"), format!("{prefix}-{}", attachment::SECTION));
    view! {
        <SectionTabs name=text("数据内容", "Contents") id_prefix=prefix.clone() tabs active=state.section/>
        <SectionPanel id_prefix=prefix.clone() key=HEAD active=state.section>
            <RecordForm state=state.head fields=state.kind.head id_prefix=head_form.clone() name=HEAD_LABEL
                look_up_keys=party_codes(state.kind) look_up
                on_last=Callback::new(move |()| spawn_local(finish_head(state)))
                on_commit=Callback::new(move |_| state.typed.update(|count| *count += 1))/>
        </SectionPanel>
        {panels}
        {state.kind.declared.map(|declared| view! {
            <SectionPanel id_prefix=prefix.clone() key=declared.key active=state.section>
                {declared_section(state, declared)}
            </SectionPanel>
        })}
        <SectionPanel id_prefix=prefix.clone() key=attachment::SECTION active=state.section>
            {(!state.kind.is_notice).then(|| view! { <AttachmentsSection state id_prefix=papers_form.clone()/> })}
        </SectionPanel>
    }
}

fn list_panel(state: DocumentState, list: SectionState, prefix: &str) -> AnyView {
    let form = format!("{prefix}-{}", list.key());
    view! {
        <SectionPanel id_prefix=prefix.to_owned() key=list.key() active=state.section>
            {locked_hint(state)}
            {rows_section(state, list, form.clone())}
        </SectionPanel>
    }
    .into_any()
}

fn locked_hint(state: DocumentState) -> impl IntoView {
    move || (!state.is_saved()).then(|| view! { <p class="notice notice-info">{t(LOCKED_HINT)}</p> })
}
