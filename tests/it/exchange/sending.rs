//! The way out and back over a channel that fails, hangs or forgets. If these fail, a declaration is sent twice,
//! or never; the channel is a stand-in, no customs is needed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use opbook::document::Status;
use opbook::exchange::adapter::{Adapter, ChannelError};
use opbook::exchange::{self, Incoming, MessageRef, Outgoing, outbox, step};
use opbook::server::db::Db;

use super::{MESSAGE_TYPE, count, decision, declared, outbox_line, put, server, stored};

/// A channel that counts what it was given and can be told to fail or to hang.
#[derive(Default)]
struct Channel {
    sent: Mutex<HashMap<String, usize>>,
    fails: AtomicBool,
    hangs: AtomicBool,
    brings: Mutex<Vec<Incoming>>,
    forgets: AtomicUsize,
}

#[async_trait]
impl Adapter for Channel {
    async fn send(&self, message: &Outgoing) -> Result<(), ChannelError> {
        *self.sent.lock().unwrap().entry(message.message_id.clone()).or_default() += 1;
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.fails.load(Ordering::SeqCst) { Err(ChannelError("line is dead".into())) } else { Ok(()) }
    }

    async fn fetch(&self) -> Result<Vec<Incoming>, ChannelError> {
        Ok(self.brings.lock().unwrap().clone())
    }

    async fn acknowledge(&self, _: &[String]) -> Result<(), ChannelError> {
        if self.forgets.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(ChannelError("line is dead".into()));
        }
        self.brings.lock().unwrap().clear();
        Ok(())
    }
}

impl Channel {
    fn times(&self, message_id: &str) -> usize {
        self.sent.lock().unwrap().get(message_id).copied().unwrap_or(0)
    }
}

/// Lets the time until the next attempt pass.
async fn pass_time(db: &Db, message_id: &str) {
    let mut tx = db.begin().await.unwrap();
    let sql = "UPDATE outbox SET next_at = created_at WHERE message_id = $1";
    sqlx::query(sql).bind(message_id).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_workers_send_each_message_once() {
    for db in crate::support::both_databases().await {
        let channel = Arc::new(Channel::default());
        let mut ids = Vec::new();
        for _ in 0..40 {
            ids.push(put(&db, &declared(1), String::new()).await);
        }
        let worker = || {
            let (db, channel) = (db.clone(), channel.clone());
            tokio::spawn(async move { while outbox::send_due(&db, &*channel).await.unwrap() {} })
        };
        for task in [worker(), worker(), worker(), worker()] {
            task.await.unwrap();
        }
        for id in ids {
            assert_eq!(channel.times(&id), 1);
            assert_eq!(outbox_line(&db, &id).await.0, "sent");
        }
    }
}

#[tokio::test]
async fn a_message_of_a_killed_process_is_sent_again_after_its_lease() {
    for db in crate::support::both_databases().await {
        let id = put(&db, &declared(1), String::new()).await;
        let channel = Arc::new(Channel::default());
        channel.hangs.store(true, Ordering::SeqCst);
        let killed = tokio::spawn({
            let (db, channel) = (db.clone(), channel.clone());
            async move { outbox::send_due(&db, &*channel).await }
        });
        while channel.times(&id) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        killed.abort();
        channel.hangs.store(false, Ordering::SeqCst);

        outbox::send_due(&db, &*channel).await.unwrap();
        assert_eq!(channel.times(&id), 1, "the lease still runs");
        pass_time(&db, &id).await;
        outbox::send_due(&db, &*channel).await.unwrap();
        assert_eq!(channel.times(&id), 2);
        assert_eq!(outbox_line(&db, &id).await.0, "sent");
    }
}

#[tokio::test]
async fn a_dead_channel_delays_messages_and_loses_none() {
    for db in crate::support::both_databases().await {
        let channel = Channel::default();
        channel.fails.store(true, Ordering::SeqCst);
        let id = put(&db, &declared(1), String::new()).await;
        let mut waits = Vec::new();
        for attempt in 1..=3 {
            outbox::send_due(&db, &channel).await.unwrap();
            let (state, attempts, next_at, error) = outbox_line(&db, &id).await;
            assert_eq!((state.as_str(), attempts, error.as_str()), ("waiting", attempt, "line is dead"));
            waits.push((next_at.parse::<chrono::DateTime<Utc>>().unwrap() - Utc::now()).num_milliseconds());
            outbox::send_due(&db, &channel).await.unwrap();
            assert_eq!(channel.times(&id), usize::try_from(attempt).unwrap(), "not before its time");
            pass_time(&db, &id).await;
        }
        assert!(waits[0] > 0 && waits[1] > waits[0] && waits[2] > waits[1], "{waits:?}");
        channel.fails.store(false, Ordering::SeqCst);
        outbox::send_due(&db, &channel).await.unwrap();
        assert_eq!(outbox_line(&db, &id).await.0, "sent");
    }
}

#[tokio::test]
async fn a_message_exists_only_if_its_declaration_does() {
    for db in crate::support::both_databases().await {
        let row = declared(1);
        let message_id = MessageRef::new(MESSAGE_TYPE, &row.id, 1).to_string();
        let message = Outgoing {
            message_id: message_id.clone(),
            operator_code: row.operator_code,
            document_id: row.id,
            message_type: "OPB111".into(),
            body: String::new(),
        };
        let mut tx = db.begin().await.unwrap();
        outbox::enqueue(&mut tx, &message, &db.clock.stamp()).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(count(&db, "SELECT COUNT(*) FROM outbox WHERE message_id = $1", &message_id).await, 0);
    }
}

#[tokio::test]
async fn a_receipt_whose_acknowledgement_was_lost_is_applied_once() {
    for db in crate::support::both_databases().await {
        let row = declared(1);
        let message_id = put(&db, &row, String::new()).await;
        let (state, channel) = (server(&db), Channel::default());
        channel.brings.lock().unwrap().push(decision(&message_id, "1"));
        channel.forgets.store(2, Ordering::SeqCst);
        // The first two rounds fail after the receipt was stored, and apply it all the same.
        for _ in 0..2 {
            assert!(step(&state, &channel).await.is_err());
            assert_eq!(stored(&db, &row.id).await.status, Status::Approved);
        }
        step(&state, &channel).await.unwrap();
        assert!(!step(&state, &channel).await.unwrap(), "nothing left to do");
        assert_eq!(exchange::receipts(&db, &row).await.unwrap().len(), 1);
    }
}
