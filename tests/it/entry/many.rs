//! Many entries of one book at once, declared, returned, taken back and registered in any order by many callers: whatever
//! happens, no more is exempt than was exported, and the sums are those of the lines. `OPBOOK_TEST_ENTRIES` sets how many
//! per database (300 unless told).

use std::sync::Arc;

use opbook::document::{Step, service};
use opbook::entry::kind::{ENTRY_EXPORT, ENTRY_IMPORT};
use opbook::ledger::check::check;
use opbook::server::call::Call;
use opbook::server::failure::Failure;
use rand::RngExt as _;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{book, declare, draft, entry_no, head, office, row, settle};
use crate::desk::{OWN, call, state};
use crate::support::both_databases;

const CALLERS: usize = 16;

fn entries() -> usize {
    std::env::var("OPBOOK_TEST_ENTRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// One caller: makes entries, declares them, withdraws some of those that were registered.
async fn work(call: Call, number: String, many: usize, serial: Arc<Mutex<u64>>, passed: Arc<Mutex<Vec<Uuid>>>) {
    for _ in 0..many {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_callers_never_get_more_exempt_than_was_exported() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (_, number) = book(&call).await;
        let (serial, passed) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(Vec::new())));
        let each = entries().div_ceil(CALLERS);
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| tokio::spawn(work(call.clone(), number.clone(), each, serial.clone(), passed.clone())))
            .collect();
        let watched = state.clone();
        let officer = tokio::spawn({
            let (call, passed, number) = (call.clone(), passed.clone(), number.clone());
            async move {
                // Customs answers, takes back and pauses meanwhile; at every moment the ledger is right.
                for turn in 0..40u32 {
                    settle(&watched).await;
                    let some = passed.lock().await.pop();
                    if let Some(id) = some {
                        let no = entry_no(&call, id).await;
                        if !no.is_empty() {
                            let _ = office(&watched).revoke(&no, turn % 2 == 0, "抽查", watched.clock.now()).await;
                        }
                    }
                    let _ = office(&watched).pause(&number, turn % 5 == 0).await;
                    let checked = check(&watched.db).await.unwrap();
                    assert!(checked.differences.is_empty(), "{:?}", checked.differences);
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            }
        });
        for caller in callers {
            caller.await.unwrap();
        }
        officer.await.unwrap();
        office(&state).pause(&number, false).await.unwrap();
        settle(&state).await;
        let checked = check(&state.db).await.unwrap();
        assert!(checked.differences.is_empty(), "{:?}", checked.differences);
        assert!(checked.lines > entries(), "hardly anything was booked: {}", checked.lines);
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
