//! A document that streams in, examined on a thread that may wait, and the report for the domain.

use std::io::{self, BufReader, Read};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use futures::StreamExt;
use futures::stream::BoxStream;
use isds_core::attachment::MetaType;
use isds_core::examination::{
    CheckOutcome, DocumentKind, Examination, Fault, FaultReason, MadeCheck, ToldAttachment, ToldContent, ToldEvent,
};
use isds_core::ports::{AuthenticityError, StoreError, StoreResult};
use isds_core::time::Timestamp;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use wire::sealed_content::{SealedContent, SealedKind};

use crate::report::with_sources;
use crate::verify::{
    Check, Outcome, Refusal, SignatureRefusal, TimestampRefusal, TrustRoots, Verification, verify_sealed,
};

/// Pieces that wait between the stream and its reader.
const AHEAD: usize = 4;

/// Reads the stream to its end while it is judged.
///
/// # Errors
/// Where the stream breaks: a document that was not read whole is not judged.
pub(super) async fn verify(
    mut document: BoxStream<'static, StoreResult<Bytes>>,
    trust: Arc<TrustRoots>,
) -> Result<Verification, AuthenticityError> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let judging = spawn_blocking(move || {
        let source = Pieces {
            receiver,
            piece: Bytes::new(),
        };
        verify_sealed(BufReader::with_capacity(64 * 1024, source), Some(&trust))
    });
    let mut broken: Option<StoreError> = None;
    while let Some(piece) = document.next().await {
        match piece {
            Ok(piece) => {
                // Who judges has seen enough and reads no further.
                if sender.send(piece).await.is_err() {
                    break;
                }
            }
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
    }
    drop(sender);
    let verification = judging.await.map_err(|error| AuthenticityError::Failed(error.into()))?;
    match broken {
        Some(error) => Err(AuthenticityError::Failed(Box::new(error))),
        None => Ok(verification),
    }
}

/// The pieces of a stream, read where one may wait for them.
struct Pieces {
    receiver: mpsc::Receiver<Bytes>,
    piece: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let length = into.len().min(self.piece.len());
        self.piece.copy_to_slice(&mut into[..length]);
        Ok(length)
    }
}

/// What the domain is told.
pub(super) fn report(verification: Verification, own_seal: bool) -> Examination {
    let Verification { checks, found, verdict } = verification;
    Examination {
        verdict,
        checks: checks.into_iter().map(made_check).collect(),
        own_seal,
        level: found.level(),
        content: found.content.map(told),
        seal: found.seal,
        signing_time: found.signing_time.map(Timestamp),
        signature_timestamps: found.signature_timestamps,
        archive_timestamps: found.archive_timestamps,
        message_timestamp: found.message_timestamp,
    }
}

fn made_check(check: Check) -> MadeCheck {
    let outcome = match check.outcome {
        Outcome::Ok => CheckOutcome::Ok,
        Outcome::Skipped(reason) => CheckOutcome::Skipped(reason),
        Outcome::Failed(refusal) => CheckOutcome::Failed(Fault {
            reason: reason(&refusal),
            detail: with_sources(&refusal),
        }),
    };
    MadeCheck {
        name: check.name,
        outcome,
    }
}

fn reason(refusal: &Refusal) -> FaultReason {
    match refusal {
        Refusal::Structure(_) => FaultReason::Unreadable,
        Refusal::Content(_) => FaultReason::OtherContent,
        Refusal::HashMismatch => FaultReason::MessageChanged,
        Refusal::HashAlgorithm => FaultReason::Algorithm,
        Refusal::Seal(refusal) => of_signature(refusal),
        Refusal::Timestamp(refusal) => of_timestamp(refusal),
        Refusal::ArchiveTimestamp(_) => FaultReason::Archive,
        Refusal::Chain(refusal) => match refusal {
            crate::verify::ChainRefusal::Refused { .. } => FaultReason::NotTrusted,
            crate::verify::ChainRefusal::OpenSsl(_) => FaultReason::NotChecked,
        },
    }
}

fn of_signature(refusal: &SignatureRefusal) -> FaultReason {
    use SignatureRefusal as R;
    match refusal {
        R::DigestMismatch => FaultReason::ContentChanged,
        R::SignatureWrong => FaultReason::WrongSignature,
        R::DigestAlgorithm | R::SignatureAlgorithm | R::AlgorithmProtection => FaultReason::Algorithm,
        R::NoCertificate | R::CertificateUnreadable(_) | R::CertificateReference => FaultReason::Certificate,
        R::KeyUsage => FaultReason::Purpose,
        R::TimeUnknown | R::NotValidAtTime => FaultReason::Validity,
        R::SignerCount(_)
        | R::Version
        | R::ContentType
        | R::NoSignedAttributes
        | R::MissingAttribute(_)
        | R::AmbiguousAttribute(_)
        | R::Malformed(_) => FaultReason::Malformed,
    }
}

fn of_timestamp(refusal: &TimestampRefusal) -> FaultReason {
    use TimestampRefusal as R;
    match refusal {
        R::Unreadable(_) | R::TstInfo(_) | R::Nonce | R::Policy => FaultReason::Malformed,
        R::ImprintAlgorithm => FaultReason::Algorithm,
        R::Imprint => FaultReason::OtherImprint,
        R::Signature(refusal) => of_signature(refusal),
        R::Purpose => FaultReason::Purpose,
        R::Chain(_) => FaultReason::NotTrusted,
    }
}

/// Which document, in the domain's words.
pub(crate) fn document_kind(kind: SealedKind) -> DocumentKind {
    match kind {
        SealedKind::Received => DocumentKind::Received,
        SealedKind::Sent => DocumentKind::Sent,
        SealedKind::DeliveryInfo => DocumentKind::DeliveryInfo,
    }
}

fn told(content: SealedContent) -> ToldContent {
    let attachments = content.files.into_iter().map(|file| ToldAttachment {
        meta_type: MetaType::from_name(&file.meta_type),
        file_name: file.file_name,
        mime_type: file.mime_type,
        bytes: file.bytes,
    });
    let events = content.events.into_iter().map(|event| ToldEvent {
        time: Timestamp(event.time),
        description: event.description,
    });
    ToldContent {
        kind: document_kind(content.kind),
        dm_id: content.dm_id,
        hash_algorithm: content.hash_algorithm,
        hash: content.hash,
        status: content.status,
        delivery_time: content.delivery_time.map(Timestamp),
        acceptance_time: content.acceptance_time.map(Timestamp),
        envelope: content.envelope,
        attachments: attachments.collect(),
        attachment_count: content.file_count,
        events: events.collect(),
    }
}
