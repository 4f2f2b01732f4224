//! Reading books: one whole, the query list, states, receipts; for `api` and the other operations. Shows only
//! books of enterprises the caller acts for, and changes nothing.

use uuid::Uuid;

use super::{authorise, goods_of, head_of, meta};
use crate::book::model::{Book, BookLine, BookPage, BookQuery, ExportGoods, Goods, ReimportGoods, Row};
use crate::book::store::{find, list as list_rows};
use crate::document::store::{self, ContentRow, DocumentRow, rows};
use crate::document::{DocumentMeta, Receipt};
use crate::exchange;
use crate::server::call::Call;
use crate::server::db::Db;
use crate::server::failure::Failure;
use crate::text::Message;

/// Page sizes above this are cut to it.
const LARGEST_PAGE: i64 = 500;
/// At most so many documents are watched in one call.
const MOST_WATCHED: usize = 100;

/// The two lists of goods.
pub(super) type Lists = (Vec<Row<ExportGoods>>, Vec<Row<ReimportGoods>>);

/// Sorts stored rows into the two lists.
pub(super) fn content_of(rows: &[ContentRow]) -> Result<Lists, Failure> {
    let (mut exports, mut reimports) = (Vec::new(), Vec::new());
    for row in rows {
        let Row { id, seq, version, content } = goods_of(row)?;
        match content {
            Goods::Exports(content) => exports.push(Row { id, seq, version, content }),
            Goods::Reimports(content) => reimports.push(Row { id, seq, version, content }),
        }
    }
    Ok((exports, reimports))
}

/// A document and its rows as they were at one moment, whoever is writing.
///
/// # Errors
/// `NotFound`. Whether the caller may see it is the caller's to ask.
pub(in crate::book) async fn snapshot(db: &Db, id: &str) -> Result<(DocumentRow, Vec<ContentRow>), Failure> {
    let mut before = store::find(db, id).await?.ok_or(Failure::NotFound)?;
    loop {
        let content = rows(db, id).await?;
        let after = store::find(db, id).await?.ok_or(Failure::NotFound)?;
        if after.version == before.version {
            return Ok((after, content));
        }
        before = after;
    }
}

/// A whole book.
///
/// # Errors
/// `NotFound`; `Forbidden` for a book of an enterprise the caller does not act for.
pub async fn get(call: &Call, id: Uuid) -> Result<Book, Failure> {
    let db = &call.state.db;
    let (row, receipts) = find(db, &id.to_string()).await?.ok_or(Failure::NotFound)?;
    authorise(&call.actor, &row)?;
    let (exports, reimports) = content_of(&rows(db, &row.id).await?)?;
    Ok(Book { meta: meta(&row, receipts)?, head: head_of(&row)?, exports, reimports })
}

/// One page of 出境加工账册查询.
///
/// # Errors
/// `Refused` without 可查询企业 (manual line 629); `Forbidden` for one the caller does not act for.
pub async fn list(call: &Call, mut query: BookQuery) -> Result<BookPage, Failure> {
    if query.operator_code.is_empty() {
        return Err(Failure::refused(Message::new(
            "请先选择可查询企业，再点击查询。",
            "Choose the enterprise to query first.",
        )));
    }
    if !call.actor.acts_for(&query.operator_code) {
        return Err(Failure::Forbidden);
    }
    query.page = query.page.clamp(0, 1_000_000);
    query.page_size = query.page_size.clamp(1, LARGEST_PAGE);
    if query.sort.is_empty() {
        query.descending = true; // newest first
    }
    let (rows, total) = list_rows(&call.state.db, &query).await?;
    let lines = rows
        .iter()
        .map(|(row, receipts)| Ok(BookLine { meta: meta(row, *receipts)?, head: head_of(row)? }))
        .collect::<Result<_, Failure>>()?;
    Ok(BookPage { lines, total })
}

/// States of the books on the screen; those that are gone or not the caller's are left out.
///
/// # Errors
/// Only those of the database.
pub async fn status(call: &Call, ids: Vec<Uuid>) -> Result<Vec<DocumentMeta>, Failure> {
    let mut found = Vec::new();
    for id in ids.into_iter().take(MOST_WATCHED) {
        if let Some((row, receipts)) = find(&call.state.db, &id.to_string()).await?
            && authorise(&call.actor, &row).is_ok()
        {
            found.push(meta(&row, receipts)?);
        }
    }
    Ok(found)
}

/// All receipts of a book, newest first.
///
/// # Errors
/// `NotFound`; `Forbidden` for a book of an enterprise the caller does not act for.
pub async fn receipts(call: &Call, id: Uuid) -> Result<Vec<Receipt>, Failure> {
    let (row, _) = find(&call.state.db, &id.to_string()).await?.ok_or(Failure::NotFound)?;
    authorise(&call.actor, &row)?;
    let mut receipts = exchange::receipts(&call.state.db, &row.id).await?;
    crate::book::notes::point(&mut receipts);
    Ok(receipts)
}
