//! Changed, cut, and hostile files.

use crate::archive::{YEAR, archived, read, trusting};
use crate::support::{Keys, NOW, message};
use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use der::{Decode, Encode};
use openssl::hash::MessageDigest;
use openssl::sha::sha256;
use openssl::sign::Signer;
use seal::cades::{self, Content};
use seal::keys::{KeyKind, Scheme};
use seal::parse::{ParseError, signed_data};
use seal::verify::{Level, TrustRoots, Verdict, verify_sealed};

/// Content octets of the object identifier of the signature timestamp attribute.
const SIGNATURE_TIME_STAMP: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0e];

#[test]
fn no_changed_byte_passes() {
    let keys = Keys::quick();
    let trust = TrustRoots::new(vec![keys.root.clone()]).unwrap();
    let sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    assert_eq!(verify_sealed(sealed.as_slice(), Some(&trust)).verdict, Verdict::Trusted);
    // Unsigned attributes may be taken out by anybody: that is what unsigned means. With its name changed the timestamp is an
    // attribute nobody knows, and the file one that never was stamped. The report says so, and that is what is asserted.
    let name = sealed
        .windows(SIGNATURE_TIME_STAMP.len())
        .rposition(|window| window == SIGNATURE_TIME_STAMP)
        .unwrap();
    let name = name..name + SIGNATURE_TIME_STAMP.len();

    let change = |at: usize, mask: u8| {
        let mut changed = sealed.clone();
        changed[at] ^= mask;
        let verification = verify_sealed(changed.as_slice(), Some(&trust));
        if name.contains(&at) && verification.verdict == Verdict::Trusted {
            assert!(verification.found.signature_timestamps.is_empty());
            assert_eq!(verification.found.ignored_attributes.len(), 1);
            return None;
        }
        let refused = matches!(verification.verdict, Verdict::Invalid | Verdict::Unreadable);
        (!refused).then_some((at, mask))
    };
    let half = sealed.len() / 2;
    // The lowest and highest bit, the bit that makes an element constructed, and everything at once.
    let all = |range: std::ops::Range<usize>| -> Vec<(usize, u8)> {
        range
            .flat_map(|at| [0x01, 0x20, 0x80, 0xff].into_iter().map(move |mask| (at, mask)))
            .collect()
    };
    let passed: Vec<(usize, u8)> = std::thread::scope(|scope| {
        let first = scope.spawn(|| {
            all(0..half)
                .into_iter()
                .filter_map(|(at, mask)| change(at, mask))
                .collect::<Vec<_>>()
        });
        let second: Vec<_> = all(half..sealed.len())
            .into_iter()
            .filter_map(|(at, mask)| change(at, mask))
            .collect();
        [first.join().unwrap(), second].concat()
    });
    let context = |at: usize| format!("{:02x?}", &sealed[at.saturating_sub(12)..(at + 4).min(sealed.len())]);
    let described: Vec<_> = passed.iter().map(|&(at, mask)| (at, mask, context(at))).collect();
    assert!(described.is_empty(), "accepted although changed: {described:#?}");
}

