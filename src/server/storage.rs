//! Where files are kept: a folder, or a bucket of an S3-compatible store, behind one type.
//! Objects are written whole or not at all, under names made here; what they mean is for the
//! business folder that asked (attachments). Holds no rule and no database.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, RetryConfig};

use super::failure::Failure;
use crate::text::Message;

/// A browser waits for the answer: better a clear "not now" than a long silence.
const CONNECTING: Duration = Duration::from_secs(10);
/// A store that says nothing for so long is as good as gone. There is no limit on the whole of a
/// transfer: a large file to a slow reader takes as long as it takes.
const SILENCE: Duration = Duration::from_secs(30);
/// How long a request is tried again; within what the upload of a piece may take.
const TRYING: Duration = Duration::from_secs(60);

/// First part of the names of all files; beside it stands what tidying up needs.
pub const FILES: &str = "files";

/// Setting OPBOOK_STORAGE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Location {
    /// The folder `attachments` in that of OPBOOK_DATA.
    #[default]
    Folder,
    Bucket(Bucket),
}

/// A bucket and what of it is ours. Keys come from the usual AWS_* variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    name: String,
    prefix: String,
    /// Address of the store; empty: that of AWS.
    endpoint: String,
    region: String,
}

impl Location {
    /// Reads `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`; nothing is the folder.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::Folder);
        }
        let rest = text.strip_prefix("s3://")?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (name, prefix) = path.split_once('/').unwrap_or((path, ""));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let parts_are_plain =
            prefix.is_empty() || prefix.split('/').all(|part| plain(part) && !matches!(part, "" | "." | ".."));
        if name.len() < 3 || !plain(name) || !parts_are_plain {
            return None;
        }
        let mut bucket =
            Bucket { name: name.to_owned(), prefix: prefix.to_owned(), endpoint: String::new(), region: String::new() };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=')? {
                ("endpoint", url) => {
                    // Never with a password in it: settings are printed.
                    let address = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
                    let good = !address.is_empty() && !address.contains('@');
                    good.then(|| url.trim_end_matches('/').clone_into(&mut bucket.endpoint))?;
                }
                ("region", name) => (plain(name) && !name.is_empty()).then(|| name.clone_into(&mut bucket.region))?,
                _ => return None,
            }
        }
        Some(Self::Bucket(bucket))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Bucket(bucket) = self else { return Ok(()) };
        write!(out, "s3://{}", bucket.name)?;
        if !bucket.prefix.is_empty() {
            write!(out, "/{}", bucket.prefix)?;
        }
        let mut sign = '?';
        for (key, value) in [("endpoint", &bucket.endpoint), ("region", &bucket.region)] {
            if !value.is_empty() {
                write!(out, "{sign}{key}={value}")?;
                sign = '&';
            }
        }
        Ok(())
    }
}

/// The files of this server; cheap to clone.
#[derive(Clone, Debug)]
pub struct Storage(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    location: Location,
    folder: PathBuf,
    store: OnceLock<Stores>,
}

/// The same place twice.
#[derive(Clone, Debug)]
struct Stores {
    /// What it acknowledges survives a power cut.
    durable: Arc<dyn ObjectStore>,
    /// It need not: for what can be sent again.
    hasty: Arc<dyn ObjectStore>,
}

impl Stores {
    fn alike(store: Arc<dyn ObjectStore>) -> Self {
        Self { durable: store.clone(), hasty: store }
    }
}

impl Storage {
    /// Storage at a place; nothing is touched before its first use. `data` is the folder of OPBOOK_DATA.
    pub fn new(location: &Location, data: &Path) -> Self {
        let (location, folder) = (location.clone(), data.join("attachments"));
        Self(Arc::new(Inner { location, folder, store: OnceLock::new() }))
    }

    /// Storage in a store of the caller's.
    pub fn over(store: Arc<dyn ObjectStore>) -> Self {
        Self(Arc::new(Inner {
            location: Location::Folder,
            folder: PathBuf::new(),
            store: OnceLock::from(Stores::alike(store)),
        }))
    }

    /// The store, opened at the first call.
    ///
    /// # Errors
    /// When the folder cannot be made, or the settings of the bucket make no sense.
    pub fn store(&self) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
        Ok(self.stores()?.durable)
    }

    /// The same store, for parts of what is not whole yet: they are lost with the power, and only then.
    /// Who finds one missing has to ask for it again.
    ///
    /// # Errors
    /// As [`Storage::store`].
    pub fn store_of_parts(&self) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
        Ok(self.stores()?.hasty)
    }

    fn stores(&self) -> Result<Stores, object_store::Error> {
        if let Some(stores) = self.0.store.get() {
            return Ok(stores.clone());
        }
        let opened = match &self.0.location {
            Location::Folder => open_folder(&self.0.folder)?,
            Location::Bucket(bucket) => Stores::alike(open_bucket(bucket)?),
        };
        Ok(self.0.store.get_or_init(|| opened).clone())
    }

    /// True when files are in a bucket.
    pub fn is_bucket(&self) -> bool {
        matches!(self.0.location, Location::Bucket(_))
    }

    /// Removes what writes that were killed left in the folder and that no list of the store shows; how
    /// many. In a bucket that is for a rule of the bucket (README).
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn remove_unfinished(&self, before: SystemTime) -> Result<usize, Failure> {
        let folder = self.0.folder.clone();
        if self.is_bucket() || folder.as_os_str().is_empty() {
            return Ok(0);
        }
        let work = tokio::task::spawn_blocking(move || unfinished(&folder, before));
        let removed = work.await.map_err(|error| Failure::Internal(format!("tidying the file store: {error}")))?;
        removed.map_err(|error| object_store::Error::Generic { store: "folder", source: Box::new(error) }.into())
    }
}

