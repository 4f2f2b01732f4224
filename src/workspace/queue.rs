//! Saves that the server has not answered yet: kept in the journal in the order in which they were made, shown as done, and sent
//! one after the other once the server answers. Pages put them in ([`put`]) and hear what became of them ([`news`]). What is
//! refused is handed back as typed and not saved; nothing is dropped and nothing is declared from here.

mod local;
mod number;
pub mod waiting;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;
use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

use super::content::Content;
use super::{alone, drafts, journal, me_now};
use crate::document::api;
use crate::error::{ApiError, ErrorKind};
use crate::form::Difference;
use crate::text::Message;
use crate::ui::call;
use crate::ui::clock::day_and_time;
use crate::ui::toast;
pub use local::{begun, is_struck, mark_left, over};
pub use number::next as number;
use waiting::{Save, Waiting};

/// How often what waits is tried again while nothing else calls for it.
const AGAIN: Duration = Duration::from_secs(20);
/// As a power of two.
const MOST_PAUSES: u32 = 4;
/// Only one tab sends at a time.
const LOCK: &str = "opbook-sync";
/// Written into the storage that all tabs of this browser hear of.
const BELL: &str = "opbook.queue";

/// What became of the saves of a document, counted, so that a page can tell a new one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// How often all that waited was stored.
    pub stored: u32,
    /// How often some of it was refused and handed back, and why the last time.
    pub handed_back: u32,
    pub why: Option<Message>,
    /// What others had changed in other fields when it was stored, in the order in which it was told.
    pub merged: Vec<Difference>,
}

/// How many saves of each document wait.
static COUNTS: LazyLock<ArcRwSignal<BTreeMap<Uuid, usize>>> = LazyLock::new(ArcRwSignal::default);
static TROUBLE: LazyLock<ArcRwSignal<BTreeMap<Uuid, Message>>> = LazyLock::new(ArcRwSignal::default);
static NEWS: LazyLock<ArcRwSignal<HashMap<Uuid, News>>> = LazyLock::new(ArcRwSignal::default);

thread_local! {
    /// Rounds in a row at which the server failed, and pauses since the last one.
    static FAILED: Cell<u32> = const { Cell::new(0) };
    static WAITED: Cell<u32> = const { Cell::new(0) };
    static SYNCING: Cell<bool> = const { Cell::new(false) };
    /// Saves this page put in so far.
    static PUTS: Cell<u32> = const { Cell::new(0) };
}

/// How many saves wait; tracked.
pub fn count() -> usize {
    COUNTS.with(|counts| counts.values().sum())
}

/// True while saves of a document wait; tracked.
pub fn waits(document: Uuid) -> bool {
    COUNTS.with(|counts| counts.contains_key(&document))
}

/// What became of the saves of a document; tracked.
pub fn news(document: Uuid) -> News {
    NEWS.with(|news| news.get(&document).cloned().unwrap_or_default())
}

/// What others had changed is taken over by the page that shows it.
pub fn take_merged(document: Uuid) -> Vec<Difference> {
    let is_there = NEWS.with_untracked(|news| news.get(&document).is_some_and(|news| !news.merged.is_empty()));
    if !is_there {
        return Vec::new();
    }
    NEWS.try_update(|news| news.get_mut(&document).map(|news| std::mem::take(&mut news.merged)))
        .flatten()
        .unwrap_or_default()
}

/// Looks at what earlier visits left, and goes on whenever the server answers again. Called once, by the frame.
pub fn start() {
    spawn_local(async {
        recount().await;
        sync().await;
    });
    Effect::new(|before: Option<bool>| {
        let answers = call::online() && call::signed_out().is_none();
        if answers && before == Some(false) {
            spawn_local(sync());
        }
        answers
    });
    let bell = window_event_listener(ev::storage, |event| {
        if event.key().as_deref() == Some(BELL) {
            spawn_local(heard());
        }
    });
    let again = set_interval_with_handle(again, AGAIN);
    on_cleanup(move || {
        bell.remove();
        if let Ok(again) = again {
            again.clear();
        }
    });
}

fn front() -> Option<String> {
    let me = me_now()?;
    Some(format!("wait.{}.{}.", me.login, me.enterprise.code))
}

