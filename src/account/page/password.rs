//! Changing one's own password; a part of the account page. Asks only that something is typed and that the new
//! one is typed twice alike: whether it is good enough, the server says.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::account::api;
use crate::text::{Message, Text, text};
use crate::ui::call::once;
use crate::ui::lang::{said, tm};
use crate::ui::toast;

#[component]
pub fn PasswordForm() -> impl IntoView {
    let old = NodeRef::<html::Input>::new();
    let new = NodeRef::<html::Input>::new();
    let again = NodeRef::<html::Input>::new();
    let fault: RwSignal<Option<Message>> = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let value = |node: NodeRef<html::Input>| node.get_untracked().map(|input| input.value()).unwrap_or_default();
    let submit = move || {
        let (before, after, repeated) = (value(old), value(new), value(again));
        let wrong = if before.is_empty() {
            Some((old, text("请输入原密码", "Type the present password")))
        } else if after.is_empty() {
            Some((new, text("请输入新密码", "Type a new password")))
        } else if after != repeated {
            Some((again, text("两次输入的新密码不一致，请重新输入", "The two new passwords differ; type them again")))
        } else {
            None
        };
        if let Some((node, message)) = wrong {
            fault.set(Some(message.into()));
            if let Some(input) = node.get_untracked() {
                let _ = input.focus();
                input.select();
            }
            return;
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        fault.set(None);
        spawn_local(async move {
            match once(|| api::change_password(before.clone(), after.clone())).await {
                Ok(()) => {
                    for node in [old, new, again] {
                        if let Some(input) = node.get_untracked() {
                            input.set_value("");
                        }
                    }
                    toast::success(text(
                        "密码已修改，其他设备上的登录已结束",
                        "The password is changed; sessions on other devices are ended",
                    ));
                }
                Err(error) => {
                    fault.try_set(Some(error.message));
                }
            }
            busy.try_set(false);
        });
    };
    let field = move |id: &'static str, label: Text, node: NodeRef<html::Input>, autocomplete: &'static str| {
        view! {
            <label for=id>{said(label)}</label>
            <input node_ref=node id=id class="input" type="password" autocomplete=autocomplete aria-required="true"/>
        }
    };
    view! {
        <section class="panel" aria-labelledby="password-title">
            <h2 id="password-title" class="panel-title">{said(text("修改密码", "Change password"))}</h2>
            <form
                class="password-form"
                novalidate=true
                on:submit=move |event| {
                    event.prevent_default();
                    submit();
                }
            >
                {field("password-old", text("原密码", "Present password"), old, "current-password")}
                {field("password-new", text("新密码", "New password"), new, "new-password")}
                {field("password-again", text("确认新密码", "New password again"), again, "new-password")}
                <div class="field-error" role="alert">{move || fault.get().map(|fault| tm(&fault))}</div>
                <button type="submit" class="button primary" class:busy=busy>{said(text("保存新密码", "Save the password"))}</button>
            </form>
        </section>
    }
    .into_any()
}
