//! The journal: what is typed and not saved, kept so that a reload, a crash, a killed browser or a lost session costs nothing.
//! In this browser, sealed under a key of the user; at the server where the browser cannot do that. `drafts` says what is kept
//! and under which name; nothing here knows a document. ARCHITECTURE.md, "The journal", says why each is as it is.

mod database;
mod names;
mod old;
mod seal;
mod users;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::LazyLock;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use crate::account::model::Me;
use crate::text::{Message, Text, text};
use crate::ui::clock::time_of_day;
use crate::ui::toast;
use crate::ui::wait::{Giver, answer};
use crate::unsaved::api;
use crate::unsaved::model::Piece;
use database::{Database, Durability, Store};
pub use names::with as with_names;
use seal::Seal;
pub use users::forget_user;

/// After the first key that is not written: with the writing itself, half a second is not reached.
const SOON: Duration = Duration::from_millis(150);
/// The same where the server keeps it.
const SOON_AT_SERVER: Duration = Duration::from_secs(1);
/// What is written when there is nothing to write.
const DISK_MARK: &str = "disk";
/// What was not kept is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// After a reading of what the server keeps that failed.
const READ_AGAIN: [Duration; 3] = [Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(3)];

/// Gives a text when it is written, or nothing to remove it. Made only then: a key struck must not wait for it.
pub type Make = Box<dyn Fn() -> Option<String>>;

/// What became of what was typed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nothing to say yet.
    Nothing,
    /// In this browser, since that time of the day.
    Here(String),
    /// At the server.
    AtServer(String),
    /// Nowhere but on the page.
    Nowhere(Message),
}

/// Why this browser keeps nothing itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The page came without TLS: browsers encrypt nothing there.
    Insecure,
    /// The browser refuses: a private window, a setting, another release's database.
    Refused,
    /// There is no room left.
    Full,
}

impl Why {
    pub const fn text(self) -> Text {
        match self {
            Self::Insecure => text(
                "本页不是通过 https 打开的，浏览器不能加密保存，未保存的内容改存服务器：断网时录入的内容只在本页中。请管理员为本系统配置 https。",
                "This page came without https, so the browser cannot keep anything sealed; what is not saved is kept at the server. What is typed while the line is gone is on this page only. Ask for https.",
            ),
            Self::Refused => text(
                "浏览器不允许本页保存数据（无痕窗口、浏览器设置，或另有更新版本的页面），未保存的内容改存服务器：断网时录入的内容只在本页中。",
                "The browser lets this page keep nothing (a private window, a setting, or a page of a newer release), so what is not saved is kept at the server. What is typed while the line is gone is on this page only.",
            ),
            Self::Full => text(
                "本机空间不足，未保存的内容改存服务器：断网时录入的内容只在本页中。请清理磁盘后重新加载本页。",
                "There is no room left on this computer, so what is not saved is kept at the server. What is typed while the line is gone is on this page only. Make room and reload.",
            ),
        }
    }
}

/// Who keeps.
#[derive(Default)]
struct Keeper {
    here: Option<Rc<(Database, Seal)>>,
    /// Set once this browser does not keep: from then on the server does.
    why: Option<Why>,
    at_server: BTreeMap<String, String>,
}

static KEPT: LazyLock<ArcRwSignal<Kept>> = LazyLock::new(|| ArcRwSignal::new(Kept::Nothing));
static WHY: LazyLock<ArcRwSignal<Option<Why>>> = LazyLock::new(ArcRwSignal::default);

thread_local! {
    static KEEPER: RefCell<Option<Keeper>> = const { RefCell::new(None) };
    /// Who waits until it is known who keeps.
    static OPENING: RefCell<Vec<Giver<()>>> = const { RefCell::new(Vec::new()) };
    /// What is to be written next.
    static PENDING: RefCell<BTreeMap<String, Make>> = const { RefCell::new(BTreeMap::new()) };
    /// Texts that are made and not written.
    static DUE: RefCell<BTreeMap<String, Option<String>>> = const { RefCell::new(BTreeMap::new()) };
    static STRICT: Cell<bool> = const { Cell::new(false) };
    /// Something was written that is not known to be on the disk.
    static RELAXED: Cell<bool> = const { Cell::new(false) };
    static SCHEDULED: Cell<bool> = const { Cell::new(false) };
    static ASKED: Cell<bool> = const { Cell::new(false) };
    /// Only one writes at a time, so that nothing older overtakes.
    static WRITING: Cell<bool> = const { Cell::new(false) };
    /// Who waits until nothing is left to write.
    static IDLE: RefCell<Vec<Giver<()>>> = const { RefCell::new(Vec::new()) };
}

