//! The large dialogs of an open document: 导入, 常用模板, 变更对比. A part of the program of their own, which `app` fetches
//! and draws where `view` says; what opens them is in `buttons` and `keys`.

use leptos::prelude::*;

use super::change::ComparisonDialog;
use super::import::ImportDialog;
use super::state::DocumentState;
use super::templates::TemplatesDialog;

/// Draws them; each is there while its switch is on.
pub fn dialogs(state: DocumentState) -> AnyView {
    let [import, templates, differences] = switches(state);
    view! {
        <ImportDialog state open=import/>
        <TemplatesDialog state open=templates/>
        <ComparisonDialog state open=differences/>
    }
    .into_any()
}

/// True when one of them is to be seen.
pub fn wants_dialog(state: DocumentState) -> bool {
    switches(state).iter().any(RwSignal::get)
}

/// Takes the wish back: what was asked for cannot be shown.
pub fn close_dialogs(state: DocumentState) {
    for open in switches(state) {
        open.try_set(false);
    }
}

fn switches(state: DocumentState) -> [RwSignal<bool>; 3] {
    [state.import_open, state.templates_open, state.differences_open]
}