#[test]
fn no_changed_byte_passes_behind_an_archived_content() {
    let keys = Keys::quick();
    let sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    let document = archived(&keys, &sealed, NOW + YEAR);
    let (parsed, content) = read(&document);
    let start = usize::try_from(parsed.content_start().unwrap()).unwrap();
    // The content and the frame before it are covered as before; here it is about what comes after them.
    let after = start + content.len();
    let change = |at: usize, mask: u8| {
        let mut changed = document.clone();
        changed[at] ^= mask;
        let verification = trusting(&keys, &changed);
        if verification.verdict == Verdict::Trusted {
            // The last timestamp may be taken away by anybody, and that is all that may.
            let found = &verification.found;
            let taken_away = found.archive_timestamps.is_empty() && found.ignored_attributes.len() == 1;
            return (!taken_away || found.signature_timestamps.is_empty()).then_some((at, mask));
        }
        None
    };
    let half = after.midpoint(document.len());
    let passed_in = |range: std::ops::Range<usize>| -> Vec<(usize, u8)> {
        range
            .flat_map(|at| [0x01, 0x20, 0x80].into_iter().map(move |mask| (at, mask)))
            .filter_map(|(at, mask)| change(at, mask))
            .collect()
    };
    let passed = std::thread::scope(|scope| {
        let first = scope.spawn(|| passed_in(after..half));
        let second = passed_in(half..document.len());
        [first.join().unwrap(), second].concat()
    });
    let context = |at: usize| {
        format!(
            "{:02x?}",
            &document[at.saturating_sub(12)..(at + 4).min(document.len())]
        )
    };
    let described: Vec<_> = passed.iter().map(|&(at, mask)| (at, mask, context(at))).collect();
    assert!(described.is_empty(), "accepted although changed: {described:#?}");
    // Without a change it passes, or the test would show nothing.
    assert_eq!(trusting(&keys, &document).found.level(), Some(Level::Archived));
}

#[test]
fn no_cut_file_is_readable() {
    let keys = Keys::quick();
    let sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    for length in 0..sealed.len() {
        let verdict = verify_sealed(&sealed[..length], None).verdict;
        assert_eq!(verdict, Verdict::Unreadable, "cut after {length} of {}", sealed.len());
    }
}

/// The same signed data in the form that the real system writes: indefinite lengths around, content in pieces, some nested.
pub fn as_ber(frame: &cades::Frame, content: &[u8]) -> Vec<u8> {
    const SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    const DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    const SHA_256: &[u8] = &[
        0x31, 0x0d, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
    ];
    let mut out = [
        &[0x30, 0x80],
        SIGNED_DATA,
        &[0xa0, 0x80, 0x30, 0x80, 2, 1, 1],
        SHA_256,
        &[0x30, 0x80],
        DATA,
    ]
    .concat();
    out.extend_from_slice(&[0xa0, 0x80, 0x24, 0x80]);
    for (index, piece) in content.chunks(100).enumerate() {
        let length = u8::try_from(piece.len()).unwrap();
        if index % 3 == 0 {
            out.extend_from_slice(&[0x24, 0x80, 0x04, 0, 0x24, length + 2]);
        }
        out.extend_from_slice(&[0x04, length]);
        out.extend_from_slice(piece);
        if index % 3 == 0 {
            out.extend_from_slice(&[0, 0]);
        }
    }
    out.extend_from_slice(&[0, 0, 0, 0, 0, 0]);
    // The certificates, too, in a set of indefinite length.
    let (header, length) = match frame.suffix[1] {
        0x82 => (4, usize::from(frame.suffix[2]) << 8 | usize::from(frame.suffix[3])),
        other => panic!("length octet {other:#x}"),
    };
    out.extend_from_slice(&[0xa0, 0x80]);
    out.extend_from_slice(&frame.suffix[header..header + length]);
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&frame.suffix[header + length..]);
    out.extend_from_slice(&[0; 6]);
    out
}

#[test]
fn indefinite_lengths_and_pieces_are_read() {
    let keys = Keys::quick();
    let content = message(&keys, "QUJD");
    let frame = keys.frame(content.as_bytes());
    let ber = as_ber(&frame, content.as_bytes());
    let trust = TrustRoots::new(vec![keys.root.clone()]).unwrap();
    let verification = verify_sealed(ber.as_slice(), Some(&trust));
    assert_eq!(
        verification.verdict,
        Verdict::Trusted,
        "{}",
        seal::report::text("file", &verification)
    );
    let mut seen = Vec::new();
    let data = signed_data(ber.as_slice(), |slice| {
        seen.extend_from_slice(slice);
        Ok(())
    });
    assert_eq!(seen, content.as_bytes());
    assert_eq!(data.unwrap().content_length, content.len() as u64);
    for length in 0..ber.len() {
        assert_eq!(
            verify_sealed(&ber[..length], None).verdict,
            Verdict::Unreadable,
            "cut after {length}"
        );
    }
}

