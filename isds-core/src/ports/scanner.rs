//! Scanning for malware.

use std::error::Error as StdError;

use async_trait::async_trait;

use crate::message::{Message, ScanVerdict};

/// Failure of the scanner: the message waits.
#[derive(Debug, thiserror::Error)]
#[error("the scanner gave no verdict")]
pub struct ScanError(#[source] pub Box<dyn StdError + Send + Sync>);

/// Scanner for malware.
#[async_trait]
pub trait Scanner: Send + Sync {
    /// Judges the content of a message.
    async fn scan(&self, message: &Message) -> Result<ScanVerdict, ScanError>;
}

/// The installation has no scanner: every verdict says so.
pub struct NoScanner;

#[async_trait]
impl Scanner for NoScanner {
    async fn scan(&self, _message: &Message) -> Result<ScanVerdict, ScanError> {
        Ok(ScanVerdict::NotScanned)
    }
}
