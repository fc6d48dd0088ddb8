//! The second opinion on a seal with a signature timestamp that openssl itself and the harness put together.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use std::{fs, path::Path, process::Command};

use harness::{
    Error,
    openssl::{take_signature_timestamp, verify_seal, verify_timestamp},
};

/// A certificate authority, a seal and a timestamp authority below it, and a plain CAdES-BES seal of `content`.
const SETUP: &str = r#"
set -eu
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 9 2>/dev/null
issue() {
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
  printf '%s\n' "$2" > ext
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 -extfile ext -out "$1.pem" 2>/dev/null
}
issue seal 'keyUsage = critical, digitalSignature'
issue tsa 'extendedKeyUsage = critical, timeStamping'
printf 'what is sealed' > content
openssl cms -sign -cades -binary -nodetach -outform DER -in content -out plain.p7 -signer seal.pem -inkey seal.key
printf '[tsa]\nserial=s\ndefault_policy=1.2.3.4\ndigests=sha256\nsigner_digest=sha256\n' > tsa.cnf
openssl ts -query -sha256 -cert -data content -out q.tsq 2>/dev/null
openssl ts -reply -config tsa.cnf -section tsa -queryfile q.tsq -inkey tsa.key -signer tsa.pem -token_out -out content.tst 2>/dev/null
"#;

fn setup(folder: &Path) {
    let done = Command::new("sh")
        .args(["-c", SETUP])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn it_accepts_the_genuine_and_refuses_the_altered() {
    let folder = tempfile::tempdir().unwrap();
    setup(folder.path());
    let file = |name: &str| folder.path().join(name);
    let ca = file("ca.pem");
    assert_eq!(verify_seal(&file("plain.p7"), &ca).unwrap(), b"what is sealed");
    verify_timestamp(&file("content.tst"), &file("content"), &ca).unwrap();

    let mut altered = fs::read(file("plain.p7")).unwrap();
    let at = altered.windows(6).position(|window| window == b"sealed").unwrap();
    altered[at] = b'h';
    fs::write(file("altered.p7"), altered).unwrap();
    assert!(matches!(verify_seal(&file("altered.p7"), &ca), Err(Error::Tool { .. })));
    assert!(matches!(
        verify_seal(&file("plain.p7"), &file("seal.pem")),
        Err(Error::Tool { .. })
    ));
    assert!(matches!(
        verify_timestamp(&file("content.tst"), &file("plain.p7"), &ca),
        Err(Error::Tool { .. })
    ));
}

/// The unsigned attribute is appended by hand here: id-aa-signatureTimeStampToken with any token, since only the place is
/// looked at. Lengths of the enclosing elements are made indefinite, which openssl reads as well.
#[test]
fn it_finds_the_signature_and_its_timestamp() {
    let folder = tempfile::tempdir().unwrap();
    setup(folder.path());
    let file = |name: &str| folder.path().join(name);
    assert!(
        take_signature_timestamp(&file("plain.p7"), &file("t"), &file("s")).is_err(),
        "there is none yet"
    );

    let (plain, token) = (
        fs::read(file("plain.p7")).unwrap(),
        fs::read(file("content.tst")).unwrap(),
    );
    let signature = &plain[plain.len() - 256..];
    fs::write(file("stamped.p7"), stamped(&plain, &token)).unwrap();
    take_signature_timestamp(&file("stamped.p7"), &file("t"), &file("s")).unwrap();
    assert_eq!(fs::read(file("t")).unwrap(), token);
    assert_eq!(fs::read(file("s")).unwrap(), signature);
    assert_eq!(
        verify_seal(&file("stamped.p7"), &file("ca.pem")).unwrap(),
        b"what is sealed"
    );
}

fn stamped(plain: &[u8], token: &[u8]) -> Vec<u8> {
    /// 1.2.840.113549.1.9.16.2.14
    const OID: &[u8] = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e";
    let element = |tag: u8, content: &[u8]| {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82][..], &length, content].concat()
    };
    let attribute = element(0x30, &[OID, &element(0x31, token)].concat());
    let unsigned = element(0xa1, &attribute);
    // ContentInfo, [0], SignedData, then its children up to the set of signer infos, which is the last.
    let mut out = Vec::new();
    let mut at = 0;
    let mut open = 0;
    let header = |at: usize| {
        let first = usize::from(plain[at + 1]);
        if first < 0x80 {
            return (2, first);
        }
        let octets = first & 0x7f;
        (
            2 + octets,
            plain[at + 2..at + 2 + octets]
                .iter()
                .fold(0, |sum, octet| sum << 8 | usize::from(*octet)),
        )
    };
    loop {
        let (head, length) = header(at);
        let last = at + head + length == plain.len();
        if !last {
            out.extend_from_slice(&plain[at..at + head + length]);
            at += head + length;
            continue;
        }
        if length == 256 {
            // The signature value, the last element of the signer info.
            out.extend_from_slice(&plain[at..]);
            out.extend_from_slice(&unsigned);
            out.extend(std::iter::repeat_n([0, 0], open).flatten());
            return out;
        }
        out.extend_from_slice(&[plain[at], 0x80]);
        open += 1;
        at += if plain[at] == 0x06 { head + length } else { head };
    }
}
