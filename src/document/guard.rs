//! What stands before every operation on a document: may the caller, does it still exist, does its state allow it; and
//! what every write leaves behind (`touch`, `record`). Services and attachments use it; it stores no content.

use serde_json::Value;
use uuid::Uuid;

use super::kind::Kind;
use super::store::{self, Deed, DocumentRow};
use super::{Action, DocumentMeta, Event};
use crate::account::actor::Actor;
use crate::error::Stored;
use crate::form::{Difference, Finding, Severity, Values, show_time};
use crate::server::call::Call;
use crate::server::db::Tx;
use crate::server::failure::Failure;
use crate::text::{Message, Text, text};

/// What cannot be done before the head was saved.
pub const ROWS: Text = text("再录入表体", "rows can be entered after that");
pub const IMPORT: Text = text("表头暂存后才可进行表体导入", "rows can be imported after that");
pub const PAPERS: Text = text("再添加随附单据", "files can be attached after that");

/// Refuses a document of an enterprise the caller does not act for.
///
/// # Errors
/// `Forbidden`.
pub fn authorise(actor: &Actor, row: &DocumentRow) -> Result<(), Failure> {
    if actor.acts_for(&row.operator_code) { Ok(()) } else { Err(Failure::Forbidden) }
}

/// A document the caller may see, as last committed.
///
/// # Errors
/// `NotFound`; `Forbidden`.
pub async fn readable(call: &Call, id: Uuid) -> Result<DocumentRow, Failure> {
    let row = store::find(&call.state.db, &id.to_string()).await?.ok_or(Failure::NotFound)?;
    authorise(&call.actor, &row)?;
    Ok(row)
}

/// Locks a document of the caller's; `None` when there is none of this id.
///
/// # Errors
/// `Forbidden`.
pub async fn lock(tx: &mut Tx, call: &Call, id: Uuid) -> Result<Option<DocumentRow>, Failure> {
    let row = store::lock(&call.state.db, tx, &id.to_string()).await?;
    row.iter().try_for_each(|row| authorise(&call.actor, row))?;
    Ok(row)
}

/// Locks a document of the caller's to which something is added; `then` says what must wait for the head.
///
/// # Errors
/// `Refused` when the document was never saved, or when somebody deleted it; `Forbidden`.
pub async fn locked(tx: &mut Tx, call: &Call, id: Uuid, then: Text) -> Result<DocumentRow, Failure> {
    match lock(tx, call, id).await? {
        Some(row) => Ok(row),
        None => Err(missing(tx, call, id, then).await?),
    }
}

/// Why there is no such document.
///
/// # Errors
/// Only those of the database.
pub async fn missing(tx: &mut Tx, call: &Call, id: Uuid, then: Text) -> Result<Failure, Failure> {
    let operators = call.actor.operators();
    let deletion = store::deletion(&call.state.db, &mut **tx, &operators, &id.to_string()).await?;
    Ok(deletion.map_or_else(
        || {
            Failure::refused(Message::new(
                format!("请先暂存表头，{}。", then.zh),
                format!("Save the head first; {}.", then.en),
            ))
        },
        |(at, actor)| deleted(&at, &actor),
    ))
}

fn deleted(at: &str, actor: &str) -> Failure {
    let at = show_time(at);
    Failure::refused(Message::new(
        format!("该数据已由{actor}于{at}删除，本次未保存。请返回列表刷新；如仍需要，请新建后重新录入。"),
        format!(
            "{actor} deleted this at {at}; yours was not saved. Refresh the list; make a new one if it is still needed."
        ),
    ))
}

/// Refuses a kind that nobody enters.
///
/// # Errors
/// `Refused`.
pub fn enterable(kind: &Kind) -> Result<(), Failure> {
    if !kind.is_notice {
        return Ok(());
    }
    Err(Failure::refused(Message::new(
        format!("{}由海关发出，不能录入、复制或修改。", kind.noun.zh),
        format!("{} comes from customs: it cannot be entered, copied or changed.", kind.noun.en),
    )))
}

