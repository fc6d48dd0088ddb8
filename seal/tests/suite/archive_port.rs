//! What the domain asks of archiving, answered for files.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use isds_core::ports::{
    Archiver, Authenticator, AuthenticityError, RaiseSealError, RaisedDocument, Random, SealEvidence, SealStamp,
};
use isds_core::time::Timestamp;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use seal::keys::{Scheme, SigningKey};
use seal::ports::{DocumentJudge, SystemArchiver, SystemSeal};
use seal::tsp::builtin::DEMO_POLICY;
use seal::tsp::{BuiltInAuthority, HttpAuthority, HttpAuthorityOptions, TimestampAuthority};
use seal::verify::{Level, TrustRoots, Verdict};

use crate::archive::{YEAR, archived, basic, read, stamped, trusting};
use crate::support::{Keys, NOW, message, openssl_ok, text};
use crate::surgery::{attribute, attributes, tlv, with_attributes};
use crate::tampering::as_ber;

const DAY: i64 = 86_400_000_000;

struct Zeros;

impl Random for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0x55);
    }
}

fn key(keys: &Keys, name: &str) -> SigningKey {
    let pair: (PKey<Private>, X509) = (keys.stored_key(name), keys.stored_certificate(name));
    SigningKey::new(pair.0, vec![pair.1], Scheme::EcdsaP256).unwrap()
}

fn archiver(keys: &Keys, authority: TimestampAuthority) -> SystemArchiver {
    let trust = TrustRoots::new(vec![keys.root.clone()]).unwrap();
    let judge = DocumentJudge::new(trust, &[keys.stored_certificate("seal")]).unwrap();
    let seal = SystemSeal::new(key(keys, "seal"), authority, Arc::new(Zeros));
    SystemArchiver::new(Arc::new(judge), Arc::new(seal))
}

fn built_in(keys: &Keys) -> TimestampAuthority {
    let authority = BuiltInAuthority::new(key(keys, "tsa"), DEMO_POLICY, 500).unwrap();
    TimestampAuthority::BuiltIn(Arc::new(authority))
}

fn file(document: &[u8]) -> Arc<File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(document).unwrap();
    Arc::new(file)
}

fn bytes(raised: &RaisedDocument) -> Vec<u8> {
    let mut content = vec![0; usize::try_from(raised.length).unwrap()];
    raised.file.read_exact_at(&mut content, raised.offset).unwrap();
    [&raised.prefix, content.as_slice(), &raised.suffix].concat()
}

fn at(micros: i64) -> Timestamp {
    Timestamp(micros)
}

/// When the demo's certificates end: thirty years after their beginning.
const END: i64 = 2_524_564_800_000_000;

#[tokio::test]
async fn evidence_grows_step_by_step() {
    let keys = Keys::quick();
    let archiver = archiver(&keys, built_in(&keys));
    let content = message(&keys, "QUJD");
    let document = basic(&keys, &content);
    let examined = archiver.examine(file(&document)).await.unwrap();
    assert_eq!(examined.evidence, SealEvidence::Basic { expires: at(END) });
    assert_eq!(examined.document.id.0, 1_234_567);

    let stamp = |made: i64| SealStamp {
        made: at(made - 456),
        expires: at(END),
    };
    let raised = archiver
        .add_signature_timestamp(file(&document), at(NOW))
        .await
        .unwrap();
    assert_eq!(raised.stamp, stamp(NOW));
    let document = bytes(&raised);
    let examined = archiver.examine(file(&document)).await.unwrap();
    assert_eq!(examined.evidence, SealEvidence::Stamped(stamp(NOW)));

    let mut document = document;
    for day in 1..=2 {
        let now = NOW + day * DAY;
        let raised = archiver.add_archive_timestamp(file(&document), at(now)).await.unwrap();
        document = bytes(&raised);
        let examined = archiver.examine(file(&document)).await.unwrap();
        assert_eq!(examined.evidence, SealEvidence::Archived(stamp(now)));
    }
    assert_eq!(read(&document).1, content.as_bytes());
    // AuthenticateMessage accepts every level.
    let trust = TrustRoots::new(vec![keys.root.clone()]).unwrap();
    let judge = DocumentJudge::new(trust, &[keys.stored_certificate("seal")]).unwrap();
    let mut whole = tempfile::tempfile().unwrap();
    whole.write_all(&document).unwrap();
    assert_eq!(judge.authenticate(whole).await.unwrap().id.0, 1_234_567);
}

#[tokio::test]
async fn a_content_in_pieces_is_joined() {
    let keys = Keys::quick();
    let archiver = archiver(&keys, built_in(&keys));
    // Longer than what is read at once.
    let content = message(&keys, &"QUJD".repeat(100_000));
    let ber = as_ber(&keys.frame(content.as_bytes()), content.as_bytes());
    let raised = archiver.add_archive_timestamp(file(&ber), at(NOW + DAY)).await.unwrap();
    assert_eq!((raised.offset, raised.length), (0, content.len() as u64));
    let document = bytes(&raised);
    assert_eq!(trusting(&keys, &document).verdict, Verdict::Trusted);
    assert_eq!(trusting(&keys, &document).found.level(), Some(Level::Archived));
    assert_eq!(read(&document).1, content.as_bytes());
    // In one piece it stays where it is.
    let input = file(&document);
    let raised = archiver
        .add_archive_timestamp(Arc::clone(&input), at(NOW + 2 * DAY))
        .await
        .unwrap();
    assert!(Arc::ptr_eq(&raised.file, &input));
}

