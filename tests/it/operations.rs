//! Saves that a browser kept while the server was away, and sends later: whatever is repeated, comes late, in another order or is
//! cut off, the document is in the end what its typist saw, and nothing is there twice. `OPBOOK_TEST_REPLAYS` sets how many
//! logs are replayed per database (60 unless told).

use std::collections::BTreeMap;

use opbook::document::{PutRow, RemoveRow, SaveHead, SaveRows, service};
use opbook::filing::model::EXPORTS;
use opbook::server::call::Call;
use opbook::server::failure::Failure;
use rand::RngExt as _;
use rand::seq::SliceRandom as _;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::desk::{KIND, OWN, at, call, export, filled, head, one, removal, rows, state};
use crate::support::both_databases;

/// One save of a log.
#[derive(Clone)]
enum Save {
    Head(SaveHead),
    Rows(SaveRows),
}

async fn send(call: &Call, save: &Save) -> Result<(), Failure> {
    match save {
        Save::Head(head) => service::save_head(call, head.clone()).await.map(drop),
        Save::Rows(rows) => service::save_rows(call, rows.clone()).await.map(drop),
    }
}

/// A log as a browser without a server writes it, and what its typist sees in the end: remark, and quantity by row.
fn log(call: &Call, document: Uuid) -> (Vec<Save>, String, BTreeMap<Uuid, String>) {
    let mut random = rand::rng();
    let first = i64::from(random.random_range(1..1_000_000));
    let mut log = Vec::new();
    let (mut remark, mut head_op) = (String::new(), 0);
    // Quantity of each row, and the operation that left it.
    let mut seen: BTreeMap<Uuid, (String, i64)> = BTreeMap::new();
    for step in 0..random.random_range(3..14) {
        let op = first + step;
        let known: Vec<Uuid> = seen.keys().copied().collect();
        let qty = random.random_range(1..999).to_string();
        if step == 0 || random.random_bool(0.15) {
            remark = format!("第{step}次");
            let mut head = head(call);
            head.remark.clone_from(&remark);
            log.push(Save::Head(SaveHead {
                op,
                id: document,
                kind: KIND.into(),
                base: -head_op,
                head: filled(&head),
                was: None,
            }));
            head_op = op;
        } else if !known.is_empty() && random.random_bool(0.2) {
            let id = known[random.random_range(0..known.len())];
            let (_, left) = seen.remove(&id).unwrap();
            let remove = RemoveRow { row_id: id, base: -left };
            log.push(Save::Rows(SaveRows { op, removes: vec![remove], ..removal(document, EXPORTS, id, 0) }));
        } else {
            let old = !known.is_empty() && random.random_bool(0.5);
            let id = if old { known[random.random_range(0..known.len())] } else { Uuid::now_v7() };
            let left = seen.get(&id).map_or(0, |(_, left)| *left);
            let put = PutRow { row_id: id, base: -left, seq: 0, content: filled(&export(&qty)), was: None };
            let request = one(document, EXPORTS, id, 0, &export(&qty));
            log.push(Save::Rows(SaveRows { op, puts: vec![put], ..request }));
            seen.insert(id, (qty, op));
        }
    }
    (log, remark, seen.into_iter().map(|(id, (qty, _))| (id, qty)).collect())
}

async fn expect(call: &Call, document: Uuid, remark: &str, quantities: &BTreeMap<Uuid, String>) {
    let stored = service::get(call, document).await.unwrap();
    assert_eq!(at(&stored.head, "remark"), remark);
    let found = rows(&stored, EXPORTS);
    let seen: BTreeMap<Uuid, String> = found.iter().map(|row| (row.id, at(&row.content, "qty").to_owned())).collect();
    assert_eq!(seen, *quantities);
    assert_eq!(found.len(), quantities.len(), "a row is there twice");
    let pieces: Decimal = quantities.values().map(|qty| qty.parse::<Decimal>().unwrap()).sum();
    let total = at(&stored.head, "export_total").parse::<Decimal>().unwrap_or_default();
    assert_eq!(total, pieces * Decimal::new(25, 1), "of two and a half each");
}

#[tokio::test]
async fn a_log_of_saves_comes_to_the_same_however_it_is_sent() {
    let replays: usize = std::env::var("OPBOOK_TEST_REPLAYS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (mut sent, mut refused) = (0, 0);
        for _ in 0..replays {
            let document = Uuid::now_v7();
            let (log, remark, quantities) = log(&call, document);
            // Late and repeated: some of it in any order first. What builds upon something that is not there yet is refused.
            let mut early: Vec<&Save> = log.iter().collect();
            early.shuffle(&mut rand::rng());
            early.truncate(rand::rng().random_range(0..log.len()));
            for save in early {
                sent += 1;
                refused += usize::from(send(&call, save).await.is_err());
            }
            // Cut off anywhere, and begun again where the browser knows no answer.
            let mut next = 0;
            while next < log.len() {
                send(&call, &log[next]).await.unwrap_or_else(|error| panic!("{next}: {error:?}"));
                sent += 1;
                next = if rand::rng().random_bool(0.2) {
                    next.saturating_sub(rand::rng().random_range(0..3))
                } else {
                    next + 1
                };
            }
            expect(&call, document, &remark, &quantities).await;
            // The whole of it once more, long after.
            for save in &log {
                send(&call, save).await.unwrap();
                sent += 1;
            }
            expect(&call, document, &remark, &quantities).await;
        }
        eprintln!("{replays} logs of saves: {sent} sent, {refused} came too early and were refused, 0 done twice");
    }
}

