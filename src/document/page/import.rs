//! 导入: choose a file, see what importing it would do, decide. The dialog of an open document.
//! `send` carries the file, `report` shows what the server found in it, `apply` stores it.

mod apply;
mod report;
pub mod send;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{File, XmlHttpRequest};

use super::labels::LOCKED_HINT;
use super::load::export;
use super::state::DocumentState;
use crate::document::import::api;
use crate::document::import::model::{LARGEST_FILE, Mode, Report, UPLOAD, template_address, template_name};
use crate::document::kind::Kind;
use crate::error::ErrorKind;
use crate::text::{Language, Message, Text, text};
use crate::ui::call::call;
use crate::ui::dialog::Dialog;
use crate::ui::download::save_as;
use crate::ui::lang::{said, t, tm};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::wait::Giver;
use report::report_view;
use send::{STOP, chosen as chosen_file, fit, report, sending, told};

const TITLE: Text = text("导入", "Import");
pub const ACCEPTED: &str = ".xlsx,.xls,.xlsm,.csv,.txt";

/// Where an import stands.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Choosing,
    Sending,
    Reported(Box<Report>),
    Saving,
    Done { id: uuid::Uuid, mode: Mode, message: Message, left: usize },
}

/// What the dialog holds; all handles, copied freely.
#[derive(Clone, Copy)]
struct Import {
    document: DocumentState,
    open: RwSignal<bool>,
    stage: RwSignal<Stage>,
    file: RwSignal<Option<File>, LocalStorage>,
    sent: RwSignal<u32>,
    under_way: RwSignal<Option<XmlHttpRequest>, LocalStorage>,
    /// Stops the import while its rows are stored.
    halt: RwSignal<Option<Giver<()>>>,
    mode: RwSignal<Mode>,
    fault: RwSignal<Option<Message>>,
}

/// The dialog behind the button 导入 (Alt+I) of a document.
#[component]
pub fn ImportDialog(state: DocumentState, open: RwSignal<bool>) -> impl IntoView {
    let import = Import {
        document: state,
        open,
        stage: RwSignal::new(Stage::Choosing),
        file: RwSignal::new_local(None),
        sent: RwSignal::new(0),
        under_way: RwSignal::new_local(None),
        halt: RwSignal::new(None),
        mode: RwSignal::new(Mode::Append),
        fault: RwSignal::new(None),
    };
    let closed = Callback::new(move |()| import.forget());
    view! {
        <Dialog open title=Signal::derive(move || t(TITLE).to_owned()) wide=true on_close=closed>
            <div class="import">
                {move || {
                    import.fault.get().map(|fault| view! { <p class="notice notice-error" role="alert">{tm(&fault)}</p> })
                }}
                {move || match import.stage.get() {
                    Stage::Choosing => choosing(import),
                    Stage::Sending => sending(import.sent, Callback::new(move |()| import.stop())),
                    Stage::Reported(report) => report_view(import, *report),
                    Stage::Saving => saving(import),
                    Stage::Done { id, mode, message, left } => report::done(import, id, mode, message, left),
                }}
            </div>
        </Dialog>
    }
    .into_any()
}

fn choosing(import: Import) -> AnyView {
    if !import.document.is_saved() {
        return view! { <p class="notice">{said(LOCKED_HINT)}</p> }.into_any();
    }
    let chosen = move |event: leptos::ev::Event| {
        import.file.set(chosen_file(&event));
        import.fault.set(None);
    };
    let kind = import.document.kind;
    let (template, name) = (template_address(kind.key), template_name(kind));
    let target = template.clone();
    view! {
        <p>{move || tm(&purpose(kind))}</p>
        <p>
            <a class="link" href=template download=name.clone() on:click=move |event| {
                event.prevent_default();
                spawn_local(export(target.clone()));
            }>{name.clone()}</a>
        </p>
        <label class="import-file">
            <span>{said(text("导入文件", "File"))}</span>
            <input type="file" accept=ACCEPTED autofocus=true on:change=chosen/>
        </label>
        <p class="import-note">{move || tm(&limits(kind))}</p>
        <div class="dialog-buttons">
            <ActionButton label=text("上传并核对", "Upload and check") icon="" kind=ButtonKind::Primary
                on_press=Callback::new(move |()| spawn_local(import.upload()))/>
            <ActionButton label=text("取消", "Cancel") icon="" kind=ButtonKind::Plain
                on_press=Callback::new(move |()| import.open.set(false))/>
        </div>
    }
    .into_any()
}

