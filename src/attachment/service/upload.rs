//! 上传: a file arrives in pieces, each kept before it is acknowledged, so that a broken connection
//! costs no more than one; `finish` joins them and believes only what is then really stored.

use bytes::Bytes;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::files::{self, Joined};
use super::pdf;
use super::{PIECE_BYTES, changed, document_id, editable, found, lock_document, policy, row_of};
use crate::attachment::content::{FileKind, named_as};
use crate::attachment::model::{Attachment, AttachmentRow, Changed, UPLOADED};
use crate::attachment::rules::check_file;
use crate::attachment::store::{self, StoredRow};
use crate::document::guard::{record, touch};
use crate::server::call::Call;
use crate::server::db::Tx;
use crate::server::failure::Failure;
use crate::text::Message;

/// Which part of a file arrives.
#[derive(Clone, Debug)]
pub struct Piece {
    pub start: i64,
    /// sha-256 of the piece, in hexadecimal.
    pub hash: String,
}

/// Keeps one piece; `read` fetches its bytes and is asked only when they are wanted.
/// Answers how much of the file is here now.
///
/// # Errors
/// `Conflict` when the file does not go on there (ask again where it does); `Refused` for bytes that
/// are not those promised; `Unavailable` when they cannot be kept.
pub async fn piece<R>(call: &Call, id: Uuid, piece: Piece, read: R) -> Result<AttachmentRow, Failure>
where
    R: Future<Output = Result<Bytes, Failure>>,
{
    let state = &call.state;
    let (row, document) = found(call, id).await?;
    editable(&document)?;
    let end = expected_end(&row, &piece)?;
    let bytes = read.await?;
    if i64::try_from(bytes.len()) != Ok(end - piece.start) || files::hex(&Sha256::digest(&bytes)) != piece.hash {
        return Err(Failure::refused(Message::new(
            "文件在传输中不完整，这一段未保存，请重试；已传完的部分不受影响。",
            "A piece of the file arrived damaged and was not kept. Try again; what came before is safe.",
        )));
    }
    // The only piece is the file: its hash is what the file is judged by.
    let content: Attachment = serde_json::from_str(&row.content)?;
    let whole = piece.start == 0 && end == content.bytes();
    if whole && piece.hash != content.hash {
        return Err(Failure::refused(differs(&content)));
    }
    let object = files::put(&state.storage, bytes, whole).await?;
    let (tx, row) = match add(call, id, &piece, end, &object).await {
        Ok(added) => added,
        Err(error) => {
            files::remove(&state.storage, &[object]).await;
            return Err(error);
        }
    };
    // Who gets no answer to a commit does not know what became of it: the piece stays. If no line names
    // it, the sweep takes it.
    tx.commit().await?;
    Ok(row)
}

/// Notes a piece, in a transaction that is still to be committed.
async fn add(call: &Call, id: Uuid, piece: &Piece, end: i64, object: &str) -> Result<(Tx, AttachmentRow), Failure> {
    let mut tx = call.state.db.begin().await?;
    let mut row = store::lock(&mut tx, id).await?.ok_or(Failure::NotFound)?;
    // Somebody may have sent the same piece while this one was on its way.
    expected_end(&row, piece)?;
    store::add_piece(&mut tx, &row.id, piece.start, end, object).await?;
    row.received = end;
    Ok((tx, row_of(&row)?))
}

/// Where a piece that starts as announced has to end.
fn expected_end(row: &StoredRow, piece: &Piece) -> Result<i64, Failure> {
    let content: Attachment = serde_json::from_str(&row.content)?;
    let size = content.bytes();
    if row.object.is_empty() && piece.start == row.received && row.received < size {
        return Ok((piece.start + PIECE_BYTES).min(size));
    }
    Err(Failure::Conflict {
        message: Message::new(
            "文件的这一段已经上传，或前面还有未上传的部分；将从断点继续。",
            "This piece is here already, or one before it is missing; the upload goes on where it stopped.",
        ),
        differences: Vec::new(),
        stored: None,
    })
}

/// Ends an upload: joins the pieces, checks the whole against what was promised, marks it 已上传.
/// Repeating the request changes nothing. Goes on when nobody waits any more: joining a large file in a
/// slow store takes longer than a call may, and the repeated request finds it done.
///
/// # Errors
/// `Refused` while pieces are missing, and for a file whose content is not what was promised or is of
/// a kind that cannot be attached: then it must be sent anew.
pub async fn finish(call: &Call, id: Uuid) -> Result<Changed, Failure> {
    let call = call.clone();
    let work = tokio::spawn(async move { finish_now(&call, id).await });
    work.await.unwrap_or_else(|error| Err(Failure::Internal(format!("ending an upload: {error}"))))
}

async fn finish_now(call: &Call, id: Uuid) -> Result<Changed, Failure> {
    let (row, _) = found(call, id).await?;
    if !row.object.is_empty() {
        return unchanged(call, id, document_id(&row)?).await;
    }
    match join_and_complete(call, id, &row).await {
        Ok(changed) => Ok(changed),
        // Two windows may end the same upload: the slower one finds its pieces gone.
        Err(error) => match store::find(&call.state.db, id).await? {
            Some(row) if !row.object.is_empty() => unchanged(call, id, document_id(&row)?).await,
            _ => Err(error),
        },
    }
}

