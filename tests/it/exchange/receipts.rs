//! Receipts: applied once, in any order, none dropped. If these fail, a book shows a state that customs never gave
//! it, or an answer of customs is gone.

use async_trait::async_trait;
use chrono::NaiveDate;
use opbook::account::session::Actor;
use opbook::document::kind::Kind;
use opbook::document::office::{Declaring, Office};
use opbook::document::store::{self, DocumentRow};
use opbook::document::{Status, UNREADABLE};
use opbook::exchange::{self, About, Decision, Incoming, MessageRef, Messages, Outgoing, Told, Unasked, inbox, outbox};
use opbook::filing::service::FilingOffice;
use opbook::form::{Finding, Values};
use opbook::server::db::{Db, Engine, Tx};
use opbook::server::failure::Failure;
use opbook::server::state::Offices;
use sqlx::Row as _;
use uuid::Uuid;

use super::{
    MESSAGE_TYPE, book_no, count, decision, declared, entry, head_of, incoming, put, response, server, stored,
};

/// A small generator of our own, so that a failing order can be run again by its number.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last + 1));
        }
    }
}

#[tokio::test]
async fn receipts_in_any_order_end_in_the_same_state() {
    // `OPBOOK_TEST_ORDERS` sets another number; a commit costs more on a PostgreSQL server.
    let told: Option<u64> = std::env::var("OPBOOK_TEST_ORDERS").ok().and_then(|text| text.parse().ok());
    for db in crate::support::both_databases().await {
        let state = server(&db);
        let orders = told.unwrap_or(if db.engine == Engine::Sqlite { 1000 } else { 200 });
        let mut books: Vec<String> = Vec::new();
        let mut tx = db.begin().await.unwrap();
        for _ in 0..orders {
            let row = declared(2);
            store::insert(&mut tx, &row).await.unwrap();
            for round in 1..=2 {
                let message_id = MessageRef::new(MESSAGE_TYPE, &row.id, round).to_string();
                let message = Outgoing {
                    message_id,
                    operator_code: row.operator_code.clone(),
                    document_id: row.id.clone(),
                    message_type: "OPB111".into(),
                    body: String::new(),
                };
                outbox::enqueue(&mut tx, &message, &db.clock.stamp()).await.unwrap();
            }
            books.push(row.id);
        }
        tx.commit().await.unwrap();

        // Every book gets its receipts in an order of its own; books are mixed by going through them
        // in rounds, one receipt of each at a time.
        let mut queues = Vec::new();
        for (number, id) in (0..).zip(&books) {
            let mut dice = Dice(number);
            let now = MessageRef::new(MESSAGE_TYPE, id, 2).to_string();
            let before = MessageRef::new(MESSAGE_TYPE, id, 1).to_string();
            let verdict = if number % 2 == 0 { "1" } else { "3" };
            let cut = |whole: Incoming| incoming(format!("cut_{id}"), &whole.raw[..whole.raw.len() / 2]);
            let mut receipts = vec![
                response(&now, "0"),
                entry(&now, "Y"),
                decision(&now, "2"),
                decision(&now, verdict),
                // Delivered again under another name, under the same name, and half written.
                incoming(format!("again_{id}"), decision(&now, verdict).raw),
                decision(&now, verdict),
                cut(decision(&now, verdict)),
                // A code no list explains, and answers to the declaration before.
                decision(&now, "4"),
                decision(&before, if verdict == "1" { "3" } else { "1" }),
                response(&before, "-1"),
            ];
            for receipt in &mut receipts {
                // Names differ per book, so that only true repetitions are recognised as such.
                receipt.id = format!("{}_{id}", receipt.id);
            }
            dice.shuffle(&mut receipts);
            queues.push(receipts);
        }
        while queues.iter().any(|queue| !queue.is_empty()) {
            let batch: Vec<Incoming> = queues.iter_mut().filter_map(Vec::pop).collect();
            inbox::keep(&db, &batch).await.unwrap();
            while inbox::apply_new(&state).await.unwrap() {}
        }

        for (number, id) in (0..).zip(&books) {
            let row = stored(&db, id).await;
            let approved = number % 2 == 0;
            assert_eq!(row.status, if approved { Status::Approved } else { Status::Returned }, "order {number}");
            assert_eq!(row.book_no, if approved { book_no(id) } else { String::new() }, "order {number}");
            let head = head_of(&row);
            assert_eq!(head.valid_from, if approved { "2026-11-24" } else { "" }, "order {number}");
            // All are in the history, also what came under a second name; the cut-off one as what could not be handled.
            let receipts = exchange::receipts(&db, &row).await.unwrap();
            assert_eq!(receipts.len(), 9, "order {number}");
            assert_eq!(
                receipts.iter().filter(|receipt| receipt.message_type == UNREADABLE).count(),
                1,
                "order {number}"
            );
            let applied = receipts.iter().filter(|receipt| receipt.applied).count();
            assert_eq!(
                count(&db, "SELECT COUNT(*) FROM audit WHERE document_id = $1", id).await,
                i64::try_from(applied).unwrap()
            );
            assert_eq!(row.version, 5 + i64::try_from(applied).unwrap());
        }

        // Every raw receipt is kept; of the ten, one came twice under one name.
        let inbox = sqlx::query("SELECT dedupe_key, state FROM inbox").fetch_all(&db.read).await.unwrap();
        assert_eq!(inbox.len(), books.len() * 9);
        let settled = |state: &str| inbox.iter().filter(|row| row.get::<&str, _>("state") == state).count();
        assert_eq!((settled("new"), settled("quarantined")), (0, books.len()));
        let cut_off = |row: &&sqlx::any::AnyRow| row.get::<&str, _>("dedupe_key").starts_with("cut_");
        assert!(inbox.iter().filter(cut_off).all(|row| row.get::<&str, _>("state") == "quarantined"));
    }
}

