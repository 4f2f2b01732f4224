//! Server functions of the ledger: thin, fixed addresses, JSON both ways.
//! Authorise → one service → mapped error; nothing else happens here.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::model::{LinesPage, LinesQuery};
use crate::error::ApiError;
use crate::error::client::Caller;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// One page of the lines of a book, newest first.
#[server(endpoint = "ledger/lines", input = Json, output = Json, client = Caller)]
pub async fn lines(query: LinesQuery) -> Result<LinesPage, ApiError> {
    let call = Call::signed_in().await?;
    edge(super::service::lines(&call, &query)).await
}
