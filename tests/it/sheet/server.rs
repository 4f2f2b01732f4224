//! A real server takes every hostile file, eight at once: it answers each with a sentence, stays up,
//! stays small, and the book they were meant for stays as it was.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use super::OWNER;
use super::hostile::{files, high_water, say};

/// What the server process itself may hold: its code tables, bodies of eight uploads of 10 MB, and the
/// answers of two reading processes. Those have a bound of their own.
const SERVER_MIB: u64 = 384;

struct Server {
    process: Child,
    url: String,
    agent: ureq::Agent,
    _data: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_opbook"))
            .args(["serve", "--demo"])
            .current_dir(data.path())
            .env("OPBOOK_DATA", data.path())
            .env("OPBOOK_ADDR", address.to_string())
            .env("OPBOOK_CAPTCHA", "off")
            .env_remove("DATABASE_URL")
            .env_remove("REFDATA_DIR")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(300)));
        let server = Self { process, url: format!("http://{address}"), agent: config.build().into(), _data: data };
        let deadline = Instant::now() + Duration::from_secs(60);
        while server.agent.get(format!("{}/health/ready", server.url)).call().is_err() {
            assert!(Instant::now() < deadline, "the server does not come up");
            std::thread::sleep(Duration::from_millis(10));
        }
        server
    }

    fn call(&self, endpoint: &str, input: &Value) -> Value {
        let request = self.agent.post(format!("{}/api/{endpoint}", self.url)).header("Sec-Fetch-Site", "same-origin");
        let mut answer = request.send_json(input).unwrap();
        let body: Value = answer.body_mut().read_json().unwrap();
        assert!(answer.status().is_success(), "{endpoint}: {body}");
        body
    }

    fn upload(&self, book: Uuid, bytes: &[u8]) -> (u16, Value) {
        let address = format!("{}/api/document/import_upload?document={book}&name=x.xlsx", self.url);
        let mut answer = self.agent.post(address).header("Sec-Fetch-Site", "same-origin").send(bytes).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
    }

    fn peak_mib(&self) -> u64 {
        high_water(&PathBuf::from(format!("/proc/{}/status", self.process.id()))) >> 10
    }
}

#[test]
fn a_server_survives_all_hostile_files_at_once() {
    let server = Server::start();
    server.call("account/login", &crate::support::login_form("donglan", "donglan-2026"));
    let book = Uuid::now_v7();
    let head = json!({ "operator_code": OWNER, "processor_code": "4403160D52" });
    server.call("document/save_head", &json!({ "request": { "id": book, "kind": "filing", "base": 0, "head": head } }));
    let before = server.call("document/get", &json!({ "id": book }));
    let idle = server.peak_mib();

    let files = files();
    let (next, busy) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some((name, bytes, _)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (status, body) = server.upload(book, bytes);
                    let said = body["message"]["zh"].as_str().unwrap_or_default();
                    match status {
                        // Only odd, with or without a row for this book.
                        200 => assert!(body["plans"].is_array(), "{name}: {body}"),
                        422 => assert!(!said.is_empty(), "{name}: {body}"),
                        429 => {
                            busy.fetch_add(1, Ordering::Relaxed);
                        }
                        _ => panic!("{name}: {status} {body}"),
                    }
                }
            });
        }
    });
    let peak = server.peak_mib();
    say(&format!(
        "server: {} hostile files, eight at once ({} told to come back): peak {peak} MiB, {idle} MiB before; bound {SERVER_MIB} MiB",
        files.len(),
        busy.load(Ordering::Relaxed)
    ));
    assert!(peak < SERVER_MIB, "{peak} MiB");
    assert_eq!(server.call("document/get", &json!({ "id": book })), before, "something was imported");
    // The next one is served as if nothing had been.
    let (status, body) = server.upload(book, &super::fixture("one.xlsx"));
    assert_eq!(status, 200, "{body}");
}

/// Processes the server has started and that still run.
fn children(server: &Server) -> usize {
    let parent = server.process.id().to_string();
    let is_child = |entry: &std::fs::DirEntry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // `pid (name) state parent …`; Z has ended and only waits to be collected.
        let mut fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
        fields.next().is_some_and(|state| state != "Z") && fields.next() == Some(parent.as_str())
    };
    std::fs::read_dir("/proc").unwrap().flatten().filter(is_child).count()
}

#[test]
fn a_stopped_import_stops_on_the_server_too() {
    // Somebody who presses 停止 and tries again must not find both places taken by what nobody awaits.
    let server = Server::start();
    server.call("account/login", &crate::support::login_form("donglan", "donglan-2026"));
    let book = Uuid::now_v7();
    let head = json!({ "operator_code": OWNER, "processor_code": "4403160D52" });
    server.call("document/save_head", &json!({ "request": { "id": book, "kind": "filing", "base": 0, "head": head } }));
    let slow = files().into_iter().find(|(name, ..)| name.contains("million strings")).unwrap().1;
    let address = format!("{}/api/document/import_upload?document={book}&name=x.xlsx", server.url);
    let within = |moment: Duration, want: usize| {
        let deadline = Instant::now() + moment;
        while children(&server) != want && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        children(&server) == want
    };
    std::thread::scope(|scope| {
        let request = server.agent.post(&address).header("Sec-Fetch-Site", "same-origin");
        let sent =
            scope.spawn(|| request.config().timeout_global(Some(Duration::from_millis(1500))).build().send(&slow[..]));
        assert!(within(Duration::from_millis(1400), 1), "it does not begin");
        assert!(sent.join().unwrap().is_err(), "it is over too soon to be stopped");
    });
    assert!(within(Duration::from_secs(2), 0), "it goes on");
}