/// What became of what was typed last; tracked.
pub fn kept() -> Kept {
    KEPT.get()
}

/// Why this browser keeps nothing itself, where it does not; tracked.
pub fn why_not_here() -> Option<Why> {
    WHY.get()
}

/// Begins to keep for a user who has just signed in. `keeps_key`: this browser may open the journal later without the server.
pub async fn open(me: &Me, keeps_key: bool) {
    let keeper = match open_here(me, keeps_key).await {
        // An earlier visit may have found no room here, or another browser none at all.
        Ok(here) => Keeper { here: Some(Rc::new(here)), at_server: from_server().await, why: None },
        Err(why) => {
            WHY.set(Some(why));
            Keeper { here: None, at_server: from_server().await, why: Some(why) }
        }
    };
    begin(keeper);
}

/// Begins to keep, without the server, for the user who signed in last in this browser and did not sign out. Nobody where
/// the key was not to be kept.
pub async fn open_for_last_user() -> Option<Me> {
    let (me, database, seal) = users::last_user().await?;
    begin(Keeper { here: Some(Rc::new((database, seal))), ..Keeper::default() });
    Some(me)
}

fn begin(keeper: Keeper) {
    KEEPER.set(Some(keeper));
    spawn_local(look_at_names());
    OPENING.take().into_iter().for_each(|waiting| waiting.give(()));
}

async fn open_here(me: &Me, keeps_key: bool) -> Result<(Database, Seal), Why> {
    let unsealed = |_| if window().is_secure_context() { Why::Refused } else { Why::Insecure };
    let seal = Seal::of_secret(&me.draft_secret, &me.login).await.map_err(unsealed)?;
    let database = Database::open().await.map_err(|_| Why::Refused)?;
    users::keep_user(&database, &seal, me, keeps_key).await.map_err(|error| why(&error))?;
    old::move_over(&database, &seal, &me.login).await.map_err(|error| why(&error))?;
    Ok((database, seal))
}

fn why(error: &JsValue) -> Why {
    let name = js_sys::Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    if name.as_deref() == Some("QuotaExceededError") { Why::Full } else { Why::Refused }
}

async fn from_server() -> BTreeMap<String, String> {
    for pause in READ_AGAIN {
        if let Ok(pieces) = api::read().await {
            return pieces.into_iter().filter_map(|piece| Some((piece.name, piece.text?))).collect();
        }
        gloo_timers::future::sleep(pause).await;
    }
    toast::error(text(
        "服务器上保留的未保存内容没有读出来：请重新加载页面后再录入，否则可能被新录入的内容代替。",
        "What the server keeps of your unsaved text could not be read: reload the page before you type, or it may be replaced.",
    ));
    BTreeMap::new()
}

/// Looks under which names something is kept: another tab of this browser may have written.
pub async fn look_at_names() {
    let mut found: BTreeSet<String> =
        KEEPER.with_borrow(|keeper| keeper.iter().flat_map(|keeper| keeper.at_server.keys().cloned()).collect());
    if let Some(here) = here() {
        found.extend(here.0.names(Store::Texts).await.unwrap_or_default());
    }
    names::set(found);
}

/// Waits until it is known who keeps, and everything typed so far is written.
async fn settled() {
    if KEEPER.with_borrow(Option::is_none) {
        let (giver, waiter) = answer();
        OPENING.with_borrow_mut(|waiting| waiting.push(giver));
        waiter.await;
    }
    flush(false);
    if WRITING.get() {
        let (giver, waiter) = answer();
        IDLE.with_borrow_mut(|waiting| waiting.push(giver));
        waiter.await;
    }
}

fn here() -> Option<Rc<(Database, Seal)>> {
    KEEPER.with_borrow(|keeper| keeper.as_ref()?.here.clone())
}

/// The text of a name.
pub async fn read(name: &str) -> Option<String> {
    read_all(name).await.into_iter().find(|(found, _)| found == name).map(|(_, text)| text)
}

