//! Objects in the file store: own random names, pieces joined to one file, removal that may fail.
//! Knows no attachment and no database.

use std::fmt::Write as _;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt as _, PutPayload, WriteMultipart};
use sha2::{Digest, Sha256};

use crate::attachment::content::START_BYTES;
use crate::server::failure::Failure;
use crate::server::storage::{FILES, Storage};

/// Pieces are kept in folders of their own: theirs, too, may be lost with the power.
const PARTS: &str = "files/parts";
/// S3 takes parts of five MiB or more.
const PART: usize = 5 << 20;

/// A name nobody can guess and nobody chose. Two levels, because some disks slow down with very many
/// names in one folder.
fn new_name(below: &str) -> String {
    let name = hex(&rand::random::<[u8; 16]>());
    format!("{below}/{}/{name}", &name[..2])
}

pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Keeps bytes under a new name, wholly or not at all. Those that are not the whole of a file may be lost
/// with the power: [`join`] notices, and they are sent again.
pub async fn put(storage: &Storage, bytes: Bytes, whole: bool) -> Result<String, Failure> {
    let (below, store) = if whole { (FILES, storage.store()?) } else { (PARTS, storage.store_of_parts()?) };
    let name = new_name(below);
    store.put(&Path::from(name.as_str()), PutPayload::from_bytes(bytes)).await?;
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

/// A file that came in one piece; `hash` is that of the piece as it was kept.
pub async fn only(storage: &Storage, piece: &str, hash: String) -> Result<Joined, Failure> {
    let (store, at) = (storage.store()?, Path::from(piece));
    let options = GetOptions { range: Some((0..START_BYTES as u64).into()), ..GetOptions::default() };
    let found = store.get_opts(&at, options).await?;
    let size = i64::try_from(found.meta.size).unwrap_or(i64::MAX);
    let start = found.bytes().await?.to_vec();
    Ok(Joined { object: piece.to_owned(), size, hash, start })
}

/// Joins pieces to one file and tells what it is by what is really stored. `None` when one of them is
/// gone, which a power cut may do to pieces.
pub async fn join(storage: &Storage, pieces: &[String]) -> Result<Option<Joined>, Failure> {
    let store = storage.store()?;
    let object = new_name(FILES);
    let upload = store.put_multipart(&Path::from(object.as_str())).await?;
    let mut writer = WriteMultipart::new_with_chunk_size(upload, PART);
    match copy(&*store, pieces, &mut writer).await {
        Ok((size, hash, start)) => {
            writer.finish().await?;
            Ok(Some(Joined { object, size, hash, start }))
        }
        Err(object_store::Error::NotFound { path, .. }) => {
            tracing::warn!(path, "a piece of an upload is gone");
            let _ = writer.abort().await;
            Ok(None)
        }
        Err(error) => Err(given_up(writer, error).await),
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

/// Another object with the same content, as young as any new one. A folder would copy by a second name
/// for the same file, as old as the first, and the sweep could take it before a line names it.
pub async fn duplicate(storage: &Storage, object: &str) -> Result<String, Failure> {
    let name = new_name(FILES);
    let (from, to, store) = (Path::from(object), Path::from(name.as_str()), storage.store()?);
    if storage.is_bucket() {
        store.copy(&from, &to).await?;
        return Ok(name);
    }
    let mut bytes = store.get(&from).await?.into_stream();
    let mut writer = WriteMultipart::new_with_chunk_size(store.put_multipart(&to).await?, PART);
    let copied = async {
        while let Some(some) = bytes.try_next().await? {
            writer.wait_for_capacity(2).await?;
            writer.put(some);
        }
        Ok(())
    };
    match copied.await {
        Ok(()) => writer.finish().await?,
        Err(error) => return Err(given_up(writer, error).await),
    };
    Ok(name)
}

/// Gives an unfinished file up; the error that made it so.
async fn given_up(writer: WriteMultipart, error: object_store::Error) -> Failure {
    if let Err(error) = writer.abort().await {
        tracing::warn!(%error, "an unfinished file could not be given up; the store may keep a part of it");
    }
    error.into()
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
