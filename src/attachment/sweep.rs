//! The orphan sweep: removes files that no line names, left behind when a process died between writing a file
//! and committing. The job `file_sweep` and `opbook attachments sweep` run it; any number of processes may. It goes
//! by what the database knows, so a store that does not carry this database's id is never swept.

use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use futures_util::TryStreamExt as _;
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutPayload};

use super::store;
use crate::job::{Job, Outcome, Runner};
use crate::server::db::Db;
use crate::server::failure::Failure;
use crate::server::state::AppState;
use crate::server::storage::{FILES, Storage};
use crate::text::Message;

const EVERY: TimeDelta = TimeDelta::hours(1);
/// Younger files may belong to an upload that is not committed yet; a day leaves no doubt.
pub const GRACE: TimeDelta = TimeDelta::days(1);
/// The object that carries the id of the database the store belongs to.
const OWNER: &str = "owner";

/// Carries it out every hour. A store that takes longer to list than its lane has patience for is not swept: the log says so.
pub struct FileSweep;

#[async_trait]
impl Runner for FileSweep {
    fn kind(&self) -> &'static str {
        "file_sweep"
    }

    async fn run(&self, state: &AppState, _: &Job) -> Result<Outcome, Failure> {
        match sweep(&state.db, &state.storage, GRACE).await? {
            0 => {}
            removed => tracing::info!(removed, "files without an attachment removed"),
        }
        Ok(Outcome::Again(state.clock.now() + EVERY))
    }

    fn is_standing(&self) -> bool {
        true
    }
}

/// Removes every file older than `grace` that no line names or that was never written to its end;
/// answers how many.
///
/// # Errors
/// When the store belongs to another database, or one of the two does not answer.
pub async fn sweep(db: &Db, storage: &Storage, grace: TimeDelta) -> Result<usize, Failure> {
    own(db, storage).await?;
    // By the clock of the machine: that is what the store writes into its files.
    let before = Utc::now() - grace;
    let store = storage.store()?;
    let mut old = Vec::new();
    let mut files = store.list(Some(&Path::from(FILES)));
    while let Some(file) = files.try_next().await? {
        if file.last_modified < before {
            old.push(file.location);
        }
    }
    // Read after the list: what was committed while it was read is known here.
    let known = store::objects(db).await?;
    let mut removed = 0;
    for file in old.iter().filter(|file| !known.contains(file.as_ref())) {
        match store.delete(file).await {
            Ok(()) => removed += 1,
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(removed + storage.remove_unfinished(before.into()).await?)
}

/// Makes the store this database's, unless it is another's.
async fn own(db: &Db, storage: &Storage) -> Result<(), Failure> {
    let mut tx = db.begin().await?;
    let id = store::owner(&mut tx).await?;
    tx.commit().await?;
    let (store, mark) = (storage.store()?, Path::from(OWNER));
    let found = match store.get(&mark).await {
        Ok(found) => found.bytes().await?,
        Err(object_store::Error::NotFound { .. }) => {
            store.put(&mark, PutPayload::from(id.into_bytes())).await?;
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    if found == id.as_bytes() {
        return Ok(());
    }
    Err(Failure::refused(Message::new(
        "附件存储属于另一个数据库，未作清理：请检查 OPBOOK_STORAGE、OPBOOK_DATA 与 DATABASE_URL 是否对应。",
        "The store of attached files belongs to another database and was not swept: check that OPBOOK_STORAGE, OPBOOK_DATA and DATABASE_URL belong together.",
    )))
}
