//! The notice of a stopped queue: why, what it holds, and what can be done about it. Drawn once by `app`;
//! the user alone decides what becomes of the keys.

use leptos::prelude::*;

use super::listen::last_field;
use super::queue::spell;
use super::stopped::{STOPPED, Stopped};
use super::strike::takes_keys;
use super::{QUEUE, later, replay};
use crate::text::{Text, text};
use crate::ui::focus;
use crate::ui::lang::{t, tm};
use crate::ui::parts::action_name;

const RESUME: Text = text("录入到光标处", "Enter them here");
const RETRY: Text = text("重试并录入", "Try again, then enter them");
const DISCARD: Text = text("丢弃", "Discard");

/// A button of the notice took the focus from the field that is to receive the keys.
fn give_focus_back() {
    if focus::active().is_none_or(|active| !takes_keys(&active))
        && let Some(field) = last_field()
    {
        let _ = field.focus();
    }
}

/// Enters the keys; what failed is done once more before, when it is to be.
fn resume(first_again: bool) {
    let Some(Stopped { keys, again, .. }) = STOPPED.get_untracked() else { return };
    STOPPED.set(None);
    give_focus_back();
    QUEUE.with_borrow_mut(|queue| queue.take_back(keys));
    if first_again && untrack(|| (again.pending)()) {
        (again.run)();
    }
    // What was just begun holds them until it is done.
    later(replay);
}

/// Shows what a stopped queue held; placed once by `app`.
#[component]
pub fn TypeAheadNotice() -> impl IntoView {
    view! {
        <div class="type-ahead" role="alert">
            {move || {
                STOPPED.get().filter(|stopped| !stopped.keys.is_empty()).map(|stopped| {
                    let why = tm(&stopped.why);
                    let failed = (stopped.again.pending)();
                    let go_on = if failed { RETRY } else { RESUME };
                    let here = failed && stopped.again.keeps;
                    view! {
                        <div class="type-ahead-box">
                            <p>
                                {format!("{}{}", why.trim_end_matches(['。', '.']), t(text("。之后键入的内容未录入：", ". Typed since, not entered:")))}
                                <kbd>{spell(&stopped.keys)}</kbd>
                            </p>
                            // Pressing must not take the focus from the field that is to receive the keys.
                            <button type="button" class="button" data-action=action_name(go_on) aria-keyshortcuts="Alt+R"
                                on:mousedown=|event| event.prevent_default() on:click=|_| resume(true)>
                                {t(go_on)} <kbd>"Alt+R"</kbd>
                            </button>
                            {here.then(|| view! {
                                <button type="button" class="button" data-action=action_name(RESUME)
                                    on:mousedown=|event| event.prevent_default() on:click=|_| resume(false)>
                                    {t(RESUME)}
                                </button>
                            })}
                            <button type="button" class="button" data-action=action_name(DISCARD)
                                on:mousedown=|event| event.prevent_default()
                                on:click=|_| {
                                    STOPPED.set(None);
                                    give_focus_back();
                                }>
                                {t(DISCARD)}
                            </button>
                        </div>
                    }
                })
            }}
        </div>
    }
}
