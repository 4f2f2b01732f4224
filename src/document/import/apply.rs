//! The import itself: one transaction that stores all rows or none. A repeated request (a lost answer) gets the first
//! result again.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::model::{Applied, Apply, Counts};
use super::plan::{self, Act, Pair};
use super::prepared::Target;
use super::{service, store};
use crate::document::Action;
use crate::document::guard::{allowed, authorise};
use crate::document::service::{Put, RowChange, change_rows, get};
use crate::document::store as documents;
use crate::document::store::rows;
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
/// `Conflict` when the document has changed since the report; `Refused` when bad rows keep all out, there is nothing to
/// import, or the state allows no editing; `NotFound` when the upload is over.
pub async fn apply(call: &Call, request: Apply) -> Result<Applied, Failure> {
    let (pending, kind) = service::pending(call, request.id).await?;
    let document: Uuid =
        pending.document_id.parse().map_err(|_| Failure::Internal(format!("document id {:?}", pending.document_id)))?;
    let upload = service::prepared(call, request.id, kind.sections).await?;

    let mut tx = call.state.db.begin().await?;
    let mut row = documents::lock(&call.state.db, &mut tx, &pending.document_id).await?.ok_or(Failure::NotFound)?;
    authorise(&call.actor, &row)?;
    let done = store::applied_in(&mut tx, &request.id.to_string()).await?.ok_or(Failure::NotFound)?;
    if !done.is_empty() {
        drop(tx);
        return serde_json::from_str::<Outcome>(&done)?.answered(call, document).await;
    }
    allowed(&row, Action::Edit)?;
    if row.version != request.base {
        return Err(Failure::Conflict {
            message: Message::new(
                "在您核对期间，数据已被修改，本次未导入。已重新核对，请确认后再导入。",
                "This was changed while you looked at the report; nothing was imported. Look at the new report.",
            ),
            differences: Vec::new(),
            stored: None,
        });
    }
    let target = Target::at(kind, row.version, &rows::all(&mut *tx, &row).await?)?;
    let mut result = Outcome::default();
    let mut changes = Vec::new();
    for pair in upload.pairs(&target) {
        let (change, counts) = change_of(pair, &request)?;
        result.add(&counts);
        changes.push(change);
    }
    result.importable(request.only_good)?;
    let detail = json!({ "file": pending.file_name, "mode": request.mode, "left_out": result.left });
    change_rows(&mut tx, call, kind, &mut row, changes, "import", detail).await?;
    store::set_applied(&mut tx, &request.id.to_string(), &serde_json::to_string(&result)?).await?;
    tx.commit().await?;
    result.answered(call, document).await
}

/// What the import does to one list.
fn change_of(pair: Pair<'_>, request: &Apply) -> Result<(RowChange, Counts), Failure> {
    let acts = plan::decide(pair, request.mode);
    let counts = plan::counts(pair.section, &acts);
    if let Some(reason) = plan::impossible(pair, request.mode, &counts) {
        return Err(Failure::refused(Message::new(
            format!("未导入：{}。", reason.zh),
            format!("Not imported: {}.", reason.en),
        )));
    }
    let put = |(line, act): (_, &Act)| {
        let id = match act {
            Act::Add => Uuid::now_v7(),
            Act::Replace(place, _) => pair.stored[*place].id,
            Act::Same | Act::Bad(_) => return None,
        };
        // The version of the whole document was compared.
        Some(Put::whole(id, None, act.stored(line)?.content.clone()))
    };
    let puts = pair.lines.iter().zip(&acts).filter_map(put).collect();
    Ok((RowChange { section: pair.section, puts, removes: Vec::new() }, counts))
}

impl Outcome {
    async fn answered(self, call: &Call, document: Uuid) -> Result<Applied, Failure> {
        let Self { added, replaced, unchanged, left } = self;
        Ok(Applied { document: get(call, document).await?, added, replaced, unchanged, left })
    }

    fn add(&mut self, counts: &Counts) {
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
                format!("存在重复数据！文件中的{}行都已录入，没有需要导入的数据。", self.unchanged),
                format!("Nothing to import: all {} rows are there already.", self.unchanged),
            );
        }
        refused("没有可以导入的行，请修改后重新导入。".to_owned(), "No row can be imported; mend the file.".to_owned())
    }
}
