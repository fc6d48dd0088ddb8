//! Timestamps (RFC 3161): asked of a [`TimestampAuthority`], which is built in ([`builtin`]) or reached over HTTP ([`http`]).

use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::signer_info::SignError;
use crate::verify::TimestampRefusal;

mod background;
pub mod builtin;
pub mod http;
mod request;
mod response;
pub(crate) mod tst_info;

pub use builtin::BuiltInAuthority;
pub use http::{HttpAuthority, HttpAuthorityOptions};

/// One wish for a timestamp.
#[derive(Debug, Clone, Copy)]
pub struct StampRequest {
    /// SHA-256 of what is stamped.
    pub imprint: [u8; 32],
    /// Legal time in microseconds of UTC: the built-in authority writes it as genTime; a real one has its own clock.
    pub time: i64,
    /// Fresh random octets: the built-in authority's serial number, the nonce of a request to a real one.
    pub random: [u8; 16],
}

/// A timestamp token that was checked against its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampToken {
    /// The TimeStampToken, a ContentInfo.
    pub der: Vec<u8>,
    /// genTime, microseconds of UTC.
    pub gen_time: i64,
}

/// Why there is no timestamp.
#[derive(Debug, thiserror::Error)]
pub enum TspError {
    /// The built-in authority could not sign.
    #[error("the built-in timestamp authority cannot sign")]
    Sign(#[from] SignError),
    /// The threads that it signs on could not be started.
    #[error("the threads of the built-in timestamp authority cannot be started")]
    NoThreads(#[source] std::io::Error),
    /// The work was given up because the process ends.
    #[error("signing was interrupted")]
    Interrupted,
    /// The authority could not be reached, or did not talk HTTP.
    #[error("the timestamp authority cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The authority did not answer in time.
    #[error("the timestamp authority does not answer in time")]
    TimedOut,
    /// The authority answered with this HTTP status.
    #[error("the timestamp authority answered with HTTP status {0}")]
    HttpStatus(u16),
    /// The answer has more octets than a token can have.
    #[error("the answer of the timestamp authority is too long")]
    TooLong,
    /// The answer is not a TimeStampResp.
    #[error("the answer of the timestamp authority is malformed")]
    Malformed(#[from] crate::asn1::slice::Malformed),
    /// The authority refused: PKIStatus, and the bit number of PKIFailureInfo where it gave one (RFC 3161 section 2.4.2).
    #[error("the timestamp authority refused: status {status}, failure {failure:?}")]
    Refused {
        /// PKIStatus, 2 or more.
        status: u32,
        /// The first bit set in PKIFailureInfo.
        failure: Option<u32>,
    },
    /// The token does not hold what was asked for, or does not verify.
    #[error("the token of the timestamp authority is not acceptable")]
    Token(#[from] TimestampRefusal),
}

/// Where timestamps come from.
#[derive(Debug, Clone)]
pub enum TimestampAuthority {
    /// Inside this process.
    BuiltIn(Arc<BuiltInAuthority>),
    /// A service over HTTP.
    Http(Arc<HttpAuthority>),
}

impl TimestampAuthority {
    /// Obtains one token.
    ///
    /// # Errors
    /// When there is none, or none that is acceptable.
    pub async fn stamp(&self, request: StampRequest) -> Result<TimestampToken, TspError> {
        match self {
            // About a millisecond of processor time, too much for a thread that serves connections.
            Self::BuiltIn(authority) => {
                let authority = Arc::clone(authority);
                spawn_blocking(move || authority.stamp(&request))
                    .await
                    .map_err(|_| TspError::Interrupted)?
            }
            Self::Http(authority) => authority.stamp(&request).await,
        }
    }

    /// As [`Self::stamp`], where nobody waits for it with an open connection: calls come before it.
    ///
    /// # Errors
    /// As [`Self::stamp`].
    pub async fn stamp_in_background(&self, request: StampRequest) -> Result<TimestampToken, TspError> {
        match self {
            Self::BuiltIn(authority) => authority.stamp_in_background(request).await,
            Self::Http(authority) => authority.stamp(&request).await,
        }
    }
}
