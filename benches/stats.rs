//! 统计 of an enterprise with a million ledger lines, beside the same sums taken from the lines themselves, in turn. `make bench`
//! prints p50 and p99 on both databases; a page should take a second at most.

#[path = "both/databases.rs"]
mod databases;

use std::time::{Duration, Instant};

use opbook::account::model::Enterprise;
use opbook::account::rights::Role;
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

/// Statements that fill the tables.
const MILLION_LINES: &str = include_str!("both/million_lines.sql");
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
    for sql in MILLION_LINES.split_terminator(";\n") {
        let query = sqlx::query(sql);
        let query = if sql.contains("$1") { query.bind(OPERATOR) } else { query };
        query.execute(&mut *tx).await.unwrap();
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
    let actor = Actor::new("1".into(), "zhang".into(), "张".into(), enterprise, &[Role::Declarant], Vec::new());
    Call { state, actor }
}
