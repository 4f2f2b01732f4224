//! Kills the server (SIGKILL) at random moments while people save and declare, on each database, and
//! then holds what is stored against what was acknowledged. If this fails, a power cut can cost a
//! user a filing that the screen called saved, or send one to customs twice.
//! `OPBOOK_TEST_KILLS` sets how often per database (200 unless told).

mod entries;
mod reminders;

use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::RngExt as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{one_row, paper, rows_of};

const OPERATOR: &str = "3205246018";
const CLIENTS: usize = 3;

/// What the server said it had stored.
#[derive(Debug, Default)]
struct Acknowledged {
    contract_no: String,
    /// Quantity by row id.
    rows: HashMap<Uuid, i64>,
    /// The uploaded contract.
    contract: Option<Uuid>,
    declared: bool,
    change: Option<AcknowledgedChange>,
    /// Several, when clients came upon the book at once.
    entries: Vec<entries::AcknowledgedEntry>,
}

/// What the server said it had stored of the change of a filing.
#[derive(Clone, Copy, Debug)]
struct AcknowledgedChange {
    id: Uuid,
    /// A row that was added.
    row: Option<Uuid>,
    declared: bool,
}
type Ledger = Arc<Mutex<HashMap<Uuid, Acknowledged>>>;

struct Server {
    process: Child,
    url: String,
}

impl Server {
    /// Starts on a free port and waits until it answers.
    fn start(database_url: &str, data: &std::path::Path) -> Self {
        Self::start_with(database_url, data, &[])
    }

