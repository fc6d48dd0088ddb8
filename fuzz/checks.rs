//! What must hold for any input. The fuzz targets and the replay of their corpus (`tests/tests/fuzz_replay.rs`) share it.

use std::str::FromStr;

/// What parses as a box ID is written back as it was read.
pub fn box_id(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(id) = isds_core::ids::BoxId::from_str(text) {
        assert_eq!(id.to_string(), text);
        assert_eq!(text.len(), 7);
    }
}

/// A request is read to its end or refused.
pub fn soap_reader(input: &[u8]) {
    // Which of the two it is, the reader's own tests say; here it must end, without a panic.
    let _ = wire::reader::read_all_for_check(input);
}

/// A signed message is parsed or refused, and never holds more content than was put in.
pub fn cms_reader(input: &[u8]) {
    let mut content = 0;
    let _ = seal::parse::signed_data(input, |slice| {
        content += slice.len();
        Ok(())
    });
    assert!(content <= input.len());
    let verification = seal::verify::verify_sealed(input, None);
    assert_ne!(verification.verdict, seal::verify::Verdict::Trusted);
    raised(input);
}

/// What can be raised is read again, with its content and its signature.
fn raised(input: &[u8]) {
    let mut content = Vec::new();
    let read = seal::archive::SealedDocument::read(input, |slice| {
        content.extend_from_slice(slice);
        Ok(())
    });
    let Ok(document) = read else { return };
    let wish = document.archive_stamp_wish();
    let frames = [
        document.with_signature_timestamp(&[0x30, 0]),
        wish.and_then(|wish| document.with_archive_timestamp(&wish, input)),
    ];
    for frame in frames.into_iter().flatten() {
        let whole = [&frame.prefix, content.as_slice(), &frame.suffix].concat();
        let mut again = Vec::new();
        let raised = seal::archive::SealedDocument::read(whole.as_slice(), |slice| {
            again.extend_from_slice(slice);
            Ok(())
        });
        assert!(raised.is_ok() && again == content);
        let signature = |document: &seal::archive::SealedDocument| document.signature_imprint().ok();
        assert_eq!(raised.ok().and_then(|raised| signature(&raised)), signature(&document));
    }
}

/// A package is read to its end or refused, alike in whatever pieces it comes, and never holds more content than was put
/// in. The input's first line is the `Content-Type`.
pub fn mtom_reader(input: &[u8]) {
    let Some(at) = input.iter().position(|byte| *byte == b'\n') else {
        return;
    };
    let Ok(content_type) = std::str::from_utf8(&input[..at]) else {
        return;
    };
    let body = &input[at + 1..];
    let read = |step| wire::mtom::read_package_for_check(content_type, body, step);
    let whole = read(usize::MAX);
    for step in [1, 3, 64] {
        match (&whole, read(step)) {
            (Ok(one), Ok(other)) => assert_eq!(*one, other),
            (Err(_), Err(_)) => {}
            (one, other) => panic!("{one:?} whole, {other:?} in pieces of {step}"),
        }
    }
    if let Ok(content) = whole {
        assert!(content.len() <= body.len());
    }
}

/// A container is judged alike in whatever pieces it is read, and one that passes keeps to the limits. The input's first
/// byte says which container it claims to be.
pub fn container(input: &[u8]) {
    use isds_core::attachment::container::{self, ContainerKind};
    let kind = match input.first() {
        Some(0) => ContainerKind::Zip,
        Some(1) => ContainerKind::AsicSimple,
        Some(2) => ContainerKind::AsicExtended,
        _ => return,
    };
    let archive = &input[1..];
    let whole = container::examine_for_check(kind, archive, usize::MAX);
    for step in [0, 1, 100] {
        assert_eq!(container::examine_for_check(kind, archive, step), whole);
    }
    if let Some(inside) = whole {
        assert!(inside.files <= container::MAX_FILES && inside.files + inside.folders <= container::MAX_ENTRIES);
        assert!(inside.unpacked <= container::MAX_UNPACKED);
        // Each file has two headers and its bytes, of which none makes more than a thousandfold.
        assert!(inside.files * (30 + 46 + 2) + 22 <= archive.len());
        assert!(inside.unpacked <= archive.len() as u64 * 1032);
    }
}
