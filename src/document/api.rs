//! Server functions of documents: thin, fixed addresses, JSON both ways.
//! Authorise → one service → mapped error; nothing else happens here.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use uuid::Uuid;

#[cfg(feature = "ssr")]
use super::service;
use super::under_book::UnderBook;
use super::{
    Copied, Derive, Document, DocumentMeta, LookedUp, Query, QueryPage, Receipt, Saved, SavedRows, Step, model,
};
use crate::error::ApiError;
use crate::error::client::Caller;
use crate::form::Filled;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// A whole document.
#[server(endpoint = "document/get", input = Json, output = Json, client = Caller)]
pub async fn get(id: Uuid) -> Result<Document, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::get(&call, id)).await
}

/// 查询: one page of the documents of a kind.
#[server(endpoint = "document/list", input = Json, output = Json, client = Caller)]
pub async fn list(query: Query) -> Result<QueryPage, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::list(&call, query)).await
}

/// 暂存 of the head.
#[server(endpoint = "document/save_head", input = Json, output = Json, client = Caller)]
pub async fn save_head(request: model::SaveHead) -> Result<Saved, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::save_head(&call, request)).await
}

/// Stores and deletes rows of one list, one or many.
#[server(endpoint = "document/save_rows", input = Json, output = Json, client = Caller)]
pub async fn save_rows(request: model::SaveRows) -> Result<SavedRows, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::save_rows(&call, request)).await
}

/// 按台账生成
#[server(endpoint = "document/generate", input = Json, output = Json, client = Caller)]
pub async fn generate(step: Step) -> Result<Document, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::generate(&call, step)).await
}

/// 复制: a new draft with the content of a document.
#[server(endpoint = "document/copy", input = Json, output = Json, client = Caller)]
pub async fn copy(request: Derive) -> Result<Copied, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::copy(&call, request)).await
}

/// 删除 of the whole document.
#[server(endpoint = "document/delete", input = Json, output = Json, client = Caller)]
pub async fn delete(step: Step) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(service::delete(&call, step)).await
}

/// 申报
#[server(endpoint = "document/declare", input = Json, output = Json, client = Caller)]
pub async fn declare(step: Step) -> Result<Saved, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::declare(&call, step)).await
}

/// 撤销登记
#[server(endpoint = "document/withdraw", input = Json, output = Json, client = Caller)]
pub async fn withdraw(step: Step) -> Result<Saved, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::withdraw(&call, step)).await
}

/// What a code that was just typed fills in a head.
#[server(endpoint = "document/look_up", input = Json, output = Json, client = Caller)]
pub async fn look_up(kind: String, head: Filled) -> Result<LookedUp, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::look_up(&call, &kind, &head)).await
}

/// The account book a document belongs to, as it stands.
#[server(endpoint = "document/book", input = Json, output = Json, client = Caller)]
pub async fn book(id: Uuid) -> Result<Option<UnderBook>, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::book(&call, id)).await
}

/// 查看回执: every receipt, newest first.
#[server(endpoint = "document/receipts", input = Json, output = Json, client = Caller)]
pub async fn receipts(id: Uuid) -> Result<Vec<Receipt>, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::receipts(&call, id)).await
}

/// States of the documents on the screen.
#[server(endpoint = "document/status", input = Json, output = Json, client = Caller)]
pub async fn status(ids: Vec<Uuid>) -> Result<Vec<DocumentMeta>, ApiError> {
    // Asked by the page itself, again and again: it must not keep a session alive.
    let call = Call::in_background().await?;
    edge(service::status(&call, ids)).await
}
