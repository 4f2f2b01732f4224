//! Where the program's reminders go as mail; a part of the account page. What an address is, the server says.
//! Keeps nothing itself: the frame is told the address.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::account::api;
use crate::account::model::Me;
use crate::text::{Message, text};
use crate::ui::call::store;
use crate::ui::lang::{said, t, tm};
use crate::ui::toast;

/// `me`: the signed-in user; `on_saved` gets the address as it is kept.
#[component]
pub fn EmailForm(me: Signal<Option<Me>>, on_saved: Callback<String>) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let fault: RwSignal<Option<Message>> = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let submit = move || {
        let typed = input.get_untracked().map(|input| input.value()).unwrap_or_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        fault.set(None);
        spawn_local(async move {
            match store(|| api::save_email(typed.clone())).await {
                Ok(email) => {
                    toast::success(if email.is_empty() {
                        text("已清空，不再发送邮件提醒", "Nothing is mailed any more")
                    } else {
                        text("提醒邮箱已保存", "The address is kept")
                    });
                    on_saved.run(email);
                }
                Err(error) => {
                    fault.try_set(Some(error.message));
                    if let Some(input) = input.get_untracked() {
                        let _ = input.focus();
                        input.select();
                    }
                }
            }
            busy.try_set(false);
        });
    };
    let note = move || {
        let mails = me.with(|me| me.as_ref().is_some_and(|me| me.mails));
        t(if mails {
            text(
                "账册到期、报核期限、退单和久未改动的暂存数据，会按系统设置的天数发邮件提醒一次；清空则不发",
                "Reminders of books that end, write-offs, what was sent back and drafts that were left are mailed once; empty for none",
            )
        } else {
            text(
                "系统没有设置邮件服务器，现在不会发出邮件；系统提醒仍列在待办中",
                "This system has no server for mail, so nothing is mailed now; reminders are listed under To do",
            )
        })
    };
    view! {
        <section class="panel" aria-labelledby="email-title">
            <h2 id="email-title" class="panel-title">{said(text("邮件提醒", "Reminders by mail"))}</h2>
            <p id="email-note" class="preferences-note">{note}</p>
            <form
                class="password-form"
                novalidate=true
                on:submit=move |event| {
                    event.prevent_default();
                    submit();
                }
            >
                <label for="email">{said(text("提醒邮箱", "Mail address"))}</label>
                <input node_ref=input id="email" class="input" type="email" autocomplete="email" aria-describedby="email-note"
                    value=me.get_untracked().map(|me| me.email)/>
                <div class="field-error" role="alert">{move || fault.get().map(|fault| tm(&fault))}</div>
                <button type="submit" class="button primary" class:busy=busy>{said(text("保存邮箱", "Save the address"))}</button>
            </form>
        </section>
    }
    .into_any()
}
