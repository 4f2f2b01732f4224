//! The open documents: which tabs there are, which one is in front, what is unsaved.
//! Pages call [`open`] and friends from anywhere; `tab_strip` and `panels` draw what stands here.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::opening;
pub use super::tab_key::TabKey;
use crate::document::kind::{Listing, Naming};
use crate::text::{Message, Text, text};
use crate::ui::dialog::{Question, ask};
use crate::ui::focus;

/// Names of tabs and of their entries in the menu.
pub const TODO: Text = text("待办", "To do");
pub const STATS: Text = text("统计", "Statistics");
/// What this browser has and the server does not.
pub const UNSYNCED: Text = text("未同步", "Not at the server");
/// Users, delegations, enterprises.
pub const PEOPLE: Text = text("系统管理", "Administration");
pub const REGISTRATION: Text = text("报关单批量登记", "Register many entries");

/// What a tab holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// 待办
    Todo,
    /// A document, e.g. 出境加工账册(备案/变更).
    Document { kind: &'static Naming, id: Uuid, new: bool, read_only: bool },
    /// A query list, e.g. 出境加工账册查询.
    QueryList { listing: &'static Listing },
    /// 台账 of the book a document belongs to.
    Ledger { id: Uuid },
    /// 统计
    Stats,
    /// 报关单批量登记
    Registration,
    /// 未同步
    Unsynced,
    /// 系统管理
    People,
    /// The user's own account.
    Account,
}

impl Tab {
    /// True when the two show the same thing, so that it opens once.
    fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Document { id, .. }, Self::Document { id: other, .. }) => id == other,
            (one, other) => one == other,
        }
    }

    fn first_title(self) -> Message {
        match self {
            Self::Document { kind, new: true, .. } => kind.new_label,
            Self::Document { kind, .. } => kind.label,
            Self::QueryList { listing } => listing.label,
            Self::Todo => TODO,
            Self::Stats => STATS,
            Self::Registration => REGISTRATION,
            Self::Unsynced => UNSYNCED,
            Self::People => PEOPLE,
            Self::Ledger { .. } => text("台账", "Ledger"),
            Self::Account => text("账户", "Account"),
        }
        .into()
    }
}

/// One open tab.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenTab {
    pub key: TabKey,
    pub tab: Tab,
    pub title: Message,
    pub dirty: bool,
    /// Holds what even `drafts` cannot keep over a reload: files that are chosen or on their way.
    pub fragile: bool,
}

impl OpenTab {
    fn new(key: TabKey, tab: Tab, title: Message) -> Self {
        Self { key, tab, title, dirty: false, fragile: false }
    }
}

static TABS: LazyLock<ArcRwSignal<Vec<OpenTab>>> = LazyLock::new(ArcRwSignal::default);
static ACTIVE: LazyLock<ArcRwSignal<Option<TabKey>>> = LazyLock::new(ArcRwSignal::default);

/// All tabs, in the order of the strip; tracked.
pub(crate) fn all() -> Vec<OpenTab> {
    TABS.get()
}

/// One tab; tracked.
pub fn get(key: TabKey) -> Option<OpenTab> {
    TABS.with(|tabs| tabs.iter().find(|open| open.key == key).cloned())
}

/// The tab in front; tracked.
pub(crate) fn active() -> Option<TabKey> {
    ACTIVE.get()
}

/// True while a tab of this page shows a document.
pub fn shows(document: Uuid) -> bool {
    let is = |open: &OpenTab| matches!(open.tab, Tab::Document { id, .. } if id == document);
    TABS.with_untracked(|tabs| tabs.iter().any(is))
}

/// True while this tab is in front; tracked.
pub fn is_active(key: TabKey) -> bool {
    ACTIVE.get() == Some(key)
}