#[tokio::test]
async fn what_belongs_to_nobody_is_quarantined_with_its_reason() {
    for db in crate::support::both_databases().await {
        let state = server(&db);
        let row = declared(1);
        let message_id = put(&db, &row, String::new()).await;
        let stranger = MessageRef::new(MESSAGE_TYPE, &Uuid::now_v7().to_string(), 1).to_string();
        let mark = Uuid::now_v7().to_string();
        let name = |what: &str| format!("{what}-{mark}");
        let no_number = String::from_utf8(decision(&message_id, "1").raw).unwrap().replace(&book_no(&row.id), "?");
        let receipts = [
            incoming(name("stranger"), decision(&stranger, "1").raw),
            incoming(name("nameless"), decision("42", "1").raw),
            incoming(name("binary"), &b"\xb5\xa5\0"[..]),
            incoming(name("other"), "<INV201/>"),
            incoming(name("no-number"), no_number),
            incoming(name("good"), entry(&message_id, "Y").raw),
        ];
        inbox::keep(&db, &receipts).await.unwrap();
        while inbox::apply_new(&state).await.unwrap() {}

        let sql = "SELECT dedupe_key, state, error FROM inbox WHERE dedupe_key LIKE '%' || $1 || '%' ORDER BY id";
        let rows = sqlx::query(sql).bind(&mark).fetch_all(&db.read).await.unwrap();
        let found: Vec<(String, String)> = rows.iter().map(|row| (row.get("state"), row.get("error"))).collect();
        let reasons =
            ["which we did not send", "names no message", "not UTF-8", "no kind of receipt", "proper book number"];
        for ((state, error), reason) in found.iter().zip(reasons) {
            assert_eq!(state, "quarantined");
            assert!(error.contains(reason), "{reason} in {error}");
        }
        assert_eq!(found[5], ("applied".into(), String::new()));
        assert_eq!(stored(&db, &row.id).await.status, Status::Entered);
    }
}

