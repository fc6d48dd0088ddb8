//! Each reason against an archive timestamp, met for itself, and every changed byte.

use openssl::hash::{MessageDigest, hash};
use seal::report;
use seal::tsp::BuiltInAuthority;
use seal::tsp::builtin::DEMO_POLICY;
use seal::verify::{
    ArchiveRefusal, CheckName, Level, Outcome, Refusal, SignatureRefusal, TimestampRefusal, Verdict, Verification,
    verify_sealed,
};

use crate::archive::{
    ARCHIVE_STAMP, INDEX_V1, INDEX_V3, SIGNATURE_STAMP, YEAR, archived, basic, stamped, token, trusting,
    with_second_certificate, with_stamp, with_token,
};
use crate::support::{Keys, NOW, message, openssl_ok, text};
use crate::surgery::{Members, archive_input, attribute, attributes, close, is, open, tlv, value, with_attributes};

fn refusals(verification: &Verification) -> Vec<(CheckName, &Refusal)> {
    let failed = verification.checks.iter().filter_map(|check| match &check.outcome {
        Outcome::Failed(refusal) => Some((check.name, refusal)),
        _ => None,
    });
    failed.collect()
}

/// Expects exactly one failed check: an archive timestamp's, for this reason.
macro_rules! assert_refused {
    ($document:expr, $reason:pat) => {{
        let verification = verify_sealed($document.as_slice(), None);
        let lines = report::text("file", &verification);
        assert_eq!(verification.verdict, Verdict::Invalid, "{lines}");
        assert!(
            matches!(
                refusals(&verification).as_slice(),
                [(CheckName::ArchiveTimestamp, Refusal::ArchiveTimestamp($reason))]
            ),
            "{lines}"
        );
    }};
}

/// Two archive timestamps over a seal with two certificates.
fn document(keys: &Keys) -> Vec<u8> {
    let sealed = with_second_certificate(keys, &message(keys, "QUJD"));
    archived(keys, &archived(keys, &sealed, NOW + YEAR), NOW + 2 * YEAR)
}

fn stamp_attributes(document: &[u8]) -> Vec<Vec<u8>> {
    let mut stamps: Vec<_> = attributes(document);
    stamps.retain(|attribute| is(attribute, ARCHIVE_STAMP));
    stamps
}

fn without(document: &[u8], removed: &[u8]) -> Vec<u8> {
    let mut all = attributes(document);
    all.retain(|attribute| attribute != removed);
    with_attributes(document, &all)
}

#[test]
fn a_changed_content() {
    let keys = Keys::quick();
    let mut document = document(&keys);
    let at = document.windows(8).position(|window| window == b">1234567").unwrap() + 1;
    document[at] = b'2';
    let verification = trusting(&keys, &document);
    let refused = refusals(&verification);
    let imprints = refused.iter().filter(|(_, refusal)| {
        matches!(
            refusal,
            Refusal::ArchiveTimestamp(ArchiveRefusal::Token(TimestampRefusal::Imprint))
        )
    });
    assert_eq!(imprints.count(), 2, "{refused:?}");
    assert!(
        refused
            .iter()
            .any(|(_, refusal)| matches!(refusal, Refusal::Seal(SignatureRefusal::DigestMismatch)))
    );
}

#[test]
fn a_changed_or_removed_certificate() {
    let keys = Keys::quick();
    let original = document(&keys);
    let second = keys.stored_certificate("tls").to_der().unwrap();
    let at = original
        .windows(second.len())
        .position(|window| window == second)
        .unwrap();
    let mut changed = original.clone();
    changed[at + second.len() - 1] ^= 1;
    let verification = verify_sealed(changed.as_slice(), None);
    let missing = |refusal: &Refusal| matches!(refusal, Refusal::ArchiveTimestamp(ArchiveRefusal::CertificateMissing));
    let refused = refusals(&verification);
    assert!(
        refused.len() == 2 && refused.iter().all(|(_, refusal)| missing(refusal)),
        "{refused:?}"
    );
    let mut data = open(&original);
    let seal = keys.stored_certificate("seal").to_der().unwrap();
    let kept: Vec<_> = data.certificates.unwrap().0.into_vec();
    let kept: Vec<_> = kept
        .into_iter()
        .filter(|choice| der::Encode::to_der(choice).unwrap() == seal)
        .collect();
    data.certificates = Some(cms::signed_data::CertificateSet(kept.try_into().unwrap()));
    let verification = verify_sealed(close(&data).as_slice(), None);
    let refused = refusals(&verification);
    assert!(
        refused.len() == 2 && refused.iter().all(|(_, refusal)| missing(refusal)),
        "{refused:?}"
    );
}

