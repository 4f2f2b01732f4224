//! Operations on templates. A template belongs to the enterprise of who kept it; for everybody else it is not there. Rows
//! taken from one are completed and checked as if they were typed now.

use serde_json::json;
use uuid::Uuid;

use super::model::{InsertRows, MOST, Naming, SaveTemplate, Template};
use super::store::{self, Keeper, Stored};
use crate::document::guard::{self, allowed, head_of, is_repeated, locked, readable};
use crate::document::kind::{HEAD, Kind, Section};
use crate::document::service::{Put, RowChange, Snapshot, change_rows, get, lists_of, snapshot};
use crate::document::store::DocumentRow;
use crate::document::{Action, Document, Mark};
use crate::form::{Filled, Finding, Severity, Values, check_record};
use crate::server::background::aside;
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::text::Message;

/// 使用 in the audit trail.
const USE: &str = "use_template";

/// All templates of the caller's enterprise for a kind of document.
///
/// # Errors
/// `Refused` for an unknown kind.
pub async fn list(call: &Call, kind: &str) -> Result<Vec<Template>, Failure> {
    let kind = call.state.kind(kind)?;
    Ok(store::list(&call.state.db, &call.actor.enterprise.code, kind.key).await?)
}

/// Keeps the head or rows of a stored document under a name.
///
/// # Errors
/// `Refused` for a bad name, an empty list, or when there are too many; `Conflict` when the name is taken and `replace`
/// was not asked for; `Forbidden` for a document the caller may not see.
pub async fn save(call: &Call, request: SaveTemplate) -> Result<(), Failure> {
    let db = &call.state.db;
    let document = readable(call, request.document).await?;
    let kind = call.state.kind(&document.kind)?;
    let naming = checked(call, kind, &request.naming)?;
    let (content, rows) = content(call, kind, &document, &naming.section, &request.rows).await?;
    let stored = Stored { document_kind: kind.key.to_owned(), section: naming.section, name: naming.name, content };

    let enterprise = &call.actor.enterprise.code;
    let mut tx = db.begin().await?;
    let id = match store::named(&mut tx, enterprise, &stored).await? {
        Some(known) if known != request.id.to_string() && !request.replace => return Err(taken(&stored.name)),
        Some(known) => known,
        None if store::count(&mut tx, enterprise).await? >= MOST => {
            return Err(Failure::refused(Message::new(
                format!("每家企业最多保存{MOST}个模板，请先删除不再使用的模板。"),
                format!("An enterprise keeps at most {MOST} templates; delete one that is not used any more."),
            )));
        }
        None => request.id.to_string(),
    };
    let keeper = Keeper { enterprise, login: &call.actor.login, at: &call.state.clock.stamp() };
    match store::put(&mut tx, &id, keeper, &stored, rows).await {
        Ok(true) => {}
        Ok(false) => return Err(Failure::Forbidden), // the id belongs to another template
        // Somebody kept one under this name a moment ago.
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => return Err(taken(&stored.name)),
        Err(error) => return Err(error.into()),
    }
    tx.commit().await?;
    Ok(())
}

/// What was said of the template, in its normal form.
fn checked(call: &Call, kind: &'static Kind, naming: &Naming) -> Result<Naming, Failure> {
    let name = naming.name.trim().to_owned();
    let naming = Naming { section: naming.section.clone(), name };
    let codes = call.state.reference.codes();
    let mut findings = check_record("template", None, &naming, &codes, false);
    if naming.section != HEAD && kind.section(&naming.section).is_none() {
        findings.push(Finding::new(
            "form",
            "template.section",
            Severity::Save,
            "保存内容不在可选范围内，请从列表选择",
            "Content is not one of the choices",
        ));
    }
    if findings.is_empty() {
        return Ok(naming);
    }
    let message =
        Message::new("模板未保存，请按红色提示修改后重试。", "Not kept. Mend what is marked in red and try again.");
    Err(Failure::Refused { message, findings })
}

fn taken(name: &str) -> Failure {
    Failure::Conflict {
        message: Message::new(
            format!("已有同名模板“{name}”。请换一个名称，或选择替换。"),
            format!("There is a template “{name}” already. Choose another name, or replace it."),
        ),
        differences: Vec::new(),
        stored: None,
    }
}

