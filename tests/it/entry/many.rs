//! Many entries of one book at once, declared, returned, taken back and registered, one by one and as lists, in any order by
//! many callers, while the book is changed: whatever happens, no more is exempt than was exported, and the sums are those of
//! the lines. `OPBOOK_TEST_ENTRIES` sets how many per database (300 unless told).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use opbook::document::change::change;
use opbook::document::{Derive, Status, Step, service};
use opbook::entry::kind::{ENTRY_EXPORT, ENTRY_IMPORT};
use opbook::entry::register::model::{Apply, Outcome};
use opbook::entry::register::{apply, upload};
use opbook::filing::model::{EXPORTS, ExportGoods};
use opbook::ledger::check::check;
use opbook::server::call::Call;
use opbook::server::failure::Failure;
use rand::RngExt as _;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{book, declare, draft, entry_no, head, office, row, settle, status};
use crate::desk::{OWN, add, call, export, state};
use crate::support::both_databases;

const CALLERS: usize = 16;

fn entries() -> usize {
    std::env::var("OPBOOK_TEST_ENTRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// One caller: makes entries, declares them, withdraws some of those that were registered.
async fn work(
    call: Call,
    number: String,
    many: usize,
    serial: Arc<Mutex<u64>>,
    passed: Arc<Mutex<Vec<Uuid>>>,
    lists: Arc<AtomicUsize>,
) {
    for turn in 0..many {
        if turn % 15 == 14 && register_list(&call, &number, &serial).await {
            lists.fetch_add(1, Ordering::Relaxed);
        }
        let (import, registered, cents) = {
            let mut random = rand::rng();
            (random.random_bool(0.6), random.random_bool(0.5), random.random_range(1..20_000u32))
        };
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        let kind = if import { ENTRY_IMPORT.key } else { ENTRY_EXPORT.key };
        let mut head = head(kind, &number, &call);
        if registered {
            let mut serial = serial.lock().await;
            *serial += 1;
            head.set("origin", "2");
            head.set("registered_no", format!("53042026{}{:09}", u8::from(import), *serial));
        }
        let goods = if import { ["1", "3"] } else { ["1", "2"] };
        let rows = goods.map(|goods| {
            let values: &[(&str, &str)] = if import {
                &[("original_value", &amount), ("fee_processing", "1.5")]
            } else {
                &[("total_price", &amount)]
            };
            row(import, goods, "1", values)
        });
        let id = draft(&call, kind, &head, &rows).await;
        match declare(&call, id).await {
            Ok(saved) if registered => {
                if rand::rng().random_bool(0.3) {
                    match service::withdraw(&call, Step { id, base: saved.meta.version }).await {
                        Ok(_) | Err(Failure::Refused { .. }) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                }
            }
            Ok(_) => passed.lock().await.push(id),
            // Over: that is what it is for.
            Err(Failure::Refused { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Registers a list of what was sent out and of what came back; what would go over is left out. True when something was.
async fn register_list(call: &Call, number: &str, serial: &Mutex<u64>) -> bool {
    let mut lines = String::from("报关单号,备案号,进出口日期,币制,征免,备案序号,成交数量,总价\n");
    for import in [0, 1, 1] {
        let mut serial = serial.lock().await;
        *serial += 1;
        let cents = rand::rng().random_range(1..20_000u32);
        let mut line = |levy: &str, qty: &str, total: String| {
            lines += &format!("53042026{import}{:09},{number},2026-02-01,USD,{levy},1,{qty},{total}\n", *serial);
        };
        line("3", "1", format!("{}.{:02}", cents / 100, cents % 100));
        if import == 1 {
            line("1", "0.1", "2.5".to_owned());
        }
    }
    let report = match upload(call, "x.csv", lines.as_bytes()).await {
        Ok(report) => report,
        // Many files at once, as this test sends them.
        Err(Failure::Throttled { .. }) => return false,
        Err(other) => panic!("{other:?}"),
    };
    match apply(call, Apply { id: report.id, seen: report.count(Outcome::New), only_good: true }).await {
        Ok(_) => true,
        Err(Failure::Refused { .. } | Failure::Conflict { .. }) => false,
        // All callers are one user, of whom the latest seven reports are kept: on a slow machine a report can be gone.
        Err(Failure::NotFound) => false,
        Err(other) => panic!("{other:?}"),
    }
}

/// Changes the book: one more row of goods. The document that is in force afterwards.
async fn change_book(call: &Call, in_force: Uuid) -> Uuid {
    let id = Uuid::now_v7();
    change(call, Derive { from: in_force, id, attachments: true }).await.unwrap();
    let row = ExportGoods { spec_model: id.to_string(), ..export("5") };
    add(call, id, EXPORTS, &row).await;
    declare(call, id).await.unwrap();
    while status(call, id).await.is_pending() {
        settle(&call.state).await;
    }
    if status(call, id).await == Status::Approved {
        return id;
    }
    // Customs had paused the book.
    let meta = service::get(call, id).await.unwrap().meta;
    service::delete(call, Step { id, base: meta.version }).await.unwrap();
    in_force
}

/// The ledger at any moment: sums are those of the lines, and no more is exempt than was exported.
async fn is_right(call: &Call, filing: Uuid) -> usize {
    let total = service::book(call, filing).await.unwrap().unwrap().total();
    let (exported, exempt) = (total.exported.booked, total.exempt.amount());
    assert!(exempt <= exported, "{exempt} exempt of {exported} exported");
    let checked = check(&call.state.db).await.unwrap();
    assert!(checked.differences.is_empty(), "{:?}", checked.differences);
    checked.lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_callers_never_get_more_exempt_than_was_exported() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (filing, number) = book(&call).await;
        let begun = Instant::now();
        let (over, lists) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (serial, passed) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(Vec::new())));
        let each = entries().div_ceil(CALLERS);
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                tokio::spawn(work(call.clone(), number.clone(), each, serial.clone(), passed.clone(), lists.clone()))
            })
            .collect();
        let watched = state.clone();
        let officer = tokio::spawn({
            let (call, passed, number, over) = (call.clone(), passed.clone(), number.clone(), over.clone());
            async move {
                // Customs answers, takes back and pauses meanwhile; at every moment the ledger is right.
                let (mut in_force, mut changes) = (filing, 0);
                for turn in 0u32.. {
                    if turn >= 40 && over.load(Ordering::Relaxed) {
                        break;
                    }
                    settle(&watched).await;
                    let some = passed.lock().await.pop();
                    if let Some(id) = some {
                        let no = entry_no(&call, id).await;
                        if !no.is_empty() {
                            let _ = office(&watched).revoke(&no, turn % 2 == 0, "抽查", watched.clock.now()).await;
                        }
                    }
                    let _ = office(&watched).pause(&number, turn % 5 == 0).await;
                    if turn % 10 == 3 {
                        let before = in_force;
                        in_force = change_book(&call, in_force).await;
                        changes += i32::from(in_force != before);
                    }
                    // All lines are counted anew: in a long run now and then.
                    let lines = is_right(&call, filing).await;
                    tokio::time::sleep(Duration::from_millis(20 + lines as u64 / 50)).await;
                }
                assert!(changes > 0, "the book was never changed");
                changes
            }
        });
        for caller in callers {
            caller.await.unwrap();
        }
        over.store(true, Ordering::Relaxed);
        let changes = officer.await.unwrap();
        office(&state).pause(&number, false).await.unwrap();
        settle(&state).await;
        let lines = is_right(&call, filing).await;
        let lists = lists.load(Ordering::Relaxed);
        println!("{:?}: {lines} lines, {changes} changes, {lists} lists, {:?}", state.db.engine, begun.elapsed());
        assert!(lists > 0, "no list was registered");
        assert!(lines > entries(), "hardly anything was booked: {lines}");
        let quarantined: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM inbox WHERE state = 'quarantined'")
            .fetch_one(&state.db.read)
            .await
            .unwrap();
        let reasons: Vec<String> = sqlx::query_scalar("SELECT error FROM inbox WHERE state = 'quarantined'")
            .fetch_all(&state.db.read)
            .await
            .unwrap();
        // Customs knows nothing of what was registered here alone, so what it takes back may be built upon.
        assert!(reasons.iter().all(|reason| reason.contains("不能撤销")), "{quarantined}: {reasons:?}");
    }
}
