//! Operations of the import: upload and report, report anew, cancel; `apply` has the import itself.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::columns::{self, Found};
use super::model::{Mode, Part, Plan, Problem, Report};
use super::plan::{self, Pair};
use super::prepare::{Kept, Line, prepare};
use super::store::{self, Pending};
use crate::book::model::{Goods, Row, Side};
use crate::book::service::{allowed, authorise, goods_of};
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
    let content = content(workbook, &name, open)?;
    let id = Uuid::now_v7();
    let json = serde_json::to_string(&content)?;
    let mut tx = call.state.db.begin().await?;
    store::insert(&mut tx, &id.to_string(), &row.id, &call.actor.user_id, &name, &json).await?;
    tx.commit().await?;
    report(call, id, &row.id, name, content).await
}

/// The report anew: the book has changed since.
///
/// # Errors
/// `Refused` when the upload is over; else as `may_import`.
pub async fn review(call: &Call, id: Uuid) -> Result<Report, Failure> {
    let pending = pending(call, id).await?;
    let content = serde_json::from_str(&pending.content)?;
    report(call, id, &pending.document_id, pending.file_name, content).await
}

/// Forgets an upload, also while it is being imported: then either nothing of it is, or all of it was
/// already. Answers true for the latter; what was imported stays, and so does its answer.
///
/// # Errors
/// `NotFound` when this user has no such upload.
pub async fn cancel(call: &Call, id: Uuid) -> Result<bool, Failure> {
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
    let lists: Vec<_> = found.iter().map(Kept::of).filter(|kept| !kept.rows.is_empty()).collect();
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

/// The lines of all lists; thousands of rows are checked, so not on a thread that answers requests.
pub async fn lines(codes: Codes, content: Content) -> Result<(Content, Vec<Vec<Line>>), Failure> {
    let work = move || {
        let lines = content.lists.iter().map(|kept| prepare(kept, &codes)).collect();
        (content, lines)
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::Internal(format!("preparing rows: {error}")))
}

pub fn pairs<'a>(content: &'a Content, lines: &'a [Vec<Line>], target: &'a Target) -> Vec<Pair<'a>> {
    let pair = |(kept, lines): (&'a Kept, &'a Vec<Line>)| Pair { kept, lines, stored: target.list(kept.side) };
    content.lists.iter().zip(lines).map(pair).collect()
}

async fn report(call: &Call, id: Uuid, document_id: &str, name: String, content: Content) -> Result<Report, Failure> {
    let target = target(call, document_id).await?;
    let (content, lines) = lines(call.state.reference.codes(), content).await?;
    let pairs = pairs(&content, &lines, &target);
    let plans: Vec<Plan> = Mode::ALL.iter().map(|mode| plan::plan(&pairs, *mode)).collect();
    let part = |kept: &Kept| Part { side: kept.side, sheet: kept.sheet.clone(), rows: kept.rows.len() };
    let parts = content.lists.iter().map(part).collect();
    let hints = || lines.iter().flatten().flat_map(|line| &line.hints);
    let shown: Vec<Problem> = hints().take(plan::SHOWN).cloned().collect();
    let hint_count = hints().count();
    Ok(Report {
        id,
        file_name: name,
        base: target.version,
        parts,
        plans,
        hints: shown,
        hint_count,
        notes: content.notes,
        peak_kib: content.peak_kib,
    })
}

/// The book at one moment: version and rows that belong together.
pub async fn target(call: &Call, document_id: &str) -> Result<Target, Failure> {
    let db = &call.state.db;
    let mut before = documents::find(db, document_id).await?.ok_or(Failure::NotFound)?;
    loop {
        let rows = documents::rows(db, document_id).await?;
        let after = documents::find(db, document_id).await?.ok_or(Failure::NotFound)?;
        if after.version == before.version {
            return Target::of(after.version, &rows);
        }
        before = after;
    }
}
