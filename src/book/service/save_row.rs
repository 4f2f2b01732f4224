//! Saving one goods row. The head's totals move with it, in the same transaction. What saving many
//! rows (`save_rows`) needs too stands here.

use serde_json::json;

use super::{allowed, authorise, changed_meanwhile, goods_of, head_of, meta, storable};
use crate::book::model::{Goods, Head, Row, SaveRow, Saved, Side};
use crate::book::rules::{
    MAX_ROWS, Totals, check_export, check_reimport, clean_record, complete_export, complete_reimport,
};
use crate::book::store::max_seq;
use crate::document::store::{self, ContentRow, DocumentRow};
use crate::document::{Action, Event};
use crate::form::{Difference, Finding, differences, today};
use crate::reference::Codes;
use crate::server::call::Call;
use crate::server::db::Tx;
use crate::server::failure::Failure;
use crate::text::Message;

/// Stores one row; a new one gets the next 商品序号.
///
/// # Errors
/// `Refused` with findings per field; `Conflict` when somebody changed the row since `base`;
/// `NotFound` when the head was never saved.
pub async fn save_row(call: &Call, request: SaveRow) -> Result<Saved, Failure> {
    let codes = call.state.reference.codes();
    let goods = complete(&request.goods, &codes);
    storable(check(0, &goods, &codes, false))?;

    let mut tx = call.state.db.begin().await?;
    let mut row = locked(&mut tx, call, &request.book_id.to_string()).await?;
    let side = side_of(&goods);
    let stored = store::row_in(&mut tx, &row.id, request.row_id).await?.map(|row| goods_of(&row)).transpose()?;
    if stored.is_none() && request.base != 0 {
        return Err(Failure::refused(Message::new(
            "该行已被他人删除，本次未保存。如仍需要，请按“新增”重新录入。",
            "Somebody else deleted this row; yours was not saved. Add it anew if it is still needed.",
        )));
    }
    let mut head = head_of(&row)?;
    if let Some(stored) = &stored
        && stored.version != request.base
    {
        let differing = compare(stored.seq, &goods, &stored.content);
        if !differing.is_empty() {
            return Err(changed_meanwhile(differing));
        }
        // The same save once more: a repeated request after a lost answer.
        let receipts = store::receipt_count(&mut *tx, &row.id).await?;
        return Ok(Saved { meta: meta(&row, receipts)?, head, row: Some(stored.clone()), findings: Vec::new() });
    }
    allowed(&row, Action::Edit)?;
    let seq = match &stored {
        Some(stored) => stored.seq,
        None => max_seq(&mut tx, &row.id, side.key()).await? + 1,
    };
    let mut totals = Totals::of(&head);
    if let Some(stored) = &stored {
        take_away(&mut totals, &stored.content);
    }
    add(&mut totals, &goods);
    few_enough(&totals)?;
    totals.write(&mut head);
    touch(&mut tx, &mut row, &head).await?;
    let saved = Row { id: request.row_id, seq, version: row.version, content: goods };
    let content = ContentRow {
        id: request.row_id.to_string(),
        section: side.key().to_owned(),
        seq,
        version: row.version,
        content: match &saved.content {
            Goods::Exports(goods) => serde_json::to_string(goods)?,
            Goods::Reimports(goods) => serde_json::to_string(goods)?,
        },
    };
    if !store::put_row(&mut tx, &row.id, &content).await? {
        return Err(Failure::Forbidden); // the row id belongs to another book
    }
    let detail = json!({ "section": side.key(), "seq": seq, "new": stored.is_none() });
    store::audit(&mut tx, &row.id, &call.actor.login, "save_row", &detail).await?;
    let receipts = store::receipt_count(&mut *tx, &row.id).await?;
    tx.commit().await?;
    let findings = check(seq, &saved.content, &codes, true);
    Ok(Saved { meta: meta(&row, receipts)?, head, row: Some(saved), findings })
}

pub(super) async fn locked(tx: &mut Tx, call: &Call, id: &str) -> Result<DocumentRow, Failure> {
    let row = store::lock(tx, id).await?.ok_or_else(|| {
        Failure::refused(Message::new(
            "请先暂存表头，再录入表体。",
            "Save the head first; rows can be entered after that.",
        ))
    })?;
    authorise(&call.actor, &row)?;
    Ok(row)
}

/// Refuses more rows than a list takes.
pub(in crate::book) fn few_enough(totals: &Totals) -> Result<(), Failure> {
    if totals.export_count.max(totals.reimport_count) <= MAX_ROWS as i64 {
        return Ok(());
    }
    Err(Failure::refused(Message::new(
        format!("每个表体最多{MAX_ROWS}项，请分为多本账册备案。"),
        format!("A list takes at most {MAX_ROWS} rows; file several books."),
    )))
}

pub(in crate::book) async fn touch(tx: &mut Tx, row: &mut DocumentRow, head: &Head) -> Result<(), Failure> {
    row.status = row.status.after(Event::Saved).unwrap_or(row.status);
    row.version += 1;
    row.head = serde_json::to_string(head)?;
    store::update(tx, row).await?;
    Ok(())
}

pub(super) const fn side_of(goods: &Goods) -> Side {
    match goods {
        Goods::Exports(_) => Side::Exports,
        Goods::Reimports(_) => Side::Reimports,
    }
}

pub(in crate::book) fn complete(goods: &Goods, codes: &Codes) -> Goods {
    match goods {
        Goods::Exports(row) => {
            let mut row = clean_record(row, today());
            complete_export(&mut row, codes);
            Goods::Exports(row)
        }
        Goods::Reimports(row) => {
            let mut row = clean_record(row, today());
            complete_reimport(&mut row, codes);
            Goods::Reimports(row)
        }
    }
}

pub(in crate::book) fn check(seq: i64, goods: &Goods, codes: &Codes, for_declare: bool) -> Vec<Finding> {
    match goods {
        Goods::Exports(row) => check_export(seq, row, codes, for_declare),
        Goods::Reimports(row) => check_reimport(seq, row, codes, for_declare),
    }
}

pub(super) fn compare(seq: i64, mine: &Goods, theirs: &Goods) -> Vec<Difference> {
    match (mine, theirs) {
        (Goods::Exports(mine), Goods::Exports(theirs)) => differences("exports", Some(seq), mine, theirs),
        (Goods::Reimports(mine), Goods::Reimports(theirs)) => differences("reimports", Some(seq), mine, theirs),
        _ => vec![Difference { pointer: String::new(), mine: String::new(), theirs: String::new() }],
    }
}

pub(in crate::book) fn add(totals: &mut Totals, goods: &Goods) {
    match goods {
        Goods::Exports(row) => totals.add_export(&row.total_price),
        Goods::Reimports(row) => totals.add_reimport(&row.total_price),
    }
}

pub(in crate::book) fn take_away(totals: &mut Totals, goods: &Goods) {
    match goods {
        Goods::Exports(row) => totals.remove_export(&row.total_price),
        Goods::Reimports(row) => totals.remove_reimport(&row.total_price),
    }
}
