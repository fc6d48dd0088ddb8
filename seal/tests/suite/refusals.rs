//! Each reason of refusal, met for itself.

use crate::support::{BEGINNING, Keys, NOW, message};
use openssl::pkey::PKey;
use openssl::sha::sha256;
use openssl::x509::X509;
use seal::cades::{self, Content};
use seal::keys::{KeyKind, Scheme, SigningKey};
use seal::tsp::builtin::DEMO_POLICY;
use seal::tsp::{BuiltInAuthority, StampRequest};
use seal::verify::{
    ChainRefusal, CheckName, Outcome, Refusal, SignatureRefusal, SkipReason, TimestampRefusal, TrustRoots, Verdict,
    Verification, verify_sealed,
};

fn refusals(verification: &Verification) -> Vec<(CheckName, &Refusal)> {
    let failed = |check: &'_ seal::verify::Check| matches!(check.outcome, Outcome::Failed(_));
    verification
        .checks
        .iter()
        .filter(|check| failed(check))
        .map(|check| match &check.outcome {
            Outcome::Failed(refusal) => (check.name, refusal),
            _ => unreachable!(),
        })
        .collect()
}

/// Expects exactly one failed check, and that it failed for this reason.
macro_rules! assert_refused {
    ($verification:expr, $verdict:ident, $name:ident, $reason:pat) => {{
        let verification = $verification;
        assert_eq!(verification.verdict, Verdict::$verdict);
        let refused = refusals(&verification);
        assert!(
            matches!(refused.as_slice(), [(CheckName::$name, $reason)]),
            "{}",
            seal::report::text("file", &verification)
        );
    }};
}

fn described(content: &[u8]) -> Content {
    Content {
        sha256: sha256(content),
        length: content.len() as u64,
    }
}

fn outcome(verification: &Verification, name: CheckName) -> &Outcome {
    &verification
        .checks
        .iter()
        .find(|check| check.name == name)
        .unwrap()
        .outcome
}

#[test]
fn changed_content() {
    let keys = Keys::quick();
    let mut sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    let at = sealed.windows(8).position(|window| window == b">1234567").unwrap() + 1;
    sealed[at] = b'2';
    let verification = verify_sealed(sealed.as_slice(), None);
    let refused = refusals(&verification);
    assert!(
        matches!(
            refused.as_slice(),
            [
                (CheckName::MessageHash, Refusal::HashMismatch),
                (
                    CheckName::ContentDigest,
                    Refusal::Seal(SignatureRefusal::DigestMismatch)
                ),
            ]
        ),
        "{refused:?}"
    );
    assert_eq!(verification.verdict, Verdict::Invalid);
}

#[test]
fn wrong_hash_inside_a_sound_seal() {
    let keys = Keys::quick();
    let content = message(&keys, "QUJD").replace("Žádost", "Zadost");
    let verification = verify_sealed(keys.sealed(content.as_bytes()).as_slice(), None);
    assert_refused!(verification, Invalid, MessageHash, Refusal::HashMismatch);
}

#[test]
fn unknown_algorithm_of_the_hash() {
    let keys = Keys::quick();
    let content = message(&keys, "QUJD").replace("SHA-256", "MD5");
    let verification = verify_sealed(keys.sealed(content.as_bytes()).as_slice(), None);
    assert!(matches!(
        refusals(&verification).as_slice(),
        [
            (CheckName::MessageHash, Refusal::HashAlgorithm),
            (CheckName::MessageTimestamp, Refusal::HashAlgorithm)
        ]
    ));
}

