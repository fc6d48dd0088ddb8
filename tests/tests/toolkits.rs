//! Clients that nobody here wrote, driven by the published WSDL, and openssl's judgement of what they received.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use std::{path::Path, process::Command};

use e2e::harness::{
    Demo, Toolkit,
    openssl::{take_signature_timestamp, verify_seal, verify_timestamp},
};

#[test]
fn zeep_sends_lists_downloads_and_verifies() {
    journey(Toolkit::Zeep);
}

#[test]
fn node_soap_sends_lists_downloads_and_verifies() {
    journey(Toolkit::NodeSoap);
}

#[test]
fn php_sends_lists_downloads_and_verifies() {
    journey(Toolkit::Php);
}

#[test]
fn gsoap_is_generated_compiled_and_sends_lists_downloads_and_verifies() {
    journey(Toolkit::Gsoap);
}

#[track_caller]
fn journey(toolkit: Toolkit) {
    let demo = Demo::start().unwrap();
    let out = tempfile::tempdir().unwrap();
    println!("{}", toolkit.walk(&demo, out.path()).unwrap());
    let file = |name: &str| out.path().join(name);
    let ca = demo.ca();

    let content = std::fs::read(file("dmDm.bin")).unwrap();
    for form in ["received", "sent"] {
        let sealed = file(&format!("{form}.zfo"));
        let inner = verify_seal(&sealed, &ca).unwrap();
        assert!(
            contains(&inner, &content),
            "{form}.zfo does not hold the dmDm that was downloaded plainly"
        );
        let (token, signature) = (file(&format!("{form}.tst")), file(&format!("{form}.sig")));
        take_signature_timestamp(&sealed, &token, &signature).unwrap();
        verify_timestamp(&token, &signature, &ca).unwrap();
        assert_eq!(isds_verify(&demo, &sealed, &ca), Some(0), "isds verify {form}.zfo");
    }
    let receipt = verify_seal(&file("delivery.zfo"), &ca).unwrap();
    assert!(
        !contains(&receipt, b"dmEncodedContent"),
        "a delivery info holds no attachments"
    );
    assert_eq!(
        isds_verify(&demo, &file("delivery.zfo"), &ca),
        Some(0),
        "isds verify delivery.zfo"
    );
    verify_timestamp(&file("dmQTimestamp.tst"), &file("dmDm.bin"), &ca).unwrap();

    // The same judges refuse what was altered, or the checks above would show nothing.
    let mut altered = content.clone();
    altered.push(b' ');
    std::fs::write(file("altered.bin"), altered).unwrap();
    verify_timestamp(&file("dmQTimestamp.tst"), &file("altered.bin"), &ca).unwrap_err();
    let mut broken = std::fs::read(file("received.zfo")).unwrap();
    let at = position(&broken, b"<p:dmAnnotation>").unwrap() + b"<p:dmAnnotation>".len();
    broken[at] ^= 0x20;
    std::fs::write(file("broken.zfo"), broken).unwrap();
    verify_seal(&file("broken.zfo"), &ca).unwrap_err();
    assert_eq!(
        isds_verify(&demo, &file("broken.zfo"), &ca),
        Some(1),
        "isds verify of an altered copy"
    );
}

fn isds_verify(demo: &Demo, sealed: &Path, ca: &Path) -> Option<i32> {
    let output = Command::new(demo.binary())
        .arg("verify")
        .arg(sealed)
        .arg("--trust")
        .arg(ca)
        .output()
        .unwrap();
    println!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output.status.code()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    position(haystack, needle).is_some()
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
