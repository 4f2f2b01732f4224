//! Operations on attachments, one file per subject. Each checks who calls and works in one short
//! transaction; files are written before the transaction that names them, and removed after the one
//! that forgets them, so that a line never points to nothing. What is left over is for the sweep.

mod document;
mod files;
mod pdf;
mod save;
mod upload;

pub use document::{Forgotten, carry_over, copy, forget};
pub use save::{delete, save};
pub use upload::{Piece, finish, piece};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use object_store::ObjectStoreExt as _;
use object_store::path::Path;
use uuid::Uuid;

use super::content::FileKind;
use super::model::{Attachment, AttachmentRow, Changed, Listing, Policy, Taken};
use super::rules::{PAPERS, is_of_change};
use super::store::{self, StoredRow};
use crate::document::Action;
use crate::document::guard::{self, locked, meta, readable};
use crate::document::kind::Kind;
use crate::document::store::DocumentRow;
use crate::server::call::Call;
use crate::server::config::Config;
use crate::server::db::Tx;
use crate::server::failure::Failure;
use crate::text::Message;

/// Files travel in pieces of this size: small enough that little is lost with a connection and that a
/// server holding a few hundred at once stays small, large enough that most papers are one to four.
pub const PIECE_BYTES: i64 = 1 << 20;

/// What the settings take and demand.
pub fn policy(config: &Config) -> Policy {
    let code = |name: &&str| PAPERS.iter().find(|(known, _)| known == name).map(|(_, code)| (*code).to_owned());
    let bytes = |megabytes: u64| i64::try_from(megabytes << 20).unwrap_or(i64::MAX);
    let taken = |kind: FileKind| {
        let most = if kind.is_picture() { config.picture_max_mb } else { config.attachment_max_mb };
        Taken { kind, max_bytes: bytes(most) }
    };
    Policy {
        piece_bytes: PIECE_BYTES,
        types: config.attachment_types.iter().filter_map(|name| FileKind::from_name(name)).map(taken).collect(),
        pictures: config.picture_attachments.iter().filter_map(code).collect(),
        required: config.required_attachments.iter().filter_map(code).collect(),
    }
}

/// The same for one kind of document: the papers that the settings ask for belong to the filing of a book.
pub fn policy_of(config: &Config, kind: &Kind) -> Policy {
    let policy = policy(config);
    if kind.makes_book() { policy } else { Policy { required: Vec::new(), ..policy } }
}

/// All attachments of a document, and what the server takes.
///
/// # Errors
/// `NotFound`; `Forbidden` for a document of an enterprise the caller does not act for.
pub async fn list(call: &Call, document_id: Uuid) -> Result<Listing, Failure> {
    let document = readable(call, document_id).await?;
    let rows = of_document(&call.state.db.read, &document).await?;
    Ok(Listing { rows, policy: policy_of(&call.state.config, call.state.kind(&document.kind)?) })
}

/// One attachment, e.g. to see where an interrupted upload goes on.
///
/// # Errors
/// As [`list`].
pub async fn get(call: &Call, id: Uuid) -> Result<AttachmentRow, Failure> {
    row_of(&found(call, id).await?.0)
}

/// A whole file on its way out.
pub struct OpenFile {
    pub content: Attachment,
    pub size: u64,
    pub bytes: BoxStream<'static, Result<Bytes, object_store::Error>>,
}

/// Opens the file of an attachment.
///
/// # Errors
/// As [`list`]; `Refused` while it is not uploaded.
pub async fn open(call: &Call, id: Uuid) -> Result<OpenFile, Failure> {
    let (row, _) = found(call, id).await?;
    let content: Attachment = serde_json::from_str(&row.content)?;
    if row.object.is_empty() {
        return Err(Failure::refused(Message::new(
            "该单证的文件尚未上传，不能下载；请先上传。",
            "The file of this attachment is not uploaded yet; upload it first.",
        )));
    }
    let file = call.state.storage.store()?.get(&Path::from(row.object.as_str())).await?;
    Ok(OpenFile { content, size: file.meta.size, bytes: file.into_stream() })
}