/// All texts whose name begins so. One that cannot be opened (damaged, or of another key) is left where it is.
pub async fn read_all(front: &str) -> BTreeMap<String, String> {
    settled().await;
    let mut found = BTreeMap::new();
    if let Some(here) = here() {
        let (database, seal) = &*here;
        for (name, sealed) in database.begin_with(Store::Texts, front).await.unwrap_or_default() {
            if let Some(text) = seal.open(&name, &sealed).await {
                found.insert(name, text);
            }
        }
    }
    KEEPER.with_borrow(|keeper| {
        let at_server = keeper.iter().flat_map(|keeper| &keeper.at_server);
        found.extend(
            at_server.filter(|(name, _)| name.starts_with(front)).map(|(name, text)| (name.clone(), text.clone())),
        );
    });
    // What could not be written anywhere is still on the page.
    DUE.with_borrow(|due| {
        for (name, text) in due.iter().filter(|(name, _)| name.starts_with(front)) {
            match text {
                Some(text) => drop(found.insert(name.clone(), text.clone())),
                None => drop(found.remove(name)),
            }
        }
    });
    found
}

/// Seals a text for a file, so that only this user opens it, in whichever browser. Nothing where the page may not encrypt.
pub async fn seal(name: &str, text: &str) -> Option<Vec<u8>> {
    settled().await;
    here()?.1.close_bytes(name, text).await.ok()
}

/// The text of such a file; nothing when it is damaged, or another user's.
pub async fn unseal(name: &str, sealed: &[u8]) -> Option<String> {
    settled().await;
    here()?.1.open_bytes(name, sealed).await
}

/// Keeps texts in this browser, or removes them; none of it where the browser keeps nothing. They go to no server: they came
/// from there.
pub async fn keep_here(texts: Vec<(String, Option<String>)>) {
    settled().await;
    if keeps_here() {
        let _ = write_here(&texts.into_iter().collect(), Durability::Relaxed).await;
    }
}

/// Keeps texts in this browser, or removes them, all or none, down to the disk. False where it does not: then nothing is done.
pub async fn commit(texts: Vec<(String, Option<String>)>) -> bool {
    settled().await;
    keeps_here() && write_here(&texts.into_iter().collect(), Durability::Strict).await.is_ok()
}

fn keeps_here() -> bool {
    KEEPER.with_borrow(|keeper| keeper.as_ref().is_some_and(|keeper| keeper.why.is_none()))
}

/// Forgets all texts whose name begins so, and what waits to be written of them.
pub async fn forget(front: &str) {
    PENDING.with_borrow_mut(|pending| pending.retain(|name, _| !name.starts_with(front)));
    for name in read_all(front).await.into_keys() {
        write_later(name, Box::new(|| None));
    }
    settled().await;
}

/// Writes a text soon.
pub fn write_later(name: String, text: Make) {
    PENDING.with_borrow_mut(|pending| pending.insert(name, text));
    if !SCHEDULED.replace(true) {
        let keeps_here = KEEPER.with_borrow(|keeper| keeper.as_ref().is_none_or(|keeper| keeper.why.is_none()));
        set_timeout(|| flush(false), if keeps_here { SOON } else { SOON_AT_SERVER });
    }
}

/// Writes what still waits, now. `strict`: down to the disk, with what was written before.
pub fn flush(strict: bool) {
    SCHEDULED.set(false);
    STRICT.set(STRICT.get() || strict);
    let made: Vec<_> = PENDING.take().into_iter().map(|(name, make)| (name, make())).collect();
    DUE.with_borrow_mut(|due| due.extend(made));
    write();
}

fn is_due() -> bool {
    DUE.with_borrow(|due| !due.is_empty()) || (STRICT.get() && RELAXED.get())
}

/// True when everything typed is kept. What this browser is just writing counts: the page goes on until it is left.
pub fn holds() -> bool {
    let is_written = || DUE.with_borrow(BTreeMap::is_empty) && PENDING.with_borrow(BTreeMap::is_empty);
    keeps_here() || is_written()
}

fn write() {
    // One that writes now sees what became due meanwhile.
    if KEEPER.with_borrow(Option::is_none) || WRITING.get() || !is_due() {
        return;
    }
    WRITING.set(true);
    spawn_local(async {
        while is_due() && write_due(DUE.take()).await {}
        WRITING.set(false);
        IDLE.take().into_iter().for_each(|waiting| waiting.give(()));
    });
}

