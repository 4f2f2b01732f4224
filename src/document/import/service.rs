//! Operations of the import: upload and report, report anew, cancel; `apply` has the import itself.
//! Called by `api` and `routes`; nothing here changes a document.

use uuid::Uuid;

use super::columns::{self, Found};
use super::model::{Mode, Part, Report};
use super::plan;
use super::prepare::Kept;
use super::prepared::{Content, Target, Upload};
use super::store::{self, Pending};
use crate::document::Action;
use crate::document::guard::{self, allowed, authorise};
use crate::document::kind::{Kind, Section};
use crate::document::service::snapshot;
use crate::document::store::{self as documents, DocumentRow};
use crate::reference::Codes;
use crate::server::background::aside;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::sheet::{self, Workbook};
use crate::text::Message;

/// Refuses, before a file is even read, where nothing may be imported.
///
/// # Errors
/// `Refused` when the head was never saved, the document was deleted or its state allows no editing; `Forbidden` for
/// strangers.
pub async fn may_import(call: &Call, document: Uuid) -> Result<DocumentRow, Failure> {
    let db = &call.state.db;
    let Some(row) = documents::find(db, &document.to_string()).await? else {
        let mut tx = db.begin().await?;
        return Err(guard::missing(&mut tx, call, document, guard::IMPORT).await?);
    };
    authorise(&call.actor, &row)?;
    allowed(&row, Action::Edit)?;
    Ok(row)
}

/// Reads a file, keeps its rows and tells what importing them would do. The document is not changed. `open` is the list
/// the user has open, for files that do not say which list they are.
///
/// # Errors
/// As `may_import`; `Refused` with what is wrong with the file.
pub async fn upload(call: &Call, document: Uuid, name: &str, open: &str, bytes: &[u8]) -> Result<Report, Failure> {
    let row = may_import(call, document).await?;
    let kind = call.state.kind(&row.kind)?;
    let open = kind.section(open).or_else(|| kind.sections.first()).ok_or(Failure::NotFound)?;
    let (id, pending, upload) = take(call, kind.sections, (open, &row.id), name, bytes).await?;
    report(call, id, kind, pending, upload).await
}

