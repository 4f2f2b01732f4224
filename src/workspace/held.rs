//! What this browser has of documents and the server does not, by document: text that was typed and not saved, and saves that
//! wait. The screen 未同步 lists, discards, takes out as a file and brings in with it; shows nothing itself.

pub mod file;

use uuid::Uuid;

use self::file::Packed;
use super::content::{At, Content};
use super::queue::waiting::Waiting;
use super::{drafts, journal, queue};

/// What there is of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Key of the kind of document.
    pub kind: String,
    pub document: Uuid,
    pub title: String,
    /// When the last of it was typed: `2026-11-30 10:42`.
    pub at: String,
    /// Saves that wait, in their order.
    pub waiting: Vec<Waiting>,
    /// Typed and not saved.
    pub typed: Content,
}

impl Held {
    /// Never stored, not even here: it opens as a new one.
    pub fn is_new(&self) -> bool {
        self.waiting.is_empty() && self.typed.head.as_ref().is_some_and(|head| head.base == 0)
    }

    /// As it goes into a file.
    pub fn packed(&self) -> Packed {
        let Self { kind, document, title, .. } = self.clone();
        Packed { kind, document, title, content: self.content() }
    }

    /// All of it: the saves, and over them what was typed since.
    pub fn content(&self) -> Content {
        let mut content = Content::of_saves(self.waiting.iter().map(|waiting| &waiting.save));
        content.add(self.typed.clone());
        content
    }
}

/// All there is of this user, the latest first.
pub async fn all() -> Vec<Held> {
    let mut waiting = queue::by_document().await;
    let mut all: Vec<Held> = drafts::all()
        .await
        .into_iter()
        .map(|typed| Held {
            waiting: waiting.remove(&typed.document).unwrap_or_default(),
            kind: typed.kind,
            document: typed.document,
            title: typed.title,
            at: typed.at,
            typed: typed.content,
        })
        .collect();
    all.extend(waiting.into_iter().filter_map(|(document, waiting)| {
        let last = waiting.last()?.clone();
        Some(Held { kind: last.kind, document, title: last.title, at: last.at, waiting, typed: Content::default() })
    }));
    all.sort_by(|one, other| other.at.cmp(&one.at));
    all
}

/// Drops all there is of a document.
pub async fn discard(held: &Held) {
    queue::discard(held.document).await;
    drafts::forget(&held.kind, held.document).await;
}

/// Fields of which a file has another text than what is typed here.
pub fn differing<'a>(here: &'a Content, brought: &'a Content) -> Vec<(At<'a>, &'a str, &'a str)> {
    let other =
        |(at, text, _): (At<'a>, &'a str, &'a str)| Some((at, here.text(at).filter(|here| *here != text)?, text));
    brought.texts().filter_map(other).collect()
}

/// Makes what a file brought text that was typed and not saved here, over what is; all or none. False where this browser does not
/// keep it: then nothing is changed.
pub async fn bring_in(all: Vec<(Packed, Content)>) -> bool {
    let mut writes = Vec::new();
    for (packed, here) in all {
        let mut content = here;
        content.add(packed.content);
        writes.extend(drafts::writes(&packed.kind, packed.document, &packed.title, content));
    }
    journal::commit(writes).await
}
