//! What a list is asked for: the enterprise and the conditions of the query, and the buttons below them. Drawn above the
//! list; asks through `ListState` and shows no result.

use leptos::prelude::*;

use super::model::Conditions;
use super::state::ListState;
use crate::document::page::labels::{CLEAR, QUERY};
use crate::text::text;
use crate::ui::lang::t;
use crate::ui::parts::{ActionButton, ButtonKind};
use crate::ui::record_form::RecordForm;
use crate::workspace;

pub(super) fn conditions(state: ListState) -> impl IntoView {
    let enterprises = move || {
        workspace::me().map(|me| me.acts_for).unwrap_or_default().into_iter().map(|enterprise| {
            let chosen = enterprise.code == state.operator.get_untracked();
            view! { <option value=enterprise.code.clone() selected=chosen>{format!("{}-{}", enterprise.code, enterprise.name)}</option> }
        }).collect_view()
    };
    view! {
        <div class="panel conditions">
            <div class="field field-wide">
                <label for="query-operator" class="label required">{move || t(text("可查询企业", "Enterprise"))}</label>
                <select id="query-operator" required aria-required="true"
                    on:change=move |event| state.choose_operator(event_target_value(&event))>{enterprises}</select>
            </div>
            <RecordForm state=state.conditions fields=state.conditions.fields() id_prefix="query" name=text("查询条件", "Conditions")
                on_last=Callback::new(move |()| state.ask())/>
            <div class="section-bar">
                <ActionButton label=QUERY icon="search" kind=ButtonKind::Primary on_press=Callback::new(move |()| state.ask())/>
                <ActionButton label=CLEAR icon="x" kind=ButtonKind::Plain on_press=Callback::new(move |()| {
                    state.conditions.load(&Conditions::default());
                    state.conditions.focus_first();
                })/>
            </div>
        </div>
    }
}
