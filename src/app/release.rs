//! A new release of the server. While this page goes on well with it, it says so and waits ([`newer`]); when a call was refused
//! as too old or a part of this page is gone, it starts anew by itself where nothing is lost by that, else asks. Started once by
//! `app`; `parts` asks it to [`look`].

use std::sync::LazyLock;

use gloo_net::http::{Method, RequestBuilder};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{HtmlLinkElement, RequestCache};

use super::address;
use crate::hint::page as hint;
use crate::text::{Message, text};
use crate::ui::dialog::{Question, ask};
use crate::ui::{call, type_ahead};
use crate::workspace::tabs;

/// Where the window notes which build it was started anew for: once, so that a broken release is no endless circle.
const LEFT: &str = "opbook.left";

static NEWER: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);

/// True once the server has a newer build than this page, which goes on all the same; tracked.
pub fn newer() -> bool {
    NEWER.get()
}

/// Leaves an outdated page, and looks for a newer build whenever the server may have been another one meanwhile, for as long
/// as the program runs.
pub fn watch() {
    Effect::new(|before: Option<u32>| {
        let looks = hint::looks();
        if before.is_some_and(|before| before != looks) {
            spawn_local(async {
                if script_is_gone().await {
                    NEWER.set(true);
                }
            });
        }
        looks
    });
    Effect::new(|_| {
        if call::outdated() {
            spawn_local(leave());
        }
    });
}

/// A part did not come: is that because its release is gone? Then the page is outdated.
pub async fn look(part: &str) {
    let Some(script) = script() else { return };
    let Some((folder, _)) = script.rsplit_once('/') else { return };
    if is_gone(&format!("{folder}/split_{part}.wasm")).await {
        call::set_outdated();
    }
}

/// A server has the files of its own build only.
async fn script_is_gone() -> bool {
    match script() {
        Some(script) => is_gone(&script).await,
        None => false,
    }
}

/// The server itself is asked, past what the browser keeps.
async fn is_gone(file: &str) -> bool {
    let answer = RequestBuilder::new(file).method(Method::HEAD).cache(RequestCache::NoStore).send().await;
    answer.is_ok_and(|answer| answer.status() == 404)
}

/// The address of this build's script, which no other build has.
fn script() -> Option<String> {
    let link = document().get_element_by_id("app-script")?;
    Some(link.dyn_into::<HtmlLinkElement>().ok()?.href())
}

/// Starts anew with the newer build, after asking about what would be lost.
pub fn take() {
    spawn_local(leave());
}

async fn leave() {
    let storage = window().session_storage().ok().flatten();
    let here = script().unwrap_or_default();
    if storage.as_ref().and_then(|storage| storage.get_item(LEFT).ok().flatten()).as_deref() == Some(&here) {
        return; // started anew already, and the server has nothing newer: the banner stays
    }
    let (dirty, fragile, keys) = (tabs::any_dirty(), tabs::any_fragile(), type_ahead::holds_keys());
    if (dirty || fragile || keys) && !ask(question(fragile, keys)).await {
        return;
    }
    if let Some(storage) = storage {
        let _ = storage.set_item(LEFT, &here);
    }
    address::reload();
}

fn question(fragile: bool, keys: bool) -> Question {
    let mut message = Message::new(
        "系统已更新，本页需要重新加载。已录入而未暂存的内容保存在本浏览器中，重新加载后恢复；也可以先暂存，稍后再重新加载。",
        "The system was updated and this page must be reloaded. What is typed and not saved is kept in this browser and comes back; or save first and reload later.",
    );
    let mut add = |zh: &str, en: &str| {
        message.zh.push_str(zh);
        message.en.push_str(en);
    };
    if fragile {
        add("已选择而未上传的文件需要重新选择。", " Files that are chosen and not uploaded have to be chosen again.");
    }
    if keys {
        add("尚未录入的按键将丢失。", " Keys that were struck and not entered will be lost.");
    }
    Question {
        message, ok: text("重新加载", "Reload"), cancel: Some(text("稍后", "Later")), danger: fragile || keys
    }
}
