//! Screens of the account: login (as a page and over the work), preferences, own sessions, password.
//! Knows the account only; `app` decides what follows a sign-in.

mod card;
mod email;
mod join;
mod login;
mod password;
mod preferences;
mod sessions;

use leptos::prelude::*;

pub use join::JoinPage;
pub use login::{LoginForm, LoginPage, is_shared_computer};

use super::model::Me;
use crate::text::text;
use crate::ui::lang::t;
use email::EmailForm;
use password::PasswordForm;
use preferences::PreferencesForm;
use sessions::Sessions;

/// The user's own account. `on_email` gets the address for reminders as it is kept.
#[component]
pub fn AccountPage(me: Signal<Option<Me>>, on_email: Callback<String>) -> impl IntoView {
    view! {
        <section class="page account">
            <h1 class="page-title">{move || t(text("账户", "Account"))}</h1>
            <PreferencesForm/>
            <EmailForm me on_saved=on_email/>
            <Sessions/>
            <PasswordForm/>
        </section>
    }
    .into_any()
}
