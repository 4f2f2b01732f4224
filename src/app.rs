//! The application in the browser: who is signed in, and the one screen that follows from it.
//! The only module of the browser that knows every business folder; see `tabs` for how pages open.

mod address;
mod commands;
mod dialogs_part;
mod frame_part;
mod help;
mod kept_lists;
mod keys;
mod menu;
mod page_actions;
mod pages;
mod palette;
mod panels;
mod parts;
mod release;
mod relogin;
mod tab_strip;
mod top_bar;
mod work_part;
mod workspace;

use std::collections::HashMap;
use std::sync::LazyLock;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{Blob, BlobPropertyBag};

use crate::account::api;
use crate::account::model::Me;
use crate::account::page::{JoinPage, LoginPage};
use crate::error::{ApiError, ErrorKind, client};
use crate::text::{Language, text};
use crate::ui::announce::Announcer;
use crate::ui::dialog::Dialogs;
use crate::ui::lang::{language, set_language, tm};
use crate::ui::parts::{Block, BlockKind};
use crate::ui::preferences::choices::{DENSITY, LANGUAGE, THEME, chosen};
use crate::ui::theme::{Theme, follow_system, set_theme, theme};
use crate::ui::toast::Toaster;
use crate::ui::type_ahead::{self, TypeAheadNotice};
use crate::ui::{call, codes, focus, preferences, steady_click};
use crate::workspace::{me_now, set_me};

/// Which screen is shown.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Starting,
    SignedOut,
    /// By a link with this token a user chooses a password.
    Joining(String),
    SignedIn,
    /// The server does not answer: what this browser keeps may be opened.
    Away(ApiError),
    Failed(ApiError),
}

static STAGE: LazyLock<ArcRwSignal<Stage>> = LazyLock::new(|| ArcRwSignal::new(Stage::Starting));

/// Puts the application on the page.
pub fn start() {
    // Reading them once puts the remembered choices on the page before the first paint.
    untrack(|| (language(), theme()));
    mount_to_body(App);
}

/// Asks the server who is signed in.
fn begin() {
    if let Some(token) = address::invitation() {
        return STAGE.set(Stage::Joining(token));
    }
    STAGE.set(Stage::Starting);
    spawn_local(async {
        if address::owes_sign_out() {
            match api::logout().await {
                Err(error) if error.kind.leaves_open() => return STAGE.set(Stage::Away(error)),
                _ => address::signed_out(),
            }
        }
        match api::me().await {
            Ok(me) => enter(me),
            Err(error) if error.kind == ErrorKind::SignedOut => STAGE.set(Stage::SignedOut),
            Err(error) if error.kind.leaves_open() => STAGE.set(Stage::Away(error)),
            Err(error) => STAGE.set(Stage::Failed(error)),
        }
    });
}

/// Opens the workspace for a user.
fn enter(me: Me) {
    preferences::load(&me.preferences, |json, sent| {
        spawn_local(async move {
            // A preference that is not saved is worth no message; the next change saves it too.
            if call::call(|| api::save_preferences(json.clone())).await.is_ok() {
                preferences::saved(sent);
            }
        });
    });
    set_me(me);
    codes::start();
    type_ahead::listen();
    focus::listen();
    steady_click::listen();
    STAGE.set(Stage::SignedIn);
}

/// What the user chose about the whole page; without a choice what the browser remembers stays.
fn apply_preferences() {
    match preferences::get(LANGUAGE.key).as_deref() {
        Some("en") => set_language(Language::En),
        Some(_) => set_language(Language::Zh),
        None => {}
    }
    match preferences::get(THEME.key).as_deref() {
        Some("system") => follow_system(),
        Some(key) => Theme::from_key(key).into_iter().for_each(set_theme),
        None => {}
    }
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-density", chosen(&DENSITY));
    }
}

/// Sends what was chosen a moment before the page goes: a common call would be cut off with it.
fn send_unsaved_preferences() {
    let Some(json) = preferences::unsaved().filter(|_| me_now().is_some()) else { return };
    let body = serde_json::to_string(&HashMap::from([("preferences".to_owned(), json)])).unwrap_or_default();
    let kind = BlobPropertyBag::new();
    kind.set_type("application/json");
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&body.into()), &kind) {
        // A beacon takes no header.
        let address = format!("/api/account/save_preferences?user={}", client::page_of().unwrap_or_default());
        let _ = window().navigator().send_beacon_with_opt_blob(&address, Some(&blob));
    }
}

#[component]
fn App() -> impl IntoView {
    begin();
    frame_part::begin();
    release::watch();
    Effect::new(|_| apply_preferences());
    let leaving = window_event_listener(ev::pagehide, |_| send_unsaved_preferences());
    on_cleanup(move || leaving.remove());
    let screen = move || match STAGE.get() {
        Stage::Starting => {
            view! { <main class="start"><Block kind=BlockKind::Loading text=text("正在打开…", "Opening…")/></main> }
                .into_any()
        }
        Stage::SignedOut => view! { <LoginPage on_done=Callback::new(enter)/> }.into_any(),
        Stage::Joining(token) => {
            let leave = Callback::new(|()| {
                address::forget_invitation();
                begin();
            });
            let joined = Callback::new(|me: Me| {
                address::forget_invitation();
                enter(me);
            });
            view! { <JoinPage token on_done=joined on_leave=leave/> }.into_any()
        }
        Stage::SignedIn => parts::part(frame_part::FRAME, None, None),
        Stage::Away(error) => parts::part(frame_part::FRAME, Some(error), None),
        Stage::Failed(error) => view! {
            <main class="start">
                <Block kind=BlockKind::Failed text=error.message on_retry=Callback::new(|()| begin())/>
            </main>
        }
        .into_any(),
    };
    view! {
        {screen}
        <Dialogs/>
        <Toaster/>
        <TypeAheadNotice/>
        <Announcer/>
        {move || call::outdated().then(|| view! {
            <div class="outdated" role="alert">
                <p>{tm(&text("系统已更新，请保存后重新加载页面。", "The system was updated: save, then reload the page.").into())}</p>
                <button type="button" class="button primary" on:click=|_| address::reload()>
                    {tm(&text("重新加载", "Reload").into())}
                </button>
            </div>
        })}
        {move || (release::newer() && !call::outdated()).then(|| view! {
            <div class="outdated" role="status">
                <p>{tm(&text(
                    "系统已更新。可以继续录入，方便时重新加载使用新版本；已录入的内容会保留。",
                    "The system was updated. Go on as you like and reload when it suits you; what is typed is kept.",
                ).into())}</p>
                <button type="button" class="button primary" on:click=|_| release::take()>
                    {tm(&text("重新加载", "Reload").into())}
                </button>
            </div>
        })}
    }
}
