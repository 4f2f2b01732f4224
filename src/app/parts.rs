//! The parts of the program that are fetched when they are needed: each name below is a file (and what it shares with
//! another one a further file, so names are few). A new screen joins a part by being drawn from its function; `panels`
//! and `app` place the parts with [`part`], which says so in place when one did not come.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::{spawn_local, tick};
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::{panels, release, workspace};
use crate::text::{Text, text};
use crate::ui::parts::{Block, BlockKind};
use crate::ui::type_ahead::{self, Again, Hold};
use crate::workspace::opening::{self, Reading};
use crate::workspace::tabs::{self, OpenTab, TabKey};

const LOADING: Text = text("正在打开…", "Opening…");
const FAILED: Text = text(
    "这一部分程序没有加载完成，请检查网络后重试。已录入的内容都还在。",
    "This part of the program did not load. Check the network and try again; everything you typed is still there.",
);

/// How long after the sign-in what is not needed yet is fetched.
const IDLE: Duration = Duration::from_millis(800);

/// A part did not come.
pub struct NotLoaded;

impl From<SplitLoaderError> for NotLoaded {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// What a part draws, once it is there.
type Draw<A> = fn(A) -> AnyView;
type Fetching<A> = Pin<Box<dyn Future<Output = Result<Draw<A>, NotLoaded>>>>;

/// A part, for who places it.
pub struct Part<A: 'static> {
    /// Of its file, too: `split_NAME.wasm`.
    name: &'static str,
    fetch: fn() -> Fetching<A>,
}

/// The frame around the open documents, and the account: all that is there after the sign-in.
pub const FRAME: Part<()> = Part { name: "frame", fetch: || Box::pin(in_frame()) };

/// The screens of the business folders.
pub const WORK: Part<OpenTab> = Part { name: "work", fetch: || Box::pin(in_work()) };

// The first word names the part. The functions take nothing and give a pointer into the part, so that neither
// generics nor the life of an argument ever cross its edge.
#[wasm_split(frame, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_frame))]
fn in_frame() -> Result<Draw<()>, NotLoaded> {
    Ok(workspace::draw)
}

#[wasm_split(work, wasm_split_path = leptos::wasm_split, fallible, preload(fetch_work))]
fn in_work() -> Result<Draw<OpenTab>, NotLoaded> {
    Ok(panels::page)
}

/// Fetches what is needed after the sign-in, while that goes on. Whether it came is found out when it is needed.
pub fn begin() {
    spawn_local(async {
        let _ = fetch_frame().await;
    });
}

/// Fetches everything else when the page is idle: nothing is missing when the line goes later.
pub fn complete() {
    set_timeout(
        || {
            spawn_local(async {
                let _ = fetch_work().await;
            });
        },
        IDLE,
    );
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
