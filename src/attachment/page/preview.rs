//! 预览: the file of an attachment in a dialog, shown by the browser itself.
//! Opened from the list of papers; loads nothing before it is opened and changes nothing.

use leptos::prelude::*;

use super::state::AttachmentsState;
use crate::attachment::api::preview_address;
use crate::attachment::content::FileKind;
use crate::ui::dialog::Dialog;

/// The dialog; open while `state.shown_open`.
pub fn preview_dialog(state: AttachmentsState) -> AnyView {
    let name =
        move || state.shown.with(|row| row.as_ref().map_or_else(String::new, |row| row.content.file_name.clone()));
    let content = move || {
        state.shown.get().map(|row| {
            let (address, name) = (preview_address(row.id), row.content.file_name.clone());
            let picture = FileKind::from_name(&row.content.file_type).is_some_and(FileKind::is_picture);
            if picture {
                view! { <img class="preview-picture" src=address alt=name/> }.into_any()
            } else {
                view! { <iframe class="preview-page" src=address title=name></iframe> }.into_any()
            }
        })
    };
    view! {
        <Dialog open=state.shown_open title=Signal::derive(name) wide=true>
            <div class="preview">{content}</div>
        </Dialog>
    }
    .into_any()
}
