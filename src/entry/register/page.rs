//! 报关单批量登记: choose a list of 报关单, see what registering it would do, decide. A tab of its own (`app::panels`). Sends
//! the file and the decision; checks nothing itself.

mod report;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{File, XmlHttpRequest};

use super::api;
use super::model::{Applied, Apply, Outcome, Report, TEMPLATE, TEMPLATE_NAME, UPLOAD};
use crate::document::import::api::cancel;
use crate::document::page::import::ACCEPTED;
use crate::document::page::import::send::{chosen as chosen_file, fit, report as send_for_report, sending, told};
use crate::document::page::load::export;
use crate::error::ErrorKind;
use crate::text::{Message, Text, text};
use crate::ui::call::{call, store};
use crate::ui::lang::{said, tm};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::toast;
use crate::workspace::tabs::REGISTRATION;

const PURPOSE: Text = text(
    "海关已放行的报关单（在单一窗口或由报关行申报的），可从Excel清单一次登记多份：每行一个商品项，同一报关单号的各行是一份报关单。登记后即核注账册台账，不向海关发送数据。",
    "Entries that customs has let pass (declared elsewhere) are registered from an Excel list, many at once: one line an item, lines with the same number are one entry. Registering books them in the ledger; nothing is sent to customs.",
);
const PAIRS: Text = text(
    "复进口的报关单按申报的两行填写：征免为全免的是所含原出口货物价值，照章征税的是境外加工等费用，系统按备案序号配成一项。已登记过的报关单会跳过。",
    "Of a re-import both declared lines are listed: the exempt one is the original value, the taxed one the fees; they are paired by the item number of the book. What is registered already is skipped.",
);
const NOTE: Text = text(
    "支持.xlsx、.xls、.csv，最大10MB，最多1000份报关单、5000行。上传后先显示核对结果，确认后才登记。",
    ".xlsx, .xls or .csv, at most 10 MB, 1000 entries and 5000 lines. You see a report first; nothing is registered before you decide.",
);

/// Where the registering stands.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Choosing,
    Sending,
    Reported(Box<Report>),
    Saving,
    Done { report: Box<Report>, applied: Applied },
}

/// What the page holds; all handles, copied freely.
#[derive(Clone, Copy)]
struct Registration {
    stage: RwSignal<Stage>,
    file: RwSignal<Option<File>, LocalStorage>,
    sent: RwSignal<u32>,
    under_way: RwSignal<Option<XmlHttpRequest>, LocalStorage>,
    fault: RwSignal<Option<Message>>,
}

/// The page.
pub fn registration_page((): ()) -> AnyView {
    let page = Registration {
        stage: RwSignal::new(Stage::Choosing),
        file: RwSignal::new_local(None),
        sent: RwSignal::new(0),
        under_way: RwSignal::new_local(None),
        fault: RwSignal::new(None),
    };
    on_cleanup(move || page.forget());
    let content = move || match page.stage.get() {
        Stage::Choosing => choosing(page),
        Stage::Sending => sending(page.sent, Callback::new(move |()| page.stop())),
        Stage::Reported(report) => report::report_view(page, *report),
        Stage::Saving => waiting(text("正在登记…", "Registering…")),
        Stage::Done { report, applied } => report::done(page, &report, applied),
    };
    view! {
        <section class="page">
            <h1 class="page-title">{said(REGISTRATION)}</h1>
            <div class="panel import registration">
                {move || page.fault.get().map(|fault| view! { <p class="notice notice-error" role="alert">{tm(&fault)}</p> })}
                {content}
            </div>
        </section>
    }
    .into_any()
}

