//! Storing and deleting many rows of one list in one transaction: paste, fill, delete, undo. Every row
//! is held to the version the screen started from; one that fails keeps all of them out.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use uuid::Uuid;

use super::save_row::{add, check, compare, complete, few_enough, locked, side_of, take_away, touch};
use super::{allowed, goods_of, head_of, meta, storable};
use crate::book::model::{Goods, PutRow, RemoveRow, Row, SaveRows, SavedRows};
use crate::book::rules::{MAX_ROWS, Totals};
use crate::book::store::{max_seq, put_rows};
use crate::document::Action;
use crate::document::store::{self, many};
use crate::form::Difference;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::text::Message;

/// Far above every number given in turn; a wished one beyond it is not a row's that was deleted.
const HIGHEST_SEQ: i64 = 1_000_000;
/// Differences told in a conflict; a thousand help nobody.
const MOST_TOLD: usize = 50;

/// Stores and deletes rows, all or none. Rows that are as sent already, and rows that are gone
/// already, count as done: a repeated request changes nothing.
///
/// # Errors
/// `Refused` when a row cannot be stored or there are too many; `Conflict` when somebody changed or
/// deleted one since its `base`.
pub async fn save_rows(call: &Call, request: SaveRows) -> Result<SavedRows, Failure> {
    let SaveRows { book_id, side, puts, removes } = request;
    if puts.len().max(removes.len()) > MAX_ROWS {
        return Err(Failure::refused(Message::new(
            format!("一次最多处理{MAX_ROWS}行，请分几次进行。"),
            format!("At most {MAX_ROWS} rows at a time; do it in parts."),
        )));
    }
    let ids: Vec<Uuid> = puts.iter().map(|put| put.row_id).chain(removes.iter().map(|gone| gone.row_id)).collect();
    if ids.iter().collect::<HashSet<_>>().len() < ids.len() || puts.iter().any(|put| side_of(&put.goods) != side) {
        return Err(Failure::refused(Message::new(
            "提交的行有重复或不属于同一表体，未保存。请刷新页面后重试。",
            "Rows stand twice or belong to another list; nothing was saved. Reload the page and try again.",
        )));
    }
    let codes = call.state.reference.codes();
    let mut goods = Vec::with_capacity(puts.len());
    let mut faults = Vec::new();
    for put in &puts {
        let row = complete(&put.goods, &codes);
        faults.extend(check(put.seq, &row, &codes, false));
        goods.push(row);
    }
    storable(faults)?;

    let db = &call.state.db;
    let mut tx = db.begin().await?;
    let mut row = locked(&mut tx, call, &book_id.to_string()).await?;
    let mut stored = HashMap::with_capacity(ids.len());
    for content in many::rows_by_id(db, &mut tx, &row.id, &ids).await? {
        let known = goods_of(&content)?;
        stored.insert(known.id, known);
    }
    if stored.values().any(|known| side_of(&known.content) != side) {
        return Err(Failure::Forbidden); // an id of the other list
    }
    refuse_overtaken(&puts, &goods, &removes, &stored)?;

    let mut head = head_of(&row)?;
    let mut totals = Totals::of(&head);
    let wished: Vec<i64> = puts.iter().map(|put| put.seq).filter(|seq| (1..=HIGHEST_SEQ).contains(seq)).collect();
    let mut taken: HashSet<i64> =
        many::seqs_taken(db, &mut tx, &row.id, side.key(), &wished).await?.into_iter().collect();
    let mut next = max_seq(&mut tx, &row.id, side.key()).await?.max(wished.iter().copied().max().unwrap_or(0));
    let mut rows = Vec::with_capacity(puts.len());
    let mut changed = Vec::new();
    let mut told = Vec::new();
    for (put, content) in puts.iter().zip(goods) {
        let (seq, version) = match stored.get(&put.row_id) {
            Some(known) if known.content == content => (known.seq, known.version),
            Some(known) => {
                take_away(&mut totals, &known.content);
                add(&mut totals, &content);
                told.push(json!({ "seq": known.seq, "was": known.content }));
                (known.seq, row.version + 1)
            }
            None => {
                add(&mut totals, &content);
                let seq = if wished.contains(&put.seq) && taken.insert(put.seq) {
                    put.seq
                } else {
                    next += 1;
                    next
                };
                told.push(json!({ "seq": seq, "new": true }));
                (seq, row.version + 1)
            }
        };
        let line = Row { id: put.row_id, seq, version, content };
        if version > row.version {
            changed.push(line.clone());
        }
        rows.push(line);
    }
    let gone: Vec<&Row<Goods>> = removes.iter().filter_map(|gone| stored.get(&gone.row_id)).collect();
    for known in &gone {
        take_away(&mut totals, &known.content);
        told.push(json!({ "seq": known.seq, "deleted": known.content }));
    }
    if !told.is_empty() {
        allowed(&row, Action::Edit)?;
        few_enough(&totals)?;
        totals.write(&mut head);
        touch(&mut tx, &mut row, &head).await?;
        let gone: Vec<Uuid> = gone.iter().map(|known| known.id).collect();
        many::delete_by_id(db, &mut tx, &row.id, &gone).await?;
        put_rows(db, &mut tx, &row.id, row.version, &changed).await?;
        let detail = json!({ "section": side.key(), "rows": told });
        store::audit(&mut tx, &row.id, &call.actor.login, "save_rows", &detail).await?;
    }
    let receipts = store::receipt_count(&mut *tx, &row.id).await?;
    tx.commit().await?;
    Ok(SavedRows { meta: meta(&row, receipts)?, head, rows })
}

/// Refuses everything when somebody was quicker with one of the rows.
fn refuse_overtaken(
    puts: &[PutRow],
    goods: &[Goods],
    removes: &[RemoveRow],
    stored: &HashMap<Uuid, Row<Goods>>,
) -> Result<(), Failure> {
    let mut seqs = Vec::new();
    let mut vanished = 0;
    let mut differences: Vec<Difference> = Vec::new();
    for (put, mine) in puts.iter().zip(goods) {
        match stored.get(&put.row_id) {
            Some(theirs) if theirs.version != put.base && theirs.content != *mine => {
                seqs.push(theirs.seq);
                if differences.len() < MOST_TOLD {
                    differences.extend(compare(theirs.seq, mine, &theirs.content));
                }
            }
            None if put.base != 0 => vanished += 1,
            _ => {}
        }
    }
    for gone in removes {
        if let Some(theirs) = stored.get(&gone.row_id).filter(|theirs| theirs.version != gone.base) {
            seqs.push(theirs.seq);
        }
    }
    if seqs.is_empty() && vanished == 0 {
        return Ok(());
    }
    seqs.sort_unstable();
    let list = |between: &str| {
        let some: Vec<String> = seqs.iter().take(10).map(i64::to_string).collect();
        some.join(between)
    };
    let (zh, en) = match (seqs.len(), vanished) {
        (0, _) => (format!("{vanished}行已被他人删除"), format!("{vanished} rows were deleted by somebody else")),
        (1..=10, _) => (format!("第{}项已被他人修改", list("、")), format!("Somebody changed item {}", list(", "))),
        (many, _) => (
            format!("第{}等{many}项已被他人修改", list("、")),
            format!("Somebody changed item {} and others, {many} in all", list(", ")),
        ),
    };
    Err(Failure::Conflict {
        message: Message::new(
            format!("{zh}，本次未保存任何行。请核对最新内容后重做。"),
            format!("{en} meanwhile; nothing was saved. Look at the rows as they are now and do it again."),
        ),
        differences,
    })
}