#[test]
fn a_removed_timestamp() {
    let keys = Keys::quick();
    let original = document(&keys);
    // The longer index lists more.
    let lists = |stamp: &Vec<u8>| attributes(&value(stamp))[0].len();
    let newest = stamp_attributes(&original).into_iter().max_by_key(lists).unwrap();
    let oldest = stamp_attributes(&original)
        .into_iter()
        .find(|stamp| *stamp != newest)
        .unwrap();
    // What nobody signs anybody may take away: without the last one it is a document that waits for it.
    let verification = trusting(&keys, &without(&original, &newest));
    assert_eq!(verification.verdict, Verdict::Trusted);
    assert_eq!(verification.found.archive_timestamps.len(), 1);
    // But nothing that a later one has taken over.
    assert_refused!(without(&original, &oldest), ArchiveRefusal::AttributeMissing);
    let signature = attributes(&original)
        .into_iter()
        .find(|stamp| is(stamp, SIGNATURE_STAMP))
        .unwrap();
    let verification = verify_sealed(without(&original, &signature).as_slice(), None);
    let refused = refusals(&verification);
    assert_eq!(refused.len(), 2);
    for (_, refusal) in refused {
        assert!(matches!(
            refusal,
            Refusal::ArchiveTimestamp(ArchiveRefusal::AttributeMissing)
        ));
    }
}

#[test]
fn a_wrong_hash_index() {
    let keys = Keys::quick();
    let sealed = with_second_certificate(&keys, &message(&keys, "QUJD"));
    let right = Members::of(&sealed);
    let stamp = |index: &[u8]| with_stamp(&keys, &sealed, INDEX_V3, index, NOW + YEAR);
    assert_eq!(
        verify_sealed(stamp(&right.v3()).as_slice(), None).verdict,
        Verdict::Intact
    );
    let changed = |change: &dyn Fn(&mut Members)| {
        let mut members = right.clone();
        change(&mut members);
        stamp(&members.v3())
    };
    let nothing = || b"nothing of the kind".to_vec();
    assert_refused!(
        changed(&|members| members.certificates.push(nothing())),
        ArchiveRefusal::CertificateMissing
    );
    assert_refused!(
        changed(&|members| members.revocations.push(nothing())),
        ArchiveRefusal::RevocationMissing
    );
    assert_refused!(
        changed(&|members| members.values.push(nothing())),
        ArchiveRefusal::AttributeMissing
    );
    // The digest of a whole attribute is what the form before this one has.
    assert_refused!(
        changed(&|members| members.values.clone_from(&members.attributes)),
        ArchiveRefusal::AttributeMissing
    );
    assert_refused!(
        with_stamp(&keys, &sealed, INDEX_V1, &right.v3(), NOW + YEAR),
        ArchiveRefusal::AttributeMissing
    );
    assert_refused!(stamp(&right.v1()), ArchiveRefusal::HashIndex(_));
    // More than a document can have of anything.
    let many = |count: u32| (0..count).map(|n| n.to_be_bytes().to_vec()).collect();
    let swarm = |count| changed(&|members| members.values = many(count));
    assert_refused!(swarm(4096), ArchiveRefusal::AttributeMissing);
    assert_refused!(swarm(4097), ArchiveRefusal::HashIndex(_));
    for malformed in [
        tlv(0x30, &[]),
        tlv(0x31, &[]),
        tlv(0x30, &[0x30, 0, 0x30, 0]),
        [right.v3(), vec![5, 0]].concat(),
    ] {
        let input = archive_input(&sealed, MessageDigest::sha256(), &malformed);
        let token = token(&keys, openssl::sha::sha256(&input), NOW + YEAR);
        // Two values, or one that is no index.
        let token = with_attributes(&token, &[attribute(INDEX_V3, &malformed)]);
        let verification = verify_sealed(with_token(&sealed, &token).as_slice(), None);
        assert!(
            matches!(
                refusals(&verification).as_slice(),
                [(
                    CheckName::ArchiveTimestamp,
                    Refusal::ArchiveTimestamp(ArchiveRefusal::HashIndex(_) | ArchiveRefusal::SeveralHashIndexes)
                )]
            ),
            "{}",
            report::text("file", &verification)
        );
    }
    // Another index than the stamped one.
    let index = right.v3();
    let input = archive_input(&sealed, MessageDigest::sha256(), &index);
    let plain = token(&keys, openssl::sha::sha256(&input), NOW + YEAR);
    let mut fewer = right.clone();
    fewer.certificates.pop();
    let other = with_attributes(&plain, &[attribute(INDEX_V3, &fewer.v3())]);
    assert_refused!(
        with_token(&sealed, &other),
        ArchiveRefusal::Token(TimestampRefusal::Imprint)
    );
    assert_refused!(with_token(&sealed, &plain), ArchiveRefusal::NoHashIndex);
    let both = [attribute(INDEX_V3, &index), attribute(INDEX_V1, &right.v1())];
    assert_refused!(
        with_token(&sealed, &with_attributes(&plain, &both)),
        ArchiveRefusal::SeveralHashIndexes
    );
}

