//! 随附单据 of a document: the section of `attachment::page` under the hint of an unsaved head. The last tab of `view`;
//! what attachments are and do is not known here.

use leptos::prelude::*;

use super::labels::LOCKED_HINT;
use super::state::DocumentState;
use crate::attachment::page::attachments_section;
use crate::ui::lang::t;

/// The last tab of a document.
#[component]
pub fn AttachmentsSection(state: DocumentState, #[prop(into)] id_prefix: String) -> impl IntoView {
    view! {
        {move || (!state.is_saved()).then(|| view! { <p class="notice notice-info">{t(LOCKED_HINT)}</p> })}
        {attachments_section(state.attachments, id_prefix)}
    }
    .into_any()
}
