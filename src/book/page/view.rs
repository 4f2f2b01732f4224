//! The screen of one book: blue buttons, head, the two lists of goods, papers, findings. A tab of its own
//! (`app::panels`). Puts the parts together and ties them to one `state`; what buttons and keys do is in `actions`.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::actions::{finish_head, go_to, load};
use super::attachments::AttachmentsSection;
use super::buttons::buttons;
use super::drafts;
use super::goods::{self, goods_section};
use super::import::ImportDialog;
use super::keys::{on_fault_key, on_key};
use super::labels::LOCKED_HINT;
use super::poll::{show_reasons, watch};
use super::receipts::ReceiptsDialog;
use super::state::{BookState, Shown};
use super::templates::TemplatesDialog;
use crate::attachment::model as attachment;
use crate::book::model::{HEAD, Head, Side};
use crate::book::place::{HEAD_LABEL, name_of};
use crate::document::Status;
use crate::form::Record;
use crate::text::{Message, text};
use crate::ui::call::call;
use crate::ui::findings_panel::FindingsPanel;
use crate::ui::lang::{language, t};
use crate::ui::parts::{Block, BlockKind, StatusPill};
use crate::ui::record_form::{LookUp, RecordForm};
use crate::ui::section_tabs::{SectionPanel, SectionTab, SectionTabs};
use crate::ui::type_ahead::Again;
use crate::workspace::opening::{self, Reading};
use crate::workspace::tabs::{self, TabKey};

/// 出境加工账册(备案/变更): one filing.
#[component]
pub fn BookPage(id: Uuid, new: bool, read_only: bool, tab_key: TabKey) -> impl IntoView {
    let state = BookState::new(id, tab_key, new, read_only);
    goods::bind(state, state.exports);
    goods::bind(state, state.reimports);
    let kept = RwSignal::new(false);
    drafts::keep(state, kept);
    let reading = opening::reading(tab_key);
    if new {
        spawn_local(async move {
            drafts::restore(state, kept).await;
            reading.arrived();
        });
    } else {
        spawn_local(read(state, kept, reading));
    }
    watch(state);
    Effect::new(move |_| tabs::set_dirty(tab_key, state.dirty()));
    // What waits in the browser comes back as soon as customs, or a colleague, lets the book be edited again.
    Effect::new(move |before: Option<(bool, bool)>| {
        let now = (state.loading.get() == Shown::Ready, state.editable());
        if before == Some((true, false)) && now == (true, true) && !kept.get_untracked() {
            spawn_local(drafts::restore(state, kept));
        }
        now
    });
    Effect::new(move |_| tabs::set_fragile(tab_key, state.attachments.dirty()));
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
        Shown::Failed(text) => {
            let on_retry = Callback::new(move |()| read_again(state, kept));
            view! { <Block kind=BlockKind::Failed text on_retry/> }.into_any()
        }
        Shown::Ready => content(state).into_any(),
    };
    view! {
        <section
            class="page book"
            on:keydown:capture=move |event| on_fault_key(state, &event)
            on:keydown=move |event| on_key(state, &event)
        >
            {body}
            <ReceiptsDialog open=state.receipts_open id state/>
            <ImportDialog state open=state.import_open/>
            <TemplatesDialog state open=state.templates_open/>
        </section>
    }
    .into_any()
}

/// Shows a stored book, with what an earlier visit left unsaved. Keys struck since it was opened wait for both.
async fn read(state: BookState, kept: RwSignal<bool>, reading: Reading) {
    load(state).await;
    match state.loading.try_get_untracked() {
        Some(Shown::Ready) => drafts::restore(state, kept).await,
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
    if !state.loading.is_disposed()
        && matches!(state.meta.with_untracked(|meta| meta.as_ref().map(|meta| meta.status)), Some(Status::Returned))
    {
        show_reasons(state).await;
    }
}

fn read_again(state: BookState, kept: RwSignal<bool>) {
    tabs::enter(state.tab);
    state.loading.set(Shown::Reading);
    spawn_local(read(state, kept, opening::reading(state.tab)));
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
    // A memo: the panel reads it several times, and thousands of rows are behind it.
    let findings = Memo::new(move |_| state.findings());
    view! {
        <aside class="book-side">
            <FindingsPanel
                findings
                label_of=Callback::new(move |pointer: String| name_of(&pointer, language()))
                on_go=Callback::new(move |pointer: String| go_to(state, &pointer))
            />
        </aside>
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
        SectionTab {
            key: attachment::SECTION,
            label: attachment::LABEL,
            count: count(Signal::derive(move || state.attachments.rows.with(Vec::len))),
            faulty: Some(faulty(attachment::SECTION)),
        },
    ];
    let look_up = LookUp::new(move |key| Box::pin(look_up_party(state, key)));
    let form = |section: &str| format!("{prefix}-{section}");
    let (head_form, exports_form, reimports_form) = (form("head"), form("exports"), form("reimports"));
    let papers_form = form(attachment::SECTION);
    view! {
        <SectionTabs name=text("账册内容", "Contents") id_prefix=prefix.clone() tabs active=state.section/>
        <SectionPanel id_prefix=prefix.clone() key=HEAD active=state.section>
            <RecordForm state=state.head fields=Head::FIELDS id_prefix=head_form.clone() name=HEAD_LABEL
                look_up_keys=PARTY_CODES look_up
                on_last=Callback::new(move |()| spawn_local(finish_head(state)))
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
        <SectionPanel id_prefix=prefix.clone() key=attachment::SECTION active=state.section>
            <AttachmentsSection state id_prefix=papers_form.clone()/>
        </SectionPanel>
    }
}

fn locked_hint(state: BookState) -> impl IntoView {
    move || (!state.is_saved()).then(|| view! { <p class="notice notice-info">{t(LOCKED_HINT)}</p> })
}

/// Codes whose Enter fills credit code and name.
pub(super) const PARTY_CODES: &[&str] = &["operator_code", "processor_code", "declarant_code"];

/// Fills credit code and name of a party from its code.
pub(super) async fn look_up_party(state: BookState, key: &'static str) -> Result<(), Message> {
    let code = state.head.record::<Head>().get(key).to_owned();
    let is_still = || state.head.accepted::<Head>().get(key) == code;
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
    let answer = call(|| crate::account::api::enterprise(code.clone())).await;
    // Another code stands there by now, and has a look-up of its own.
    if !is_still() {
        return answer.map(|_| ()).map_err(|error| error.message);
    }
    match answer {
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
