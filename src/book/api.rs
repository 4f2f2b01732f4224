//! Server functions of the book: thin, fixed addresses, JSON both ways.
//! Authorise → one service → mapped error; nothing else happens here.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use uuid::Uuid;

use super::model::{self, Book, BookPage, BookQuery, Saved, Step};
#[cfg(feature = "ssr")]
use super::service;
use crate::document::{DocumentMeta, Receipt};
use crate::error::ApiError;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// A whole book.
#[server(endpoint = "book/get", input = Json, output = Json)]
pub async fn get(id: Uuid) -> Result<Book, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::get(&call, id)).await
}

/// 出境加工账册查询
#[server(endpoint = "book/list", input = Json, output = Json)]
pub async fn list(query: BookQuery) -> Result<BookPage, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::list(&call, query)).await
}

/// 暂存 of the head.
#[server(endpoint = "book/save_head", input = Json, output = Json)]
pub async fn save_head(request: model::SaveHead) -> Result<Saved, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::save_head(&call, request)).await
}

/// Saves one goods row.
#[server(endpoint = "book/save_row", input = Json, output = Json)]
pub async fn save_row(request: model::SaveRow) -> Result<Saved, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::save_row(&call, request)).await
}

/// Stores and deletes many goods rows at once.
#[server(endpoint = "book/save_rows", input = Json, output = Json)]
pub async fn save_rows(request: model::SaveRows) -> Result<model::SavedRows, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::save_rows(&call, request)).await
}

/// 复制: a new draft with the content of a book.
#[server(endpoint = "book/copy", input = Json, output = Json)]
pub async fn copy(request: model::CopyBook) -> Result<model::Copied, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::copy(&call, request)).await
}

/// 删除 of the whole book.
#[server(endpoint = "book/delete", input = Json, output = Json)]
pub async fn delete(step: Step) -> Result<(), ApiError> {
    let call = Call::signed_in().await?;
    edge(service::delete(&call, step)).await
}

/// 申报
#[server(endpoint = "book/declare", input = Json, output = Json)]
pub async fn declare(step: Step) -> Result<Saved, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::declare(&call, step)).await
}

/// 查看回执: every receipt, newest first.
#[server(endpoint = "book/receipts", input = Json, output = Json)]
pub async fn receipts(id: Uuid) -> Result<Vec<Receipt>, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::receipts(&call, id)).await
}

/// States of the books on the screen.
#[server(endpoint = "book/status", input = Json, output = Json)]
pub async fn status(ids: Vec<Uuid>) -> Result<Vec<DocumentMeta>, ApiError> {
    // Asked by the page itself, again and again: it must not keep a session alive.
    let call = Call::in_background().await?;
    edge(service::status(&call, ids)).await
}
