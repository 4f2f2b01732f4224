//! Server functions of the registering of many entries. The upload itself is a route (`routes`): a file is no JSON. Each
//! authorises, calls one operation and maps its error.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use uuid::Uuid;

use super::model::{self, Applied, Report};
use crate::error::ApiError;
use crate::error::client::Caller;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// The report anew, after account books or entries changed meanwhile.
#[server(endpoint = "entry/register_review", input = Json, output = Json, client = Caller)]
pub async fn register_review(id: Uuid) -> Result<Report, ApiError> {
    let call = Call::signed_in().await?;
    edge(super::review(&call, id)).await
}

/// Registers what was uploaded.
#[server(endpoint = "entry/register_apply", input = Json, output = Json, client = Caller)]
pub async fn register_apply(request: model::Apply) -> Result<Applied, ApiError> {
    let call = Call::signed_in().await?;
    edge(super::apply(&call, request)).await
}
