//! Content of messages: encrypted objects in a folder or a bucket.
//!
//! The format of an object is described in `docs/object-format.md` and written in the module `format`; where the bytes lie and
//! how they reach the disk is the business of `local` and `bucket`.

mod bucket;
mod disk;
mod format;
mod key;
mod keys;
mod local;
mod place;
mod read;
mod seal_stream;
mod upkeep;
mod write;

use std::path::PathBuf;
use std::sync::Arc;

use isds_core::ports::{Objects, StoreError};

pub use disk::{DiskSync, Fsync};
pub use key::MasterKey;
pub use keys::MasterKeys;
pub use place::Place;
pub use upkeep::{KeyRotation, Rewrapped};

use crate::Error;

/// Opens the objects in the folder of `file:DIR`, which is made where it is missing, or in the bucket of
/// `s3://BUCKET?endpoint=URL`.
///
/// # Errors
/// [`Error`] where the address is wrong, the folder or bucket cannot be used, or its objects were written under another
/// master key, which is none of `keys`.
pub async fn open(url: &str, keys: impl Into<MasterKeys>) -> Result<Arc<dyn Objects>, Error> {
    Ok(open_for_upkeep(url, keys).await?)
}

/// As [`open`], for whoever looks after all objects.
///
/// # Errors
/// As [`open`].
pub async fn open_for_upkeep(url: &str, keys: impl Into<MasterKeys>) -> Result<Arc<dyn KeyRotation>, Error> {
    if url.starts_with("s3:") {
        let bucket = bucket::Bucket::open(url, keys.into()).await?;
        return Ok(Arc::new(bucket::BucketObjects::new(bucket)));
    }
    open_for_upkeep_with(url, keys, Arc::new(Fsync)).await
}

/// As [`open`] of a folder, with something else in the place of the calls that sync: a test can find out what was forgotten.
///
/// # Errors
/// As [`open`].
pub async fn open_with(
    url: &str,
    keys: impl Into<MasterKeys>,
    sync: Arc<dyn DiskSync>,
) -> Result<Arc<dyn Objects>, Error> {
    Ok(open_for_upkeep_with(url, keys, sync).await?)
}

/// As [`open_with`], for whoever looks after all objects.
///
/// # Errors
/// As [`open`].
pub async fn open_for_upkeep_with(
    url: &str,
    keys: impl Into<MasterKeys>,
    sync: Arc<dyn DiskSync>,
) -> Result<Arc<dyn KeyRotation>, Error> {
    let folder = local::Folder::open(folder(url)?, keys.into(), sync).await?;
    Ok(Arc::new(local::LocalObjects::new(folder)?))
}

/// The folder that `file:DIR` or `file://DIR` names.
fn folder(url: &str) -> Result<PathBuf, Error> {
    url.strip_prefix("file:")
        .map(|folder| folder.strip_prefix("//").unwrap_or(folder))
        .filter(|folder| !folder.is_empty() && !folder.contains('\0'))
        .map(PathBuf::from)
        .ok_or(Error::Url("the address of the objects is file:DIR or s3://BUCKET"))
}

/// What the store gives out as the identifier of an object; nothing else may become a path.
fn is_identifier(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A failure that is no property of the object.
fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}
