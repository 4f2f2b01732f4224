//! Server functions of 变更: thin, fixed addresses, JSON both ways.
//! Authorise → one service → mapped error; nothing else happens here.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use uuid::Uuid;

use super::model::{Comparison, Version};
use crate::document::Derive;
use crate::error::ApiError;
use crate::error::client::Caller;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// 变更: a new draft of what is in force.
#[server(endpoint = "document/change", input = Json, output = Json, client = Caller)]
pub async fn change(request: Derive) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(super::change(&call, request)).await
}

/// What differs between a document and the one it changes.
#[server(endpoint = "document/differences", input = Json, output = Json, client = Caller)]
pub async fn differences(id: Uuid) -> Result<Comparison, ApiError> {
    let call = Call::signed_in().await?;
    edge(super::differences(&call, id)).await
}

/// 变更记录: all filings of the book of a document, the latest first.
#[server(endpoint = "document/history", input = Json, output = Json, client = Caller)]
pub async fn history(id: Uuid) -> Result<Vec<Version>, ApiError> {
    let call = Call::signed_in().await?;
    edge(super::history(&call, id)).await
}