/// The attachment and its document, if the caller may see them.
async fn found(call: &Call, id: Uuid) -> Result<(StoredRow, DocumentRow), Failure> {
    let row = store::find(&call.state.db, id).await?.ok_or(Failure::NotFound)?;
    let document = readable(call, document_id(&row)?).await?;
    Ok((row, document))
}

/// The attachments of a document, by number.
///
/// # Errors
/// When the database fails or what is stored cannot be read.
pub async fn of_document<'c>(
    executor: impl sqlx::Executor<'c, Database = sqlx::Any>,
    document: &DocumentRow,
) -> Result<Vec<AttachmentRow>, Failure> {
    store::of_document(executor, document).await?.iter().map(row_of).collect()
}

/// Locks the document of an attachment for a change of the caller's.
async fn lock_document(tx: &mut Tx, call: &Call, id: Uuid) -> Result<DocumentRow, Failure> {
    locked(tx, call, id, guard::PAPERS).await
}

/// Refuses in a state in which the document cannot be edited.
fn editable(row: &DocumentRow) -> Result<(), Failure> {
    if row.status.allows(Action::Edit) {
        return Ok(());
    }
    let label = row.status.label();
    Err(Failure::refused(Message::new(
        format!(
            "当前数据状态为“{}”，不允许增删随附单据；只有暂存、申报失败、海关入库失败或海关退单的数据可以修改。",
            label.zh
        ),
        format!("The state is “{}”: only drafts and filings that failed or were returned can be edited.", label.en),
    )))
}

/// Refuses to touch a paper that came with the filing or an earlier change: it belongs to what customs has approved.
fn of_this_change(document: &DocumentRow, row: &AttachmentRow) -> Result<(), Failure> {
    if is_of_change(row, document.change_seq) {
        return Ok(());
    }
    let seq = row.seq;
    Err(Failure::refused(Message::new(
        format!("序号为{seq}的随附单据为非本次变更数据，不允许修改或删除！如有新的单证，请按“新增”添加。"),
        format!(
            "Attachment {seq} is not of this change: it can be neither edited nor deleted. Add new papers beside it."
        ),
    )))
}

/// The answer to a change, read within its transaction.
fn changed(document: &DocumentRow, row: Option<&StoredRow>) -> Result<Changed, Failure> {
    Ok(Changed { meta: meta(document)?, row: row.map(row_of).transpose()? })
}

/// The document an attachment belongs to, as an id.
fn document_id(row: &StoredRow) -> Result<Uuid, Failure> {
    row.document_id.parse().map_err(|_| Failure::Internal(format!("document id {:?}", row.document_id)))
}

fn row_of(row: &StoredRow) -> Result<AttachmentRow, Failure> {
    Ok(AttachmentRow {
        id: row.id.parse().map_err(|_| Failure::Internal(format!("attachment id {:?}", row.id)))?,
        seq: row.seq,
        version: row.version,
        received: row.received,
        content: serde_json::from_str(&row.content)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::{ATTACHMENT_TYPES, PAPER_NAMES, REQUIRED_ATTACHMENTS};

    #[test]
    fn every_name_in_the_settings_means_something() {
        // A name that fell through would silently allow or demand nothing.
        let all = policy(&Config { picture_attachments: PAPER_NAMES.to_vec(), ..Config::default() });
        assert_eq!(all.types.len(), ATTACHMENT_TYPES.len());
        assert_eq!(all.required.len(), REQUIRED_ATTACHMENTS.len());
        assert_eq!((all.types.len(), all.pictures.len()), (FileKind::ALL.len(), PAPERS.len()));
        let most = |kind| all.types.iter().find(|one| one.kind == kind).unwrap().max_bytes >> 20;
        assert_eq!((most(FileKind::Pdf), most(FileKind::Png)), (20, 10));
    }
}
