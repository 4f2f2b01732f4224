//! A new draft made of a stored document, by 复制 or 变更, opened at once. Keys struck since it was chosen are meant for what
//! opens; when it fails they wait for the next try. What is asked before stands in `copy` and `change`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use crate::document::kind::Kind;
use crate::document::{Derive, api, change};
use crate::error::ApiError;
use crate::text::{Message, Text};
use crate::ui::call::act;
use crate::ui::toast;
use crate::ui::type_ahead::{self, Again, Hold};
use crate::workspace::tabs::{self, Tab};

/// How the draft is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    Copy,
    Change,
}

thread_local! {
    /// Drafts that were asked for without an answer: chosen once more, it is the same draft.
    static UNANSWERED: RefCell<HashMap<(Way, Uuid), Uuid>> = RefCell::default();
}

/// Makes the draft and opens it; `done` is said then. `hold` keeps the keys since the way was chosen.
pub async fn derive(kind: &'static Kind, way: Way, mut request: Derive, done: Text, hold: Hold) {
    request.id = UNANSWERED.with_borrow(|all| all.get(&(way, request.from)).copied()).unwrap_or(request.id);
    carry_out(kind, way, request, done, ArcRwSignal::new(true), hold).await;
}

/// `pending` until the draft is there.
async fn carry_out(kind: &'static Kind, way: Way, request: Derive, done: Text, pending: ArcRwSignal<bool>, hold: Hold) {
    let sent = send(way, &request).await;
    UNANSWERED.with_borrow_mut(|all| match &sent {
        Err(error) if error.kind.leaves_open() => all.insert((way, request.from), request.id),
        _ => all.remove(&(way, request.from)),
    });
    match sent {
        Ok(trouble) => {
            pending.set(false);
            tabs::open(Tab::Document { kind: kind.naming, id: request.id, new: false, read_only: false });
            match trouble {
                Some(trouble) => toast::error(trouble),
                None => toast::success(done),
            }
            hold.release();
        }
        Err(error) => {
            toast::failed(&error);
            let still = pending.clone();
            let again = Again {
                keeps: false,
                pending: Arc::new(move || still.get()),
                // The same id: a draft whose answer was lost is not made twice.
                run: Arc::new(move || {
                    let hold = type_ahead::hold();
                    spawn_local(carry_out(kind, way, request.clone(), done, pending.clone(), hold));
                }),
            };
            hold.stop(error.message, again);
        }
    }
}

/// What did not come along, if anything.
async fn send(way: Way, request: &Derive) -> Result<Option<Message>, ApiError> {
    match way {
        Way::Copy => Ok(act(|| api::copy(request.clone())).await?.trouble),
        Way::Change => act(|| change::api::change(request.clone())).await.map(|()| None),
    }
}
