//! The query list of an enterprise with 20,000 of 200,000 documents, through the service, beside a bare indexed SELECT.
//! `make bench` prints p50 and p99 on both databases; p50 should stay within 5 ms for the pages people open.

#[path = "both/databases.rs"]
mod databases;

use std::time::{Duration, Instant};

use opbook::account::model::Enterprise;
use opbook::account::rights::Role;
use opbook::account::session::Actor;
use opbook::document::{Query, SaveHead, service};
use opbook::filing::kind::FILING;
use opbook::form::Filled;
use opbook::reference::service::ReferenceCache;
use opbook::server::call::Call;
use opbook::server::config::Config;
use opbook::server::db::{Db, Engine, Sql};
use opbook::server::state::AppState;
use uuid::Uuid;

use databases::on_both;

const DOCUMENTS: i64 = 200_000;
const OPERATORS: i64 = 10;
const RUNS: usize = 60;
const OPERATOR: &str = "3101910001";

/// Copies of one stored document, with numbers and an operator of their own.
const FILL: Sql = Sql {
    sqlite: "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
        INSERT INTO document (id, operator_code, kind, list, status, version, head_version, seq_no, internal_no, book_no, \
        decl_type, root_id, operator_name, processor_name, master_customs, currency, export_total, reimport_total, \
        declarant_code, input_code, input_date, valid_to, receipt_count, created_by, updated_at, head) \
        SELECT printf('0199a000-0000-7000-8000-%012d', i), printf('31019100%02d', i % $2 + 1), kind, list, \
        substr('045BC', i % 5 + 1, 1), 9, 3, printf('2026%014d', i), printf('OP%012d', i), printf('P5301%07d', i), \
        '1', printf('0199a000-0000-7000-8000-%012d', i), operator_name, processor_name, master_customs, currency, \
        (i * 7919) % 1000003, i, declarant_code, input_code, date('2026-01-01', '+' || (i % 300) || ' days'), \
        valid_to, 3, created_by, updated_at, head FROM document, n WHERE id = $3",
    postgres: "INSERT INTO document (id, operator_code, kind, list, status, version, head_version, seq_no, internal_no, \
        book_no, decl_type, root_id, operator_name, processor_name, master_customs, currency, export_total, \
        reimport_total, declarant_code, input_code, input_date, valid_to, receipt_count, created_by, updated_at, head) \
        SELECT '0199a000-0000-7000-8000-' || lpad(CAST(i AS TEXT), 12, '0'), \
        '31019100' || lpad(CAST(i % $2 + 1 AS TEXT), 2, '0'), kind, list, substr('045BC', CAST(i % 5 AS INTEGER) + 1, 1), 9, \
        3, '2026' || lpad(CAST(i AS TEXT), 14, '0'), 'OP' || lpad(CAST(i AS TEXT), 12, '0'), \
        'P5301' || lpad(CAST(i AS TEXT), 7, '0'), '1', '0199a000-0000-7000-8000-' || lpad(CAST(i AS TEXT), 12, '0'), \
        operator_name, processor_name, master_customs, currency, (i * 7919) % 1000003, i, declarant_code, input_code, \
        to_char(date '2026-01-01' + CAST(i % 300 AS INTEGER), 'YYYY-MM-DD'), valid_to, 3, created_by, updated_at, head \
        FROM document, generate_series(CAST(1 AS BIGINT), $1) AS n (i) WHERE id = $3",
};
const BARE: &str = "SELECT head FROM document WHERE operator_code = $1 AND list = $2 ORDER BY id DESC LIMIT 50";

fn main() {
    on_both(bench);
}

