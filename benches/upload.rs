//! Uploading attached files through HTTP, beside a bare axum handler that streams the same bytes into
//! a file: what pieces, resuming and the database cost. The two are measured in turn, in one process
//! with the client; the browser's own work (reading, hashing) is not counted. Both flush to the disk
//! before they answer that the file is there.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use futures_util::StreamExt as _;
use opbook::people::demo;
use opbook::reference::service::ReferenceCache;
use opbook::server::config::Config;
use opbook::server::db::Db;
use opbook::server::{router, state::AppState};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

const PIECE: usize = 1 << 20;
const ROUNDS: usize = 5;
/// Size of a file, how many at once, how many each sends in a round.
const CASES: [(usize, usize, usize); 4] = [(300 << 10, 1, 20), (4 << 20, 1, 8), (20 << 20, 1, 3), (4 << 20, 8, 3)];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (ours, bare) = runtime.block_on(async {
        let db = Db::open(&format!("sqlite:{}", folder.path().join("bench.db").display())).await.unwrap();
        demo::load(&db).await.unwrap();
        let config = Config { captcha: false, data: folder.path().to_owned(), ..Config::default() };
        let reference = ReferenceCache::load(&db, &config).await.unwrap();
        let bare = Router::new()
            .route("/bare", post(keep))
            .layer(DefaultBodyLimit::disable())
            .with_state(folder.path().to_owned());
        (serve(router::app(AppState::new(db, config, reference))).await, serve(bare).await)
    });
    println!("MB a second (median of {ROUNDS} rounds); a file of opbook's: 暂存, pieces of 1 MB, end");
    for (size, clients, files) in CASES {
        let (mut own, mut plain) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let signed_in = (0..clients).map(|_| Client::signed_in(ours)).collect();
            own.push(round(size, files, signed_in, Client::upload));
            let strangers = (0..clients).map(|_| Client::new(bare)).collect();
            plain.push(round(size, files, strangers, |client, file| client.send("/bare", &file.content)));
        }
        let (own, plain) = (median(&mut own), median(&mut plain));
        println!(
            "  {:>6} kB × {clients}: opbook {own:>5}, bare handler {plain:>5}, ratio {}.{:02}",
            size >> 10,
            own / plain.max(1),
            own * 100 / plain.max(1) % 100
        );
    }
}

/// The reference: the bytes into a file of a new name, flushed.
async fn keep(State(folder): State<PathBuf>, body: Body) {
    let mut file = tokio::fs::File::create(folder.join(Uuid::now_v7().to_string())).await.unwrap();
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        file.write_all(&piece.unwrap()).await.unwrap();
    }
    file.sync_all().await.unwrap();
}

async fn serve(app: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    address
}

/// All clients send their files; MB a second of all together.
fn round(size: usize, files: usize, clients: Vec<Client>, send: fn(&Client, &Chosen)) -> u128 {
    // Made and hashed before: that is the browser's work.
    let chosen: Vec<Vec<Chosen>> = clients.iter().map(|_| (0..files).map(|_| Chosen::new(size)).collect()).collect();
    let start = Instant::now();
    std::thread::scope(|scope| {
        for (client, files) in clients.iter().zip(&chosen) {
            scope.spawn(move || files.iter().for_each(|file| send(client, file)));
        }
    });
    let bytes = (size * clients.len() * files) as u128;
    bytes / start.elapsed().as_micros().max(1)
}

fn median(figures: &mut [u128]) -> u128 {
    figures.sort_unstable();
    figures[figures.len() / 2]
}

/// A file a browser has read.
struct Chosen {
    content: Vec<u8>,
    hash: String,
    /// Hashes of its pieces.
    pieces: Vec<String>,
}

impl Chosen {
    fn new(size: usize) -> Self {
        const END: &[u8] = b"\n%%EOF\n";
        let mut content = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\
            2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n\
            3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%"
            .to_vec();
        content.extend(Uuid::now_v7().to_string().bytes());
        content.resize(size - END.len(), b'7');
        content.extend(END);
        Self { hash: sha256(&content), pieces: content.chunks(PIECE).map(sha256).collect(), content }
    }
}

/// A browser that is signed in and has a book of its own.
struct Client {
    agent: ureq::Agent,
    url: String,
    book: Uuid,
}

impl Client {
    fn new(server: SocketAddr) -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Self { agent, url: format!("http://{server}"), book: Uuid::now_v7() }
    }

    fn signed_in(server: SocketAddr) -> Self {
        let client = Self::new(server);
        let form =
            json!({ "form": { "login": "donglan", "password": "donglan-2026", "captcha_id": "", "captcha": "" } });
        client.call("account/login", &form);
        let head = json!({ "operator_code": "3205246018", "processor_code": "3502166027" });
        client.call(
            "document/save_head",
            &json!({ "request": { "id": client.book, "kind": "filing", "base": 0, "head": head } }),
        );
        client
    }

    fn send(&self, path: &str, body: &[u8]) {
        self.post(path, "application/octet-stream", body);
    }

    fn call(&self, endpoint: &str, input: &Value) {
        self.post(&format!("/api/{endpoint}"), "application/json", input.to_string().as_bytes());
    }

    fn post(&self, path: &str, kind: &str, body: &[u8]) {
        let request = self.agent.post(format!("{}{path}", self.url));
        let mut answer =
            request.header("Sec-Fetch-Site", "same-origin").header("Content-Type", kind).send(body).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        assert_eq!(answer.status(), 200, "{path}: {text}");
    }

    fn upload(&self, chosen: &Chosen) {
        let id = Uuid::now_v7();
        let file = json!({ "name": "合同.pdf", "size": chosen.content.len(), "hash": chosen.hash });
        let request =
            json!({ "document_id": self.book, "id": id, "base": 0, "content": { "att_type": "01" }, "file": file });
        self.call("attachment/save", &json!({ "request": request }));
        for (at, (piece, hash)) in chosen.content.chunks(PIECE).zip(&chosen.pieces).enumerate() {
            self.send(&format!("/api/attachments/{id}/pieces?start={}&hash={hash}", at * PIECE), piece);
        }
        self.call("attachment/finish", &json!({ "id": id }));
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
