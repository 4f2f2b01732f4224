//! Server functions of 统计: thin, fixed addresses, JSON both ways.
//! Authorise → one service → mapped error; nothing else happens here.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::model::{Asked, Stats};
use crate::error::ApiError;
use crate::error::client::Caller;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// The figures of the books of an enterprise, or, without one, of all the caller acts for.
#[server(name = AskStats, endpoint = "stats/get", input = Json, output = Json, client = Caller)]
pub async fn get(asked: Asked) -> Result<Stats, ApiError> {
    let call = Call::signed_in().await?;
    edge(super::service::stats(&call, &asked)).await
}
