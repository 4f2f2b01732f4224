//! How much PostgreSQL reads for what people do all day, beside tables full of what is done and of what others have. If this
//! fails, everybody waits the longer the longer the program is used. What SQLite reads is not
//! counted here, nor what is read of an index alone.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use opbook::document::{Query, Status, Step, service};
use opbook::entry::register::model::{Apply, Outcome};
use opbook::entry::register::{apply, upload};
use opbook::filing::model::EXPORTS;
use opbook::find::service::number;
use opbook::job::worker::{found, step};
use opbook::ledger;
use opbook::server::call::Call;
use opbook::server::db::{Db, Sql};
use opbook::server::jobs::SHORT;
use opbook::{hint, lists, remind, todo};
use sqlx::Row as _;

use crate::desk::{OTHER, OWN, add, call, declare, export, new_filing, state};
use crate::entry::{book, entry_no, export_entry, import_entry, office, settle};
use crate::support::both_databases;

/// So many lines each table gets, a fifth of them the caller's own.
const LINES: i64 = 10_000;
/// So many lines may be read of a table for one thing: far more than a screen shows, far fewer than there are.
const MOST: i64 = 1_000;

/// Tables that grow with use, each with what tells a copy of a line from the line.
const TABLES: [(&str, &str); 12] = [
    (
        "document",
        "'id', CAST(CAST(md5('d' || n) AS uuid) AS text), 'root_id', CAST(CAST(md5('d' || n) AS uuid) AS text), 'seq_no', 's' || n, 'internal_no', 'i' || n, 'book_no', 'b' || n, \
      'entry_no', CASE WHEN (t).entry_no = '' THEN '' ELSE '99' || n END, 'operator_code', CASE WHEN n % 5 = 0 THEN $1 ELSE $2 || n % 50 END",
    ),
    (
        "document_row",
        "'id', CAST(CAST(md5('r' || n) AS uuid) AS text), 'document_id', CAST(CAST(md5('d' || n) AS uuid) AS text), 'operator_code', CASE WHEN n % 5 = 0 THEN $1 ELSE $2 || n % 50 END",
    ),
    (
        "account_book",
        "'book_no', 'b' || n, 'life', 'closed', 'operator_code', CASE WHEN n % 5 = 0 THEN $1 ELSE $2 || n % 50 END",
    ),
    (
        "ledger_line",
        "'entry_id', CAST(CAST(md5('d' || n) AS uuid) AS text), 'book_no', 'b' || n, 'operator_code', CASE WHEN n % 5 = 0 THEN $1 ELSE $2 || n % 50 END",
    ),
    (
        "ledger_entry",
        "'entry_id', CAST(CAST(md5('d' || n) AS uuid) AS text), 'book_no', 'b' || n, 'entry_no', '99' || n, \
      'operator_code', CASE WHEN n % 5 = 0 THEN $1 ELSE $2 || n % 50 END",
    ),
    ("ledger_sum", "'book_no', 'b' || n, 'operator_code', CASE WHEN n % 5 = 0 THEN $1 ELSE $2 || n % 50 END"),
    ("ledger_month", "'book_no', 'b' || n, 'operator_code', CASE WHEN n % 5 = 0 THEN $1 ELSE $2 || n % 50 END"),
    (
        "audit",
        "'id', CAST(CAST(md5('a' || n) AS uuid) AS text), 'document_id', CAST(CAST(md5('d' || n) AS uuid) AS text), 'operator_code', CASE WHEN n % 5 = 0 THEN $1 ELSE $2 || n % 50 END",
    ),
    (
        "receipt",
        "'id', CAST(CAST(md5('r' || n) AS uuid) AS text), 'document_id', CAST(CAST(md5('d' || n) AS uuid) AS text), 'operator_code', CASE WHEN n % 5 = 0 THEN $1 ELSE $2 || n % 50 END",
    ),
    ("inbox", "'id', CAST(CAST(md5('i' || n) AS uuid) AS text), 'dedupe_key', 'k' || n"),
    (
        "outbox",
        "'message_id', 'm' || n, 'document_id', CAST(CAST(md5('d' || n) AS uuid) AS text), 'operator_code', CASE WHEN n % 5 = 0 THEN $1 ELSE $2 || n % 50 END",
    ),
    (
        "job",
        "'id', CAST(CAST(md5('j' || n) AS uuid) AS text), 'dedupe_key', 'k' || n, 'state', 'done', 'done_at', to_char(now(), 'YYYY-MM-DD')",
    ),
];

