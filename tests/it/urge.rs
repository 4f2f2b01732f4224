//! 催核 on both databases: the notice of customs is kept once, the book is marked, the short message goes out once through a
//! gateway that does not answer, hangs up, fails, then takes it, whoever of several processes carries it. If these fail, a
//! company never hears that it is late, or is barred from new books without having been told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use opbook::account_book;
use opbook::document::{Derive, Query, SaveHead, Status, service};
use opbook::exchange::{Incoming, inbox};
use opbook::form::{Filled, show_date};
use opbook::job::worker::{Lane, step};
use opbook::server::call::Call;
use opbook::server::config::{Config, SmsGateway};
use opbook::server::jobs::SHORT;
use opbook::server::state::AppState;
use opbook::urge::kind::{LISTING, URGE};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::desk::{OTHER, OWN, at, call, state};
use crate::entry::{book, office, refusal, settle};
use crate::support::both_databases;

/// The notices of an enterprise.
async fn notices(call: &Call) -> Vec<(Uuid, Status, Filled)> {
    let query = Query { list: LISTING.key.into(), operator_code: OWN.into(), page_size: 50, ..Query::default() };
    let lines = service::list(call, query).await.unwrap().lines;
    lines.into_iter().map(|line| (line.meta.id, line.meta.status, line.head)).collect()
}

/// What was posted, in order: the number it went to, and its key.
type Posted = Arc<Mutex<Vec<(String, String)>>>;

/// A gateway: never answers the first, closes the second connection without an answer, answers 500 to the third, then takes
/// everything.
async fn gateway() -> (String, Posted) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/send", listener.local_addr().unwrap());
    let posted: Posted = Arc::default();
    let (kept, turn) = (posted.clone(), AtomicUsize::new(0));
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut text = Vec::new();
            let mut piece = [0; 4096];
            // One small message: its body ends with the last brace.
            while !text.ends_with(b"}") {
                match stream.read(&mut piece).await {
                    Ok(0) | Err(_) => break,
                    Ok(count) => text.extend_from_slice(&piece[..count]),
                }
            }
            let text = String::from_utf8_lossy(&text).into_owned();
            let body: serde_json::Value = serde_json::from_str(text.split("\r\n\r\n").nth(1).unwrap()).unwrap();
            assert!(text.to_lowercase().contains("authorization: bearer secret"), "{text}");
            kept.lock().await.push((body["to"].as_str().unwrap().into(), body["key"].as_str().unwrap().into()));
            let answer = match turn.fetch_add(1, Ordering::Relaxed) {
                0 => {
                    held.push(stream);
                    continue;
                }
                1 => continue,
                2 => "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbusy",
                _ => "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nid-7",
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (address, posted)
}

/// Another process on the same database, with this gateway.
fn process(state: &AppState, url: &str) -> AppState {
    let config = Config {
        sms: SmsGateway::Http(url.to_owned()),
        sms_token: "secret".into(),
        data: crate::support::fresh_folder(),
        ..Config::default()
    };
    AppState::new(state.db.clone(), config, state.reference.clone())
}

/// Three processes carry out what is due, all at once.
async fn work(processes: &[AppState; 3], lane: Lane) {
    let [one, two, three] = processes;
    let until_idle = async |state: &AppState| while step(state, lane).await.unwrap() {};
    tokio::join!(until_idle(one), until_idle(two), until_idle(three));
}

#[tokio::test]
async fn an_urging_is_kept_and_told_once_through_a_gateway_that_fails_twice() {
    for db in both_databases().await {
        let state = state(db).await;
        let own = call(&state, "zhang", OWN);
        let (_, number) = book(&own).await;
        let due = state.clock.today() + chrono::Days::new(10);
        office(&state).urge(&number, due, "账册即将到期，请报核", state.clock.now()).await.unwrap();
        settle(&state).await;
        let listed = notices(&own).await;
        let [(id, status, head)] = listed.as_slice() else { panic!("{listed:?}") };
        assert_eq!(*status, Status::Notice);
        for (key, value) in [
            ("book_no", number.as_str()),
            ("internal_no", &format!("{number}C001")),
            ("due_date", &show_date(due)),
            ("content", "账册即将到期，请报核"),
            ("mobile", "13800138000"),
            ("sms_state", "0"),
            ("handled", "0"),
        ] {
            assert_eq!(at(head, key), value, "{key}");
        }
        let kept = account_book::find(&state.db, &[OWN], &number).await.unwrap().unwrap();
        assert_eq!(kept.written.urged_on, show_date(state.clock.today()));

        // The gateway is silent, closes the line, fails, then takes it: tried by whoever comes first, taken once.
        let (url, posted) = gateway().await;
        let processes = [process(&state, &url), process(&state, &url), process(&state, &url)];
        for (tries, told, sms_state) in
            [(1, "秒内没有应答", "0"), (2, "没有正确应答", "0"), (3, "应答500 busy", "0"), (4, "id-7", "1")]
        {
            work(&processes, SHORT).await;
            work(&processes, SHORT).await;
            let head = &notices(&own).await[0].2;
            assert_eq!(posted.lock().await.len(), tries);
            assert!(at(head, "sms_told").contains(told), "{}", at(head, "sms_told"));
            assert_eq!(at(head, "sms_state"), sms_state);
            state.clock.advance(TimeDelta::hours(2));
        }
        work(&processes, SHORT).await;
        let sent = posted.lock().await.clone();
        assert!(sent.iter().all(|one| *one == sent[0]), "one number, one key: {sent:?}");
        assert_eq!((sent.len(), sent[0].0.as_str()), (4, "13800138000"));
        // Every try stands with the receipts of the notice.
        let receipts = service::receipts(&own, *id).await.unwrap();
        let meanings: Vec<&str> = receipts.iter().map(|receipt| receipt.meaning().unwrap().zh).collect();
        assert_eq!(
            meanings,
            ["短信已发送", "短信未发出，稍后重试", "短信未发出，稍后重试", "短信未发出，稍后重试", "催核"]
        );

        // The same message once more, under another name: kept, and no second notice.
        let raw: String = sqlx::query_scalar("SELECT raw FROM inbox WHERE raw LIKE '%OPB261%'")
            .fetch_one(&state.db.read)
            .await
            .unwrap();
        let again = Incoming { id: "again".into(), raw: format!("{raw} ").into_bytes() };
        inbox::keep(&state.db, &[again]).await.unwrap();
        inbox::apply_new(&state).await.unwrap();
        assert_eq!(notices(&own).await.len(), 1);
        // A second urging is another notice; nobody else sees either, and nobody writes into one.
        office(&state).urge(&number, due, "再次催核", state.clock.now()).await.unwrap();
        settle(&state).await;
        assert_eq!(notices(&own).await.len(), 2);
        let stranger = crate::desk::call(&state, "wang", OTHER);
        assert!(service::get(&stranger, *id).await.is_err());
        let copied = service::copy(&own, Derive { from: *id, id: Uuid::now_v7(), attachments: false }).await;
        assert!(refusal(copied.unwrap_err()).contains("由海关发出"));
        assert_eq!(notices(&own).await.len(), 2);
        let request = SaveHead { op: 0, id: *id, kind: URGE.key.into(), base: 1, head: Filled::new(), was: None };
        assert!(refusal(service::save_head(&own, request).await.unwrap_err()).contains("由海关发出"));
    }
}