/// Writes; what could not be written is due again, unless something newer is. False when it is to be left for later.
async fn write_due(due: BTreeMap<String, Option<String>>) -> bool {
    let durability = if STRICT.take() { Durability::Strict } else { Durability::Relaxed };
    let is_here = keeps_here();
    let result = if is_here { write_here(&due, durability).await } else { write_at_server(&due).await };
    if is_here && result.is_ok() {
        forget_at_server(&due).await;
    }
    match result {
        Ok(()) => {
            if is_here {
                ask_to_stay();
            }
            let now = time_of_day();
            KEPT.set(if is_here { Kept::Here(now) } else { Kept::AtServer(now) });
            true
        }
        Err(refusal) => {
            DUE.with_borrow_mut(|waiting| {
                for (name, text) in due {
                    waiting.entry(name).or_insert(text);
                }
            });
            match refusal {
                Refusal::Here(why) => {
                    // From now on the server keeps; what is here stays readable.
                    WHY.set(Some(why));
                    KEEPER.with_borrow_mut(|keeper| keeper.iter_mut().for_each(|keeper| keeper.why = Some(why)));
                    true
                }
                Refusal::AtServer(message) => {
                    KEPT.set(Kept::Nowhere(message));
                    set_timeout(write, AGAIN);
                    false
                }
            }
        }
    }
}

/// Asks the browser, once, not to clear what is here when the disk gets full. It answers as it likes; nothing waits for it.
fn ask_to_stay() {
    if !ASKED.replace(true) {
        let _ = window().navigator().storage().persist();
    }
}

enum Refusal {
    Here(Why),
    AtServer(Message),
}

async fn write_here(due: &BTreeMap<String, Option<String>>, durability: Durability) -> Result<(), Refusal> {
    let Some(here) = here() else { return Err(Refusal::Here(Why::Refused)) };
    let (database, seal) = &*here;
    let mut writes = Vec::with_capacity(due.len());
    for (name, text) in due {
        let sealed = match text {
            Some(text) => Some(seal.close(name, text).await.map_err(|_| Refusal::Here(Why::Refused))?),
            None => None,
        };
        writes.push((name.clone(), sealed));
    }
    if writes.is_empty() {
        // A transaction that writes something takes all before it to the disk.
        writes.push((DISK_MARK.to_owned(), Some(JsValue::TRUE)));
    }
    database.write(Store::Texts, &writes, durability).await.map_err(|error| Refusal::Here(why(&error)))?;
    names::changed(due);
    RELAXED.set(durability == Durability::Relaxed);
    Ok(())
}

/// What is written here is newer than what the server kept under the same name.
async fn forget_at_server(due: &BTreeMap<String, Option<String>>) {
    let is_there = |name: &String| {
        KEEPER.with_borrow(|keeper| keeper.as_ref().is_some_and(|keeper| keeper.at_server.contains_key(name)))
    };
    let old: BTreeMap<String, Option<String>> =
        due.keys().filter(|name| is_there(name)).map(|name| (name.clone(), None)).collect();
    if !old.is_empty() {
        // In vain, it is tried with the next text of that name.
        let _ = send_to_server(&old).await;
    }
}

async fn write_at_server(due: &BTreeMap<String, Option<String>>) -> Result<(), Refusal> {
    send_to_server(due).await?;
    // What this browser kept before it refused is older.
    if let Some(here) = here() {
        let gone: Vec<_> = due.keys().map(|name| (name.clone(), None)).collect();
        let _ = here.0.write(Store::Texts, &gone, Durability::Relaxed).await;
    }
    Ok(())
}

async fn send_to_server(due: &BTreeMap<String, Option<String>>) -> Result<(), Refusal> {
    let pieces = due.iter().map(|(name, text)| Piece { name: name.clone(), text: text.clone() }).collect();
    api::keep(pieces).await.map_err(|error| Refusal::AtServer(error.message))?;
    names::changed(due);
    KEEPER.with_borrow_mut(|keeper| {
        let Some(keeper) = keeper else { return };
        for (name, text) in due {
            match text {
                Some(text) => drop(keeper.at_server.insert(name.clone(), text.clone())),
                None => drop(keeper.at_server.remove(name)),
            }
        }
    });
    Ok(())
}
