//! 导入 end to end (upload, report, decision, stored on disk) beside calamine merely reading the same
//! file into memory, and merely storing the same rows; and the memory both processes take. `make bench` runs it
//! on both databases. All are measured in turn, in one process, so that the ratio holds on a noisy machine.

#[path = "both/databases.rs"]
mod databases;

use std::io::Cursor;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use calamine::{Reader, Xlsx};
use opbook::document::Row;
use opbook::document::store::{self, rows};
use opbook::filing::kind::FILING;
use opbook::people::demo;
use opbook::reference::service::ReferenceCache;
use opbook::server::config::Config;
use opbook::server::db::Db;
use opbook::server::{router, state::AppState};
use opbook::sheet;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use databases::on_both;

const ROWS: u32 = 5_000;
const ROUNDS: usize = 9;
/// The program that reads workbooks.
const READER: &str = env!("CARGO_BIN_EXE_opbook");

fn main() {
    let file = workbook();
    println!("import: {} rows × 14 columns, {} KiB", 2 * ROWS, file.len() >> 10);
    on_both(async |name, url| bench(name, url, &file).await);
}

/// Both lists full, as a company would fill them: codes as text, numbers as numbers.
fn workbook() -> Vec<u8> {
    const EXPORTS: [&str; 14] = [
        "商品料号",
        "商品编码",
        "商品名称",
        "规格型号",
        "申报计量单位",
        "申报数量",
        "法定数量",
        "第二法定数量",
        "申报单价",
        "币制",
        "原产国(地区)",
        "最终目的国(地区)",
        "法定计量单位",
        "备注",
    ];
    const REIMPORTS: [&str; 14] = [
        "商品料号",
        "商品编码",
        "商品名称",
        "规格型号",
        "申报计量单位",
        "申报数量",
        "法定数量",
        "第二法定数量",
        "申报单价",
        "币制",
        "原产国(地区)",
        "原出口货物价值",
        "境外加工费",
        "备注",
    ];
    let mut book = Workbook::new();
    for (name, headings) in [("出口货物", EXPORTS), ("复进口货物", REIMPORTS)] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.write_row(0, 0, headings).unwrap();
        for row in 1..=ROWS {
            let (number, real) = (format!("{row:05}"), f64::from(row));
            let parts: f64 = format!("{row}.25").parse().unwrap();
            sheet
                .write_row(row, 0, [&*format!("M-{number}"), "8542399000", "集成电路", &*format!("BGA-{number}"), "个"])
                .unwrap();
            sheet.write_row(row, 5, [real, real, real, parts]).unwrap();
            sheet.write_row(row, 9, ["USD", "CHN"]).unwrap();
            match headings[11] {
                "原出口货物价值" => sheet.write_row(row, 11, [parts, 10.0]).unwrap(),
                _ => sheet.write_row(row, 11, ["越南", "007"]).unwrap(),
            };
            sheet.write(row, 13, format!("第{row}行")).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// Reads every cell of both sheets, and nothing else.
fn merely_read(file: &[u8]) -> Duration {
    let start = Instant::now();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).unwrap();
    let cells: usize =
        ["出口货物", "复进口货物"].iter().map(|name| book.worksheet_range(name).unwrap().used_cells().count()).sum();
    assert_eq!(cells, 2 * 14 * (ROWS as usize + 1));
    start.elapsed()
}

/// Stores the rows of one book in another, durably, and nothing else: no reading, no check, no answer.
async fn merely_store(db: &Db, from: Uuid, to: Uuid) -> Duration {
    let from = store::find(db, &from.to_string()).await.unwrap().unwrap();
    let to = store::find(db, &to.to_string()).await.unwrap().unwrap();
    let stored = rows::all(&db.read, &from).await.unwrap();
    assert_eq!(stored.len(), 2 * ROWS as usize);
    let list = |section: &'static opbook::document::kind::Section| -> Vec<_> {
        let rows = stored.iter().filter(|row| row.section == section.key).map(|row| row.read(section).unwrap());
        rows.map(|row| Row { id: Uuid::now_v7(), ..row }).collect()
    };
    let lists: Vec<_> = FILING.sections.iter().map(|section| (section, list(section))).collect();
    let start = Instant::now();
    let mut tx = db.begin().await.unwrap();
    for (section, list) in &lists {
        rows::put(db, &mut tx, &to, section, list).await.unwrap();
    }
    tx.commit().await.unwrap();
    start.elapsed()
}

