//! AuthenticateMessage: what this system sealed and nobody touched, and nothing else.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use e2e::harness::{Demo, openssl, pause};
use e2e::persona::{CallError, Letter, Persona, first_text, operation_body};

struct Sealed {
    demo: Demo,
    message: Vec<u8>,
    receipt: Vec<u8>,
}

fn sealed() -> Sealed {
    let demo = Demo::start().unwrap();
    let mut sender = Persona::new(demo.address(), "mesto01");
    let mut recipient = Persona::new(demo.address(), "novak01");
    let id = sender.send(&Letter::new("nvak22s", "k ověření")).unwrap();
    let begin = std::time::Instant::now();
    while !recipient
        .list_received(10)
        .unwrap()
        .iter()
        .any(|record| record.id == id)
    {
        assert!(begin.elapsed().as_secs() < 30);
        pause();
    }
    let message = recipient.download_signed(&id).unwrap();
    let receipt = sender.of_message("/DS/dx", "GetSignedDeliveryInfo", &id).unwrap();
    let receipt = BASE64_STANDARD
        .decode(first_text(&receipt, "dmSignature>").unwrap())
        .unwrap();
    Sealed { demo, message, receipt }
}

impl Sealed {
    fn judge(&self, document: &[u8]) -> Result<String, CallError> {
        let document = BASE64_STANDARD.encode(document);
        let body = operation_body("AuthenticateMessage", &format!("<dmMessage>{document}</dmMessage>"));
        // Anybody may ask, of whatever message.
        let answer = Persona::new(self.demo.address(), "firma02").call("/DS/dz", &body)?;
        Ok(first_text(&answer, "dmAuthResult>").unwrap_or("").to_owned())
    }

    /// The content of the delivery info, altered and sealed anew by another key of the same authority.
    fn forged(&self, key: &str) -> Vec<u8> {
        let file = |name: &str| self.demo.data().join(name);
        std::fs::write(file("receipt.zfo"), &self.receipt).unwrap();
        let content = openssl::verify_seal(&file("receipt.zfo"), &self.demo.ca()).unwrap();
        let altered = String::from_utf8(content).unwrap().replace("Jan Novák", "Jan Nikdo");
        std::fs::write(file("altered.xml"), altered).unwrap();
        let keys = |kind: &str| file(&format!("keys/{key}.{kind}.pem"));
        sign(&file("altered.xml"), &keys("cert"), &keys("key"), &file("forged.zfo"));
        std::fs::read(file("forged.zfo")).unwrap()
    }
}

fn sign(content: &Path, certificate: &Path, key: &Path, out: &Path) {
    let output = Command::new("openssl")
        .args([
            "cms",
            "-sign",
            "-binary",
            "-nodetach",
            "-cades",
            "-md",
            "sha256",
            "-outform",
            "DER",
        ])
        .arg("-in")
        .arg(content)
        .arg("-signer")
        .arg(certificate)
        .arg("-inkey")
        .arg(key)
        .arg("-out")
        .arg(out)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn true_for_ours_and_false_for_what_was_touched() {
    let sealed = sealed();
    assert_eq!(sealed.judge(&sealed.message).unwrap(), "true");
    assert_eq!(sealed.judge(&sealed.receipt).unwrap(), "true");
    let mut touched = sealed.message.clone();
    let middle = touched.len() / 2;
    touched[middle] ^= 1;
    assert_ne!(sealed.judge(&touched).ok().as_deref(), Some("true"));
    let error = sealed.judge(b"nothing of the kind").unwrap_err();
    assert_eq!(error.code(), Some("2200"));
}

#[test]
fn another_certificate_of_the_same_authority_is_no_seal() {
    let sealed = sealed();
    for key in ["tls", "tsa"] {
        assert_eq!(
            sealed.judge(&sealed.forged(key)).unwrap(),
            "false",
            "sealed with the key of {key}"
        );
    }
    // The same way with the system's own key makes an authentic document, or the test would show nothing.
    let data = sealed.demo.data();
    std::fs::write(data.join("receipt.zfo"), &sealed.receipt).unwrap();
    let content = openssl::verify_seal(&data.join("receipt.zfo"), &sealed.demo.ca()).unwrap();
    std::fs::write(data.join("content.xml"), content).unwrap();
    let keys = |kind: &str| data.join(format!("keys/seal.{kind}.pem"));
    sign(
        &data.join("content.xml"),
        &keys("cert"),
        &keys("key"),
        &data.join("again.zfo"),
    );
    let again = std::fs::read(data.join("again.zfo")).unwrap();
    assert_eq!(sealed.judge(&again).unwrap(), "true");
}
