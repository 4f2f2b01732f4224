//! The screen of a signed-in user: top bar, left menu, tab strip, and the page in front; what is there when no tab
//! is open. `app` shows it after the login. Only puts parts together: what a tab holds is said by `panels`.

use leptos::prelude::*;

use super::address;
use super::help::HelpDialog;
use super::keys;
use super::menu::SideMenu;
use super::palette::CommandPalette;
use super::panels::Panels;
use super::parts::part_beside;
use super::relogin::Relogin;
use super::tab_strip::TabStrip;
use super::top_bar::TopBar;
use super::work_part;
use crate::kinds;
use crate::text::text;
use crate::ui::codes::{self, Load};
use crate::ui::focus;
use crate::ui::lang::{said, t, tm};
use crate::ui::parts::icon;
use crate::workspace::drafts;
use crate::workspace::tabs::{self, Tab};
use uuid::Uuid;

const FIRST_WAY: &str = "welcome-first";
const NAME: crate::text::Text = text("出境加工账册系统", "Account books");

/// What the part `frame` draws.
pub(super) fn draw((): ()) -> AnyView {
    view! { <Workspace/> }.into_any()
}

#[component]
fn Workspace() -> impl IntoView {
    work_part::complete();
    address::follow();
    let (palette, help) = (RwSignal::new(false), RwSignal::new(false));
    keys::listen(palette, help);
    Effect::new(move |_| {
        let title = tabs::active().and_then(tabs::get).map(|open| tm(&open.title));
        document().set_title(&title.map_or_else(|| t(NAME).to_owned(), |title| format!("{title} - {}", t(NAME))));
    });
    let is_free = Memo::new(|_| tabs::active().is_none());
    let to_content = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        if let Some(active) = untrack(tabs::active) {
            focus::focus_id(active.panel_id());
        }
    };
    view! {
        <a class="skip-link" href="#content" on:click=to_content>{said(text("跳到内容", "Skip to content"))}</a>
        <div class="workspace">
            <TopBar palette help/>
            <SideMenu/>
            <main class="content" id="content">
                {codes_notice}
                <TabStrip/>
                <Panels/>
                {move || is_free.get().then(start_page)}
            </main>
        </div>
        <CommandPalette open=palette/>
        <HelpDialog open=help/>
        <Relogin/>
    }
    .into_any()
}

/// Without code tables the lists are empty: that must be said, and can be mended here.
fn codes_notice() -> Option<AnyView> {
    match codes::load_state() {
        Load::Failed(error) => Some(
            view! {
                <div class="codes-failed" role="alert">
                    <p>{t(text("参数表未能读取，下拉列表暂不可用。", "The code tables could not be read; lists are not available."))} {tm(&error.message)}</p>
                    <button type="button" class="button" on:click=|_| codes::start()>{t(text("重试", "Try again"))}</button>
                </div>
            }
            .into_any(),
        ),
        Load::Loading | Load::Ready => None,
    }
}

/// What is there when no tab is open.
fn start_page() -> AnyView {
    // Each by itself: another language draws the words anew, and asks for nothing once more.
    let waits = untrack(|| part_beside(work_part::TODO, ()));
    view! { <div class="start-page">{welcome} {waits}</div> }.into_any()
}

/// Where to begin.
fn welcome() -> AnyView {
    // One key after the sign-in begins a filing.
    focus::focus_id(FIRST_WAY.to_owned());
    let new = |_| {
        tabs::open(Tab::Document { kind: kinds::NAMINGS[0], id: Uuid::now_v7(), new: true, read_only: false });
    };
    let query = |_| {
        tabs::open(Tab::QueryList { listing: kinds::LISTINGS[0] });
    };
    view! {
        <section class="welcome">
            {unsaved()}
            <h1>{t(text("从这里开始", "Start here"))}</h1>
            <div class="welcome-ways">
                <button type="button" id=FIRST_WAY class="welcome-way" on:click=new>
                    {icon("book")}
                    <strong>{t(text("新账册备案", "New filing"))}</strong>
                    <span>{t(text("录入表头、出口货物、复进口货物，向海关申报", "Head, exports, re-imports; then declare to customs"))}</span>
                </button>
                <button type="button" class="welcome-way" on:click=query>
                    {icon("search")}
                    <strong>{t(text("查询账册", "Find a book"))}</strong>
                    <span>{t(text("查看状态与海关回执，修改、继续申报", "States and answers of customs; mend and go on"))}</span>
                </button>
            </div>
        </section>
    }
    .into_any()
}

/// Documents whose unsaved text this browser still holds, closed or crashed as their window may be.
fn unsaved() -> Option<AnyView> {
    let kept = drafts::all();
    let items = kept
        .iter()
        .filter_map(|kept| Some((kept, kinds::naming(&kept.kind)?)))
        .map(|(kept, kind)| {
            let tab = Tab::Document { kind, id: kept.document, new: kept.new, read_only: false };
            let open = move |_| {
                tabs::open(tab);
            };
            view! { <li><button type="button" class="button" on:click=open>{icon("edit")}<span>{kept.title.clone()}</span></button></li> }
        })
        .collect_view();
    let list = view! {
        <h1>{t(text("未保存的内容", "Typed and not saved"))}</h1>
        <p class="welcome-note">{t(text("上次离开时没有保存，打开后恢复。", "Left without saving; opening brings it back."))}</p>
        <ul class="welcome-kept">{items}</ul>
    };
    (!kept.is_empty()).then(|| list.into_any())
}
