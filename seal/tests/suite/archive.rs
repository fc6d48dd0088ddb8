//! Raising seals, and what is said of the result.

use std::fs;

use openssl::hash::MessageDigest;
use openssl::sha::sha256;
use seal::archive::{RaiseError, SealedDocument};
use seal::cades::{self, Content};
use seal::keys::{KeyKind, Scheme, SigningKey};
use seal::report;
use seal::tsp::StampRequest;
use seal::verify::{Level, TrustRoots, Verdict, Verification, verify_sealed};

use crate::support::{Keys, NOW, message, openssl_cli, openssl_ok, text, whole};
use crate::surgery::{Members, archive_input, attribute, attributes, is, open, signer, tlv, value, with_attributes};
use crate::tampering::as_ber;

pub const SIGNATURE_STAMP: &str = "1.2.840.113549.1.9.16.2.14";
pub const ARCHIVE_STAMP: &str = "0.4.0.1733.2.4";
pub const INDEX_V1: &str = "0.4.0.1733.2.5";
pub const INDEX_V3: &str = "0.4.0.19122.1.5";
const DAY: i64 = 86_400_000_000;
pub const YEAR: i64 = 365 * DAY;

/// Reads a document with its content.
pub fn read(document: &[u8]) -> (SealedDocument, Vec<u8>) {
    let mut content = Vec::new();
    let read = SealedDocument::read(document, |slice| {
        content.extend_from_slice(slice);
        Ok(())
    });
    (read.unwrap(), content)
}

pub fn token(keys: &Keys, imprint: [u8; 32], time: i64) -> Vec<u8> {
    let request = StampRequest {
        imprint,
        time,
        random: [0x33; 16],
    };
    keys.timestamps.stamp(&request).unwrap().der
}

pub fn basic(keys: &Keys, content: &str) -> Vec<u8> {
    let described = Content {
        sha256: sha256(content.as_bytes()),
        length: content.len() as u64,
    };
    let frame = cades::seal(&keys.seal, described, NOW, |_| None).unwrap();
    whole(&frame, content.as_bytes())
}

pub fn stamped(keys: &Keys, document: &[u8], time: i64) -> Vec<u8> {
    let (document, content) = read(document);
    let token = token(keys, document.signature_imprint().unwrap(), time);
    whole(&document.with_signature_timestamp(&token).unwrap(), &content)
}

pub fn archived(keys: &Keys, document: &[u8], time: i64) -> Vec<u8> {
    let (document, content) = read(document);
    let wish = document.archive_stamp_wish().unwrap();
    assert_eq!(wish.imprint(), sha256(&wish.input));
    let token = token(keys, wish.imprint(), time);
    whole(&document.with_archive_timestamp(&wish, &token).unwrap(), &content)
}

pub fn trusting(keys: &Keys, document: &[u8]) -> Verification {
    let trust = TrustRoots::new(vec![keys.root.clone()]).unwrap();
    verify_sealed(document, Some(&trust))
}

#[track_caller]
fn assert_trusted(keys: &Keys, document: &[u8], level: Level) -> Verification {
    let verification = trusting(keys, document);
    let text = report::text("file", &verification);
    assert_eq!(verification.verdict, Verdict::Trusted, "{text}");
    assert_eq!(verification.found.level(), Some(level), "{text}");
    verification
}

/// The `openssl` of the system reads it still, and finds the content in it.
fn assert_openssl_reads(keys: &Keys, document: &[u8], content: &str) {
    let file = keys.write("raised.zfo", document);
    let (out, ca) = (keys.path("content"), keys.ca_file());
    let at = (NOW / 1_000_000).to_string();
    let verify = [
        "cms",
        "-verify",
        "-cades",
        "-inform",
        "DER",
        "-in",
        text(&file),
        "-CAfile",
        text(&ca),
        "-attime",
        &at,
        "-out",
        text(&out),
    ];
    assert!(openssl_ok(&verify).contains("CAdES Verification successful"));
    assert_eq!(fs::read(&out).unwrap(), content.as_bytes());
}

