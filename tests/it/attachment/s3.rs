//! The program on an S3-compatible store that is a process of its own, reached by the network.
//! `OPBOOK_TEST_S3_SERVER` is the program (scripts/setup test installs it); skipped without.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::pdf;
use crate::support::{fresh_sqlite, sha256};
use serde_json::{Value, json};
use uuid::Uuid;

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn start(command: &mut Command, address: SocketAddr) -> Running {
    let running = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).spawn().unwrap());
    let deadline = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < deadline, "{address} does not come up");
        std::thread::sleep(Duration::from_millis(20));
    }
    running
}

fn s3(program: &Path, address: SocketAddr) -> Running {
    start(Command::new(program).args(["-H", "127.0.0.1", "-p"]).arg(address.port().to_string()), address)
}

fn opbook(arguments: &[&str], folder: &Path, database: &str, store: SocketAddr, address: SocketAddr) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opbook"));
    command.args(arguments).current_dir(folder);
    command.env("OPBOOK_STORAGE", format!("s3://papers/opbook/live?endpoint=http://{store}&region=us-east-1"));
    command.env("AWS_ACCESS_KEY_ID", "testing").env("AWS_SECRET_ACCESS_KEY", "testing");
    command.env("OPBOOK_DATA", folder).env("DATABASE_URL", database).env("OPBOOK_ADDR", address.to_string());
    command.env("OPBOOK_CAPTCHA", "off").env_remove("REFDATA_DIR");
    command
}

struct Client {
    agent: ureq::Agent,
    url: String,
}

impl Client {
    fn post(&self, path: &str, body: &[u8]) -> (u16, Value) {
        let mut answer = self
            .agent
            .post(format!("{}/api/{path}", self.url))
            .header("Sec-Fetch-Site", "same-origin")
            .header("Content-Type", "application/json")
            .send(body)
            .unwrap();
        (answer.status().as_u16(), answer.body_mut().read_json().unwrap_or_default())
    }

    fn call(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.post(path, body.to_string().as_bytes());
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn file(&self, id: Uuid) -> Vec<u8> {
        let mut answer = self.agent.get(format!("{}/api/attachments/{id}/file", self.url)).call().unwrap();
        assert_eq!(answer.status(), 200);
        answer.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap()
    }
}

/// Downloads as over a line that stands still for longer than a request to a store should be silent.
fn slowly(client: &Client, address: SocketAddr, id: Uuid) -> Vec<u8> {
    let url: ureq::http::Uri = client.url.parse().unwrap();
    let cookies = client.agent.cookie_jar_lock();
    let cookie = cookies.iter().map(|one| format!("{}={}", one.name(), one.value())).collect::<Vec<_>>().join("; ");
    drop(cookies);
    let mut line = TcpStream::connect(address).unwrap();
    let host = url.host().unwrap();
    write!(
        line,
        "GET /api/attachments/{id}/file HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut start = vec![0; 100 << 10];
    line.read_exact(&mut start).unwrap();
    std::thread::sleep(Duration::from_secs(12));
    line.read_to_end(&mut start).unwrap();
    let head = start.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    start.split_off(head + 4)
}

/// How many objects the bucket has below a prefix.
fn objects(agent: &ureq::Agent, store: SocketAddr, prefix: &str) -> usize {
    let mut answer = agent.get(format!("http://{store}/papers?list-type=2&prefix={prefix}")).call().unwrap();
    answer.body_mut().read_to_string().unwrap().matches("<Key>").count()
}

#[test]
fn files_are_kept_in_an_s3_store() {
    let Some(program) = std::env::var_os("OPBOOK_TEST_S3_SERVER").map(PathBuf::from).filter(|path| path.exists())
    else {
        println!("skipped: OPBOOK_TEST_S3_SERVER names no program");
        return;
    };
    let (store, address) = (free_address(), free_address());
    let s3_server = s3(&program, store);
    let config =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60)));
    let agent: ureq::Agent = config.build().into();
    assert_eq!(agent.put(format!("http://{store}/papers")).send_empty().unwrap().status(), 200);
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_sqlite();
    let server = start(&mut opbook(&["serve", "--demo"], folder.path(), &database, store, address), address);

    let client = Client { agent: agent.clone(), url: format!("http://{address}") };
    let login = json!({ "form": { "login": "donglan", "password": "donglan-2026", "captcha_id": "", "captcha": "" } });
    client.call("account/login", login);
    let book = Uuid::now_v7();
    let head = json!({ "operator_code": super::OWNER, "processor_code": "4403160D52" });
    client.call("document/save_head", json!({ "request": { "id": book, "kind": "filing", "base": 0, "head": head } }));
    // One piece; several that make one part; several parts (a part of S3 has five megabytes or more).
    let mut ids = Vec::new();
    for (size, salt) in [(1000, 1), (3 << 20, 2), ((12 << 20) + 5, 3)] {
        let (id, content) = (Uuid::now_v7(), pdf(size, salt));
        let file = json!({ "name": "合同.pdf", "size": size, "hash": sha256(&content) });
        let request =
            json!({ "document_id": book, "id": id, "base": 0, "content": { "att_type": "01" }, "file": file });
        client.call("attachment/save", json!({ "request": request }));
        for (at, piece) in content.chunks(super::PIECE).enumerate() {
            let path = format!("attachments/{id}/pieces?start={}&hash={}", at * super::PIECE, sha256(piece));
            let (status, body) = client.post(&path, piece);
            assert_eq!(status, 200, "{body}");
        }
        client.call("attachment/finish", json!({ "id": id }));
        assert!(client.file(id) == content, "{size} bytes came back changed");
        ids.push(id);
    }
    assert_eq!(objects(&agent, store, "opbook/live/files/"), 3, "pieces were left behind");
    assert_eq!(objects(&agent, store, ""), 4, "the mark of the owner, and nothing outside of the prefix");
    assert!(!folder.path().join("attachments").exists());

    assert!(slowly(&client, address, ids[2]) == pdf((12 << 20) + 5, 3), "cut off before its end");

    // An orphan goes with the command, what is in use stays.
    let orphan = format!("http://{store}/papers/opbook/live/files/ab/{}", "ab".repeat(16));
    agent.put(&orphan).send("x").unwrap();
    let output = opbook(&["attachments", "sweep"], folder.path(), &database, store, address).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(objects(&agent, store, "opbook/live/files/"), 4, "younger than a day: it may be an upload under way");

    // The store goes away: said in words, and nothing is half there.
    drop(s3_server);
    let (id, content) = (Uuid::now_v7(), pdf(1000, 9));
    let file = json!({ "name": "二.pdf", "size": 1000, "hash": sha256(&content) });
    let request = json!({ "document_id": book, "id": id, "base": 0, "content": { "att_type": "02" }, "file": file });
    client.call("attachment/save", json!({ "request": request }));
    let (status, body) = client.post(&format!("attachments/{id}/pieces?start=0&hash={}", sha256(&content)), &content);
    assert_eq!(status, 500, "{body}");
    assert!(body["message"]["zh"].as_str().unwrap().contains("文件存储暂时不可用"), "{body}");
    assert_eq!(client.call("attachment/get", json!({ "id": id }))["received"], 0);
    drop(server);
}
