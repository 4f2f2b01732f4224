//! Requests that meet: sent twice at once, two people who take one number, a number somebody typed before the program gave
//! it. On both databases; PostgreSQL lets them run side by side. None may end in a fault of the server's.

use opbook::document::{Copied, Derive, Saved, service};
use opbook::filing::model::Head;
use opbook::server::call::Call;
use opbook::server::failure::Failure;
use uuid::Uuid;

use crate::desk::{OWN, at, call, complete_filing, head, save_head, state};
use crate::support::both_databases;

/// Runs all at once, on threads of their own.
async fn at_once<T: Send + 'static>(
    work: impl IntoIterator<Item = impl Future<Output = Result<T, Failure>> + Send + 'static>,
) -> Vec<Result<T, Failure>> {
    let tasks: Vec<_> = work.into_iter().map(tokio::spawn).collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.unwrap());
    }
    done
}

async fn save(call: Call, id: Uuid, head: Head) -> Result<Saved, Failure> {
    save_head(&call, id, 0, &head).await
}

async fn copy(call: Call, request: Derive) -> Result<Copied, Failure> {
    service::copy(&call, request).await
}

async fn count(call: &Call) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM document").fetch_one(&call.state.db.read).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_sent_twice_at_once_is_done_once() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let (from, _) = complete_filing(&call).await;
        for round in 1..=10 {
            let (id, head) = (Uuid::now_v7(), head(&call));
            let saved = at_once([1, 2, 3].map(|_| save(call.clone(), id, head.clone()))).await;
            let numbers: Vec<_> =
                saved.into_iter().map(|saved| at(&saved.unwrap().head, "seq_no").to_owned()).collect();
            assert!(numbers.iter().all(|number| *number == numbers[0]), "{numbers:?}");
            let request = Derive { from, id: Uuid::now_v7(), attachments: false };
            for copied in at_once([1, 2, 3].map(|_| copy(call.clone(), request.clone()))).await {
                copied.unwrap();
            }
            assert_eq!(count(&call).await, 1 + 2 * round);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_who_take_one_number_the_second_is_told() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        for round in 0..10 {
            let head = Head { internal_no: format!("HT-{round}"), ..head(&call) };
            let saved = at_once([1, 2].map(|_| save(call.clone(), Uuid::now_v7(), head.clone()))).await;
            assert_eq!(saved.iter().filter(|saved| saved.is_ok()).count(), 1, "{saved:?}");
            let refused = saved.into_iter().find_map(Result::err).unwrap();
            let Failure::Refused { findings, .. } = &refused else { panic!("{refused:?}") };
            assert_eq!(findings[0].pointer, "head.internal_no");
        }
    }
}

#[tokio::test]
async fn a_number_of_ours_that_somebody_typed_before_bars_nobody() {
    for db in both_databases().await {
        let state = state(db).await;
        let call = call(&state, "zhang", OWN);
        let given = save(call.clone(), Uuid::now_v7(), head(&call)).await.unwrap();
        let number = at(&given.head, "internal_no").to_owned();
        let serial: u32 = number[number.len() - 5..].parse().unwrap();
        // Typed, or left by an import: the next three that the program would give.
        for next in 1..=3 {
            let internal_no = format!("{}{:05}", &number[..number.len() - 5], serial + next);
            save(call.clone(), Uuid::now_v7(), Head { internal_no, ..head(&call) }).await.unwrap();
        }
        let free = save(call.clone(), Uuid::now_v7(), head(&call)).await.unwrap();
        let free = at(&free.head, "internal_no").to_owned();
        assert_eq!(free, format!("{}{:05}", &number[..number.len() - 5], serial + 4));
        let id = Uuid::now_v7();
        let from = given.meta.id;
        copy(call.clone(), Derive { from, id, attachments: false }).await.unwrap();
        assert_eq!(
            at(&service::get(&call, id).await.unwrap().head, "internal_no"),
            format!("{}{:05}", &number[..number.len() - 5], serial + 5)
        );
    }
}
