//! The section itself: white buttons, the form of one attachment, files on their way, the list.
//! Files can be dropped anywhere on it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, HtmlInputElement, KeyboardEvent};

use super::actions::{delete, download, export, load, preview, save};
use super::chosen::{choose, files_of};
use super::preview::preview_dialog;
use super::state::{AttachmentsState, Phase, Transfer, shown_size};
use super::upload::upload;
use crate::attachment::content::human_size;
use crate::attachment::model::{Attachment, AttachmentRow, LABEL, Policy, STATUSES, Taken};
use crate::attachment::rules::{check_attachments, kind_label};
use crate::form::{Record, show_time};
use crate::text::{Message, Text, text};
use crate::ui::dialog;
use crate::ui::grid::{Column, ColumnChooser, Columns, Grid, GridRows, GridState};
use crate::ui::lang::{said, t, tm};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::record_form::RecordForm;

const CHOOSE: Text = text("文件选择", "Choose files");
const SAVE: Text = text("暂存", "Save");
const UPLOAD: Text = text("上传", "Upload");
const DOWNLOAD: Text = text("下载", "Download");
const LOOK: Text = text("预览", "Preview");
const DELETE: Text = text("删除", "Delete");
const NEW: Text = text("新增", "New");
const EXPORT: Text = text("导出", "Export");
const STOP: Text = text("停止", "Stop");
const FILES: Text = text("选择随附单据文件", "Choose the files to attach");
const NO_ROWS: Text =
    text("还没有随附单据：点击“文件选择”，或把文件拖到这里", "No attachments yet: choose files, or drop them here");

/// Fields that the program fills and nobody needs to see while typing.
const HIDDEN: &[&str] = &["file_type", "hash_method", "format", "owner_code", "change_seq", "uploaded_at", "status"];

/// The section of a document's page. `prefix` is unique on the page.
pub fn attachments_section(state: AttachmentsState, prefix: String) -> AnyView {
    let columns = columns();
    let rows = GridRows::of(state.rows.into(), |row| row.id, cell);
    let locked = Signal::derive(move || !state.editable.get());
    Effect::new(move |_| state.form.locked.set(locked.get()));
    let edit = Callback::new(move |id: Uuid| {
        // A click chooses: 下载 and 删除 must not act on papers that were ticked before and are out of mind.
        if state.selected.with_untracked(|ticked| !ticked.is_empty() && !ticked.contains(&id)) {
            state.selected.update(std::collections::HashSet::clear);
        }
        if let Some(row) = state.find(id).filter(|_| id != state.current.get_untracked().0) {
            state.edit(&row);
        }
    });
    let flaw = Callback::new(move |id: Uuid| {
        // Tracked, so that the mark goes when the file is up.
        let row = state.rows.with(|rows| rows.iter().find(|row| row.id == id).cloned())?;
        // What is wrong with this one, not what else is missing.
        let policy = Policy { required: Vec::new(), ..state.policy.get() };
        check_attachments(&[row], &policy).into_iter().next().map(|found| found.message)
    });
    // There is no list before the first 暂存 of the head.
    let saved = Memo::new(move |_| state.meta.with(Option::is_some));
    Effect::new(move |_| {
        if saved.get() && !state.is_loaded() {
            state.loading.set(GridState::Loading);
            spawn_local(load(state));
        }
    });
    let input = NodeRef::<html::Input>::new();
    let dragged = RwSignal::new(false);
    let spawn = move |files| {
        if !locked.get_untracked() {
            spawn_local(choose(state, files));
        }
    };
    // A file that misses the section would replace the page, and all that was typed with it.
    let over = window_event_listener(ev::dragover, |event| event.prevent_default());
    let missed = window_event_listener(ev::drop, |event| event.prevent_default());
    on_cleanup(move || {
        over.remove();
        missed.remove();
    });
    view! {
        <div
            class="goods attachments"
            class:dragged=dragged
            on:keydown=move |event| on_key(state, &event)
            on:dragover=move |event| {
                event.prevent_default();
                dragged.set(!locked.get_untracked());
            }
            on:dragleave=move |_| dragged.set(false)
            on:drop=move |event: DragEvent| {
                event.prevent_default();
                dragged.set(false);
                spawn(files_of(event.data_transfer().and_then(|transfer| transfer.files())));
            }
        >
            {bar(state, columns, locked, input)}
            <input
                node_ref=input
                type="file"
                multiple
                class="sr-only"
                tabindex="-1"
                aria-label=said(FILES)
                accept=move || accepted(state)
                on:change=move |event| {
                    let input: HtmlInputElement = event_target(&event);
                    let files = files_of(input.files());
                    // Emptied, so that the same file can be chosen again.
                    input.set_value("");
                    spawn(files);
                }
            />
            {heading(state)}
            <RecordForm state=state.form fields=Attachment::FIELDS id_prefix=prefix name=LABEL hidden=HIDDEN
                on_last=Callback::new(move |()| spawn_local(async move { save(state).await; }))/>
            {transfers(state)}
            <Grid name=LABEL columns rows empty=NO_ROWS
                state=Signal::derive(move || state.loading.get())
                on_retry=Callback::new(move |()| {
                    state.loading.set(GridState::Loading);
                    spawn_local(load(state));
                })
                active=state.active selected=state.selected
                on_open=Callback::new(move |_| spawn_local(preview(state)))
                on_pick=edit
                on_delete=Callback::new(move |()| spawn_local(delete(state)))
                flaw/>
            {preview_dialog(state)}
        </div>
    }
    .into_any()
}

