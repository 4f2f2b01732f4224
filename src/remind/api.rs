//! Server functions of the reminders: thin, fixed addresses, JSON both ways.
//! Authorise → one service → mapped error; nothing else happens here.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::model::Reminder;
use crate::error::ApiError;
use crate::error::client::Caller;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// The latest reminders of all enterprises the caller acts for. The screen asks by itself whenever 待办 is read.
#[server(name = ListReminders, endpoint = "remind/list", input = Json, output = Json, client = Caller)]
pub async fn list() -> Result<Vec<Reminder>, ApiError> {
    let call = Call::in_background().await?;
    edge(super::service::list(&call)).await
}
