//! Storing and deleting rows of one list, one or many: 保存本行, paste, fill, delete, undo. Checks the rows before the
//! lock is taken; what happens under it is `change_rows`.

use std::collections::HashSet;

use serde_json::json;
use uuid::Uuid;

use super::{Put, Remove, RowChange, SentChange, change_rows, operation};
use crate::document::guard::{self, authorise, head_of, locked, meta, storable};
use crate::document::kind::{Kind, Section};
use crate::document::store::{DocumentRow, rows};
use crate::document::{PutRow, RemoveRow, SaveRows, SavedRows, store};
use crate::form::Values;
use crate::server::background::aside;
use crate::server::call::Call;
use crate::server::db::Tx;
use crate::server::failure::Failure;
use crate::text::Message;

/// More rows than this are checked beside the threads that answer requests.
const MANY: usize = 100;

/// Stores and deletes rows, all or none. Rows that are as sent already, and rows that are gone already, count as done:
/// a repeated request changes nothing.
///
/// # Errors
/// `Refused` when a row cannot be stored or there are too many; `Conflict` when somebody changed or deleted one since
/// its `base`; `Forbidden` for a document of an enterprise the caller does not act for.
pub async fn save_rows(call: &Call, request: SaveRows) -> Result<SavedRows, Failure> {
    let SaveRows { op, document_id, section, puts, removes } = request;
    let (kind, section) = find_section(call, document_id, &section).await?;
    let most = section.most_rows;
    if puts.len().max(removes.len()) > most {
        return Err(Failure::refused(Message::new(
            format!("一次最多处理{most}行，请分几次进行。"),
            format!("At most {most} rows at a time; do it in parts."),
        )));
    }
    let ids: HashSet<Uuid> = puts.iter().map(|put| put.row_id).chain(removes.iter().map(|gone| gone.row_id)).collect();
    if ids.len() < puts.len() + removes.len() {
        return Err(Failure::refused(Message::new(
            "提交的行有重复，未保存。请刷新页面后重试。",
            "A row stands twice in what was sent; nothing was saved. Reload the page and try again.",
        )));
    }
    let (codes, today) = (call.state.reference.codes(), call.state.clock.today());
    let prepare = move || {
        let mut faults = Vec::new();
        let complete = |put: PutRow| {
            let mut sent = Values::new(section.fields);
            sent.take_typed(&Values::filled_from(section.fields, &put.content).cleaned(today));
            let content = section.completed(sent.clone(), &codes, today);
            faults.extend(section.rules.check(put.seq, &content, &codes, false));
            let changed = put.was.map(|was| SentChange { sent, was });
            Put { changed, ..Put::whole(put.row_id, Some(put.base), content) }
        };
        let puts: Vec<Put> = puts.into_iter().map(complete).collect();
        Ok((puts, faults))
    };
    let (puts, faults) = if ids.len() > MANY { aside("checking rows", prepare).await? } else { prepare()? };
    storable(faults)?;
    let removes = removes.into_iter().map(|RemoveRow { row_id, base }| Remove { id: row_id, base }).collect();

    let mut tx = call.state.db.begin().await?;
    let mut row = locked(&mut tx, call, document_id, guard::ROWS).await?;
    if operation::is_done(&mut tx, &row.id, op).await? {
        return as_stored(&mut tx, call, kind, section, &row, &ids).await;
    }
    let (before, change) = (row.version, RowChange { section, puts, removes });
    let mut changed = change_rows(&mut tx, call, kind, &mut row, vec![change], "save_rows", json!({})).await?;
    // One that changes nothing and goes on from what never came says by chance what is stored: noted as done, it would be passed
    // over when what it goes on from has come and it is sent again.
    if changed.follows || row.version != before {
        operation::note(&mut tx, call, &row, op).await?;
    }
    tx.commit().await?;
    let stored = changed.rows.remove(0);
    Ok(SavedRows {
        meta: meta(&row)?,
        head: changed.head.filled(),
        rows: stored.into_iter().map(|row| row.map(|content| content.filled())).collect(),
        merged: changed.merged,
    })
}

/// The answer to an operation that was done before: its rows as they are now.
async fn as_stored(
    tx: &mut Tx,
    call: &Call,
    kind: &Kind,
    section: &Section,
    row: &DocumentRow,
    ids: &HashSet<Uuid>,
) -> Result<SavedRows, Failure> {
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    let mut found = Vec::new();
    for stored in rows::by_id(&call.state.db, tx, row, &ids).await? {
        found.push(stored.read(section)?.map(|content| content.filled()));
    }
    Ok(SavedRows { meta: meta(row)?, head: head_of(kind, row)?.filled(), rows: found, merged: Vec::new() })
}

/// The list of a document of the caller's. The kind of a document never changes, so no lock is needed.
async fn find_section(call: &Call, document_id: Uuid, key: &str) -> Result<(&'static Kind, &'static Section), Failure> {
    let db = &call.state.db;
    let Some(row) = store::find(db, &document_id.to_string()).await? else {
        let mut tx = db.begin().await?;
        return Err(guard::missing(&mut tx, call, document_id, guard::ROWS).await?);
    };
    // Before anything is said of the rows: the document may be a stranger's.
    authorise(&call.actor, &row)?;
    let kind = call.state.kind(&row.kind)?;
    let section = kind.section(key).ok_or_else(|| {
        Failure::refused(Message::new(
            format!("没有名为“{key}”的表体，未保存。请刷新页面后重试。"),
            format!("There is no list “{key}”; nothing was saved. Reload the page and try again."),
        ))
    })?;
    Ok((kind, section))
}