/// What tells a row from another stands first: a narrow screen shows no more.
fn columns() -> Columns {
    const FIRST: [&str; 4] = ["att_type", "file_name", "size", "status"];
    let mut columns = vec![Column::new("seq", text("随附单证序号", "No."), 8).numeric()];
    let rest = Attachment::FIELDS.iter().filter(|field| !FIRST.contains(&field.key));
    columns.extend(FIRST.iter().filter_map(|key| Attachment::field(key)).chain(rest).map(|field| match field.key {
        "status" => Column::of(field).pill(STATUSES),
        "size" => Column::of(field).numeric(),
        _ => Column::of(field),
    }));
    Columns::new("attachments", columns)
}

/// What the form is about, and what can be attached at all.
fn heading(state: AttachmentsState) -> AnyView {
    let about = move || match (state.form.seq.get(), state.chosen_count()) {
        (Some(seq), _) => tm(&Message::new(format!("修改第{seq}项"), format!("Edit item {seq}"))),
        (None, 0 | 1) => t(text("新增一项", "New item")).to_owned(),
        (None, count) => tm(&Message::new(
            format!("新增{count}项：类型留空时按各文件的名称判断"),
            format!("{count} new items; leave the kind empty to have it told from each name"),
        )),
    };
    let limits = move || {
        state.policy.with(|policy| {
            let each = |one: &Taken| format!("{} ≤ {}", one.kind.name().to_uppercase(), human_size(one.max_bytes));
            let (pictures, documents): (Vec<Taken>, Vec<Taken>) =
                policy.types.iter().copied().partition(|one| one.kind.is_picture());
            let documents = documents.iter().map(each).collect::<Vec<_>>().join("、");
            if pictures.is_empty() || policy.pictures.is_empty() {
                return documents;
            }
            let pictures = pictures.iter().map(each).collect::<Vec<_>>().join("、");
            let papers = |of: fn(&Text) -> &'static str| {
                policy.pictures.iter().map(|code| of(&kind_label(code))).collect::<Vec<_>>().join("、")
            };
            tm(&Message::new(
                format!("{documents}；{}也可为{pictures}", papers(|label| label.zh)),
                format!("{documents}; {} also {pictures}", papers(|label| label.en)),
            ))
        })
    };
    view! { <h2 class="row-heading">{about}<span class="attachment-limits">{limits}</span></h2> }.into_any()
}

fn cell(row: &AttachmentRow, key: &'static str) -> String {
    match key {
        "seq" => row.seq.to_string(),
        "size" => shown_size(row),
        "uploaded_at" if !row.content.uploaded_at.is_empty() => show_time(&row.content.uploaded_at),
        key => row.content.get(key).to_owned(),
    }
}

fn accepted(state: AttachmentsState) -> String {
    let types = state.policy.with(|policy| policy.types.iter().map(|one| one.kind.mime()).collect::<Vec<_>>());
    types.join(",")
}

fn bar(state: AttachmentsState, columns: Columns, locked: Signal<bool>, input: NodeRef<html::Input>) -> AnyView {
    view! {
        <div class="section-bar" role="toolbar" aria-label=said(LABEL)>
            <ActionButton label=CHOOSE icon="plus" kind=ButtonKind::Plain keys="Alt+O" disabled=locked
                on_press=Callback::new(move |()| {
                    if let Some(input) = input.get_untracked() {
                        input.click();
                    }
                })/>
            <ActionButton label=SAVE icon="save" kind=ButtonKind::Plain keys="Ctrl+Enter" disabled=locked
                on_press=Callback::new(move |()| spawn_local(async move { save(state).await; }))/>
            <ActionButton label=UPLOAD icon="upload" kind=ButtonKind::Plain keys="Alt+U" disabled=locked
                on_press=Callback::new(move |()| spawn_local(upload(state)))/>
            <ActionButton label=DOWNLOAD icon="download" kind=ButtonKind::Plain
                on_press=Callback::new(move |()| spawn_local(download(state)))/>
            <ActionButton label=LOOK icon="eye" kind=ButtonKind::Plain
                on_press=Callback::new(move |()| spawn_local(preview(state)))/>
            <ActionButton label=DELETE icon="trash" kind=ButtonKind::Plain disabled=locked
                on_press=Callback::new(move |()| spawn_local(delete(state)))/>
            <ActionButton label=NEW icon="plus" kind=ButtonKind::Plain keys="Alt+N" disabled=locked
                on_press=Callback::new(move |()| spawn_local(start_new(state)))/>
            <span class="bar-gap"></span>
            <ActionButton label=EXPORT icon="download" kind=ButtonKind::Plain
                disabled=Signal::derive(move || state.rows.with(Vec::is_empty))
                on_press=Callback::new(move |()| spawn_local(export(state, columns.shown_keys())))/>
            <ColumnChooser columns/>
        </div>
    }
    .into_any()
}