#[test]
fn from_level_to_level() {
    for schemes in [
        ((KeyKind::P256, Scheme::EcdsaP256), (KeyKind::P256, Scheme::EcdsaP256)),
        ((KeyKind::Rsa2048, Scheme::RsaPss), (KeyKind::Rsa2048, Scheme::RsaPkcs1)),
    ] {
        let keys = Keys::new(schemes.0, schemes.1);
        let content = message(&keys, "QUJD");
        let basic = basic(&keys, &content);
        assert_trusted(&keys, &basic, Level::Basic);
        let mut document = stamped(&keys, &basic, NOW + DAY);
        let found = assert_trusted(&keys, &document, Level::Stamped).found;
        assert_eq!(found.signature_timestamps[0].gen_time.0, NOW - 456 + DAY);
        assert_openssl_reads(&keys, &document, &content);
        for years in 1..=3 {
            document = archived(&keys, &document, NOW + years * YEAR);
            let verification = assert_trusted(&keys, &document, Level::Archived);
            let times = verification
                .found
                .archive_timestamps
                .iter()
                .map(|stamp| stamp.gen_time.0);
            let newest_first: Vec<_> = (1..=years).rev().map(|years| NOW - 456 + years * YEAR).collect();
            assert_eq!(times.collect::<Vec<_>>(), newest_first);
            assert!(verification.found.ignored_attributes.is_empty());
            let lines = report::text("file", &verification);
            let count = lines.matches("  ok       archive timestamp\n").count();
            assert_eq!(count, usize::try_from(years).unwrap(), "{lines}");
            assert!(lines.contains("  level: CAdES-A\n"), "{lines}");
            assert_openssl_reads(&keys, &document, &content);
        }
        let json = report::json("file", &trusting(&keys, &document));
        assert_eq!(json["level"], "CAdES-A");
        assert_eq!(json["archiveTimestamps"].as_array().unwrap().len(), 3);
        assert_eq!(json["archiveTimestamps"][0]["authorityExpires"], "2049-12-31T12:00:00Z");

        // Nothing that anybody signed has changed on the way.
        let (before, after) = (open(&basic), open(&document));
        assert_eq!(before.certificates, after.certificates);
        let (before, mut after) = (signer(&before).clone(), signer(&after).clone());
        after.unsigned_attrs = None;
        assert_eq!(before, after);
    }
}

#[test]
fn the_input_is_that_of_the_standard() {
    let keys = Keys::quick();
    let content = message(&keys, "QUJD");
    let document = archived(&keys, &keys.sealed(content.as_bytes()), NOW + YEAR);
    // What each stamp was made over, from the decoded fields; the document before it had no later attributes.
    for years in [2, 3] {
        let before = document_at(&keys, &document, years);
        let after = archived(&keys, &before, NOW + years * YEAR);
        let stamp = attributes(&after)
            .into_iter()
            .find(|attribute| is(attribute, ARCHIVE_STAMP) && !attributes(&before).contains(attribute))
            .unwrap();
        let token = value(&stamp);
        let index = value(&attributes(&token)[0]);
        assert!(is(&attributes(&token)[0], INDEX_V3));
        assert_eq!(index, Members::of(&before).v3());
        let input = archive_input(&before, MessageDigest::sha256(), &index);
        assert_eq!(input, read(&before).0.archive_stamp_wish().unwrap().input);
        // OpenSSL verifies the token over it, and over nothing else.
        let (token, data) = (keys.write("token.der", &token), keys.write("input", &input));
        let (ca, at) = (keys.ca_file(), (NOW / 1_000_000).to_string());
        let verify = |data: &str| {
            let token = text(&token);
            openssl_cli(&[
                "ts",
                "-verify",
                "-data",
                data,
                "-in",
                token,
                "-token_in",
                "-CAfile",
                text(&ca),
                "-attime",
                &at,
            ])
        };
        let said = verify(text(&data));
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let other = keys.write("other", &input[1..]);
        assert!(!verify(text(&other)).status.success());
    }
}

/// The document with as many archive timestamps as there were before the year.
fn document_at(keys: &Keys, first: &[u8], years: i64) -> Vec<u8> {
    (2..years).fold(first.to_vec(), |document, year| {
        archived(keys, &document, NOW + year * YEAR)
    })
}

