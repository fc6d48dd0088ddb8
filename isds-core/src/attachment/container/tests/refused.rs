//! One rule after another, and the text of its refusal.

use super::crafted::{CRC, Crafted, craft, widened};
use super::{archive, deflated, inside, judge, stored};
use crate::attachment::container::{ContainerKind, Inside};

const ENCRYPTED: &str = "Soubor je šifrovaný, nemůžete jej vložit jako přílohu datové zprávy.";
const SPLIT: &str = "Přílohy v ZIP formátu nesmí být rozděleny do více částí (split).";
const UNSUPPORTED: &str = "Použita nepodporovaná vlastnost kompresního formátu.";
const NO_LENGTH: &str = "Použita nepodporovaná vlastnost kompresního formátu - chybějící délka nekomprimované položky.";
const BROKEN: &str = "Nespecifický problém s formátem komprimovaného souboru.";
const TOO_DEEP: &str = "Hloubka zanoření adresářové struktury nesmí překročit 4 úrovně.";
const UNIDENTIFIED: &str = "Obsah souboru nebyl identifikován.: příloha.zip";

fn zip(bytes: &[u8]) -> Result<Inside, String> {
    judge(ContainerKind::Zip, bytes)
}

fn one(file: Crafted) -> Result<Inside, String> {
    zip(&craft(&[file]))
}

fn file() -> Crafted {
    Crafted::stored(b"a.txt", b"ano")
}

fn refused(text: &str) -> Result<Inside, String> {
    Err(text.to_owned())
}

/// An archive of one good file, with these bytes at this place from its end.
fn with_end(from_end: usize, bytes: &[u8]) -> Vec<u8> {
    let mut archive = craft(&[file()]);
    let at = archive.len() - from_end;
    archive[at..at + bytes.len()].copy_from_slice(bytes);
    archive
}

#[test]
fn encrypted() {
    for flags in [1, 1 << 6, 1 << 13] {
        let said = Crafted { flags, ..file() };
        assert_eq!(one(said), refused(ENCRYPTED), "{flags}");
        let done = Crafted {
            local_flags: flags,
            ..file()
        };
        assert_eq!(one(done), refused(ENCRYPTED), "{flags}");
    }
    assert_eq!(one(Crafted { method: 99, ..file() }), refused(ENCRYPTED));
    let aes = vec![0x01, 0x99, 7, 0, 2, 0, b'A', b'E', 3, 0, 0];
    assert_eq!(one(Crafted { extra: aes, ..file() }), refused(ENCRYPTED));
}

#[test]
fn split() {
    assert_eq!(zip(&with_end(18, &[1, 0])), refused(SPLIT));
    assert_eq!(zip(&with_end(16, &[1, 0])), refused(SPLIT));
    // Fewer entries here than in all the parts.
    assert_eq!(zip(&with_end(12, &[2, 0])), refused(SPLIT));
    assert_eq!(one(Crafted { disk: 1, ..file() }), refused(SPLIT));
    let mut first_part = b"PK\x07\x08".to_vec();
    first_part.extend(craft(&[file()]));
    assert_eq!(zip(&first_part), refused(SPLIT));
    // The last part begins in the middle of a file.
    let mut last_part = b"middle".to_vec();
    last_part.extend(with_end(18, &[2, 0, 2, 0]));
    assert_eq!(zip(&last_part), refused(SPLIT));
    let mut wide = widened(&craft(&[file()]));
    let disks = wide.len() - 22 - 4;
    wide[disks] = 2;
    assert_eq!(zip(&wide), refused(SPLIT));
}

#[test]
fn unusual_features() {
    // Imploding, Deflate64, bzip2, LZMA, Zstandard, XZ.
    for method in [6, 9, 12, 14, 93, 95] {
        let method = Crafted {
            method,
            local_method: method,
            ..file()
        };
        assert_eq!(one(method), refused(UNSUPPORTED));
    }
    let patch = Crafted {
        flags: 1 << 5,
        ..file()
    };
    assert_eq!(one(patch), refused(UNSUPPORTED));
    // A directory that may be encrypted or compressed: version 2 of its end.
    let mut wide = widened(&craft(&[file()]));
    let length = wide.len() - 22 - 20 - 56 + 4;
    wide[length] = 72;
    assert_eq!(zip(&wide), refused(UNSUPPORTED));
}

