//! A database made by another version of the program: it is named in both languages and nothing of it is touched. Who
//! upgrades over old data must get it back as it was.

use std::process::Command;

use opbook::server::db::{Db, is_of_another_version};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::support::{fresh_folder, fresh_postgres, fresh_sqlite};

/// Makes the database one of an older version: other tables, and their migrations noted.
const OLD: &str = "DROP TABLE account_book; CREATE TABLE book_template (id TEXT PRIMARY KEY); \
    INSERT INTO book_template (id) VALUES ('kept'); \
    INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
    SELECT 9, 'import', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1;";

async fn aged(url: &str) {
    let db = Db::open(url).await.unwrap();
    db.close().await;
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(url).await.unwrap();
    connection.execute(OLD).await.unwrap();
    connection.close().await.unwrap();
}

async fn tables(url: &str) -> Vec<String> {
    let sql = if url.starts_with("sqlite:") {
        "SELECT name FROM sqlite_master ORDER BY name"
    } else {
        "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    };
    let mut connection = sqlx::AnyConnection::connect(url).await.unwrap();
    let names = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
    let kept: String = sqlx::query_scalar("SELECT id FROM book_template").fetch_one(&mut connection).await.unwrap();
    assert_eq!(kept, "kept");
    connection.close().await.unwrap();
    names
}

#[tokio::test]
async fn a_database_of_another_version_is_named_and_left_alone() {
    for url in [Some(fresh_sqlite()), fresh_postgres()].into_iter().flatten() {
        aged(&url).await;
        let before = tables(&url).await;
        let error = Db::open(&url).await.unwrap_err();
        assert!(is_of_another_version(&error), "{error:?}");
        let mut command = Command::new(env!("CARGO_BIN_EXE_opbook"));
        command.arg("migrate").current_dir(env!("CARGO_TARGET_TMPDIR"));
        command.env("DATABASE_URL", &url).env("OPBOOK_DATA", fresh_folder());
        let tried = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = String::from_utf8(tried.stderr).unwrap();
        assert!(!tried.status.success());
        assert!(said.contains("另一版本") && said.contains("another version"), "{said}");
        assert_eq!(tables(&url).await, before);
    }
}