#[test]
fn ber_with_indefinite_lengths_is_raised() {
    let keys = Keys::quick();
    let content = message(&keys, "QUJD");
    let frame = keys.frame(content.as_bytes());
    let (der, ber) = (whole(&frame, content.as_bytes()), as_ber(&frame, content.as_bytes()));
    let (from_der, from_ber) = (read(&der).0, read(&ber).0);
    assert!(from_ber.content_start().is_none());
    let start = usize::try_from(from_der.content_start().unwrap()).unwrap();
    assert_eq!(&der[start..start + content.len()], content.as_bytes());
    assert_eq!(
        from_der.archive_stamp_wish().unwrap().input,
        from_ber.archive_stamp_wish().unwrap().input
    );
    let raised = archived(&keys, &ber, NOW + YEAR);
    assert_trusted(&keys, &raised, Level::Archived);
    assert_openssl_reads(&keys, &raised, &content);
    // The other way round: raised first, and brought into that form by somebody later.
    let (document, content) = read(&raised);
    let again = archived(&keys, &raised, NOW + 2 * YEAR);
    assert_trusted(&keys, &again, Level::Archived);
    assert_eq!(document.content().length, content.len() as u64);
}

/// A seal with a second certificate beside its own.
pub fn with_second_certificate(keys: &Keys, content: &str) -> Vec<u8> {
    let chain = vec![keys.stored_certificate("seal"), keys.stored_certificate("tls")];
    let key = SigningKey::new(keys.stored_key("seal"), chain, Scheme::EcdsaP256).unwrap();
    let described = Content {
        sha256: sha256(content.as_bytes()),
        length: content.len() as u64,
    };
    let stamp = |imprint: &[u8; 32]| Some(token(keys, *imprint, NOW));
    whole(&cades::seal(&key, described, NOW, stamp).unwrap(), content.as_bytes())
}

#[test]
fn the_older_form_of_the_index_is_read() {
    let keys = Keys::quick();
    let sealed = with_second_certificate(&keys, &message(&keys, "QUJD"));
    let index = Members::of(&sealed).v1();
    let document = with_stamp(&keys, &sealed, INDEX_V1, &index, NOW + YEAR);
    assert_trusted(&keys, &document, Level::Archived);
    // With its default written out, which DER does not allow and some writers do.
    let algorithm = crate::surgery::SHA_256.parse::<der::asn1::ObjectIdentifier>().unwrap();
    let algorithm = tlv(0x30, &der::Encode::to_der(&algorithm).unwrap());
    let lists: der::Any = der::Decode::from_der(&index).unwrap();
    let lists = lists.value();
    let written_out = tlv(0x30, &[&algorithm, lists].concat());
    let document = with_stamp(&keys, &sealed, INDEX_V1, &written_out, NOW + YEAR);
    assert_trusted(&keys, &document, Level::Archived);
    // And followed by a stamp of the newer form.
    let document = archived(&keys, &document, NOW + 2 * YEAR);
    assert_eq!(
        assert_trusted(&keys, &document, Level::Archived)
            .found
            .archive_timestamps
            .len(),
        2
    );
}

/// The document with all its archive timestamps as values of one attribute.
fn merged(document: &[u8]) -> Vec<u8> {
    let (stamps, mut all): (Vec<_>, Vec<_>) = attributes(document)
        .into_iter()
        .partition(|attribute| is(attribute, ARCHIVE_STAMP));
    let mut tokens: Vec<_> = stamps.iter().map(|stamp| value(stamp)).collect();
    tokens.sort();
    all.push(attribute(ARCHIVE_STAMP, &tokens.concat()));
    with_attributes(document, &all)
}

#[test]
fn timestamps_may_be_values_of_one_attribute() {
    let keys = Keys::quick();
    let sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    let once = archived(&keys, &sealed, NOW + YEAR);
    let document = merged(&archived(&keys, &once, NOW + 2 * YEAR));
    let stamps = |document: &[u8]| {
        assert_trusted(&keys, document, Level::Archived)
            .found
            .archive_timestamps
            .len()
    };
    assert_eq!(stamps(&document), 2);
    assert_eq!(stamps(&archived(&keys, &document, NOW + 3 * YEAR)), 3);
    // Two of which neither knows the other are no better for that.
    let other = archived(&keys, &sealed, NOW + 2 * YEAR);
    let stamp = |document: &[u8]| {
        let mut stamps = attributes(document).into_iter();
        stamps.find(|attribute| is(attribute, ARCHIVE_STAMP)).unwrap()
    };
    let side_by_side = merged(&with_token(&once, &value(&stamp(&other))));
    assert_eq!(trusting(&keys, &side_by_side).verdict, Verdict::Invalid);
}

