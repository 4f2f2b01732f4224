//! Operations on templates. A template belongs to the enterprise of who kept it; for everybody else
//! it is not there. Rows taken from one are completed and checked as if they were typed now.

use chrono::Utc;
use serde_json::json;
use uuid::Uuid;

use super::model::{InsertRows, MOST, Naming, OF_HEAD, SaveTemplate, Template, side_of};
use super::store::{self, Stored};
use crate::book::model::{Book, Goods, Head, Row};
use crate::book::rules::{Totals, clean_record};
use crate::book::service::{
    add, allowed, authorise, check, complete, content_of, few_enough, get, goods_of, head_of, touch,
};
use crate::book::store::{max_seq, put_rows};
use crate::document::Action;
use crate::document::store::{self as documents, DocumentRow};
use crate::form::{Severity, check_record, in_china};
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::text::Message;

/// All templates of the caller's enterprise.
///
/// # Errors
/// Only those of the database.
pub async fn list(call: &Call) -> Result<Vec<Template>, Failure> {
    Ok(store::list(&call.state.db, &call.actor.enterprise.code).await?)
}

/// Keeps the head or rows of a stored book under a name.
///
/// # Errors
/// `Refused` for a bad name, an empty list, or when there are too many; `Conflict` when the name is
/// taken and `replace` was not asked for; `Forbidden` for a book the caller may not see.
pub async fn save(call: &Call, request: SaveTemplate) -> Result<(), Failure> {
    let db = &call.state.db;
    let today = in_china(Utc::now()).date_naive();
    let Naming { kind, name } = clean_record(&request.naming, today);
    let findings = check_record(
        "template",
        None,
        &Naming { kind: kind.clone(), name: name.clone() },
        &call.state.reference.codes(),
        false,
    );
    if !findings.is_empty() {
        let message =
            Message::new("模板未保存，请按红色提示修改后重试。", "Not kept. Mend what is marked in red and try again.");
        return Err(Failure::Refused { message, findings });
    }
    let book = documents::find(db, &request.book.to_string()).await?.ok_or(Failure::NotFound)?;
    authorise(&call.actor, &book)?;
    let (content, rows) = content(call, &book, &kind, &request.rows).await?;

    let enterprise = &call.actor.enterprise.code;
    let mut tx = db.begin().await?;
    let known = store::named(&mut tx, enterprise, &kind, &name).await?;
    let id = match known {
        Some(known) if known != request.id.to_string() && !request.replace => {
            return Err(taken(&name));
        }
        Some(known) => known,
        None if store::count(&mut tx, enterprise).await? >= MOST => {
            return Err(Failure::refused(Message::new(
                format!("每家企业最多保存{MOST}个模板，请先删除不再使用的模板。"),
                format!("An enterprise keeps at most {MOST} templates; delete one that is not used any more."),
            )));
        }
        None => request.id.to_string(),
    };
    let stored = Stored { kind, name, content };
    match store::put(&mut tx, &id, enterprise, &stored, rows, &call.actor.login).await {
        Ok(true) => {}
        Ok(false) => return Err(Failure::Forbidden), // the id belongs to another template
        // Somebody kept one under this name a moment ago.
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => return Err(taken(&stored.name)),
        Err(error) => return Err(error.into()),
    }
    tx.commit().await?;
    Ok(())
}

fn taken(name: &str) -> Failure {
    Failure::Conflict {
        message: Message::new(
            format!("已有同名模板“{name}”。请换一个名称，或选择替换。"),
            format!("There is a template “{name}” already. Choose another name, or replace it."),
        ),
        differences: Vec::new(),
    }
}

/// What a template is to hold, as JSON, and how many rows that is.
async fn content(call: &Call, book: &DocumentRow, kind: &str, wanted: &[Uuid]) -> Result<(String, i64), Failure> {
    let Some(side) = side_of(kind) else {
        return Ok((serde_json::to_string(&content_of(&head_of(book)?))?, 1));
    };
    let stored = documents::rows(&call.state.db, &book.id).await?;
    let mut rows = Vec::new();
    for row in stored.iter().filter(|row| row.section == side.key()) {
        let row = goods_of(row)?;
        if wanted.is_empty() || wanted.contains(&row.id) {
            rows.push((row.seq, row.content));
        }
    }
    if rows.is_empty() {
        return Err(Failure::refused(Message::new(
            "没有可保存的表体：请先录入并保存至少一行。",
            "There is no row to keep: enter and save one first.",
        )));
    }
    rows.sort_by_key(|(seq, _)| *seq);
    let rows: Vec<Goods> = rows.into_iter().map(|(_, goods)| goods).collect();
    Ok((serde_json::to_string(&rows)?, rows.len() as i64))
}