/// A CMS signature without the attributes of CAdES, as they were until 2011.
fn plain(keys: &Keys, content: &str) -> Vec<u8> {
    let (content, out) = (keys.write("content.xml", content.as_bytes()), keys.path("plain.zfo"));
    let (certificate, key) = (keys.path("keys/seal.cert.pem"), keys.path("keys/seal.key.pem"));
    openssl_ok(&[
        "cms",
        "-sign",
        "-binary",
        "-nodetach",
        "-nosmimecap",
        "-md",
        "sha256",
        "-outform",
        "DER",
        "-in",
        text(&content),
        "-signer",
        text(&certificate),
        "-inkey",
        text(&key),
        "-out",
        text(&out),
    ]);
    std::fs::read(out).unwrap()
}

#[tokio::test]
async fn a_seal_of_before_cades_is_made_anew() {
    let keys = Keys::quick();
    let archiver = archiver(&keys, built_in(&keys));
    let content = message(&keys, "QUJD");
    let document = plain(&keys, &content);
    let examined = archiver.examine(file(&document)).await.unwrap();
    assert_eq!(examined.evidence, SealEvidence::Plain);
    // A timestamp, which anybody can add, makes no CAdES of it.
    let beside = stamped(&keys, &document, NOW + YEAR);
    let twice = archived(&keys, &beside, NOW + 2 * YEAR);
    for document in [beside, twice] {
        assert_eq!(trusting(&keys, &document).found.level(), Some(Level::Plain));
        let examined = archiver.examine(file(&document)).await.unwrap();
        assert_eq!(examined.evidence, SealEvidence::Plain);
    }
    // `openssl` dates the signature by the real clock; the seal is of legal time.
    let raised = archiver.seal_anew(file(&document), at(NOW)).await.unwrap();
    let anew = bytes(&raised);
    let verification = trusting(&keys, &anew);
    assert_eq!(verification.verdict, Verdict::Trusted);
    assert_eq!(verification.found.level(), Some(Level::Stamped));
    assert_eq!(verification.found.signing_time, Some(NOW - 123_456));
    assert_eq!(read(&anew).1, content.as_bytes());
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let keys = Keys::quick();
    let archiver_of_keys = archiver(&keys, built_in(&keys));
    let content = message(&keys, "QUJD");
    let sealed = keys.sealed(content.as_bytes());
    let examine = |document: Vec<u8>| archiver_of_keys.examine(file(&document));
    assert!(matches!(
        examine(b"nothing".to_vec()).await,
        Err(AuthenticityError::NotSealed(_))
    ));
    let mut changed = sealed.clone();
    let at_number = changed.windows(8).position(|window| window == b">1234567").unwrap() + 1;
    changed[at_number] = b'2';
    assert!(matches!(examine(changed).await, Err(AuthenticityError::DoesNotHold(_))));
    // The same authority certified it, but it is not the system's seal.
    let foreign = Keys {
        seal: key(&keys, "tsa"),
        ..Keys::quick()
    };
    let document = basic(&foreign, &content);
    assert!(matches!(
        examine(document).await,
        Err(AuthenticityError::DoesNotHold(_))
    ));

    let mut older = attributes(&sealed);
    older.push(attribute("1.2.840.113549.1.9.16.2.48", &tlv(0x30, &[])));
    let older = file(&with_attributes(&sealed, &older));
    let refused = archiver_of_keys.add_archive_timestamp(older, at(NOW + DAY)).await;
    assert!(matches!(refused, Err(RaiseSealError::NotRaisable(_))), "{refused:?}");

    // Nothing listens on the discard port.
    let dead = HttpAuthority::new(HttpAuthorityOptions::new("http://127.0.0.1:9/tsr")).unwrap();
    let silent = archiver(&keys, TimestampAuthority::Http(Arc::new(dead)));
    let document = || file(&sealed);
    for refused in [
        silent.add_signature_timestamp(document(), at(NOW)).await,
        silent.add_archive_timestamp(document(), at(NOW)).await,
        silent.seal_anew(document(), at(NOW)).await,
    ] {
        assert!(matches!(refused, Err(RaiseSealError::NoTimestamp(_))), "{refused:?}");
    }
    // An authority whose certificate has ended stamps nothing that would be evidence.
    let late = archiver_of_keys
        .add_archive_timestamp(document(), at(END + 2_000_000))
        .await;
    assert!(matches!(late, Err(RaiseSealError::NoTimestamp(_))), "{late:?}");
    // A file that cannot be read.
    let mut unreadable = tempfile::NamedTempFile::new().unwrap();
    unreadable.write_all(&sealed).unwrap();
    let write_only = Arc::new(File::options().write(true).open(unreadable.path()).unwrap());
    let failed = archiver_of_keys.add_archive_timestamp(write_only, at(NOW)).await;
    assert!(matches!(failed, Err(RaiseSealError::Failed(_))), "{failed:?}");
    let mut still_there = Vec::new();
    unreadable.reopen().unwrap().read_to_end(&mut still_there).unwrap();
    assert_eq!(still_there, sealed);
}
