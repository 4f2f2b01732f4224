//! The top bar: whose data this is, whether the server answers, language, light or dark, messages, commands
//! and keys, who is signed in, 退出.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::address;
use crate::account::api;
use crate::error::ErrorKind;
use crate::text::{Message, Text, text};
use crate::ui::announce::announce;
use crate::ui::call;
use crate::ui::dialog;
use crate::ui::lang::{said, t, tm};
use crate::ui::menu::Menu;
use crate::ui::parts::{action_name, icon};
use crate::ui::switches::{LanguageSwitch, ThemeSwitch};
use crate::ui::toast::{self, ToastLog};
use crate::workspace::journal::{self, Kept};
use crate::workspace::tabs::{self, Tab};
use crate::workspace::{drafts, me, queue};

const COMMANDS: Text = text("命令", "Commands");
const KEYS: Text = text("按键说明", "Keys");
const ACCOUNT: Text = text("账户", "Account");
const SIGN_OUT: Text = text("退出", "Sign out");

const SIGN_OUT_AWAY: Text = text(
    "服务器连接不上，只能先在本机退出：本机已录入的内容不登录就打不开；下次打开本系统时，先在服务器上完成退出。是否退出？",
    "The server does not answer, so you can only sign out here for now: nothing typed here opens without signing in, and the server is told as soon as this program is opened with it. Sign out?",
);

/// 在线, 离线, 正在保存…
#[component]
fn SyncState() -> impl IntoView {
    let state = || match (call::online(), call::saving()) {
        (false, _) => ("sync offline", text("离线", "Offline")),
        (true, true) => ("sync saving", text("正在保存…", "Saving…")),
        (true, false) => ("sync", text("在线", "Online")),
    };
    let waiting = || {
        let count = queue::count();
        (count > 0).then(|| Message::new(format!("待同步 {count}"), format!("{count} to be sent")))
    };
    // What another tab of this browser wrote is known when this one is looked at again.
    let focus = window_event_listener(leptos::ev::focus, |_| spawn_local(journal::look_at_names()));
    on_cleanup(move || focus.remove());
    Effect::new(move |before: Option<bool>| {
        let online = call::online();
        // Who does not see the mark hears it; the first look is no news.
        if before.is_some_and(|before| before != online) {
            announce(t(untrack(state).1).to_owned());
        }
        online
    });
    for (name, online) in [("online", true), ("offline", false)] {
        let listener = window_event_listener_untyped(name, move |_| call::set_online(online));
        on_cleanup(move || listener.remove());
    }
    view! {
        {move || waiting().map(leads_there)}
        <span class=move || state().0>{move || t(state().1)}</span>
    }
}

/// A mark that opens 未同步.
fn leads_there(said: Message) -> AnyView {
    view! {
        <button type="button" class="kept kept-more" on:click=|_| {
            tabs::open(Tab::Unsynced);
        }>{tm(&said)}</button>
    }
    .into_any()
}

/// Where what was typed is: 已存本机 10:42, and the like; 已存服务器 when this browser has nothing that the server does not.
#[component]
fn Journal() -> impl IntoView {
    let left = || {
        // Of documents that are not open here, or not any more.
        let count = if tabs::any_unsaved() { 0 } else { drafts::count() };
        (count > 0).then(|| Message::new(format!("未保存 {count}"), format!("{count} not saved")))
    };
    let state = || {
        if !tabs::any_unsaved() {
            let all_there = queue::count() == 0 && drafts::count() == 0;
            return all_there.then(|| ("kept", text("已存服务器", "All at the server").into()));
        }
        let at = |zh: &str, en: &str, time: String| Message::new(format!("{zh} {time}"), format!("{en} {time}"));
        Some(match journal::kept() {
            Kept::Nothing => return None,
            Kept::Here(time) => ("kept", at("已存本机", "Kept here", time)),
            Kept::AtServer(time) => ("kept", at("未保存的内容已存服务器", "Unsaved text kept at the server", time)),
            Kept::Nowhere(_) => {
                ("kept kept-nowhere", text("未能保留，请勿关闭本页", "Not kept: leave this page open").into())
            }
        })
    };
    // Who does not see the mark hears that something may be lost; that all is well is no news.
    Effect::new(move |before: Option<bool>| {
        let is_lost = matches!(journal::kept(), Kept::Nowhere(_));
        if is_lost && before == Some(false) {
            announce(untrack(state).map(|(_, said)| tm(&said)).unwrap_or_default());
        }
        is_lost
    });
    let why = || match journal::kept() {
        Kept::Nowhere(message) => Some(tm(&message)),
        _ => journal::why_not_here().map(|why| t(why.text()).to_owned()),
    };
    view! {
        {move || left().map(leads_there)}
        {move || state().map(|(class, said)| view! { <span class=class title=why>{tm(&said)}</span> })}
    }
}

