//! Messages and receipts on both databases: nothing lost, nothing sent or applied twice, and the same
//! end whatever the order. If these fail, a user waits for an answer that came, or sees one undone.

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{Days, Utc};
use opbook::book::message::{MESSAGE_TYPE, opb111};
use opbook::book::model::{ExportGoods, Head, ReimportGoods, Row};
use opbook::book::notes;
use opbook::book::service::decided;
use opbook::customs::Office;
use opbook::document::Status;
use opbook::document::store::{self, DocumentRow};
use opbook::exchange::adapter::{Adapter, ChannelError, Simulated};
use opbook::exchange::{self, Decide, Decision, Incoming, MessageRef, Outgoing, inbox, outbox, step};
use opbook::form::{show_date, today};
use opbook::reference::service::ReferenceCache;
use opbook::server::config::Config;
use opbook::server::db::Db;
use opbook::server::failure::Failure;
use opbook::server::state::AppState;
use rust_decimal::Decimal;
use sqlx::Row as _;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const OPERATOR: &str = "4403960001";

/// A declared book of the given round, as the declaring service leaves it.
fn declared(round: i64) -> DocumentRow {
    let id = Uuid::now_v7();
    let number = id.as_u128() % 100_000_000_000_000;
    let head = head(&format!("OP{}", id.simple()), &format!("2026{number:014}"));
    DocumentRow {
        id: id.to_string(),
        kind: "book".into(),
        status: Status::Declared,
        version: 5,
        head_version: 1,
        seq_no: head.seq_no.clone(),
        internal_no: head.internal_no.clone(),
        book_no: String::new(),
        decl_type: "1".into(),
        change_seq: 0,
        operator_code: OPERATOR.into(),
        declarant_code: OPERATOR.into(),
        input_code: OPERATOR.into(),
        input_date: "2026-11-23".into(),
        valid_to: head.valid_to.clone(),
        declared_at: "2026-11-23T01:00:00.000Z".into(),
        approved_at: String::new(),
        declare_round: round,
        created_by: "zhang".into(),
        updated_at: String::new(),
        head: serde_json::to_string(&head).unwrap(),
    }
}

fn head(internal_no: &str, seq_no: &str) -> Head {
    Head {
        internal_no: internal_no.into(),
        seq_no: seq_no.into(),
        decl_type: "1".into(),
        master_customs: "5301".into(),
        operator_code: OPERATOR.into(),
        operator_uscc: "91350100M000100Y43".into(),
        operator_name: "深圳甲公司".into(),
        processor_code: "4403960002".into(),
        processor_uscc: "91350100M000100Y43".into(),
        processor_name: "深圳乙公司".into(),
        declarant_code: OPERATOR.into(),
        declarant_uscc: "91350100M000100Y43".into(),
        declarant_name: "深圳甲公司".into(),
        declarant_type: "1".into(),
        supervision_mode: "1427".into(),
        levy_nature: "299".into(),
        contract_no: "C-1 <&>".into(),
        valid_to: show_date(today() + Days::new(300)),
        foreign_processor_name: "ACME".into(),
        process_country: "JPN".into(),
        currency: "USD".into(),
        contact_name: "张三".into(),
        contact_mobile: "13800138000".into(),
        process_desc: "晶圆经切割、焊线、封装和测试\n后成为集成电路".into(),
        ..Head::default()
    }
}

fn export(total: &str) -> Row<ExportGoods> {
    let content = ExportGoods {
        hs_code: "8542399000".into(),
        goods_name: "处理器".into(),
        spec_model: "A1".into(),
        declare_unit: "007".into(),
        legal_unit: "007".into(),
        qty: "10".into(),
        legal_qty: "10".into(),
        unit_price: "10".into(),
        total_price: total.into(),
        currency: "USD".into(),
        origin_country: "CHN".into(),
        dest_country: "JPN".into(),
        ..ExportGoods::default()
    };
    Row { id: Uuid::now_v7(), seq: 1, version: 1, content }
}

fn reimport(original_value: &str) -> Row<ReimportGoods> {
    let content = ReimportGoods {
        hs_code: "8542399000".into(),
        goods_name: "处理器模块".into(),
        spec_model: "B1".into(),
        declare_unit: "007".into(),
        legal_unit: "007".into(),
        qty: "1".into(),
        legal_qty: "1".into(),
        unit_price: "3".into(),
        total_price: "3".into(),
        currency: "USD".into(),
        origin_country: "CHN".into(),
        original_value: original_value.into(),
        ..ReimportGoods::default()
    };
    Row { id: Uuid::now_v7(), seq: 2, version: 1, content }
}

