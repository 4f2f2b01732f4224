//! Server functions of templates: thin, fixed addresses, JSON both ways.
//! Authorise → one service → mapped error; nothing else happens here.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use uuid::Uuid;

use super::model::{InsertRows, SaveTemplate, Template};
#[cfg(feature = "ssr")]
use super::service;
use crate::document::Document;
use crate::error::ApiError;
use crate::error::client::Caller;
use crate::form::Filled;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// All templates of the caller's enterprise for a kind of document.
#[server(endpoint = "document/template_list", input = Json, output = Json, client = Caller)]
pub async fn list(kind: String) -> Result<Vec<Template>, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::list(&call, &kind)).await
}

/// 存为模板
#[server(endpoint = "document/template_save", input = Json, output = Json, client = Caller)]
pub async fn save(request: SaveTemplate) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(service::save(&call, request)).await
}

/// The head that a template holds.
#[server(endpoint = "document/template_head", input = Json, output = Json, client = Caller)]
pub async fn get_head(id: Uuid) -> Result<Filled, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::head(&call, id)).await
}

/// Adds the rows of a template to a document.
#[server(endpoint = "document/template_insert", input = Json, output = Json, client = Caller)]
pub async fn insert(request: InsertRows) -> Result<Document, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::insert(&call, request)).await
}

#[server(endpoint = "document/template_delete", input = Json, output = Json, client = Caller)]
pub async fn delete(id: Uuid) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(service::delete(&call, id)).await
}