/// All that waits, in the order in which it was made, by the name it is kept under.
async fn all() -> Vec<(String, Waiting)> {
    let Some(front) = front() else { return Vec::new() };
    let texts = journal::read_all(&front).await;
    let read = |(name, text): (String, String)| Some((name, serde_json::from_str(&text).ok()?));
    // Numbers of fixed width: by name is by time.
    let all: Vec<(String, Waiting)> = texts.into_iter().filter_map(read).collect();
    if let Some((_, last)) = all.last() {
        number::seen(last.save.op());
    }
    all
}

/// The saves of a document that wait, in their order.
pub async fn of(document: Uuid) -> Vec<Waiting> {
    all().await.into_iter().map(|(_, waiting)| waiting).filter(|waiting| waiting.save.document() == document).collect()
}

/// The saves that wait, by document, each in their order.
pub async fn by_document() -> BTreeMap<Uuid, Vec<Waiting>> {
    let mut found: BTreeMap<Uuid, Vec<Waiting>> = BTreeMap::new();
    for (_, waiting) in all().await {
        found.entry(waiting.save.document()).or_default().push(waiting);
    }
    found
}

/// Gives up the saves of a document that wait. Not while one of them is on its way.
pub async fn discard(document: Uuid) {
    alone::run(LOCK, async move {
        let of_it = all().await.into_iter().filter(|(_, waiting)| waiting.save.document() == document);
        journal::commit(of_it.map(|(name, _)| (name, None)).collect()).await;
    })
    .await;
    recount().await;
    ring();
}

/// Keeps a save until the server has it; down to the disk. False where this browser keeps nothing: then it was not saved.
pub async fn put(kind: &str, title: String, save: Save) -> bool {
    let Some(front) = front() else { return false };
    let (document, op) = (save.document(), save.op());
    let waiting = Waiting { kind: kind.to_owned(), title, at: day_and_time(), save };
    let Ok(text) = serde_json::to_string(&waiting) else { return false };
    if !journal::commit(vec![(format!("{front}{op:020}"), Some(text))]).await {
        return false;
    }
    PUTS.set(PUTS.get().wrapping_add(1));
    COUNTS.update(|counts| *counts.entry(document).or_default() += 1);
    ring();
    true
}

/// Tries what waits, ever more rarely while the server fails at it: after one, two, four, eight and then sixteen pauses.
fn again() {
    let failed = FAILED.get().min(MOST_PAUSES);
    let waited = WAITED.get() + 1;
    if waited >= 1 << failed {
        WAITED.set(0);
        spawn_local(sync());
    } else {
        WAITED.set(waited);
    }
}

/// Sends what waits, as far as the server takes it; one tab of the browser at a time.
pub async fn sync() {
    if SYNCING.replace(true) {
        // Somebody who must know waits for the one that runs.
        while SYNCING.get() {
            gloo_timers::future::TimeoutFuture::new(20).await;
        }
        return;
    }
    if COUNTS.with_untracked(|counts| !counts.is_empty()) {
        alone::run(LOCK, round()).await;
        recount().await;
    }
    SYNCING.set(false);
}

async fn round() {
    let mut all = all().await;
    // Documents of which a save could not be done: what comes after it builds upon it.
    let mut stuck = BTreeSet::new();
    let mut touched = BTreeSet::new();
    while !all.is_empty() {
        let (name, waiting) = all.remove(0);
        let document = waiting.save.document();
        if stuck.contains(&document) {
            continue;
        }
        match send(&waiting.save).await {
            Ok(merged) => {
                TROUBLE.update(|trouble| drop(trouble.remove(&document)));
                journal::commit(vec![(name, None)]).await;
                touched.insert(document);
                if !merged.is_empty() {
                    NEWS.update(|news| news.entry(document).or_default().merged.extend(merged));
                }
            }
            Err(error) => match error.kind {
                ErrorKind::Refused | ErrorKind::Conflict | ErrorKind::NotFound | ErrorKind::Forbidden => {
                    let mut rest = vec![(name, waiting)];
                    rest.extend(all.iter().filter(|(_, other)| other.save.document() == document).cloned());
                    hand_back(rest, error.message).await;
                    stuck.insert(document);
                }
                // A fault of the server's at this one says nothing of the others.
                ErrorKind::Internal => {
                    stuck.insert(document);
                    troubled(document, error.message);
                }
                _ => break,
            },
        }
    }
    FAILED.set(if stuck.is_empty() { 0 } else { FAILED.get() + 1 });
    let is_over =
        |document: &&Uuid| !stuck.contains(*document) && !all.iter().any(|(_, one)| one.save.document() == **document);
    let stored: Vec<Uuid> = touched.iter().filter(is_over).copied().collect();
    if !stored.is_empty() {
        NEWS.update(|news| stored.iter().for_each(|document| news.entry(*document).or_default().stored += 1));
        ring();
    }
}