async fn join_and_complete(call: &Call, id: Uuid, row: &StoredRow) -> Result<Changed, Failure> {
    let storage = &call.state.storage;
    let content: Attachment = serde_json::from_str(&row.content)?;
    if content.bytes() == 0 || row.received < content.bytes() {
        return Err(Failure::refused(Message::new(
            format!("文件“{}”尚未传完，请继续上传。", content.file_name),
            format!("The file “{}” is not wholly uploaded; go on.", content.file_name),
        )));
    }
    let pieces = store::pieces(&call.state.db.read, &row.id).await?;
    let joined = match pieces.as_slice() {
        [only] => Some(files::only(storage, only, content.hash.clone()).await?),
        pieces => files::join(storage, pieces).await?,
    };
    let Some(joined) = joined else {
        start_over(call, id, None).await?;
        return Err(Failure::refused(Message::new(
            format!("文件“{}”已传的部分因服务器断电丢失，请重新上传。", content.file_name),
            format!("Parts of “{}” were lost when the server lost its power. Upload it again.", content.file_name),
        )));
    };
    if let Err(failure) = judge(call, &content, &joined).await {
        if matches!(failure, Failure::Refused { .. }) {
            // Nothing of it is of use; the next upload starts anew.
            start_over(call, id, Some(&joined)).await?;
        } else if !pieces.contains(&joined.object) {
            files::remove(storage, &[joined.object]).await;
        }
        return Err(failure);
    }
    let (tx, changed) = match complete(call, id, document_id(row)?, &joined).await {
        Ok(completed) => completed,
        Err(error) => {
            // A single piece is the file itself and stays where it is, for the next attempt.
            if !pieces.contains(&joined.object) {
                files::remove(storage, &[joined.object]).await;
            }
            return Err(error);
        }
    };
    // As with a piece: when this fails, nobody knows which of them the database names now.
    tx.commit().await?;
    let others: Vec<_> = pieces.into_iter().filter(|piece| *piece != joined.object).collect();
    files::remove(storage, &others).await;
    Ok(changed)
}

async fn judge(call: &Call, content: &Attachment, joined: &Joined) -> Result<(), Failure> {
    if joined.size != content.bytes() || joined.hash != content.hash {
        return Err(Failure::refused(differs(content)));
    }
    match kind_of(call, content, joined).map_err(Failure::refused)? {
        FileKind::Pdf => pdf::check(&call.state, &content.file_name, &joined.object).await,
        FileKind::Jpg | FileKind::Png => Ok(()),
    }
}

fn differs(content: &Attachment) -> Message {
    let name = &content.file_name;
    Message::new(
        format!("文件“{name}”上传后与所选文件不一致（上传中被修改或传输出错），请重新上传。"),
        format!("“{name}” is not the file that was chosen: it changed, or was damaged on the way. Upload it again."),
    )
}

fn kind_of(call: &Call, content: &Attachment, joined: &Joined) -> Result<FileKind, Message> {
    check_file(&content.file_name, joined.size, &joined.start, &content.att_type, &policy(&call.state.config))
}

/// Marks the attachment 已上传, in a transaction that is still to be committed.
async fn complete(call: &Call, id: Uuid, document: Uuid, joined: &Joined) -> Result<(Tx, Changed), Failure> {
    let mut tx = call.state.db.begin().await?;
    let mut document = lock_document(&mut tx, call, document).await?;
    let mut row = store::lock(&mut tx, id).await?.ok_or(Failure::NotFound)?;
    let mut content: Attachment = serde_json::from_str(&row.content)?;
    if !row.object.is_empty() {
        return Err(Failure::Internal(format!("attachment {id} was finished meanwhile")));
    }
    editable(&document)?;
    let kind = kind_of(call, &content, joined).map_err(Failure::refused)?;
    content.file_name = named_as(kind, &content.file_name);
    kind.name().clone_into(&mut content.file_type);
    UPLOADED.clone_into(&mut content.status);
    content.uploaded_at = call.state.clock.stamp();
    row.content = serde_json::to_string(&content)?;
    row.object.clone_from(&joined.object);
    store::delete_pieces(&mut tx, &row.id).await?;
    store::update(&mut tx, &row).await?;
    touch(&mut tx, call, &mut document).await?;
    let detail = json!({ "seq": row.seq, "file": content.file_name, "size": content.size, "hash": content.hash });
    record(&mut tx, call, &document, "upload_attachment", &detail).await?;
    let answer = changed(&document, Some(&row))?;
    Ok((tx, answer))
}

/// The answer when an earlier request did it all.
async fn unchanged(call: &Call, id: Uuid, document: Uuid) -> Result<Changed, Failure> {
    let mut tx = call.state.db.begin().await?;
    let document = lock_document(&mut tx, call, document).await?;
    let row = store::lock(&mut tx, id).await?.ok_or(Failure::NotFound)?;
    let answer = changed(&document, Some(&row))?;
    tx.commit().await?;
    Ok(answer)
}

/// Forgets what was received of a file.
async fn start_over(call: &Call, id: Uuid, joined: Option<&Joined>) -> Result<(), Failure> {
    let mut tx = call.state.db.begin().await?;
    let mut objects: Vec<String> = joined.map(|joined| joined.object.clone()).into_iter().collect();
    if let Some(mut row) = store::lock(&mut tx, id).await?.filter(|row| row.object.is_empty()) {
        objects.extend(store::pieces(&mut *tx, &row.id).await?);
        store::delete_pieces(&mut tx, &row.id).await?;
        row.received = 0;
        store::update(&mut tx, &row).await?;
    }
    tx.commit().await?;
    files::remove(&call.state.storage, &objects).await;
    Ok(())
}
