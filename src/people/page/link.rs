//! The link by which a user chooses a password, shown once to who made it, to be copied and handed over.
//! Used by `users` and `enterprises`; keeps it nowhere.

use leptos::prelude::*;
use leptos::{html, task::spawn_local};
use wasm_bindgen_futures::JsFuture;

use crate::account::model::{Invitation, JOIN};
use crate::form::show_time;
use crate::text::{Message, text};
use crate::ui::dialog::Dialog;
use crate::ui::lang::{said, t, tm};
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::toast;

/// The link that is shown, if any.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    open: RwSignal<bool>,
    link: RwSignal<Option<Invitation>>,
}

impl Shown {
    pub(super) fn new() -> Self {
        Self { open: RwSignal::new(false), link: RwSignal::new(None) }
    }

    pub(super) fn show(self, invitation: Invitation) {
        self.link.set(Some(invitation));
        self.open.set(true);
    }
}

/// The dialog.
pub(super) fn dialog(shown: Shown) -> AnyView {
    view! {
        <Dialog open=shown.open title=Signal::derive(|| t(text("登录链接", "Sign-in link")).to_owned()) wide=true
            on_close=Callback::new(move |()| shown.link.set(None))>
            {move || shown.link.get().map(content)}
        </Dialog>
    }
    .into_any()
}

fn content(invitation: Invitation) -> AnyView {
    let Invitation { login, token, expires_at } = invitation;
    let address = format!("{}{JOIN}#{token}", window().location().origin().unwrap_or_default());
    let until = show_time(&expires_at);
    let words = Message::new(
        format!(
            "请把下面的链接交给用户{login}本人：打开后自行设置密码并登录。链接只能使用一次，{until}前有效；关闭本窗口后不再显示，需要时可重新生成。"
        ),
        format!(
            "Give this link to {login}: it lets that user choose a password and sign in. It is good once, until {until}, and is not shown again; make another if it is lost."
        ),
    );
    let field = NodeRef::<html::Input>::new();
    let to_copy = address.clone();
    let copy = Callback::new(move |()| {
        let address = to_copy.clone();
        if let Some(input) = field.get_untracked() {
            input.select();
        }
        spawn_local(async move {
            // Without TLS there is no clipboard; then the text is selected, and Ctrl+C takes it.
            let clipboard = window().is_secure_context().then(|| window().navigator().clipboard());
            let copied = match clipboard {
                Some(clipboard) => JsFuture::from(clipboard.write_text(&address)).await.is_ok(),
                None => false,
            };
            if copied {
                toast::success(text("链接已复制", "The link is copied"));
            } else {
                toast::info(text(
                    "浏览器不允许复制，链接已选中，请按Ctrl+C",
                    "The browser does not copy: the link is selected, press Ctrl+C",
                ));
            }
        });
    });
    view! {
        <p>{move || tm(&words)}</p>
        <label class="sr-only" for="people-link">{said(text("登录链接", "Sign-in link"))}</label>
        <input node_ref=field id="people-link" class="input people-link" type="text" readonly=true value=address/>
        <div class="dialog-buttons">
            <ActionButton label=text("复制链接", "Copy the link") icon="copy" kind=ButtonKind::Primary on_press=copy/>
        </div>
    }
    .into_any()
}