/// Answers what others had changed in other fields.
async fn send(save: &Save) -> Result<Vec<Difference>, ApiError> {
    match save {
        Save::Head(head) => call::send(|| api::save_head(head.clone())).await.map(|saved| saved.merged),
        Save::Rows(rows) => call::send(|| api::save_rows(rows.clone())).await.map(|saved| saved.merged),
    }
}

/// Makes of saves that were refused what they were before: typed and not saved. The page of the document shows it with its
/// faults, or asks whose text stays.
async fn hand_back(refused: Vec<(String, Waiting)>, mut why: Message) {
    let Some((_, first)) = refused.first() else { return };
    let (kind, document) = (first.kind.clone(), first.save.document());
    let title = refused.last().map(|(_, last)| last.title.clone()).unwrap_or_default();
    let mut content = Content::of_saves(refused.iter().map(|(_, waiting)| &waiting.save));
    let removed: usize = content.removed.values().map(Vec::len).sum();
    if removed > 0 {
        why.zh.push_str(&format!("待同步的删除（{removed}行）没有完成，这些行仍在列表中。"));
        why.en.push_str(&format!(" {removed} rows that were to be deleted are still in the list."));
    }
    // With what was typed since over it. Of other parts nothing is written: somebody may be typing there.
    let mut typed = drafts::of(&kind, document).await;
    typed.keep_parts_of(&content);
    content.add(typed);
    let mut writes = drafts::writes(&kind, document, &title, content);
    writes.extend(refused.iter().map(|(name, _)| (name.clone(), None)));
    if !journal::commit(writes).await {
        return; // still waiting, as they were
    }
    NEWS.update(|news| {
        let news = news.entry(document).or_default();
        news.handed_back += 1;
        news.why = Some(why);
    });
    ring();
}

/// The server failed at a save, by a fault of its own. Said once; it is tried again.
fn troubled(document: Uuid, why: Message) {
    if TROUBLE.with_untracked(|trouble| !trouble.contains_key(&document)) {
        toast::error(Message::new(
            format!("有暂存内容服务器处理出错，仍保留在本机，将自动重试：{}", why.zh),
            format!("The server failed at a save; it stays on this computer and is tried again: {}", why.en),
        ));
        TROUBLE.update(|trouble| drop(trouble.insert(document, why)));
    }
}

/// Why the server failed at saves of a document, while it does; tracked.
pub fn trouble(document: Uuid) -> Option<Message> {
    TROUBLE.with(|trouble| trouble.get(&document).cloned())
}

async fn recount() {
    let mut counts;
    loop {
        let puts = PUTS.get();
        counts = BTreeMap::new();
        for (_, waiting) in all().await {
            *counts.entry(waiting.save.document()).or_default() += 1;
        }
        // A save put in meanwhile would be counted out, and the next one of its document would overtake it.
        if PUTS.get() == puts {
            break;
        }
    }
    if COUNTS.with_untracked(|known| *known != counts) {
        COUNTS.set(counts);
    }
}

/// Tells the other tabs of this browser that something changed.
fn ring() {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(BELL, &number().to_string());
    }
}

/// Another tab put something in, or had it stored.
async fn heard() {
    let before = COUNTS.get_untracked();
    recount().await;
    let gone: Vec<Uuid> =
        before.into_keys().filter(|document| COUNTS.with_untracked(|counts| !counts.contains_key(document))).collect();
    if !gone.is_empty() {
        NEWS.update(|news| gone.iter().for_each(|document| news.entry(*document).or_default().stored += 1));
    }
}
