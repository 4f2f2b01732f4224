//! The top bar: whose data this is, who is signed in, language, light or dark, messages, 退出.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::address;
use crate::account::api;
use crate::text::text;
use crate::ui::lang::said;
use crate::ui::menu::Menu;
use crate::ui::parts::icon;
use crate::ui::switches::{LanguageSwitch, ThemeSwitch};
use crate::ui::toast::{self, ToastLog};
use crate::workspace::me;
use crate::workspace::tabs::{self, Tab};

#[component]
pub fn TopBar() -> impl IntoView {
    let leave = move |_| {
        spawn_local(async {
            if !tabs::may_leave().await {
                return;
            }
            match api::logout().await {
                Ok(()) => address::leave(),
                Err(error) => toast::failed(&error),
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
            <LanguageSwitch/>
            <ThemeSwitch/>
            <Menu label=text("消息记录", "Messages") icon_name="bell"><ToastLog/></Menu>
            <button type="button" class="button quiet" on:click=|_| { tabs::open(Tab::Account); }>
                {icon("user")}
                <span>{move || me().map(|me| me.name)}</span>
            </button>
            <button type="button" class="button quiet" on:click=leave>
                {icon("leave")}
                <span>{said(text("退出", "Sign out"))}</span>
            </button>
        </header>
    }
    .into_any()
}
