//! Keeping sealed documents provable: what their seal's evidence is worth, and how it gets more.

use std::error::Error as StdError;
use std::fs::File;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::{AuthenticDocument, AuthenticityError};
use crate::splice::Splice;
use crate::time::Timestamp;

/// A timestamp over a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealStamp {
    /// When it was made.
    pub made: Timestamp,
    /// When its authority's certificate ends: until then it proves something by itself.
    pub expires: Timestamp,
}

/// How far the evidence of a seal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealEvidence {
    /// A signature that does not name its certificate, as the real system made them until 2011: no CAdES at all.
    Plain,
    /// CAdES-B (formerly BES and EPES): provable until the seal's certificate ends.
    Basic {
        /// When that is.
        expires: Timestamp,
    },
    /// CAdES-T, with its newest signature timestamp.
    Stamped(SealStamp),
    /// CAdES-A, with its newest archive timestamp.
    Archived(SealStamp),
}

/// A sealed document whose seal and inner consistency hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExaminedDocument {
    /// What it says of the message.
    pub document: AuthenticDocument,
    /// How far its evidence reaches.
    pub evidence: SealEvidence,
}

/// A sealed document with more evidence than before.
#[derive(Debug, Clone)]
pub struct RaisedDocument {
    /// Before the content.
    pub prefix: Bytes,
    /// File in which the content lies.
    pub file: Arc<File>,
    /// Where it begins there.
    pub offset: u64,
    /// Number of its bytes.
    pub length: u64,
    /// After the content.
    pub suffix: Bytes,
    /// The timestamp that was added.
    pub stamp: SealStamp,
}

impl RaisedDocument {
    /// The whole document.
    #[must_use]
    pub fn splice(self) -> Splice {
        Splice::default()
            .then(self.prefix)
            .then_file(self.file, self.offset, self.length)
            .then(self.suffix)
    }
}

/// Why a document did not get more evidence.
#[derive(Debug, thiserror::Error)]
pub enum RaiseSealError {
    /// The timestamp authority gave no token.
    #[error("the timestamp authority gave no token")]
    NoTimestamp(#[source] Box<dyn StdError + Send + Sync>),
    /// The seal has a form that cannot be raised.
    #[error("the seal cannot be raised")]
    NotRaisable(#[source] Box<dyn StdError + Send + Sync>),
    /// Something of ours failed.
    #[error("raising the seal failed")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
}

/// Examines sealed documents and adds to the evidence of their seals. Content and signature are never touched. A document
/// lies in a file, from its beginning; it may be too large to be held.
#[async_trait]
pub trait Archiver: Send + Sync {
    /// As [`Authenticator::authenticate`](super::Authenticator::authenticate), and how far the evidence reaches.
    async fn examine(&self, file: Arc<File>) -> Result<ExaminedDocument, AuthenticityError>;

    /// Adds a signature timestamp (B → T). `now` is legal time.
    async fn add_signature_timestamp(&self, file: Arc<File>, now: Timestamp) -> Result<RaisedDocument, RaiseSealError>;

    /// Adds an archive timestamp (T → A, A → A). `now` is legal time.
    async fn add_archive_timestamp(&self, file: Arc<File>, now: Timestamp) -> Result<RaisedDocument, RaiseSealError>;

    /// Seals the content anew with the seal in use and stamps that (T); without a timestamp it fails.
    async fn seal_anew(&self, file: Arc<File>, now: Timestamp) -> Result<RaisedDocument, RaiseSealError>;
}
