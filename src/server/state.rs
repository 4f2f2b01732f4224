//! What every request shares: database, settings, code tables, files. Made once by `start`, or by a test. Holds
//! nothing that another process would need to know of.

use std::sync::Arc;

use tokio::sync::Notify;

use super::clock::Clock;
use super::config::Config;
use super::db::Db;
use super::failure::Failure;
use super::storage::Storage;
use crate::document::kind::Kind;
use crate::document::listing::Listed;
use crate::document::office::Office;
use crate::exchange::Unasked;
use crate::hint::listeners::Hints;
use crate::kinds;
use crate::reference::service::ReferenceCache;
use crate::text::Message;

/// What the kinds of documents bring along on the server; see [`kinds`].
#[derive(Clone, Copy)]
pub struct Offices {
    pub kinds: &'static [&'static dyn Office],
    /// Who takes the messages of customs that nobody asked for.
    pub unasked: &'static [&'static dyn Unasked],
}

impl std::fmt::Debug for Offices {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_list().entries(self.kinds.iter().map(|office| office.kind())).finish()
    }
}

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
    /// The clock of `db` as well: there is one.
    pub clock: Clock,
    pub offices: Offices,
    /// Where open pages hear what changed.
    pub hints: Hints,
}

impl AppState {
    /// The state of a process; files are where the settings say.
    pub fn new(db: Db, config: Config, reference: ReferenceCache) -> Self {
        let storage = Storage::new(&config.storage, &config.data);
        let clock = db.clock.clone();
        let offices = Offices { kinds: kinds::OFFICES, unasked: kinds::UNASKED };
        Self {
            db,
            config: Arc::new(config),
            reference,
            outbox_bell: Arc::default(),
            storage,
            clock,
            offices,
            hints: Hints::default(),
        }
    }

    /// The office of a kind of document.
    ///
    /// # Errors
    /// `Refused` for a kind this server does not have: the page is older or newer than the server.
    pub fn office(&self, kind: &str) -> Result<&'static dyn Office, Failure> {
        self.offices.kinds.iter().copied().find(|office| office.kind().key == kind).ok_or_else(|| {
            Failure::refused(Message::new(
                format!("服务器不认识单据种类“{kind}”，请刷新页面后重试。"),
                format!("The server knows no documents of kind “{kind}”. Reload the page and try again."),
            ))
        })
    }

    /// A kind of document.
    ///
    /// # Errors
    /// As [`AppState::office`].
    pub fn kind(&self, key: &str) -> Result<&'static Kind, Failure> {
        Ok(self.office(key)?.kind())
    }

    /// A query list with its kinds.
    ///
    /// # Errors
    /// As [`AppState::office`].
    pub fn listed(&self, key: &str) -> Result<Listed, Failure> {
        Listed::of(key, self.offices.kinds.iter().map(|office| office.kind())).ok_or_else(|| {
            Failure::refused(Message::new(
                format!("服务器没有名为“{key}”的查询，请刷新页面后重试。"),
                format!("The server has no query “{key}”. Reload the page and try again."),
            ))
        })
    }
}
