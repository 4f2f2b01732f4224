//! Reading documents: one whole, the query list, states, receipts; for `api` and the other operations. Shows only
//! documents of enterprises the caller acts for, and changes nothing.

use uuid::Uuid;

use crate::document::guard::{authorise, head_of, meta, readable};
use crate::document::kind::Kind;
use crate::document::listing::Listed;
use crate::document::store::list::{Order, is_sorted, page};
use crate::document::store::rows::{self, ContentRow};
use crate::document::store::{self, DocumentRow};
use crate::document::under_book::UnderBook;
use crate::document::{Base, Document, DocumentMeta, List, LookedUp, Query, QueryLine, QueryPage, Receipt, Row, notes};
use crate::exchange;
use crate::form::{Filled, Kind as FieldKind, Values};
use crate::server::background::aside;
use crate::server::call::Call;
use crate::server::db::Db;
use crate::server::failure::Failure;
use crate::text::{Message, text};

/// Page sizes above this are cut to it.
const LARGEST_PAGE: i64 = 500;
/// Longer than any number or date that can be searched for.
const LONGEST_CONDITION: usize = 100;
/// At most so many documents are watched in one call.
const MOST_WATCHED: usize = 100;

/// A document and its rows as they were at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub row: DocumentRow,
    pub rows: Vec<ContentRow>,
}

/// Reads a document and its rows as they were at one moment, whoever is writing.
///
/// # Errors
/// `NotFound`. Whether the caller may see it is the caller's to ask.
pub async fn snapshot(db: &Db, id: &str) -> Result<Snapshot, Failure> {
    let mut before = store::find(db, id).await?.ok_or(Failure::NotFound)?;
    loop {
        let rows = rows::all(&db.read, &before).await?;
        let row = store::find(db, id).await?.ok_or(Failure::NotFound)?;
        if row.version == before.version {
            return Ok(Snapshot { row, rows });
        }
        before = row;
    }
}

/// Sorts stored rows into the lists of the kind, in their order. Rows of a list that the kind no longer has are passed
/// over.
///
/// # Errors
/// When what is stored cannot be read.
pub fn lists_of(kind: &Kind, rows: &[ContentRow]) -> Result<Vec<Vec<Row<Values>>>, Failure> {
    let list = |section: &crate::document::kind::Section| {
        rows.iter().filter(|row| row.section == section.key).map(|row| row.read(section)).collect()
    };
    kind.sections.iter().map(list).collect()
}

/// For a change: what it changes.
///
/// # Errors
/// When what is stored cannot be read.
pub async fn base_of<'c>(
    executor: impl sqlx::Executor<'c, Database = sqlx::Any>,
    kind: &Kind,
    row: &DocumentRow,
) -> Result<Option<Base>, Failure> {
    if row.base_id.is_empty() {
        return Ok(None);
    }
    let base = store::read(executor, &row.base_id).await?;
    let base = base.ok_or_else(|| Failure::Internal(format!("base {} of {} is gone", row.base_id, row.id)))?;
    Ok(Some(Base { head: head_of(kind, &base)?, extensions: base.extensions }))
}

/// A whole document.
///
/// # Errors
/// `NotFound`; `Forbidden` for a document of an enterprise the caller does not act for.
pub async fn get(call: &Call, id: Uuid) -> Result<Document, Failure> {
    let db = &call.state.db;
    let Snapshot { row, rows } = snapshot(db, &id.to_string()).await?;
    authorise(&call.actor, &row)?;
    let kind = call.state.kind(&row.kind)?;
    let base = base_of(&db.read, kind, &row).await?;
    let (meta, head) = (meta(&row)?, head_of(kind, &row)?.filled());
    let base = base.map(|base| Base { head: base.head.filled(), extensions: base.extensions });
    // Thousands of rows take their time.
    let work = move || {
        let lists = kind.sections.iter().zip(lists_of(kind, &rows)?).map(|(section, rows)| List {
            section: section.key.to_owned(),
            rows: rows.into_iter().map(|row| row.map(|content| content.filled())).collect(),
        });
        Ok(Document { meta, head, lists: lists.collect(), base })
    };
    aside("reading a document", work).await
}

/// What is typed in a document, as it was at one moment.
pub struct Content {
    pub kind: &'static Kind,
    pub head: Values,
    /// In the order of [`Kind::sections`].
    pub lists: Vec<Vec<Row<Values>>>,
}

/// Head and rows of a document.
///
/// # Errors
/// `NotFound`; `Forbidden` for a document of an enterprise the caller does not act for.
pub async fn content(call: &Call, id: Uuid) -> Result<Content, Failure> {
    let Snapshot { row, rows } = snapshot(&call.state.db, &id.to_string()).await?;
    authorise(&call.actor, &row)?;
    let kind = call.state.kind(&row.kind)?;
    Ok(Content { kind, head: head_of(kind, &row)?, lists: lists_of(kind, &rows)? })
}

/// The account book a document belongs to, as it stands; `None` while it has none.
///
/// # Errors
/// `NotFound`; `Forbidden` for a document of an enterprise the caller does not act for.
pub async fn book(call: &Call, id: Uuid) -> Result<Option<UnderBook>, Failure> {
    let row = readable(call, id).await?;
    call.state.office(&row.kind)?.book(&call.state.db, &row).await
}

