//! A store that is full, dead or loses what it should remove; and the sweep that tidies up after it.
//! Whatever fails, an acknowledged file is there, and nobody's space fills up.

use std::fmt;
use std::io::{Error, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::*;
use crate::support::{both_databases, fresh_folder};
use async_trait::async_trait;
use chrono::TimeDelta;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, Result, UploadPart,
};
use opbook::attachment::sweep::sweep;
use opbook::job::worker::{found, step};
use opbook::server::jobs::LONG;
use opbook::server::storage::Storage;

/// A store in memory that fails as told.
#[derive(Debug, Default)]
struct Faulty {
    inner: InMemory,
    /// Nothing more can be written.
    full: Arc<AtomicBool>,
    /// Nothing can be read or removed.
    dead: AtomicBool,
    /// Reading takes longer than anybody waits.
    slow: AtomicBool,
    /// A large file does not come to its beginning.
    held: AtomicBool,
}

fn failure(kind: ErrorKind) -> object_store::Error {
    object_store::Error::Generic { store: "faulty", source: Box::new(Error::from(kind)) }
}

impl Faulty {
    fn writable(&self) -> Result<()> {
        if self.full.load(Ordering::Relaxed) { Err(failure(ErrorKind::StorageFull)) } else { Ok(()) }
    }

    fn alive(&self) -> Result<()> {
        if self.dead.load(Ordering::Relaxed) { Err(failure(ErrorKind::ConnectionRefused)) } else { Ok(()) }
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("faulty")
    }
}

/// Parts are taken; the end fails when the store is full by then.
#[derive(Debug)]
struct FaultyUpload {
    inner: Box<dyn MultipartUpload>,
    full: Arc<AtomicBool>,
}

#[async_trait]
impl MultipartUpload for FaultyUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.inner.put_part(data)
    }
    async fn complete(&mut self) -> Result<PutResult> {
        if self.full.load(Ordering::Relaxed) {
            return Err(failure(ErrorKind::StorageFull));
        }
        self.inner.complete().await
    }
    async fn abort(&mut self) -> Result<()> {
        self.inner.abort().await
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, at: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.writable()?;
        self.inner.put_opts(at, payload, options).await
    }
    async fn put_multipart_opts(&self, at: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        while self.held.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let inner = self.inner.put_multipart_opts(at, options).await?;
        Ok(Box::new(FaultyUpload { inner, full: self.full.clone() }))
    }
    async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
        self.alive()?;
        if self.slow.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        self.inner.get_opts(at, options).await
    }
    fn delete_stream(&self, at: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        match self.alive() {
            Ok(()) => self.inner.delete_stream(at),
            Err(error) => futures_util::stream::iter([Err(error)]).boxed(),
        }
    }
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }
    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }
    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.writable()?;
        self.inner.copy_opts(from, to, options).await
    }
}

/// The server over another store.
async fn over(db: opbook::server::db::Db, store: Arc<dyn ObjectStore>) -> TestApp {
    TestApp::new(db).await.over(Storage::over(store))
}

#[tokio::test]
async fn a_full_or_dead_store_costs_nothing_that_was_acknowledged() {
    for db in both_databases().await {
        let store = Arc::new(Faulty::default());
        let app = over(db, store.clone()).await;
        let owner = app.signed_in("donglan").await;
        let book = book(&owner).await;
        let content = pdf(2 * PIECE, 1);
        let id = Uuid::now_v7();
        call(&owner, "attachment/save", claim(&book, id, "合同.pdf", &content)).await;
        assert_eq!(owner.send_piece(id, 0, &content[..PIECE]).await.status, StatusCode::OK);

        store.full.store(true, Ordering::Relaxed);
        let answer = owner.send_piece(id, PIECE, &content[PIECE..]).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        let message = answer.body["message"]["zh"].as_str().unwrap();
        assert!(message.contains("存储空间已满") && message.contains("不会丢失"), "{message}");
        assert_eq!(call(&owner, "attachment/get", json!({ "id": id })).await["received"], PIECE);

        // Room for the pieces, but none for the whole.
        store.full.store(false, Ordering::Relaxed);
        assert_eq!(owner.send_piece(id, PIECE, &content[PIECE..]).await.status, StatusCode::OK);
        store.full.store(true, Ordering::Relaxed);
        let (status, body) = owner.call("attachment/finish", json!({ "id": id })).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(body["message"]["zh"].as_str().unwrap().contains("存储空间已满"));
        let row = call(&owner, "attachment/get", json!({ "id": id })).await;
        assert_eq!((&row["received"], &row["content"]["status"]), (&json!(2 * PIECE), &json!("8")), "half done");

        store.full.store(false, Ordering::Relaxed);
        let row = call(&owner, "attachment/finish", json!({ "id": id })).await["row"].clone();
        assert!(download(&owner, &row).await.bytes == content);
        assert_eq!(stored(&app).await.len(), 1);

        store.dead.store(true, Ordering::Relaxed);
        let answer = download(&owner, &row).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.body["message"]["zh"].as_str().unwrap().contains("暂时不可用"));
        assert!(!answer.body.to_string().contains("faulty"), "a cause reached the browser");
    }
}