/// Fills each table with copies of one of its lines.
async fn fill(db: &Db) {
    for (table, changed) in TABLES {
        let sql = format!(
            "INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object({changed}))).* \
             FROM (SELECT one AS t FROM {table} one LIMIT 1) AS like_it, generate_series(1, {LINES}) AS n WHERE $1 <> $2"
        );
        let mut tx = db.begin().await.unwrap();
        let done = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(OWN).bind(OTHER).execute(&mut *tx).await;
        assert_eq!(done.unwrap_or_else(|error| panic!("{table}: {error}")).rows_affected() as i64, LINES, "{table}");
        tx.commit().await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("VACUUM ANALYZE {table}"))).execute(&db.read).await.unwrap();
    }
}

/// How many lines were read of each table so far.
async fn read(db: &Db) -> BTreeMap<String, i64> {
    // A connection says what it read when it ends something a second after it said so last.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let each = || async { sqlx::query("SELECT pg_sleep(0.05)").execute(&db.read).await.unwrap() };
    futures_util::future::join_all((0..20).map(|_| each())).await;
    let rows = sqlx::query(
        "SELECT CAST(relname AS TEXT) AS name, CAST(seq_tup_read + COALESCE(idx_tup_fetch, 0) AS BIGINT) AS lines \
         FROM pg_stat_user_tables",
    );
    let rows = rows.fetch_all(&db.read).await.unwrap();
    rows.iter().map(|row| (row.get("name"), row.get("lines"))).collect()
}

/// Counts what is read for one thing after the other.
struct Meter<'a> {
    db: &'a Db,
    before: BTreeMap<String, i64>,
}

