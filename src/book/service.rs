//! Operations on a book, one file per verb. Each checks who calls, works in one transaction
//! (validate → write → audit → message) and answers with what is stored.

mod copy;
mod decide;
mod declare;
mod delete;
mod parties;
mod query;
mod save_head;
mod save_row;
mod save_rows;

pub(in crate::book) use copy::content_of;
pub use copy::copy;
pub use decide::decided;
pub use declare::declare;
pub use delete::delete;
pub(in crate::book) use query::snapshot;
pub use query::{get, list, receipts, status};
pub use save_head::save_head;
pub use save_row::save_row;
pub(in crate::book) use save_row::{add, check, complete, few_enough, take_away, touch};
pub use save_rows::save_rows;

use super::model::{Goods, Head, Row, Side};
use crate::account::session::Actor;
use crate::document::store::{ContentRow, DocumentRow};
use crate::document::{Action, DocumentMeta};
use crate::form::{Finding, Severity};
use crate::server::failure::Failure;
use crate::text::Message;

/// Kind of these documents in the shared tables.
pub const KIND: &str = "book";

/// Refuses a book of an enterprise the caller does not act for.
pub(in crate::book) fn authorise(actor: &Actor, row: &DocumentRow) -> Result<(), Failure> {
    if row.kind == KIND && actor.acts_for(&row.operator_code) { Ok(()) } else { Err(Failure::Forbidden) }
}

/// Refuses what the state does not allow, in the words of the manual.
pub(in crate::book) fn allowed(row: &DocumentRow, action: Action) -> Result<(), Failure> {
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
        Action::Edit | Action::Change => Message::new(
            format!("当前数据状态为“{zh}”，不允许修改；只有暂存、申报失败、海关入库失败或海关退单的数据可以修改。"),
            format!("The state is “{en}”: only drafts and filings that failed or were returned can be edited."),
        ),
    }))
}

/// Refuses when findings forbid storing; the rest is let through.
fn storable(findings: Vec<Finding>) -> Result<(), Failure> {
    let grave: Vec<_> = findings.into_iter().filter(|finding| finding.severity == Severity::Save).collect();
    refuse_with(
        grave,
        Message::new("未能暂存，请按红色提示修改后重试。", "Not saved. Mend what is marked in red and try again."),
    )
}

fn refuse_with(findings: Vec<Finding>, message: Message) -> Result<(), Failure> {
    if findings.is_empty() { Ok(()) } else { Err(Failure::Refused { message, findings }) }
}

pub(in crate::book) fn meta(row: &DocumentRow, receipt_count: i64) -> Result<DocumentMeta, Failure> {
    Ok(DocumentMeta {
        id: row.id.parse().map_err(|_| Failure::Internal(format!("document id {:?}", row.id)))?,
        status: row.status,
        version: row.version,
        head_version: row.head_version,
        receipt_count,
    })
}

/// The stored head, with what the columns know better.
pub(in crate::book) fn head_of(row: &DocumentRow) -> Result<Head, Failure> {
    let mut head: Head = serde_json::from_str(&row.head)?;
    head.seq_no.clone_from(&row.seq_no);
    head.book_no.clone_from(&row.book_no);
    Ok(head)
}

pub(in crate::book) fn goods_of(row: &ContentRow) -> Result<Row<Goods>, Failure> {
    let content = if row.section == Side::Exports.key() {
        Goods::Exports(serde_json::from_str(&row.content)?)
    } else {
        Goods::Reimports(serde_json::from_str(&row.content)?)
    };
    let id = row.id.parse().map_err(|_| Failure::Internal(format!("row id {:?}", row.id)))?;
    Ok(Row { id, seq: row.seq, version: row.version, content })
}

/// Answer to a second saver: what differs, nothing overwritten.
fn changed_meanwhile(differences: Vec<crate::form::Difference>) -> Failure {
    Failure::Conflict {
        message: Message::new(
            "数据已被他人修改，本次未保存。请核对差异后选择保留哪一方的内容。",
            "Somebody else changed this meanwhile; yours was not saved. Compare and choose which to keep.",
        ),
        differences,
    }
}
