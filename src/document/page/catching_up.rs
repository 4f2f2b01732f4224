//! An open document and the server that was away: copies are kept as the document is stored; once the server answers again, or
//! has what waited, what it has is shown; what it refused is typed text again. Started by `view`.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::away;
use super::load::load;
use super::state::{DocumentState, Shown};
use crate::text::Message;
use crate::ui::call;
use crate::ui::toast;
use crate::workspace::queue::News;
use crate::workspace::tabs::Tab;
use crate::workspace::{queue, tabs};

/// A copy is written once nothing was stored for so long: it is of no use to who goes on typing, and takes time.
const QUIET: Duration = Duration::from_secs(2);

/// Keeps copies of the document as it is stored, and looks again when the server is back or has what waited. `kept`: what is
/// typed is kept.
pub fn follow(state: DocumentState, kept: RwSignal<bool>) {
    let turn = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let is_stored = state.meta.with(Option::is_some);
        if !is_stored || state.loading.get() != Shown::Ready || state.as_of.with(Option::is_some) {
            return;
        }
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let mine = turn.get_value();
        set_timeout(
            move || {
                if turn.try_get_value() == Some(mine) {
                    spawn_local(away::keep(state));
                }
            },
            QUIET,
        );
    });
    Effect::new(move |_| {
        if call::online() && state.as_of.with(Option::is_some) {
            spawn_local(load(state));
        }
    });
    let news = Memo::new(move |_| queue::news(state.id));
    Effect::new(move |before: Option<News>| {
        let now = news.get();
        if !now.merged.is_empty() {
            for one in queue::take_merged(state.id) {
                state.others_changed(&[one]);
            }
        }
        if let Some(before) = before {
            if now.handed_back != before.handed_back {
                handed_back(state, kept, &now);
            } else if now.stored != before.stored && untrack(|| state.loading.get() == Shown::Ready) {
                spawn_local(load(state));
            }
        }
        now
    });
}

/// Saves of the document were refused and are typed text again: the page is drawn anew over what the server has.
fn handed_back(state: DocumentState, kept: RwSignal<bool>, news: &News) {
    let title = tabs::get(state.tab).map(|open| open.title).unwrap_or_default();
    let why = news.why.clone().unwrap_or_default();
    toast::error(Message::new(
        format!("“{}”在离线时暂存的内容未能存到服务器：{}已恢复为未保存的内容，请修改后重新暂存。", title.zh, why.zh),
        format!(
            "What was saved offline of “{}” could not be stored: {} It is unsaved text again; mend it and save.",
            title.en, why.en
        ),
    ));
    // What the page has must not be written over what was handed back.
    kept.set(false);
    let was_stored = state.meta.with_untracked(|meta| meta.as_ref().is_some_and(|meta| meta.version > 0));
    tabs::restart(
        state.tab,
        Tab::Document { kind: state.kind.naming, id: state.id, new: !was_stored, read_only: false },
    );
}