fn choosing(page: Registration) -> AnyView {
    let chosen = move |event: leptos::ev::Event| {
        page.file.set(chosen_file(&event));
        page.fault.set(None);
    };
    view! {
        <p>{said(PURPOSE)}</p>
        <p>{said(PAIRS)}</p>
        <p>
            <a class="link" href=TEMPLATE download=TEMPLATE_NAME on:click=move |event| {
                event.prevent_default();
                spawn_local(export(TEMPLATE.to_owned()));
            }>{TEMPLATE_NAME}</a>
        </p>
        <label class="import-file">
            <span>{said(text("报关单清单", "List of entries"))}</span>
            <input type="file" accept=ACCEPTED on:change=chosen/>
        </label>
        <p class="import-note">{said(NOTE)}</p>
        <div class="dialog-buttons">
            <ActionButton label=text("上传并核对", "Upload and check") icon="upload" kind=ButtonKind::Primary
                on_press=Callback::new(move |()| spawn_local(page.upload()))/>
        </div>
    }
    .into_any()
}

fn waiting(words: Text) -> AnyView {
    view! {
        <p role="status">{said(words)}</p>
        <progress max="100" aria-label=said(words)></progress>
    }
    .into_any()
}

impl Registration {
    /// Sends the chosen file and shows what the server says of it.
    async fn upload(self) {
        let file = match fit(self.file.get_untracked()) {
            Ok(file) => file,
            Err(fault) => return self.fault.set(Some(fault)),
        };
        self.fault.set(None);
        self.stage.set(Stage::Sending);
        let answer = send_for_report(&format!("{UPLOAD}?name="), file, self.sent, self.under_way).await;
        // Stopped or closed meanwhile: nobody waits for this answer any more.
        if self.stage.try_get_untracked() != Some(Stage::Sending) {
            return;
        }
        match answer {
            Ok(report) => self.stage.set(Stage::Reported(report)),
            Err(fault) => self.failed(fault),
        }
    }

    /// Registers what was reported.
    async fn apply(self, report: Report, only_good: bool) {
        let request = Apply { id: report.id, seen: report.count(Outcome::New), only_good };
        self.fault.set(None);
        self.stage.set(Stage::Saving);
        let answer = store(|| api::register_apply(request)).await;
        if self.stage.is_disposed() {
            return;
        }
        match answer {
            Ok(applied) => {
                toast::success(applied.told());
                self.stage.set(Stage::Done { report: Box::new(report), applied });
            }
            Err(error) if error.kind == ErrorKind::Conflict => {
                self.fault.set(Some(error.message));
                match call(|| api::register_review(report.id)).await {
                    Ok(report) => self.stage.set(Stage::Reported(Box::new(report))),
                    Err(error) => self.failed(told(&error)),
                }
            }
            Err(error) if error.kind == ErrorKind::NotFound => self.failed(told(&error)),
            Err(error) => {
                self.fault.set(Some(told(&error)));
                self.stage.set(Stage::Reported(Box::new(report)));
            }
        }
    }

    /// The lines of the wrong entries as a workbook. The upload is looked up first: one that is over, or a lost session,
    /// would be saved as if it were the workbook.
    async fn save_returned(self, id: uuid::Uuid, address: String) {
        match call(|| api::register_review(id)).await {
            Ok(_) => crate::ui::download::save_as(&address),
            Err(error) if error.kind == ErrorKind::NotFound => self.failed(told(&error)),
            Err(error) => self.fault.set(Some(told(&error))),
        }
    }

    fn failed(self, fault: Message) {
        self.file.set(None);
        self.fault.set(Some(fault));
        self.stage.set(Stage::Choosing);
    }

    fn stop(self) {
        self.stage.set(Stage::Choosing);
        self.file.set(None);
        if let Some(request) = self.under_way.get_untracked() {
            let _ = request.abort();
        }
    }

    /// Back to the choice of a file.
    fn restart(self) {
        self.forget();
        self.fault.set(None);
        self.stop();
    }

    /// What was uploaded and not registered is forgotten on the server.
    fn forget(self) {
        if let Some(Stage::Reported(report)) = self.stage.try_get_untracked() {
            spawn_local(async move {
                // It would be swept in any case.
                let _ = cancel(report.id).await;
            });
        }
    }
}
