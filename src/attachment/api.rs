//! Server functions of attachments: thin, fixed addresses, JSON both ways. Files themselves travel
//! through `routes`. Authorise → one service → mapped error; nothing else happens here.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use uuid::Uuid;

use super::model::{self, AttachmentRow, Changed, Listing};
#[cfg(feature = "ssr")]
use super::service;
use crate::error::ApiError;
use crate::error::client::Caller;
#[cfg(feature = "ssr")]
use crate::server::call::{Call, edge};

/// All attachments of a document, and what the server takes.
#[server(endpoint = "attachment/list", input = Json, output = Json, client = Caller)]
pub async fn list(document_id: Uuid) -> Result<Listing, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::list(&call, document_id)).await
}

/// One attachment: how much of its file is there.
#[server(endpoint = "attachment/get", input = Json, output = Json, client = Caller)]
pub async fn get(id: Uuid) -> Result<AttachmentRow, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::get(&call, id)).await
}

/// 暂存
#[server(endpoint = "attachment/save", input = Json, output = Json, client = Caller)]
pub async fn save(request: model::SaveAttachment) -> Result<Changed, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::save(&call, request)).await
}

/// End of 上传: all pieces are there.
#[server(endpoint = "attachment/finish", input = Json, output = Json, client = Caller)]
pub async fn finish(id: Uuid) -> Result<Changed, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::finish(&call, id)).await
}

/// 删除
#[server(endpoint = "attachment/delete", input = Json, output = Json, client = Caller)]
pub async fn delete(request: model::DeleteAttachment) -> Result<Changed, ApiError> {
    let call = Call::signed_in().await?;
    edge(service::delete(&call, request)).await
}

/// Address a piece of a file is posted to.
pub fn piece_address(id: Uuid, start: i64, hash: &str) -> String {
    format!("/api/attachments/{id}/pieces?start={start}&hash={hash}")
}

/// Address of the whole file, to be saved.
pub fn file_address(id: Uuid) -> String {
    format!("/api/attachments/{id}/file")
}

/// Address of the lists as workbooks.
pub const EXPORT: &str = "/api/attachments/export";

/// Address of the list of a document as a workbook, with these columns.
pub fn export_address(document_id: Uuid, columns: &[&str]) -> String {
    format!("{EXPORT}?document={document_id}&columns={}", columns.join(","))
}

/// Address of the whole file, to be looked at.
pub fn preview_address(id: Uuid) -> String {
    format!("/api/attachments/{id}/preview")
}
