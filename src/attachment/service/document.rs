//! What happens to attachments with their document: deleted, copied.
//! The services of the document call it, inside their own transaction where one is given.

use serde_json::{Value, json};
use uuid::Uuid;

use super::files;
use crate::attachment::model::{Attachment, WAITING};
use crate::attachment::store::{self, StoredRow};
use crate::document::guard::{readable, record, touch};
use crate::document::store::DocumentRow;
use crate::server::call::Call;
use crate::server::db::Tx;
use crate::server::failure::Failure;
use crate::server::storage::Storage;

/// Files of a document that is being deleted; [`Forgotten::remove`] them once that is committed.
#[derive(Debug)]
#[must_use = "the files stay until they are removed"]
pub struct Forgotten {
    objects: Vec<String>,
    /// What was forgotten, for the audit trail.
    pub detail: Value,
}

impl Forgotten {
    /// Removes the files. Only after the commit: a transaction that fails must not cost a file.
    pub async fn remove(self, storage: &Storage) {
        files::remove(storage, &self.objects).await;
    }
}

/// Deletes all attachments of a document, within the transaction that deletes the document.
///
/// # Errors
/// Only those of the database.
pub async fn forget(tx: &mut Tx, document: &DocumentRow) -> Result<Forgotten, Failure> {
    let objects = store::objects_of(tx, document).await?;
    let mut detail = Vec::new();
    for row in store::of_document(&mut **tx, document).await? {
        store::delete(tx, &row.id).await?;
        detail.push(json!({ "seq": row.seq, "content": row.content }));
    }
    Ok(Forgotten { objects, detail: Value::Array(detail) })
}

/// Gives a change the papers of the document it changes, each with the change it came with. They share their files: what
/// is in force is never deleted, and a file goes when the last line that names it does. Answers how many there are.
///
/// # Errors
/// Only those of the database.
pub async fn carry_over(tx: &mut Tx, from: &DocumentRow, to: &DocumentRow) -> Result<usize, Failure> {
    let mut papers = store::of_document(&mut **tx, from).await?;
    papers.retain(|row| !is_waiting(row));
    for row in &papers {
        let copy = StoredRow {
            id: Uuid::now_v7().to_string(),
            document_id: to.id.clone(),
            version: to.version,
            ..row.clone()
        };
        if !store::insert(tx, &copy).await? {
            return Err(Failure::Internal("a fresh attachment id was taken".into()));
        }
    }
    Ok(papers.len())
}

fn is_waiting(row: &StoredRow) -> bool {
    serde_json::from_str::<Attachment>(&row.content).is_ok_and(|content| content.status == WAITING)
}

/// Copies the attachments of one document to another, new one: what is typed, and the files that are
/// uploaded. What is still 待上传 is left behind. Answers how many were copied.
///
/// # Errors
/// `Forbidden` unless the caller may use both; then nothing was copied.
pub async fn copy(call: &Call, from: Uuid, to: Uuid) -> Result<usize, Failure> {
    let (db, storage) = (&call.state.db, &call.state.storage);
    let source = readable(call, from).await?;
    let mut copies = Vec::new();
    let mut objects = Vec::new();
    for row in store::of_document(&db.read, &source).await? {
        let content: Attachment = serde_json::from_str(&row.content)?;
        if content.status == WAITING {
            continue;
        }
        let object = match row.object.as_str() {
            "" => String::new(),
            object => match files::duplicate(storage, object).await {
                Ok(object) => object,
                Err(error) => {
                    files::remove(storage, &objects).await;
                    return Err(error);
                }
            },
        };
        objects.extend(Some(object.clone()).filter(|object| !object.is_empty()));
        copies.push(StoredRow { object, ..row });
    }
    match keep(call, to, &copies).await {
        // When this fails, the database may name the files all the same: they are left to the sweep.
        Ok(tx) => tx.commit().await?,
        Err(error) => {
            files::remove(storage, &objects).await;
            return Err(error);
        }
    }
    Ok(copies.len())
}

/// Notes the copies, in a transaction that is still to be committed.
async fn keep(call: &Call, to: Uuid, copies: &[StoredRow]) -> Result<Tx, Failure> {
    let mut tx = call.state.db.begin().await?;
    let mut document = super::lock_document(&mut tx, call, to).await?;
    super::editable(&document)?;
    if store::max_seq(&mut tx, &document).await? > 0 {
        return Err(Failure::Internal(format!("document {to} has attachments already")));
    }
    if copies.is_empty() {
        return Ok(tx);
    }
    touch(&mut tx, call, &mut document).await?;
    for (copy, seq) in copies.iter().zip(1..) {
        let mut content: Attachment = serde_json::from_str(&copy.content)?;
        content.owner_code.clone_from(&call.actor.enterprise.code);
        content.change_seq = document.change_seq.to_string();
        if content.is_uploaded() {
            content.uploaded_at = call.state.clock.stamp();
        }
        let row = StoredRow {
            id: Uuid::now_v7().to_string(),
            operator_code: document.operator_code.clone(),
            document_id: document.id.clone(),
            seq,
            version: document.version,
            received: content.bytes(),
            object: copy.object.clone(),
            content: serde_json::to_string(&content)?,
        };
        if !store::insert(&mut tx, &row).await? {
            return Err(Failure::Internal("a fresh attachment id was taken".into()));
        }
    }
    let detail = json!({ "copied": copies.len() });
    record(&mut tx, call, &document, "copy_attachments", &detail).await?;
    Ok(tx)
}