#[test]
fn a_token_that_does_not_hold() {
    let keys = Keys::quick();
    let sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    assert_refused!(
        with_token(&sealed, &tlv(0x30, &[])),
        ArchiveRefusal::Token(TimestampRefusal::Unreadable(_))
    );
    // Stamped by who is no timestamp authority.
    let seal = seal::keys::SigningKey::new(
        keys.stored_key("seal"),
        vec![keys.stored_certificate("seal")],
        seal::keys::Scheme::EcdsaP256,
    );
    let impostor = Keys {
        timestamps: BuiltInAuthority::new(seal.unwrap(), DEMO_POLICY, 500).unwrap(),
        ..Keys::quick()
    };
    let index = Members::of(&sealed).v3();
    assert_refused!(
        with_stamp(&impostor, &sealed, INDEX_V3, &index, NOW + YEAR),
        ArchiveRefusal::Token(TimestampRefusal::Purpose)
    );
    // By an authority that nobody trusts.
    let stranger = Keys::quick();
    let document = archived(&stranger, &sealed, NOW + YEAR);
    let verification = trusting(&keys, &document);
    assert!(matches!(
        refusals(&verification).as_slice(),
        [(CheckName::TimestampIssuer, Refusal::Chain(_))]
    ));
}

#[test]
fn swarms_of_timestamps() {
    let keys = Keys::quick();
    let sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    let mut all = attributes(&sealed);
    all.extend((0..62).map(|n| attribute(ARCHIVE_STAMP, &[2, 1, n])));
    let swarm = |last: &[u8]| {
        let with_last = [all.as_slice(), &[attribute(ARCHIVE_STAMP, last)]].concat();
        verify_sealed(with_attributes(&sealed, &with_last).as_slice(), None)
    };
    let looked_at = swarm(&[2, 1, 62, 2, 1, 63]);
    assert_eq!(refusals(&looked_at).len(), 64);
    let given_up = swarm(&[2, 1, 62, 2, 1, 63, 2, 1, 64]);
    assert!(matches!(
        refusals(&given_up).as_slice(),
        [(
            CheckName::ArchiveTimestamp,
            Refusal::ArchiveTimestamp(ArchiveRefusal::TooMany)
        )]
    ));
}

/// A token over the SHA-512 of `input`, asked for by `openssl`.
fn sha512_token(keys: &Keys, input: &[u8], time: i64) -> Vec<u8> {
    let (data, query) = (keys.write("input", input), keys.path("query.tsq"));
    openssl_ok(&[
        "ts",
        "-query",
        "-data",
        text(&data),
        "-sha512",
        "-cert",
        "-out",
        text(&query),
    ]);
    let answer = keys
        .timestamps
        .answer(&std::fs::read(&query).unwrap(), time, [9; 16])
        .unwrap();
    let answer: x509_tsp::TimeStampResp<'_> = der::Decode::from_der(&answer).unwrap();
    der::Encode::to_der(&answer.time_stamp_token.unwrap()).unwrap()
}

