//! 按台账生成: the lists of a document made from what the ledger has of its book. What a list holds is the kind's to say; the rows
//! are stored as any others are. Called by `api`.

use serde_json::json;
use uuid::Uuid;

use super::{Put, Remove, RowChange, Snapshot, change_rows, get, lists_of, snapshot};
use crate::document::guard::{self, allowed, authorise, head_of, is_repeated, look_again};
use crate::document::kind::{Kind, Made, Section};
use crate::document::{Action, Document, Row, Step};
use crate::form::Values;
use crate::server::background::aside;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::text::Message;

/// In the audit trail.
const GENERATE: &str = "generate";

/// Makes the lists anew, all or none. Repeating the request does it once.
///
/// # Errors
/// `Refused` for a kind that is not made from the ledger, without a book, or when a list would be too long; `Conflict` when
/// the document changed since the version the caller saw.
pub async fn generate(call: &Call, step: Step) -> Result<Document, Failure> {
    let db = &call.state.db;
    let Snapshot { row, rows } = snapshot(db, &step.id.to_string()).await?;
    authorise(&call.actor, &row)?;
    let office = call.state.office(&row.kind)?;
    let kind = office.kind();
    let accounts = kind.accounts.ok_or_else(|| never_generated(kind))?;
    let book = office.book(db, &row).await?.ok_or_else(without_book)?;
    let head = head_of(kind, &row)?;
    let work = move || {
        let lists = lists_of(kind, &rows)?;
        let shown: Vec<&[Row<Values>]> = lists.iter().map(Vec::as_slice).collect();
        let made = (accounts.lists)(&head, &shown, &book);
        Ok(kind.sections.iter().zip(&lists).zip(made).map(|((section, rows), made)| of(section, rows, made)).collect())
    };
    let changes: Vec<RowChange> = aside("making lists from the ledger", work).await?;

    let mut tx = db.begin().await?;
    let mut row = guard::lock(&mut tx, call, step.id).await?.ok_or(Failure::NotFound)?;
    if is_repeated(&mut tx, call, &row, GENERATE, step.base).await? {
        return get(call, step.id).await;
    }
    allowed(&row, Action::Edit)?;
    if row.version != step.base {
        return Err(look_again());
    }
    change_rows(&mut tx, call, kind, &mut row, changes, GENERATE, json!({ "base": step.base })).await?;
    tx.commit().await?;
    get(call, step.id).await
}

/// What makes a list hold exactly these rows.
fn of(section: &'static Section, rows: &[Row<Values>], made: Vec<Made>) -> RowChange {
    let is_kept = |row: &&Row<Values>| made.iter().any(|made| made.of == Some(row.id));
    let removes = rows.iter().filter(|row| !is_kept(row)).map(|row| Remove { id: row.id, base: row.version }).collect();
    let put = |made: Made| Put::whole(made.of.unwrap_or_else(Uuid::now_v7), None, made.content);
    RowChange { section, puts: made.into_iter().map(put).collect(), removes }
}

fn never_generated(kind: &Kind) -> Failure {
    Failure::refused(Message::new(
        format!("{}不能按台账生成。", kind.noun.zh),
        format!("{} is not made from the ledger.", kind.noun.en),
    ))
}

fn without_book() -> Failure {
    Failure::refused(Message::new(
        "没有账册，不能按台账生成：请先录入出境加工账册编号并暂存。",
        "There is no book to make it from: type the book number and save first.",
    ))
}
