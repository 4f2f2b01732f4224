//! Server functions of 待办: thin, fixed addresses, JSON both ways.
//! Authorise → one service → mapped error; nothing else happens here.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use uuid::Uuid;

use super::model::{Checked, Todo};
use crate::error::ApiError;
use crate::error::client::Caller;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// What waits for an enterprise, or, without one, for all the caller acts for; and how much for each of them. `renews`: the
/// screen asks by itself, which does not keep anybody signed in.
#[server(name = ListTodo, endpoint = "todo/list", input = Json, output = Json, client = Caller)]
pub async fn list(operator_code: String, renews: bool) -> Result<Todo, ApiError> {
    let call = if renews { Call::in_background().await? } else { Call::signed_in().await? };
    edge(super::service::list(&call, &operator_code)).await
}

/// What these drafts lack, as `service::check` says. The screen asks by itself.
#[server(name = CheckTodo, endpoint = "todo/check", input = Json, output = Json, client = Caller)]
pub async fn check(ids: Vec<Uuid>) -> Result<Vec<Checked>, ApiError> {
    let call = Call::in_background().await?;
    edge(super::service::check(&call, ids)).await
}
