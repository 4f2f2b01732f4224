//! Saving through HTTP, beside a bare axum handler that runs the same SQL: what opbook itself costs.
//! `make bench` runs it on both databases. The two are measured in turn, round by round, in one
//! process with the client, so that the ratio holds on a noisy machine.

#![expect(clippy::float_arithmetic, reason = "times and rates are measured here, no money")]

#[path = "saving/bare.rs"]
mod bare;
#[path = "both/databases.rs"]
mod databases;
#[path = "saving/load.rs"]
mod load;

use std::net::SocketAddr;
use std::time::Duration;

use opbook::people::demo;
use opbook::reference::service::ReferenceCache;
use opbook::server::config::Config;
use opbook::server::db::Db;
use opbook::server::{router, state::AppState};
use serde_json::{Value, json};
use uuid::Uuid;

use databases::on_both;
use load::{Connection, Figures};

const CLIENTS: [usize; 3] = [1, 16, 64];
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_millis(1500);
const OPERATOR: &str = "3205246018";

fn main() {
    on_both(bench);
}

async fn bench(name: &str, url: &str) {
    let db = Db::open(url).await.unwrap();
    demo::load(&db).await.unwrap();
    let config = Config { captcha: false, ..Config::default() };
    let reference = ReferenceCache::load(&db, &config).await.unwrap();
    let state = AppState::new(db.clone(), config, reference);
    let ours = serve(router::app(state)).await;
    let bare = serve(bare::app(db.clone())).await;

    let mut connection = Connection::open(ours, String::new()).await;
    let form = json!({ "form": { "login": "donglan", "password": "donglan-2026", "captcha_id": "", "captcha": "" } });
    let answer = connection.post("/api/account/login", &form.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let cookie = answer.cookie.unwrap();

    println!("\n{name}: saves a second (median of {ROUNDS} rounds), latency p50 / p99 in ms, opbook : bare handler");
    for clients in CLIENTS {
        // A set each: the bare handler keeps nothing of what a book needs beyond its SQL.
        let (books, bare_books) = (make_books(ours, &cookie, clients).await, make_books(ours, &cookie, clients).await);
        for kind in [Kind::Head, Kind::Row] {
            let (mut own, mut plain) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                own.push(round(ours, &cookie, &books, kind, "/api/document").await);
                plain.push(round(bare, &cookie, &bare_books, kind, "/bare").await);
            }
            report(kind, clients, &mut own, &mut plain);
        }
    }
    db.close().await;
}

async fn serve(app: axum::Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    address
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Head,
    Row,
}

/// A book of one client, and one row of it.
#[derive(Clone)]
struct Book {
    id: Uuid,
    row: Uuid,
}

fn head(remark: &str) -> Value {
    json!({
        "operator_code": OPERATOR, "processor_code": "3502166027", "declarant_code": OPERATOR, "declarant_type": "1",
        "master_customs": "2300", "contract_no": "HT-1", "foreign_processor_name": "ACME", "process_country": "VNM",
        "currency": "USD", "contact_name": "沈知远", "contact_mobile": "13800138000",
        "process_desc": "境外封装测试后复运进境，外观不变", "remark": remark,
    })
}

fn goods(qty: usize) -> Value {
    json!({
        "hs_code": "8542399000", "goods_name": "集成电路", "spec_model": "BGA-256", "declare_unit": "007",
        "qty": qty.to_string(), "legal_qty2": "1", "unit_price": "2.5", "currency": "USD", "origin_country": "CHN",
        "dest_country": "VNM",
    })
}

/// The request to store the row of a book.
fn one_row(book: &Book, base: i64, qty: usize) -> Value {
    let put = json!({ "row_id": book.row, "base": base, "seq": 0, "content": goods(qty) });
    json!({ "document_id": book.id, "section": "exports", "puts": [put], "removes": [] })
}

async fn make_books(ours: SocketAddr, cookie: &str, clients: usize) -> Vec<Book> {
    let mut connection = Connection::open(ours, cookie.to_owned()).await;
    let mut books = Vec::new();
    for _ in 0..clients {
        let book = Book { id: Uuid::now_v7(), row: Uuid::now_v7() };
        let request = json!({ "request": { "id": book.id, "kind": "filing", "base": 0, "head": head("") } });
        assert_eq!(connection.post("/api/document/save_head", &request.to_string()).await.status, 200);
        let request = json!({ "request": one_row(&book, 0, 1) });
        assert_eq!(connection.post("/api/document/save_rows", &request.to_string()).await.status, 200);
        books.push(book);
    }
    books
}

/// Each client saves its own book again and again, as fast as it is answered.
async fn round(server: SocketAddr, cookie: &str, books: &[Book], kind: Kind, prefix: &'static str) -> Figures {
    let tasks: Vec<_> =
        books.iter().map(|book| tokio::spawn(client(server, cookie.to_owned(), book.clone(), kind, prefix))).collect();
    let mut figures = Figures::default();
    for task in tasks {
        figures.latencies.extend(task.await.unwrap());
    }
    figures.seconds = ROUND.as_secs_f64();
    figures
}

async fn client(server: SocketAddr, cookie: String, book: Book, kind: Kind, prefix: &'static str) -> Vec<Duration> {
    let mut connection = Connection::open(server, cookie).await;
    // Where the last round ended: the answer to a read of the book.
    let current = connection.post(&format!("{prefix}/get"), &json!({ "id": book.id }).to_string()).await;
    let current: Value = serde_json::from_str(&current.body).unwrap();
    let mut base = match kind {
        Kind::Head => current["meta"]["head_version"].as_i64().unwrap(),
        Kind::Row => current["lists"][0]["rows"][0]["version"].as_i64().unwrap(),
    };
    let mut latencies = Vec::new();
    let started = tokio::time::Instant::now();
    while started.elapsed() < ROUND {
        let turn = base as usize + latencies.len() + 2;
        let (endpoint, request) = match kind {
            Kind::Head => {
                ("save_head", json!({ "id": book.id, "kind": "filing", "base": base, "head": head(&turn.to_string()) }))
            }
            Kind::Row => ("save_rows", one_row(&book, base, turn)),
        };
        let body = json!({ "request": request }).to_string();
        let sent = tokio::time::Instant::now();
        let answer = connection.post(&format!("{prefix}/{endpoint}"), &body).await;
        latencies.push(sent.elapsed());
        assert_eq!(answer.status, 200, "{endpoint}: {}", answer.body);
        let answer: Value = serde_json::from_str(&answer.body).unwrap();
        base = answer["meta"]["version"].as_i64().unwrap();
    }
    latencies
}

fn report(kind: Kind, clients: usize, own: &mut [Figures], plain: &mut [Figures]) {
    let (own_rate, plain_rate) = (Figures::median_rate(own), Figures::median_rate(plain));
    let (own, plain) = (Figures::percentiles(own), Figures::percentiles(plain));
    println!(
        "  {kind:?} {clients:>2} clients  {own_rate:>7.0} : {plain_rate:>7.0}  = {:.2}   {:.2} / {:.2} : {:.2} / {:.2}",
        own_rate / plain_rate,
        own.0,
        own.1,
        plain.0,
        plain.1,
    );
}
