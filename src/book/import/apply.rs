//! The import itself: one transaction that stores all rows or none, moves the totals and writes the
//! audit. A repeated request (a lost answer) gets the first result again.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::model::{Applied, Apply, Counts};
use super::plan::{self, Act};
use super::recent;
use super::service::{self, Target};
use super::store;
use crate::book::model::{Book, Goods, Head, Row};
use crate::book::rules::Totals;
use crate::book::service::{add, allowed, authorise, get, head_of, meta, take_away, touch};
use crate::book::store::{max_seq, put_rows};
use crate::document::store as documents;
use crate::document::{Action, DocumentMeta};
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::text::Message;

/// What is remembered of an import, for a repeated request.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Outcome {
    added: usize,
    replaced: usize,
    unchanged: usize,
    left: usize,
}

/// Imports an upload as the report said it would be.
///
/// # Errors
/// `Conflict` when the book has changed since the report; `Refused` when bad rows keep all out, there
/// is nothing to import, or the state allows no editing; `NotFound` when the upload is over.
pub async fn apply(call: &Call, request: Apply) -> Result<Applied, Failure> {
    let pending = service::pending(call, request.id).await?;
    let book: Uuid =
        pending.document_id.parse().map_err(|_| Failure::Internal(format!("document id {:?}", pending.document_id)))?;
    let prepared = service::prepared(call, request.id).await?;

    let mut tx = call.state.db.begin().await?;
    let mut row = documents::lock(&mut tx, &pending.document_id).await?.ok_or(Failure::NotFound)?;
    authorise(&call.actor, &row)?;
    let done = store::applied_in(&mut tx, &request.id.to_string()).await?.ok_or(Failure::NotFound)?;
    if !done.is_empty() {
        drop(tx);
        return Ok(serde_json::from_str::<Outcome>(&done)?.with(get(call, book).await?));
    }
    allowed(&row, Action::Edit)?;
    if row.version != request.base {
        return Err(Failure::Conflict {
            message: Message::new(
                "在您核对期间，账册已被修改，本次未导入。已重新核对，请确认后再导入。",
                "The book was changed while you looked at the report; nothing was imported. Look at the new report.",
            ),
            differences: Vec::new(),
        });
    }
    let target = Target::of(row.version, &documents::rows_in(&mut tx, &row.id).await?)?;
    let mut head = head_of(&row)?;
    let mut totals = Totals::of(&head);
    let mut result = Outcome::default();
    let mut told = Vec::new();
    let mut changed = Vec::new();
    for pair in prepared.pairs(&target) {
        let side = pair.kept.side;
        let acts = plan::decide(pair, request.mode);
        let counts = plan::counts(side, &acts);
        if let Some(reason) = plan::impossible(pair, request.mode, counts) {
            return Err(Failure::refused(Message::new(
                format!("未导入：{}。", reason.zh),
                format!("Not imported: {}.", reason.en),
            )));
        }
        result.add(counts);
        let mut next = max_seq(&mut tx, &row.id, side.key()).await?;
        let mut replaced = Vec::new();
        for (line, act) in pair.lines.iter().zip(&acts) {
            let (id, seq) = match act {
                Act::Add => {
                    next += 1;
                    (Uuid::now_v7(), next)
                }
                Act::Replace(place, _) => {
                    let old = &target.list(side)[*place];
                    take_away(&mut totals, &old.content);
                    replaced.push(json!({ "seq": old.seq, "was": old.content }));
                    (old.id, old.seq)
                }
                Act::Same | Act::Bad(_) => continue,
            };
            let content = act.stored(line).unwrap_or(line).goods.clone();
            add(&mut totals, &content);
            changed.push(Row { id, seq, version: row.version + 1, content });
        }
        told.push(json!({ "section": side.key(), "added": counts.added, "last_seq": next, "replaced": replaced }));
    }
    result.importable(request.only_good)?;
    totals.write(&mut head);
    touch(&mut tx, &mut row, &head).await?;
    put_rows(&call.state.db, &mut tx, &row.id, row.version, &changed).await?;
    let detail = json!({ "file": pending.file_name, "mode": request.mode, "left_out": result.left, "lists": told });
    documents::audit(&mut tx, &row.id, &call.actor.login, "import", &detail).await?;
    store::set_applied(&mut tx, &request.id.to_string(), &serde_json::to_string(&result)?).await?;
    let meta = meta(&row, documents::receipt_count(&mut *tx, &row.id).await?)?;
    tx.commit().await?;
    recent::forget(request.id);
    Ok(result.with(whole(meta, head, target, changed)))
}

/// The book as it is now, without reading thousands of rows once more.
fn whole(meta: DocumentMeta, head: Head, before: Target, changed: Vec<Row<Goods>>) -> Book {
    let mut book = Book { meta, head, exports: Vec::new(), reimports: Vec::new() };
    let now: HashSet<Uuid> = changed.iter().map(|row| row.id).collect();
    let stay = before.exports.into_iter().chain(before.reimports).filter(|row| !now.contains(&row.id));
    for Row { id, seq, version, content } in stay.chain(changed) {
        match content {
            Goods::Exports(content) => book.exports.push(Row { id, seq, version, content }),
            Goods::Reimports(content) => book.reimports.push(Row { id, seq, version, content }),
        }
    }
    book.exports.sort_by_key(|row| row.seq);
    book.reimports.sort_by_key(|row| row.seq);
    book
}

impl Outcome {
    fn with(self, book: Book) -> Applied {
        let Self { added, replaced, unchanged, left } = self;
        Applied { book, added, replaced, unchanged, left }
    }

    fn add(&mut self, counts: Counts) {
        self.added += counts.added;
        self.replaced += counts.replaced;
        self.unchanged += counts.unchanged;
        self.left += counts.bad;
    }

    /// Refuses when nothing would be imported, or not what was asked for.
    fn importable(&self, only_good: bool) -> Result<(), Failure> {
        let refused = |zh: String, en: String| Err(Failure::refused(Message::new(zh, en)));
        if self.left > 0 && !only_good {
            return refused(
                format!("有{}行有误，未导入任何数据。请修改后重新导入，或选择只导入正确的行。", self.left),
                format!("{} rows are wrong; nothing was imported. Mend them, or import only the good rows.", self.left),
            );
        }
        if self.added + self.replaced > 0 {
            return Ok(());
        }
        if self.unchanged > 0 {
            return refused(
                format!("存在重复数据！文件中的{}行账册中都已有，没有需要导入的数据。", self.unchanged),
                format!("Nothing to import: the book has all {} rows already.", self.unchanged),
            );
        }
        refused("没有可以导入的行，请修改后重新导入。".to_owned(), "No row can be imported; mend the file.".to_owned())
    }
}
