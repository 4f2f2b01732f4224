//! The one way in which an open document is saved: at the server, or, while that is away or earlier saves still wait, in this
//! browser, to be sent later. Used by head and rows; what is asked of whom in a conflict is theirs.

use std::future::Future;

use leptos::prelude::*;

use super::state::DocumentState;
use crate::document::{DocumentMeta, Mark, Row, SaveHead, SaveRows, Saved, SavedRows, api};
use crate::error::ApiError;
use crate::ui::call::{online, store};
use crate::ui::lang::tm;
use crate::workspace::queue::waiting::Save;
use crate::workspace::{queue, tabs};

/// Where a save is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Server,
    /// In this browser, waiting.
    Here,
}

/// Saves the head.
///
/// # Errors
/// Why it is neither at the server nor here.
pub async fn save_head(state: DocumentState, request: &SaveHead) -> Result<(Saved, Place), ApiError> {
    let here = || {
        let meta = DocumentMeta { head_version: -request.op, ..meta(state, request) };
        Some(Saved { meta, head: request.head.clone(), merged: Vec::new() })
    };
    save(state, Save::Head(request.clone()), here, || api::save_head(request.clone())).await
}

/// Saves rows of a list.
///
/// # Errors
/// As [`save_head`].
pub async fn save_rows(state: DocumentState, request: &SaveRows) -> Result<(SavedRows, Place), ApiError> {
    let here = || rows_here(state, request);
    save(state, Save::Rows(request.clone()), here, || api::save_rows(request.clone())).await
}

/// `here` is what the server would answer, `send` asks it.
async fn save<T, F>(
    state: DocumentState,
    save: Save,
    here: impl Fn() -> Option<T>,
    send: impl Fn() -> F,
) -> Result<(T, Place), ApiError>
where
    F: Future<Output = Result<T, ApiError>>,
{
    let keep = async || {
        let answer = here()?;
        put(state, save.clone()).await.then_some((answer, Place::Here))
    };
    if must_wait(state)
        && let Some(kept) = keep().await
    {
        return Ok(kept);
    }
    match store(send).await {
        Ok(answer) => Ok((answer, Place::Server)),
        // The same number: should the server have it already, it is done once.
        Err(error) if error.kind.is_away() => keep().await.ok_or(error),
        Err(error) => Err(error),
    }
}

/// What waits goes first; and where the server is known to be away nobody waits for it.
fn must_wait(state: DocumentState) -> bool {
    untrack(|| !online() || queue::waits(state.id))
}

async fn put(state: DocumentState, save: Save) -> bool {
    let title = tabs::get(state.tab).map(|open| tm(&open.title)).unwrap_or_default();
    queue::put(state.kind.key, title, save).await
}

/// The document as it is known, or as it begins.
fn meta(state: DocumentState, request: &SaveHead) -> DocumentMeta {
    state.meta.get_untracked().unwrap_or_else(|| queue::begun(request))
}

/// What the server would answer, as far as it can be known here: it gives the numbers.
fn rows_here(state: DocumentState, request: &SaveRows) -> Option<SavedRows> {
    let list = state.list(&request.section)?;
    let is_change = untrack(|| state.is_change());
    let mut next = list.rows.with_untracked(|rows| rows.iter().map(|row| row.seq).max().unwrap_or_default());
    let mut rows = Vec::with_capacity(request.puts.len());
    for put in &request.puts {
        let known = list.find(put.row_id);
        let seq = known.as_ref().map_or_else(
            || {
                next += 1;
                next
            },
            |row| row.seq,
        );
        let mark = queue::mark_left(is_change, known.map(|row| row.mark));
        rows.push(Row { id: put.row_id, seq, version: -request.op, mark, content: put.content.clone() });
    }
    let struck = request.removes.iter().filter_map(|gone| list.find(gone.row_id));
    rows.extend(struck.filter(|row| queue::is_struck(is_change, row.mark)).map(|row| Row {
        mark: Mark::Deleted,
        version: -request.op,
        ..row.map(|content| content.filled())
    }));
    Some(SavedRows {
        meta: state.meta.get_untracked()?,
        head: state.stored_head.get_untracked().filled(),
        rows,
        merged: Vec::new(),
    })
}
