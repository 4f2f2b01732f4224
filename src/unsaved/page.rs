//! The screen of 未同步: what this browser has of documents and the server does not; open, compare, discard, carry to another
//! computer. A tab of its own (`app::panels`). Works without the server; sends nothing.

mod carry;
mod compare;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use crate::document::api;
use crate::document::kind::HEAD_LABEL;
use crate::kinds;
use crate::text::{Message, Text, text};
use crate::ui::call;
use crate::ui::dialog;
use crate::ui::grid::{Column, Columns, Grid, GridRows, GridState};
use crate::ui::lang::{said, t, tm};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::toast;
use crate::workspace::content::Content;
use crate::workspace::held::{self, Held};
use crate::workspace::tabs::{self, Tab, TabKey, UNSYNCED};
use crate::workspace::{drafts, queue};

const WORDS: Text = text(
    "以下内容只在本机（本浏览器）上，服务器还没有。待同步的在连上服务器后自动存到服务器；未保存的请打开后暂存。要在另一台电脑上继续，请导出为文件，在那台电脑以同一用户登录后导入。",
    "This is on this computer (this browser) only; the server does not have it. What is to be sent goes to the server by itself once that answers; open and save what is not saved. To go on at another computer, export it as a file and bring it in there, signed in as the same user.",
);

/// What the page holds; all handles, copied freely.
#[derive(Clone, Copy)]
struct Screen {
    held: RwSignal<Vec<Held>>,
    grid: RwSignal<GridState>,
    active: RwSignal<Option<Uuid>>,
}

impl Screen {
    fn read(self) {
        spawn_local(async move {
            let held = held::all().await;
            if self.held.is_disposed() {
                return;
            }
            if self.held.with_untracked(|known| *known != held) {
                self.held.set(held);
            }
            self.grid.set(GridState::Ready);
        });
    }

    /// What stands in the line of the keys.
    fn chosen(self) -> Option<Held> {
        let id = self.active.get_untracked()?;
        self.held.with_untracked(|all| all.iter().find(|held| held.document == id).cloned())
    }
}

/// The page.
pub fn unsynced_page(tab: TabKey) -> AnyView {
    let screen = Screen {
        held: RwSignal::new(Vec::new()),
        grid: RwSignal::new(GridState::Loading),
        active: RwSignal::new(None),
    };
    Effect::new(move |_| {
        queue::count();
        drafts::count();
        if tabs::is_active(tab) {
            screen.read();
        }
    });
    view! {
        <section class="page unsynced">
            <h1 class="page-title">{said(UNSYNCED)}</h1>
            <p class="kept-note">{said(WORDS)}</p>
            {list(screen)}
        </section>
    }
    .into_any()
}

fn list(screen: Screen) -> AnyView {
    let columns = Columns::new(
        "unsynced",
        vec![
            Column::new("title", text("单据", "Document"), 30),
            Column::new("noun", text("单据类型", "Kind"), 16),
            Column::new("typed", text("未保存", "Not saved"), 36),
            Column::new("waiting", text("待同步", "To be sent"), 30),
            Column::new("at", text("录入时间", "Typed at"), 17),
        ],
    );
    let rows = GridRows::of(screen.held.into(), |held: &Held| held.document, cell);
    let none = Signal::derive(move || {
        let active = screen.active.get();
        !screen.held.with(|all| all.iter().any(|held| Some(held.document) == active))
    });
    let empty = Signal::derive(move || screen.held.with(Vec::is_empty));
    let act = move |run: fn(Screen, Held)| {
        Callback::new(move |()| {
            if let Some(held) = screen.chosen() {
                run(screen, held);
            }
        })
    };
    let on_open = Callback::new(move |id: Uuid| {
        screen.active.set(Some(id));
        if let Some(held) = screen.chosen() {
            open(held);
        }
    });
    view! {
        <div class="panel results">
            <div class="section-bar" role="toolbar" aria-label=said(UNSYNCED)>
                <ActionButton label=text("打开", "Open") icon="edit" kind=ButtonKind::Plain disabled=none
                    on_press=act(|_, held| open(held))/>
                <ActionButton label=compare::COMPARE icon="columns" kind=ButtonKind::Plain disabled=none
                    on_press=act(|_, held| spawn_local(compare::show(held)))/>
                <ActionButton label=text("丢弃", "Discard") icon="trash" kind=ButtonKind::Danger disabled=none
                    on_press=act(|screen, held| spawn_local(discard(screen, held)))/>
                <ActionButton label=text("导出为文件", "Export as a file") icon="download" kind=ButtonKind::Plain disabled=none
                    on_press=act(|_, held| spawn_local(carry::export(vec![held])))/>
                <ActionButton label=text("全部导出", "Export all") icon="download" kind=ButtonKind::Plain disabled=empty
                    on_press=Callback::new(move |()| spawn_local(carry::export(screen.held.get_untracked())))/>
                {carry::bring_in_button(Callback::new(move |()| screen.read()))}
            </div>
            <Grid name=UNSYNCED columns rows state=Signal::from(screen.grid) active=screen.active height=14
                empty=text("全部内容都在服务器上。", "The server has everything.")
                on_open=on_open on_retry=Callback::new(move |()| screen.read())/>
        </div>
    }
    .into_any()
}

