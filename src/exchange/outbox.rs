//! The way out: a message is written with the change it tells of and sent by whoever takes its
//! lease. Services call [`enqueue`] in their transaction and ring `outbox_bell` after the commit.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::adapter::Adapter;
use super::model::Outgoing;
use super::store;
use crate::server::db::{Db, Tx, stamp};

/// How long one attempt may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long nobody else may try; longer than an attempt, and short enough that a message of a
/// killed process is soon taken up again.
const LEASE: TimeDelta = TimeDelta::seconds(15);
/// At most so many messages before receipts are looked at again.
const BATCH: usize = 50;

/// Writes a message into the outbox, in the transaction of the change it tells of. Writing it again
/// under the same id does nothing.
///
/// # Errors
/// When the database fails.
pub async fn enqueue(tx: &mut Tx, message: &Outgoing, now: &str) -> Result<(), sqlx::Error> {
    store::put_out(tx, message, now).await
}

/// Sends what is due; true when something was sent. When the channel fails, the message waits
/// longer with every attempt and the others wait for the next round.
///
/// # Errors
/// When the database fails; a failing channel is no error here.
pub async fn send_due(db: &Db, adapter: &dyn Adapter) -> Result<bool, sqlx::Error> {
    for sent in 0..BATCH {
        let now = db.clock.now();
        let until = stamp(now + LEASE);
        let mut tx = db.begin().await?;
        let leased = store::lease(&mut tx, &stamp(now), &until).await?;
        tx.commit().await?;
        let Some(store::Leased { message, attempts }) = leased else {
            return Ok(sent > 0);
        };
        let outcome = match tokio::time::timeout(TIMEOUT, adapter.send(&message)).await {
            Ok(outcome) => outcome.map_err(|error| error.to_string()),
            Err(_) => Err(format!("no answer from the channel within {TIMEOUT:?}")),
        };
        let mut tx = db.begin().await?;
        match outcome {
            Ok(()) => {
                store::sent(&mut tx, &message.message_id, &db.clock.stamp()).await?;
                tx.commit().await?;
            }
            Err(error) => {
                let next = stamp(next_attempt(db.clock.now(), attempts));
                tracing::warn!(message_id = %message.message_id, attempts, %error, "message not sent, tried again later");
                store::put_off(&mut tx, &message.message_id, &until, &next, &error).await?;
                tx.commit().await?;
                return Ok(sent > 0);
            }
        }
    }
    Ok(true)
}

/// 2, 4, 8 … seconds after the first, second, third failure, at most ten minutes.
fn next_attempt(now: DateTime<Utc>, attempts: i64) -> DateTime<Utc> {
    let doublings = u32::try_from(attempts.clamp(1, 10)).unwrap_or(10);
    now + TimeDelta::seconds(i64::from(2_u32.pow(doublings))).min(TimeDelta::minutes(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_channel_is_asked_ever_more_rarely_but_never_given_up() {
        let now = DateTime::UNIX_EPOCH;
        let wait = |attempts| (next_attempt(now, attempts) - now).num_seconds();
        assert_eq!([1, 2, 3, 9, 10, i64::MAX].map(wait), [2, 4, 8, 512, 600, 600]);
    }
}
