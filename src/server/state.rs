//! What every request shares: database, settings, code tables, files. Made once by `start`, or by a test. Holds
//! nothing that another process would need to know of.

use std::sync::Arc;

use tokio::sync::Notify;

use super::config::Config;
use super::db::Db;
use super::storage::Storage;
use crate::reference::service::ReferenceCache;

/// Shared by all requests and workers; cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    pub db: Db,
    pub config: Arc<Config>,
    /// Code tables in memory, reloaded when their version in the database moves.
    pub reference: ReferenceCache,
    /// Rung when the outbox has a new message, so that the worker need not wait for its next look.
    pub outbox_bell: Arc<Notify>,
    /// Attached files.
    pub storage: Storage,
}

impl AppState {
    /// The state of a process; files are where the settings say.
    pub fn new(db: Db, config: Config, reference: ReferenceCache) -> Self {
        let storage = Storage::new(&config.storage, &config.data);
        Self { db, config: Arc::new(config), reference, outbox_bell: Arc::default(), storage }
    }
}
