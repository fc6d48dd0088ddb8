//! The whole report on a document that streams in, as pages ask for it.

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use isds_core::examination::{CheckName, CheckOutcome, DocumentKind, Examination, FaultReason, Level, Verdict};
use isds_core::ports::{Authenticator, AuthenticityError, StoreError, StoreResult};
use isds_core::time::Timestamp;
use seal::ports::DocumentJudge;
use seal::verify::TrustRoots;

use crate::support::{Keys, NOW, message};

fn judge(keys: &Keys, seal: &Keys) -> DocumentJudge {
    let trust = TrustRoots::new(vec![keys.root.clone()]).unwrap();
    DocumentJudge::new(trust, &[seal.stored_certificate("seal")]).unwrap()
}

fn pieces(document: &[u8], step: usize) -> BoxStream<'static, StoreResult<Bytes>> {
    let pieces: Vec<_> = document
        .chunks(step)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    futures::stream::iter(pieces).boxed()
}

async fn examined(judge: &DocumentJudge, document: &[u8]) -> Examination {
    judge.examine(pieces(document, 700)).await.unwrap()
}

fn reasons(examination: &Examination) -> Vec<(CheckName, FaultReason)> {
    examination.faults().map(|(name, fault)| (name, fault.reason)).collect()
}

#[tokio::test]
async fn everything_holds_and_is_told() {
    let keys = Keys::quick();
    let judge = judge(&keys, &keys);
    let sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    for step in [1, 700, 1 << 20] {
        let report = judge.examine(pieces(&sealed, step)).await.unwrap();
        assert_eq!(reasons(&report), []);
        assert_eq!(
            (report.verdict, report.own_seal, report.is_intact()),
            (Verdict::Trusted, true, true)
        );
        assert_eq!(report.level, Some(Level::Stamped));
        let content = report.content.as_ref().unwrap();
        assert_eq!(content.kind, DocumentKind::Received);
        assert_eq!(content.value("dmAnnotation"), Some("Žádost"));
        assert_eq!(
            (content.attachments[0].file_name.as_str(), content.attachments[0].bytes),
            ("a.txt", Some(3))
        );
        assert_eq!(content.delivery_time, Some(Timestamp(NOW - NOW % 1000)));
        let seal = report.seal.as_ref().unwrap();
        assert_eq!(seal.name, "ISDS demo seal");
        assert!(seal.subject.ends_with("CN=ISDS demo seal"));
        let stamp = report.message_timestamp.as_ref().unwrap();
        assert_eq!(
            (stamp.name.as_str(), stamp.gen_time),
            ("ISDS demo timestamp authority", Timestamp(NOW - 456))
        );
        assert_eq!(report.provable_until(), Some(report.signature_timestamps[0].expires));
        let skipped = |check: CheckName| {
            report
                .checks
                .iter()
                .any(|made| made.name == check && matches!(made.outcome, CheckOutcome::Skipped(_)))
        };
        assert!(skipped(CheckName::Revocation) && skipped(CheckName::ArchiveTimestamp));
    }
}

#[tokio::test]
async fn a_changed_word_is_told_twice() {
    let keys = Keys::quick();
    let sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    let at = sealed.windows(4).position(|four| four == b"QUJD").unwrap();
    let mut changed = sealed;
    changed[at] ^= 1;
    let report = examined(&judge(&keys, &keys), &changed).await;
    assert_eq!((report.verdict, report.is_intact()), (Verdict::Invalid, false));
    assert_eq!(
        reasons(&report),
        [
            (CheckName::MessageHash, FaultReason::MessageChanged),
            (CheckName::ContentDigest, FaultReason::ContentChanged)
        ]
    );
}

#[tokio::test]
async fn a_stranger_is_intact_and_not_trusted() {
    let (keys, stranger) = (Keys::quick(), Keys::later(1_000_000));
    let sealed = stranger.sealed(message(&stranger, "QUJD").as_bytes());
    let report = examined(&judge(&keys, &keys), &sealed).await;
    assert_eq!(
        (report.verdict, report.own_seal, report.is_intact()),
        (Verdict::Invalid, false, true)
    );
    assert!(
        reasons(&report)
            .iter()
            .all(|(name, reason)| name.is_of_trust() && *reason == FaultReason::NotTrusted)
    );
    assert_eq!(reasons(&report).len(), 3);
    // Trusted roots alone make nobody's seal the system's own.
    let report = examined(&judge(&stranger, &keys), &sealed).await;
    assert_eq!((report.verdict, report.own_seal), (Verdict::Trusted, false));
}

#[tokio::test]
async fn what_is_no_document_says_so_without_being_read_whole() {
    let keys = Keys::quick();
    let judge = judge(&keys, &keys);
    let report = examined(&judge, b"%PDF-1.7").await;
    assert_eq!((report.verdict, report.is_intact()), (Verdict::Unreadable, false));
    assert_eq!(reasons(&report), [(CheckName::Structure, FaultReason::Unreadable)]);
    // Without an end: whoever reads it to the end never answers.
    let endless = futures::stream::repeat_with(|| Ok(Bytes::from_static(&[0; 4096]))).boxed();
    assert_eq!(judge.examine(endless).await.unwrap().verdict, Verdict::Unreadable);
    let report = examined(&judge, &keys.sealed(b"something else")).await;
    assert_eq!(report.verdict, Verdict::Unreadable);
    assert_eq!(reasons(&report), [(CheckName::Content, FaultReason::OtherContent)]);
}

#[tokio::test]
async fn a_document_that_breaks_off_is_not_judged() {
    let keys = Keys::quick();
    let sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    let broken = pieces(&sealed, 100)
        .take(20)
        .chain(futures::stream::iter([Err(StoreError::Conflict)]))
        .boxed();
    let error = judge(&keys, &keys).examine(broken).await.unwrap_err();
    assert!(matches!(error, AuthenticityError::Failed(_)));
}
