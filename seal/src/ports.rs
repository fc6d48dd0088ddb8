//! What the domain asks of seals and timestamps ([`isds_core::ports`]), answered by this crate.

mod archiver;
mod examiner;

use std::io::{BufReader, Seek, SeekFrom};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use isds_core::examination::Examination;
use isds_core::ids::MessageId;
use isds_core::ports::{
    AuthenticDocument, Authenticator, AuthenticityError, Random, SealError, SealFrame, Sealer, StoreResult,
    TimestampAuthority as AuthorityPort, TimestampError,
};
use isds_core::time::Timestamp;
use openssl::error::ErrorStack;
use openssl::sha::sha256;
use openssl::x509::X509;
use tokio::task::spawn_blocking;
use wire::sealed_content::SealedContent;

pub use archiver::SystemArchiver;
pub(crate) use examiner::document_kind;

use crate::cades::Content;
use crate::keys::SigningKey;
use crate::sealing;
use crate::tsp::{StampRequest, TimestampAuthority, TspError};
use crate::verify::{Outcome, TrustRoots, Verdict, Verification, verify_sealed};

/// The system's sealing key and its timestamp authority.
pub struct SystemSeal {
    key: Arc<SigningKey>,
    authority: TimestampAuthority,
    random: Arc<dyn Random>,
}

impl SystemSeal {
    /// Seals with `key`; timestamps come from `authority`.
    pub fn new(key: SigningKey, authority: TimestampAuthority, random: Arc<dyn Random>) -> Self {
        Self {
            key: Arc::new(key),
            authority,
            random,
        }
    }

    fn fresh(&self) -> [u8; 16] {
        let mut octets = [0; 16];
        self.random.fill(&mut octets);
        octets
    }
}

#[async_trait]
impl AuthorityPort for SystemSeal {
    async fn stamp(&self, sha256: [u8; 32], now: Timestamp) -> Result<Vec<u8>, TimestampError> {
        let request = StampRequest {
            imprint: sha256,
            time: now.0,
            random: self.fresh(),
        };
        match self.authority.stamp_in_background(request).await {
            Ok(token) => Ok(token.der),
            Err(error) => Err(TimestampError(Box::new(error))),
        }
    }
}

#[async_trait]
impl Sealer for SystemSeal {
    async fn seal(&self, sha256: [u8; 32], length: u64, now: Timestamp, stamp: bool) -> Result<SealFrame, SealError> {
        let content = Content { sha256, length };
        let authority = stamp.then_some(&self.authority);
        let sealed = sealing::seal(Arc::clone(&self.key), content, now.0, authority, self.fresh())
            .await
            .map_err(|error| SealError(Box::new(error)))?;
        if let Some(error) = &sealed.not_stamped {
            warn(error);
        }
        Ok(SealFrame {
            prefix: Bytes::from(sealed.frame.prefix),
            suffix: Bytes::from(sealed.frame.suffix),
            stamped: sealed.frame.stamped,
        })
    }
}

fn warn(error: &TspError) {
    tracing::warn!(error = %isds_core::error::Chain(error), "a seal goes without a timestamp");
}

/// Judges sealed documents: the seal must be one of this system's own, and everything must lead to the trusted roots.
pub struct DocumentJudge {
    trust: Arc<TrustRoots>,
    seals: Vec<[u8; 32]>,
}

impl DocumentJudge {
    /// Trusts `roots`, and for seals only `seals`: the certificate in use and those used before. A root alone would let
    /// everybody seal in the system's name to whom the same authority gave a certificate.
    ///
    /// # Errors
    /// Where a certificate cannot be read.
    pub fn new(roots: TrustRoots, seals: &[X509]) -> Result<Self, ErrorStack> {
        let seals = seals
            .iter()
            .map(|seal| Ok(sha256(&seal.to_der()?)))
            .collect::<Result<_, ErrorStack>>()?;
        Ok(Self {
            trust: Arc::new(roots),
            seals,
        })
    }

    fn is_ours(&self, verification: &Verification) -> bool {
        verification
            .found
            .seal
            .as_ref()
            .is_some_and(|seal| self.seals.contains(&seal.fingerprint))
    }

    /// What a document says, where it holds and its seal is this system's.
    fn own_document(&self, verification: Verification) -> Result<AuthenticDocument, AuthenticityError> {
        let ours = self.is_ours(&verification);
        let document = document(verification)?;
        if ours {
            Ok(document)
        } else {
            Err(AuthenticityError::DoesNotHold(Box::new(ForeignSeal)))
        }
    }
}

/// The seal holds and its issuer is trusted, but it is not the system's.
#[derive(Debug, thiserror::Error)]
#[error("the document was sealed by somebody else")]
pub struct ForeignSeal;

#[async_trait]
impl Authenticator for DocumentJudge {
    async fn authenticate(&self, mut file: std::fs::File) -> Result<AuthenticDocument, AuthenticityError> {
        let trust = Arc::clone(&self.trust);
        let examined = spawn_blocking(move || {
            file.seek(SeekFrom::Start(0))?;
            Ok::<_, std::io::Error>(verify_sealed(BufReader::with_capacity(256 * 1024, file), Some(&trust)))
        });
        let verification = examined
            .await
            .map_err(|error| AuthenticityError::Failed(error.into()))?
            .map_err(|error| AuthenticityError::Failed(error.into()))?;
        self.own_document(verification)
    }

    async fn examine(
        &self,
        document: BoxStream<'static, StoreResult<Bytes>>,
    ) -> Result<Examination, AuthenticityError> {
        let trust = Arc::clone(&self.trust);
        let verification = examiner::verify(document, trust).await?;
        let own_seal = self.is_ours(&verification);
        Ok(examiner::report(verification, own_seal))
    }
}

fn document(verification: Verification) -> Result<AuthenticDocument, AuthenticityError> {
    let verdict = verification.verdict;
    if verdict != Verdict::Trusted {
        let refusal = verification.checks.into_iter().find_map(|check| match check.outcome {
            Outcome::Failed(refusal) => Some(refusal),
            Outcome::Ok | Outcome::Skipped(_) => None,
        });
        let reason = refusal.map_or_else(|| "it is not trusted".into(), |refusal| Box::new(refusal) as _);
        return Err(match verdict {
            Verdict::Unreadable => AuthenticityError::NotSealed(reason),
            _ => AuthenticityError::DoesNotHold(reason),
        });
    }
    let content = verification
        .found
        .content
        .ok_or_else(|| AuthenticityError::NotSealed("no document inside".into()))?;
    let id = message_id(&content)?;
    Ok(AuthenticDocument {
        id,
        hash: content.hash,
        hash_algorithm: content.hash_algorithm,
        status: i64::from(content.status),
        delivery_time: content.delivery_time.map(Timestamp),
        acceptance_time: content.acceptance_time.map(Timestamp),
    })
}

fn message_id(content: &SealedContent) -> Result<MessageId, AuthenticityError> {
    content
        .dm_id
        .parse()
        .map_err(|error: isds_core::ids::MessageIdError| AuthenticityError::DoesNotHold(error.into()))
}