#[tokio::test]
async fn a_decision_with_more_reasons_than_anybody_reads_decides_all_the_same() {
    // Ten thousand faulty rows, two reasons each. Left unread, the book could never be edited or deleted again.
    for db in crate::support::both_databases().await {
        let state = server(&db);
        let row = declared(1);
        let message_id = put(&db, &row, String::new()).await;
        let reason = "出口货物第1项【商品编码】3604100000属于炸药、烟火制品，禁止出口或应征出口关税，不得出境加工";
        let notes = format!("<CheckInfo><note>{reason}</note></CheckInfo>").repeat(19_999);
        let raw = String::from_utf8(decision(&message_id, "3").raw).unwrap();
        let raw = raw.replacen("</HdeApprResult>", &format!("</HdeApprResult>{notes}"), 1);
        assert!(raw.len() > 3_000_000);
        inbox::keep(&db, &[incoming(format!("large-{}", row.id), raw)]).await.unwrap();
        while inbox::apply_new(&state).await.unwrap() {}
        assert_eq!(stored(&db, &row.id).await.status, Status::Returned);
        let notes = &exchange::receipts(&db, &row).await.unwrap()[0].notes;
        assert_eq!(notes.len(), 1001);
        assert!(notes[1000].text.contains("另有19000条"), "{}", notes[1000].text);
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_handled_is_told_and_can_be_read_once_more() {
    for db in crate::support::both_databases().await {
        let state = server(&db);
        let row = declared(1);
        let message_id = put(&db, &row, String::new()).await;
        let raw = String::from_utf8(decision(&message_id, "1").raw).unwrap();
        let odd = raw.replace(&book_no(&row.id), "?");
        inbox::keep(&db, &[incoming(format!("odd-{}", row.id), odd)]).await.unwrap();
        while inbox::apply_new(&state).await.unwrap() {}
        let history = exchange::receipts(&db, &row).await.unwrap();
        assert_eq!(history.len(), 1);
        assert_eq!(history[0].message_type, UNREADABLE);
        let id = history[0].id.clone();
        assert!(history[0].remark.contains(&id), "the administrator is to be told which");
        let now = stored(&db, &row.id).await;
        assert_eq!((now.status, now.receipt_count), (Status::Declared, 1), "the list shows that something came");
        assert!(exchange::quarantined(&db).await.unwrap().iter().any(|one| one.id == id));

        // A later version of the program understands it; the test lets the text change instead.
        let mut tx = db.begin().await.unwrap();
        sqlx::query("UPDATE inbox SET raw = $2 WHERE id = $1").bind(&id).bind(&raw).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        assert!(exchange::retry(&db, &id).await.unwrap());
        while inbox::apply_new(&state).await.unwrap() {}
        let now = stored(&db, &row.id).await;
        assert_eq!((now.status, now.receipt_count), (Status::Approved, 1));
        let history = exchange::receipts(&db, &row).await.unwrap();
        assert_eq!((history.len(), history[0].applied), (1, true));
        assert!(!exchange::retry(&db, &id).await.unwrap(), "what was applied is not applied again");
    }
}

#[tokio::test]
async fn a_receipt_of_a_deleted_book_stays_in_the_history() {
    for db in crate::support::both_databases().await {
        let state = server(&db);
        let row = declared(1);
        let message_id = put(&db, &row, String::new()).await;
        let mut tx = db.begin().await.unwrap();
        store::delete(&mut tx, &row.id).await.unwrap();
        tx.commit().await.unwrap();
        inbox::keep(&db, &[entry(&message_id, "Y")]).await.unwrap();
        while inbox::apply_new(&state).await.unwrap() {}
        let receipts = exchange::receipts(&db, &row).await.unwrap();
        assert_eq!(receipts.iter().map(|receipt| receipt.applied).collect::<Vec<_>>(), [false]);
    }
}

#[tokio::test]
async fn a_failure_in_the_middle_leaves_the_receipt_to_be_applied_later() {
    for db in crate::support::both_databases().await {
        let state = server(&db);
        let row = declared(1);
        let message_id = put(&db, &row, String::new()).await;
        inbox::keep(&db, &[decision(&message_id, "1")]).await.unwrap();
        let mut broken = state.clone();
        broken.offices = Offices { kinds: &[&Broken], unasked: &[] };
        assert!(inbox::apply_new(&broken).await.is_err());
        let untouched = stored(&db, &row.id).await;
        assert_eq!((untouched.status, untouched.version), (Status::Declared, 5));
        assert!(exchange::receipts(&db, &row).await.unwrap().is_empty());
        // The next process finds it where it was left.
        while inbox::apply_new(&state).await.unwrap() {}
        assert_eq!(stored(&db, &row.id).await.status, Status::Approved);
    }
}

#[tokio::test]
async fn two_processes_apply_a_receipt_once() {
    for db in crate::support::both_databases().await {
        let state = server(&db);
        let mut rows = Vec::new();
        for _ in 0..30 {
            let row = declared(1);
            let message_id = put(&db, &row, String::new()).await;
            inbox::keep(&db, &[decision(&message_id, "1")]).await.unwrap();
            rows.push(row);
        }
        let worker = || {
            let state = state.clone();
            tokio::spawn(async move { while inbox::apply_new(&state).await.unwrap() {} })
        };
        for task in [worker(), worker(), worker()] {
            task.await.unwrap();
        }
        for row in rows {
            let approved = stored(&db, &row.id).await;
            assert_eq!((approved.status, approved.version), (Status::Approved, 6));
            assert_eq!(exchange::receipts(&db, &row).await.unwrap().len(), 1);
        }
    }
}

/// The office of filings over a database that fails in the middle of an approval.
struct Broken;

#[async_trait]
impl Office for Broken {
    fn kind(&self) -> &'static Kind {
        FilingOffice.kind()
    }
    fn messages(&self) -> &'static Messages {
        FilingOffice.messages()
    }
    async fn look_up(&self, _: &Db, _: &Actor, _: &mut Values, _: NaiveDate) -> Result<Vec<Finding>, Failure> {
        Ok(Vec::new())
    }
    async fn standing(&self, _: &mut Tx, _: &Declaring<'_>) -> Result<Vec<Finding>, Failure> {
        Ok(Vec::new())
    }
    async fn approved(&self, db: &Db, tx: &mut Tx, row: &mut DocumentRow, decision: &Decision) -> Result<(), Failure> {
        FilingOffice.approved(db, tx, row, decision).await?;
        Err(Failure::Database(sqlx::Error::PoolClosed))
    }
}

