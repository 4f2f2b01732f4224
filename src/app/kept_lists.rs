//! What this browser has of the user, above 待办 on the start page: text that was not saved, saves that wait for the server, and,
//! while that is away, the documents that open without it. Part of `work`; only lists and opens.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::kinds;
use crate::text::{Text, text};
use crate::ui::call;
use crate::ui::lang::t;
use crate::ui::parts::icon;
use crate::workspace::copies::{self, Seen};
use crate::workspace::drafts;
use crate::workspace::held::{self, Held};
use crate::workspace::queue;
use crate::workspace::tabs::{self, Tab};

/// The lists; nothing where there is nothing.
pub fn kept_lists() -> AnyView {
    let (held, seen) = (RwSignal::new(Vec::new()), RwSignal::new(Vec::new()));
    spawn_local(async move {
        seen.try_set(copies::all().await);
    });
    Effect::new(move |_| {
        queue::count();
        drafts::count();
        spawn_local(async move {
            held.try_set(held::all().await);
        });
    });
    view! {
        {move || held.with(|held| unsaved(held))}
        {move || held.with(|held| not_sent(held))}
        {move || if call::online() { None } else { opens_here(seen.get()) }}
    }
    .into_any()
}

/// A button that opens a tab.
fn opens(tab: Tab, icon_name: &'static str, title: String, at: String) -> AnyView {
    let open = move |_| {
        tabs::open(tab);
    };
    view! {
        <li><button type="button" class="button" on:click=open>
            {icon(icon_name)}<span>{title}</span>{(!at.is_empty()).then(|| view! { <span class="kept-at">{at}</span> })}
        </button></li>
    }
    .into_any()
}

fn list(heading: Text, note: Text, items: Vec<AnyView>) -> Option<AnyView> {
    let view = |items| {
        view! {
            <section class="kept-list">
                <h2>{t(heading)}</h2>
                <p class="kept-note">{t(note)}</p>
                <ul class="kept-documents">{items}</ul>
            </section>
        }
    };
    (!items.is_empty()).then(|| view(items).into_any())
}

/// Documents whose unsaved text this browser still holds, closed or crashed as their window may be.
fn unsaved(held: &[Held]) -> Option<AnyView> {
    let item = |held: &Held| {
        let kind = kinds::naming(&held.kind)?;
        let tab = Tab::Document { kind, id: held.document, new: held.is_new(), read_only: false };
        Some(opens(tab, "edit", held.title.clone(), held.at.clone()))
    };
    list(
        text("未保存的内容", "Typed and not saved"),
        text("上次离开时没有保存，打开后恢复。", "Left without saving; opening brings it back."),
        held.iter().filter(|held| !held.typed.is_empty()).filter_map(item).collect(),
    )
}

/// Documents with saves that the server does not have yet.
fn not_sent(held: &[Held]) -> Option<AnyView> {
    let item = |held: &Held| {
        let last = held.waiting.last()?;
        let tab = Tab::Document { kind: kinds::naming(&held.kind)?, id: held.document, new: false, read_only: false };
        Some(opens(tab, "edit", last.title.clone(), last.at.clone()))
    };
    list(
        text("待同步", "To be sent"),
        text(
            "已在本机暂存，连上服务器后自动存到服务器；申报要在那之后。",
            "Saved on this computer; they go to the server by themselves once it answers, and can be declared after that.",
        ),
        held.iter().filter_map(item).collect(),
    )
}

/// While the server is away: the documents that open without it.
fn opens_here(seen: Vec<Seen>) -> Option<AnyView> {
    let item = |seen: Seen| {
        let tab = Tab::Document { kind: kinds::naming(&seen.kind)?, id: seen.document, new: false, read_only: false };
        Some(opens(tab, "book", seen.title, seen.at))
    };
    list(
        text("离线可打开的单据", "Documents that open offline"),
        text(
            "服务器连接不上。本机有这些单据最近一次打开时的内容，可以查看和继续录入。",
            "The server does not answer. Of these documents this browser has what they were when opened last; look at them and go on typing.",
        ),
        seen.into_iter().filter_map(item).collect(),
    )
}