/// Refuses what the state does not allow, in the words of the manual.
///
/// # Errors
/// `Refused`.
pub fn allowed(row: &DocumentRow, action: Action) -> Result<(), Failure> {
    if row.status.allows(action) {
        return Ok(());
    }
    let (zh, en) = (row.status.label().zh, row.status.label().en);
    Err(Failure::refused(match action {
        Action::Delete => Message::new(
            format!("当前数据状态为“{zh}”，不允许删除；只有暂存、申报失败、海关入库失败或海关退单的数据可以删除。"),
            format!("The state is “{en}”: only drafts and filings that failed or were returned can be deleted."),
        ),
        Action::Declare => Message::new(
            format!("当前数据状态为“{zh}”，不能申报。请等待海关回执。"),
            format!("The state is “{en}”: it cannot be declared now. Wait for the answer of customs."),
        ),
        Action::Change => Message::new(
            format!("当前数据状态为“{zh}”，不能变更；只有海关终审通过的数据可以变更。"),
            format!("The state is “{en}”: only what customs has approved can be changed."),
        ),
        Action::Edit => Message::new(
            format!("当前数据状态为“{zh}”，不允许修改；只有暂存、申报失败、海关入库失败或海关退单的数据可以修改。"),
            format!("The state is “{en}”: only drafts and filings that failed or were returned can be edited."),
        ),
    }))
}

/// Notes a write in the document: state, version, time. Whoever looked at it before has to look again.
///
/// # Errors
/// Only those of the database.
pub async fn touch(tx: &mut Tx, call: &Call, row: &mut DocumentRow) -> Result<(), Failure> {
    row.status = row.status.after(Event::Saved).unwrap_or(row.status);
    row.version += 1;
    row.updated_at = call.state.clock.stamp();
    store::update(tx, row).await?;
    Ok(())
}

/// Adds what the caller did to the audit trail.
///
/// # Errors
/// Only those of the database.
pub async fn record(
    tx: &mut Tx,
    call: &Call,
    row: &DocumentRow,
    action: &str,
    detail: &Value,
) -> Result<(), sqlx::Error> {
    let deed = Deed { at: &call.state.clock.stamp(), actor: &call.actor.login, action };
    store::audit(tx, row, deed, detail).await
}

/// True when the caller did this from the very version that is named: the request is one whose answer was lost. The
/// details of the deed tell the version as `base`.
///
/// # Errors
/// Only those of the database.
pub async fn is_repeated(
    tx: &mut Tx,
    call: &Call,
    row: &DocumentRow,
    action: &str,
    base: i64,
) -> Result<bool, Failure> {
    let Some((actor, detail)) = store::last_deed(tx, row, action).await? else { return Ok(false) };
    let detail: Value = serde_json::from_str(&detail)?;
    Ok(actor == call.actor.login && detail["base"] == base)
}

/// Identity and state of a document as the browser gets it.
///
/// # Errors
/// `Internal` for an id that is none.
pub fn meta(row: &DocumentRow) -> Result<DocumentMeta, Failure> {
    Ok(DocumentMeta {
        id: row.id.parse().map_err(|_| Failure::Internal(format!("document id {:?}", row.id)))?,
        kind: row.kind.clone(),
        operator_code: row.operator_code.clone(),
        status: row.status,
        version: row.version,
        head_version: row.head_version,
        receipt_count: row.receipt_count,
        change_seq: row.change_seq,
        in_force: row.in_force,
        base_id: row.base_id.parse().ok(),
    })
}

/// The stored head, with what the columns know better.
///
/// # Errors
/// When what is stored cannot be read.
pub fn head_of(kind: &Kind, row: &DocumentRow) -> Result<Values, Failure> {
    Ok(row.values(kind)?)
}

/// Refuses when findings forbid storing; the rest is let through.
///
/// # Errors
/// `Refused` with them.
pub fn storable(findings: Vec<Finding>) -> Result<(), Failure> {
    let grave: Vec<_> = findings.into_iter().filter(|finding| finding.severity == Severity::Save).collect();
    refuse_with(
        grave,
        Message::new("未能暂存，请按红色提示修改后重试。", "Not saved. Mend what is marked in red and try again."),
    )
}

/// # Errors
/// `Refused` unless there are no findings.
pub fn refuse_with(findings: Vec<Finding>, message: Message) -> Result<(), Failure> {
    if findings.is_empty() { Ok(()) } else { Err(Failure::Refused { message, findings }) }
}

/// Answer to a second saver: what differs and what is stored; nothing was overwritten.
pub fn changed_meanwhile(differences: Vec<Difference>, stored: Option<Stored>) -> Failure {
    Failure::Conflict {
        message: Message::new(
            "数据已被他人修改，本次未保存。请核对差异后选择保留哪一方的内容。",
            "Somebody else changed this meanwhile; yours was not saved. Compare and choose which to keep.",
        ),
        differences,
        stored,
    }
}

/// Answer to a step on the whole document that somebody changed since it was looked at.
pub fn look_again() -> Failure {
    Failure::Conflict {
        message: Message::new(
            "数据已被他人修改，本次操作未进行。请核对最新内容后重试。",
            "Somebody else changed this meanwhile; nothing was done. Look at the latest and try again.",
        ),
        differences: Vec::new(),
        stored: None,
    }
}
