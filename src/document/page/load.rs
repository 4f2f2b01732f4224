//! Reading an open document, and saving what the server makes of it. Used by all that stores something and must look
//! again; shows, and stores nothing.

use leptos::prelude::*;

use super::state::{DocumentState, Shown};
use crate::attachment;
use crate::document::api;
use crate::ui::call::call;
use crate::ui::download::save_as;
use crate::ui::toast;

/// Reads the document from the server and shows it. What is typed and not saved stays where it is.
pub async fn load(state: DocumentState) {
    let is_first = untrack(|| state.loading.get() != Shown::Ready);
    let document = call(|| api::get(state.id)).await;
    if state.loading.is_disposed() {
        return; // the tab was closed
    }
    match document {
        Ok(document) => {
            if is_first {
                state.show(document);
            } else {
                state.follow(document);
            }
            // The first time the section reads them itself.
            if state.attachments.is_loaded() {
                attachment::page::load(state.attachments).await;
            }
        }
        Err(error) if is_first => state.loading.set(Shown::Failed(error.message)),
        // What is shown, and typed, is worth more than the message in its place.
        Err(error) => toast::failed(&error),
    }
}

/// 导出: saves a workbook of the server. Through the session first: a page that lost it would save
/// an error message as if it were the workbook.
pub async fn export(address: String) {
    match call(|| api::status(Vec::new())).await {
        Ok(_) => save_as(&address),
        Err(error) => toast::failed(&error),
    }
}