/// What the codes of a head fill in: names, and what the account book says. Stores nothing.
///
/// # Errors
/// Only those of the database; what cannot be found is told in the answer.
pub async fn look_up(call: &Call, kind: &str, head: &Filled) -> Result<LookedUp, Failure> {
    let office = call.state.office(kind)?;
    let today = call.state.clock.today();
    let mut typed = Values::new(office.kind().head);
    typed.take_typed(&Values::filled_from(office.kind().head, head).cleaned(today));
    let findings = office.look_up(&call.state.db, &call.actor, &mut typed, today).await?;
    Ok(LookedUp { head: typed.filled(), findings })
}

/// One page of the query list.
///
/// # Errors
/// `Refused` without 可查询企业 (manual line 629) and for a key that is no column; `Forbidden` for an enterprise the
/// caller does not act for.
pub async fn list(call: &Call, mut query: Query) -> Result<QueryPage, Failure> {
    let listed = call.state.listed(&query.list)?;
    if query.operator_code.is_empty() {
        return Err(Failure::refused(Message::new(
            "请先选择可查询企业，再点击查询。",
            "Choose the enterprise to query first.",
        )));
    }
    if !call.actor.acts_for(&query.operator_code) {
        return Err(Failure::Forbidden);
    }
    searchable(&listed, &query)?;
    query.page = query.page.clamp(0, 1_000_000);
    query.page_size = query.page_size.clamp(1, LARGEST_PAGE);
    let order = order(&listed, &query.sort)?;
    if order == Order::Id {
        query.descending = true; // newest first
    }
    let (rows, total) = page(&call.state.db, &query, order).await?;
    let lines = rows
        .iter()
        .map(|row| Ok(QueryLine { meta: meta(row)?, head: head_of(call.state.kind(&row.kind)?, row)?.filled() }))
        .collect::<Result<_, Failure>>()?;
    Ok(QueryPage { lines, total })
}

/// Refuses a condition that no document can fulfil: databases fail on characters that cannot be stored, and on patterns
/// that are too long.
fn searchable(listed: &Listed, query: &Query) -> Result<(), Failure> {
    let Query { kind, book_no, seq_no, internal_no, entry_no, decl_type, change_seq, input_from, input_to, .. } = query;
    let conditions = [
        ("kind", kind),
        ("book_no", book_no),
        ("seq_no", seq_no),
        ("internal_no", internal_no),
        ("entry_no", entry_no),
        ("decl_type", decl_type),
        ("change_seq", change_seq),
        ("input_date", input_from),
        ("input_date", input_to),
    ];
    let is_odd = |text: &str| text.chars().count() > LONGEST_CONDITION || text.trim().contains(char::is_control);
    let Some((key, _)) = conditions.into_iter().find(|(_, text)| is_odd(text)) else { return Ok(()) };
    let label = listed.field(key).map_or(text("编号", "number"), |field| field.label);
    Err(Failure::refused(Message::new(
        format!(
            "查询条件“{}”超过{LONGEST_CONDITION}个字符或含有不可见字符，未查询。请修改该条件后重新查询。",
            label.zh
        ),
        format!(
            "The condition “{}” is longer than {LONGEST_CONDITION} characters or has invisible ones. Mend it and query again.",
            label.en
        ),
    )))
}

fn order(listed: &Listed, key: &str) -> Result<Order, Failure> {
    if key.is_empty() {
        return Ok(Order::Id);
    }
    if key != "status" && !listed.columns().contains(&key) {
        return Err(Failure::refused(Message::new(
            format!("不能按“{key}”排序，请点击列表的列标题排序。"),
            format!("The list cannot be sorted by “{key}”; use the headings of the list."),
        )));
    }
    if is_sorted(key) {
        return Ok(Order::Column);
    }
    let decimal = listed.field(key).is_some_and(|field| matches!(field.kind, FieldKind::Decimal { .. }));
    Ok(Order::Field { decimal })
}

/// States of the documents on the screen; those that are gone or not the caller's are left out.
///
/// # Errors
/// Only those of the database.
pub async fn status(call: &Call, mut ids: Vec<Uuid>) -> Result<Vec<DocumentMeta>, Failure> {
    ids.truncate(MOST_WATCHED);
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = store::metas(&call.state.db, &ids).await?;
    found.retain(|meta| call.actor.acts_for(&meta.operator_code));
    found.sort_by_key(|meta| ids.iter().position(|id| *id == meta.id));
    Ok(found)
}

/// All receipts of a document, newest first.
///
/// # Errors
/// `NotFound`; `Forbidden` for a document of an enterprise the caller does not act for.
pub async fn receipts(call: &Call, id: Uuid) -> Result<Vec<Receipt>, Failure> {
    let row = readable(call, id).await?;
    let mut receipts = exchange::receipts(&call.state.db, &row).await?;
    notes::point(call.state.kind(&row.kind)?, &mut receipts);
    Ok(receipts)
}