#[tokio::test]
async fn a_save_that_comes_before_the_one_it_goes_on_from_is_not_taken_for_done() {
    // One of ten thousand logs showed it: 5, 7 and 5 again, of which the last came before the second, said what was stored already
    // and counted as done; the second came, and the last was passed over.
    for db in both_databases().await {
        let state = state(db).await;
        let mine = call(&state, "zhang", OWN);
        let (document, row) = (Uuid::now_v7(), Uuid::now_v7());
        let head_of = |op, base, remark: &str| {
            let mut head = head(&mine);
            remark.clone_into(&mut head.remark);
            SaveHead { op, id: document, kind: KIND.into(), base, head: filled(&head), was: None }
        };
        let heads = [head_of(1, 0, "一"), head_of(2, -1, "二"), head_of(3, -2, "一")];
        let put = |op, base, qty| SaveRows { op, ..one(document, EXPORTS, row, base, &export(qty)) };
        let puts = [put(11, 0, "5"), put(12, -11, "7"), put(13, -12, "5")];
        service::save_head(&mine, heads[0].clone()).await.unwrap();
        service::save_rows(&mine, puts[0].clone()).await.unwrap();
        // Harmless, and no reason to ask anybody; but not done.
        service::save_head(&mine, heads[2].clone()).await.unwrap();
        service::save_rows(&mine, puts[2].clone()).await.unwrap();
        // A row that says what each field was, too.
        let mut with_was = puts[2].clone();
        with_was.puts[0].was = Some([("qty".to_owned(), "7".to_owned())].into());
        service::save_rows(&mine, with_was).await.unwrap();
        for at in [1, 2] {
            service::save_head(&mine, heads[at].clone()).await.unwrap();
            service::save_rows(&mine, puts[at].clone()).await.unwrap();
        }
        let stored = service::get(&mine, document).await.unwrap();
        assert_eq!(at(&stored.head, "remark"), "一");
        assert_eq!(at(&rows(&stored, EXPORTS)[0].content, "qty"), "5");
    }
}

#[tokio::test]
async fn what_somebody_else_did_meanwhile_is_not_overwritten_and_what_is_gone_does_not_come_back() {
    for db in both_databases().await {
        let state = state(db).await;
        let (mine, theirs) = (call(&state, "zhang", OWN), call(&state, "li", OWN));
        let (document, row) = (Uuid::now_v7(), Uuid::now_v7());
        let make = SaveHead { op: 70, id: document, kind: KIND.into(), base: 0, head: filled(&head(&mine)), was: None };
        service::save_head(&mine, make.clone()).await.unwrap();
        let put = SaveRows { op: 71, ..one(document, EXPORTS, row, 0, &export("1")) };
        let stored = service::save_rows(&mine, put.clone()).await.unwrap().rows[0].version;
        service::save_rows(&theirs, one(document, EXPORTS, row, stored, &export("2"))).await.unwrap();
        // Typed before the other's change was seen.
        let next = SaveRows { op: 72, ..one(document, EXPORTS, row, -71, &export("3")) };
        assert!(matches!(service::save_rows(&mine, next).await, Err(Failure::Conflict { stored: Some(_), .. })));
        // An operation nobody knows is no leave to overwrite.
        let unknown = SaveRows { op: 73, ..one(document, EXPORTS, row, -9, &export("3")) };
        assert!(matches!(service::save_rows(&mine, unknown).await, Err(Failure::Conflict { .. })));

        let version = service::get(&theirs, document).await.unwrap().lists[0].rows[0].version;
        service::save_rows(&theirs, removal(document, EXPORTS, row, version)).await.unwrap();
        service::save_rows(&mine, put).await.unwrap();
        assert_eq!(service::get(&mine, document).await.unwrap().lists[0].rows, [], "sent again, the row came back");
        let base = service::get(&theirs, document).await.unwrap().meta.version;
        service::delete(&theirs, opbook::document::Step { id: document, base }).await.unwrap();
        assert!(matches!(service::save_head(&mine, make).await, Err(Failure::Refused { .. })), "it came back");
        assert!(matches!(service::get(&mine, document).await, Err(Failure::NotFound)));
    }
}
