//! The way in: a receipt is stored as it came, then acknowledged, then read and applied once.
//! What cannot be read or belongs to nobody is quarantined with its reason, never dropped.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::adapter::{Adapter, ChannelError};
use super::apply::{Outcome, apply};
use super::model::{Answer, Incoming, MessageRef};
use super::receipt;
use super::store::{self, Owner, Raw};
use crate::document::UNREADABLE;
use crate::server::background::aside;
use crate::server::db::{Db, Tx};
use crate::server::failure::Failure;
use crate::server::state::AppState;

/// At most so many receipts are read before messages are sent again.
const BATCH: i64 = 100;
/// Marks a receipt that is no text and is kept as base64.
const BINARY: &str = "base64:";

/// Stores what the adapter brings and acknowledges it; true when something came.
///
/// # Errors
/// `Internal` when the channel fails, otherwise when the database fails. What was stored stays.
pub async fn fetch(db: &Db, adapter: &dyn Adapter) -> Result<bool, Failure> {
    let channel = |error: ChannelError| Failure::Internal(format!("channel to customs: {error}"));
    let incoming = adapter.fetch().await.map_err(channel)?;
    if incoming.is_empty() {
        return Ok(false);
    }
    keep(db, &incoming).await?;
    let ids: Vec<String> = incoming.into_iter().map(|receipt| receipt.id).collect();
    adapter.acknowledge(&ids).await.map_err(channel)?;
    Ok(true)
}

/// Stores receipts as they came. The same bytes under the same name are the same receipt; a
/// cut-off one does not keep its complete repetition out.
///
/// # Errors
/// When the database fails; then none of them is stored.
pub async fn keep(db: &Db, incoming: &[Incoming]) -> Result<(), sqlx::Error> {
    let mut tx = db.begin().await?;
    for receipt in incoming {
        let name: String = receipt.id.chars().filter(|letter| !letter.is_control()).take(300).collect();
        let digest = Sha256::digest(&receipt.raw);
        let raw = Raw {
            id: Uuid::now_v7().to_string(),
            dedupe_key: format!("{name}#{}", STANDARD.encode(digest)),
            received_at: db.clock.stamp(),
            raw: storable(&receipt.raw),
        };
        store::put_in(&mut tx, &raw).await?;
    }
    tx.commit().await
}

/// A TEXT column takes UTF-8 without the zero character; anything else is kept in base64.
fn storable(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(text) if !text.contains('\0') && !text.starts_with(BINARY) => text.to_owned(),
        _ => format!("{BINARY}{}", STANDARD.encode(raw)),
    }
}

/// Reads and applies the receipts nobody has settled yet, also those a killed process left behind;
/// true when one was settled.
///
/// # Errors
/// When the database fails; the receipt at fault stays unsettled, the others are gone through.
pub async fn apply_new(state: &AppState) -> Result<bool, Failure> {
    let mut settled = false;
    let mut first_error = None;
    for raw in store::new_in(&state.db, BATCH).await? {
        match settle(state, &raw).await {
            Ok(done) => settled |= done,
            Err(error) => {
                tracing::error!(inbox_id = %raw.id, ?error, "receipt not settled, tried again later");
                first_error.get_or_insert(error);
            }
        }
    }
    first_error.map_or(Ok(settled), Err)
}

/// Settles one receipt in one transaction; false when another process was quicker.
async fn settle(state: &AppState, raw: &Raw) -> Result<bool, Failure> {
    let read = read(state, raw).await?;
    let mut tx = state.db.begin().await?;
    if !store::claim_in(&mut tx, &raw.id).await? {
        return Ok(false);
    }
    let outcome = match &read {
        Ok(answer) => apply(&mut tx, state, raw, answer).await?,
        Err(fault) => Outcome::Quarantined(fault.to_string()),
    };
    let (name, error) = match &outcome {
        Outcome::Applied => ("applied", ""),
        Outcome::Kept => ("kept", ""),
        Outcome::Quarantined(reason) => ("quarantined", reason.as_str()),
    };
    if let Outcome::Quarantined(reason) = &outcome {
        tracing::warn!(inbox_id = %raw.id, %reason, "receipt quarantined");
        // Nothing stays of a receipt that was taken over in part.
        tx.rollback().await?;
        tx = state.db.begin().await?;
        if !store::claim_in(&mut tx, &raw.id).await? {
            return Ok(false);
        }
        let about = read.ok().and_then(|answer| answer.about);
        tell(&mut tx, raw, about).await?;
    }
    store::settle_in(&mut tx, &raw.id, name, error).await?;
    tx.commit().await?;
    Ok(true)
}

/// What a receipt says. Read before a transaction is begun, and beside the threads that answer requests: it may be long.
async fn read(state: &AppState, raw: &Raw) -> Result<Result<Answer, receipt::Fault>, Failure> {
    if raw.raw.starts_with(BINARY) {
        return Ok(Err(receipt::Fault::NotText));
    }
    let records: Vec<_> = state.offices.kinds.iter().map(|office| office.messages().record).collect();
    let (text, name) = (raw.raw.clone(), raw.dedupe_key.clone());
    aside("reading a receipt", move || {
        Ok(receipt::read(&text, &records).map(|mut answer| {
            answer.about = answer.about.or_else(|| MessageRef::find(&name));
            answer
        }))
    })
    .await
}

/// Lets the history of a document say that an answer to it is in quarantine: who waits for it would wait for ever.
async fn tell(tx: &mut Tx, raw: &Raw, about: Option<MessageRef>) -> Result<(), Failure> {
    let about = about.or_else(|| MessageRef::find(&raw.dedupe_key)).or_else(|| MessageRef::find(&raw.raw));
    let Some(message) = about else { return Ok(()) };
    let Some(operator_code) = store::operator_of(tx, &message.to_string()).await? else { return Ok(()) };
    let answer = Answer {
        message_type: UNREADABLE.to_owned(),
        remark: format!(
            "已收到海关回执，但系统无法处理，数据状态未变。请把编号 {} 告知管理员。An answer of customs came and could not be \
             handled; give this number to your administrator.",
            raw.id
        ),
        ..Answer::default()
    };
    let owner = Owner { operator_code: &operator_code, document_id: &message.document_id };
    store::put_receipt(tx, raw, owner, &answer, &raw.received_at, false, &raw.received_at).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_can_be_kept() {
        // PostgreSQL refuses the zero character and other encodings; a receipt must not be lost for that.
        assert_eq!(storable("<回执/>".as_bytes()), "<回执/>");
        for odd in [&b"\xb5\xa5"[..], b"a\0b", b"base64:x"] {
            let kept = storable(odd);
            let back = STANDARD.decode(kept.strip_prefix(BINARY).unwrap()).unwrap();
            assert_eq!(back, odd);
        }
    }
}