#[tokio::test]
async fn a_full_database_is_told_as_such() {
    // SQLite only: it can be told to have no more room. "Try again shortly" would be tried all day.
    let app = TestApp::new(opbook::server::db::Db::open(&crate::support::fresh_sqlite()).await.unwrap()).await;
    let owner = app.signed_in("donglan").await;
    let book = book(&owner).await;
    app.execute("PRAGMA max_page_count = 1").await;
    let message = loop {
        let mut request = claim(&book, Uuid::now_v7(), "合同.pdf", Uuid::now_v7().as_bytes());
        request["request"]["content"]["remark"] = json!("备".repeat(200));
        let (status, body) = owner.call("attachment/save", request).await;
        if status != StatusCode::OK {
            break body["message"]["zh"].as_str().unwrap().to_owned();
        }
    };
    assert!(message.contains("存储空间已满") && message.contains("管理员"), "{message}");
    // What was acknowledged is there, and nothing is half there.
    let before = listed(&owner, &book).await.len();
    app.execute("PRAGMA max_page_count = 1000000").await;
    call(&owner, "attachment/save", claim(&book, Uuid::now_v7(), "后.pdf", &paper(b"later"))).await;
    assert_eq!(listed(&owner, &book).await.len(), before + 1);
}

#[tokio::test]
async fn what_could_not_be_removed_is_swept_later() {
    for db in both_databases().await {
        let store = Arc::new(Faulty::default());
        let app = over(db, store.clone()).await;
        let owner = app.signed_in("donglan").await;
        let (book, other) = (book(&owner).await, super::book(&owner).await);
        let kept = owner.attach(&other, "01", "留.pdf", &pdf(PIECE + 1, 1)).await;
        let half = Uuid::now_v7();
        call(&owner, "attachment/save", claim(&other, half, "半.pdf", &pdf(2 * PIECE, 2))).await;
        owner.send_piece(half, 0, &pdf(2 * PIECE, 2)[..PIECE]).await;
        owner.attach(&book, "01", "合同.pdf", &paper(b"gone")).await;
        let (state, all) = (&app.state, TimeDelta::zero());
        assert_eq!(sweep(&state.db, &state.storage, all).await.unwrap(), 0);

        // The book is deleted while the store does not answer: the deletion counts, the file is left.
        store.dead.store(true, Ordering::Relaxed);
        let step = json!({ "step": { "id": book, "base": version(&owner, &book).await } });
        call(&owner, "document/delete", step).await;
        assert!(sweep(&state.db, &state.storage, all).await.is_err());
        store.dead.store(false, Ordering::Relaxed);
        assert_eq!(stored(&app).await.len(), 3);
        // A file as young as this may belong to an upload that is just being committed.
        assert_eq!(sweep(&state.db, &state.storage, TimeDelta::hours(1)).await.unwrap(), 0);
        assert_eq!(sweep(&state.db, &state.storage, all).await.unwrap(), 1);
        assert_eq!(stored(&app).await.len(), 2);
        assert!(download(&owner, &kept).await.bytes == pdf(PIECE + 1, 1));
        assert_eq!(owner.send_piece(half, PIECE, &pdf(2 * PIECE, 2)[PIECE..]).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn the_sweep_comes_again_every_hour_and_soon_when_it_failed() {
    for db in both_databases().await {
        let store = Arc::new(Faulty::default());
        let app = over(db, store.clone()).await;
        let state = &app.state;
        let said = || sqlx::query_scalar::<_, String>("SELECT last_error FROM job WHERE kind = 'file_sweep'");
        found(state, LONG).await.unwrap();
        assert!(step(state, LONG).await.unwrap(), "owed from the start on");
        assert!(!step(state, LONG).await.unwrap(), "and then for an hour not");
        assert_eq!(said().fetch_one(&state.db.read).await.unwrap(), "");
        store.dead.store(true, Ordering::Relaxed);
        state.clock.advance(TimeDelta::minutes(61));
        assert!(step(state, LONG).await.unwrap());
        assert_ne!(said().fetch_one(&state.db.read).await.unwrap(), "");
        store.dead.store(false, Ordering::Relaxed);
        state.clock.advance(TimeDelta::seconds(16));
        assert!(step(state, LONG).await.unwrap());
        assert_eq!(said().fetch_one(&state.db.read).await.unwrap(), "");
    }
}

#[tokio::test]
async fn a_store_of_another_database_is_never_swept() {
    // An empty database beside a full store, e.g. before a backup is played back: all files would go.
    let folder = fresh_folder();
    for db in both_databases().await {
        let app = TestApp::with(db, |config| config.data = folder.join(Uuid::now_v7().to_string())).await;
        let owner = app.signed_in("donglan").await;
        let book = book(&owner).await;
        owner.attach(&book, "01", "合同.pdf", &paper(b"x")).await;
        let (state, all) = (&app.state, TimeDelta::zero());
        assert_eq!(sweep(&state.db, &state.storage, all).await.unwrap(), 0);
        for stranger in both_databases().await {
            let error = sweep(&stranger, &state.storage, all).await.unwrap_err();
            assert!(error.to_string().contains("another database"), "{error}");
        }
        assert_eq!(stored(&app).await.len(), 1);
        assert_eq!(sweep(&state.db, &state.storage, all).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn an_end_that_takes_too_long_for_a_call_comes_all_the_same() {
    // Ended with the call, it would begin anew with each attempt and never come to its end.
    for db in both_databases().await {
        let store = Arc::new(Faulty::default());
        let app = over(db, store.clone()).await;
        let owner = app.signed_in("donglan").await;
        let (book, id, content) = (book(&owner).await, Uuid::now_v7(), pdf(2 * PIECE, 4));
        call(&owner, "attachment/save", claim(&book, id, "合同.pdf", &content)).await;
        for at in [0, PIECE] {
            owner.send_piece(id, at, &content[at..at + PIECE]).await;
        }
        store.slow.store(true, Ordering::Relaxed);
        let end = owner.call("attachment/finish", json!({ "id": id }));
        assert!(tokio::time::timeout(Duration::from_millis(100), end).await.is_err(), "nobody gave up");
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        while call(&owner, "attachment/get", json!({ "id": id })).await["content"]["status"] != "9" {
            assert!(tokio::time::Instant::now() < deadline, "it never ends");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        store.slow.store(false, Ordering::Relaxed);
        let row = call(&owner, "attachment/finish", json!({ "id": id })).await["row"].clone();
        assert!(download(&owner, &row).await.bytes == content);
    }
}

/// Makes every commit fail that wrote to a table: a reference into nowhere, looked at only at the end.
async fn spring(app: &TestApp, postgres: bool) {
    app.execute("CREATE TABLE nowhere (id TEXT PRIMARY KEY)").await;
    app.execute("CREATE TABLE trap (id TEXT REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED)").await;
    if postgres {
        app.execute(
            "CREATE FUNCTION step_in() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN INSERT INTO trap VALUES (''x''); RETURN NEW; END'",
        )
        .await;
        app.execute("CREATE TRIGGER piece AFTER INSERT ON attachment_piece FOR EACH ROW EXECUTE FUNCTION step_in()")
            .await;
        app.execute("CREATE TRIGGER copied AFTER INSERT ON attachment FOR EACH ROW EXECUTE FUNCTION step_in()").await;
    } else {
        app.execute("CREATE TRIGGER piece AFTER INSERT ON attachment_piece BEGIN INSERT INTO trap VALUES ('x'); END")
            .await;
        app.execute("CREATE TRIGGER copied AFTER INSERT ON attachment BEGIN INSERT INTO trap VALUES ('x'); END").await;
    }
}

#[tokio::test]
async fn a_copy_that_takes_long_says_so_and_goes_on() {
    // Who hears nothing copies once more, and then has two drafts of one filing.
    let copies = both_databases().await.into_iter().map(|db| async move {
        let store = Arc::new(Faulty::default());
        let app = over(db, store.clone()).await;
        let owner = app.signed_in("donglan").await;
        let (from, to) = (book(&owner).await, Uuid::now_v7());
        owner.attach(&from, "01", "一.pdf", &paper(b"one")).await;
        store.held.store(true, Ordering::Relaxed);
        let request = json!({ "request": { "from": from, "id": to, "attachments": true } });
        let copied = call(&owner, "document/copy", request.clone()).await;
        let trouble = copied["trouble"]["zh"].as_str().unwrap_or_default();
        assert!(trouble.contains("仍在复制") && trouble.contains("不要再次复制"), "{copied}");
        store.held.store(false, Ordering::Relaxed);
        // Whoever sends the same request again gets the one copy, once it is there.
        let arrived = async {
            while call(&owner, "attachment/list", json!({ "document_id": to })).await["rows"] == json!([]) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), arrived).await.expect("the copy never came");
        let again = call(&owner, "document/copy", request).await;
        assert!(again["trouble"].is_null() && again["attachments"] == 1, "{again}");
        assert_eq!(stored(&app).await.len(), 2, "one file and its copy");
    });
    futures_util::future::join_all(copies).await;
}

#[tokio::test]
async fn a_commit_without_an_answer_costs_no_file() {
    // The commit may have happened: a line would point to a file that is gone, and a contract is lost.
    for db in both_databases().await {
        let postgres = db.engine == opbook::server::db::Engine::Postgres;
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let (from, to) = (book(&owner).await, Uuid::now_v7());
        owner.attach(&from, "01", "一.pdf", &paper(b"one")).await;
        let (id, content) = (Uuid::now_v7(), paper(b"two"));
        call(&owner, "attachment/save", claim(&from, id, "二.pdf", &content)).await;
        spring(&app, postgres).await;
        let answer = owner.send_piece(id, 0, &content).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
        assert_eq!(stored(&app).await.len(), 2, "the piece went, though the database may name it");
        let copy = json!({ "request": { "from": from, "id": to, "attachments": true } });
        let copied = call(&owner, "document/copy", copy).await;
        assert!(!copied["trouble"].is_null(), "{copied}");
        assert_eq!(stored(&app).await.len(), 3, "the copy went, though the database may name it");
        let off = if postgres { "DROP TRIGGER piece ON attachment_piece" } else { "DROP TRIGGER piece" };
        app.execute(off).await;
        assert_eq!(owner.send_piece(id, 0, &content).await.status, StatusCode::OK);
        call(&owner, "attachment/finish", json!({ "id": id })).await;
        // What no line came to name is for the sweep.
        assert_eq!(sweep(&app.state.db, &app.state.storage, TimeDelta::zero()).await.unwrap(), 2);
        assert_eq!(stored(&app).await.len(), 2);
    }
}

#[tokio::test]
async fn what_a_killed_write_left_is_swept_too() {
    // No list of the store shows these: a server that is killed now and then would fill its disk.
    for db in both_databases().await {
        let app = TestApp::new(db).await;
        let owner = app.signed_in("donglan").await;
        let book = book(&owner).await;
        let kept = owner.attach(&book, "01", "合同.pdf", &paper(b"kept")).await;
        let folder = app.state.config.data.join("attachments/files/ab");
        std::fs::create_dir_all(&folder).unwrap();
        let (old, young) =
            (folder.join(format!("{}#1", "ab".repeat(16))), folder.join(format!("{}#2", "cd".repeat(16))));
        for file in [&old, &young] {
            std::fs::write(file, "half").unwrap();
        }
        let days = SystemTime::now() - Duration::from_hours(49);
        std::fs::File::options().write(true).open(&old).unwrap().set_modified(days).unwrap();
        assert_eq!(sweep(&app.state.db, &app.state.storage, TimeDelta::days(1)).await.unwrap(), 1);
        assert!(!old.exists() && young.exists(), "the younger one may be just being written");
        assert!(download(&owner, &kept).await.bytes == paper(b"kept"));
    }
}
