//! Timestamps, seals, and the examination of sealed documents.

use std::error::Error as StdError;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use super::StoreResult;
use crate::examination::Examination;
use crate::ids::MessageId;
use crate::time::Timestamp;

/// Failure of the timestamp authority.
#[derive(Debug, thiserror::Error)]
#[error("the timestamp authority gave no token")]
pub struct TimestampError(#[source] pub Box<dyn StdError + Send + Sync>);

/// RFC 3161 timestamp authority.
#[async_trait]
pub trait TimestampAuthority: Send + Sync {
    /// A TimeStampToken (DER of the CMS) over a SHA-256 digest. `now` is legal time, used by an authority that is part
    /// of this system; one outside has its own clock.
    async fn stamp(&self, sha256: [u8; 32], now: Timestamp) -> Result<Vec<u8>, TimestampError>;
}

/// Bytes that enclose a content to make it a sealed document.
#[derive(Debug, Clone)]
pub struct SealFrame {
    /// Before the content.
    pub prefix: Bytes,
    /// After it.
    pub suffix: Bytes,
    /// The seal carries a signature timestamp.
    pub stamped: bool,
}

/// Failure of the sealing key.
#[derive(Debug, thiserror::Error)]
#[error("the seal could not be made")]
pub struct SealError(#[source] pub Box<dyn StdError + Send + Sync>);

/// The electronic seal of the system.
#[async_trait]
pub trait Sealer: Send + Sync {
    /// Seals content of `length` bytes with the digest `sha256` at the legal time `now` (CAdES-T where the authority
    /// answers, CAdES-B otherwise or where `stamp` is false).
    async fn seal(&self, sha256: [u8; 32], length: u64, now: Timestamp, stamp: bool) -> Result<SealFrame, SealError>;
}

/// What was learnt from a sealed document whose seal and inner consistency hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticDocument {
    /// Message number inside.
    pub id: MessageId,
    /// `dmHash` inside, decoded.
    pub hash: Vec<u8>,
    /// `dmHash/@algorithm`.
    pub hash_algorithm: String,
    /// `dmMessageStatus` inside.
    pub status: i64,
    /// `dmDeliveryTime` inside.
    pub delivery_time: Option<Timestamp>,
    /// `dmAcceptanceTime` inside.
    pub acceptance_time: Option<Timestamp>,
}

/// Why a document is not authentic.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticityError {
    /// Not a sealed document at all.
    #[error("not a sealed document")]
    NotSealed(#[source] Box<dyn StdError + Send + Sync>),
    /// Sealed, but something in it does not hold.
    #[error("the document does not hold")]
    DoesNotHold(#[source] Box<dyn StdError + Send + Sync>),
    /// It could not be examined.
    #[error("the document could not be examined")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
}

/// Examines sealed documents against the authorities that this installation trusts.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// Checks structure, `dmHash`, seal, timestamps and chain of the document in `file`, from its beginning.
    async fn authenticate(&self, file: std::fs::File) -> Result<AuthenticDocument, AuthenticityError>;

    /// Makes every check of a document that is read once from beginning to end and never held whole, and says what it
    /// found, whoever sealed it. A document that is wrong is no error: the report says so.
    ///
    /// # Errors
    /// Where the document could not be read to its end, or the examination was given up.
    async fn examine(&self, document: BoxStream<'static, StoreResult<Bytes>>)
    -> Result<Examination, AuthenticityError>;
}