fn cell(held: &Held, key: &'static str) -> String {
    match key {
        "title" => held.title.clone(),
        "noun" => kinds::naming(&held.kind).map_or_else(String::new, |kind| t(kind.noun).to_owned()),
        "typed" => tm(&parts_of(&held.kind, &held.typed)),
        "waiting" => match held.waiting.len() {
            0 => String::new(),
            count => {
                let parts = parts_of(&held.kind, &Content::of_saves(held.waiting.iter().map(|one| &one.save)));
                let mut told = Message::new(format!("{count}次：{}", parts.zh), format!("{count} saves: {}", parts.en));
                if let Some(why) = queue::trouble(held.document) {
                    told = Message::new(
                        format!("{}；服务器出错：{}", told.zh, why.zh),
                        format!("{}; the server failed: {}", told.en, why.en),
                    );
                }
                tm(&told)
            }
        },
        _ => held.at.clone(),
    }
}

/// `表头2项、出口货物3行`
fn parts_of(kind: &str, content: &Content) -> Message {
    let mut said: Vec<Message> = Vec::new();
    if let Some(count) = content.head.as_ref().map(|head| head.values.len()).filter(|count| *count > 0) {
        said.push(Message::new(format!("{}{count}项", HEAD_LABEL.zh), format!("{}: {count} fields", HEAD_LABEL.en)));
    }
    let label = |list: &str| {
        let section = kinds::find(kind).and_then(|kind| kind.section(list));
        section.map_or(text("表体", "Rows"), |section| section.label)
    };
    for (list, rows) in content.lists.iter().filter(|(_, rows)| !rows.is_empty()) {
        let (label, count) = (label(list), rows.len());
        said.push(Message::new(format!("{}{count}行", label.zh), format!("{}: {count} rows", label.en)));
    }
    for (list, rows) in content.removed.iter().filter(|(_, rows)| !rows.is_empty()) {
        let (label, count) = (label(list), rows.len());
        said.push(Message::new(format!("删除{}{count}行", label.zh), format!("{}: {count} deleted", label.en)));
    }
    let all = |of: fn(&Message) -> &str, mark: &str| said.iter().map(of).collect::<Vec<_>>().join(mark);
    Message::new(all(|one| &one.zh, "、"), all(|one| &one.en, ", "))
}

fn open(held: Held) {
    let Some(kind) = kinds::naming(&held.kind) else { return };
    spawn_local(async move {
        let id = held.document;
        // A file, or another computer, may have brought it to the server meanwhile.
        let is_new = held.is_new()
            && !(untrack(call::online) && api::status(vec![id]).await.is_ok_and(|found| !found.is_empty()));
        tabs::open(Tab::Document { kind, id, new: is_new, read_only: false });
    });
}

async fn discard(screen: Screen, held: Held) {
    let title = &held.title;
    // What is typed there would come back at once.
    if tabs::shows(held.document) {
        return toast::error(Message::new(
            format!("“{title}”已打开：请先关闭它的页签，再丢弃。"),
            format!("“{title}” is open: close its tab first."),
        ));
    }
    let parts = parts_of(&held.kind, &held.content());
    let message = Message::new(
        format!("将丢弃“{title}”只在本机上的内容：{}。丢弃后不能找回；要保留请先导出为文件。是否丢弃？", parts.zh),
        format!(
            "What only this computer has of “{title}” is discarded: {}. It cannot be brought back; export it first to keep it. Discard?",
            parts.en
        ),
    );
    if dialog::confirm_loss(message).await {
        held::discard(&held).await;
        toast::info(Message::new(
            format!("已丢弃“{title}”在本机的内容。"),
            format!("Discarded what was here of “{title}”."),
        ));
        if !screen.held.is_disposed() {
            screen.read();
        }
    }
}
