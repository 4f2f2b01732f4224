//! 暂存 and 删除 of one attachment. The file itself comes afterwards, piece by piece.
//! Called by `api` only; removes no object before the transaction that forgets it is over.

use chrono::NaiveDate;
use serde_json::json;

use super::{changed, editable, files, lock_document, of_this_change, policy, row_of};
use crate::attachment::content::safe_name;
use crate::attachment::model::{
    Attachment, Changed, ChosenFile, DeleteAttachment, HASH_METHOD, NO_FILE, SECTION, SaveAttachment, WAITING,
};
use crate::attachment::rules::{MAX_ROWS, check_attachment, check_size};
use crate::attachment::store::{self, StoredRow};
use crate::document::guard::{record, touch};
use crate::document::store::DocumentRow;
use crate::error::Stored;
use crate::form::{Finding, Record, Values, clean, differences};
use crate::server::call::Call;
use crate::server::db::Tx;
use crate::server::failure::Failure;
use crate::text::Message;

/// Stores what is typed of an attachment; a new one gets the next number and waits for its file.
///
/// # Errors
/// `Refused` with findings per field, or for a file that cannot be attached; `Conflict` when somebody
/// changed it since `base`; `Forbidden` for a document of an enterprise the caller does not act for.
pub async fn save(call: &Call, request: SaveAttachment) -> Result<Changed, Failure> {
    let mut typed = typed(&request.content, call.state.clock.today());
    if let Some(kind) = request.file.as_ref().and_then(|file| file.kind) {
        kind.name().clone_into(&mut typed.file_type);
    }
    faultless(call, &typed)?;
    let mut tx = call.state.db.begin().await?;
    let mut document = lock_document(&mut tx, call, request.document_id).await?;
    let row = match store::lock(&mut tx, request.id).await? {
        Some(row) if row.document_id != document.id => return Err(Failure::Forbidden),
        Some(row) => change(&mut tx, call, &mut document, row, &request, &typed).await?,
        None if request.base == 0 => create(&mut tx, call, &mut document, &request, typed).await?,
        None => {
            // No conflict: the file is gone with it, so there is nothing to store one's own text beside.
            return Err(Failure::refused(Message::new(
                "该随附单据已被他人删除，本次未保存。如仍需要，请按“新增”重新选择文件。",
                "Somebody else deleted this attachment; yours was not saved. Add it anew if it is still needed.",
            )));
        }
    };
    let answer = changed(&document, Some(&row))?;
    tx.commit().await?;
    Ok(answer)
}

fn faultless(call: &Call, content: &Attachment) -> Result<(), Failure> {
    let findings = check_attachment(None, content, &policy(&call.state.config));
    if findings.is_empty() { Ok(()) } else { Err(Failure::Refused { message: not_saved(), findings }) }
}

/// What a person may type, in its normal form. Grey fields sent by a browser are ignored.
fn typed(sent: &Attachment, today: NaiveDate) -> Attachment {
    let mut typed = Attachment::default();
    for field in Attachment::FIELDS.iter().filter(|field| field.is_typed()) {
        typed.set(field.key, clean(field, sent.get(field.key), today));
    }
    typed
}

async fn create(
    tx: &mut Tx,
    call: &Call,
    document: &mut DocumentRow,
    request: &SaveAttachment,
    mut content: Attachment,
) -> Result<StoredRow, Failure> {
    editable(document)?;
    let known = store::of_document(&mut **tx, document).await?;
    if known.len() >= MAX_ROWS {
        return Err(Failure::refused(Message::new(
            format!("每票数据最多{MAX_ROWS}个随附单据，请合并文件后再添加。"),
            format!("A document takes at most {MAX_ROWS} attachments; join some files."),
        )));
    }
    match (&request.file, content.sample.is_empty()) {
        (Some(file), true) => {
            take_file(call, file, &mut content)?;
            same_file(&known, &content)?;
        }
        (None, false) => NO_FILE.clone_into(&mut content.status),
        (None, true) => return Err(refused_at("file_name", "请先选择文件，再暂存", "Choose a file first")),
        (Some(_), false) => {
            return Err(refused_at(
                "sample",
                "提供样品时不需要文件：请清空“提供样品”，或点击“新增”后不选文件直接暂存",
                "A sample needs no file: clear the field, or add the item without a file",
            ));
        }
    }
    "2".clone_into(&mut content.format);
    content.owner_code.clone_from(&call.actor.enterprise.code);
    content.change_seq = document.change_seq.to_string();
    touch(tx, call, document).await?;
    let row = StoredRow {
        id: request.id.to_string(),
        operator_code: document.operator_code.clone(),
        document_id: document.id.clone(),
        seq: store::max_seq(tx, document).await? + 1,
        version: document.version,
        received: 0,
        object: String::new(),
        content: serde_json::to_string(&content)?,
    };
    if !store::insert(tx, &row).await? {
        return Err(Failure::Internal(format!("attachment {} appeared under the lock", row.id)));
    }
    let detail = json!({ "seq": row.seq, "file": content.file_name, "hash": content.hash, "new": true });
    record(tx, call, document, "save_attachment", &detail).await?;
    Ok(row)
}

