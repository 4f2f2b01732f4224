//! Hints of changed documents: whoever may see a document hears within a second that it changed, also in another process;
//! nobody else hears of it; streams end with the session and with the process. If these fail, a clerk works on what a colleague
//! changed long ago, or a server does not stop.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use axum::body::BodyDataStream;
use axum::http::{Method, StatusCode, header};
use futures_util::StreamExt as _;
use opbook::hint::model::{ADDRESS, BEAT, Event, Hint};
use opbook::hint::watch;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::{Browser, TestApp, both_databases, password_of};

/// Longer than anything but a beat takes, on a busy machine.
const LONG: Duration = Duration::from_secs(10);

/// A stream that a browser listens to.
struct Stream {
    body: BodyDataStream,
    read: String,
}

impl Stream {
    /// Opens one; its status when there is none.
    async fn open(browser: &Browser, address: &str) -> Result<Self, StatusCode> {
        let response = browser.open(browser.bare_request(Method::GET, address, Vec::new())).await;
        if response.status() != StatusCode::OK {
            return Err(response.status());
        }
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        Ok(Self { body: response.into_body().into_data_stream(), read: String::new() })
    }

    /// The next event; nothing when the stream ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.read.find("\n\n") {
                let event: String = self.read.drain(..end + 2).collect();
                let data = event.lines().find_map(|line| line.strip_prefix("data: "))?;
                return Some(serde_json::from_str(data).unwrap());
            }
            self.read += std::str::from_utf8(&self.body.next().await?.unwrap()).unwrap();
        }
    }

    /// Waits for the change of a document to a version at least; what else is told meanwhile is let pass.
    async fn hears(&mut self, document: Uuid, version: i64) -> Hint {
        let hearing = async {
            loop {
                let Event::Changed(hints) = self.next().await.expect("the stream goes on") else { continue };
                let found = hints.into_iter().find(|hint| hint.document == document && hint.version >= version);
                if let Some(hint) = found {
                    return hint;
                }
            }
        };
        timeout(LONG, hearing).await.expect("told of it")
    }

    /// What is told within a time that is long enough for another stream to be told.
    async fn hears_of(&mut self, time: Duration) -> Vec<Hint> {
        let mut heard = Vec::new();
        let listening = async {
            while let Some(event) = self.next().await {
                if let Event::Changed(hints) = event {
                    heard.extend(hints);
                }
            }
        };
        let _ = timeout(time, listening).await;
        heard
    }
}

/// Watches as a server process does, until the end of the test.
fn watching(app: &TestApp) -> CancellationToken {
    let stop = CancellationToken::new();
    watch::start(app.state.clone(), stop.clone());
    stop
}

