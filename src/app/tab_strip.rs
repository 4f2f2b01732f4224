//! The strip of open tabs: ‹ › when it overflows, the unsaved mark, and the menu 关闭页签.
//! Keys: ←→ Home End go, Shift+←→ move the tab, Delete closes (the × is for the mouse).

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlElement;

use crate::text::text;
use crate::ui::focus;
use crate::ui::lang::{said, t, tm};
use crate::ui::menu::Menu;
use crate::ui::parts::icon;
use crate::workspace::tabs::{self, OpenTab};

/// How far a click on ‹ or › moves the strip, in pixels.
const SHIFT: i32 = 240;

#[component]
pub fn TabStrip() -> impl IntoView {
    let strip = NodeRef::<html::Div>::new();
    let overflows = RwSignal::new(false);
    let measure = move || {
        if let Some(strip) = strip.get_untracked() {
            overflows.set(strip.scroll_width() > strip.client_width() + 1);
        }
    };
    Effect::new(move |_| {
        let active = tabs::active();
        tabs::all();
        set_timeout(
            move || {
                measure();
                if let (Some(strip), Some(active)) = (strip.get_untracked(), active) {
                    bring_into_sight(&strip, &active.tab_id());
                }
            },
            std::time::Duration::ZERO,
        );
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    let shift = move |by: i32| {
        if let Some(strip) = strip.get_untracked() {
            strip.set_scroll_left(strip.scroll_left() + by);
        }
    };
    view! {
        <div class="tab-strip" hidden=move || tabs::all().is_empty()>
            {move || overflows.get().then(|| view! { <ShiftButton back=true on_press=Callback::new(move |()| shift(-SHIFT))/> })}
            <div
                node_ref=strip
                class="tabs"
                role="tablist"
                aria-label=said(text("已打开的页签", "Open tabs"))
                on:keydown=move |event| on_key(&event)
            >
                <For each=tabs::all key=|open| open.key children=one/>
            </div>
            {move || overflows.get().then(|| view! { <ShiftButton back=false on_press=Callback::new(move |()| shift(SHIFT))/> })}
            <Menu label=text("关闭页签", "Close tabs") icon_name="more" close_on_choice=true>
                <button type="button" class="menu-item" on:click=|_| tabs::close_all()>
                    {said(text("关闭全部页签", "Close all tabs"))}
                </button>
                <button type="button" class="menu-item" on:click=|_| tabs::close_others()>
                    {said(text("关闭其他页签", "Close other tabs"))}
                </button>
            </Menu>
        </div>
    }
    .into_any()
}

#[component]
fn ShiftButton(back: bool, on_press: Callback<()>) -> impl IntoView {
    let name = if back { text("页签左移", "Tabs to the left") } else { text("页签右移", "Tabs to the right") };
    view! {
        // ←→ in the strip do the same for keys.
        <button type="button" class="icon-button" tabindex="-1" aria-label=said(name) on:click=move |_| on_press.run(())>
            {icon(if back { "left" } else { "right" })}
        </button>
    }
}

fn one(open: OpenTab) -> AnyView {
    let key = open.key;
    let current = move || tabs::get(key);
    let is_dirty = move || current().is_some_and(|open| open.dirty);
    view! {
        <div
            id=key.tab_id()
            class="tab"
            role="tab"
            aria-selected=move || if tabs::is_active(key) { "true" } else { "false" }
            aria-controls=key.panel_id()
            tabindex=move || if tabs::is_active(key) { "0" } else { "-1" }
            title=move || current().map(|open| tm(&open.title))
            on:click=move |_| tabs::show(key)
            on:auxclick=move |event| {
                if event.button() == 1 {
                    event.prevent_default();
                    tabs::close(key);
                }
            }
        >
            {move || is_dirty().then(|| view! {
                <span class="tab-dirty" role="img" aria-label=t(text("未暂存", "unsaved")) title=t(text("未暂存", "unsaved"))></span>
            })}
            <span class="tab-title">{move || current().map(|open| tm(&open.title))}</span>
            <span
                class="tab-close"
                aria-hidden="true"
                on:click=move |event| {
                    event.stop_propagation();
                    tabs::close(key);
                }
            >
                {icon("x")}
            </span>
        </div>
    }
    .into_any()
}

fn on_key(event: &KeyboardEvent) {
    let all = untrack(tabs::all);
    let Some(at) = untrack(tabs::active).and_then(|key| all.iter().position(|open| open.key == key)) else { return };
    let next = match event.key().as_str() {
        "ArrowLeft" | "ArrowRight" if event.shift_key() => {
            event.prevent_default();
            tabs::shift(if event.key() == "ArrowLeft" { -1 } else { 1 });
            // Moved on the page, it lost the focus.
            return focus::focus_id(all[at].key.tab_id());
        }
        "ArrowLeft" => at.checked_sub(1).unwrap_or(all.len() - 1),
        "ArrowRight" => (at + 1) % all.len(),
        "Home" => 0,
        "End" => all.len() - 1,
        "Delete" => {
            event.prevent_default();
            return tabs::close(all[at].key);
        }
        _ => return,
    };
    event.prevent_default();
    tabs::show(all[next].key);
    focus::focus_id(all[next].key.tab_id());
}

fn bring_into_sight(strip: &HtmlElement, id: &str) {
    let Some(tab) = document().get_element_by_id(id) else { return };
    let (frame, tab) = (strip.get_bounding_client_rect(), tab.get_bounding_client_rect());
    let before = frame.left() as i32 - tab.left() as i32;
    let behind = tab.right() as i32 - frame.right() as i32;
    if before > 0 {
        strip.set_scroll_left(strip.scroll_left() - before);
    } else if behind > 0 {
        strip.set_scroll_left(strip.scroll_left() + behind);
    }
}
