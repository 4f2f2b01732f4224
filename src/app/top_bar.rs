//! The top bar: whose data this is, whether the server answers, language, light or dark, messages, commands
//! and keys, who is signed in, 退出.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::address;
use crate::account::api;
use crate::error::ErrorKind;
use crate::text::{Text, text};
use crate::ui::announce::announce;
use crate::ui::call;
use crate::ui::lang::{said, t};
use crate::ui::menu::Menu;
use crate::ui::parts::{action_name, icon};
use crate::ui::switches::{LanguageSwitch, ThemeSwitch};
use crate::ui::toast::{self, ToastLog};
use crate::workspace::me;
use crate::workspace::tabs::{self, Tab};

const COMMANDS: Text = text("命令", "Commands");
const KEYS: Text = text("按键说明", "Keys");
const ACCOUNT: Text = text("账户", "Account");
const SIGN_OUT: Text = text("退出", "Sign out");

/// 在线, 离线, 正在保存…
#[component]
fn SyncState() -> impl IntoView {
    let state = || match (call::online(), call::saving()) {
        (false, _) => ("sync offline", text("离线", "Offline")),
        (true, true) => ("sync saving", text("正在保存…", "Saving…")),
        (true, false) => ("sync", text("在线", "Online")),
    };
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
    view! { <span class=move || state().0>{move || t(state().1)}</span> }
}

#[component]
pub fn TopBar(palette: RwSignal<bool>, help: RwSignal<bool>) -> impl IntoView {
    let leave = move |_| {
        spawn_local(async {
            if !tabs::may_leave().await {
                return;
            }
            match api::logout().await {
                // Somebody else signed in in another tab: this user is signed out already.
                Err(error) if error.kind != ErrorKind::OtherUser => toast::failed(&error),
                _ => {
                    address::drop_everything();
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
