//! Server functions of unsaved text: thin, fixed addresses, JSON both ways.
//! Authorise → one service → mapped error; nothing else happens here.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::model::Piece;
use crate::error::ApiError;
use crate::error::client::Caller;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// Keeps texts of the caller, in place of what had their names; all or none.
#[server(name = KeepUnsaved, endpoint = "unsaved/keep", input = Json, output = Json, client = Caller)]
pub async fn keep(pieces: Vec<Piece>) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(super::service::keep(&call, &pieces)).await
}

/// All texts kept of the caller.
#[server(name = ReadUnsaved, endpoint = "unsaved/read", input = Json, output = Json, client = Caller)]
pub async fn read() -> Result<Vec<Piece>, ApiError> {
    let call = Call::signed_in().await?;
    edge(super::service::read(&call)).await
}
