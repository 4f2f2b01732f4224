//! The whole way with the simulated customs: from the message of a filing to what its user sees. If these fail, a
//! filing is sent and nobody hears what became of it.

use std::time::Duration;

use chrono::{Days, Utc};
use opbook::customs::Office;
use opbook::document::store::{self, DocumentRow};
use opbook::document::{Status, notes};
use opbook::exchange::adapter::Simulated;
use opbook::exchange::{self, MessageRef, step};
use opbook::filing::kind::FILING;
use opbook::filing::model::Head;
use opbook::form::{Values, show_date};
use opbook::reference::service::ReferenceCache;
use opbook::server::config::Config;
use opbook::server::db::Db;
use opbook::server::state::AppState;
use rust_decimal::Decimal;
use tokio_util::sync::CancellationToken;

use super::{MESSAGE_TYPE, declared, head_of, message, outbox_line, put, server, stored};
use crate::today;

/// The simulated customs without delay; above 1,000 an officer decides.
fn simulated(db: &Db) -> Simulated {
    Simulated { office: Office::new(db.clone(), Duration::ZERO, Decimal::from(1000)), clock: db.clock.clone() }
}

/// Declares a book and runs rounds until customs has nothing more to say.
async fn file(db: &Db, change: impl Fn(&mut Head), total: &str) -> DocumentRow {
    let mut row = declared(1);
    let mut head = head_of(&row);
    change(&mut head);
    row.set_head(&FILING, &Values::of(&head)).unwrap();
    file_again(db, &row, &head, total).await
}

async fn file_again(db: &Db, row: &DocumentRow, head: &Head, total: &str) -> DocumentRow {
    let message_id = MessageRef::new(MESSAGE_TYPE, &row.id, row.declare_round).to_string();
    put(db, row, message(&message_id, head, total)).await;
    let (state, customs) = (server(db), simulated(db));
    while step(&state, &customs).await.unwrap() {}
    stored(db, &row.id).await
}

async fn history(db: &Db, row: &DocumentRow) -> Vec<String> {
    let mut receipts = exchange::receipts(db, row).await.unwrap();
    receipts.reverse();
    assert!(receipts.iter().all(|receipt| receipt.applied), "{receipts:?}");
    receipts.iter().map(|receipt| format!("{} {}", receipt.message_type, receipt.result)).collect()
}

#[tokio::test]
async fn a_filing_goes_all_the_way_to_its_book_number() {
    for db in crate::support::both_databases().await {
        let row = file(&db, |_| (), "100").await;
        assert_eq!(row.status, Status::Approved);
        let head = head_of(&row);
        assert!(row.book_no.starts_with("P5301") && row.book_no.len() == 12, "{}", row.book_no);
        assert_eq!(head.book_no, row.book_no);
        assert_eq!((head.valid_from, head.approved_at), (show_date(today()), show_date(today())));
        assert_eq!(row.valid_to, show_date(today() + Days::new(300)));
        assert_eq!(history(&db, &row).await, ["RESPONSE 0", "OPB200 Y", "OPB211 1"]);
        // The next one gets the next number.
        let next = file(&db, |_| (), "100").await;
        let serial = |row: &DocumentRow| row.book_no[7..].parse::<u32>().unwrap();
        assert_eq!(serial(&next), serial(&row) + 1);
    }
}

#[tokio::test]
async fn a_large_filing_waits_for_an_officer() {
    for db in crate::support::both_databases().await {
        let row = file(&db, |_| (), "1000.01").await;
        assert_eq!(row.status, Status::Approved);
        assert_eq!(history(&db, &row).await, ["RESPONSE 0", "OPB200 Y", "OPB211 2", "OPB211 1"]);
    }
}

#[tokio::test]
async fn a_return_names_the_fields_and_the_mended_filing_passes() {
    for db in crate::support::both_databases().await {
        let mut row = file(&db, |head| head.process_desc = "外协加工".into(), "99.99").await;
        assert_eq!(row.status, Status::Returned);
        let mut receipts = exchange::receipts(&db, &row).await.unwrap();
        notes::point(&FILING, &mut receipts);
        let pointers: Vec<&str> = receipts[0].notes.iter().map(|note| note.pointer.as_str()).collect();
        assert_eq!(pointers, ["head.process_desc", "reimports[2].original_value"]);

        // Mended and declared again: a new round, a new message, and the old answers stay.
        let mut tx = db.begin().await.unwrap();
        row.status = Status::Declared;
        row.declare_round = 2;
        store::update(&mut tx, &row).await.unwrap();
        tx.commit().await.unwrap();
        let head = head_of(&row);
        let head = Head { process_desc: "晶圆经切割、焊线、封装和测试".into(), ..head };
        let row = file_again(&db, &row, &head, "100").await;
        assert_eq!(row.status, Status::Approved);
        assert_eq!(history(&db, &row).await.len(), 6);
    }
}

#[tokio::test]
async fn an_incomplete_or_repeated_filing_is_refused_in_words() {
    for db in crate::support::both_databases().await {
        let failed = file(&db, |head| head.contract_no.clear(), "100").await;
        assert_eq!(failed.status, Status::EntryFailed);
        let mut receipts = exchange::receipts(&db, &failed).await.unwrap();
        notes::point(&FILING, &mut receipts);
        assert_eq!(receipts[0].notes[0].pointer, "head.contract_no");

        let first = file(&db, |_| (), "100").await;
        let number = first.internal_no.clone();
        // Only on the message: our own table would not let it happen.
        let row = declared(1);
        let head = Head { internal_no: number, ..head_of(&row) };
        let refused = file_again(&db, &row, &head, "100").await;
        assert_eq!(refused.status, Status::DeclareFailed);
        let mut receipts = exchange::receipts(&db, &refused).await.unwrap();
        notes::point(&FILING, &mut receipts);
        assert!(receipts[0].notes[0].text.contains(&first.seq_no), "{receipts:?}");
        assert_eq!(receipts[0].notes[0].pointer, "head.internal_no");
        let message_id = MessageRef::new(MESSAGE_TYPE, &refused.id, 1).to_string();
        assert_eq!(outbox_line(&db, &message_id).await.0, "refused");
    }
}

#[tokio::test]
async fn a_message_customs_already_has_is_decided_once() {
    for db in crate::support::both_databases().await {
        let row = declared(1);
        let message_id = MessageRef::new(MESSAGE_TYPE, &row.id, 1).to_string();
        let head = head_of(&row);
        let body = message(&message_id, &head, "100");
        // Killed between sending and noting that it was sent.
        let customs = simulated(&db);
        customs.office.receive(&message_id, &body, Utc::now()).await.unwrap();
        put(&db, &row, body).await;
        let state = server(&db);
        while step(&state, &customs).await.unwrap() {}
        assert_eq!(stored(&db, &row.id).await.status, Status::Approved);
        assert_eq!(history(&db, &row).await, ["RESPONSE 0", "OPB200 Y", "OPB211 1"]);
    }
}

#[tokio::test]
async fn the_worker_runs_by_itself_and_stops_when_told() {
    for db in crate::support::both_databases().await {
        let config =
            Config { customs_delay: Duration::from_millis(20), required_attachments: Vec::new(), ..Config::default() };
        let reference = ReferenceCache::load(&db, &config).await.unwrap();
        let state = AppState::new(db.clone(), config, reference);
        let stop = CancellationToken::new();
        let worker = exchange::start(state.clone(), stop.clone());
        let row = declared(1);
        let head = head_of(&row);
        let message_id = MessageRef::new(MESSAGE_TYPE, &row.id, 1).to_string();
        put(&db, &row, message(&message_id, &head, "100")).await;
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