async fn bench(name: &str, url: &str, file: &[u8]) {
    let client = Client::new(url).await;
    let (mut reading, mut processes, mut reports, mut applied) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut storing = Vec::new();
    let (mut child, mut rows) = (0, 0);
    let before = high_water();
    for round in 0..=ROUNDS {
        let id = client.new_book().await;
        let read = merely_read(file);
        let start = Instant::now();
        let workbook = sheet::read(READER.as_ref(), file, &["货物"]).await.unwrap();
        let process = start.elapsed();
        drop(workbook);
        let (report, reported) =
            client.post(&format!("/api/document/import_upload?document={id}&name=x.xlsx"), file.to_vec()).await;
        assert_eq!(report["plans"][0]["problem_count"], 0, "{}", report["plans"][0]["problems"][0]);
        let request = json!({ "id": report["id"], "base": report["base"], "mode": "append", "only_good": false });
        let request = json!({ "request": request }).to_string().into_bytes();
        let (done, imported) = client.post("/api/document/import_apply", request).await;
        assert_eq!(done["added"], 2 * ROWS, "{}", report["plans"][0]["problems"][0]);
        let stored = merely_store(&client.db, id, client.new_book().await).await;
        // The first round warms everything up.
        if round > 0 {
            storing.push(stored);
            reading.push(read);
            processes.push(process);
            reports.push(reported);
            applied.push(reported + imported);
        }
        child = report["peak_kib"].as_u64().unwrap();
        rows = done["added"].as_u64().unwrap();
    }
    let [read, process, report, whole, store] = [reading, processes, reports, applied, storing].map(median);
    let percent = whole.as_micros() * 100 / read.as_micros().max(1);
    println!(
        "{name}: {rows} rows in {} ms (reading process {} ms, report after {} ms, stored after {} ms more); calamine merely reading {} ms, rows merely stored {} ms; ratio {}.{:02}",
        whole.as_millis(),
        process.as_millis(),
        report.as_millis(),
        (whole.saturating_sub(report)).as_millis(),
        read.as_millis(),
        store.as_millis(),
        percent / 100,
        percent % 100
    );
    let (after, child) = (high_water(), child >> 10);
    println!(
        "{name}: peak memory {child} MiB in the reading process, {after} MiB in the server (this process, client included; {before} MiB before)"
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The most memory this process held, in MiB.
fn high_water() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("");
    line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) >> 10
}

struct Client {
    db: Db,
    router: Router,
    cookie: String,
}

impl Client {
    async fn new(url: &str) -> Self {
        let db = Db::open(url).await.unwrap();
        demo::load(&db).await.unwrap();
        let config = Config { captcha: false, sheet_reader: READER.into(), ..Config::default() };
        let reference = ReferenceCache::load(&db, &config).await.unwrap();
        let router = router::app(AppState::new(db.clone(), config, reference));
        let mut client = Self { db, router, cookie: String::new() };
        let form =
            json!({ "form": { "login": "donglan", "password": "donglan-2026", "captcha_id": "", "captcha": "" } });
        let answer =
            client.router.clone().oneshot(client.request("/api/account/login", form.to_string().into())).await.unwrap();
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        client.cookie = cookie.split(';').next().unwrap().to_owned();
        client
    }

    fn request(&self, address: &str, body: Vec<u8>) -> Request<Body> {
        let mut request = Request::post(address)
            .header(header::HOST, "opbook.test")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, &self.cookie)
            .body(Body::from(body))
            .unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
        request
    }

    /// The answer, and how long the server took for all of it.
    async fn post(&self, address: &str, body: Vec<u8>) -> (Value, Duration) {
        let start = Instant::now();
        let answer = self.router.clone().oneshot(self.request(address, body)).await.unwrap();
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let taken = start.elapsed();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        assert!(status.is_success(), "{address}: {status} {body}");
        (body, taken)
    }

    async fn new_book(&self) -> Uuid {
        let id = Uuid::now_v7();
        let head = json!({ "operator_code": "3205246018", "processor_code": "4403160D52", "currency": "USD" });
        let request = json!({ "request": { "id": id, "kind": "filing", "base": 0, "head": head } });
        self.post("/api/document/save_head", request.to_string().into_bytes()).await;
        id
    }
}
