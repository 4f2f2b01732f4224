//! Server functions of 查号: thin, fixed addresses, JSON both ways.
//! Authorise → one service → mapped error; nothing else happens here.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::model::Found;
use crate::error::ApiError;
use crate::error::client::Caller;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// Documents with a number that is so, or begins so, of all enterprises the caller acts for.
#[server(name = FindNumber, endpoint = "find/number", input = Json, output = Json, client = Caller)]
pub async fn number(typed: String) -> Result<Found, ApiError> {
    let call = Call::signed_in().await?;
    edge(super::service::number(&call, &typed)).await
}