/// Opens a tab and puts it in front, or goes there when it is open already. Opening a document for
/// editing replaces its read-only tab.
pub fn open(tab: Tab) -> TabKey {
    let known = TABS.with_untracked(|tabs| tabs.iter().find(|open| open.tab.is_same(tab)).cloned());
    let key = match known {
        Some(known) if !wants_editing(known.tab, tab) => known.key,
        Some(known) => {
            let key = next_key();
            TABS.update(|tabs| {
                for open in tabs.iter_mut().filter(|open| open.key == known.key) {
                    *open = OpenTab::new(key, tab, open.title.clone());
                }
            });
            key
        }
        None => {
            let key = next_key();
            TABS.update(|tabs| {
                let title = told_apart(tab.first_title(), tabs);
                tabs.push(OpenTab::new(key, tab, title));
            });
            key
        }
    };
    enter(key);
    key
}

/// The second new document of a kind is called so.
fn told_apart(title: Message, tabs: &[OpenTab]) -> Message {
    let is_free = |title: &Message| !tabs.iter().any(|open| open.title == *title);
    let numbered = |number| Message::new(format!("{} {number}", title.zh), format!("{} {number}", title.en));
    std::iter::once(title.clone()).chain((2..).map(numbered)).find(is_free).unwrap_or(title)
}

fn wants_editing(known: Tab, wanted: Tab) -> bool {
    matches!((known, wanted), (Tab::Document { read_only: true, .. }, Tab::Document { read_only: false, .. }))
}

