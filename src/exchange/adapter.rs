//! The port to customs and its adapters. The worker knows only [`Adapter`]; `Simulated` (default)
//! speaks to the customs in `crate::customs`. An adapter carries, it neither reads nor decides.

use std::sync::Arc;

use async_trait::async_trait;

use super::model::{Incoming, Outgoing};
use crate::customs::Office;
use crate::server::clock::Clock;
use crate::server::config::Adapter as Choice;
use crate::server::state::AppState;

/// The channel did not work; what was to be carried is tried again later.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ChannelError(pub String);

impl From<sqlx::Error> for ChannelError {
    fn from(error: sqlx::Error) -> Self {
        Self(error.to_string())
    }
}

/// A way to customs and back.
#[async_trait]
pub trait Adapter: Send + Sync {
    /// Hands a message over. The same id handed over again must do no harm.
    async fn send(&self, message: &Outgoing) -> Result<(), ChannelError>;

    /// Brings what has come, at most a moderate number; what is not acknowledged comes again.
    async fn fetch(&self) -> Result<Vec<Incoming>, ChannelError>;

    /// Says that these were stored for good.
    async fn acknowledge(&self, ids: &[String]) -> Result<(), ChannelError>;
}

/// The adapter that the setting OPBOOK_CUSTOMS_ADAPTER names.
pub fn chosen(state: &AppState) -> Arc<dyn Adapter> {
    match state.config.customs_adapter {
        Choice::Simulated => {
            let office = Office::new(state.db.clone(), state.config.customs_delay, state.config.customs_manual_amount)
                .requiring(state.config.required_attachments.clone());
            Arc::new(Simulated { office, clock: state.clock.clone() })
        }
    }
}

/// The simulated customs in this very process.
pub struct Simulated {
    pub office: Office,
    pub clock: Clock,
}

#[async_trait]
impl Adapter for Simulated {
    async fn send(&self, message: &Outgoing) -> Result<(), ChannelError> {
        Ok(self.office.receive(&message.message_id, &message.body, self.clock.now()).await?)
    }

    async fn fetch(&self) -> Result<Vec<Incoming>, ChannelError> {
        let answers = self.office.answers(self.clock.now()).await?;
        Ok(answers.into_iter().map(|(id, body)| Incoming { id, raw: body.into_bytes() }).collect())
    }

    async fn acknowledge(&self, ids: &[String]) -> Result<(), ChannelError> {
        Ok(self.office.acknowledge(ids).await?)
    }
}