#[test]
fn a_stored_file_says_its_length_first() {
    assert_eq!(one(file().with_descriptor()), refused(NO_LENGTH));
    // A compressed one shows by itself where it ends, and one with its length needs nothing behind it.
    assert_eq!(
        one(Crafted::deflated(b"a.txt", 9, 9).with_descriptor()),
        inside(1, 0, 9)
    );
    let both = Crafted {
        local_lengths: None,
        ..file().with_descriptor()
    };
    assert_eq!(one(both), inside(1, 0, 3));
}

#[test]
fn archives_in_archives() {
    for name in ["a.zip", "A.ZIP", "b/c.asice", "d.sce", "e.asics", "f.scs"] {
        let text = format!("Uvnitř komprimované přílohy nesmí být komprimovaný soubor: ({name}).");
        assert_eq!(zip(&archive(&[(name, &b"PK"[..])], stored())), refused(&text));
    }
    // These are archives too, but documents first.
    let documents = [
        ("a.docx", &b"PK"[..]),
        ("b.odt", b"PK"),
        ("c.zfo", b"PK"),
        ("d.isdocx", b"PK"),
    ];
    assert_eq!(zip(&archive(&documents, stored())), inside(4, 0, 8));
}

#[test]
fn formats_that_may_not_be_sent() {
    for name in [
        "a.exe",
        "a.pdf.exe",
        "složka/a.rar",
        "a.7z",
        "a.exe ",
        "bez přípony",
        ".DS_Store",
        "a.txt.",
    ] {
        let text = format!("Uvnitř komprimované přílohy je soubor {name} nepovoleného formátu.");
        assert_eq!(zip(&archive(&[(name, &b"x"[..])], stored())), refused(&text));
    }
    // Of a long name its end is shown.
    let long = format!("{}/{}.exe", "složka".repeat(9), "x".repeat(45));
    let text = format!(
        "Uvnitř komprimované přílohy je soubor …ožka/{}.exe nepovoleného formátu.",
        "x".repeat(45)
    );
    assert_eq!(zip(&archive(&[(long, &b"x"[..])], stored())), refused(&text));
    // The other name of the same file counts as well.
    let mut extra = vec![0x75, 0x70, 10, 0, 1, 0, 0, 0, 0];
    extra.extend(b"a.exe");
    let two_faces = Crafted {
        extra: extra.clone(),
        ..file()
    };
    let text = "Uvnitř komprimované přílohy je soubor a.exe nepovoleného formátu.";
    assert_eq!(one(two_faces), refused(text));
    let local_only = Crafted {
        local_extra: extra,
        ..file()
    };
    assert_eq!(one(local_only), refused(BROKEN));
}

#[test]
fn counts() {
    let names = |count: usize, folder: &str| (0..count).map(|i| (format!("{folder}{i}.txt"), &b""[..])).collect();
    let build = |names: Vec<(String, &[u8])>| zip(&archive(&names, stored()));
    assert_eq!(build(names(1000, "")), inside(1000, 0, 0));
    assert_eq!(
        build(names(1001, "")),
        refused("Překročen maximální počet 1000 souborů v komprimované příloze.")
    );
    let both = refused("Překročen maximální počet 1000 souborů nebo složek v komprimované příloze.");
    assert_eq!(build(names(999, "a/")), inside(999, 1, 0));
    // The folder counts without an entry of its own.
    assert_eq!(build(names(1000, "a/")), both);
    let folders = (0..1001).map(|i| (format!("{i}/"), &b""[..])).collect();
    assert_eq!(build(folders), both);
}

#[test]
fn depth() {
    let at = |name: &str| zip(&archive(&[(name, &b""[..])], stored()));
    assert_eq!(at("1/2/3/4/a.txt"), inside(1, 4, 0));
    assert_eq!(at("1/2/3/4/"), inside(0, 4, 0));
    assert_eq!(at("1/2/3/4/5/a.txt"), refused(TOO_DEEP));
    assert_eq!(at("1/2/3/4/5/"), refused(TOO_DEEP));
}

