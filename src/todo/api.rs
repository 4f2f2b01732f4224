//! Server functions of 待办: thin, fixed addresses, JSON both ways.
//! Authorise → one service → mapped error; nothing else happens here.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::model::Todo;
use crate::error::ApiError;
use crate::error::client::Caller;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// What waits for an enterprise, or, without one, for all the caller acts for; and how much for each of them.
#[server(name = ListTodo, endpoint = "todo/list", input = Json, output = Json, client = Caller)]
pub async fn list(operator_code: String) -> Result<Todo, ApiError> {
    let call = Call::signed_in().await?;
    edge(super::service::list(&call, &operator_code)).await
}
