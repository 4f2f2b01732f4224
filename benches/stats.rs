//! 统计 of an enterprise with a million ledger lines, beside the same sums taken from the lines themselves, in turn. `make bench`
//! prints p50 and p99 on both databases; a page should take a second at most.

#[path = "both/databases.rs"]
mod databases;

use std::time::{Duration, Instant};

use opbook::account::model::Enterprise;
use opbook::account::session::Actor;
use opbook::reference::service::ReferenceCache;
use opbook::server::call::Call;
use opbook::server::config::Config;
use opbook::server::db::{Db, Engine};
use opbook::server::state::AppState;
use opbook::stats::model::{Asked, By};
use opbook::stats::service::stats;

use databases::on_both;

const OPERATOR: &str = "3101910001";
const RUNS: usize = 20;

/// 500 books.
const BOOKS: &str = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 499) \
    INSERT INTO account_book (operator_code, book_no, in_force_id, valid_from, valid_to, currency, partner, country, life, version) \
    SELECT $1, 'P' || (10000000000 + i), 'none', '2026-01-01', '2026-12-31', 'USD', 'Partner ' || (i % 40), 'VNM', 'active', 1 FROM n";
/// 20,000 entries of 50 items each: 40 of a book, half of them exports, nine months.
const LINES: &str = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999) \
    INSERT INTO ledger_line (operator_code, entry_id, round, turn, item, book_no, deed, side, goods_seq, hs_code, qty, amount, \
    own_amount, currency, entry_no, value_date, at) SELECT $1, 'entry-' || (i / 50), 1, 2, i % 50 + 1, \
    'P' || (10000000000 + i / 2000), 'booked', CASE WHEN (i / 50) % 2 = 0 THEN 'exported' WHEN i % 2 = 0 THEN 'exempt' ELSE 'taxed' END, \
    i % 20 + 1, '85423990' || (10 + i % 20), '1', '12.34', '12.34', 'USD', '', '2026-0' || ((i / 50) % 9 + 1) || '-15', \
    '2026-11-01T00:00:00.000Z' FROM n";
const MONTHS: &str = "INSERT INTO ledger_month (operator_code, month, book_no, side, hs_code, cents, lines) \
    SELECT operator_code, substr(value_date, 1, 7), book_no, side, hs_code, COUNT(*) * 1234, COUNT(*) FROM ledger_line GROUP BY 1, 2, 3, 4, 5";
const ENTRIES: &str = "INSERT INTO ledger_entry (operator_code, entry_id, book_no, round, booked, entry_no, name, way, value_date, \
    exported, exempt, taxed) SELECT operator_code, entry_id, book_no, 1, 1, '', entry_id, CASE WHEN MIN(side) = 'exported' THEN 'E' ELSE 'I' END, \
    value_date, CASE WHEN MIN(side) = 'exported' THEN '617' ELSE '0' END, CASE WHEN MIN(side) = 'exported' THEN '0' ELSE '308.5' END, \
    CASE WHEN MIN(side) = 'exported' THEN '0' ELSE '308.5' END FROM ledger_line GROUP BY operator_code, entry_id, book_no, value_date";
/// What the page would ask without sums beside the lines. Hundredths, as there.
const FROM_LINES: &str = "SELECT book_no, side, CAST(SUM(CAST(CAST(amount AS NUMERIC) * 100 AS BIGINT)) AS BIGINT) AS cents FROM ledger_line \
    WHERE operator_code = $1 AND deed = 'booked' AND substr(value_date, 1, 7) BETWEEN '2026-01' AND '2026-12' GROUP BY 1, 2";

fn main() {
    on_both(bench);
}

async fn bench(name: &str, url: &str) {
    let db = Db::open(url).await.unwrap();
    let call = filled(db.clone()).await;
    println!("\n{name}: a year of 500 books with 1,000,000 ledger lines, p50 / p99 in ms of {RUNS} runs");
    let (mut from_lines, mut times) = (Vec::new(), vec![Vec::new(); By::ALL.len()]);
    // In turn, so that all meet the same noise.
    for _ in 0..RUNS {
        let start = Instant::now();
        let rows = sqlx::query(FROM_LINES).bind(OPERATOR).fetch_all(&db.read).await.unwrap();
        assert_eq!(rows.len(), 1500);
        from_lines.push(start.elapsed());
        for (by, times) in By::ALL.into_iter().zip(&mut times) {
            let asked = Asked { operator_code: String::new(), from: "2026-01".into(), to: "2026-12".into(), by };
            let start = Instant::now();
            let answer = stats(&call, &asked).await.unwrap();
            times.push(start.elapsed());
            assert_eq!(answer.totals[0].exported, "6170000", "{by:?}");
        }
    }
    let reference = report("sums by book from the lines", from_lines);
    for (by, times) in By::ALL.into_iter().zip(times) {
        let p50 = report(by.label().en, times);
        println!("{:>46}", format!("{} times the rate", reference.as_micros() / p50.as_micros().max(1)));
    }
    db.close().await;
}

fn report(what: &str, mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let [p50, p99] = [RUNS / 2, RUNS * 99 / 100].map(|at| times[at].as_micros());
    println!("  {what:<34} {:>4}.{:02} / {:>4}.{:02}", p50 / 1000, p50 % 1000 / 10, p99 / 1000, p99 % 1000 / 10);
    times[RUNS / 2]
}

async fn filled(db: Db) -> Call {
    let enterprise =
        Enterprise { code: OPERATOR.into(), uscc: "91350100M000100Y43".into(), name: "东澜电子".into() };
    let mut tx = db.begin().await.unwrap();
    for sql in [BOOKS, LINES] {
        sqlx::query(sql).bind(OPERATOR).execute(&mut *tx).await.unwrap();
    }
    for sql in [MONTHS, ENTRIES] {
        sqlx::query(sql).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    if db.engine == Engine::Postgres {
        // As autovacuum would have done by the time so many are there.
        for sql in ["VACUUM ANALYZE ledger_line", "VACUUM ANALYZE ledger_month", "VACUUM ANALYZE ledger_entry"] {
            sqlx::query(sql).execute(&db.read).await.unwrap();
        }
    }
    let config = Config::default();
    let reference = ReferenceCache::load(&db, &config).await.unwrap();
    let state = AppState::new(db, config, reference);
    let actor = Actor::new("1".into(), "zhang".into(), "张".into(), enterprise, Vec::new());
    Call { state, actor }
}
