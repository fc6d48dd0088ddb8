//! Scanning for malware.

use std::error::Error as StdError;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use super::{StoreError, StoreResult};

/// What the scanner says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileVerdict {
    /// Nothing found.
    Clean,
    /// Malware, by the name that the scanner has for it.
    Found(String),
}

/// Why there is no verdict. Nothing of it means that a file is clean.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The scanner cannot be reached, says nothing, or something that is no answer: it is out of order for every file.
    #[error("the scanner is out of order")]
    OutOfOrder(#[source] Box<dyn StdError + Send + Sync>),
    /// It gave no verdict on this file in time, while it still gives one on others.
    #[error("the scanner did not come to the end of a file within {} s", .0.as_secs())]
    TooLong(Duration),
    /// The file is larger than what the scanner takes: it is not set up for this system.
    #[error("the scanner does not take files as large as this one")]
    TooLarge,
    /// It failed on this file, while it gives verdicts on others.
    #[error("the scanner failed on a file: {0}")]
    Failed(String),
    /// The content cannot be read.
    #[error("the content to scan cannot be read")]
    Content(#[source] StoreError),
}

/// Scanner for malware.
#[async_trait]
pub trait Scanner: Send + Sync {
    /// Whether there is one at all. Without one content goes on unscanned.
    fn is_installed(&self) -> bool {
        true
    }

    /// Judges a file, which is read once and never held whole.
    async fn scan(&self, content: BoxStream<'static, StoreResult<Bytes>>) -> Result<FileVerdict, ScanError>;

    /// Sees whether verdicts are given, by a file of a few bytes.
    ///
    /// # Errors
    /// [`ScanError::OutOfOrder`].
    async fn probe(&self) -> Result<(), ScanError>;
}

/// The installation has no scanner.
pub struct NoScanner;

#[async_trait]
impl Scanner for NoScanner {
    fn is_installed(&self) -> bool {
        false
    }

    async fn scan(&self, _content: BoxStream<'static, StoreResult<Bytes>>) -> Result<FileVerdict, ScanError> {
        Err(ScanError::OutOfOrder("there is no scanner".into()))
    }

    async fn probe(&self) -> Result<(), ScanError> {
        Ok(())
    }
}