/// 新增. What is typed or chosen and not stored is stored first, or given up by a word of the user's.
async fn start_new(state: AttachmentsState) {
    crate::ui::focus::commit_active();
    if state.form.dirty_now() || !state.chosen().is_empty() {
        let question = text(
            "有随附单据尚未暂存。先暂存，还是放弃？",
            "An attachment is not saved yet. Save it first, or discard it?",
        );
        match dialog::choose(question, &[SAVE, text("放弃", "Discard")]).await {
            Some(0) => {
                save(state).await;
                return;
            }
            Some(_) => {}
            None => return,
        }
    }
    state.start_new();
    state.form.focus_first();
}

/// Files that are read or sent right now, or stopped half way.
fn transfers(state: AttachmentsState) -> AnyView {
    let ids = Memo::new(move |_| {
        state.transfers.with(|all| all.iter().map(|transfer| (transfer.id, transfer.name.clone())).collect::<Vec<_>>())
    });
    view! {
        <ul class="transfers" aria-label=said(text("上传进度", "Progress"))>
            <For each=move || ids.get() key=|(id, _)| *id let((id, name))>
                {transfer_line(state, id, name)}
            </For>
        </ul>
    }
    .into_any()
}

fn transfer_line(state: AttachmentsState, id: Uuid, name: String) -> AnyView {
    let now = Memo::new(move |_| state.transfers.with(|all| all.iter().find(|transfer| transfer.id == id).cloned()));
    let percent = move || now.with(|now| now.as_ref().map_or(0, |now| now.done.saturating_mul(100) / now.total.max(1)));
    let tells = move || now.with(|now| now.as_ref().map_or_else(String::new, told));
    let failed = move || now.with(|now| now.as_ref().is_some_and(|now| matches!(now.phase, Phase::Failed(_))));
    view! {
        <li class="transfer" class:failed=failed>
            <span class="transfer-name">{name.clone()}</span>
            <progress max="100" value=move || percent().to_string() aria-label=name></progress>
            <span class="transfer-tells">{tells}</span>
            {move || (!failed()).then(|| view! {
                <button type="button" class="button" on:click=move |_| state.stop(id)>{said(STOP)}</button>
            })}
        </li>
    }
    .into_any()
}

fn told(transfer: &Transfer) -> String {
    let percent = transfer.done.saturating_mul(100) / transfer.total.max(1);
    let (done, total) = (human_size(transfer.done), human_size(transfer.total));
    tm(&match &transfer.phase {
        Phase::Reading => Message::new(format!("正在读取 {percent}%"), format!("Reading {percent}%")),
        Phase::Sending => Message::new(
            format!("正在上传 {percent}%（{done}，共{total}）"),
            format!("Uploading {percent}% ({done} of {total})"),
        ),
        Phase::Retrying => Message::new(
            format!("网络中断，正在重试，已上传的{percent}%不会丢失"),
            format!("The connection broke; trying again. The {percent}% sent are safe"),
        ),
        Phase::Failed(message) => message.clone(),
    })
}

/// Keys of this section; the page's own keys do not see these.
fn on_key(state: AttachmentsState, event: &KeyboardEvent) {
    if crate::ui::ime::is_composing(event) || !state.editable.get_untracked() {
        return;
    }
    let control = event.ctrl_key() || event.meta_key();
    match (event.code().as_str(), control, event.alt_key(), event.shift_key()) {
        ("KeyS" | "Enter" | "NumpadEnter", true, false, false) => {
            crate::ui::focus::commit_active();
            spawn_local(async move {
                save(state).await;
            });
        }
        ("KeyN", false, true, false) => spawn_local(start_new(state)),
        ("KeyU", false, true, false) => spawn_local(upload(state)),
        ("KeyO", false, true, false) => press_choose(event),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

/// The chooser opens only for a key or click of the user's, so the input is found from the event.
fn press_choose(event: &KeyboardEvent) {
    let section = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let input = section.and_then(|section| section.query_selector("input[type=file]").ok().flatten());
    if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) {
        input.click();
    }
}
