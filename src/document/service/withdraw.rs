//! 撤销登记: what was registered is a draft again, and what it had booked is taken back. Only for what was registered: what
//! customs approved here, only customs takes back.

use serde_json::json;

use crate::document::guard::{self, head_of, is_repeated, look_again, meta, record};
use crate::document::{Event, Saved, Status, Step, store};
use crate::server::call::Call;
use crate::server::failure::Failure;
use crate::text::Message;

/// In the audit trail.
const WITHDRAW: &str = "withdraw";

/// Makes a registered document a draft again. Repeating the request does it once.
///
/// # Errors
/// `Refused` for what is not registered, or when others build upon it; `Conflict` when it changed since the version the
/// caller saw.
pub async fn withdraw(call: &Call, step: Step) -> Result<Saved, Failure> {
    let db = &call.state.db;
    let mut tx = db.begin().await?;
    let mut row = guard::lock(&mut tx, call, step.id).await?.ok_or(Failure::NotFound)?;
    let office = call.state.office(&row.kind)?;
    let kind = office.kind();
    if is_repeated(&mut tx, call, &row, WITHDRAW, step.base).await? {
        return Ok(Saved { meta: meta(&row)?, head: head_of(kind, &row)?.filled(), merged: Vec::new() });
    }
    if row.status != Status::Approved || !kind.rules.registers(&head_of(kind, &row)?) {
        return Err(Failure::refused(Message::new(
            "只有已登记的数据可以撤销登记；在本系统申报并放行的，须由海关删单或改单。",
            "Only what was registered can be withdrawn; what customs let pass here, customs must take back.",
        )));
    }
    if row.version != step.base {
        return Err(look_again());
    }
    let at = call.state.clock.stamp();
    office.withdrawn(db, &mut tx, &mut row, &at).await?;
    row.status = row.status.after(Event::Withdrawn).ok_or_else(|| Failure::Internal("state machine".into()))?;
    row.version += 1;
    row.head_version = row.version;
    row.updated_at = at;
    store::update(&mut tx, &row).await?;
    record(&mut tx, call, &row, WITHDRAW, &json!({ "base": step.base })).await?;
    tx.commit().await?;
    Ok(Saved { meta: meta(&row)?, head: head_of(kind, &row)?.filled(), merged: Vec::new() })
}
