//! Copies of documents that were opened lately, and of enterprises that were looked up, for when the server is away. Kept in
//! this browser only, sealed; written by the page of a document, read when the server does not answer.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{journal, me_now};
use crate::account::model::{ActsFor, Enterprise};
use crate::document::Document;

/// How many are kept of a user.
const MOST: usize = 30;

/// What is known of a copy without opening it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Key of the kind of document.
    pub kind: String,
    pub document: Uuid,
    pub title: String,
    /// When it was as the server had it, to be shown and compared: `2026-11-30 10:42`.
    pub at: String,
}

/// Where texts of this user begin; `what` says which sort.
fn front(what: &str) -> Option<String> {
    let me = me_now()?;
    Some(format!("{what}.{}.{}.", me.login, me.enterprise.code))
}

/// Keeps a document as the server has it now.
pub async fn keep(document: &Document, title: String, at: String) {
    let (Some(seen_front), Some(copy_front)) = (front("seen"), front("copy")) else { return };
    let id = document.meta.id;
    let seen = Seen { kind: document.meta.kind.clone(), document: id, title, at };
    let (Ok(seen), Ok(copy)) = (serde_json::to_string(&seen), serde_json::to_string(document)) else { return };
    let name = |front: &str, id: Uuid| format!("{front}{}", id.simple());
    journal::keep_here(vec![(name(&seen_front, id), Some(seen)), (name(&copy_front, id), Some(copy))]).await;
    let gone: Vec<_> = all().await.into_iter().skip(MOST).collect();
    if !gone.is_empty() {
        let names = gone.iter().flat_map(|one| [name(&seen_front, one.document), name(&copy_front, one.document)]);
        journal::keep_here(names.map(|name| (name, None)).collect()).await;
    }
}

/// Forgets a document that is no longer there.
pub async fn forget(id: Uuid) {
    let fronts = ["seen", "copy"].into_iter().filter_map(front);
    journal::keep_here(fronts.map(|front| (format!("{front}{}", id.simple()), None)).collect()).await;
}

/// The documents there are copies of, the latest first.
pub async fn all() -> Vec<Seen> {
    let Some(front) = front("seen") else { return Vec::new() };
    let texts = journal::read_all(&front).await;
    let mut all: Vec<Seen> = texts.values().filter_map(|text| serde_json::from_str(text).ok()).collect();
    all.sort_by(|one, other| other.at.cmp(&one.at));
    all
}

/// Keeps an enterprise that was looked up.
pub async fn keep_party(party: &Enterprise) {
    if let (Some(front), Ok(text)) = (front("party"), serde_json::to_string(party)) {
        journal::keep_here(vec![(format!("{front}{}", party.code), Some(text))]).await;
    }
}

/// The enterprise of a code: the user's own, those acted for, and those that were looked up here before.
pub async fn party(code: &str) -> Option<Enterprise> {
    let me = me_now()?;
    if let Some(known) =
        me.acts_for.iter().map(ActsFor::enterprise).chain([me.enterprise]).find(|known| known.code == code)
    {
        return Some(known);
    }
    serde_json::from_str(&journal::read(&format!("{}{code}", front("party")?)).await?).ok()
}

/// A document as the server had it, and when.
pub async fn read(id: Uuid) -> Option<(Document, String)> {
    let name = |what| front(what).map(|front| format!("{front}{}", id.simple()));
    let seen: Seen = serde_json::from_str(&journal::read(&name("seen")?).await?).ok()?;
    let document = serde_json::from_str(&journal::read(&name("copy")?).await?).ok()?;
    Some((document, seen.at))
}