/// The library writes beside the object, under its name with `#` and a number, and renames at the end.
fn unfinished(folder: &Path, before: SystemTime) -> std::io::Result<usize> {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        if about.is_dir() {
            removed += unfinished(&entry.path(), before)?;
        } else if entry.file_name().to_string_lossy().contains('#') && about.modified()? < before {
            std::fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn open_folder(folder: &Path) -> Result<Stores, object_store::Error> {
    made(folder).map_err(|error| object_store::Error::Generic { store: "folder", source: Box::new(error) })?;
    // With fsync: what was acknowledged survives a power cut, as it does in the database.
    let durable = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
    Ok(Stores { durable: Arc::new(durable), hasty: Arc::new(LocalFileSystem::new_with_prefix(folder)?) })
}

/// Makes the folder and that of the files in it for good: a hasty write must not be the one to make it.
fn made(folder: &Path) -> std::io::Result<()> {
    let files = folder.join(FILES);
    if files.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(files)?;
    for above in folder.ancestors().take(2).filter(|above| !above.as_os_str().is_empty()) {
        std::fs::File::open(above)?.sync_all()?;
    }
    Ok(())
}

fn open_bucket(bucket: &Bucket) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
    // Fails when there is one already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options =
        ClientOptions::new().with_connect_timeout(CONNECTING).with_read_timeout(SILENCE).with_timeout_disabled();
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(&bucket.name)
        .with_client_options(options)
        .with_retry(RetryConfig { max_retries: 3, retry_timeout: TRYING, ..RetryConfig::default() });
    if !bucket.region.is_empty() {
        builder = builder.with_region(&bucket.region);
    }
    if !bucket.endpoint.is_empty() {
        builder = builder.with_endpoint(&bucket.endpoint).with_allow_http(bucket.endpoint.starts_with("http://"));
    }
    let store = builder.build()?;
    if bucket.prefix.is_empty() {
        return Ok(Arc::new(store));
    }
    Ok(Arc::new(PrefixStore::new(store, bucket.prefix.as_str())))
}

impl From<object_store::Error> for Failure {
    fn from(error: object_store::Error) -> Self {
        let message = if is_full(&error) {
            Message::new(
                "服务器存储空间已满，文件未保存；请联系管理员清理后重试，已录入的内容和已传完的部分不会丢失。",
                "The server has no room left and the file was not kept. Ask your administrator to make room, then try again; nothing typed and nothing sent before is lost.",
            )
        } else {
            Message::new(
                "文件存储暂时不可用，文件未保存；请稍后重试，已录入的内容和已传完的部分不会丢失。",
                "The file store does not answer and the file was not kept. Try again shortly; nothing typed and nothing sent before is lost.",
            )
        };
        Self::Unavailable { message, cause: format!("storage: {error}") }
    }
}

/// True when somewhere below the disk or the quota was the reason.
fn is_full(error: &object_store::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<std::io::Error>()
            && matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_and_printed_the_same() {
        for text in [
            "",
            "s3://papers",
            "s3://papers/opbook/live",
            "s3://papers?endpoint=http://127.0.0.1:9000",
            "s3://papers/a?endpoint=https://minio.example:9000&region=cn-north-1",
        ] {
            assert_eq!(Location::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_place_that_would_end_elsewhere_is_refused() {
        for text in [
            "papers",
            "s3://",
            "s3://a/../b",
            "s3://papers//x",
            "s3://papers?endpoint=ftp://x",
            "s3://papers?endpoint=http://user:secret@store",
            "s3://papers?endpiont=http://x",
            "s3://papers?region",
            "gs://papers",
        ] {
            assert_eq!(Location::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_full_disk_is_told_apart_from_a_dead_store() {
        // Told "try again shortly", a user would try in vain all day.
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let nested = object_store::Error::Generic { store: "folder", source: Box::new(full) };
        let dead = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let dead = object_store::Error::Generic { store: "S3", source: Box::new(dead) };
        let said = |error: object_store::Error| match Failure::from(error) {
            Failure::Unavailable { message, .. } => message.zh,
            other => panic!("{other}"),
        };
        assert!(said(nested).contains("已满"));
        assert!(said(dead).contains("暂时不可用"));
    }
}
