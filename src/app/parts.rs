//! How a part of the program that is fetched when it is needed is placed: with [`part`], which says so in place when it
//! did not come, with [`part_beside`], or with [`part_when_wanted`]. The parts themselves are in `frame_part`, `work_part` and `dialogs_part`:
//! each name is a file, and what two names share is a further file, so names are few; a new screen joins a part by being
//! drawn from its function.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::{spawn_local, tick};
use leptos::wasm_split::SplitLoaderError;

use super::release;
use crate::text::{Text, text};
use crate::ui::parts::{Block, BlockKind};
use crate::ui::toast;
use crate::ui::type_ahead::{self, Again, Hold};
use crate::workspace::opening::{self, Reading};
use crate::workspace::tabs::{self, TabKey};

const LOADING: Text = text("正在打开…", "Opening…");
const FAILED: Text = text(
    "这一部分程序没有加载完成，请检查网络后重试。已录入的内容都还在。",
    "This part of the program did not load. Check the network and try again; everything you typed is still there.",
);

const LATE: Text =
    text("对话框打开得晚，期间键入的内容没有录入", "The dialog opened late; what was typed meanwhile was not entered");

/// A part did not come.
pub struct NotLoaded;

impl From<SplitLoaderError> for NotLoaded {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// What a part draws, once it is there.
pub type Draw<A> = fn(A) -> AnyView;
pub type Fetching<A> = Pin<Box<dyn Future<Output = Result<Draw<A>, NotLoaded>>>>;

/// A part, for who places it.
pub struct Part<A: 'static> {
    /// Of its file, too: `split_NAME.wasm`.
    pub name: &'static str,
    pub fetch: fn() -> Fetching<A>,
}

enum Stage<A> {
    Loading,
    Failed,
    Here(Draw<A>),
}

impl<A> Clone for Stage<A> {
    fn clone(&self) -> Self {
        match self {
            Self::Loading => Self::Loading,
            Self::Failed => Self::Failed,
            Self::Here(draw) => Self::Here(*draw),
        }
    }
}

/// What keys wait for: the tab that opens, or, without tabs yet, the page.
enum Waiting {
    Tab(Reading),
    Page(Hold),
}

impl Waiting {
    fn of(tab: Option<TabKey>) -> Self {
        tab.map_or_else(|| Self::Page(type_ahead::hold()), |tab| Self::Tab(opening::reading(tab)))
    }

    fn arrived(self) {
        match self {
            Self::Tab(reading) => reading.arrived(),
            Self::Page(hold) => hold.release(),
        }
    }

    fn failed(self, again: Again) {
        match self {
            Self::Tab(reading) => reading.failed(FAILED.into(), again),
            Self::Page(hold) => hold.stop(FAILED.into(), again),
        }
    }
}

/// Places what a part draws; until it is there, and when it does not come, says so. `tab`: which one it is for.
pub fn part<A: Clone + Send + Sync + 'static>(part: Part<A>, with: A, tab: Option<TabKey>) -> AnyView {
    let place = Place { part, stage: RwSignal::new(Stage::Loading), tab };
    place.load();
    let content = move || match place.stage.get() {
        // Not tracked: what the page reads while it is built must not build it anew.
        Stage::Here(draw) => untrack(|| draw(with.clone())),
        Stage::Loading => place.around(view! { <Block kind=BlockKind::Loading text=LOADING/> }.into_any()),
        Stage::Failed => {
            let on_retry = Callback::new(move |()| place.load_again());
            place.around(view! { <Block kind=BlockKind::Failed text=FAILED on_retry/> }.into_any())
        }
    };
    view! { {content} }.into_any()
}

/// Places a part that draws nothing before it is `wanted`. When it does not come, that is said and `give_up` takes the
/// wish back: the next wish tries again.
pub fn part_when_wanted<A: Copy + Send + Sync + 'static>(
    part: Part<A>,
    with: A,
    wanted: Signal<bool>,
    give_up: fn(A),
) -> AnyView {
    let here = RwSignal::new(None::<Draw<A>>);
    Effect::new(move |_| {
        if !wanted.get() || here.with_untracked(Option::is_some) {
            return;
        }
        // What is struck now is meant for what opens; waiting keys go on only when a dialog is closed, so they are shown.
        let hold = type_ahead::hold();
        spawn_local(async move {
            if let Ok(draw) = (part.fetch)().await {
                // Wished for twice while it was on its way, it is drawn once: again would empty what is open.
                if here.try_with_untracked(Option::is_none) == Some(true) {
                    here.set(Some(draw));
                }
                tick().await;
                return hold.give_up(LATE.into());
            }
            give_up(with);
            toast::error(FAILED);
            hold.give_up(FAILED.into());
            release::look(part.name).await;
        });
    });
    // Not tracked: as in `part`.
    (move || here.get().map(|draw| untrack(|| draw(with)))).into_any()
}

/// Places a part beside what is there already: no key waits for it. When it does not come, its place says so.
pub fn part_beside<A: Clone + Send + Sync + 'static>(part: Part<A>, with: A) -> AnyView {
    let stage = RwSignal::new(Stage::Loading);
    let load = move || {
        stage.set(Stage::Loading);
        spawn_local(async move {
            let fetched = (part.fetch)().await;
            let is_here = fetched.is_ok();
            stage.try_set(fetched.map_or(Stage::Failed, Stage::Here));
            if !is_here {
                release::look(part.name).await;
            }
        });
    };
    load();
    let content = move || match stage.get() {
        // Not tracked: as in `part`.
        Stage::Here(draw) => untrack(|| draw(with.clone())),
        Stage::Loading => view! { <Block kind=BlockKind::Loading text=LOADING/> }.into_any(),
        Stage::Failed => {
            let on_retry = Callback::new(move |()| load());
            view! { <Block kind=BlockKind::Failed text=FAILED on_retry/> }.into_any()
        }
    };
    view! { {content} }.into_any()
}

/// Where a part is drawn.
struct Place<A: 'static> {
    part: Part<A>,
    stage: RwSignal<Stage<A>>,
    tab: Option<TabKey>,
}

impl<A> Clone for Part<A> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<A> Copy for Part<A> {}

impl<A> Clone for Place<A> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<A> Copy for Place<A> {}

impl<A> Place<A> {
    fn load(self) {
        let waiting = Waiting::of(self.tab);
        spawn_local(async move {
            match (self.part.fetch)().await {
                Ok(draw) => {
                    self.stage.try_set(Stage::Here(draw));
                    // Drawn by then; a page that reads holds the keys itself from here on.
                    tick().await;
                    waiting.arrived();
                }
                Err(NotLoaded) => {
                    self.stage.try_set(Stage::Failed);
                    waiting.failed(Again {
                        keeps: false,
                        pending: Arc::new(move || matches!(self.stage.try_get(), Some(Stage::Failed))),
                        run: Arc::new(move || self.load_again()),
                    });
                    release::look(self.part.name).await;
                }
            }
        });
    }

    fn load_again(self) {
        if let Some(tab) = self.tab {
            tabs::enter(tab);
        }
        self.stage.set(Stage::Loading);
        self.load();
    }

    /// What stands in the place of the page.
    fn around(self, block: AnyView) -> AnyView {
        if self.tab.is_some() {
            view! { <section class="page">{block}</section> }.into_any()
        } else {
            view! { <main class="start">{block}</main> }.into_any()
        }
    }
}