async fn save(browser: &Browser, id: Uuid, base: i64, remark: &str) -> i64 {
    let head = json!({
        "operator_code": "3205246018", "processor_code": "3502166027", "currency": "USD",
        "internal_no": format!("H-{}", id.simple()), "remark": remark,
    });
    let request = json!({ "id": id, "kind": "filing", "base": base, "head": head });
    let (status, saved) = browser.call("document/save_head", json!({ "request": request })).await;
    assert_eq!(status, StatusCode::OK, "{saved}");
    saved["meta"]["version"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_see_it_hears_of_it_in_every_process_and_nobody_else() {
    for db in both_databases().await {
        let here = TestApp::new(db).await;
        let there = here.another_process();
        let (_here, _there) = (watching(&here), watching(&there));
        let writer = here.signed_in("donglan").await;
        let (owner, stranger) = (there.signed_in("donglan").await, there.signed_in("haihe").await);
        let mut owners = Stream::open(&owner, &format!("{ADDRESS}?user=donglan")).await.unwrap();
        let mut strangers = Stream::open(&stranger, ADDRESS).await.unwrap();
        // First of all, to look: between reading and listening something may have changed.
        assert_eq!(owners.next().await, Some(Event::Look));
        assert_eq!(strangers.next().await, Some(Event::Look));

        let id = Uuid::now_v7();
        let (mut version, mut slowest) = (0, Duration::ZERO);
        for round in 0..8 {
            version = save(&writer, id, version, &format!("第{round}次")).await;
            let begun = Instant::now();
            assert_eq!(owners.hears(id, version).await.version, version);
            slowest = slowest.max(begun.elapsed());
        }
        // What moves nothing but the number of receipts is told as well.
        let hint = owners.hears_of(Duration::from_millis(700)).await;
        assert!(hint.is_empty(), "told once: {hint:?}");
        here.execute("UPDATE document SET receipt_count = receipt_count + 1, updated_at = '2999-01-01T00:00:00.000Z'")
            .await;
        assert_eq!(owners.hears(id, version).await.receipts, 1);
        let foreign = strangers.hears_of(Duration::from_secs(1)).await;
        assert!(!foreign.iter().any(|hint| hint.document == id), "{foreign:?}");
        eprintln!("a change in one process is heard in the other after {} ms at most", slowest.as_millis());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_for_who_is_signed_in_and_ends_with_the_session_and_the_process() {
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let _watch = watching(&app);
        // Anything but 200 tells a browser to try no more by itself.
        assert_eq!(Stream::open(&app.browser(), ADDRESS).await.err(), Some(StatusCode::UNAUTHORIZED));
        let browser = app.signed_in("donglan").await;
        let foreign = Stream::open(&browser, &format!("{ADDRESS}?user=haihe")).await.err();
        assert_eq!(foreign, Some(StatusCode::FORBIDDEN), "a page of somebody else");
        let mut request = browser.bare_request(Method::GET, ADDRESS, Vec::new());
        request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        assert_eq!(browser.open(request).await.status(), StatusCode::NO_CONTENT);

        let mut streams = Vec::new();
        for _ in 0..50 {
            streams.push(Stream::open(&browser, ADDRESS).await.unwrap());
        }
        assert_eq!(app.state.hints.listeners(), streams.len());
        for stream in &mut streams {
            assert_eq!(stream.next().await, Some(Event::Look));
        }
        // Signed out elsewhere: the stream must not go on telling.
        let mut last = streams.pop().unwrap();
        let other = app.signed_in("haihe").await;
        let mut others = Stream::open(&other, ADDRESS).await.unwrap();
        assert_eq!(others.next().await, Some(Event::Look));
        assert_eq!(browser.call("account/logout", json!({})).await.0, StatusCode::OK);
        let ended = async { while last.next().await.is_some() {} };
        timeout(BEAT + LONG, ended).await.expect("ends with the session");
        assert_eq!(timeout(LONG, others.next()).await.expect("goes on"), Some(Event::Beat), "another session goes on");

        app.state.hints.end();
        assert_eq!(timeout(LONG, others.next()).await.expect("ends with the process"), None);
        drop(streams);
        drop(last);
        drop(others);
        assert_eq!(app.state.hints.listeners(), 0, "what is gone is not told any more");
    }
}

#[cfg(unix)]
#[test]
fn two_hundred_open_streams_do_not_keep_a_server_from_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_opbook"));
    command.args(["serve", "--demo"]).env("OPBOOK_DATA", folder.path()).env("OPBOOK_ADDR", "127.0.0.1:0");
    command.env("OPBOOK_CAPTCHA", "off").env("OPBOOK_LOG", "json").env_remove("DATABASE_URL");
    let mut server = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap());
    let address = loop {
        let mut line = String::new();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "it ended");
        let entry: Value = serde_json::from_str(&line).unwrap_or_default();
        if entry["fields"]["message"] == "listening" {
            break entry["fields"]["addr"].as_str().unwrap().to_owned();
        }
    };
    std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
    let origin = format!("http://{address}");
    let form =
        json!({ "form": { "login": "donglan", "password": password_of("donglan"), "captcha_id": "", "captcha": "" } });
    let response = ureq::post(format!("{origin}/api/account/login"))
        .header("Origin", &origin)
        .header("Content-Type", "application/json")
        .send(form.to_string())
        .unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let streams: Vec<TcpStream> = (0..200)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).unwrap();
            write!(stream, "GET {ADDRESS} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n").unwrap();
            let mut begin = [0; 12];
            stream.read_exact(&mut begin).unwrap();
            assert_eq!(&begin, b"HTTP/1.1 200");
            stream
        })
        .collect();
    let begun = Instant::now();
    assert!(std::process::Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap().success());
    assert!(server.wait().unwrap().success());
    let took = begun.elapsed();
    eprintln!("stopped {} ms after it was told, with {} streams open", took.as_millis(), streams.len());
    // Without an end of their own, the server waits 35 seconds for them.
    assert!(took < Duration::from_secs(15), "{took:?}");
}
