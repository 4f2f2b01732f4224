//! Operations of the import: upload and report, report anew, cancel; `apply` has the import itself.
//! Called by `api` and `routes`; nothing here changes a book.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::columns::{self, Found};
use super::model::{Mode, Part, Report};
use super::plan::{self, Pair};
use super::prepare::{Kept, Line, prepare};
use super::recent;
use super::store::{self, Pending};
use crate::book::model::{Goods, Row, Side};
use crate::book::service::{allowed, authorise, goods_of, snapshot};
use crate::document::Action;
use crate::document::store::{self as documents, DocumentRow};
use crate::reference::Codes;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::sheet::{self, Workbook};
use crate::text::Message;

pub use super::apply::apply;

/// What is kept of an upload until it is imported.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Content {
    pub lists: Vec<Kept>,
    pub notes: Vec<Message>,
    pub peak_kib: u64,
}

/// The book an import goes into.
#[derive(Clone, Debug)]
pub struct Target {
    pub version: i64,
    pub exports: Vec<Row<Goods>>,
    pub reimports: Vec<Row<Goods>>,
}

impl Target {
    pub fn list(&self, side: Side) -> &[Row<Goods>] {
        match side {
            Side::Exports => &self.exports,
            Side::Reimports => &self.reimports,
        }
    }

    pub fn of(version: i64, rows: &[documents::ContentRow]) -> Result<Self, Failure> {
        let mut target = Self { version, exports: Vec::new(), reimports: Vec::new() };
        for row in rows {
            let row = goods_of(row)?;
            match row.content {
                Goods::Exports(_) => target.exports.push(row),
                Goods::Reimports(_) => target.reimports.push(row),
            }
        }
        Ok(target)
    }
}

/// Refuses, before a file is even read, where nothing may be imported.
///
/// # Errors
/// `Refused` when the head was never saved or the state allows no editing; `Forbidden` for strangers.
pub async fn may_import(call: &Call, book: Uuid) -> Result<DocumentRow, Failure> {
    let row = documents::find(&call.state.db, &book.to_string()).await?.ok_or_else(|| {
        Failure::refused(Message::new(
            "请先暂存表头：表头暂存后才可进行表体导入。",
            "Save the head first: rows can be imported after that.",
        ))
    })?;
    authorise(&call.actor, &row)?;
    allowed(&row, Action::Edit)?;
    Ok(row)
}

/// Reads a file, keeps its rows and tells what importing them would do. The book is not changed.
/// `open` is the list the user has open, for files that do not say which list they are.
///
/// # Errors
/// As `may_import`; `Refused` with what is wrong with the file.
pub async fn upload(call: &Call, book: Uuid, name: &str, open: Side, bytes: &[u8]) -> Result<Report, Failure> {
    let row = may_import(call, book).await?;
    let wanted = columns::NAMES.map(|(part, _)| part);
    let workbook = sheet::read(&call.state.config.sheet_reader, bytes, &wanted).await?;
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(200).collect();
    let codes = call.state.reference.codes();
    let pending = Pending { document_id: row.id, file_name: name.clone() };
    let work = move || {
        let content = content(workbook, &name, open)?;
        let json = serde_json::to_string(&content)?;
        Ok((content, json))
    };
    let (content, json) = aside("reading rows", work).await?;
    let id = Uuid::now_v7();
    // Stored and prepared at the same time: somebody waits for both.
    let prepare = aside("preparing rows", move || Ok(Arc::new(Prepared::new(content, codes))));
    let (stored, prepared) = tokio::join!(keep(call, id, &pending, &json), prepare);
    stored?;
    let prepared = prepared?;
    recent::keep(id, &prepared);
    report(call, id, pending, prepared).await
}

async fn keep(call: &Call, id: Uuid, pending: &Pending, json: &str) -> Result<(), Failure> {
    let mut tx = call.state.db.begin().await?;
    store::insert(&mut tx, &id.to_string(), pending, &call.actor.user_id, json).await?;
    tx.commit().await?;
    Ok(())
}

/// The report anew: the book has changed since.
///
/// # Errors
/// `Refused` when the upload is over; else as `may_import`.
pub async fn review(call: &Call, id: Uuid) -> Result<Report, Failure> {
    let pending = pending(call, id).await?;
    let prepared = prepared(call, id).await?;
    report(call, id, pending, prepared).await
}

/// Forgets an upload, also while it is being imported: then either nothing of it is, or all of it was
/// already. Answers true for the latter; what was imported stays, and so does its answer.
///
/// # Errors
/// `NotFound` when this user has no such upload.
pub async fn cancel(call: &Call, id: Uuid) -> Result<bool, Failure> {
    recent::forget(id);
    let (id, user) = (id.to_string(), &call.actor.user_id);
    let mut tx = call.state.db.begin().await?;
    let forgotten = store::delete(&mut tx, &id, user).await?;
    let imported = !forgotten && store::is_there(&mut tx, &id, user).await?;
    tx.commit().await?;
    if forgotten || imported { Ok(imported) } else { Err(Failure::NotFound) }
}