/// What is imported, and from what.
fn purpose(kind: &Kind) -> Message {
    let names = |language, between: &str| {
        kind.sections.iter().map(|section| section.label.of(language)).collect::<Vec<_>>().join(between)
    };
    Message::new(
        format!(
            "从Excel批量导入{}。请用模板填写，也可使用自己的表格：列标题与模板一致即可，顺序不限。",
            names(Language::Zh, "、")
        ),
        format!(
            "Imports from Excel: {}. Use the template, or your own sheet with the same headings in any order.",
            names(Language::En, ", ")
        ),
    )
}

/// What is taken, and that nothing is stored at once.
fn limits(kind: &Kind) -> Message {
    let most = kind.sections.iter().map(|section| section.most_rows).max().unwrap_or_default();
    let megabytes = LARGEST_FILE >> 20;
    Message::new(
        format!(
            "支持.xlsx、.xls、.csv，最大{megabytes}MB，每张工作表最多{most}行。上传后先显示核对结果，确认后才写入。"
        ),
        format!(
            ".xlsx, .xls or .csv, at most {megabytes} MB and {most} rows per sheet. You see a report first; nothing is stored before you decide."
        ),
    )
}

fn saving(import: Import) -> AnyView {
    view! {
        <p role="status">{said(text("正在写入数据…", "Storing the rows…"))}</p>
        <progress max="100" aria-label=said(text("导入进度", "Progress of the import"))></progress>
        <div class="dialog-buttons">
            <ActionButton label=STOP icon="" kind=ButtonKind::Plain on_press=Callback::new(move |()| import.give_up())/>
        </div>
    }
    .into_any()
}

impl Import {
    /// Sends the chosen file and shows what the server says of it.
    async fn upload(self) {
        let file = match fit(self.file.get_untracked()) {
            Ok(file) => file,
            Err(fault) => return self.fault.set(Some(fault)),
        };
        self.fault.set(None);
        self.stage.set(Stage::Sending);
        let address = format!("{UPLOAD}?document={}&section={}&name=", self.document.id, self.open_section());
        let answer = report(&address, file, self.sent, self.under_way).await;
        // Stopped or closed meanwhile: nobody waits for this answer any more.
        if self.stage.get_untracked() != Stage::Sending {
            return;
        }
        match answer {
            Ok(report) => self.show(report),
            Err(fault) => self.failed(fault),
        }
    }

    /// Key of the list the user has open, or of the first: where rows go that do not say it themselves.
    fn open_section(self) -> &'static str {
        let open = self.document.open_list().or_else(|| self.document.lists().first().copied());
        open.map_or("", |list| list.key())
    }

    /// Shows a report; the first choice that is possible is made.
    fn show(self, report: Report) {
        let possible = |mode: Mode| report.plans.iter().any(|plan| plan.mode == mode && plan.impossible.is_none());
        if !possible(self.mode.get_untracked()) {
            self.mode.set(Mode::ALL.into_iter().find(|mode| possible(*mode)).unwrap_or_default());
        }
        self.stage.set(Stage::Reported(Box::new(report)));
    }

    fn failed(self, fault: Message) {
        self.file.set(None);
        self.fault.set(Some(fault));
        self.stage.set(Stage::Choosing);
    }

    /// The wrong rows as a workbook. The upload is looked up first: one that is over, or a lost session,
    /// would be saved as if it were the workbook.
    async fn save_returned(self, id: uuid::Uuid, address: String) {
        match call(|| api::review(id)).await {
            Ok(_) => save_as(&address),
            Err(error) if error.kind == ErrorKind::NotFound => self.failed(told(&error)),
            Err(error) => self.fault.set(Some(told(&error))),
        }
    }

    fn stop(self) {
        self.stage.set(Stage::Choosing);
        self.file.set(None);
        if let Some(request) = self.under_way.get_untracked() {
            let _ = request.abort();
        }
    }

    /// Back to the choice of a file; what was uploaded and not imported is forgotten on the server.
    fn restart(self) {
        self.forget();
    }

    fn forget(self) {
        if self.stage.get_untracked() == Stage::Saving {
            return self.give_up();
        }
        if let Stage::Reported(report) = self.stage.get_untracked() {
            spawn_local(async move {
                // It would be swept in any case.
                let _ = api::cancel(report.id).await;
            });
        }
        self.fault.set(None);
        self.stop();
    }
}
