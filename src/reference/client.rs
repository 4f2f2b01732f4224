//! Fetches the code tables into the browser. Their addresses contain the version, so the cache of the
//! browser keeps them; this file keeps nothing.

use std::collections::HashMap;

use futures_util::future::join_all;
use gloo_net::http::Request;
use gloo_timers::future::TimeoutFuture;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use leptos::task::spawn_local;

use super::{Codes, Table, TableData};
use crate::error::ApiError;

/// Loads all tables.
///
/// # Errors
/// When the server cannot be reached or answers with a failure.
pub async fn load() -> Result<Codes, ApiError> {
    // Between the list of versions and the tables an import may come, or two servers may differ for a
    // moment; the list is simply asked for again.
    for _ in 0..3 {
        if let Some(codes) = load_once().await? {
            let warming = codes.clone();
            spawn_local(async move {
                TimeoutFuture::new(0).await; // after the page was painted
                warming.warm();
            });
            return Ok(codes);
        }
    }
    Err(ApiError::from_server_fn_error(ServerFnErrorErr::ServerError("no lasting version".to_owned())))
}

/// `None` when a version was gone already.
async fn load_once() -> Result<Option<Codes>, ApiError> {
    let response = Request::get("/codes").send().await.map_err(unreachable)?;
    if !response.ok() {
        return Err(refused(response.status()));
    }
    let versions: HashMap<String, String> = response.json().await.map_err(unreachable)?;
    let known = versions.into_iter().filter_map(|(key, version)| Some((Table::from_key(&key)?, version)));
    let mut codes = Codes::default();
    for fetched in join_all(known.map(|(table, version)| fetch(table, version))).await {
        match fetched? {
            Some((table, data)) => codes.insert(table, data),
            None => return Ok(None),
        }
    }
    Ok(Some(codes))
}

async fn fetch(table: Table, version: String) -> Result<Option<(Table, TableData)>, ApiError> {
    let response = Request::get(&format!("/codes/{}/{version}", table.key())).send().await.map_err(unreachable)?;
    match response.status() {
        404 => Ok(None),
        _ if response.ok() => {
            let text = response.text().await.map_err(unreachable)?;
            Ok(Some((table, TableData::new(version, text))))
        }
        status => Err(refused(status)),
    }
}

fn unreachable(error: gloo_net::Error) -> ApiError {
    ApiError::from_server_fn_error(ServerFnErrorErr::Request(error.to_string()))
}

fn refused(status: u16) -> ApiError {
    ApiError::from_server_fn_error(ServerFnErrorErr::ServerError(format!("status {status}")))
}
