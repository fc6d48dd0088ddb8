//! Archives as programs write them, and such as no program writes.

mod crafted;
mod objects;
mod refused;

use std::io::{Cursor, Write};

use futures::FutureExt;
use zip::write::{FullFileOptions, SimpleFileOptions};
use zip::{CompressionMethod, ZipWriter};

use super::*;
use crafted::{Crafted, craft};

/// The verdict, which must not depend on how the content is read.
fn judge(kind: ContainerKind, archive: &[u8]) -> Result<Inside, String> {
    let verdict = |step| {
        let window = Window::in_pieces(ContainerContent::Held(archive), step);
        match inspect(kind, window).now_or_never().unwrap() {
            Ok(inside) => Ok(inside),
            Err(Stop::Fault(fault)) => Err(fault.refusal("příloha.zip").text()),
            Err(Stop::Store(error)) => panic!("{error}"),
        }
    };
    let whole = verdict(64 * 1024);
    for step in [0, 100] {
        assert_eq!(verdict(step), whole);
    }
    whole
}

fn inside(files: usize, folders: usize, unpacked: u64) -> Result<Inside, String> {
    Ok(Inside {
        files,
        folders,
        unpacked,
    })
}

fn stored() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
}

fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

/// An archive of files with these names and contents; a name with a slash at its end is a folder.
fn archive<N: AsRef<str>>(entries: &[(N, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        match name.as_ref() {
            folder if folder.ends_with('/') => writer.add_directory(folder, options).unwrap(),
            file => {
                writer.start_file(file, options).unwrap();
                writer.write_all(content).unwrap();
            }
        }
    }
    writer.finish().unwrap().into_inner()
}

const USUAL: [(&str, &[u8]); 4] = [
    ("smlouva.pdf", b"%PDF-1.7 ..."),
    ("příloha č. 1/", b""),
    (
        "příloha č. 1/žluťoučký kůň.txt",
        b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ),
    ("foto/2026/IMG.JPG", b"\xFF\xD8\xFF"),
];

#[test]
fn archives_as_programs_write_them() {
    let usual = inside(3, 3, 12 + 40 + 3);
    assert_eq!(judge(ContainerKind::Zip, &archive(&USUAL, stored())), usual);
    assert_eq!(judge(ContainerKind::Zip, &archive(&USUAL, deflated())), usual);
    // With 64-bit numbers in each header.
    assert_eq!(
        judge(ContainerKind::Zip, &archive(&USUAL, deflated().large_file(true))),
        usual
    );
    // Aligned, as Android does it.
    assert_eq!(
        judge(ContainerKind::Zip, &archive(&USUAL, stored().with_alignment(64))),
        usual
    );
    assert_eq!(
        judge(ContainerKind::Zip, &archive::<&str>(&[], stored())),
        inside(0, 0, 0)
    );
    assert_eq!(
        judge(ContainerKind::Zip, &archive(&[("prázdný.txt", &b""[..])], deflated())),
        inside(1, 0, 0)
    );
}

/// Written by other programs, each in its own way; they stand with the first inputs of the fuzzer.
#[test]
fn archives_of_other_programs() {
    let read = |name: &str| {
        let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/container");
        std::fs::read(corpus.join(name)).unwrap()[1..].to_vec()
    };
    for (name, files, folders) in [
        ("by-info-zip", 3, 2),
        ("by-info-zip-streamed", 3, 2),
        ("by-java", 3, 2),
        ("by-java-stored", 3, 2),
        ("by-perl", 1, 1),
        ("by-python", 2, 1),
        ("by-python-streamed", 2, 1),
    ] {
        let found = judge(ContainerKind::Zip, &read(name));
        let found = found.map(|inside| (inside.files, inside.folders));
        assert_eq!(found, Ok((files, folders)), "{name}");
    }
    let encrypted = judge(ContainerKind::Zip, &read("encrypted-by-info-zip"));
    assert!(encrypted.unwrap_err().starts_with("Soubor je šifrovaný"));
}

#[test]
fn archives_written_without_going_back() {
    let write = |large| {
        let mut writer = ZipWriter::new_stream(Vec::new());
        for (name, content) in USUAL.iter().filter(|(name, _)| !name.ends_with('/')) {
            writer.start_file(*name, deflated().large_file(large)).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    assert_eq!(judge(ContainerKind::Zip, &write(false)), inside(3, 3, 55));
    assert_eq!(judge(ContainerKind::Zip, &write(true)), inside(3, 3, 55));
}

#[test]
fn comments_and_extra_fields_are_no_harm() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut options = FullFileOptions::default().with_file_comment("podepsané znění".to_owned());
    options.add_extra_field(0x1234, [0; 8], true).unwrap();
    writer.start_file("smlouva.pdf", options).unwrap();
    writer.write_all(b"%PDF-1.7").unwrap();
    writer.set_comment("z".repeat(65_535)).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    assert_eq!(judge(ContainerKind::Zip, &bytes), inside(1, 0, 8));
}

#[test]
fn many_entries_have_a_64_bit_end() {
    // The same archive, its end written in 64 bits.
    let narrow = archive(&USUAL, deflated());
    assert_eq!(judge(ContainerKind::Zip, &crafted::widened(&narrow)), inside(3, 3, 55));
}

#[test]
fn names_in_another_encoding_and_with_backslashes() {
    let old = Crafted {
        // CP852, without the mark of UTF-8.
        flags: 0,
        ..Crafted::stored(b"P\xFD\xA1loha\\\xA7lut\x98.txt", b"ano")
    };
    assert_eq!(judge(ContainerKind::Zip, &craft(&[old])), inside(1, 1, 3));
    let dotted = Crafted::stored(b"./a/./b.txt", b"ano");
    assert_eq!(judge(ContainerKind::Zip, &craft(&[dotted])), inside(1, 1, 3));
}

const E: &str = "application/vnd.etsi.asic-e+zip";
const S: &str = "application/vnd.etsi.asic-s+zip";

/// A container whose media type comes first and uncompressed, as the standard wants it, and then these files.
fn asic(media_type: &str, names: &[&str]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    if !media_type.is_empty() {
        writer.start_file("mimetype", stored()).unwrap();
        writer.write_all(media_type.as_bytes()).unwrap();
    }
    for name in names {
        writer.start_file(*name, deflated()).unwrap();
        writer.write_all(b"<x/>").unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn signed_containers() {
    use ContainerKind::{AsicExtended, AsicSimple};
    for (kind, media_type, names) in [
        (
            AsicExtended,
            E,
            &["a.pdf", "b/c.xml", "META-INF/manifest.xml", "META-INF/signatures.xml"][..],
        ),
        (AsicExtended, E, &["a.pdf", "META-INF/signatures001.xml"]),
        (
            AsicExtended,
            E,
            &["a.pdf", "META-INF/ASiCManifest.xml", "META-INF/signature.p7s"],
        ),
        (
            AsicExtended,
            E,
            &["a.pdf", "META-INF/ASiCManifest1.xml", "META-INF/timestamp1.tst"],
        ),
        (
            AsicExtended,
            E,
            &[
                "a.pdf",
                "META-INF/ASiCEvidenceRecordManifest1.xml",
                "META-INF/evidencerecord1.ers",
            ],
        ),
        // The media type may be left out, or be that of what is signed.
        (AsicExtended, "", &["a.pdf", "META-INF/signatures.xml"]),
        (
            AsicExtended,
            "application/vnd.oasis.opendocument.text",
            &["a.xml", "META-INF/signatures.xml"],
        ),
        (AsicSimple, S, &["a.pdf", "META-INF/signature.p7s"]),
        (AsicSimple, S, &["a.pdf", "META-INF/signatures.xml"]),
        (AsicSimple, "application/pdf", &["a.pdf", "META-INF/timestamp.tst"]),
        (
            AsicSimple,
            "",
            &[
                "a.pdf",
                "META-INF/evidencerecord.xml",
                "META-INF/ASiCArchiveManifest001.xml",
            ],
        ),
    ] {
        let files = names.len() + usize::from(!media_type.is_empty());
        let found = judge(kind, &asic(media_type, names));
        assert_eq!(found.map(|inside| inside.files), Ok(files), "{names:?}");
    }
}

#[test]
fn what_only_looks_signed() {
    use ContainerKind::{AsicExtended, AsicSimple};
    let refused = Err("Chyba ve struktuře ASiC přílohy.".to_owned());
    for (kind, media_type, names) in [
        (AsicExtended, E, &["a.pdf"][..]),
        (AsicExtended, E, &["META-INF/signatures.xml"]),
        (AsicExtended, E, &["a.pdf", "META-INF/manifest.xml"]),
        (AsicExtended, E, &["a.pdf", "META-INF/signature.p7s"]),
        (AsicExtended, E, &["a.pdf", "META-INF/ASiCManifest.xml"]),
        (AsicExtended, E, &["a.pdf", "signatures.xml"]),
        (AsicExtended, S, &["a.pdf", "META-INF/signatures.xml"]),
        (AsicExtended, "asic", &["a.pdf", "META-INF/signatures.xml"]),
        (AsicExtended, "", &[]),
        (AsicSimple, E, &["a.pdf", "META-INF/signature.p7s"]),
        (AsicSimple, S, &["a.pdf", "b.pdf", "META-INF/signature.p7s"]),
        (AsicSimple, S, &["a/a.pdf", "META-INF/signature.p7s"]),
        (AsicSimple, S, &["a.pdf", "META-INF/ASiCManifest.xml"]),
    ] {
        assert_eq!(judge(kind, &asic(media_type, names)), refused, "{names:?}");
    }
    let rest = [("a.pdf", &b"%PDF"[..]), ("META-INF/signatures.xml", b"<x/>")];
    let media_type = ("mimetype", E.as_bytes());
    let late = archive(&[rest[0], media_type, rest[1]], stored());
    let compressed = archive(&[media_type, rest[0], rest[1]], deflated());
    let aligned = archive(&[media_type, rest[0], rest[1]], stored().with_alignment(64));
    let long = archive(&[("mimetype", "a/".repeat(128).as_bytes()), rest[0], rest[1]], stored());
    for wrong in [late, compressed, aligned, long] {
        assert_eq!(judge(AsicExtended, &wrong), refused);
    }
    // What belongs to ASiC is no format elsewhere.
    assert_eq!(
        judge(ContainerKind::Zip, &asic(E, &["a.pdf", "META-INF/signatures.xml"])),
        Err("Uvnitř komprimované přílohy je soubor mimetype nepovoleného formátu.".into())
    );
}

/// Whatever is changed in an archive: if it passes, a reader that takes the directory's word finds in it what was
/// judged, and a reader from the beginning meets the same files.
#[test]
fn what_passes_is_what_others_read() {
    let files = [
        ("a.txt", &b"abcabcabcabcabcabcabc"[..]),
        ("b/", b""),
        ("b/c.txt", b"ano"),
    ];
    for bytes in [
        archive(&files, deflated()),
        archive(&files, stored()),
        crafted::widened(&archive(&files, deflated().large_file(true))),
    ] {
        judge(ContainerKind::Zip, &bytes).unwrap();
        let mut passed = 0;
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xFF] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                let Ok(inside) = judge(ContainerKind::Zip, &changed) else {
                    continue;
                };
                passed += 1;
                assert_eq!(read_by_directory(&changed), read_from_beginning(&changed), "{at}");
                assert_eq!(read_by_directory(&changed).len(), inside.files + 1, "{at}");
            }
            assert!(judge(ContainerKind::Zip, &bytes[..at]).is_err(), "cut at {at}");
        }
        // Dates, versions and contents may change.
        assert!(passed > 50, "{passed}");
    }
}

fn read_by_directory(bytes: &[u8]) -> Vec<(Vec<u8>, u64)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let count = archive.len();
    let entry = |at| {
        let file = archive.by_index_raw(at).unwrap();
        (file.name_raw().to_vec(), file.size())
    };
    (0..count).map(entry).collect()
}

fn read_from_beginning(bytes: &[u8]) -> Vec<(Vec<u8>, u64)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while bytes[at..].starts_with(b"PK\x03\x04") {
        let number = |at: usize, length: usize| {
            let bytes = &bytes[at..at + length];
            bytes
                .iter()
                .rev()
                .fold(0_usize, |number, byte| number * 256 + usize::from(*byte))
        };
        let (name, extra) = (number(at + 26, 2), number(at + 28, 2));
        let (mut packed, mut unpacked) = (number(at + 18, 4), number(at + 22, 4));
        if packed == 0xFFFF_FFFF {
            let wide = at + 30 + name + 4;
            (unpacked, packed) = (number(wide, 8), number(wide + 8, 8));
        }
        found.push((bytes[at + 30..at + 30 + name].to_vec(), unpacked as u64));
        at += 30 + name + extra + packed;
    }
    found
}
