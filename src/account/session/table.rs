//! The session library's store on our own table, so that the sessions of a user can be listed and
//! ended. Ignores the library's expiry dates: `expires_at` of the row decides.

use std::sync::Arc;

use async_trait::async_trait;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use super::{SIGNED_IN, SignedIn, expiry, hash};
use crate::account::store::{self, NewSession};
use crate::server::config::Config;
use crate::server::db::{Db, stamp};
use crate::server::state::AppState;

/// Sessions in the table `session`.
#[derive(Clone, Debug)]
pub struct SessionTable {
    db: Db,
    config: Arc<Config>,
}

impl SessionTable {
    pub(super) fn new(state: &AppState) -> Self {
        Self { db: state.db.clone(), config: state.config.clone() }
    }

    async fn write(&self, record: &Record, is_new: bool) -> Result<()> {
        let signed_in: SignedIn = record
            .data
            .get(SIGNED_IN)
            .and_then(|value| serde_json::from_value(value.clone()).ok())
            .ok_or_else(|| Error::Encode("a session without a user is not stored".to_owned()))?;
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let now = self.db.clock.now();
        let session = NewSession {
            token_hash: &hash(&record.id.to_string()),
            id: &signed_in.id,
            user_id: &signed_in.user_id,
            data: &data,
            device: &signed_in.device,
            address: &signed_in.address,
            created_at: &stamp(now),
            expires_at: &expiry(&self.config, now, now),
        };
        let mut tx = self.db.begin().await.map_err(backend)?;
        if is_new {
            store::add_session(&mut tx, session).await.map_err(backend)?;
        } else {
            store::set_session(&mut tx, session).await.map_err(backend)?;
        }
        tx.commit().await.map_err(backend)
    }
}

#[async_trait]
impl SessionStore for SessionTable {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // An id taken already breaks the primary key and fails the login; with 128 random bits it never is.
        self.write(record, true).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.write(record, false).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(data) = store::session_data(&self.db, &hash(&id.to_string())).await.map_err(backend)? else {
            return Ok(None);
        };
        let data = serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date: time::OffsetDateTime::now_utc() }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let mut tx = self.db.begin().await.map_err(backend)?;
        store::end_session(&mut tx, &hash(&id.to_string())).await.map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}

fn backend(error: sqlx::Error) -> Error {
    Error::Backend(error.to_string())
}
