//! What the integration tests share: a fresh database of each kind, and the whole server without a
//! socket ([`TestApp`]) with browsers that keep their cookie. `OPBOOK_TEST_POSTGRES` is the address of a
//! PostgreSQL server on which databases may be made, e.g. `postgres://postgres@127.0.0.1:5432/postgres`;
//! without it the tests run on SQLite alone.

mod app;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use opbook::server::db::Db;
use uuid::Uuid;

pub use app::{Answer, Browser, TestApp, login_form, one_row, paper, password_of, rows_of, sha256};

/// A new, empty, migrated database of each kind.
pub async fn both_databases() -> Vec<Db> {
    let mut databases = Vec::new();
    if std::env::var_os("OPBOOK_TEST_WITHOUT_SQLITE").is_none() {
        databases.push(Db::open(&fresh_sqlite()).await.unwrap());
    }
    if let Some(url) = fresh_postgres() {
        databases.push(Db::open(&url).await.unwrap());
    }
    databases
}

/// Address of an SQLite file that does not exist yet.
pub fn fresh_sqlite() -> String {
    format!("sqlite:{}.db", fresh_folder().display())
}

/// A path that does not exist yet, in a folder that cargo keeps for tests.
pub fn fresh_folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    sweep(&folder);
    folder.join(format!("test-{}", Uuid::now_v7()))
}

/// Files of earlier runs; those of tests that still run are younger.
fn sweep(folder: &std::path::Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let old = SystemTime::now() - Duration::from_hours(1);
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("test-")) {
        if entry.metadata().and_then(|about| about.modified()).is_ok_and(|at| at < old) {
            let _ = std::fs::remove_file(entry.path());
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Address of a new, empty PostgreSQL database, when there is a server to make it on.
pub fn fresh_postgres() -> Option<String> {
    let server = std::env::var("OPBOOK_TEST_POSTGRES").ok().filter(|url| !url.is_empty())?;
    let name = format!("opbook_test_{}", Uuid::now_v7().simple());
    let (base, rest) = server.rsplit_once('/').expect("OPBOOK_TEST_POSTGRES names a database");
    let query = rest.split_once('?').map_or(String::new(), |(_, query)| format!("?{query}"));
    let url = format!("{base}/{name}{query}");
    // In a thread of its own, so that it can be called from inside and outside of a runtime.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            use sqlx::{AssertSqlSafe, Connection, Executor};
            let mut connection = sqlx::PgConnection::connect(&server).await.expect("OPBOOK_TEST_POSTGRES answers");
            connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
            connection.close().await.unwrap();
        });
    })
    .join()
    .unwrap();
    Some(url)
}

/// Each test file uses its own part of this; naming all of it here keeps the rest from being dead code.
const _: fn(TestApp, Browser, Answer) = |app, browser, answer| {
    drop((both_databases(), fresh_sqlite, fresh_postgres, password_of, rows_of));
    drop(one_row(Uuid::nil(), "", Uuid::nil(), &serde_json::Value::Null, &serde_json::Value::Null));
    drop((
        TestApp::new(app.state.db.clone()),
        app.another_process(),
        app.over(app.state.storage.clone()),
        app.execute(""),
        app.signed_in(""),
    ));
    drop((app.browser(), browser.address, answer.status, answer.headers, answer.body, answer.bytes));
    drop(browser.call("", login_form("", "")));
    drop(paper(b""));
    drop((browser.attach(&serde_json::Value::Null, "", "", &[]), browser.send_piece(Uuid::nil(), 0, &[]), sha256));
};
