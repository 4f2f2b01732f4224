//! Choosing a password by a link: a new user, one who forgot, one whose password somebody else knows. The form, and the page of a
//! link. Whether the password is good enough, the server says.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::card::card;
use crate::account::api;
use crate::account::model::Me;
use crate::text::{Message, Text, text};
use crate::ui::lang::{said, tm};
use crate::ui::parts::icon;

const WELCOME: Text =
    text("请为自己设置密码，设置后直接登录。", "Choose a password of your own; you are signed in with it.");

/// The page of a link: whom it invites, or that it is good no more.
#[component]
pub fn JoinPage(token: String, on_done: Callback<Me>, on_leave: Callback<()>) -> impl IntoView {
    let login = RwSignal::new(None::<Result<String, Message>>);
    let asked = token.clone();
    spawn_local(async move {
        let answer = api::invited(asked).await.map_err(|error| error.message);
        login.try_set(Some(answer));
    });
    let content = move || match login.get() {
        None => view! { <p role="status">{said(text("正在读取…", "Reading…"))}</p> }.into_any(),
        Some(Ok(login)) => {
            view! { <JoinForm id_prefix="join" token=token.clone() login words=WELCOME on_done/> }.into_any()
        }
        Some(Err(why)) => view! {
            <div class="login-fault" role="alert"><p>{icon("warning")}{tm(&why)}</p></div>
            <button type="button" class="button primary login-button" on:click=move |_| on_leave.run(())>
                {said(text("去登录", "Go to the sign-in"))}
            </button>
        }
        .into_any(),
    };
    card(content.into_any())
}

/// The new password, twice.
#[component]
pub fn JoinForm(
    id_prefix: &'static str,
    token: String,
    login: String,
    /// Why a password is to be chosen.
    words: Text,
    on_done: Callback<Me>,
) -> impl IntoView {
    let (new, again) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let fault: RwSignal<Option<Message>> = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let value = |node: NodeRef<html::Input>| node.get_untracked().map(|input| input.value()).unwrap_or_default();
    let focus = |node: NodeRef<html::Input>| {
        if let Some(input) = node.get_untracked() {
            let _ = input.focus();
            input.select();
        }
    };
    Effect::new(move |_| {
        if let Some(first) = new.get() {
            let _ = first.focus();
        }
    });
    let submit = move || {
        if busy.get_untracked() {
            return;
        }
        let (password, repeated) = (value(new), value(again));
        let wrong = if password.is_empty() {
            Some((new, text("请输入新密码", "Type a new password")))
        } else if password != repeated {
            Some((again, text("两次输入的新密码不一致，请重新输入", "The two new passwords differ; type them again")))
        } else {
            None
        };
        if let Some((node, message)) = wrong {
            fault.set(Some(message.into()));
            return focus(node);
        }
        let token = token.clone();
        busy.set(true);
        fault.set(None);
        spawn_local(async move {
            match api::join(token, password).await {
                Ok(me) => drop(on_done.try_run(me)),
                Err(error) => {
                    fault.try_set(Some(error.message));
                    focus(new);
                }
            }
            busy.try_set(false);
        });
    };
    let id = move |part: &str| format!("{id_prefix}-{part}");
    view! {
        <form class="login-form" novalidate=true aria-busy=move || busy.get().then_some("true")
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }>
            <p class="join-words">{said(words)}</p>
            <div class="login-fault" role="alert">
                {move || fault.get().map(|fault| view! { <p>{icon("warning")}{tm(&fault)}</p> })}
            </div>
            <label for=id("login")>{said(text("用户名", "User name"))}</label>
            // Read by programs that keep passwords.
            <input id=id("login") class="input" type="text" autocomplete="username" readonly=true value=login/>
            <label for=id("new")>{said(text("新密码", "New password"))}</label>
            <input node_ref=new id=id("new") class="input" type="password" autocomplete="new-password" aria-required="true"/>
            <label for=id("again")>{said(text("确认新密码", "New password again"))}</label>
            <input node_ref=again id=id("again") class="input" type="password" autocomplete="new-password" aria-required="true"/>
            <button type="submit" class="button primary login-button" class:busy=busy>
                {said(text("设置密码并登录", "Set the password and sign in"))}
            </button>
        </form>
    }
    .into_any()
}