#[test]
fn timestamp_of_another_message() {
    let keys = Keys::quick();
    let (one, other) = (message(&keys, "QUJD"), message(&keys, "REVG"));
    let token = |content: &str| {
        content
            .split("<q:dmQTimestamp>")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    let content = one.replace(&token(&one), &token(&other));
    let verification = verify_sealed(keys.sealed(content.as_bytes()).as_slice(), None);
    assert_refused!(
        verification,
        Invalid,
        MessageTimestamp,
        Refusal::Timestamp(TimestampRefusal::Imprint)
    );
}

#[test]
fn timestamp_of_another_seal() {
    let keys = Keys::quick();
    let content = message(&keys, "QUJD");
    let frame = cades::seal(&keys.seal, described(content.as_bytes()), NOW, |_| {
        Some(
            keys.timestamps
                .stamp(&StampRequest {
                    imprint: [1; 32],
                    time: NOW,
                    random: [1; 16],
                })
                .unwrap()
                .der,
        )
    });
    let sealed = crate::support::whole(&frame.unwrap(), content.as_bytes());
    let verification = verify_sealed(sealed.as_slice(), None);
    assert_refused!(
        verification,
        Invalid,
        SignatureTimestamp,
        Refusal::Timestamp(TimestampRefusal::Imprint)
    );
}

#[test]
fn timestamp_with_a_changed_signature() {
    let keys = Keys::quick();
    let mut sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    // The token stands last, and its signature last in it.
    *sealed.last_mut().unwrap() ^= 1;
    assert_refused!(
        verify_sealed(sealed.as_slice(), None),
        Invalid,
        SignatureTimestamp,
        Refusal::Timestamp(TimestampRefusal::Signature(SignatureRefusal::SignatureWrong))
    );
}

#[test]
fn timestamp_by_a_certificate_for_something_else() {
    let keys = Keys::quick();
    let key = SigningKey::new(
        keys.stored_key("seal"),
        vec![keys.stored_certificate("seal")],
        Scheme::EcdsaP256,
    )
    .unwrap();
    let impostor = BuiltInAuthority::new(key, DEMO_POLICY, 500).unwrap();
    let content = message(&keys, "QUJD");
    let frame = cades::seal(&keys.seal, described(content.as_bytes()), NOW, |imprint| {
        Some(
            impostor
                .stamp(&StampRequest {
                    imprint: *imprint,
                    time: NOW,
                    random: [1; 16],
                })
                .unwrap()
                .der,
        )
    });
    let sealed = crate::support::whole(&frame.unwrap(), content.as_bytes());
    let verification = verify_sealed(sealed.as_slice(), None);
    assert_refused!(
        verification,
        Invalid,
        SignatureTimestamp,
        Refusal::Timestamp(TimestampRefusal::Purpose)
    );
}

#[test]
fn timestamp_that_is_none() {
    let keys = Keys::quick();
    let content = message(&keys, "QUJD");
    let other = keys.sealed(b"not a TSTInfo");
    for token in [vec![0x30, 0], other] {
        let frame = cades::seal(&keys.seal, described(content.as_bytes()), NOW, |_| Some(token.clone())).unwrap();
        let sealed = crate::support::whole(&frame, content.as_bytes());
        let verification = verify_sealed(sealed.as_slice(), None);
        assert_refused!(
            verification,
            Invalid,
            SignatureTimestamp,
            Refusal::Timestamp(
                TimestampRefusal::Unreadable(_) | TimestampRefusal::Signature(SignatureRefusal::ContentType)
            )
        );
    }
}

#[test]
fn seal_before_its_certificate_began() {
    let keys = Keys::quick();
    let content = message(&keys, "QUJD");
    let frame = cades::seal(&keys.seal, described(content.as_bytes()), BEGINNING - 1, |_| None).unwrap();
    let sealed = crate::support::whole(&frame, content.as_bytes());
    assert_refused!(
        verify_sealed(sealed.as_slice(), None),
        Invalid,
        SealValidity,
        Refusal::Seal(SignatureRefusal::NotValidAtTime)
    );
}

#[test]
fn seal_with_a_changed_signature() {
    let keys = Keys::new((KeyKind::Rsa2048, Scheme::RsaPss), (KeyKind::P256, Scheme::EcdsaP256));
    let content = message(&keys, "QUJD");
    let frame = cades::seal(&keys.seal, described(content.as_bytes()), NOW, |_| None).unwrap();
    let mut sealed = crate::support::whole(&frame, content.as_bytes());
    assert_eq!(verify_sealed(sealed.as_slice(), None).verdict, Verdict::Intact);
    *sealed.last_mut().unwrap() ^= 1;
    let verification = verify_sealed(sealed.as_slice(), None);
    assert_refused!(
        verification,
        Invalid,
        SealSignature,
        Refusal::Seal(SignatureRefusal::SignatureWrong)
    );
}

#[test]
fn signer_without_its_certificate() {
    let keys = Keys::quick();
    let mut sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    // The embedded certificate is the first place with the serial number; the signer identifier the second.
    let serial = keys
        .stored_certificate("seal")
        .serial_number()
        .to_bn()
        .unwrap()
        .to_vec();
    let places: Vec<usize> = sealed
        .windows(serial.len())
        .enumerate()
        .filter(|(_, window)| *window == serial)
        .map(|(at, _)| at)
        .collect();
    sealed[places[1]] ^= 1;
    let verification = verify_sealed(sealed.as_slice(), None);
    assert_refused!(
        verification,
        Invalid,
        SealSignature,
        Refusal::Seal(SignatureRefusal::NoCertificate)
    );
}

#[test]
fn another_certificate_for_the_same_key() {
    // Two certificates of one key, one issuer and one serial number, which only the signed reference tells apart. The issuer
    // has an RSA key, so that both have the same length and can be exchanged in place.
    let issuer_key = KeyKind::Rsa2048.generate().unwrap();
    let key = KeyKind::P256.generate().unwrap();
    let (good, other) = (twin(&issuer_key, &key, 1), twin(&issuer_key, &key, 2));
    let keys = Keys::quick();
    let content = message(&keys, "QUJD");
    let signer = SigningKey::new(key, vec![good.clone()], Scheme::EcdsaP256).unwrap();
    let frame = cades::seal(&signer, described(content.as_bytes()), NOW, |_| None).unwrap();
    let mut sealed = crate::support::whole(&frame, content.as_bytes());
    assert_eq!(verify_sealed(sealed.as_slice(), None).verdict, Verdict::Intact);
    let (good, other) = (good.to_der().unwrap(), other.to_der().unwrap());
    let at = sealed.windows(good.len()).position(|window| window == good).unwrap();
    sealed[at..at + good.len()].copy_from_slice(&other);
    let verification = verify_sealed(sealed.as_slice(), None);
    assert_refused!(
        verification,
        Invalid,
        SealCertificate,
        Refusal::Seal(SignatureRefusal::CertificateReference)
    );
}

fn twin(issuer_key: &PKey<openssl::pkey::Private>, key: &PKey<openssl::pkey::Private>, begins: i64) -> X509 {
    use openssl::asn1::{Asn1Integer, Asn1Time};
    use openssl::bn::BigNum;
    let mut name = openssl::x509::X509Name::builder().unwrap();
    name.append_entry_by_text("CN", "Issuer").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder
        .set_serial_number(&Asn1Integer::from_bn(&BigNum::from_u32(7).unwrap()).unwrap())
        .unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder
        .set_not_before(&Asn1Time::from_unix(BEGINNING / 1_000_000 + begins).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::from_unix(NOW / 1_000_000 + 1000).unwrap())
        .unwrap();
    builder.set_pubkey(key).unwrap();
    builder
        .sign(issuer_key, openssl::hash::MessageDigest::sha256())
        .unwrap();
    builder.build()
}

#[test]
fn issuers_that_are_not_trusted() {
    let keys = Keys::quick();
    let stranger = TrustRoots::new(vec![Keys::quick().root]).unwrap();
    let sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    let verification = verify_sealed(sealed.as_slice(), Some(&stranger));
    let refused = refusals(&verification);
    let names: Vec<CheckName> = refused.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            CheckName::TimestampIssuer,
            CheckName::SealIssuer,
            CheckName::TimestampIssuer
        ]
    );
    assert!(
        refused
            .iter()
            .all(|(_, refusal)| matches!(refusal, Refusal::Chain(ChainRefusal::Refused { .. })))
    );
    assert_eq!(verification.verdict, Verdict::Invalid);
}