#[test]
fn attributes_signed_unsorted_are_verified_as_they_came() {
    let keys = Keys::new((KeyKind::Rsa2048, Scheme::RsaPkcs1), (KeyKind::P256, Scheme::EcdsaP256));
    let content = message(&keys, "QUJD");
    let described = Content {
        sha256: sha256(content.as_bytes()),
        length: content.len() as u64,
    };
    let frame = cades::seal(&keys.seal, described, NOW, |_| None).unwrap();
    let mut sealed = crate::support::whole(&frame, content.as_bytes());
    let info = ContentInfo::from_der(&sealed)
        .unwrap()
        .content
        .decode_as::<SignedData>()
        .unwrap();
    let attributes = info.signer_infos.0.as_ref()[0].signed_attrs.clone().unwrap();
    let mut set = attributes.to_der().unwrap();
    let members: Vec<Vec<u8>> = attributes
        .iter()
        .rev()
        .map(|attribute| attribute.to_der().unwrap())
        .collect();
    let reversed = members.concat();
    let start = set.len() - reversed.len();
    let at = sealed
        .windows(reversed.len())
        .position(|window| window == &set[start..])
        .unwrap();
    assert_ne!(reversed, set[start..]);
    set[start..].copy_from_slice(&reversed);
    sealed[at..at + reversed.len()].copy_from_slice(&reversed);
    // Reordered only, the signature is over other bytes.
    assert_eq!(verify_sealed(sealed.as_slice(), None).verdict, Verdict::Invalid);
    let key = keys.stored_key("seal");
    let signature = Signer::new(MessageDigest::sha256(), &key)
        .unwrap()
        .sign_oneshot_to_vec(&set)
        .unwrap();
    let end = sealed.len() - signature.len();
    sealed[end..].copy_from_slice(&signature);
    let verification = verify_sealed(sealed.as_slice(), None);
    assert_eq!(
        verification.verdict,
        Verdict::Intact,
        "{}",
        seal::report::text("file", &verification)
    );
}

fn parse_error(bytes: &[u8]) -> ParseError {
    signed_data(bytes, |_| Ok(())).unwrap_err()
}

const BEGIN: &[u8] = &[
    0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02, 0xa0, 0x80, 0x30, 0x80, 2, 1, 1,
];
const UP_TO_CONTENT: &[u8] = &[
    0x31, 0, 0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01, 0xa0, 0x80,
];

#[test]
fn nesting_is_bounded() {
    let levels = [0x24, 0x80].repeat(10_000);
    assert!(matches!(
        parse_error(&[BEGIN, UP_TO_CONTENT, &levels].concat()),
        ParseError::TooDeep
    ));
    let levels = [0x30, 0x80].repeat(10_000);
    assert!(matches!(
        parse_error(&[BEGIN, &levels].concat()),
        ParseError::Malformed(_)
    ));
    // Below the certificates, where elements are captured whole.
    let content = [0x04, 0, 0, 0, 0, 0];
    let deep = [BEGIN, UP_TO_CONTENT, &content, &[0xa0, 0x80], &levels].concat();
    assert!(matches!(parse_error(&deep), ParseError::TooDeep));
    // With definite lengths nothing is entered that is not asked for.
    let mut definite = Vec::new();
    for _ in 0..10_000 {
        definite = [header(0x30, definite.len()), definite].concat();
    }
    let deep = [
        BEGIN,
        UP_TO_CONTENT,
        &content,
        &header(0xa0, definite.len()),
        &definite,
        &[0x31, 0],
        &[0; 6],
    ]
    .concat();
    assert!(matches!(signed_data(deep.as_slice(), |_| Ok(())), Ok(data) if data.certificates().count() == 1));
}

fn header(tag: u8, length: usize) -> Vec<u8> {
    let length = u32::try_from(length).unwrap().to_be_bytes();
    [&[tag, 0x84], &length[..]].concat()
}

