//! The login form, and the page around it. The same form stands in the dialog that opens over the
//! work when a session has ended.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::card::card;
use super::join::JoinForm;
use crate::account::api;
use crate::account::model::{Captcha, Invitation, Login, Me, SignedIn};
use crate::error::ApiError;
use crate::text::{Message, Text, text};
use crate::ui::lang::{said, t, tm};
use crate::ui::parts::icon;
use crate::ui::preferences::{forget, remember, remembered};

const USER: Text = text("用户名", "User name");
const PASSWORD: Text = text("密码", "Password");
const CAPTCHA: Text = text("验证码", "Captcha");
const RENEW: Text = text(
    "您的密码由管理员设置，请先改为只有您自己知道的密码。",
    "Somebody else set your password: choose one that only you know.",
);
const SHARED: Text = text("公用电脑：不能离线打开", "Others use this computer: nothing opens offline");
/// Where this browser remembers that others use it.
const SHARED_KEY: &str = "shared-computer";

/// True when whoever signed in here last said that others use this computer.
pub fn is_shared_computer() -> bool {
    remembered(SHARED_KEY).is_some()
}

fn share_computer(is_shared: bool) {
    if is_shared {
        remember(SHARED_KEY, "yes");
    } else {
        forget(SHARED_KEY);
    }
}

/// The whole login screen.
#[component]
pub fn LoginPage(on_done: Callback<Me>) -> impl IntoView {
    card(view! { <LoginForm id_prefix="login" on_done/> }.into_any())
}

#[derive(Clone, Copy)]
struct Form {
    user: NodeRef<html::Input>,
    password: NodeRef<html::Input>,
    answer: NodeRef<html::Input>,
    captcha: RwSignal<Option<Captcha>>,
    fault: RwSignal<Option<Message>>,
    busy: RwSignal<bool>,
    /// The password was right and has to be changed first.
    renew: RwSignal<Option<Invitation>>,
    on_done: Callback<Me>,
}

#[component]
pub fn LoginForm(
    id_prefix: &'static str,
    /// The user name, when it is known who is to sign in.
    #[prop(optional)]
    known: String,
    on_done: Callback<Me>,
) -> impl IntoView {
    let form = Form {
        user: NodeRef::new(),
        password: NodeRef::new(),
        answer: NodeRef::new(),
        captcha: RwSignal::new(None),
        fault: RwSignal::new(None),
        busy: RwSignal::new(false),
        renew: RwSignal::new(None),
        on_done,
    };
    let caps = RwSignal::new(false);
    let show_caps = move |event: ev::KeyboardEvent| caps.set(event.get_modifier_state("CapsLock"));
    form.renew_captcha();
    let known_user = !known.is_empty();
    Effect::new(move |_| {
        let first = if known_user { form.password.get() } else { form.user.get() };
        if let Some(first) = first {
            // A tick later: a dialog moves the focus itself when it opens.
            set_timeout(
                move || {
                    let _ = first.focus();
                },
                std::time::Duration::ZERO,
            );
        }
    });
    let is_first = known.is_empty();
    let id = move |part: &str| format!("{id_prefix}-{part}");
    let renewing = move || {
        form.renew.get().map(|Invitation { token, login, .. }| {
            view! { <JoinForm id_prefix token login words=RENEW on_done/> }
        })
    };
    view! {
        {renewing}
        <form
            class="login-form"
            hidden=move || form.renew.with(Option::is_some)
            novalidate=true
            aria-busy=move || form.busy.get().then_some("true")
            on:submit=move |event| {
                event.prevent_default();
                form.submit();
            }
        >
            <div class="login-fault" role="alert">
                {move || form.fault.get().map(|fault| view! { <p>{icon("warning")}{tm(&fault)}</p> })}
            </div>
            <label for=id("user")>{said(USER)}</label>
            <input node_ref=form.user id=id("user") class="input" name="username" type="text" autocomplete="username"
                autocapitalize="none" spellcheck="false" aria-required="true" value=known/>
            <label for=id("password")>{said(PASSWORD)}</label>
            <input node_ref=form.password id=id("password") class="input" name="password" type="password"
                autocomplete="current-password" aria-required="true"
                on:keydown=show_caps on:keyup=show_caps on:blur=move |_| caps.set(false)/>
            <p class="caps" role="status">
                {move || caps.get().then(|| t(text("大写锁定已打开", "Caps Lock is on")))}
            </p>
            {move || form.captcha.get().filter(|captcha| !captcha.png.is_empty()).map(|captcha| captcha_view(form, id("captcha"), &captcha))}
            {is_first.then(|| view! {
                <label class="login-shared">
                    <input type="checkbox" checked=is_shared_computer() on:change=|event| share_computer(event_target_checked(&event))/>
                    <span>{said(SHARED)}</span>
                </label>
            })}
            <button type="submit" class="button primary login-button" class:busy=form.busy>
                {said(text("登录", "Sign in"))}
            </button>
        </form>
    }
    .into_any()
}

