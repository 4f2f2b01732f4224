//! Runs a benchmark on both databases: SQLite in a folder of its own, and the PostgreSQL that `scripts/with-postgres`
//! names. Used by the benchmarks that store; measures nothing.

/// Runs `bench` with the name and the address of each database.
pub fn on_both(bench: impl AsyncFn(&str, &str)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        bench("SQLite", &format!("sqlite:{}", folder.path().join("bench.db").display())).await;
        match std::env::var("OPBOOK_TEST_POSTGRES") {
            Ok(url) => bench("PostgreSQL", &url).await,
            Err(_) => println!("PostgreSQL: skipped, OPBOOK_TEST_POSTGRES is not set"),
        }
    });
}