/// Takes what customs sends of its own accord, and writes something before it may fail.
struct Urging;

#[async_trait]
impl Unasked for Urging {
    fn types(&self) -> &'static [&'static str] {
        &["OPB261"]
    }
    async fn take(&self, _: &Db, tx: &mut Tx, told: Told<'_>) -> Result<Option<About>, Failure> {
        store::next_number(tx, "urging").await?;
        if told.raw.contains("broken") { Err(Failure::Internal("broken".into())) } else { Ok(None) }
    }
}

#[tokio::test]
async fn messages_nobody_asked_for_go_to_whoever_takes_their_type() {
    // An urging that landed in quarantine would be read by nobody before its deadline.
    for db in crate::support::both_databases().await {
        let mut state = server(&db);
        state.offices = Offices { kinds: state.offices.kinds, unasked: &[&Urging] };
        let raw = |kind: &str, word: &str| {
            format!(
                "<Package><EnvelopInfo><message_type>{kind}</message_type></EnvelopInfo><DataInfo>{word}</DataInfo></Package>"
            )
        };
        let messages = [("OPB261", "good"), ("OPB261", "broken"), ("OPB299", "good")];
        for (kind, word) in messages {
            inbox::keep(&db, &[incoming(format!("{kind}-{word}"), raw(kind, word))]).await.unwrap();
        }
        while inbox::apply_new(&state).await.unwrap() {}
        let rows = sqlx::query("SELECT state, error FROM inbox ORDER BY id").fetch_all(&db.read).await.unwrap();
        let states: Vec<&str> = rows.iter().map(|row| row.get("state")).collect();
        assert_eq!(states, ["kept", "quarantined", "quarantined"]);
        assert!(rows[2].get::<&str, _>("error").contains("OPB299"));
        let taken: i64 = sqlx::query_scalar("SELECT last FROM number_series WHERE name = 'urging'")
            .fetch_one(&db.read)
            .await
            .unwrap();
        assert_eq!(taken, 1, "what a refused message had written stayed");
    }
}
