//! 常用模板: the dialog of an open document. Above what the enterprise keeps, to use or delete; below,
//! what this document has stored can be kept under a name.

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;
use web_sys::KeyboardEvent;

use super::labels::{DELETE, LOCKED_HINT, TEMPLATES};
use super::load::load;
use super::parties::{codes, look_up};
use super::state::DocumentState;
use crate::document::kind::HEAD;
use crate::document::template::api;
use crate::document::template::model::{InsertRows, Naming, SaveTemplate, Template, code_of, naming_fields, part_of};
use crate::error::{ApiError, ErrorKind};
use crate::form::{Field, Kind, Severity, show_time};
use crate::text::{Message, Text, text};
use crate::ui::call::{act, call};
use crate::ui::dialog::{self, Dialog};
use crate::ui::form_state::FormState;
use crate::ui::grid::{Column, Columns, Grid, GridRows, GridState};
use crate::ui::ime;
use crate::ui::lang::{said, t};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::record_form::RecordForm;
use crate::ui::toast;

const USE: Text = text("使用", "Use");
const KEEP: Text = text("存为模板", "Keep as template");
const NONE: Text =
    text("还没有模板：在下方把当前数据的表头或表体存为模板", "No templates yet: keep a part of this document below");

/// What the dialog holds; all handles, copied freely.
#[derive(Clone, Copy)]
struct Templates {
    document: DocumentState,
    open: RwSignal<bool>,
    list: RwSignal<Vec<Template>>,
    grid: RwSignal<GridState>,
    active: RwSignal<Option<Uuid>>,
    naming: FormState,
    busy: RwSignal<bool>,
}

/// The dialog behind the button 常用模板 (Alt+M).
#[component]
pub fn TemplatesDialog(state: DocumentState, open: RwSignal<bool>) -> impl IntoView {
    let templates = Templates {
        document: state,
        open,
        list: RwSignal::new(Vec::new()),
        grid: RwSignal::new(GridState::Loading),
        active: RwSignal::new(None),
        naming: FormState::new("template", naming_fields(state.kind)),
        busy: RwSignal::new(false),
    };
    Effect::new(move |_| {
        if open.get() {
            templates.name_anew(state.section.get_untracked());
            spawn_local(templates.read());
        }
    });
    view! {
        <Dialog open title=Signal::derive(move || t(TEMPLATES).to_owned()) wide=true>
            <div class="templates" on:keydown=move |event| templates.on_key(&event)>
                {kept(templates)}
                {keeping(templates)}
            </div>
        </Dialog>
    }
    .into_any()
}