async fn find(call: &Call, id: Uuid) -> Result<Stored, Failure> {
    store::find(&call.state.db, &call.actor.enterprise.code, id).await?.ok_or(Failure::NotFound)
}

/// The head that a template holds; grey fields are empty.
///
/// # Errors
/// `NotFound` when the caller's enterprise has no such template of a head.
pub async fn head(call: &Call, id: Uuid) -> Result<Head, Failure> {
    let stored = find(call, id).await?;
    if stored.kind != OF_HEAD {
        return Err(Failure::NotFound);
    }
    Ok(serde_json::from_str(&stored.content)?)
}

/// Adds the rows of a template to the end of their list: all, or none.
///
/// # Errors
/// `Conflict` when the book is not the one the user looks at any more; `Refused` when its state allows
/// no editing, the list would be too long, or a row cannot be stored as it is.
pub async fn insert(call: &Call, request: InsertRows) -> Result<Book, Failure> {
    let stored = find(call, request.template).await?;
    let side = side_of(&stored.kind).ok_or(Failure::NotFound)?;
    let codes = call.state.reference.codes();
    let rows: Vec<Goods> = serde_json::from_str(&stored.content)?;
    let rows: Vec<Goods> = rows.iter().map(|goods| complete(goods, &codes)).collect();
    let grave =
        |goods: &Goods| check(0, goods, &codes, false).into_iter().find(|found| found.severity == Severity::Save);
    if let Some((place, fault)) = rows.iter().zip(1..).find_map(|(goods, place)| Some((place, grave(goods)?))) {
        return Err(Failure::refused(Message::new(
            format!("模板“{}”第{place}行不能使用：{}。请重新录入该行后更新模板。", stored.name, fault.message.zh),
            format!(
                "Row {place} of template “{}” cannot be used: {}. Enter it anew and keep the template again.",
                stored.name, fault.message.en
            ),
        )));
    }

    let mut tx = call.state.db.begin().await?;
    let mut row = documents::lock(&mut tx, &request.book.to_string()).await?.ok_or(Failure::NotFound)?;
    authorise(&call.actor, &row)?;
    allowed(&row, Action::Edit)?;
    if row.version != request.base {
        return Err(Failure::Conflict {
            message: Message::new(
                "账册已有新的修改，本次未使用模板。已显示最新内容，请核对后再使用。",
                "The book has changed; the template was not used. The latest is shown: look at it and try again.",
            ),
            differences: Vec::new(),
        });
    }
    let first = max_seq(&mut tx, &row.id, side.key()).await? + 1;
    let mut head = head_of(&row)?;
    let mut totals = Totals::of(&head);
    for goods in &rows {
        add(&mut totals, goods);
    }
    few_enough(&totals)?;
    totals.write(&mut head);
    touch(&mut tx, &mut row, &head).await?;
    let rows: Vec<Row<Goods>> = rows
        .into_iter()
        .zip(first..)
        .map(|(content, seq)| Row { id: Uuid::now_v7(), seq, version: row.version, content })
        .collect();
    put_rows(&call.state.db, &mut tx, &row.id, row.version, &rows).await?;
    let detail = json!({ "template": stored.name, "section": side.key(), "first_seq": first, "rows": rows.len() });
    documents::audit(&mut tx, &row.id, &call.actor.login, "use_template", &detail).await?;
    tx.commit().await?;
    get(call, request.book).await
}

/// # Errors
/// `NotFound` when the caller's enterprise has no such template.
pub async fn delete(call: &Call, id: Uuid) -> Result<(), Failure> {
    let mut tx = call.state.db.begin().await?;
    let gone = store::delete(&mut tx, &call.actor.enterprise.code, id).await?;
    tx.commit().await?;
    if gone { Ok(()) } else { Err(Failure::NotFound) }
}
