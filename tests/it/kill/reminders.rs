//! Kills one of three servers (SIGKILL) again and again while they write and mail reminders. If this fails, a book runs out
//! unnoticed, or people are told the same thing again and again until they read none of it.
//! `OPBOOK_TEST_REMINDER_KILLS` sets how often per database (8 unless told).

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{Days, NaiveTime, TimeDelta};
use opbook::form::{in_china, show_date};
use opbook::server::db::{Db, Tx, stamp};
use rand::RngExt as _;
use sqlx::Row as _;

use super::Server;
use crate::desk::{OWN, call, state};
use crate::entry::book;

const SERVERS: usize = 3;
/// Days of the settings, seen from the end of a book, and what is said on them.
const DAYS: [(i64, &str); 4] = [(-30, "还有30天"), (-7, "还有7天"), (0, "今天到期"), (15, "已过15天")];
/// So many books of each day are added between two kills.
const BOOKS: usize = 10;

/// Message-ID and text of each mail that was taken.
type Mails = Arc<Mutex<Vec<(String, String)>>>;

/// A server for mail that takes everything.
fn mail_server() -> (String, Mails) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("smtp://{}", listener.local_addr().unwrap());
    let mails = Mails::default();
    let kept = mails.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let kept = kept.clone();
            // A server that is killed hangs up in the middle.
            std::thread::spawn(move || take(&stream, &kept).ok());
        }
    });
    (address, mails)
}

fn take(mut stream: &TcpStream, mails: &Mails) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    stream.write_all(b"220 test\r\n")?;
    let mut mail: Option<String> = None;
    while let Some(line) = lines.next().transpose()? {
        if let Some(text) = &mut mail {
            if line != "." {
                *text += &line;
                text.push('\n');
                continue;
            }
            let (text, head) = (mail.take().unwrap_or_default(), "Message-ID: ");
            let id = text.lines().find_map(|line| line.strip_prefix(head)).unwrap_or_default().to_owned();
            mails.lock().unwrap().push((id, text));
            stream.write_all(b"250 taken\r\n")?;
            continue;
        }
        let is_data = line.starts_with("DATA");
        mail = is_data.then(String::new);
        stream.write_all(if is_data { b"354 go on\r\n" } else { b"250 ok\r\n" })?;
    }
    Ok(())
}

/// Begins a write, however busy three other processes keep the database.
async fn begin(db: &Db) -> Tx {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        match db.begin().await {
            Ok(tx) => return tx,
            Err(error) => assert!(Instant::now() < patience, "{error}"),
        }
    }
}