#[test]
fn not_a_sealed_document() {
    let keys = Keys::quick();
    let sealed = keys.sealed(b"Hello");
    assert_refused!(
        verify_sealed(sealed.as_slice(), None),
        Unreadable,
        Content,
        Refusal::Content(_)
    );
    assert_refused!(
        verify_sealed(&b"Hello"[..], None),
        Unreadable,
        Structure,
        Refusal::Structure(_)
    );
    let trailing = [sealed.as_slice(), b"\n"].concat();
    assert_refused!(
        verify_sealed(trailing.as_slice(), None),
        Unreadable,
        Structure,
        Refusal::Structure(_)
    );
}

#[test]
fn detached_signatures_are_unreadable() {
    use seal::parse::ParseError;
    let keys = Keys::quick();
    let data = keys.write("data", b"Hello");
    let (key, certificate) = (keys.path("keys/seal.key.pem"), keys.path("keys/seal.cert.pem"));
    let out = keys.path("detached");
    crate::support::openssl_ok(&[
        "cms",
        "-sign",
        "-binary",
        "-outform",
        "DER",
        "-in",
        crate::support::text(&data),
        "-inkey",
        crate::support::text(&key),
        "-signer",
        crate::support::text(&certificate),
        "-out",
        crate::support::text(&out),
    ]);
    let detached = std::fs::read(out).unwrap();
    let verification = verify_sealed(detached.as_slice(), None);
    assert_refused!(
        verification,
        Unreadable,
        Structure,
        Refusal::Structure(ParseError::Detached)
    );
}

#[test]
fn without_a_stamp_the_claimed_time_counts() {
    let keys = Keys::quick();
    let content = message(&keys, "QUJD")
        .replace("MessageDownloadResponse", "GetDeliveryInfoResponse")
        .replace("v20/message", "v20/delivery")
        .replace("dmReturnedMessage", "dmDelivery");
    let frame = cades::seal(&keys.seal, described(content.as_bytes()), NOW, |_| None).unwrap();
    assert!(!frame.stamped);
    let sealed = crate::support::whole(&frame, content.as_bytes());
    let trust = TrustRoots::new(vec![keys.root.clone()]).unwrap();
    let verification = verify_sealed(sealed.as_slice(), Some(&trust));
    assert_eq!(
        verification.verdict,
        Verdict::Trusted,
        "{}",
        seal::report::text("file", &verification)
    );
    let skipped = |name| match outcome(&verification, name) {
        Outcome::Skipped(reason) => *reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(skipped(CheckName::SignatureTimestamp), SkipReason::Absent);
    assert_eq!(skipped(CheckName::MessageHash), SkipReason::Copy);
}
