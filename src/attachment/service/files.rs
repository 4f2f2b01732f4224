//! Objects in the file store: own random names, pieces joined to one file, removal that may fail.
//! Knows no attachment and no database.

use std::fmt::Write as _;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload, WriteMultipart};
use sha2::{Digest, Sha256};

use crate::attachment::content::START_BYTES;
use crate::server::failure::Failure;
use crate::server::storage::Storage;

/// First part of the names of all files; beside it stands what the sweep needs.
pub const FILES: &str = "files";
/// S3 takes parts of five MiB or more.
const PART: usize = 5 << 20;

/// A name nobody can guess and nobody chose. Two levels, because some disks slow down with very many
/// names in one folder.
fn new_name() -> String {
    let name = hex(&rand::random::<[u8; 16]>());
    format!("{FILES}/{}/{name}", &name[..2])
}

pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Keeps bytes under a new name, wholly or not at all.
pub async fn put(storage: &Storage, bytes: Bytes) -> Result<String, Failure> {
    let name = new_name();
    storage.store()?.put(&Path::from(name.as_str()), PutPayload::from_bytes(bytes)).await?;
    Ok(name)
}

/// A file put together from its pieces.
#[derive(Debug)]
pub struct Joined {
    pub object: String,
    pub size: i64,
    pub hash: String,
    pub start: Vec<u8>,
}

/// Joins pieces to one file and tells what it is by what is really stored. A single piece is the file.
pub async fn join(storage: &Storage, pieces: &[String]) -> Result<Joined, Failure> {
    let store = storage.store()?;
    if let [only] = pieces {
        let bytes = store.get(&Path::from(only.as_str())).await?.bytes().await?;
        let start = bytes[..bytes.len().min(START_BYTES)].to_vec();
        let (size, hash) = (length(bytes.len()), hex(&Sha256::digest(&bytes)));
        return Ok(Joined { object: only.clone(), size, hash, start });
    }
    let object = new_name();
    let upload = store.put_multipart(&Path::from(object.as_str())).await?;
    let mut writer = WriteMultipart::new_with_chunk_size(upload, PART);
    match copy(&*store, pieces, &mut writer).await {
        Ok((size, hash, start)) => {
            writer.finish().await?;
            Ok(Joined { object, size, hash, start })
        }
        Err(error) => {
            if let Err(error) = writer.abort().await {
                tracing::warn!(%error, "an unfinished file could not be given up; the store may keep a part of it");
            }
            Err(error.into())
        }
    }
}

async fn copy(
    store: &dyn ObjectStore,
    pieces: &[String],
    writer: &mut WriteMultipart,
) -> Result<(i64, String, Vec<u8>), object_store::Error> {
    let (mut size, mut hash, mut start) = (0, Sha256::new(), Vec::new());
    for piece in pieces {
        let bytes = store.get(&Path::from(piece.as_str())).await?.bytes().await?;
        if start.len() < START_BYTES {
            start.extend(bytes.iter().take(START_BYTES - start.len()));
        }
        size += length(bytes.len());
        hash.update(&bytes);
        // Two parts at once: what is held of one file stays small, however large it is.
        writer.wait_for_capacity(2).await?;
        writer.put(bytes);
    }
    Ok((size, hex(&hash.finalize()), start))
}

fn length(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Another object with the same content.
pub async fn duplicate(storage: &Storage, object: &str) -> Result<String, Failure> {
    let name = new_name();
    storage.store()?.copy(&Path::from(object), &Path::from(name.as_str())).await?;
    Ok(name)
}

/// Removes objects that no line names any more. One that cannot be removed now is left to the sweep.
pub async fn remove(storage: &Storage, objects: &[String]) {
    let Ok(store) = storage.store() else { return };
    for object in objects {
        match store.delete(&Path::from(object.as_str())).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => tracing::warn!(object, %error, "a file could not be removed; the sweep will try again"),
        }
    }
}