#[test]
fn algorithms() {
    let keys = Keys::quick();
    let sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    let sha512 = |members: &[Vec<u8>]| {
        let digest = |member: &Vec<u8>| tlv(0x04, &hash(MessageDigest::sha512(), member).unwrap());
        tlv(0x30, &members.iter().flat_map(digest).collect::<Vec<u8>>())
    };
    let identifier = |last: u8| {
        let oid = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last];
        tlv(0x30, &oid)
    };
    let index_of = |document: &[u8]| {
        let members = Members::of(document);
        let lists = [&members.certificates, &members.revocations, &members.values].map(|list| sha512(list));
        tlv(0x30, &[identifier(3), lists.concat()].concat())
    };
    let with_sha512 = |document: &[u8]| {
        let index = index_of(document);
        let token = sha512_token(
            &keys,
            &archive_input(document, MessageDigest::sha512(), &index),
            NOW + YEAR,
        );
        with_token(document, &with_attributes(&token, &[attribute(INDEX_V3, &index)]))
    };
    assert_refused!(with_sha512(&sealed), ArchiveRefusal::NotAnnounced);
    // Announced, as the standard recommends, it is fine; the announcement itself nobody signs.
    let mut announcing = open(&sealed);
    let mut algorithms = announcing.digest_algorithms.into_vec();
    algorithms.push(der::Decode::from_der(&identifier(3)).unwrap());
    announcing.digest_algorithms = algorithms.try_into().unwrap();
    let document = with_sha512(&close(&announcing));
    let verification = trusting(&keys, &document);
    assert_eq!(
        verification.verdict,
        Verdict::Trusted,
        "{}",
        report::text("file", &verification)
    );
    assert_eq!(verification.found.level(), Some(Level::Archived));
    // A stamp over it is made by SHA-256 again.
    let document = archived(&keys, &document, NOW + 2 * YEAR);
    assert_eq!(trusting(&keys, &document).verdict, Verdict::Trusted);

    // The index by another algorithm than the imprint, and by one that nobody knows.
    let index = index_of(&sealed);
    assert_refused!(
        with_stamp(&keys, &sealed, INDEX_V3, &index, NOW + YEAR),
        ArchiveRefusal::HashIndexAlgorithm
    );
    let unknown = tlv(0x30, &[identifier(0x7f), vec![0x30, 0, 0x30, 0, 0x30, 0]].concat());
    assert_refused!(
        with_stamp(&keys, &sealed, INDEX_V3, &unknown, NOW + YEAR),
        ArchiveRefusal::HashIndexAlgorithm
    );
}

#[test]
fn a_timestamp_that_came_from_elsewhere() {
    let keys = Keys::quick();
    let basic = basic(&keys, &message(&keys, "QUJD"));
    // Archived without a signature timestamp, which then was added: nothing proves that it is as old as it says.
    let early = archived(&keys, &basic, NOW + YEAR);
    assert_eq!(trusting(&keys, &early).found.level(), Some(Level::Archived));
    assert_refused!(stamped(&keys, &early, NOW), ArchiveRefusal::NotCovered);
    // Two archive timestamps side by side, of which neither knows the other.
    let sealed = stamped(&keys, &basic, NOW);
    let (one, other) = (
        archived(&keys, &sealed, NOW + YEAR),
        archived(&keys, &sealed, NOW + 2 * YEAR),
    );
    let mut all = attributes(&one);
    all.push(stamp_attributes(&other)[0].clone());
    assert_refused!(with_attributes(&one, &all), ArchiveRefusal::NotCovered);
}

#[test]
fn the_wrong_order() {
    let keys = Keys::quick();
    let sealed = stamped(&keys, &basic(&keys, &message(&keys, "QUJD")), NOW + YEAR);
    assert_refused!(archived(&keys, &sealed, NOW), ArchiveRefusal::Order);
    let twice = archived(&keys, &archived(&keys, &sealed, NOW + 3 * YEAR), NOW + 2 * YEAR);
    assert_refused!(twice, ArchiveRefusal::NotCovered);
}

#[test]
fn a_renewal_that_came_too_late() {
    let keys = Keys::quick();
    // The certificates end in 2050, those of the later authority in 2070.
    let later = Keys::later(20 * YEAR);
    let sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    let (in_time, late) = (NOW + 23 * YEAR, NOW + 24 * YEAR);
    assert_eq!(
        verify_sealed(archived(&later, &sealed, in_time).as_slice(), None).verdict,
        Verdict::Intact
    );
    assert_refused!(archived(&later, &sealed, late), ArchiveRefusal::RenewedTooLate);
    let archived_once = archived(&keys, &sealed, NOW + YEAR);
    assert_eq!(
        verify_sealed(archived(&later, &archived_once, in_time).as_slice(), None).verdict,
        Verdict::Intact
    );
    assert_refused!(archived(&later, &archived_once, late), ArchiveRefusal::RenewedTooLate);
}