impl Meter<'_> {
    /// Does one thing, and holds what was read for it against what may be.
    async fn reads_little<T>(&mut self, what: &str, work: impl Future<Output = T>) -> T {
        let done = work.await;
        let after = read(self.db).await;
        for (table, _) in TABLES {
            let lines = after[table] - self.before[table];
            assert!(lines <= MOST, "{what}: {lines} lines of {table} were read");
        }
        self.before = after;
        done
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_all_day_reads_little_however_much_there_is() {
    let Some(url) = crate::support::fresh_postgres() else {
        println!("skipped: OPBOOK_TEST_POSTGRES is not set");
        return;
    };
    let state = state(Db::open(&url).await.unwrap()).await;
    let (db, own) = (&state.db, call(&state, "zhang", OWN));
    let (filing, book_no) = book(&own).await;
    let first = export_entry(&own, &book_no, "1", "600").await;
    declare(&own, first).await.unwrap();
    settle(&state).await;
    found(&state, SHORT).await.unwrap();
    while step(&state, SHORT).await.unwrap() {}
    fill(db).await;

    // A test that counts nothing would pass whatever is read.
    let before = read(db).await["document"];
    sqlx::query("SELECT COUNT(head) FROM document").execute(&db.read).await.unwrap();
    let mut meter = Meter { db, before: read(db).await };
    assert!(meter.before["document"] - before >= LINES);

    meter
        .reads_little("待办", async {
            todo::service::list(&own, "").await.unwrap();
            todo::service::check(&own, vec![first]).await.unwrap();
            remind::service::list(&own).await.unwrap();
        })
        .await;
    let now = state.clock.stamp();
    meter.reads_little("what changed lately", hint::store::changed(db, &now)).await.unwrap();
    for typed in [&book_no[..6], "i77", "HT-2026-99", "s77", "530120260", "A1"] {
        meter.reads_little(&format!("查号 {typed}"), number(&own, typed)).await.unwrap();
    }
    for list in ["filing", "entry"] {
        let query = Query { list: list.into(), operator_code: OWN.into(), page_size: 50, ..Query::default() };
        let newest = query.clone();
        meter.reads_little(&format!("{list}: newest first"), service::list(&own, newest)).await.unwrap();
        let of_book = Query { book_no: book_no.clone(), ..query };
        meter.reads_little(&format!("{list}: of a book"), service::list(&own, of_book)).await.unwrap();
    }
    let (draft, _) = new_filing(&own).await;
    meter
        .reads_little("rows of a filing", async {
            add(&own, draft, EXPORTS, &export("5")).await;
            service::get(&own, draft).await.unwrap();
            service::status(&own, vec![draft, filing]).await.unwrap();
        })
        .await;
    let entry = import_entry(&own, &book_no, "1", "100", "5").await;
    meter.reads_little("an entry declared", declare(&own, entry)).await.unwrap();
    meter.reads_little("customs' answer", settle(&state)).await;
    assert_eq!(service::get(&own, entry).await.unwrap().meta.status, Status::Approved);
    meter
        .reads_little("台账", async {
            service::book(&own, filing).await.unwrap();
            let asked = ledger::model::LinesQuery { id: filing, goods: None, page: 0, page_size: 50 };
            ledger::service::lines(&own, &asked).await.unwrap();
            service::receipts(&own, entry).await.unwrap();
        })
        .await;
    meter
        .reads_little("删单", async {
            let no = entry_no(&own, entry).await;
            office(&state).revoke(&no, true, "抽查", state.clock.now()).await.unwrap();
            settle(&state).await;
        })
        .await;
    let list = format!(
        "报关单号,备案号,进出口日期,币制,征免,备案序号,成交数量,总价\n530420260000000077,{book_no},2026-02-01,USD,3,1,1,5\n"
    );
    meter.reads_little("批量登记", register(&own, &list)).await;
    meter
        .reads_little("a draft deleted", async {
            let base = service::get(&own, draft).await.unwrap().meta.version;
            service::delete(&own, Step { id: draft, base }).await.unwrap();
        })
        .await;
    state.clock.advance(TimeDelta::minutes(11));
    meter.reads_little("jobs: sweep and reminders", async { while step(&state, SHORT).await.unwrap() {} }).await;
}

#[tokio::test]
async fn a_list_is_taken_as_it_is_whatever_is_in_it() {
    const SAME: Sql = lists!("SELECT COUNT(*) FROM (SELECT CAST($1 AS TEXT) AS one) AS t WHERE one ", { 2 });
    const NUMBERS: Sql = lists!("SELECT COUNT(*) FROM (SELECT CAST($1 AS BIGINT) AS one) AS t WHERE one ", [2]);
    let odd = ["", "a,b", "\"", "\\", "{}", "NULL", " a ", "行\n二", "'; --"];
    for db in both_databases().await {
        for text in odd {
            let count = |list: Vec<&str>| {
                let list = db.list(&list).unwrap();
                sqlx::query_scalar::<_, i64>(db.pick(SAME)).bind(text).bind(list).fetch_one(&db.read)
            };
            assert_eq!(count(odd.to_vec()).await.unwrap(), 1, "{text:?}");
            assert_eq!(count(odd.into_iter().filter(|one| *one != text).collect()).await.unwrap(), 0, "{text:?}");
        }
        let list = db.list(&[7, -12]).unwrap();
        let found = sqlx::query_scalar::<_, i64>(db.pick(NUMBERS)).bind(-12_i64).bind(list).fetch_one(&db.read);
        assert_eq!(found.await.unwrap(), 1);
    }
}

async fn register(call: &Call, list: &str) {
    let report = upload(call, "x.csv", list.as_bytes()).await.unwrap();
    assert_eq!(report.count(Outcome::New), 1, "{report:?}");
    apply(call, Apply { id: report.id, seen: 1, only_good: false }).await.unwrap();
}
