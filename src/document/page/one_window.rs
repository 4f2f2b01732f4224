//! A document is typed into in one window of a browser at a time: two would keep what is typed under one name, and the later
//! would erase the other's. The second shows the document as it moves, says so, and may type when the first is closed.

use std::future::Future;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::load::load;
use super::state::{DocumentState, Shown};
use crate::ui::wait::answer;
use crate::workspace::{alone, me_now};

/// Between two looks whether a window that is being closed is gone.
const SOON: Duration = Duration::from_millis(40);
const LOOKS: u32 = 3;

/// Holds the document for this window, for as long as its page lives. Resolves once it is known whether another one has it.
pub fn hold(state: DocumentState) -> impl Future<Output = ()> {
    let (known, is_known) = answer();
    let me = me_now().filter(|_| !state.read_only.get_untracked() && alone::is_possible());
    let Some(me) = me else {
        known.give(());
        return is_known;
    };
    let name = format!("opbook-typing.{}.{}", me.login, state.id.simple());
    let (gone, until_gone) = answer();
    on_cleanup(move || gone.give(()));
    spawn_local(async move {
        let mut looks = 0;
        while alone::is_held(&name).await {
            looks += 1;
            if looks == LOOKS {
                state.read_only.try_set(true);
                state.elsewhere.try_set(true);
                known.give(());
                break;
            }
            // This page itself, drawn anew, lets go of it only now.
            gloo_timers::future::sleep(SOON).await;
        }
        let mine = async move {
            if state.elsewhere.try_get_untracked() == Some(true) {
                if state.loading.get_untracked() == Shown::Ready && untrack(|| state.is_saved()) {
                    load(state).await;
                }
                state.elsewhere.try_set(false);
                state.read_only.try_set(false);
            }
            known.give(());
            until_gone.await;
        };
        alone::run(&name, mine).await;
    });
    is_known
}
