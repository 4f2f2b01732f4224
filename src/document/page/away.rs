//! What an open document shows that is not as its user left it: what this browser kept while the server is away, with the saves
//! that wait, and what others changed; and says so. What is typed is none of its business.

use leptos::prelude::*;

use super::state::DocumentState;
use crate::document::place::name_of;
use crate::document::{Base, Document, List};
use crate::form::Difference;
use crate::text::{Message, Text, text};
use crate::ui::clock::day_and_time;
use crate::ui::lang::{language, said, t, tm};
use crate::workspace::{copies, queue, tabs};

const OTHERS_CHANGED: Text = text(
    "他人同时修改了以下字段，已按他人的内容保留：",
    "Somebody else changed these fields meanwhile; they stay as they are now:",
);
const ELSEWHERE: Text = text(
    "此单据正在本浏览器的另一个窗口或标签页中录入，这里只能查看，内容随时更新；那边关闭后，这里可以继续录入。",
    "This document is open for typing in another window or tab of this browser. Here it is shown as it moves; you can go on here once it is closed there.",
);
const SEEN: Text = text("知道了", "Seen");

/// Keeps a copy of the document as it is stored at the server; nothing while saves of it wait, which are kept beside it.
pub async fn keep(state: DocumentState) {
    if untrack(|| queue::waits(state.id)) {
        return;
    }
    let Some(document) = stored(state) else { return };
    let title = tabs::get(state.tab).map(|open| tm(&open.title)).unwrap_or_default();
    copies::keep(&document, title, day_and_time()).await;
}

/// The document as it is stored, without what is typed over it.
fn stored(state: DocumentState) -> Option<Document> {
    let lists = state.lists().into_iter().map(|list| List {
        section: list.key().to_owned(),
        rows: list
            .rows
            .with_untracked(|rows| rows.iter().map(|row| row.clone().map(|content| content.filled())).collect()),
    });
    Some(Document {
        meta: state.meta.try_get_untracked()??,
        head: state.stored_head.try_get_untracked()?.filled(),
        lists: lists.collect(),
        base: state
            .base
            .try_get_untracked()?
            .map(|base| Base { head: base.head.filled(), extensions: base.extensions }),
    })
}

/// Shows what this browser kept. False when that is nothing.
pub async fn show_copy(state: DocumentState) -> bool {
    let (copy, waiting) = (copies::read(state.id).await, queue::of(state.id).await);
    // Made here while the server was away: as of the last save.
    let at = copy.as_ref().map(|(_, at)| at.clone()).or_else(|| waiting.last().map(|last| last.at.clone()));
    let document = queue::over(copy.map(|(document, _)| document), &waiting);
    let (Some(document), Some(at)) = (document, at) else { return false };
    if state.loading.is_disposed() {
        return true;
    }
    state.as_of.set(Some(at));
    state.show(document);
    true
}

/// Says that what is shown may be old.
pub fn notice(state: DocumentState) -> AnyView {
    let as_of = move || {
        state.as_of.get().map(|at| {
            let message = Message::new(
                format!("离线：显示的是本机保存的数据（{at}）。录入的内容存在本机，连上服务器后再暂存；申报须联网。"),
                format!("Offline: this is what was kept here ({at}). What you type is kept here; save it once the server is back. Declaring needs the server."),
            );
            view! { <p class="notice notice-info" role="status">{tm(&message)}</p> }
        })
    };
    let elsewhere = move || {
        state.elsewhere.get().then(|| view! { <p class="notice notice-info" role="status">{said(ELSEWHERE)}</p> })
    };
    view! { {elsewhere} {as_of} {merged(state)} }.into_any()
}

/// Says what others changed in fields this page did not, until the user has seen it.
fn merged(state: DocumentState) -> AnyView {
    let item = move |one: Difference| {
        let (name, empty) = (name_of(state.kind, &one.pointer, language()), t(text("（空）", "(empty)")));
        let shown = |text: &str| if text.is_empty() { empty.to_owned() } else { text.to_owned() };
        let words = format!("{name}：{} → {}", shown(&one.mine), shown(&one.theirs));
        view! { <li>{words}</li> }
    };
    let list = move || {
        let fields = state.merged.get();
        (!fields.is_empty()).then(|| {
            view! {
                <div class="notice notice-info merged" role="status">
                    <p>{said(OTHERS_CHANGED)}</p>
                    <ul>{fields.into_iter().map(item).collect_view()}</ul>
                    <button type="button" class="button" on:click=move |_| state.merged.set(Vec::new())>{said(SEEN)}</button>
                </div>
            }
        })
    };
    view! { {list} }.into_any()
}