/// Asks before leaving while saves wait: they stay, sealed, and go on when the same user signs in here.
async fn may_leave_waiting() -> bool {
    let count = untrack(queue::count);
    if count == 0 {
        return true;
    }
    let message = Message::new(
        format!(
            "本机还有{count}次暂存没有存到服务器。退出后它们加密保留在本机，您下次在本机登录时继续发送；他人看不到。是否退出？"
        ),
        format!(
            "{count} saves on this computer are not at the server yet. They stay here, sealed, and are sent when you sign in here again; nobody else sees them. Sign out?"
        ),
    );
    dialog::confirm(message).await
}

#[component]
pub fn TopBar(palette: RwSignal<bool>, help: RwSignal<bool>) -> impl IntoView {
    let leave = move |_| {
        spawn_local(async {
            if !tabs::may_leave().await || !may_leave_waiting().await {
                return;
            }
            address::drop_unsaved().await;
            match api::logout().await {
                // Somebody else signed in in another tab: this user is signed out already.
                Err(error) if error.kind.leaves_open() => {
                    if dialog::confirm(SIGN_OUT_AWAY).await {
                        address::forget_user().await;
                        address::owe_sign_out();
                        address::leave();
                    }
                }
                Err(error) if error.kind != ErrorKind::OtherUser => toast::failed(&error),
                _ => {
                    address::forget_user().await;
                    address::leave();
                }
            }
        });
    };
    view! {
        <header class="top-bar">
            <span class="brand">
                <img src="/favicon.svg" alt="" width="24" height="24"/>
                <span class="brand-name">{said(text("出境加工账册系统", "Outward-processing account books"))}</span>
            </span>
            <span class="enterprise" title=move || me().map(|me| me.enterprise.uscc)>
                {move || me().map(|me| format!("{} {}", me.enterprise.code, me.enterprise.name))}
            </span>
            <span class="top-gap"></span>
            <Journal/>
            <SyncState/>
            <LanguageSwitch/>
            <ThemeSwitch/>
            <Menu label=text("消息记录", "Messages") icon_name="bell" listed=true><ToastLog/></Menu>
            <button type="button" class="icon-button" data-action=action_name(COMMANDS) aria-keyshortcuts="Control+K"
                aria-label=said(COMMANDS) title=move || format!("{} (Ctrl+K)", t(COMMANDS))
                on:click=move |_| palette.set(true)>
                {icon("search")}
            </button>
            <button type="button" class="icon-button" data-action=action_name(KEYS) aria-keyshortcuts="F1"
                aria-label=said(KEYS) title=move || format!("{} (F1)", t(KEYS))
                on:click=move |_| help.set(true)>
                {icon("keyboard")}
            </button>
            <button type="button" class="button quiet" data-action=action_name(ACCOUNT) on:click=|_| { tabs::open(Tab::Account); }>
                {icon("user")}
                <span>{move || me().map(|me| me.name)}</span>
            </button>
            <button type="button" class="button quiet" data-action=action_name(SIGN_OUT) on:click=leave>
                {icon("leave")}
                <span>{said(SIGN_OUT)}</span>
            </button>
        </header>
    }
    .into_any()
}