#[test]
fn unpacked_size() {
    const GIB: u32 = 1 << 30;
    let third = |name: &[u8]| Crafted::deflated(name, (GIB / 1032 + 1) as usize, GIB);
    let mut files = vec![third(b"a.txt"), third(b"b.txt"), third(b"c.txt")];
    assert_eq!(zip(&craft(&files)), inside(3, 0, 3 << 30));
    files.push(Crafted::stored(b"d.txt", b"1"));
    let too_large = refused("Překročena maximální povolená velikost příloh po rozbalení.");
    assert_eq!(zip(&craft(&files)), too_large);
    // A number of 64 bits.
    let mut wide = vec![1, 0, 8, 0];
    wide.extend(u64::MAX.to_le_bytes());
    let file = Crafted {
        extra: wide.clone(),
        local_extra: wide,
        ..Crafted::deflated(b"a.txt", 10, u32::MAX)
    };
    assert_eq!(zip(&craft(&[third(b"b.txt"), file])), too_large);
}

#[test]
fn names_that_lead_elsewhere() {
    for name in [
        "../a.txt",
        "a/../../b.txt",
        "/etc/a.txt",
        "\\a.txt",
        "C:\\a.txt",
        "c:a.txt",
        "a//b.txt",
        "..",
        "a\n.txt",
    ] {
        assert_eq!(
            one(Crafted::stored(name.as_bytes(), b"ano")),
            refused(BROKEN),
            "{name:?}"
        );
    }
    for name in [&b""[..], b"a\0.txt", b"\xFF\xFE.txt", b"."] {
        assert_eq!(one(Crafted::stored(name, b"ano")), refused(BROKEN), "{name:?}");
    }
    for long in [format!("{}.txt", "ž".repeat(252)), format!("{}a.txt", "./".repeat(510))] {
        assert_eq!(one(Crafted::stored(long.as_bytes(), b"ano")), refused(BROKEN));
    }
}

#[test]
fn entries_that_contradict_each_other() {
    let file = |name: &[u8]| Crafted::stored(name, b"");
    for names in [
        [&b"a.txt"[..], b"a.txt"],
        [b"a.txt", b"./a.txt"],
        [b"a/b.txt", b"a\\b.txt"],
        [b"a/", b"a/"],
        [b"a.txt", b"a.txt/b.txt"],
        [b"a.txt/b.txt", b"a.txt"],
    ] {
        assert_eq!(zip(&craft(&names.map(file))), refused(BROKEN), "{names:?}");
    }
}

#[test]
fn links_are_no_files() {
    let mode = |mode: u32| Crafted {
        made_by: 3 << 8,
        external: mode << 16,
        ..file()
    };
    assert_eq!(one(mode(0o100_644)), inside(1, 0, 3));
    assert_eq!(one(mode(0)), inside(1, 0, 3));
    for link in [0o120_777, 0o020_600, 0o010_600] {
        assert_eq!(one(mode(link)), refused(BROKEN));
    }
}

#[test]
fn files_that_are_not_what_the_directory_says() {
    let good = file();
    for file in [
        Crafted {
            local_name: b"a.exe".to_vec(),
            ..good.clone()
        },
        Crafted {
            local_method: 8,
            ..good.clone()
        },
        Crafted {
            local_lengths: Some((3, 4)),
            ..good.clone()
        },
        Crafted {
            local_lengths: Some((0, 0)),
            ..good.clone()
        },
        Crafted {
            offset: Some(1),
            ..good.clone()
        },
        Crafted {
            unpacked: 4,
            ..good.clone()
        },
        // A thousandfold is what Deflate can do at most.
        Crafted::deflated(b"a.txt", 1, 1033),
        Crafted::stored(b"a/", b"ano"),
        // Something that only readers from the beginning would meet.
        Crafted {
            behind: craft(std::slice::from_ref(&good))[..38].to_vec(),
            ..good.clone()
        },
        Crafted {
            behind: b"PK\x07\x08 and no lengths".to_vec(),
            ..Crafted::deflated(b"a.txt", 9, 9).with_descriptor()
        },
        Crafted {
            behind: [CRC, 9, 8].iter().flat_map(|number| number.to_le_bytes()).collect(),
            ..Crafted::deflated(b"a.txt", 9, 9).with_descriptor()
        },
        Crafted {
            behind: Vec::new(),
            ..Crafted::deflated(b"a.txt", 9, 9).with_descriptor()
        },
        Crafted {
            extra: vec![1, 0, 9, 0],
            ..good.clone()
        },
        Crafted {
            extra: vec![0x75, 0x70, 0, 0, 0x75, 0x70, 0, 0],
            ..good.clone()
        },
        Crafted {
            unpacked: u32::MAX,
            ..good.clone()
        },
    ] {
        let name = String::from_utf8_lossy(&file.name).into_owned();
        assert_eq!(one(file), refused(BROKEN), "{name}");
    }
}

