//! The port to customs and its adapters. The worker knows only [`Adapter`]; `Simulated` (default)
//! speaks to the customs in `crate::customs`. An adapter carries, it neither reads nor decides.

use async_trait::async_trait;
use chrono::Utc;

use super::model::{Incoming, Outgoing};
use crate::customs::Office;

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

/// The simulated customs in this very process.
pub struct Simulated {
    pub office: Office,
}

#[async_trait]
impl Adapter for Simulated {
    async fn send(&self, message: &Outgoing) -> Result<(), ChannelError> {
        Ok(self.office.receive(&message.message_id, &message.body, Utc::now()).await?)
    }

    async fn fetch(&self) -> Result<Vec<Incoming>, ChannelError> {
        let answers = self.office.answers(Utc::now()).await?;
        Ok(answers.into_iter().map(|(id, body)| Incoming { id, raw: body.into_bytes() }).collect())
    }

    async fn acknowledge(&self, ids: &[String]) -> Result<(), ChannelError> {
        Ok(self.office.acknowledge(ids).await?)
    }
}