#[test]
fn lengths_that_lie_cost_nothing() {
    let giant = [0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let overflowing = [0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let content = [BEGIN, UP_TO_CONTENT, &[0x04], &giant, b"some"].concat();
    assert!(matches!(parse_error(&content), ParseError::Truncated));
    assert!(matches!(
        parse_error(&[BEGIN, UP_TO_CONTENT, &[0x04], &overflowing].concat()),
        ParseError::Malformed(_)
    ));
    let certificates = [BEGIN, UP_TO_CONTENT, &[0x04, 0, 0, 0, 0, 0, 0xa0], &giant].concat();
    assert!(matches!(
        parse_error(&certificates),
        ParseError::TooLarge("certificates")
    ));
    assert!(matches!(
        parse_error(&[&[0x30][..], &giant].concat()),
        ParseError::Truncated
    ));
    // An inner element may not reach beyond the outer one.
    assert!(matches!(
        parse_error(&[0x30, 0x02, 0x06, 0x09]),
        ParseError::Malformed(_)
    ));
}

#[test]
fn an_endless_file_is_read_without_holding_it() {
    use std::io::Read;
    // Pieces of content without end; what is read is counted, and the sink gives up at 64 MB.
    let piece = [&[0x04, 0x82, 0x03, 0xe8][..], &[b'x'; 1000]].concat();
    let endless = Repeat { piece, at: 0 };
    let source = [BEGIN, UP_TO_CONTENT, &[0x24, 0x80]].concat();
    let mut total = 0_usize;
    let mut largest = 0;
    let refused = signed_data(source.as_slice().chain(endless), |slice| {
        total += slice.len();
        largest = largest.max(slice.len());
        if total > 64 << 20 { Err("enough".into()) } else { Ok(()) }
    });
    assert!(matches!(refused, Err(ParseError::Sink(_))));
    assert!(largest <= 64 * 1024, "{largest}");
    // Certificates without end are cut off.
    let endless = Repeat {
        piece: [&[0x30, 0x82, 0x03, 0xe8][..], &[b'x'; 1000]].concat(),
        at: 0,
    };
    let source = [BEGIN, UP_TO_CONTENT, &[0x04, 0, 0, 0, 0, 0, 0xa0, 0x80]].concat();
    let refused = signed_data(source.as_slice().chain(endless), |_| Ok(()));
    assert!(matches!(refused, Err(ParseError::TooLarge("certificates"))));
}

#[test]
fn swarms_of_tiny_members_are_cut_off() {
    let content = [0x04, 0, 0, 0, 0, 0];
    let swarm = [0x30, 0x00].repeat(100_000);
    let certificates = [BEGIN, UP_TO_CONTENT, &content, &header(0xa0, swarm.len()), &swarm].concat();
    assert!(matches!(
        parse_error(&certificates),
        ParseError::TooLarge("certificates")
    ));
    let algorithms = [BEGIN, &header(0x31, swarm.len()), &swarm].concat();
    assert!(matches!(
        parse_error(&algorithms),
        ParseError::Malformed("digest algorithms")
    ));
    let algorithm = [0x30, 0x03, 0x06, 0x01, 0x2a].repeat(10);
    let algorithms = [BEGIN, &header(0x31, algorithm.len()), &algorithm].concat();
    assert!(matches!(
        parse_error(&algorithms),
        ParseError::TooLarge("digest algorithms")
    ));
}

struct Repeat {
    piece: Vec<u8>,
    at: usize,
}

impl std::io::Read for Repeat {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        for octet in out.iter_mut() {
            *octet = self.piece[self.at];
            self.at = (self.at + 1) % self.piece.len();
        }
        Ok(out.len())
    }
}

#[test]
fn a_source_that_fails_is_told_apart() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("broken"))
        }
    }
    assert!(matches!(signed_data(Broken, |_| Ok(())), Err(ParseError::Io(_))));
    assert!(matches!(signed_data(&b""[..], |_| Ok(())), Err(ParseError::Truncated)));
}