async fn bench(name: &str, url: &str) {
    let db = Db::open(url).await.unwrap();
    let call = filled(db.clone()).await;
    println!("\n{name}: list of an enterprise with 20,000 of 200,000 documents, p50 / p99 in ms of {RUNS} runs");
    let base = Query {
        list: FILING.listing.key.into(),
        operator_code: OPERATOR.into(),
        page_size: 50,
        descending: true,
        ..Query::default()
    };
    let mut asked = vec![
        ("first page".to_owned(), base.clone()),
        ("middle page".to_owned(), Query { page: 200, ..base.clone() }),
        ("last page".to_owned(), Query { page: 399, ..base.clone() }),
        ("by whole book no.".to_owned(), Query { book_no: "P53010100000".into(), ..base.clone() }),
        ("by whole seq. no.".to_owned(), Query { seq_no: "202600000000100000".into(), ..base.clone() }),
        ("by part of a no.".to_owned(), Query { internal_no: "9999".into(), ..base.clone() }),
        ("change_seq 0, filing".to_owned(), Query { decl_type: "1".into(), change_seq: "0".into(), ..base.clone() }),
    ];
    for column in FILING.columns {
        asked.push((format!("sorted by {column}"), Query { sort: (*column).into(), ..base.clone() }));
    }
    let bare = || async {
        let rows: Vec<String> =
            sqlx::query_scalar(BARE).bind(OPERATOR).bind(FILING.key).fetch_all(&db.read).await.unwrap();
        assert_eq!(rows.len(), 50);
    };
    report("bare indexed SELECT of 50 heads", measure(bare).await);
    for (what, query) in asked {
        let times = measure(|| async {
            let page = service::list(&call, query.clone()).await.unwrap();
            assert!(!page.lines.is_empty(), "{what}");
        });
        report(&what, times.await);
    }
    db.close().await;
}

async fn measure<F: Future<Output = ()>>(run: impl Fn() -> F) -> Vec<Duration> {
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let start = Instant::now();
        run().await;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    times
}

fn report(what: &str, times: Vec<Duration>) {
    let [p50, p99] = [RUNS / 2, RUNS * 99 / 100].map(|at| times[at].as_micros());
    println!("  {what:<34} {:>4}.{:02} / {:>4}.{:02}", p50 / 1000, p50 % 1000 / 10, p99 / 1000, p99 % 1000 / 10);
}

/// A database with all the documents, and a caller of the enterprise.
async fn filled(db: Db) -> Call {
    let enterprise =
        Enterprise { code: OPERATOR.into(), uscc: "91350100M000100Y43".into(), name: "东澜电子".into() };
    let mut tx = db.begin().await.unwrap();
    sqlx::query("INSERT INTO enterprise (code, uscc, name, credit_grade) VALUES ($1, $2, $3, 'regular')")
        .bind(&enterprise.code)
        .bind(&enterprise.uscc)
        .bind(&enterprise.name)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let config = Config::default();
    let reference = ReferenceCache::load(&db, &config).await.unwrap();
    let state = AppState::new(db.clone(), config, reference);
    let actor = Actor::new("1".into(), "zhang".into(), "张".into(), enterprise, &[Role::Declarant], Vec::new());
    let call = Call { state, actor };
    let id = Uuid::now_v7();
    service::save_head(&call, SaveHead { op: 0, id, kind: FILING.key.into(), base: 0, head: head(), was: None })
        .await
        .unwrap();
    let mut tx = db.begin().await.unwrap();
    let fill = sqlx::query(db.pick(FILL)).bind(DOCUMENTS).bind(OPERATORS).bind(id.to_string());
    fill.execute(&mut *tx).await.unwrap();
    sqlx::query("DELETE FROM document WHERE id = $1").bind(id.to_string()).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    if db.engine == Engine::Postgres {
        // As autovacuum would have done by the time so many are there.
        sqlx::query("VACUUM ANALYZE document").execute(&db.read).await.unwrap();
    }
    call
}

/// A head with every field filled as far as that is usual.
fn head() -> Filled {
    let texts = [
        ("operator_code", OPERATOR),
        ("processor_code", OPERATOR),
        ("master_customs", "5301"),
        ("contract_no", "HT-2026-001"),
        ("foreign_processor_name", "Mekong Assembly and Test Co., Ltd."),
        ("process_country", "VNM"),
        ("currency", "USD"),
        ("contact_name", "沈知远"),
        ("contact_mobile", "13800138000"),
        (
            "process_desc",
            "晶圆经减薄、切割、贴片、焊线、塑封和测试后成为集成电路，外观与功能不变，复运进境后继续组装为成品",
        ),
    ];
    texts.map(|(key, text)| (key.to_owned(), text.to_owned())).into()
}