#[test]
fn descriptors_in_all_their_forms() {
    let file = Crafted::deflated(b"a.txt", 9, 20).with_descriptor();
    let numbers = |mark: &[u32], wide: bool| {
        let mut bytes: Vec<u8> = mark.iter().chain([&CRC]).flat_map(|n| n.to_le_bytes()).collect();
        for length in [9_u64, 20] {
            bytes.extend(&length.to_le_bytes()[..if wide { 8 } else { 4 }]);
        }
        bytes
    };
    for (mark, wide) in [
        (&[][..], false),
        (&[0x0807_4B50], false),
        (&[], true),
        (&[0x0807_4B50], true),
    ] {
        let file = Crafted {
            behind: numbers(mark, wide),
            ..file.clone()
        };
        assert_eq!(one(file), inside(1, 0, 20), "{mark:?} {wide}");
    }
}

/// Many small files from one content that all of them share.
#[test]
fn files_that_share_bytes() {
    let kernel = Crafted::deflated(b"z.txt", 1000, 1_000_000);
    let mut files = vec![kernel.clone()];
    for i in 0..5 {
        files.push(Crafted {
            name: format!("{i}.txt").into_bytes(),
            offset: Some(0),
            ..kernel.clone()
        });
    }
    assert_eq!(zip(&craft(&files)), refused(BROKEN));
    // Each file takes the next one's header into its own content.
    let quoted = craft(&[Crafted::stored(b"b.txt", b"ano")]);
    let outer = Crafted::stored(b"a.txt", &quoted[..38]);
    let inner = Crafted {
        offset: Some(35),
        ..Crafted::stored(b"b.txt", b"ano")
    };
    assert_eq!(zip(&craft(&[outer, inner])), refused(BROKEN));
}

#[test]
fn directories_that_lie() {
    let good = craft(&[file()]);
    assert_eq!(zip(&good), inside(1, 0, 3));
    let mut before = b"PK\x03\x04".to_vec();
    before.extend(&good);
    let mut behind = good.clone();
    behind.push(b'\n');
    let mut wide = widened(&good);
    let count = wide.len() - 22 - 20 - 32;
    wide[count] = 2;
    wide[count + 8] = 2;
    for wrong in [
        before,
        behind,
        good[..good.len() - 22].to_vec(),
        good[..good.len() - 1].to_vec(),
        // Count, size, beginning, length of the comment.
        with_end(14, &[2, 0, 2, 0]),
        with_end(14, &[0, 0, 0, 0]),
        with_end(10, &[50]),
        with_end(10, &[0xFF; 4]),
        with_end(6, &[0xFF; 4]),
        with_end(2, &[1]),
        wide,
    ] {
        assert_eq!(zip(&wrong), refused(BROKEN));
    }
    let padded = Crafted {
        extra: [&[0x55, 0x58, 0xF0, 0xFF][..], &[0; 0xFFF0]].concat(),
        ..file()
    };
    let long: Vec<Crafted> = (0..70)
        .map(|i| {
            let name = format!("{i}.txt").into_bytes();
            Crafted {
                name: name.clone(),
                local_name: name,
                ..padded.clone()
            }
        })
        .collect();
    assert_eq!(zip(&craft(&long)), refused(BROKEN));
    assert_eq!(zip(&craft(&long[..60])), inside(60, 0, 180));
}

#[test]
fn what_is_no_archive() {
    for content in [&b""[..], b"%PDF-1.7", b"PK", &[b'x'; 100_000]] {
        assert_eq!(zip(content), refused(UNIDENTIFIED));
    }
    // A program that unpacks itself ends in an archive.
    let mut program = b"MZ\x90\0".to_vec();
    program.extend(archive(&[("a.txt", &b"ano"[..])], deflated()));
    assert_eq!(zip(&program), refused(UNIDENTIFIED));
}
