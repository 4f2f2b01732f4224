//! 暂存 of the head of an open document: Ctrl+S, the button, Enter in the last field. A refusal leaves everything typed
//! where it is. Rows are stored by `rows`.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::later::{self, Place};
use super::refusal::{decided, grave, settle};
use super::rows::fold::unfold;
use super::state::DocumentState;
use super::unanswered;
use crate::document::kind::HEAD;
use crate::document::{SaveHead, Saved};
use crate::error::{ApiError, ErrorKind};
use crate::form::{Values, changed};
use crate::text::text;
use crate::ui::clock::today;
use crate::ui::codes::codes_now;
use crate::ui::toast;
use crate::ui::type_ahead::{self, Again};
use crate::workspace::queue;
use crate::workspace::tabs::{self, Tab};

/// 暂存 of the head. True when it is stored.
pub async fn save_head(state: DocumentState) -> bool {
    store_head(state, false).await
}

/// Enter in the last field of the head: 暂存, then on to the first row.
pub async fn finish_head(state: DocumentState) {
    store_head(state, true).await;
}

async fn store_head(state: DocumentState, then_rows: bool) -> bool {
    if !untrack(|| state.editable()) {
        return false; // Enter in a head that is only read
    }
    let sent = state.head.values();
    let base = state.base.get_untracked();
    let faults = grave(state.kind.rules.check_head(&sent, base.as_ref(), &codes_now(), today(), false));
    if !faults.is_empty() {
        // The rest of the burst belongs behind the head, not into the field at fault.
        type_ahead::refuse(faults[0].message.clone(), again(state, then_rows, false));
        state.section.set(HEAD);
        state.head.findings.set(faults);
        state.head.focus_error();
        toast::refused(
            state.id,
            text("未能暂存，请按红色提示修改后重试。", "Not saved. Mend what is marked in red and try again."),
        );
        return false;
    }
    if state.busy.get_untracked() {
        return false;
    }
    state.busy.set(true);
    // A refusal moves the focus to the field at fault: what is typed meanwhile must not land there.
    let hold = type_ahead::hold();
    let stored = send(state, &sent).await;
    state.busy.set(false);
    match stored {
        Ok(stored) => {
            if stored
                && then_rows
                && let Some(first) = state.lists().first()
            {
                state.section.set(first.key());
                unfold();
                first.form.focus_first();
            }
            hold.release();
            stored
        }
        Err(error) => {
            refused(state, &error);
            let again = again(state, then_rows, error.findings.is_empty());
            hold.stop(error.message, again);
            false
        }
    }
}

/// Sends the head, and asks where somebody else changed the same fields. False when the user put that off.
async fn send(state: DocumentState, sent: &Values) -> Result<bool, ApiError> {
    let mut base = state.head_base.get_untracked();
    let mut head = sent.filled();
    let mut was = (base != 0).then(|| state.head.changed(sent));
    loop {
        let (op, kind) = (queue::number(), state.kind.key.to_owned());
        let request = SaveHead { op, id: state.id, kind, base, head: head.clone(), was: was.clone() };
        let answer = later::save_head(state, &request).await;
        unanswered::note(state.id, &request.head, &answer);
        let error = match answer {
            Ok((saved, place)) => {
                took(state, sent, &saved, place);
                return Ok(true);
            }
            Err(error) => error,
        };
        let Some(theirs) = error.stored.as_ref().filter(|_| error.kind == ErrorKind::Conflict) else {
            return Err(error);
        };
        if unanswered::is_own(state.id, state.kind.head, theirs) {
            base = theirs.version;
            was = Some(changed(&Values::filled_from(state.kind.head, &theirs.content), sent));
            continue;
        }
        let Some(sides) = settle(state, error.differences.clone()).await else { return Ok(false) };
        let sides: Vec<_> = error.differences.into_iter().zip(sides).collect();
        // What others changed beside these fields is told as long as the base is what this page read.
        if was.is_none() {
            base = theirs.version;
        }
        decided(state.kind.head, (HEAD, None), &mut head, &mut was, &sides);
    }
}

fn took(state: DocumentState, sent: &Values, saved: &Saved, place: Place) {
    let first = state.meta.with_untracked(Option::is_none);
    let stored = Values::filled_from(state.kind.head, &saved.head);
    state.head.saved(sent, &stored);
    state.head_base.set(saved.meta.head_version);
    state.took(&saved.meta, &stored);
    state.others_changed(&saved.merged);
    if first {
        for list in state.lists() {
            list.start_new(&stored);
        }
        tabs::replace(state.tab, Tab::Document { kind: state.kind.naming, id: state.id, new: false, read_only: false });
    }
    toast::done(state.id);
    toast::success(match place {
        Place::Server => text("暂存成功！", "Saved"),
        Place::Here => text(
            "已存本机，连上服务器后自动暂存。",
            "Kept on this computer; it is saved by itself once the server answers.",
        ),
    });
}

/// 暂存 once more, as long as the head is not stored. Who was on the way to the rows types rows next, when
/// nothing in the head is to be mended.
fn again(state: DocumentState, then_rows: bool, sound: bool) -> Again {
    Again {
        keeps: then_rows && sound,
        pending: Arc::new(move || state.head.dirty()),
        run: Arc::new(move || {
            spawn_local(async move {
                store_head(state, then_rows).await;
            })
        }),
    }
}

fn refused(state: DocumentState, error: &ApiError) {
    toast::failed_at(state.id, error);
    state.section.set(HEAD);
    state.head.findings.set(error.findings.clone());
    state.head.focus_error();
}
