//! What one enterprise's heaviest work costs the others: ten books of 10,000 rows are declared at once, every re-import
//! naming as many exports as fit, and go all the way through customs; meanwhile another enterprise saves its head
//! twenty times a second. `make bench` runs it. Prints what the other enterprise waited, before and meanwhile.

#![expect(clippy::float_arithmetic, reason = "times are measured here, no money")]

#[path = "both/databases.rs"]
mod databases;

use std::time::{Duration, Instant};

use opbook::account::rights::Role;
use opbook::account::session::Actor;
use opbook::document::{PutRow, SaveHead, SaveRows, Step, service};
use opbook::exchange;
use opbook::form::Filled;
use opbook::people::demo;
use opbook::reference::service::ReferenceCache;
use opbook::server::call::Call;
use opbook::server::config::Config;
use opbook::server::db::Db;
use opbook::server::state::AppState;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use databases::on_both;

const BOOKS: usize = 10;
const ROWS: usize = 5000;
const EVERY: Duration = Duration::from_millis(50);

fn main() {
    on_both(bench);
}

async fn bench(name: &str, url: &str) {
    let db = Db::open(url).await.unwrap();
    demo::load(&db).await.unwrap();
    let config = Config { required_attachments: Vec::new(), customs_delay: Duration::ZERO, ..Config::default() };
    let reference = ReferenceCache::load(&db, &config).await.unwrap();
    let state = AppState::new(db, config, reference);
    let heavy = call(&state, "donglan", "3205246018").await;
    let other = call(&state, "haihe", "3502166027").await;
    let mut steps = Vec::new();
    for number in 0..BOOKS {
        steps.push(book(&heavy, number).await);
    }
    let light = Uuid::now_v7();
    let quiet = saves(&other, light, 0, Duration::from_secs(3)).await;
    println!("\n{name}: another enterprise's save, p50 / p99 / longest in ms");
    println!("  alone:            {}", show(&quiet.0));

    let stop = CancellationToken::new();
    let worker = exchange::start(state.clone(), stop.clone());
    let began = Instant::now();
    let declares: Vec<_> = steps
        .iter()
        .map(|step| {
            let (heavy, step) = (heavy.clone(), step.clone());
            tokio::spawn(async move { service::declare(&heavy, step).await.map(|_| ()) })
        })
        .collect();
    let declared = tokio::spawn(async move {
        for one in declares {
            one.await.unwrap().unwrap();
        }
        began.elapsed()
    });
    let busy = saves(&other, light, quiet.1, Duration::from_secs(15)).await;
    println!(
        "  while declaring:  {} (ten declarations took {:.1} s)",
        show(&busy.0),
        declared.await.unwrap().as_secs_f64()
    );
    stop.cancel();
    worker.await.unwrap();
    state.db.close().await;
}

async fn call(state: &AppState, login: &str, code: &str) -> Call {
    let found = opbook::account::store::enterprise(&state.db, code).await.unwrap().unwrap();
    let actor = Actor::new(login.into(), login.into(), login.into(), found, &[Role::Declarant], Vec::new());
    Call { state: state.clone(), actor }
}

fn record(pairs: &[(&str, &str)]) -> Filled {
    pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
}

fn head(call: &Call, remark: &str) -> Filled {
    let code = call.actor.enterprise.code.as_str();
    let mut head = record(&[
        ("operator_code", code),
        ("processor_code", "4403160D52"),
        ("declarant_code", code),
        ("declarant_type", "1"),
        ("master_customs", "2300"),
        ("contract_no", "HT-1"),
        ("foreign_processor_name", "ACME"),
        ("process_country", "VNM"),
        ("currency", "USD"),
        ("contact_name", "沈知远"),
        ("contact_mobile", "13800138000"),
        ("process_desc", "境外封装测试后复运进境，外观不变"),
        ("remark", remark),
    ]);
    let until = opbook::form::add_months(call.state.clock.today(), 6).unwrap();
    head.insert("valid_to".into(), until.to_string());
    head
}

/// A book of as many rows as there may be; the re-imports name as many exports as the field takes.
async fn book(call: &Call, number: usize) -> Step {
    let id = Uuid::now_v7();
    let request =
        SaveHead { op: 0, id, kind: "filing".into(), base: 0, head: head(call, &number.to_string()), was: None };
    service::save_head(call, request).await.unwrap();
    let sources = ["5000"; 51].join(",");
    let mut version = 0;
    for section in ["exports", "reimports"] {
        let put = |at: usize| {
            let spec = format!("S{at}");
            let mut content = record(&[
                ("hs_code", "8542399000"),
                ("goods_name", "集成电路"),
                ("spec_model", &spec),
                ("declare_unit", "007"),
                ("legal_unit", "007"),
                ("qty", "1"),
                ("legal_qty", "1"),
                ("legal_qty2", "1"),
                ("unit_price", "2.5"),
                ("currency", "USD"),
                ("origin_country", "CHN"),
            ]);
            if section == "exports" {
                content.insert("dest_country".into(), "VNM".into());
            } else {
                content.insert("source_export_seqs".into(), sources.clone());
                content.insert("original_value".into(), "1".into());
                content.insert("fee_processing".into(), "1".into());
            }
            PutRow { row_id: Uuid::now_v7(), base: 0, seq: 0, content, was: None }
        };
        let puts = (0..ROWS).map(put).collect();
        let request = SaveRows { op: 0, document_id: id, section: section.into(), puts, removes: Vec::new() };
        version = service::save_rows(call, request).await.unwrap().meta.version;
    }
    Step { id, base: version }
}

/// Saves the head again and again; how long each took, in ms, and the last version.
async fn saves(call: &Call, id: Uuid, mut base: i64, long: Duration) -> (Vec<f64>, i64) {
    let (mut took, began) = (Vec::new(), Instant::now());
    while began.elapsed() < long {
        let head = head(call, &format!("{}", took.len()));
        let start = Instant::now();
        let saved = service::save_head(call, SaveHead { op: 0, id, kind: "filing".into(), base, head, was: None })
            .await
            .unwrap();
        took.push(start.elapsed().as_secs_f64() * 1000.0);
        base = saved.meta.head_version;
        tokio::time::sleep(EVERY.saturating_sub(start.elapsed())).await;
    }
    took.sort_by(f64::total_cmp);
    (took, base)
}

fn show(sorted: &[f64]) -> String {
    let at = |share: usize| sorted[(sorted.len() - 1) * share / 100];
    format!("{:.1} / {:.1} / {:.1} ({} saves)", at(50), at(99), at(100), sorted.len())
}