/// Takes over what the browser says of the chosen file. It is believed only as long as nothing is sent.
fn take_file(call: &Call, file: &ChosenFile, content: &mut Attachment) -> Result<(), Failure> {
    // Its content is judged once it is here; until then only the size can be.
    let policy = policy(&call.state.config);
    check_size(&file.name, file.size, file.kind, &content.att_type, &policy).map_err(Failure::refused)?;
    if file.hash.len() != 64 || !file.hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(Failure::refused(Message::new(
            "文件的哈希值不正确，请重新选择文件。",
            "The hash of the file is malformed; choose the file again.",
        )));
    }
    content.file_name = safe_name(&file.name);
    content.size = file.size.to_string();
    content.hash.clone_from(&file.hash);
    HASH_METHOD.clone_into(&mut content.hash_method);
    WAITING.clone_into(&mut content.status);
    Ok(())
}

/// The very same file twice is a slip of the hand, and would be stored twice.
fn same_file(known: &[StoredRow], content: &Attachment) -> Result<(), Failure> {
    for row in known {
        let other: Attachment = serde_json::from_str(&row.content)?;
        if other.hash == content.hash && other.att_type == content.att_type {
            return Err(Failure::refused(Message::new(
                format!("该文件与第{}项“{}”的内容完全相同，无需重复添加。", row.seq, other.file_name),
                format!("This file is the same as item {}, “{}”.", row.seq, other.file_name),
            )));
        }
    }
    Ok(())
}

async fn change(
    tx: &mut Tx,
    call: &Call,
    document: &mut DocumentRow,
    mut row: StoredRow,
    request: &SaveAttachment,
    typed: &Attachment,
) -> Result<StoredRow, Failure> {
    let stored: Attachment = serde_json::from_str(&row.content)?;
    if request.file.as_ref().is_some_and(|file| file.hash != stored.hash) {
        return Err(Failure::refused(Message::new(
            format!("第{}项已有文件“{}”，不能更换；请删除该项后重新添加。", row.seq, stored.file_name),
            format!("Item {} has the file “{}” already; delete the item and add it anew.", row.seq, stored.file_name),
        )));
    }
    let mut content = stored.clone();
    content.take_typed(typed);
    let differing = differences(SECTION, Some(row.seq), &content, &stored);
    if differing.is_empty() {
        return Ok(row); // the same request once more
    }
    editable(document)?;
    of_this_change(document, &row_of(&row)?)?;
    faultless(call, &content)?;
    if row.version != request.base {
        return Err(Failure::Conflict {
            message: Message::new(
                "该随附单据已被他人修改，本次未保存。请核对差异后选择保留哪一方的内容。",
                "Somebody else changed this attachment meanwhile; yours was not saved. Compare and choose which to keep.",
            ),
            differences: differing,
            stored: Some(Stored { version: row.version, content: Values::of(&stored).filled() }),
        });
    }
    if (content.status == NO_FILE) == content.sample.is_empty() {
        return Err(refused_at(
            "sample",
            "已暂存的单证不能在文件和样品之间更换，请删除该项后重新添加",
            "Delete the item and add it anew to change between a file and a sample",
        ));
    }
    touch(tx, call, document).await?;
    row.version = document.version;
    row.content = serde_json::to_string(&content)?;
    store::update(tx, &row).await?;
    let detail = json!({ "seq": row.seq, "changes": differing });
    record(tx, call, document, "save_attachment", &detail).await?;
    Ok(row)
}

fn not_saved() -> Message {
    Message::new("未能暂存，请按红色提示修改后重试。", "Not saved. Mend what is marked in red and try again.")
}

fn refused_at(key: &str, zh: &str, en: &str) -> Failure {
    let at = crate::form::pointer(SECTION, None, key);
    let finding = Finding::new("attachment.file", at, crate::form::Severity::Save, zh, en);
    Failure::Refused { message: Message::new(format!("{zh}。"), format!("{en}.")), findings: vec![finding] }
}

/// Deletes one attachment with its file. One that is gone already counts as deleted.
///
/// # Errors
/// `Refused` in a state that forbids it; `Conflict` when somebody changed it since `base`.
pub async fn delete(call: &Call, request: DeleteAttachment) -> Result<Changed, Failure> {
    let mut tx = call.state.db.begin().await?;
    let mut document = lock_document(&mut tx, call, request.document_id).await?;
    let mut objects = Vec::new();
    if let Some(row) = store::lock(&mut tx, request.id).await? {
        if row.document_id != document.id {
            return Err(Failure::Forbidden);
        }
        editable(&document)?;
        if row.version != request.base {
            return Err(Failure::Conflict {
                message: Message::new(
                    format!("第{}项随附单据已被他人修改，未删除。请查看最新内容后再删除。", row.seq),
                    format!("Somebody changed attachment {} meanwhile; it was not deleted. Look at it first.", row.seq),
                ),
                differences: Vec::new(),
                stored: Some(Stored { version: row.version, content: serde_json::from_str(&row.content)? }),
            });
        }
        of_this_change(&document, &row_of(&row)?)?;
        objects = store::pieces(&mut *tx, &row.id).await?;
        objects.extend(Some(row.object.clone()).filter(|object| !object.is_empty()));
        store::delete(&mut tx, &row.id).await?;
        touch(&mut tx, call, &mut document).await?;
        let detail = json!({ "seq": row.seq, "content": row.content });
        record(&mut tx, call, &document, "delete_attachment", &detail).await?;
    }
    let answer = changed(&document, None)?;
    tx.commit().await?;
    files::remove(&call.state.storage, &objects).await;
    Ok(answer)
}