fn captcha_view(form: Form, id: String, captcha: &Captcha) -> AnyView {
    view! {
        <label for=id.clone()>{t(CAPTCHA)}</label>
        <div class="captcha">
            <input node_ref=form.answer id=id class="input" type="text" autocomplete="off" autocapitalize="none"
                spellcheck="false" aria-required="true"/>
            <img
                src=format!("data:image/png;base64,{}", captcha.png)
                alt=t(text("验证码图片", "Captcha picture"))
                on:click=move |_| form.renew_captcha()
            />
            <button type="button" class="button" on:click=move |_| form.renew_captcha()>
                {t(text("换一张", "Another"))}
            </button>
        </div>
    }
    .into_any()
}

impl Form {
    fn renew_captcha(self) {
        spawn_local(async move {
            match api::captcha().await {
                Ok(captcha) => {
                    self.captcha.try_set(Some(captcha));
                }
                Err(error) => {
                    self.fault.try_set(Some(error.message));
                }
            }
        });
    }

    fn submit(self) {
        if self.busy.get_untracked() {
            return;
        }
        let text_of = |node: NodeRef<html::Input>| node.get_untracked().map(|input| input.value()).unwrap_or_default();
        let login = text_of(self.user).trim().to_owned();
        let password = text_of(self.password);
        let captcha = text_of(self.answer).trim().to_owned();
        let drawn = self.captcha.get_untracked();
        let needs_captcha = drawn.as_ref().is_some_and(|captcha| !captcha.png.is_empty());
        let missing = if login.is_empty() {
            Some((self.user, text("请输入用户名", "Type your user name")))
        } else if password.is_empty() {
            Some((self.password, text("请输入密码", "Type your password")))
        } else if needs_captcha && captcha.is_empty() {
            Some((self.answer, text("请输入图片中的验证码", "Type the letters of the picture")))
        } else {
            None
        };
        if let Some((node, message)) = missing {
            self.fault.set(Some(message.into()));
            return focus(node);
        }
        let form = Login { login, password, captcha_id: drawn.map(|captcha| captcha.id).unwrap_or_default(), captcha };
        self.busy.set(true);
        self.fault.set(None);
        spawn_local(async move {
            match api::login(form).await {
                Ok(SignedIn::Renew(invitation)) => drop(self.renew.try_set(Some(invitation))),
                Ok(SignedIn::Done(me)) => {
                    // The dialog may have been drawn anew meanwhile: then it asks once more.
                    let _ = self.on_done.try_run(me);
                }
                Err(error) => self.failed(error),
            }
            self.busy.try_set(false);
        });
    }

    /// A captcha serves once: after a refusal there is a new one.
    fn failed(self, error: ApiError) {
        let wrong_captcha = error.findings.iter().any(|finding| finding.pointer.contains("captcha"));
        self.fault.try_set(Some(error.message));
        if let Some(answer) = self.answer.get_untracked() {
            answer.set_value("");
        }
        focus(if wrong_captcha { self.answer } else { self.password });
        self.renew_captcha();
    }
}

fn focus(node: NodeRef<html::Input>) {
    if let Some(input) = node.get_untracked() {
        let _ = input.focus();
        input.select();
    }
}
