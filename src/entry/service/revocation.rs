//! 删单 and 改单: customs takes back an entry it had let pass, for good or to be mended. Nobody asked for the message; it is
//! kept with the receipts of the entry, and what the entry had booked is reversed.

use async_trait::async_trait;
use serde_json::json;

use super::EntryOffice;
use crate::document::Event;
use crate::document::store::{self, Deed};
use crate::exchange::{About, Told, Unasked};
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;

/// A name of our own, as those of the other messages.
const REVOCATION: &str = "OPB251";
/// Codes of what customs did.
const DELETED: &str = "D";
const TO_BE_AMENDED: &str = "A";

/// Takes 删单 and 改单 over.
#[derive(Clone, Copy, Debug)]
pub struct Revocations;

#[async_trait]
impl Unasked for Revocations {
    fn types(&self) -> &'static [&'static str] {
        &[REVOCATION]
    }

    async fn take(&self, db: &Db, tx: &mut Tx, told: Told<'_>) -> Result<Option<About>, Failure> {
        let Told { answer, at, .. } = told;
        let get = |element: &str| answer.record.get(element).map_or("", String::as_str);
        let (operator, number) = (get("tradeCode"), get("entryId"));
        let unknown = || Failure::Internal(format!("takes back entry {number:?} of {operator:?}, which is not here"));
        let event = match answer.result.as_str() {
            DELETED => Event::Revoked,
            TO_BE_AMENDED => Event::Reopened,
            other => return Err(Failure::Internal(format!("{REVOCATION} with result {other:?}"))),
        };
        let id = store::by_entry_no(tx, operator, number).await?.ok_or_else(unknown)?;
        let mut row = store::lock(db, tx, &id).await?.ok_or_else(unknown)?;
        let about = |applied| About { operator_code: row.operator_code.clone(), document_id: row.id.clone(), applied };
        let (kept, done) = (about(false), about(true));
        let before = row.status;
        let Some(next) = before.after(event) else { return Ok(Some(kept)) };
        let office = [EntryOffice::EXPORT, EntryOffice::IMPORT].into_iter().find(|one| one.kind.key == row.kind);
        office.ok_or_else(unknown)?.reverse(db, tx, &row, at).await?;
        row.status = next;
        row.version += 1;
        at.clone_into(&mut row.updated_at);
        store::update(tx, &row).await?;
        let detail = json!({
            "message_type": REVOCATION, "result": answer.result, "from": before.code(), "to": next.code(),
        });
        store::audit(tx, &row, Deed { at, actor: "customs", action: "receipt" }, &detail).await?;
        Ok(Some(done))
    }
}