    /// The same with settings of its own.
    fn start_with(database_url: &str, data: &std::path::Path, settings: &[(&str, &str)]) -> Self {
        let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = probe.local_addr().unwrap();
        drop(probe);
        let log = std::fs::OpenOptions::new().create(true).append(true).open(data.join("server.log")).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_opbook"))
            .args(["serve", "--demo"])
            .current_dir(data)
            .env("DATABASE_URL", database_url)
            .env("OPBOOK_DATA", data)
            .env("OPBOOK_ADDR", address.to_string())
            .env("OPBOOK_CAPTCHA", "off")
            .env("OPBOOK_CUSTOMS_DELAY_MS", "5")
            .env("OPBOOK_REQUIRED_ATTACHMENTS", "contract")
            .envs(settings.iter().copied())
            .env_remove("REFDATA_DIR")
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { process, url: format!("http://{address}") };
        let deadline = Instant::now() + Duration::from_secs(60);
        while ureq::get(format!("{}/health/ready", server.url)).call().is_err() {
            assert!(
                Instant::now() < deadline,
                "the server does not come up; see {}",
                data.join("server.log").display()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        server
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// A browser: cookies, and the origin a browser would send.
struct Client {
    agent: ureq::Agent,
}

/// What came of a request.
enum Outcome {
    Done(Value),
    /// Refused, with the kind of the error.
    Refused(Value),
    /// No answer: the server died, or is dead.
    Lost,
}

impl Outcome {
    /// The answer; none when the server died. It must not refuse.
    fn done(self, what: &str) -> Option<Value> {
        match self {
            Self::Done(value) => Some(value),
            Self::Refused(error) => panic!("{what}: {error}"),
            Self::Lost => None,
        }
    }
}

impl Client {
    fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .build();
        Self { agent: config.into() }
    }

    fn call(&self, url: &str, endpoint: &str, body: &Value) -> Outcome {
        let sent = self
            .agent
            .post(format!("{url}/api/{endpoint}"))
            .header("Sec-Fetch-Site", "same-origin")
            .header("Accept", "application/json")
            .send_json(body);
        let Ok(mut answer) = sent else { return Outcome::Lost };
        let Ok(value) = answer.body_mut().read_json::<Value>() else { return Outcome::Lost };
        if answer.status().is_success() { Outcome::Done(value) } else { Outcome::Refused(value) }
    }

    /// Attaches the contract of a book: 暂存, its pieces, the end.
    fn attach(&self, url: &str, book: Uuid) -> Option<Uuid> {
        let (id, content) = (Uuid::now_v7(), contract(book));
        let file = json!({ "name": "合同.pdf", "size": content.len(), "hash": crate::support::sha256(&content) });
        let request =
            json!({ "document_id": book, "id": id, "base": 0, "content": { "att_type": "01" }, "file": file });
        self.call(url, "attachment/save", &json!({ "request": request })).done("attachment")?;
        for (at, piece) in content.chunks(1 << 20).enumerate() {
            let hash = crate::support::sha256(piece);
            let path = format!("{url}/api/attachments/{id}/pieces?start={}&hash={hash}", at << 20);
            let mut answer = self.agent.post(path).header("Sec-Fetch-Site", "same-origin").send(piece).ok()?;
            let body = answer.body_mut().read_json::<Value>().ok()?;
            assert!(answer.status().is_success(), "{body}");
        }
        self.call(url, "attachment/finish", &json!({ "id": id })).done("end of the upload")?;
        Some(id)
    }

    fn file(&self, url: &str, id: Uuid) -> Vec<u8> {
        let mut answer = self.agent.get(format!("{url}/api/attachments/{id}/file")).call().unwrap();
        assert_eq!(answer.status(), 200, "the file of {id}");
        answer.body_mut().read_to_vec().unwrap()
    }

    fn login(&self, url: &str) {
        let form =
            json!({ "form": { "login": "donglan", "password": "donglan-2026", "captcha_id": "", "captcha": "" } });
        match self.call(url, "account/login", &form) {
            Outcome::Done(_) => {}
            Outcome::Refused(error) => panic!("login: {error}"),
            Outcome::Lost => panic!("login: no answer"),
        }
    }
}

/// The contract of a book: its own, and every eighth so large that it takes two pieces.
fn contract(book: Uuid) -> Vec<u8> {
    let mut inside = book.to_string().into_bytes();
    if book.as_bytes()[15].is_multiple_of(8) {
        inside.resize((1 << 20) + 77, book.as_bytes()[14]);
    }
    paper(&inside)
}

/// Files books until the server dies, noting what was acknowledged.
fn work(client: &Client, url: &str, ledger: &Ledger, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        for one in [file_one, entries::enter_one, change_one] {
            if one(client, url, ledger).is_none() {
                return;
            }
        }
    }
}

fn file_one(client: &Client, url: &str, ledger: &Ledger) -> Option<()> {
    let id = Uuid::now_v7();
    let contract_no = format!("HT-{}", id.simple());
    let head = json!({
        "operator_code": OPERATOR, "processor_code": "3502166027", "declarant_code": OPERATOR,
        "declarant_type": "1", "master_customs": "2300", "contract_no": contract_no,
        "foreign_processor_name": "ACME", "process_country": "VNM", "currency": "USD",
        "contact_name": "沈知远", "contact_mobile": "13800138000", "process_desc": "境外封装测试后复运进境，外观不变",
    });
    client
        .call(url, "document/save_head", &json!({ "request": { "id": id, "kind": "filing", "base": 0, "head": head } }))
        .done("head")?;
    ledger.lock().unwrap().insert(id, Acknowledged { contract_no, ..Default::default() });
    for (side, qty) in [("exports", 7), ("exports", 11), ("reimports", 3)] {
        let row_id = Uuid::now_v7();
        let mut row = json!({
            "hs_code": "8542399000", "goods_name": "集成电路", "spec_model": format!("S{qty}"), "declare_unit": "007",
            "qty": qty.to_string(), "legal_qty2": "1", "unit_price": "2", "currency": "USD", "origin_country": "CHN",
        });
        if side == "exports" {
            row["dest_country"] = json!("VNM");
        } else {
            row["original_value"] = json!("6");
            row["fee_processing"] = json!("1.5");
        }
        client.call(url, "document/save_rows", &one_row(id, side, row_id, &json!(0), &row)).done("row")?;
        ledger.lock().unwrap().get_mut(&id).unwrap().rows.insert(row_id, qty);
    }
    let contract = client.attach(url, id)?;
    ledger.lock().unwrap().get_mut(&id).unwrap().contract = Some(contract);
    let book = client.call(url, "document/get", &json!({ "id": id })).done("book")?;
    let step = json!({ "step": { "id": id, "base": book["meta"]["version"] } });
    client.call(url, "document/declare", &step).done("declare")?;
    ledger.lock().unwrap().get_mut(&id).unwrap().declared = true;
    Some(())
}

/// Changes a filing of an earlier life, if customs has approved one, noting what was acknowledged.
fn change_one(client: &Client, url: &str, ledger: &Ledger) -> Option<()> {
    let found = |(id, one): (&Uuid, &Acknowledged)| (one.declared && one.change.is_none()).then_some(*id);
    let from = ledger.lock().unwrap().iter().find_map(found)?;
    let id = Uuid::now_v7();
    match client.call(url, "document/change", &json!({ "request": { "from": from, "id": id } })) {
        Outcome::Done(_) => {}
        // Customs has not decided yet, or another client is at the same filing.
        Outcome::Refused(_) => return Some(()),
        Outcome::Lost => return None,
    }
    let note = |row, declared| {
        let change = AcknowledgedChange { id, row, declared };
        ledger.lock().unwrap().get_mut(&from).unwrap().change = Some(change);
    };
    note(None, false);
    let row_id = Uuid::now_v7();
    let row = json!({
        "hs_code": "8542399000", "goods_name": "集成电路", "spec_model": "S5", "declare_unit": "007", "qty": "5",
        "legal_qty2": "1", "unit_price": "2", "currency": "USD", "origin_country": "CHN", "dest_country": "VNM",
    });
    client.call(url, "document/save_rows", &one_row(id, "exports", row_id, &json!(0), &row)).done("row")?;
    note(Some(row_id), false);
    let draft = client.call(url, "document/get", &json!({ "id": id })).done("draft")?;
    let step = json!({ "step": { "id": id, "base": draft["meta"]["version"] } });
    client.call(url, "document/declare", &step).done("declare")?;
    note(Some(row_id), true);
    Some(())
}

/// The change of a filing is whole, and the book has one filing in force: the last one that was approved.
fn check_change(client: &Client, url: &str, from: Uuid, change: AcknowledgedChange) {
    let document = loop_until_decided(client, url, change.id);
    assert_eq!(document["meta"]["base_id"], json!(from));
    if let Some(row) = change.row {
        let found = rows_of(&document, "exports").as_array().unwrap().iter().find(|one| one["id"] == json!(row));
        assert_eq!(found.map(|row| row["mark"].clone()), Some(json!("added")), "{row}: an acknowledged row is gone");
    }
    let approved = document["meta"]["status"] == "approved";
    assert!(approved || !change.declared, "{document}");
    let Outcome::Done(versions) = client.call(url, "document/history", &json!({ "id": from })) else {
        panic!("history of {from}")
    };
    let in_force: Vec<&Value> = versions.as_array().unwrap().iter().filter(|one| one["in_force"] == true).collect();
    let wanted = if approved { change.id } else { from };
    assert_eq!(in_force.iter().map(|one| &one["id"]).collect::<Vec<_>>(), [&json!(wanted)], "{versions}");
}

/// Everything acknowledged is there, nothing is half there, customs decided each declaration once.
fn check(client: &Client, url: &str, ledger: &Ledger, lives: usize) {
    let ledger = ledger.lock().unwrap();
    let (mut book_numbers, mut seen) = (HashMap::new(), entries::Seen::default());
    for (id, acknowledged) in ledger.iter() {
        let book = loop_until_decided(client, url, *id);
        assert_eq!(book["head"]["contract_no"], json!(acknowledged.contract_no), "{id}");
        let (mut rows, mut totals) = (HashMap::new(), HashMap::new());
        for side in ["exports", "reimports"] {
            for row in rows_of(&book, side).as_array().unwrap() {
                let qty: i64 = row["content"]["qty"].as_str().unwrap().parse().unwrap();
                rows.insert(row["id"].as_str().unwrap().parse::<Uuid>().unwrap(), qty);
                *totals.entry(side).or_insert(0) += qty * 2;
            }
        }
        for (row, qty) in &acknowledged.rows {
            assert_eq!(rows.get(row), Some(qty), "{id}: an acknowledged row is gone or changed");
        }
        for (side, field) in [("exports", "export_total"), ("reimports", "reimport_total")] {
            let total = totals.get(side).copied().unwrap_or(0);
            assert_eq!(book["head"][field], json!(total.to_string()), "{id}: half a save: rows and total differ");
        }
        if let Some(paper) = acknowledged.contract {
            assert!(client.file(url, paper) == contract(*id), "{id}: an acknowledged file is gone or changed");
        }
        let status = book["meta"]["status"].as_str().unwrap();
        if acknowledged.declared {
            assert_eq!(status, "approved", "{id}");
        }
        if status == "approved" {
            let number = book["head"]["book_no"].as_str().unwrap().to_owned();
            assert_eq!(number.len(), 12);
            assert_eq!(book_numbers.insert(number, id), None, "one book number for two books");
            let Outcome::Done(receipts) = client.call(url, "document/receipts", &json!({ "id": id })) else {
                panic!("receipts of {id}")
            };
            let of = |kind: &str| receipts.as_array().unwrap().iter().filter(|r| r["message_type"] == kind).count();
            if let Some(change) = acknowledged.change {
                check_change(client, url, *id, change);
            }
            seen += entries::check(client, url, *id, &acknowledged.entries);
            // Each answer of customs is kept, and customs answered one message only.
            assert_eq!((of("RESPONSE"), of("OPB200"), of("OPB211")), (1, 1, 1), "{id}: {receipts}");
        }
    }
    assert!(!book_numbers.is_empty(), "nothing was approved in the whole run");
    println!("entries: {} booked, {} released", seen.booked, seen.released);
    // One life in forty goes on until there is one.
    assert!(lives < 40 || seen.booked > 0, "no entry was booked in the whole run");
}

fn loop_until_decided(client: &Client, url: &str, id: Uuid) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let Outcome::Done(book) = client.call(url, "document/get", &json!({ "id": id })) else {
            panic!("{id}: an acknowledged book is gone")
        };
        let status = book["meta"]["status"].as_str().unwrap().to_owned();
        if !["declared", "sent", "entered", "manual"].contains(&status.as_str()) {
            return book;
        }
        assert!(Instant::now() < deadline, "{id} stays {status}: a message or an answer was lost");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn kill_again_and_again(database_url: &str) {
    let kills: usize = std::env::var("OPBOOK_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    let folder = tempfile::tempdir().unwrap();
    let database_url = database_url.replace("{data}", &folder.path().display().to_string());
    let ledger = Ledger::default();
    let clients: Vec<_> = (0..CLIENTS).map(|_| Client::new()).collect();
    let mut server = Server::start(&database_url, folder.path());
    for client in &clients {
        client.login(&server.url);
    }
    let declared = || ledger.lock().unwrap().values().filter(|book| book.declared).count();
    let entered =
        || ledger.lock().unwrap().values().any(|book| book.entries.iter().any(entries::AcknowledgedEntry::is_declared));
    for life in 1..=kills {
        let stop = AtomicBool::new(false);
        let url = server.url.clone();
        std::thread::scope(|scope| {
            let (url, stop, ledger) = (&url, &stop, &ledger);
            for client in &clients {
                scope.spawn(move || work(client, url, ledger, stop));
            }
            std::thread::sleep(Duration::from_micros(rand::rng().random_range(1_000..300_000)));
            // On a slow machine no life is long enough to declare; now and then one goes on until it was.
            let (before, patience) = (declared(), Instant::now() + Duration::from_secs(30));
            let wants_more = || declared() == before || (life % 40 == 0 && !entered());
            while life % 20 == 0 && wants_more() && Instant::now() < patience {
                std::thread::sleep(Duration::from_millis(1));
            }
            server.process.kill().unwrap();
            server.process.wait().unwrap();
            stop.store(true, Ordering::Relaxed);
        });
        server = Server::start(&database_url, folder.path());
    }
    check(&clients[0], &server.url, &ledger, kills);
    // The lock is given back before the next question takes it again.
    let declared = declared();
    let books = ledger.lock().unwrap().len();
    entries::recount(&database_url, folder.path());
    println!("{kills} kills: {books} books, {declared} declarations acknowledged, none lost");
    server.kill();
}

#[test]
fn sqlite_keeps_every_acknowledged_save() {
    kill_again_and_again("sqlite:{data}/opbook.db");
}

#[test]
fn postgres_keeps_every_acknowledged_save() {
    let Some(url) = crate::support::fresh_postgres() else {
        println!("skipped: OPBOOK_TEST_POSTGRES is not set");
        return;
    };
    kill_again_and_again(&url);
}