/// Reads a file, keeps what it holds of these lists until it is decided on, and prepares its rows. `of`: the list for what
/// does not say which it is, and the document it goes into; empty for none.
///
/// # Errors
/// `Refused` with what is wrong with the file.
pub async fn take(
    call: &Call,
    sections: &'static [Section],
    (open, document_id): (&'static Section, &str),
    name: &str,
    bytes: &[u8],
) -> Result<(Uuid, Pending, Upload), Failure> {
    let workbook = sheet::read(&call.state.config.sheet_reader, bytes, &columns::names(sections)).await?;
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(200).collect();
    let (codes, today) = (call.state.reference.codes(), call.state.clock.today());
    let pending = Pending { document_id: document_id.to_owned(), file_name: name.clone() };
    let is_whole = document_id.is_empty();
    let tables = codes.clone();
    let work = move || {
        // Of goods an old list may lie behind the one that counts; of entries half would be missing.
        let content = content(sections, workbook, &name, (open, is_whole), &tables)?;
        let json = serde_json::to_string(&content)?;
        Ok((content, json))
    };
    let (content, json) = aside("reading rows", work).await?;
    let id = Uuid::now_v7();
    // Stored and prepared at the same time: somebody waits for both.
    let prepare = aside("preparing rows", move || Upload::new(sections, content, codes, today));
    let (stored, upload) = tokio::join!(keep(call, id, &pending, &json), prepare);
    stored?;
    Ok((id, pending, upload?))
}

async fn keep(call: &Call, id: Uuid, pending: &Pending, json: &str) -> Result<(), Failure> {
    let now = call.state.clock.now();
    let mut tx = call.state.db.begin().await?;
    store::insert(&mut tx, &id.to_string(), pending, &call.actor.user_id, json, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The report anew: the document has changed since.
///
/// # Errors
/// `Refused` when the upload is over; else as `may_import`.
pub async fn review(call: &Call, id: Uuid) -> Result<Report, Failure> {
    let (pending, kind) = pending(call, id).await?;
    let upload = prepared(call, id, kind.sections).await?;
    report(call, id, kind, pending, upload).await
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

/// The upload of the caller, for a document the caller may still see, and the kind of that.
pub async fn pending(call: &Call, id: Uuid) -> Result<(Pending, &'static Kind), Failure> {
    let now = call.state.clock.stamp();
    let pending = store::find(&call.state.db, &id.to_string(), &call.actor.user_id, &now).await?;
    let pending = pending.ok_or(Failure::NotFound)?;
    let row = documents::find(&call.state.db, &pending.document_id).await?.ok_or(Failure::NotFound)?;
    authorise(&call.actor, &row)?;
    Ok((pending, call.state.kind(&row.kind)?))
}

/// What is kept of a workbook.
fn content(
    sections: &'static [Section],
    workbook: Workbook,
    file_name: &str,
    (open, is_whole): (&'static Section, bool),
    codes: &Codes,
) -> Result<Content, Failure> {
    const OURS: [&str; 2] = ["填写说明", "代码表"];
    let Workbook { sheets, unread, hidden, mut notes, peak_kib } = workbook;
    let (sheets, others) = columns::with_goods(sections, sheets, codes);
    if is_whole && let Some(other) = others.iter().find(|other| other.has_headings) {
        let (one, two) = (sheets.first().map_or("", |sheet| sheet.name.as_str()), &other.name);
        return Err(Failure::refused(Message::new(
            format!("工作表“{one}”和“{two}”都有可导入的列标题，不能只导入一张：请合并到一张工作表，或删除不需要的。"),
            format!("Sheets “{one}” and “{two}” both have headings: join them into one, or remove what is not wanted."),
        )));
    }
    let others = others.into_iter().map(|other| other.name);
    let found = columns::tell(sections, sheets, file_name, open, codes)?;
    for one in &found {
        notes.extend(remarks(one));
    }
    let hidden: Vec<_> = hidden.into_iter().filter(|name| !OURS.contains(&name.as_str())).collect();
    if !hidden.is_empty() {
        notes.push(Message::new(
            format!("{}张隐藏的工作表未导入：{}", hidden.len(), hidden.join("、")),
            format!("{} hidden sheets are not imported: {}", hidden.len(), hidden.join(", ")),
        ));
    }
    let unread: Vec<_> = others.chain(unread).filter(|name| !OURS.contains(&name.as_str())).collect();
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
    let footers: Vec<String> = found.layout.footers.iter().map(u32::to_string).collect();
    if !footers.is_empty() {
        notes.push(Message::new(
            format!("工作表“{name}”第{}行是合计、签字或说明，不作为货物导入", footers.join("、")),
            format!("Rows {} of sheet “{name}” are sums, signatures or remarks and not imported", footers.join(", ")),
        ));
    }
    let hidden = |row: &&crate::sheet::RawRow| found.sheet.hidden_rows.contains(&row.number);
    let rows: Vec<String> = found.layout.data(&found.sheet).filter(hidden).map(|row| row.number.to_string()).collect();
    if !rows.is_empty() {
        let (count, some) = (rows.len(), rows.iter().take(10).cloned().collect::<Vec<_>>());
        let more = if count > some.len() { "…" } else { "" };
        notes.push(Message::new(
            format!(
                "工作表“{name}”有{count}行被隐藏或筛选掉，也在导入之列（第{}{more}行）；不需要的请先在文件中删除",
                some.join("、")
            ),
            format!(
                "{count} rows of sheet “{name}” are hidden or filtered away and are imported too (rows {}{more}): delete what is not wanted",
                some.join(", ")
            ),
        ));
    }
    let columns = found.layout.columns.iter().filter(|(_, at)| found.sheet.hidden_columns.contains(&(*at as u32)));
    let columns: Vec<String> = columns.map(|(_, at)| crate::sheet::letters(*at)).collect();
    if !columns.is_empty() {
        notes.push(Message::new(
            format!("工作表“{name}”中隐藏的列也在导入之列：{}", columns.join("、")),
            format!("Hidden columns of sheet “{name}” are imported too: {}", columns.join(", ")),
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

/// An upload that waits, prepared.
pub async fn prepared(call: &Call, id: Uuid, sections: &'static [Section]) -> Result<Upload, Failure> {
    let (codes, today) = (call.state.reference.codes(), call.state.clock.today());
    let content = store::content(&call.state.db, &id.to_string()).await?.ok_or(Failure::NotFound)?;
    aside("preparing rows", move || Upload::new(sections, serde_json::from_str(&content)?, codes, today)).await
}

async fn report(
    call: &Call,
    id: Uuid,
    kind: &'static Kind,
    pending: Pending,
    upload: Upload,
) -> Result<Report, Failure> {
    let target = target(call, kind, &pending.document_id).await?;
    aside("report", move || Ok(report_of(id, pending.file_name, &upload, &target))).await
}

fn report_of(id: Uuid, file_name: String, upload: &Upload, target: &Target) -> Report {
    let pairs = upload.pairs(target);
    let part = |kept: &Kept| Part { section: kept.section.clone(), sheet: kept.sheet.clone(), rows: kept.rows.len() };
    Report {
        id,
        file_name,
        base: target.version,
        parts: upload.lists.iter().map(|list| part(&list.kept)).collect(),
        plans: Mode::ALL
            .iter()
            .filter(|mode| plan::is_possible(target.kind, **mode))
            .map(|mode| plan::plan(&pairs, *mode))
            .collect(),
        notes: upload.notes.clone(),
        peak_kib: upload.peak_kib,
    }
}

/// The document at one moment: version and rows that belong together.
pub async fn target(call: &Call, kind: &'static Kind, document_id: &str) -> Result<Target, Failure> {
    Target::of(kind, &snapshot(&call.state.db, document_id).await?)
}
