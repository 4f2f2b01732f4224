//! Reading changes: what differs between a document and the one it changes, and the filings of a book. Shows only documents
//! of enterprises the caller acts for, and changes nothing.

use std::collections::HashMap;

use uuid::Uuid;

use super::model::{ChangeCounts, Comparison, PaperChange, RowChange, Version, changed_fields};
use crate::attachment::rules::is_of_change;
use crate::attachment::service::of_document;
use crate::document::guard::{authorise, head_of, readable};
use crate::document::kind::{Kind, Section};
use crate::document::service::{Snapshot, base_of, lists_of, snapshot};
use crate::document::store::{self, DocumentRow, rows};
use crate::document::{Mark, Row};
use crate::form::{Values, show_time};
use crate::server::background::aside;
use crate::server::call::Call;
use crate::server::failure::Failure;

/// What differs between a document and the one it changes.
///
/// # Errors
/// `NotFound`; `Forbidden` for a document of an enterprise the caller does not act for.
pub async fn differences(call: &Call, id: Uuid) -> Result<Comparison, Failure> {
    let db = &call.state.db;
    let Snapshot { row, rows } = snapshot(db, &id.to_string()).await?;
    authorise(&call.actor, &row)?;
    if row.base_id.is_empty() {
        return Ok(Comparison::default());
    }
    let kind = call.state.kind(&row.kind)?;
    let before = snapshot(db, &row.base_id).await?;
    let papers = of_document(&db.read, &row).await?;
    let papers = papers.into_iter().filter(|paper| is_of_change(paper, row.change_seq));
    let papers = papers.map(|paper| PaperChange {
        seq: paper.seq,
        att_type: paper.content.att_type,
        file_name: paper.content.file_name,
    });
    let papers = papers.collect();
    let work = move || {
        let head = changed_fields(&head_of(kind, &before.row)?, &head_of(kind, &row)?);
        let lists = kind.sections.iter().zip(lists_of(kind, &before.rows)?.into_iter().zip(lists_of(kind, &rows)?));
        let rows = lists.flat_map(|(section, (before, after))| changed_rows(section, before, &after)).collect();
        Ok(Comparison { head, rows, papers })
    };
    aside("differences", work).await
}

fn changed_rows(section: &Section, before: Vec<Row<Values>>, after: &[Row<Values>]) -> Vec<RowChange> {
    let before: HashMap<i64, Values> = before.into_iter().map(|row| (row.seq, row.content)).collect();
    let nothing = Values::new(section.fields);
    let change = |row: &Row<Values>| {
        let was = before.get(&row.seq);
        let (was, is) = match row.mark {
            Mark::Same => return None,
            Mark::Added => (&nothing, &row.content),
            Mark::Changed => (was.unwrap_or(&nothing), &row.content),
            Mark::Deleted => (was.unwrap_or(&row.content), &nothing),
        };
        Some(RowChange {
            section: section.key.to_owned(),
            seq: row.seq,
            mark: row.mark,
            fields: changed_fields(was, is),
        })
    };
    after.iter().filter_map(change).collect()
}

/// All filings of the book of a document, the latest first; the document alone when it has no book yet.
///
/// # Errors
/// As [`differences`].
pub async fn history(call: &Call, id: Uuid) -> Result<Vec<Version>, Failure> {
    let row = readable(call, id).await?;
    let kind = call.state.kind(&row.kind)?;
    let db = &call.state.db;
    let all = if row.book_no.is_empty() {
        vec![row]
    } else {
        store::of_book(&db.read, &row.operator_code, kind.listing.key, &row.book_no).await?
    };
    let mut lines = Vec::with_capacity(all.len());
    for row in all {
        lines.push(Version {
            id: row.id.parse().map_err(|_| Failure::Internal(format!("document id {:?}", row.id)))?,
            counts: counts(call, kind, &row).await?,
            change_seq: row.change_seq,
            status: row.status,
            in_force: row.in_force,
            seq_no: row.seq_no,
            valid_to: row.valid_to,
            declared_on: day(&row.declared_at),
            approved_on: day(&row.approved_at),
        });
    }
    Ok(lines)
}

/// The day of a stored moment; empty for none.
fn day(stored: &str) -> String {
    show_time(stored).chars().take(10).collect()
}

async fn counts(call: &Call, kind: &'static Kind, row: &DocumentRow) -> Result<ChangeCounts, Failure> {
    let db = &call.state.db;
    let mut counts = ChangeCounts::default();
    let Some(base) = base_of(&db.read, kind, row).await? else { return Ok(counts) };
    counts.head = changed_fields(&base.head, &head_of(kind, row)?).len();
    for (mark, count) in rows::marks(db, row).await? {
        match mark {
            Mark::Added => counts.added = count,
            Mark::Changed => counts.changed = count,
            Mark::Deleted => counts.deleted = count,
            Mark::Same => {}
        }
    }
    let papers = of_document(&db.read, row).await?;
    counts.papers = papers.iter().filter(|paper| is_of_change(paper, row.change_seq)).count();
    Ok(counts)
}
