//! What the tests of this crate share: keys, sealed documents, and the system's `openssl`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use openssl::pkey::{PKey, Private};
use openssl::sha::sha256;
use openssl::x509::X509;
use seal::authority::{DemoAuthority, DemoOptions};
use seal::cades::{Content, Frame};
use seal::keys::{KeyKind, Scheme, SigningKey};
use seal::sealing::seal_built_in;
use seal::tsp::BuiltInAuthority;
use seal::tsp::builtin::DEMO_POLICY;

/// Legal time of most tests: 2026-11-22 04:00:00.123456 UTC.
pub const NOW: i64 = 1_795_320_000_123_456;

/// From when the certificates of the tests are valid: 2020-01-01, so that tools with a real clock accept them too.
pub const BEGINNING: i64 = 1_577_836_800_000_000;

/// A seal and a timestamp key under one root, as the demo has them.
pub struct Keys {
    pub folder: tempfile::TempDir,
    pub root: X509,
    pub seal: SigningKey,
    pub timestamps: BuiltInAuthority,
}

impl Keys {
    pub fn new(seal: (KeyKind, Scheme), timestamps: (KeyKind, Scheme)) -> Self {
        Self::since(BEGINNING, seal, timestamps)
    }

    /// As [`Self::quick`], with certificates that begin, and end, so many microseconds later.
    pub fn later(by: i64) -> Self {
        let kind = (KeyKind::P256, Scheme::EcdsaP256);
        Self::since(BEGINNING + by, kind, kind)
    }

    fn since(not_before: i64, seal: (KeyKind, Scheme), timestamps: (KeyKind, Scheme)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = DemoOptions {
            seal,
            timestamps,
            not_before,
        };
        let authority = DemoAuthority::open_or_create(folder.path(), &options, &[], &mut counting()).unwrap();
        let timestamps = BuiltInAuthority::new(authority.timestamps, DEMO_POLICY, 500).unwrap();
        Self {
            folder,
            root: authority.root,
            seal: authority.seal,
            timestamps,
        }
    }

    /// P-256 for both: made in no time, for the tests that are not about keys.
    pub fn quick() -> Self {
        Self::new((KeyKind::P256, Scheme::EcdsaP256), (KeyKind::P256, Scheme::EcdsaP256))
    }

    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("trust/ca.pem")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The private key that `open_or_create` stored.
    pub fn stored_key(&self, name: &str) -> PKey<Private> {
        PKey::private_key_from_pem(&std::fs::read(self.path(&format!("keys/{name}.key.pem"))).unwrap()).unwrap()
    }

    pub fn stored_certificate(&self, name: &str) -> X509 {
        X509::from_pem(&std::fs::read(self.path(&format!("keys/{name}.cert.pem"))).unwrap()).unwrap()
    }

    pub fn frame(&self, content: &[u8]) -> Frame {
        let described = Content {
            sha256: sha256(content),
            length: content.len() as u64,
        };
        let sealed = seal_built_in(&self.seal, described, NOW, &self.timestamps, [0x5a; 16]).unwrap();
        assert!(sealed.not_stamped.is_none());
        sealed.frame
    }

    pub fn sealed(&self, content: &[u8]) -> Vec<u8> {
        whole(&self.frame(content), content)
    }
}

pub fn whole(frame: &Frame, content: &[u8]) -> Vec<u8> {
    [&frame.prefix, content, &frame.suffix].concat()
}

/// Serial numbers that differ and need no randomness.
pub fn counting() -> impl FnMut(&mut [u8]) {
    let mut next = 0_u8;
    move |octets| {
        next += 1;
        octets.fill(next);
    }
}

/// The content of a message with a token over its hash, as a server would write it.
pub fn message(keys: &Keys, file: &str) -> String {
    let dm = format!(
        concat!(
            r#"<p:dmDm xmlns:p="http://isds.czechpoint.cz/v20"><p:dmID>1234567</p:dmID>"#,
            r#"<p:dmAnnotation>Žádost</p:dmAnnotation><p:dmFiles><p:dmFile dmMimeType="text/plain" dmFileMetaType="main" "#,
            r#"dmFileDescr="a.txt"><p:dmEncodedContent>{}</p:dmEncodedContent></p:dmFile></p:dmFiles></p:dmDm>"#
        ),
        file
    );
    let hash = sha256(dm.as_bytes());
    let request = seal::tsp::StampRequest {
        imprint: hash,
        time: NOW,
        random: [7; 16],
    };
    let token = keys.timestamps.stamp(&request).unwrap();
    format!(
        concat!(
            r#"<q:MessageDownloadResponse xmlns:q="http://isds.czechpoint.cz/v20/message" "#,
            r#"xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><q:dmReturnedMessage>{}"#,
            r#"<q:dmHash algorithm="SHA-256">{}</q:dmHash><q:dmQTimestamp>{}</q:dmQTimestamp>"#,
            r#"<q:dmDeliveryTime>2026-11-22T05:00:00.123+01:00</q:dmDeliveryTime><q:dmAcceptanceTime xsi:nil="true"/>"#,
            r#"<q:dmMessageStatus>4</q:dmMessageStatus></q:dmReturnedMessage></q:MessageDownloadResponse>"#
        ),
        dm,
        openssl::base64::encode_block(&hash),
        openssl::base64::encode_block(&token.der)
    )
}

/// Runs the system's `openssl`; what it says goes into the failure.
pub fn openssl_cli(arguments: &[&str]) -> Output {
    static PRESENT: OnceLock<bool> = OnceLock::new();
    let present = PRESENT.get_or_init(|| {
        Command::new("openssl")
            .arg("version")
            .output()
            .is_ok_and(|output| output.status.success())
    });
    assert!(
        present,
        "these tests need the program `openssl` of OpenSSL 3 (Debian: apt install openssl)"
    );
    Command::new("openssl").args(arguments).output().unwrap()
}

/// Runs `openssl` and expects it to succeed; answers with what it printed.
pub fn openssl_ok(arguments: &[&str]) -> String {
    let output = openssl_cli(arguments);
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "openssl {arguments:?}: {said}");
    said
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
