//! Whether the form above a list is put away: for who types into the list itself, or sees little of it on a small screen.
//! One choice for all lists, kept with the user's preferences; whoever sends the focus into the form brings it back.

use leptos::prelude::*;

use crate::text::{Text, text};
use crate::ui::lang::t;
use crate::ui::parts::{action_name, icon};
use crate::ui::preferences;

const FOLD: Text = text("收起录入表单", "Put the form away");
const UNFOLD: Text = text("展开录入表单", "Show the form");

/// The preference.
const FORM: &str = "rows.form";
const FOLDED: &str = "folded";

/// Id of the form that is put away.
pub fn form_id(prefix: &str) -> String {
    format!("{prefix}-form")
}

/// True while the form is put away; tracked.
pub fn is_folded() -> bool {
    preferences::get(FORM).as_deref() == Some(FOLDED)
}

/// Brings the form back: the focus goes into it.
pub fn unfold() {
    if untrack(is_folded) {
        preferences::set(FORM, "");
    }
}

/// The button that puts the form away and brings it back.
pub fn folding(form: String) -> AnyView {
    let label = || if is_folded() { UNFOLD } else { FOLD };
    view! {
        <button
            type="button"
            class="icon-button"
            aria-label=move || t(label())
            title=move || t(label())
            aria-expanded=move || if is_folded() { "false" } else { "true" }
            aria-controls=form
            data-action=move || action_name(label())
            on:click=move |_| preferences::set(FORM, if untrack(is_folded) { "" } else { FOLDED })
        >
            {move || icon(if is_folded() { "unfold" } else { "fold-up" })}
        </button>
    }
    .into_any()
}
