//! Screens of the account: login (as a page and over the work), preferences, own sessions, password.
//! Knows the account only; `app` decides what follows a sign-in.

mod login;
mod password;
mod preferences;
mod sessions;

use leptos::prelude::*;

pub use login::{LoginForm, LoginPage};

use crate::text::text;
use crate::ui::lang::t;
use password::PasswordForm;
use preferences::PreferencesForm;
use sessions::Sessions;

/// The user's own account.
#[component]
pub fn AccountPage() -> impl IntoView {
    view! {
        <section class="page account">
            <h1 class="page-title">{move || t(text("账户", "Account"))}</h1>
            <PreferencesForm/>
            <Sessions/>
            <PasswordForm/>
        </section>
    }
    .into_any()
}
