//! 个人设置: what the user chooses about keys and looks, from the table of `ui::preferences::choices`.
//! Each choice holds at once and is kept on the server by itself; there is nothing to press.

use leptos::prelude::*;

use crate::text::text;
use crate::ui::lang::{said, t};
use crate::ui::preferences;
use crate::ui::preferences::choices::{CHOICES, Choice, chosen};

#[component]
pub fn PreferencesForm() -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="preferences-title">
            <h2 id="preferences-title" class="panel-title">{said(text("个人设置", "Preferences"))}</h2>
            <p class="preferences-note">
                {said(text("选择后立即生效并保存，换一台电脑登录也有效", "Holds at once and is kept for you on every computer"))}
            </p>
            <div class="preferences">{CHOICES.map(one).collect_view()}</div>
        </section>
    }
    .into_any()
}

fn one(choice: &'static Choice) -> AnyView {
    let id = format!("preference-{}", choice.key.replace('.', "-"));
    let help_id = format!("{id}-help");
    let options = choice
        .options
        .iter()
        .map(|&(value, label)| {
            view! { <option value=value prop:selected=move || chosen(choice) == value>{said(label)}</option> }
        })
        .collect_view();
    view! {
        <label for=id.clone()>{said(choice.label)}</label>
        <select
            id=id
            aria-describedby=help_id.clone()
            on:change=move |event| preferences::set(choice.key, event_target_value(&event))
        >
            {options}
        </select>
        <span id=help_id class="preference-help">{move || t(choice.help)}</span>
    }
    .into_any()
}
