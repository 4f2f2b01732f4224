//! Reading an open document, and saving what the server makes of it. Used by all that stores something and must look
//! again; shows, and stores nothing.

use leptos::prelude::*;

use super::away;
use super::state::{DocumentState, Shown};
use crate::attachment;
use crate::document::api;
use crate::error::ErrorKind;
use crate::ui::call::call;
use crate::ui::download::save_as;
use crate::ui::toast;
use crate::workspace::{copies, queue};

/// Reads the document from the server and shows it. What is typed and not saved stays where it is.
pub async fn load(state: DocumentState) {
    let is_first = untrack(|| state.loading.get() != Shown::Ready);
    if untrack(|| queue::waits(state.id)) {
        queue::sync().await;
    }
    let document = call(|| api::get(state.id)).await;
    // As the user knows it: with what still waits.
    let waiting = queue::of(state.id).await;
    if state.loading.is_disposed() {
        return; // the tab was closed
    }
    let document = match document {
        Ok(document) => Ok(queue::over(Some(document.clone()), &waiting).unwrap_or(document)),
        Err(error) if error.kind == ErrorKind::NotFound && !waiting.is_empty() => {
            queue::over(None, &waiting).ok_or(error)
        }
        Err(error) => Err(error),
    };
    match document {
        Ok(document) => {
            state.as_of.set(None);
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
        Err(error) if is_first && error.kind.leaves_open() && away::show_copy(state).await => {}
        Err(error) if is_first => {
            if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Forbidden) {
                // Deleted, or no longer this user's to see: then not from here either.
                copies::forget(state.id).await;
            }
            state.loading.try_set(Shown::Failed(error.message));
        }
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
