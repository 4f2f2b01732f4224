//! The login over the page, when the session ended in the middle of work. Calls wait meanwhile; the
//! same user goes on where they were, another one gets a fresh page.

use leptos::html;
use leptos::prelude::*;

use super::address;
use crate::account::model::Me;
use crate::account::page::LoginForm;
use crate::error::{ApiError, ErrorKind};
use crate::text::text;
use crate::ui::call;
use crate::ui::dialog::keep_keys;
use crate::ui::lang::{said, t, tm};

#[component]
pub fn Relogin() -> impl IntoView {
    move || call::signed_out().map(|why| view! { <ReloginDialog why/> })
}

#[component]
fn ReloginDialog(why: ApiError) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            let _ = dialog.show_modal();
        }
    });
    let known = crate::workspace::me_now().map(|me| me.login).unwrap_or_default();
    let expected = known.clone();
    let done = Callback::new(move |me: Me| {
        if me.login != expected {
            return address::leave();
        }
        crate::workspace::set_me(me);
        // Closing first brings the focus back to where the work was.
        if let Some(dialog) = node.get_untracked() {
            dialog.close();
        }
        call::signed_in();
    });
    let reopen = move |_| {
        if untrack(call::signed_out).is_some()
            && let Some(dialog) = node.try_get_untracked().flatten()
            && dialog.is_connected()
        {
            let _ = dialog.show_modal();
        }
    };
    view! {
        <dialog
            node_ref=node
            class="dialog relogin"
            aria-labelledby="relogin-title"
            // There is no way on without signing in; the work stays behind the dialog.
            on:cancel=|event: leptos::ev::Event| event.prevent_default()
            on:close=move |event| {
                // Closed by `done`: the calls go on by then.
                set_timeout(move || reopen(event), std::time::Duration::ZERO);
            }
            on:keydown=|event| keep_keys(&event)
        >
            <h2 class="dialog-title" id="relogin-title">{said(text("请重新登录", "Please sign in again"))}</h2>
            <p class="relogin-text">
                {move || if why.kind == ErrorKind::OtherUser {
                    tm(&why.message)
                } else {
                    t(text(
                        "登录已失效。重新登录后继续刚才的操作，已录入的内容都还在。",
                        "Your session ended. Sign in to go on; everything you typed is still there.",
                    )).to_owned()
                }}
            </p>
            <LoginForm id_prefix="relogin" known on_done=done/>
        </dialog>
    }
    .into_any()
}
