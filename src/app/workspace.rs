//! The screen of a signed-in user: top bar, left menu, tab strip, and the page in front; what is there when no tab
//! is open. `app` shows it after the login. Only puts parts together: what a tab holds is said by `panels`.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::address;
use super::help::HelpDialog;
use super::keys;
use super::menu::{SideMenu, keeps_people};
use super::palette::CommandPalette;
use super::panels::Panels;
use super::parts::part_beside;
use super::relogin::Relogin;
use super::tab_strip::TabStrip;
use super::top_bar::TopBar;
use super::work_part;
use crate::account::page::is_shared_computer;
use crate::account::rights::Right;
use crate::error::ApiError;
use crate::kinds;
use crate::text::text;
use crate::ui::call;
use crate::ui::codes::{self, Load};
use crate::ui::focus;
use crate::ui::lang::{said, t, tm};
use crate::ui::parts::{Block, BlockKind, icon};
use crate::ui::toast;
use crate::workspace::tabs::{self, PEOPLE, Tab};
use crate::workspace::{journal, may, me_now};
use uuid::Uuid;

const FIRST_WAY: &str = "welcome-first";
const NAME: crate::text::Text = text("出境加工账册系统", "Account books");

/// What the part `frame` draws.
pub(super) fn draw(away: Option<ApiError>) -> AnyView {
    match away {
        None => view! { <Workspace/> }.into_any(),
        Some(error) => view! { <Away error/> }.into_any(),
    }
}

/// The server does not answer: opens what this browser keeps of the user who signed in last, or says that it cannot.
#[component]
fn Away(error: ApiError) -> impl IntoView {
    let is_known = RwSignal::new(true);
    spawn_local(async move {
        match journal::open_for_last_user().await {
            Some(me) => {
                call::set_online(false);
                super::enter(me);
            }
            None => drop(is_known.try_set(false)),
        }
    });
    let said = move || {
        if is_known.get() {
            view! { <Block kind=BlockKind::Loading text=text("正在打开…", "Opening…")/> }.into_any()
        } else {
            let on_retry = Callback::new(|()| super::begin());
            view! { <Block kind=BlockKind::Failed text=error.message.clone() on_retry/> }.into_any()
        }
    };
    view! { <main class="start"><h1 class="sr-only">{t(NAME)}</h1>{said}</main> }.into_any()
}

/// Begins to keep what is typed and not saved. Where the server is away the journal is open already.
fn open_journal() {
    if let Some(me) = me_now().filter(|me| !me.draft_secret.is_empty()) {
        spawn_local(async move {
            journal::open(&me, !is_shared_computer()).await;
            if let Some(why) = untrack(journal::why_not_here) {
                toast::info(why.text());
            }
        });
    }
    // The end of a row and of a field goes down to the disk; what is being typed follows soon after each key.
    let at_end = || set_timeout(|| journal::flush(true), Duration::ZERO);
    let blur = window_event_listener(ev::focusout, move |_| at_end());
    let keys = window_event_listener(ev::keydown, move |event| {
        if matches!(event.key().as_str(), "Enter" | "Tab" | "ArrowUp" | "ArrowDown") {
            at_end();
        }
    });
    on_cleanup(move || {
        blur.remove();
        keys.remove();
    });
}

#[component]
fn Workspace() -> impl IntoView {
    open_journal();
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
    let waits = untrack(|| may(Right::Query, "").then(|| part_beside(work_part::START, ())));
    view! { <div class="start-page">{welcome} {waits}</div> }.into_any()
}

/// Where to begin.
fn welcome() -> AnyView {
    // One key after the sign-in begins a filing.
    focus::focus_id(FIRST_WAY.to_owned());
    let new = (
        "book",
        text("新账册备案", "New filing"),
        text("录入表头、出口货物、复进口货物，向海关申报", "Head, exports, re-imports; then declare to customs"),
        (|| Tab::Document { kind: kinds::NAMINGS[0], id: Uuid::now_v7(), new: true, read_only: false }) as fn() -> Tab,
    );
    let query = (
        "search",
        text("查询账册", "Find a book"),
        text("查看状态与海关回执，修改、继续申报", "States and answers of customs; mend and go on"),
        (|| Tab::QueryList { listing: kinds::LISTINGS[0] }) as fn() -> Tab,
    );
    let people = (
        "user",
        PEOPLE,
        text("管理用户、委托和企业", "Users, delegations, enterprises"),
        (|| Tab::People) as fn() -> Tab,
    );
    // What the user may not do is no way to begin.
    let (enters, reads) = untrack(|| (may(Right::Enter, ""), may(Right::Query, "")));
    let keeps = !enters && untrack(keeps_people);
    let ways = [enters.then_some(new), reads.then_some(query), keeps.then_some(people)];
    let ways = ways.into_iter().flatten().enumerate().map(|(place, (name, what, words, tab))| {
        let open = move |_| {
            tabs::open(tab());
        };
        view! {
            <button type="button" id=(place == 0).then_some(FIRST_WAY) class="welcome-way" on:click=open>
                {icon(name)}
                <strong>{t(what)}</strong>
                <span>{t(words)}</span>
            </button>
        }
    });
    let ways = ways.collect_view();
    view! {
        <section class="welcome">
            <h1>{t(text("从这里开始", "Start here"))}</h1>
            <div class="welcome-ways">{ways}</div>
        </section>
    }
    .into_any()
}