/// The upload of the caller, for a book the caller may still see.
pub async fn pending(call: &Call, id: Uuid) -> Result<Pending, Failure> {
    let over = || Failure::NotFound;
    let pending = store::find(&call.state.db, &id.to_string(), &call.actor.user_id).await?.ok_or_else(over)?;
    let row = documents::find(&call.state.db, &pending.document_id).await?.ok_or(Failure::NotFound)?;
    authorise(&call.actor, &row)?;
    Ok(pending)
}

/// What is kept of a workbook.
fn content(workbook: Workbook, file_name: &str, open: Side) -> Result<Content, Failure> {
    const OURS: [&str; 2] = ["填写说明", "代码表"];
    let Workbook { sheets, unread, mut notes, peak_kib } = workbook;
    let found = columns::tell(sheets, file_name, open)?;
    for one in &found {
        notes.extend(remarks(one));
    }
    let unread: Vec<_> = unread.into_iter().filter(|name| !OURS.contains(&name.as_str())).collect();
    if !unread.is_empty() {
        notes.push(Message::new(
            format!("未导入的工作表：{}", unread.join("、")),
            format!("Sheets not imported: {}", unread.join(", ")),
        ));
    }
    let lists: Vec<_> = found.into_iter().map(Kept::of).filter(|kept| !kept.rows.is_empty()).collect();
    if lists.is_empty() {
        return Err(Failure::refused(Message::new(
            "文件中没有数据：列标题下面没有填写任何一行。",
            "There is no data in the file: no row is filled in below the headings.",
        )));
    }
    Ok(Content { lists, notes, peak_kib })
}

fn remarks(found: &Found) -> Vec<Message> {
    let name = &found.sheet.name;
    let mut notes = Vec::new();
    let unknown: Vec<_> = found.layout.unknown.iter().filter(|heading| *heading != columns::REASON).cloned().collect();
    if !unknown.is_empty() {
        notes.push(Message::new(
            format!("工作表“{name}”中不能识别、未导入的列：{}", unknown.join("、")),
            format!("Columns of sheet “{name}” that are not known and not imported: {}", unknown.join(", ")),
        ));
    }
    if found.sheet.formulas > 0 {
        notes.push(Message::new(
            format!("工作表“{name}”有{}个公式单元格，按保存的计算结果导入", found.sheet.formulas),
            format!("{} cells of sheet “{name}” are formulas: their saved results are imported", found.sheet.formulas),
        ));
    }
    notes
}

/// An upload with its rows prepared, and the code tables that was done with.
#[derive(Debug)]
pub struct Prepared {
    pub content: Content,
    /// The rows of each list.
    pub lines: Vec<Vec<Line>>,
    pub codes: Codes,
}

impl Prepared {
    /// Thousands of rows are checked: not for a thread that answers requests.
    pub fn new(content: Content, codes: Codes) -> Self {
        let lines = content.lists.iter().map(|kept| prepare(kept, &codes)).collect();
        Self { content, lines, codes }
    }

    pub fn pairs<'a>(&'a self, target: &'a Target) -> Vec<Pair<'a>> {
        let lists = self.content.lists.iter().zip(&self.lines);
        let pair = |(kept, lines): (&'a Kept, &'a Vec<Line>)| Pair {
            kept,
            lines,
            stored: target.list(kept.side),
            codes: &self.codes,
        };
        lists.map(pair).collect()
    }
}

/// Runs what takes its time on a thread that may.
pub async fn aside<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Failure::Internal(format!("{what}: {error}"))))
}

/// An upload that waits, prepared: as its report was made, or anew from the database.
pub async fn prepared(call: &Call, id: Uuid) -> Result<Arc<Prepared>, Failure> {
    let codes = call.state.reference.codes();
    if let Some(prepared) = recent::find(id, &codes) {
        return Ok(prepared);
    }
    let content = store::content(&call.state.db, &id.to_string()).await?.ok_or(Failure::NotFound)?;
    let work = move || Ok(Arc::new(Prepared::new(serde_json::from_str(&content)?, codes)));
    let prepared = aside("preparing rows", work).await?;
    recent::keep(id, &prepared);
    Ok(prepared)
}

async fn report(call: &Call, id: Uuid, pending: Pending, prepared: Arc<Prepared>) -> Result<Report, Failure> {
    let target = target(call, &pending.document_id).await?;
    aside("report", move || Ok(report_of(id, pending.file_name, &prepared, &target))).await
}

fn report_of(id: Uuid, file_name: String, prepared: &Prepared, target: &Target) -> Report {
    let pairs = prepared.pairs(target);
    let content = &prepared.content;
    let part = |kept: &Kept| Part { side: kept.side, sheet: kept.sheet.clone(), rows: kept.rows.len() };
    Report {
        id,
        file_name,
        base: target.version,
        parts: content.lists.iter().map(part).collect(),
        plans: Mode::ALL.iter().map(|mode| plan::plan(&pairs, *mode)).collect(),
        notes: content.notes.clone(),
        peak_kib: content.peak_kib,
    }
}

/// The book at one moment: version and rows that belong together.
pub async fn target(call: &Call, document_id: &str) -> Result<Target, Failure> {
    let (row, rows) = snapshot(&call.state.db, document_id).await?;
    Target::of(row.version, &rows)
}
