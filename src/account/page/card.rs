//! The page around a form for who is not signed in: the sign-in (`login`), the choice of a password (`join`).
//! Draws nothing of the form.

use leptos::prelude::*;

use crate::text::text;
use crate::ui::lang::said;
use crate::ui::switches::{LanguageSwitch, ThemeSwitch};

/// The page around a form for who is not signed in.
pub(super) fn card(form: AnyView) -> AnyView {
    view! {
        <div class="login-page">
            <div class="login-tools">
                <LanguageSwitch/>
                <ThemeSwitch/>
            </div>
            <main class="login-card">
                <img class="login-mark" src="/favicon.svg" alt="" width="48" height="48"/>
                <h1>{said(text("出境加工账册系统", "Outward-processing account books"))}</h1>
                {form}
            </main>
        </div>
    }
    .into_any()
}
