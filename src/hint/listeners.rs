//! Who listens in this process: streams take what `watch` finds. Part of the state of the server.
//! Looks for nothing itself and knows no session.

use std::sync::Arc;

use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

use super::store::Changed;

/// Looks that a slow listener may fall behind; then it is told to ask for all.
const BEHIND: usize = 64;

/// What one look found.
pub type Found = Arc<Vec<Changed>>;

/// Where streams listen. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hints {
    found: broadcast::Sender<Found>,
    /// Rung by who begins to listen.
    bell: Arc<Notify>,
    /// The process stops: streams end.
    end: CancellationToken,
}

impl Default for Hints {
    fn default() -> Self {
        Self { found: broadcast::Sender::new(BEHIND), bell: Arc::default(), end: CancellationToken::new() }
    }
}

impl Hints {
    /// All that is found from now on.
    pub fn listen(&self) -> broadcast::Receiver<Found> {
        let receiver = self.found.subscribe();
        self.bell.notify_one();
        receiver
    }

    /// Ends all streams: the process would wait for them.
    pub fn end(&self) {
        self.end.cancel();
    }

    /// Resolves when streams are to end.
    pub fn ended(&self) -> CancellationToken {
        self.end.clone()
    }

    /// Tells all who listen.
    pub fn tell(&self, changed: Vec<Changed>) {
        // Everybody may have gone meanwhile.
        let _ = self.found.send(Arc::new(changed));
    }

    /// Resolves when somebody begins to listen.
    pub async fn called(&self) {
        self.bell.notified().await;
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.found.receiver_count()
    }
}