/// What a template is to hold, as JSON, and how many rows that is.
async fn content(
    call: &Call,
    kind: &'static Kind,
    document: &DocumentRow,
    section: &str,
    wanted: &[Uuid],
) -> Result<(String, i64), Failure> {
    let Some(place) = kind.sections.iter().position(|one| one.key == section) else {
        let head = head_of(kind, document)?;
        return Ok((serde_json::to_string(&kind.content_of(&head))?, 1));
    };
    let Snapshot { rows, .. } = snapshot(&call.state.db, &document.id).await?;
    let mut rows = lists_of(kind, &rows)?.swap_remove(place);
    rows.retain(|row| row.mark != Mark::Deleted && (wanted.is_empty() || wanted.contains(&row.id)));
    if rows.is_empty() {
        return Err(Failure::refused(Message::new(
            "没有可保存的表体：请先录入并保存至少一行。",
            "There is no row to keep: enter and save one first.",
        )));
    }
    let rows: Vec<Values> = rows.into_iter().map(|row| row.content).collect();
    Ok((serde_json::to_string(&rows)?, rows.len() as i64))
}

async fn find(call: &Call, id: Uuid) -> Result<Stored, Failure> {
    store::find(&call.state.db, &call.actor.enterprise.code, id).await?.ok_or(Failure::NotFound)
}

/// The head that a template holds; grey fields are empty.
///
/// # Errors
/// `NotFound` when the caller's enterprise has no such template of a head.
pub async fn head(call: &Call, id: Uuid) -> Result<Filled, Failure> {
    let stored = find(call, id).await?;
    if stored.section != HEAD {
        return Err(Failure::NotFound);
    }
    Ok(serde_json::from_str(&stored.content)?)
}

/// Adds the rows of a template to the end of their list: all, or none.
///
/// # Errors
/// `Conflict` when the document is not the one the user looks at any more; `Refused` when its state allows no editing,
/// the list would be too long, or a row cannot be stored as it is; `NotFound` for a template of another kind.
pub async fn insert(call: &Call, request: InsertRows) -> Result<Document, Failure> {
    let stored = find(call, request.template).await?;
    let kind = call.state.kind(&stored.document_kind)?;
    let section = kind.section(&stored.section).ok_or(Failure::NotFound)?;
    let contents = completed(call, section, &stored).await?;

    let mut tx = call.state.db.begin().await?;
    let mut row = locked(&mut tx, call, request.document, guard::ROWS).await?;
    if row.kind != kind.key {
        return Err(Failure::NotFound);
    }
    if row.version != request.base && is_repeated(&mut tx, call, &row, USE, request.base).await? {
        return get(call, request.document).await;
    }
    allowed(&row, Action::Edit)?;
    if row.version != request.base {
        return Err(Failure::Conflict {
            message: Message::new(
                "数据已有新的修改，本次未使用模板。已显示最新内容，请核对后再使用。",
                "This has changed; the template was not used. The latest is shown: look at it and try again.",
            ),
            differences: Vec::new(),
            stored: None,
        });
    }
    let puts = contents.into_iter().map(|content| Put::whole(Uuid::now_v7(), None, content)).collect();
    let change = RowChange { section, puts, removes: Vec::new() };
    let detail = json!({ "template": stored.name, "base": request.base });
    change_rows(&mut tx, call, kind, &mut row, vec![change], USE, detail).await?;
    tx.commit().await?;
    get(call, request.document).await
}

/// The rows of a template as if they were typed now.
async fn completed(call: &Call, section: &'static Section, stored: &Stored) -> Result<Vec<Values>, Failure> {
    let (codes, today) = (call.state.reference.codes(), call.state.clock.today());
    let rows: Vec<Filled> = serde_json::from_str(&stored.content)?;
    let name = stored.name.clone();
    let work = move || {
        let mut contents = Vec::with_capacity(rows.len());
        for (row, place) in rows.iter().zip(1..) {
            let content = section.completed(Values::filled_from(section.fields, row), &codes, today);
            let faults = section.rules.check(0, &content, &codes, false);
            if let Some(fault) = faults.into_iter().find(|found| found.severity == Severity::Save) {
                let (zh, en) = (fault.message.zh, fault.message.en);
                return Err(Failure::refused(Message::new(
                    format!("模板“{name}”第{place}行不能使用：{zh}。请重新录入该行后更新模板。"),
                    format!(
                        "Row {place} of template “{name}” cannot be used: {en}. Enter it anew and keep the template again."
                    ),
                )));
            }
            contents.push(content);
        }
        Ok(contents)
    };
    aside("rows of a template", work).await
}

/// # Errors
/// `NotFound` when the caller's enterprise has no such template.
pub async fn delete(call: &Call, id: Uuid) -> Result<(), Failure> {
    let mut tx = call.state.db.begin().await?;
    let gone = store::delete(&mut tx, &call.actor.enterprise.code, id).await?;
    tx.commit().await?;
    if gone { Ok(()) } else { Err(Failure::NotFound) }
}