/// The document with an archive timestamp over this very index.
pub fn with_stamp(keys: &Keys, document: &[u8], form: &str, index: &[u8], time: i64) -> Vec<u8> {
    let input = archive_input(document, MessageDigest::sha256(), index);
    let token = token(keys, sha256(&input), time);
    with_token(document, &with_attributes(&token, &[attribute(form, index)]))
}

/// The document with this archive timestamp more.
pub fn with_token(document: &[u8], token: &[u8]) -> Vec<u8> {
    let mut all = attributes(document);
    all.push(attribute(ARCHIVE_STAMP, token));
    with_attributes(document, &all)
}

#[test]
fn what_cannot_be_raised_is_refused() {
    let keys = Keys::quick();
    let sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    for older in [
        "1.2.840.113549.1.9.16.2.27",
        "1.2.840.113549.1.9.16.2.48",
        "0.4.0.1733.2.2",
    ] {
        let mut all = attributes(&sealed);
        all.push(attribute(older, &tlv(0x30, &[])));
        let document = with_attributes(&sealed, &all);
        // It is a sound document still, and the report says what was not looked at.
        let found = assert_trusted(&keys, &document, Level::Stamped).found;
        assert_eq!(found.ignored_attributes, [older]);
        let document = read(&document).0;
        assert!(matches!(document.archive_stamp_wish(), Err(RaiseError::OlderForm)));
        assert!(matches!(
            document.with_signature_timestamp(&[0x30, 0]),
            Err(RaiseError::OlderForm)
        ));
    }
    let document = read(&sealed).0;
    let wish = document.archive_stamp_wish().unwrap();
    for nonsense in [&b""[..], b"x", &[0x30, 0], &[0x30, 3, 2, 1, 0]] {
        assert!(matches!(
            document.with_archive_timestamp(&wish, nonsense),
            Err(RaiseError::Token(_))
        ));
    }
    // An authority that had put a hash index of its own into the token.
    let stamp = token(&keys, wish.imprint(), NOW + YEAR);
    assert!(document.with_archive_timestamp(&wish, &stamp).is_ok());
    for form in [INDEX_V1, INDEX_V3] {
        let indexed = with_attributes(&stamp, &[attribute(form, &[0x30, 0])]);
        assert!(matches!(
            document.with_archive_timestamp(&wish, &indexed),
            Err(RaiseError::Token(_))
        ));
    }
    let large = tlv(0x04, &vec![0; 1 << 20]);
    assert!(matches!(
        document.with_signature_timestamp(&large),
        Err(RaiseError::TooLarge)
    ));
    // Nor with more members of a set than are read back.
    let many: Vec<Vec<u8>> = (0..64)
        .map(|n| attribute(&format!("1.3.6.1.4.1.32473.2.{n}"), &[5, 0]))
        .collect();
    let full = read(&with_attributes(&sealed, &many)).0;
    assert!(matches!(
        full.with_signature_timestamp(&[0x30, 0]),
        Err(RaiseError::TooLarge)
    ));
    let nearly = read(&with_attributes(&sealed, &many[1..])).0;
    assert!(nearly.with_signature_timestamp(&[0x30, 0]).is_ok());
    let none = |bytes: &[u8]| SealedDocument::read(bytes, |_| Ok(())).unwrap_err();
    assert!(matches!(none(b"no document"), RaiseError::Unreadable(_)));
    let mut two = open(&sealed);
    let mut other = signer(&two).clone();
    other.unsigned_attrs = None;
    let signers = vec![signer(&two).clone(), other];
    two.signer_infos = cms::signed_data::SignerInfos::try_from(signers).unwrap();
    assert!(matches!(none(&crate::surgery::close(&two)), RaiseError::SignerCount(2)));
    // A timestamp token is signed data as well, but no sealed document.
    let token = value(&attributes(&sealed)[0]);
    assert!(matches!(none(&token), RaiseError::Content));
    assert!(is(&attributes(&sealed)[0], SIGNATURE_STAMP));
}