/// Stores the document and, in the same transaction, the message of its round.
async fn put(db: &Db, row: &DocumentRow, body: String) -> String {
    let message_id = MessageRef::new(MESSAGE_TYPE, &row.id, row.declare_round).to_string();
    let message = Outgoing {
        message_id: message_id.clone(),
        document_id: row.id.clone(),
        message_type: MESSAGE_TYPE.into(),
        body,
    };
    let mut tx = db.begin().await.unwrap();
    store::insert(&mut tx, row).await.unwrap();
    outbox::enqueue(&mut tx, &message).await.unwrap();
    // The service may run twice for one request; the message must not.
    outbox::enqueue(&mut tx, &message).await.unwrap();
    tx.commit().await.unwrap();
    message_id
}

async fn stored(db: &Db, id: &str) -> DocumentRow {
    store::find(db, id).await.unwrap().unwrap()
}

async fn count(db: &Db, sql: &'static str, id: &str) -> i64 {
    sqlx::query_scalar(sql).bind(id).fetch_one(&db.read).await.unwrap()
}

fn incoming(id: impl Into<String>, raw: impl Into<Vec<u8>>) -> Incoming {
    Incoming { id: id.into(), raw: raw.into() }
}

fn response(message_id: &str, flag: &str) -> Incoming {
    let raw =
        format!("<CommonResponeMessage><CheckInfo>说明</CheckInfo><DealFlag>{flag}</DealFlag></CommonResponeMessage>");
    incoming(format!("Successed_{message_id}_20261123.xml"), raw)
}

fn entry(message_id: &str, result: &str) -> Incoming {
    let raw = format!(
        "<Package><DataInfo><BussinessData><OPB200><MsgReceResult><pocketId>{message_id}</pocketId>\
         <manageResult>{result}</manageResult><manageDate>2026-11-23 10:00:00</manageDate></MsgReceResult></OPB200>\
         </BussinessData></DataInfo></Package>"
    );
    incoming(format!("Receipt_200_{result}"), raw)
}