/// What can be kept, with its labels.
fn choices(fields: &'static [Field]) -> &'static [(&'static str, Text)] {
    let kinds = fields.iter().map(|field| field.kind);
    kinds.filter_map(|kind| if let Kind::Choice(choices) = kind { Some(choices) } else { None }).next().unwrap_or(&[])
}

fn kept(templates: Templates) -> AnyView {
    let columns = Columns::new(
        "templates",
        vec![
            Column::new("section", text("内容", "Content"), 12).pill(choices(templates.naming.fields())),
            Column::new("name", text("模板名称", "Template name"), 30),
            Column::new("rows", text("行数", "Rows"), 6).numeric(),
            Column::new("updated_by", text("保存人", "Kept by"), 12),
            Column::new("updated_at", text("保存时间", "Kept at"), 20),
        ],
    );
    let kind = templates.document.kind;
    let rows = GridRows::of(
        templates.list.into(),
        |template: &Template| template.id,
        |template, key| match key {
            "section" => template.section.clone(),
            "name" => template.name.clone(),
            "rows" if template.section == HEAD => String::new(),
            "rows" => template.rows.to_string(),
            "updated_by" => template.updated_by.clone(),
            _ => show_time(&template.updated_at),
        },
    );
    // The list shows the code of a part, whose pill has its name.
    let rows = GridRows {
        cell: Callback::new(move |(index, key)| {
            let value = rows.cell.run((index, key));
            if key == "section" && !value.is_empty() { code_of(kind, &value).to_owned() } else { value }
        }),
        ..rows
    };
    let idle = Signal::derive(move || templates.active.get().is_none() || !templates.document.editable());
    let apply = Callback::new(move |()| spawn_local(templates.apply()));
    let remove = Callback::new(move |()| spawn_local(templates.remove()));
    let none = Signal::derive(move || templates.active.get().is_none());
    view! {
        <Grid name=TEMPLATES columns rows empty=NONE active=templates.active height=8
            state=Signal::from(templates.grid)
            on_retry=Callback::new(move |()| spawn_local(templates.read()))
            on_open=Callback::new(move |_| spawn_local(templates.apply()))
            on_delete=remove/>
        <div class="dialog-buttons">
            <ActionButton label=USE icon="check" kind=ButtonKind::Primary keys="Enter" disabled=idle busy=templates.busy on_press=apply/>
            <ActionButton label=DELETE icon="trash" kind=ButtonKind::Plain disabled=none on_press=remove/>
        </div>
    }
    .into_any()
}

fn keeping(templates: Templates) -> AnyView {
    let document = templates.document;
    let keep = Callback::new(move |()| spawn_local(templates.keep()));
    let scope = move || {
        let section = templates.naming.get("section");
        let chosen = templates.chosen(&section).len();
        t(match part_of(document.kind, &section) {
            HEAD => text(
                "保存已暂存的表头内容；编号、日期等每份数据不同的内容除外。",
                "The head as it was saved last, without what belongs to this one document: numbers, dates.",
            ),
            _ if chosen > 0 => text("保存表体中已勾选的行。", "The rows that are ticked in the list."),
            _ => text(
                "保存该表体的全部行；如只需部分，请先在表体中勾选。",
                "All rows of the list; tick some to keep only those.",
            ),
        })
    };
    view! {
        <h3 class="row-heading">{said(KEEP)}</h3>
        {move || if document.is_saved() {
            view! {
                <RecordForm state=templates.naming fields=templates.naming.fields() id_prefix="template" name=KEEP on_last=keep/>
                <p class="form-note">{scope}</p>
                <div class="dialog-buttons">
                    <ActionButton label=KEEP icon="save" kind=ButtonKind::Plain busy=templates.busy on_press=keep/>
                </div>
            }.into_any()
        } else {
            view! { <p class="notice">{said(text("请先暂存表头，再存为模板。", "Save the head first, then keep it as a template."))}</p> }.into_any()
        }}
    }
    .into_any()
}

impl Templates {
    /// A new name, for what the user has open.
    fn name_anew(self, section: &str) {
        let section = if self.document.list(section).is_some() { section } else { HEAD };
        let section = code_of(self.document.kind, section).to_owned();
        self.naming.load(&Naming { section, name: String::new() });
    }

    /// Rows that are ticked in the list a code means.
    fn chosen(self, code: &str) -> Vec<Uuid> {
        let list = self.document.list(part_of(self.document.kind, code));
        list.map(|list| list.selected.with(|ticked| ticked.iter().copied().collect())).unwrap_or_default()
    }

    fn current(self) -> Option<Template> {
        let active = self.active.get_untracked()?;
        self.list.with_untracked(|list| list.iter().find(|one| one.id == active).cloned())
    }

    async fn read(self) {
        let kind = self.document.kind.key;
        match call(|| api::list(kind.to_owned())).await {
            Ok(list) => {
                let still = self.active.get_untracked().filter(|id| list.iter().any(|one| one.id == *id));
                self.active.set(still.or_else(|| list.first().map(|one| one.id)));
                self.list.set(list);
                self.grid.set(GridState::Ready);
            }
            Err(error) => self.grid.set(GridState::Failed(error.message)),
        }
    }

    /// 使用: a head is filled in and waits for 暂存; rows are stored at once, as an import does.
    async fn apply(self) {
        let Some(template) = self.current() else { return };
        if !self.document.editable() || self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let done = match self.document.kind.section(&template.section) {
            None => self.fill_head(&template).await,
            Some(section) => self.insert(&template, section.key).await,
        };
        self.busy.set(false);
        match done {
            Ok(message) => {
                self.open.set(false);
                toast::success(message);
            }
            Err(error) if error.kind == ErrorKind::Conflict => {
                load(self.document).await;
                toast::failed(&error);
            }
            Err(error) if error.kind == ErrorKind::NotFound => {
                self.read().await;
                toast::error(text("该模板已被删除。", "This template was deleted meanwhile."));
            }
            Err(error) => toast::failed(&error),
        }
    }

    async fn fill_head(self, template: &Template) -> Result<Message, ApiError> {
        let head = call(|| api::get_head(template.id)).await?;
        for field in self.document.kind.head.iter().filter(|field| field.is_typed()) {
            if let Some(value) = head.get(field.key) {
                self.document.head.patch(field.key, value.as_str());
            }
        }
        for code in codes(self.document.kind) {
            // A code that is not known any more is told at its field by 暂存.
            let _ = look_up(self.document, code).await;
        }
        self.document.section.set(HEAD);
        Ok(Message::new(
            format!("已填入模板“{}”，请核对后暂存。", template.name),
            format!("Filled in from “{}”. Check it and save.", template.name),
        ))
    }

    async fn insert(self, template: &Template, section: &'static str) -> Result<Message, ApiError> {
        let Some(base) = self.document.meta.with_untracked(|meta| meta.as_ref().map(|meta| meta.version)) else {
            return Err(ApiError::new(ErrorKind::Refused, LOCKED_HINT));
        };
        let request = InsertRows { template: template.id, document: self.document.id, base };
        let document = act(|| api::insert(request.clone())).await?;
        self.document.follow(document);
        self.document.section.set(section);
        Ok(Message::new(
            format!("已从模板“{}”新增{}行。", template.name, template.rows),
            format!("{} rows added from “{}”.", template.rows, template.name),
        ))
    }

    /// 存为模板; asks before it replaces one of the same name.
    async fn keep(self) {
        let faults = self.naming.check(false);
        if faults.iter().any(|found| found.severity == Severity::Save) {
            self.naming.focus_error();
            return;
        }
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let typed: Naming = self.naming.values().read();
        let rows = untrack(|| self.chosen(&typed.section));
        let naming = Naming { section: part_of(self.document.kind, &typed.section).to_owned(), ..typed.clone() };
        let mut request = SaveTemplate { id: Uuid::now_v7(), naming, document: self.document.id, rows, replace: false };
        let mut answer = act(|| api::save(request.clone())).await;
        if let Err(error) = &answer
            && error.kind == ErrorKind::Conflict
            && dialog::choose(error.message.clone(), &[text("替换", "Replace")]).await.is_some()
        {
            request.replace = true;
            answer = act(|| api::save(request.clone())).await;
        }
        self.busy.set(false);
        match answer {
            Ok(()) => {
                toast::success(text("模板已保存。", "Template kept"));
                self.naming.load(&Naming { section: typed.section, name: String::new() });
                self.read().await;
            }
            Err(error) if error.kind == ErrorKind::Conflict => {
                self.naming.focus("name");
            }
            Err(error) => {
                self.naming.findings.set(error.findings.clone());
                toast::failed(&error);
            }
        }
    }

    async fn remove(self) {
        let Some(template) = self.current() else { return };
        let sure = dialog::confirm_loss(Message::new(
            format!("是否删除模板“{}”？已用它录入的数据不受影响。", template.name),
            format!("Delete the template “{}”? What was entered with it stays as it is.", template.name),
        ));
        if !sure.await {
            return;
        }
        match call(|| api::delete(template.id)).await {
            // Gone already is what was wanted.
            Err(error) if error.kind != ErrorKind::NotFound => toast::failed(&error),
            _ => toast::success(text("模板已删除。", "Template deleted")),
        }
        self.read().await;
    }

    fn on_key(self, event: &KeyboardEvent) {
        if !ime::is_composing(event) && event.key() == "s" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            spawn_local(self.keep());
        }
    }
}