/// Makes jobs due now: what minutes would do. A lease that is some seconds old is that of a dead server; a mail is not sent
/// while it may still be written.
async fn make_due(db: &Db) {
    let now = db.clock.now();
    let mut tx = begin(db).await;
    sqlx::query(
        "UPDATE job SET run_at = '2000-01-01T00:00:00.000Z' WHERE state = 'waiting' AND (kind <> 'reminder_mail' OR created_at < $1) \
         AND (run_at <> leased_until OR leased_until < $2)",
    )
    .bind(stamp(now - TimeDelta::seconds(5)))
    .bind(stamp(now + TimeDelta::seconds(56)))
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// More books like that one, some for each of the days.
async fn add_books(db: &Db, like: &str, round: usize) -> Vec<(String, &'static str)> {
    let mut added = Vec::new();
    let mut tx = begin(db).await;
    for (at, words) in DAYS {
        let today = db.clock.today();
        let ends = if at < 0 { today + Days::new(at.unsigned_abs()) } else { today - Days::new(at.unsigned_abs()) };
        for place in 0..BOOKS {
            let number = format!("P{round:03}{:04}{place:04}", at + 1000);
            sqlx::query(
                "INSERT INTO account_book (operator_code, book_no, in_force_id, valid_from, valid_to, currency, life, version) \
                 SELECT operator_code, $1, in_force_id, valid_from, $2, currency, life, 1 FROM account_book WHERE book_no = $3",
            )
            .bind(&number)
            .bind(show_date(ends))
            .bind(like)
            .execute(&mut *tx)
            .await
            .unwrap();
            added.push((number, words));
        }
    }
    tx.commit().await.unwrap();
    added
}

/// What was told of each book.
async fn told(db: &Db) -> HashMap<String, Vec<String>> {
    let rows = sqlx::query("SELECT name, told FROM reminder").fetch_all(&db.read).await.unwrap();
    let mut told: HashMap<String, Vec<String>> = HashMap::new();
    for row in rows {
        told.entry(row.get("name")).or_default().push(row.get("told"));
    }
    told
}

/// What people read of a mail.
fn body(mail: &str) -> String {
    let (head, body) = mail.split_once("\n\n").unwrap();
    if head.contains("Content-Transfer-Encoding: base64") {
        let bytes = STANDARD.decode(body.replace('\n', "")).unwrap();
        return String::from_utf8(bytes).unwrap();
    }
    body.replace("=\n", "")
}

async fn waiting(db: &Db) -> i64 {
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM reminder_mail WHERE state = 'waiting'");
    count.fetch_one(&db.read).await.unwrap()
}

async fn kill_while_reminding(database_url: &str) {
    let kills: usize = std::env::var("OPBOOK_TEST_REMINDER_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(8);
    let folder = tempfile::tempdir().unwrap();
    let database_url = database_url.replace("{data}", &folder.path().display().to_string());
    let db = Db::open(&database_url).await.unwrap();
    let (_, like) = book(&call(&state(db.clone()).await, "zhang", OWN)).await;
    let mut tx = begin(&db).await;
    sqlx::query(
        "INSERT INTO app_user (id, login, name, password_hash, enterprise_code, email, created_at) \
         VALUES ('zhang', 'zhang', 'zhang', '', $1, 'zhang@example.com', '')",
    )
    .bind(OWN)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();

    // What is said hangs on the day: it must not end meanwhile.
    while in_china(db.clock.now()).time() > NaiveTime::from_hms_opt(23, 56, 0).unwrap() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let (smtp, mails) = mail_server();
    let start = || Server::start_with(&database_url, folder.path(), &[("OPBOOK_SMTP", &smtp)]);
    let mut servers: Vec<Server> = (0..SERVERS).map(|_| start()).collect();
    let mut books = Vec::new();
    for round in 0..kills {
        books.extend(add_books(&db, &like, round).await);
        make_due(&db).await;
        let begun = told(&db).await.len();
        // Workers look once a second. Every other kill waits until they are at it.
        let patience = Instant::now() + Duration::from_secs(5);
        while round % 2 == 0 && told(&db).await.len() == begun && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let pause = rand::rng().random_range(0..if round % 2 == 0 { 30 } else { 1200 });
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let victim = rand::rng().random_range(0..servers.len());
        servers.swap_remove(victim).kill();
        servers.push(start());
    }
    let patience = Instant::now() + Duration::from_secs(60);
    while told(&db).await.len() < books.len() || waiting(&db).await > 0 {
        let (told, waiting) = (told(&db).await.len(), waiting(&db).await);
        assert!(Instant::now() < patience, "{told} of {} told of, {waiting} wait to be mailed", books.len());
        make_due(&db).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    // And once more for nothing.
    make_due(&db).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    servers.into_iter().for_each(Server::kill);

    let told = told(&db).await;
    assert_eq!(told.len(), books.len());
    for (number, words) in &books {
        let said = &told[number];
        assert!(said.len() == 1 && said[0].contains(words), "{number}: {said:?}");
    }
    // A mail that was taken just before its sender died goes out once more, under its own id: readers' programs know it.
    let mails = mails.lock().unwrap().clone();
    let different: HashMap<&str, &str> = mails.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
    assert!(!different.is_empty() && !different.contains_key(""), "{different:?}");
    println!(
        "{:?}: {kills} kills, {} books told of once, {} mails, {} taken twice",
        db.engine,
        books.len(),
        different.len(),
        mails.len() - different.len()
    );
    // A long mail names the first hundred and says how many more there are.
    let texts: Vec<String> = different.values().map(|text| body(text)).collect();
    let times = |number: &str| -> usize { texts.iter().map(|text| text.matches(number).count()).sum() };
    let named: Vec<usize> = books.iter().map(|(number, _)| times(number)).collect();
    let more = texts.iter().filter_map(|text| text.split_once("其余")?.1.split_once('项')?.0.parse::<usize>().ok());
    assert!(named.iter().all(|times| *times <= 1), "a book is told of twice: {texts:?}");
    assert_eq!(named.iter().sum::<usize>() + more.sum::<usize>(), books.len(), "{texts:?}");
    assert!(mails.len() - different.len() <= kills + 1, "{} mails, {} different", mails.len(), different.len());
    let sent = sqlx::query(
        "SELECT r.name FROM reminder_mail m JOIN reminder r ON r.operator_code = m.operator_code AND r.id = m.reminder_id WHERE m.state = 'sent'",
    );
    let sent: Vec<String> = sent.fetch_all(&db.read).await.unwrap().iter().map(|row| row.get("name")).collect();
    assert_eq!((sent.len(), sent.iter().collect::<HashSet<_>>().len()), (books.len(), books.len()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_reminds_once_whoever_is_killed() {
    kill_while_reminding("sqlite:{data}/opbook.db").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_reminds_once_whoever_is_killed() {
    let Some(url) = crate::support::fresh_postgres() else {
        println!("skipped: OPBOOK_TEST_POSTGRES is not set");
        return;
    };
    kill_while_reminding(&url).await;
}
