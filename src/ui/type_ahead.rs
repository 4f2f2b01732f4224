//! Type-ahead: keys struck while a look-up or a save is under way wait, and go in order to the
//! field that has the focus afterwards. When the work fails the queue stops and shows what it holds.
//! Forms and pages take a [`Hold`]; nothing else touches the keys. `listen` takes them from the page, `queue` keeps
//! their order, `strike` enters them, `stopped` and `notice` are for when the work failed.

mod listen;
mod notice;
mod queue;
mod stopped;
mod strike;

use std::cell::RefCell;
use std::time::Duration;

use leptos::prelude::*;

use super::focus;
use crate::text::{Message, text};
use listen::is_composing;
pub use listen::listen;
pub use notice::TypeAheadNotice;
use queue::Queue;
pub use stopped::Again;
use stopped::{STOPPED, show_stopped};
use strike::strike;

thread_local! {
    static QUEUE: RefCell<Queue> = RefCell::default();
}

/// Keys wait as long as this lives. Dropping it lets them go.
#[must_use = "keys wait only while the hold lives"]
pub struct Hold {
    ended: bool,
    /// How often the queue had stopped when it began: a stop ends every hold, and one that was ended so must not
    /// end the holds that began since.
    stops: u32,
}

/// Makes keys wait, beginning now.
pub fn hold() -> Hold {
    Hold { ended: false, stops: QUEUE.with_borrow_mut(Queue::hold) }
}

/// True while keys wait.
pub fn is_waiting() -> bool {
    QUEUE.with_borrow(Queue::is_waiting)
}

/// True while anything typed is in no field yet: a page that goes takes it along.
pub fn holds_keys() -> bool {
    QUEUE.with_borrow(|queue| !queue.is_empty())
        || STOPPED.with_untracked(|stopped| stopped.as_ref().is_some_and(|stopped| !stopped.keys.is_empty()))
}

impl Hold {
    /// The work is done and the focus is where typing goes on.
    pub fn release(mut self) {
        self.end();
    }

    /// The work failed: what was typed since is shown, and goes nowhere by itself.
    pub fn stop(mut self, why: Message, again: Again) {
        self.ended = true;
        show_stopped(why, again, QUEUE.with_borrow_mut(Queue::stop));
    }

    /// What was waited for was left: keys struck for it are shown, and where there are none nothing is said.
    pub fn give_up(self, why: Message) {
        if QUEUE.with_borrow(Queue::is_empty) {
            self.release();
        } else {
            self.stop(why, Again::nothing());
        }
    }

    fn end(&mut self) {
        if !self.ended {
            self.ended = true;
            if QUEUE.with_borrow_mut(|queue| queue.release(self.stops)) {
                later(replay);
            }
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.end();
    }
}

/// An Enter was refused at once: the rest of its burst waits in the notice instead of landing in the field.
pub fn refuse(why: Message, again: Again) {
    hold().stop(why, again);
}

/// Waits until the input method is done, so that moving the focus cannot cut a word in two.
pub async fn composition_over() {
    while is_composing() {
        gloo_timers::future::TimeoutFuture::new(20).await;
    }
}

/// After the screen has caught up with what happened so far.
fn later(work: impl FnOnce() + 'static) {
    set_timeout(work, Duration::ZERO);
}

/// Replays one waiting key, then lets the screen catch up, then the next.
fn replay() {
    // A dialog that a key of the queue opened is answered first.
    if is_composing() || focus::is_moving() || in_dialog() {
        return set_timeout(replay, Duration::from_millis(16));
    }
    let Some(key) = QUEUE.with_borrow_mut(Queue::next) else { return };
    if strike(&key) {
        later(replay);
    } else {
        let mut keys = vec![key];
        keys.extend(QUEUE.with_borrow_mut(Queue::stop));
        show_stopped(text("光标不在可录入的字段中", "The focus is not in a field").into(), Again::nothing(), keys);
    }
}

/// Dialogs are about the work that is under way: while one is open all keys are its own, also where Tab
/// leads out of it and around the page.
fn in_dialog() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some()
}