fn decision(message_id: &str, result: &str) -> Incoming {
    let raw = format!(
        "<Package><DataInfo><BussinessData><OPB211><HdeApprResult><businessId>{message_id}</businessId>\
         <manageResult>{result}</manageResult><manageDate>2026-11-24 09:30:00</manageDate></HdeApprResult>\
         <CheckInfo><note>出口货物第1项【商品编码】请核对</note></CheckInfo><OpbPutrecBsc><emsNo>P53016W00001</emsNo>\
         <validFrom>2026-11-24</validFrom><validDate>2027-06-30</validDate></OpbPutrecBsc></OPB211></BussinessData>\
         </DataInfo></Package>"
    );
    incoming(format!("Receipt_211_{result}"), raw)
}

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
    const ORDERS: u64 = 3000;
    for db in support::both_databases().await {
        let mut books = HashMap::new();
        let mut tx = db.begin().await.unwrap();
        for _ in 0..ORDERS {
            let row = declared(2);
            store::insert(&mut tx, &row).await.unwrap();
            for round in 1..=2 {
                let message_id = MessageRef::new(MESSAGE_TYPE, &row.id, round).to_string();
                let message = Outgoing {
                    message_id,
                    document_id: row.id.clone(),
                    message_type: "OPB111".into(),
                    body: String::new(),
                };
                outbox::enqueue(&mut tx, &message).await.unwrap();
            }
            books.insert(row.id.clone(), row.id);
        }
        tx.commit().await.unwrap();

        // Every book gets its receipts in an order of its own; books are mixed by going through them
        // in rounds, one receipt of each at a time.
        let mut queues = Vec::new();
        for (number, id) in (0..).zip(books.keys()) {
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
            while inbox::apply_new(&db, decided).await.unwrap() {}
        }

        for (number, id) in (0..).zip(books.keys()) {
            let row = stored(&db, id).await;
            let approved = number % 2 == 0;
            assert_eq!(row.status, if approved { Status::Approved } else { Status::Returned }, "order {number}");
            assert_eq!(row.book_no, if approved { "P53016W00001" } else { "" }, "order {number}");
            let head: Head = serde_json::from_str(&row.head).unwrap();
            assert_eq!(head.valid_from, if approved { "2026-11-24" } else { "" }, "order {number}");
            // All but the cut-off one are in the history, also what came under a second name.
            let receipts = exchange::receipts(&db, id).await.unwrap();
            assert_eq!(receipts.len(), 8, "order {number}");
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
    for db in support::both_databases().await {
        let row = declared(1);
        let message_id = put(&db, &row, String::new()).await;
        let stranger = MessageRef::new(MESSAGE_TYPE, &Uuid::now_v7().to_string(), 1).to_string();
        let mark = Uuid::now_v7().to_string();
        let name = |what: &str| format!("{what}-{mark}");
        let no_number = String::from_utf8(decision(&message_id, "1").raw).unwrap().replace("P53016W00001", "?");
        let receipts = [
            incoming(name("stranger"), decision(&stranger, "1").raw),
            incoming(name("nameless"), decision("42", "1").raw),
            incoming(name("binary"), &b"\xb5\xa5\0"[..]),
            incoming(name("other"), "<INV201/>"),
            incoming(name("no-number"), no_number),
            incoming(name("good"), entry(&message_id, "Y").raw),
        ];
        inbox::keep(&db, &receipts).await.unwrap();
        while inbox::apply_new(&db, decided).await.unwrap() {}

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
async fn a_receipt_of_a_deleted_book_stays_in_the_history() {
    for db in support::both_databases().await {
        let row = declared(1);
        let message_id = put(&db, &row, String::new()).await;
        let mut tx = db.begin().await.unwrap();
        store::delete(&mut tx, &row.id).await.unwrap();
        tx.commit().await.unwrap();
        inbox::keep(&db, &[entry(&message_id, "Y")]).await.unwrap();
        while inbox::apply_new(&db, decided).await.unwrap() {}
        let receipts = exchange::receipts(&db, &row.id).await.unwrap();
        assert_eq!(receipts.iter().map(|receipt| receipt.applied).collect::<Vec<_>>(), [false]);
    }
}

#[tokio::test]
async fn a_failure_in_the_middle_leaves_the_receipt_to_be_applied_later() {
    fn broken(row: &mut DocumentRow, _: &Decision) -> Result<(), Failure> {
        row.head.clear();
        Err(Failure::Database(sqlx::Error::PoolClosed))
    }
    for db in support::both_databases().await {
        let row = declared(1);
        let message_id = put(&db, &row, String::new()).await;
        inbox::keep(&db, &[decision(&message_id, "1")]).await.unwrap();
        assert!(inbox::apply_new(&db, broken).await.is_err());
        let untouched = stored(&db, &row.id).await;
        assert_eq!((untouched.status, untouched.version), (Status::Declared, 5));
        assert!(exchange::receipts(&db, &row.id).await.unwrap().is_empty());
        // The next process finds it where it was left.
        while inbox::apply_new(&db, decided).await.unwrap() {}
        assert_eq!(stored(&db, &row.id).await.status, Status::Approved);
    }
}

#[tokio::test]
async fn two_processes_apply_a_receipt_once() {
    for db in support::both_databases().await {
        let mut rows = Vec::new();
        for _ in 0..30 {
            let row = declared(1);
            let message_id = put(&db, &row, String::new()).await;
            inbox::keep(&db, &[decision(&message_id, "1")]).await.unwrap();
            rows.push(row);
        }
        let worker = || {
            let db = db.clone();
            tokio::spawn(async move { while inbox::apply_new(&db, decided).await.unwrap() {} })
        };
        for task in [worker(), worker(), worker()] {
            task.await.unwrap();
        }
        for row in rows {
            let approved = stored(&db, &row.id).await;
            assert_eq!((approved.status, approved.version), (Status::Approved, 6));
            assert_eq!(exchange::receipts(&db, &row.id).await.unwrap().len(), 1);
        }
    }
}

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

async fn outbox_line(db: &Db, message_id: &str) -> (String, i64, String, String) {
    let sql = "SELECT state, attempts, next_at, last_error FROM outbox WHERE message_id = $1";
    let row = sqlx::query(sql).bind(message_id).fetch_one(&db.read).await.unwrap();
    (row.get("state"), row.get("attempts"), row.get("next_at"), row.get("last_error"))
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
    for db in support::both_databases().await {
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
    for db in support::both_databases().await {
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
    for db in support::both_databases().await {
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
    for db in support::both_databases().await {
        let row = declared(1);
        let message_id = MessageRef::new(MESSAGE_TYPE, &row.id, 1).to_string();
        let message = Outgoing {
            message_id: message_id.clone(),
            document_id: row.id,
            message_type: "OPB111".into(),
            body: String::new(),
        };
        let mut tx = db.begin().await.unwrap();
        outbox::enqueue(&mut tx, &message).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(count(&db, "SELECT COUNT(*) FROM outbox WHERE message_id = $1", &message_id).await, 0);
    }
}

#[tokio::test]
async fn a_receipt_whose_acknowledgement_was_lost_is_applied_once() {
    for db in support::both_databases().await {
        let row = declared(1);
        let message_id = put(&db, &row, String::new()).await;
        let channel = Channel::default();
        channel.brings.lock().unwrap().push(decision(&message_id, "1"));
        channel.forgets.store(2, Ordering::SeqCst);
        // The first two rounds fail after the receipt was stored, and apply it all the same.
        for _ in 0..2 {
            assert!(step(&db, &channel, decided).await.is_err());
            assert_eq!(stored(&db, &row.id).await.status, Status::Approved);
        }
        step(&db, &channel, decided).await.unwrap();
        assert!(!step(&db, &channel, decided).await.unwrap(), "nothing left to do");
        assert_eq!(exchange::receipts(&db, &row.id).await.unwrap().len(), 1);
    }
}

/// The simulated customs without delay; above 1,000 an officer decides.
fn simulated(db: &Db) -> Simulated {
    Simulated { office: Office::new(db.clone(), Duration::ZERO, Decimal::from(1000)) }
}

/// Declares a book and runs rounds until customs has nothing more to say.
async fn file(db: &Db, change: impl Fn(&mut Head), total: &str, decide: Decide) -> DocumentRow {
    let mut row = declared(1);
    let mut head: Head = serde_json::from_str(&row.head).unwrap();
    change(&mut head);
    row.internal_no.clone_from(&head.internal_no);
    row.decl_type.clone_from(&head.decl_type);
    row.head = serde_json::to_string(&head).unwrap();
    file_again(db, &row, &head, total, decide).await
}

async fn file_again(db: &Db, row: &DocumentRow, head: &Head, total: &str, decide: Decide) -> DocumentRow {
    let message_id = MessageRef::new(MESSAGE_TYPE, &row.id, row.declare_round).to_string();
    put(db, row, opb111(&message_id, Utc::now(), head, &[export(total)], &[reimport("100")])).await;
    let customs = simulated(db);
    while step(db, &customs, decide).await.unwrap() {}
    stored(db, &row.id).await
}

async fn history(db: &Db, id: &str) -> Vec<String> {
    let mut receipts = exchange::receipts(db, id).await.unwrap();
    receipts.reverse();
    assert!(receipts.iter().all(|receipt| receipt.applied), "{receipts:?}");
    receipts.iter().map(|receipt| format!("{} {}", receipt.message_type, receipt.result)).collect()
}

#[tokio::test]
async fn a_filing_goes_all_the_way_to_its_book_number() {
    for db in support::both_databases().await {
        let row = file(&db, |_| (), "100", decided).await;
        assert_eq!(row.status, Status::Approved);
        let head: Head = serde_json::from_str(&row.head).unwrap();
        assert!(row.book_no.starts_with("P5301") && row.book_no.len() == 12, "{}", row.book_no);
        assert_eq!(head.book_no, row.book_no);
        assert_eq!((head.valid_from, head.approved_at), (show_date(today()), show_date(today())));
        assert_eq!(row.valid_to, show_date(today() + Days::new(300)));
        assert_eq!(history(&db, &row.id).await, ["RESPONSE 0", "OPB200 Y", "OPB211 1"]);
        // The next one gets the next number.
        let next = file(&db, |_| (), "100", decided).await;
        let serial = |row: &DocumentRow| row.book_no[7..].parse::<u32>().unwrap();
        assert_eq!(serial(&next), serial(&row) + 1);
    }
}

#[tokio::test]
async fn a_large_filing_waits_for_an_officer() {
    for db in support::both_databases().await {
        let row = file(&db, |_| (), "1000.01", decided).await;
        assert_eq!(row.status, Status::Approved);
        assert_eq!(history(&db, &row.id).await, ["RESPONSE 0", "OPB200 Y", "OPB211 2", "OPB211 1"]);
    }
}

#[tokio::test]
async fn a_return_names_the_fields_and_the_mended_filing_passes() {
    for db in support::both_databases().await {
        let mut row = file(&db, |head| head.process_desc = "外协加工".into(), "99.99", decided).await;
        assert_eq!(row.status, Status::Returned);
        let mut receipts = exchange::receipts(&db, &row.id).await.unwrap();
        notes::point(&mut receipts);
        let pointers: Vec<&str> = receipts[0].notes.iter().map(|note| note.pointer.as_str()).collect();
        assert_eq!(pointers, ["head.process_desc", "reimports[2].original_value"]);

        // Mended and declared again: a new round, a new message, and the old answers stay.
        let mut tx = db.begin().await.unwrap();
        row.status = Status::Declared;
        row.declare_round = 2;
        store::update(&mut tx, &row).await.unwrap();
        tx.commit().await.unwrap();
        let head: Head = serde_json::from_str(&row.head).unwrap();
        let head = Head { process_desc: "晶圆经切割、焊线、封装和测试".into(), ..head };
        let row = file_again(&db, &row, &head, "100", decided).await;
        assert_eq!(row.status, Status::Approved);
        assert_eq!(history(&db, &row.id).await.len(), 6);
    }
}

#[tokio::test]
async fn an_incomplete_or_repeated_filing_is_refused_in_words() {
    for db in support::both_databases().await {
        let failed = file(&db, |head| head.contract_no.clear(), "100", decided).await;
        assert_eq!(failed.status, Status::EntryFailed);
        let mut receipts = exchange::receipts(&db, &failed.id).await.unwrap();
        notes::point(&mut receipts);
        assert_eq!(receipts[0].notes[0].pointer, "head.contract_no");

        let first = file(&db, |_| (), "100", decided).await;
        let number = first.internal_no.clone();
        // Only on the message: our own table would not let it happen.
        let row = declared(1);
        let head = Head { internal_no: number, ..serde_json::from_str(&row.head).unwrap() };
        let refused = file_again(&db, &row, &head, "100", decided).await;
        assert_eq!(refused.status, Status::DeclareFailed);
        let mut receipts = exchange::receipts(&db, &refused.id).await.unwrap();
        notes::point(&mut receipts);
        assert!(receipts[0].notes[0].text.contains(&first.seq_no), "{receipts:?}");
        assert_eq!(receipts[0].notes[0].pointer, "head.internal_no");
        let message_id = MessageRef::new(MESSAGE_TYPE, &refused.id, 1).to_string();
        assert_eq!(outbox_line(&db, &message_id).await.0, "refused");
    }
}

#[tokio::test]
async fn a_message_customs_already_has_is_decided_once() {
    for db in support::both_databases().await {
        let row = declared(1);
        let message_id = MessageRef::new(MESSAGE_TYPE, &row.id, 1).to_string();
        let head: Head = serde_json::from_str(&row.head).unwrap();
        let body = opb111(&message_id, Utc::now(), &head, &[export("100")], &[reimport("100")]);
        // Killed between sending and noting that it was sent.
        let customs = simulated(&db);
        customs.office.receive(&message_id, &body, Utc::now()).await.unwrap();
        put(&db, &row, body).await;
        while step(&db, &customs, decided).await.unwrap() {}
        assert_eq!(stored(&db, &row.id).await.status, Status::Approved);
        assert_eq!(history(&db, &row.id).await, ["RESPONSE 0", "OPB200 Y", "OPB211 1"]);
    }
}

#[tokio::test]
async fn the_worker_runs_by_itself_and_stops_when_told() {
    for db in support::both_databases().await {
        let config = Config { customs_delay: Duration::from_millis(20), ..Config::default() };
        let reference = ReferenceCache::load(&db, &config).await.unwrap();
        let state = AppState { db: db.clone(), config: Arc::new(config), reference, outbox_bell: Arc::default() };
        let stop = CancellationToken::new();
        let worker = exchange::start(state.clone(), decided, stop.clone());
        let row = declared(1);
        let head: Head = serde_json::from_str(&row.head).unwrap();
        let message_id = MessageRef::new(MESSAGE_TYPE, &row.id, 1).to_string();
        put(&db, &row, opb111(&message_id, Utc::now(), &head, &[export("100")], &[reimport("100")])).await;
        state.outbox_bell.notify_one();
        let approved = async {
            while stored(&db, &row.id).await.status != Status::Approved {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), approved).await.expect("approved in time");
        stop.cancel();
        tokio::time::timeout(Duration::from_secs(20), worker).await.expect("stops in time").unwrap();
    }
}
