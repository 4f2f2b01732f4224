//! Server functions of the import. The upload itself is a route (`routes`): a file is no JSON.
//! Called by the import dialog; each authorises, calls one operation and maps its error.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use uuid::Uuid;

use super::model::{self, Applied, Report};
use crate::error::ApiError;
use crate::error::client::Caller;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// The report anew, after the document was changed meanwhile.
#[server(endpoint = "document/import_review", input = Json, output = Json, client = Caller)]
pub async fn review(id: Uuid) -> Result<Report, ApiError> {
    let call = Call::signed_in().await?;
    edge(super::review(&call, id)).await
}

/// Imports what was uploaded.
#[server(endpoint = "document/import_apply", input = Json, output = Json, client = Caller)]
pub async fn apply(request: model::Apply) -> Result<Applied, ApiError> {
    let call = Call::signed_in().await?;
    edge(super::apply(&call, request)).await
}

/// Forgets what was uploaded and not imported; true when all of it was imported already.
#[server(endpoint = "document/import_cancel", input = Json, output = Json, client = Caller)]
pub async fn cancel(id: Uuid) -> Result<bool, ApiError> {
    let call = Call::signed_in().await?;
    edge(super::cancel(&call, id)).await
}