fn next_key() -> TabKey {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    TabKey::numbered(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Puts a tab in front; the focus stays where it is.
pub(crate) fn show(key: TabKey) {
    opening::leave(|tab| tab != key);
    if ACTIVE.get_untracked() != Some(key) {
        ACTIVE.set(Some(key));
    }
}

/// Puts a tab in front, and the focus into its page. Keys wait until that is there.
pub fn enter(key: TabKey) {
    show(key);
    focus::enter(key.panel_id());
    opening::begin(key);
}

/// Closes a tab; asks first when it holds unsaved work.
pub fn close(key: TabKey) {
    close_some(move |open| open.key == key);
}

/// Closes the tab in front.
pub(crate) fn close_active() {
    if let Some(active) = ACTIVE.get_untracked() {
        close(active);
    }
}

/// 关闭全部页签
pub(crate) fn close_all() {
    close_some(|_| true);
}

/// 关闭其他页签
pub(crate) fn close_others() {
    let active = ACTIVE.get_untracked();
    close_some(move |open| Some(open.key) != active);
}

fn close_some(which: impl Fn(&OpenTab) -> bool) {
    let closing: Vec<OpenTab> = TABS.with_untracked(|tabs| tabs.iter().filter(|open| which(open)).cloned().collect());
    let unsaved: Vec<OpenTab> = closing.iter().filter(|open| open.dirty).cloned().collect();
    let close = move || closing.iter().for_each(|open| close_now(open.key));
    if unsaved.is_empty() {
        return close();
    }
    spawn_local(async move {
        if may_lose(&unsaved).await {
            close();
        }
    });
}

async fn may_lose(unsaved: &[OpenTab]) -> bool {
    let names = |of: fn(&Message) -> &str, mark: &str| {
        unsaved.iter().map(|open| of(&open.title)).collect::<Vec<_>>().join(mark)
    };
    let message = Message::new(
        format!("“{}”有未暂存的内容，关闭后将丢失。是否关闭？", names(|title| &title.zh, "”、“")),
        format!("“{}” holds unsaved work, which would be lost. Close?", names(|title| &title.en, "”, “")),
    );
    ask(Question { message, ok: text("确定", "OK"), cancel: Some(text("取消", "Cancel")), danger: true }).await
}

/// Asks about unsaved work before leaving the page altogether; true when it may be left.
pub(crate) async fn may_leave() -> bool {
    let unsaved: Vec<OpenTab> = TABS.with_untracked(|tabs| tabs.iter().filter(|open| open.dirty).cloned().collect());
    unsaved.is_empty() || may_lose(&unsaved).await
}

/// True while a reload would lose something.
pub(crate) fn any_fragile() -> bool {
    TABS.with_untracked(|tabs| tabs.iter().any(|open| open.fragile))
}

/// True while any tab holds unsaved work.
pub(crate) fn any_dirty() -> bool {
    TABS.with_untracked(|tabs| tabs.iter().any(|open| open.dirty))
}

/// The same; tracked.
pub(crate) fn any_unsaved() -> bool {
    TABS.with(|tabs| tabs.iter().any(|open| open.dirty))
}

/// Puts tabs of an earlier visit into the strip; none of them comes to the front.
pub(crate) fn restore(earlier: Vec<Tab>) {
    TABS.update(|tabs| {
        for tab in earlier {
            if !tabs.iter().any(|open| open.tab.is_same(tab)) {
                tabs.push(OpenTab::new(next_key(), tab, tab.first_title()));
            }
        }
    });
}

/// The tab so many places further in the strip, in a circle; tracked.
pub(crate) fn neighbour(by: isize) -> Option<TabKey> {
    let all = all();
    let at = all.iter().position(|open| Some(open.key) == active())?;
    let next = at.cast_signed().checked_add(by)?.rem_euclid(all.len().cast_signed());
    all.get(next.cast_unsigned()).map(|open| open.key)
}

/// Goes to the neighbour in the strip, into its page.
pub(crate) fn go(by: isize) {
    if let Some(key) = untrack(|| neighbour(by)) {
        enter(key);
    }
}

/// Moves the tab in front by one place, left or right, as far as the strip goes.
pub(crate) fn shift(by: isize) {
    let Some(active) = ACTIVE.get_untracked() else { return };
    let place = TABS.with_untracked(|tabs| {
        let at = tabs.iter().position(|open| open.key == active)?;
        let to = at.checked_add_signed(by).filter(|to| *to < tabs.len())?;
        Some((at, to))
    });
    if let Some((at, to)) = place {
        TABS.update(|tabs| tabs.swap(at, to));
    }
}

/// Closes a tab without asking; its neighbour comes to the front.
pub fn close_now(key: TabKey) {
    let place = TABS.with_untracked(|tabs| tabs.iter().position(|open| open.key == key));
    let Some(place) = place else { return };
    opening::leave(|tab| tab == key);
    TABS.update(|tabs| {
        tabs.remove(place);
    });
    if ACTIVE.get_untracked() == Some(key) {
        let next = TABS.with_untracked(|tabs| tabs.get(place).or(tabs.last()).map(|open| open.key));
        ACTIVE.set(next);
        if let Some(next) = next {
            focus::focus_id(next.tab_id());
        }
    }
}

/// Names a tab after its content.
pub fn set_title(key: TabKey, title: impl Into<Message>) {
    let title = title.into();
    change(key, |open| open.title != title, |open| open.title = title.clone());
}

/// Marks a tab as holding unsaved work, or not any more.
pub fn set_dirty(key: TabKey, dirty: bool) {
    change(key, |open| open.dirty != dirty, |open| open.dirty = dirty);
}

/// Marks a tab as holding what a reload would lose, or not any more.
pub fn set_fragile(key: TabKey, fragile: bool) {
    change(key, |open| open.fragile != fragile, |open| open.fragile = fragile);
}

/// Draws the page of a tab anew, for what it holds now; the focus goes into it only where it is in front.
pub fn restart(key: TabKey, tab: Tab) {
    let new = next_key();
    TABS.update(|tabs| {
        for open in tabs.iter_mut().filter(|open| open.key == key) {
            *open = OpenTab::new(new, tab, open.title.clone());
        }
    });
    if ACTIVE.get_untracked() == Some(key) {
        enter(new);
    }
}

/// Tells that a tab holds something else now (a new book became a stored one). Its page stays.
pub fn replace(key: TabKey, tab: Tab) {
    change(key, |open| open.tab != tab, |open| open.tab = tab);
}

fn change(key: TabKey, differs: impl Fn(&OpenTab) -> bool, change: impl Fn(&mut OpenTab)) {
    if TABS.with_untracked(|tabs| tabs.iter().any(|open| open.key == key && differs(open))) {
        TABS.update(|tabs| tabs.iter_mut().filter(|open| open.key == key).for_each(change));
    }
}
