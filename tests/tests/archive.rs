//! ArchiveISDSDocument and Re-signISDSDocument against a whole system: the documents that come back hold, at every level.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use e2e::harness::{Demo, DemoOptions, http, openssl, pause};
use e2e::persona::{CallError, Letter, Persona, first_text, operation_body};
use e2e::sealed::dm_dm_hash;

const DAY: u64 = 24 * 60 * 60;

/// A message as its recipient downloads it, and its delivery info.
fn documents(demo: &Demo, letter: &Letter) -> (Vec<u8>, Vec<u8>) {
    let mut sender = Persona::new(demo.address(), "mesto01");
    let mut recipient = Persona::new(demo.address(), "novak01");
    let id = sender.send(letter).unwrap();
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
    let receipt = sender.of_message("/DS/dx", "GetSignedDeliveryInfo", &id).unwrap();
    let receipt = first_text(&receipt, "dmSignature>").unwrap();
    (
        recipient.download_signed(&id).unwrap(),
        BASE64_STANDARD.decode(receipt).unwrap(),
    )
}

fn ask(address: SocketAddr, path: &str, operation: &str, name: &str, document: &[u8]) -> Result<String, CallError> {
    let document = BASE64_STANDARD.encode(document);
    let body = operation_body(operation, &format!("<{name}>{document}</{name}>"));
    // Anybody may, of whatever message.
    Persona::new(address, "firma02").call(path, &body)
}

fn result(answer: &str) -> Vec<u8> {
    BASE64_STANDARD
        .decode(first_text(answer, "dmResultDoc>").unwrap())
        .unwrap()
}

/// The document with a timestamp more, and until when the next one can be added.
fn archive(demo: &Demo, document: &[u8]) -> Result<(Vec<u8>, String), CallError> {
    let answer = ask(demo.address(), "/DS/arch", "ArchiveISDSDocument", "dmMessage", document)?;
    let next = first_text(&answer, "nextStampTo>").unwrap().to_owned();
    Ok((result(&answer), next))
}

fn resign(demo: &Demo, document: &[u8]) -> Result<(Vec<u8>, String), CallError> {
    let answer = ask(demo.address(), "/DS/dz", "Re-signISDSDocument", "dmDoc", document)?;
    let valid_to = first_text(&answer, "dmValidTo>").unwrap().to_owned();
    Ok((result(&answer), valid_to))
}

#[track_caller]
fn refused(answer: Result<(Vec<u8>, String), CallError>) -> String {
    answer.unwrap_err().code().unwrap().to_owned()
}

fn advance(demo: &Demo, seconds: u64) {
    let headers = [("Content-Type", "application/json")];
    let body = format!("{{\"advance_seconds\":{seconds}}}");
    let limit = Duration::from_secs(60);
    let answer = http::post(demo.address(), "/test/clock", &headers, body.as_bytes(), limit).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// AuthenticateMessage and `isds verify` both accept it, at this level; OpenSSL takes its seal for what it is.
#[track_caller]
fn assert_holds(demo: &Demo, document: &[u8], level: &str, archive_stamps: usize) {
    let answer = ask(demo.address(), "/DS/dz", "AuthenticateMessage", "dmMessage", document).unwrap();
    assert_eq!(first_text(&answer, "dmAuthResult>"), Some("true"), "{level}");
    let file = demo.data().join("raised.zfo");
    std::fs::write(&file, document).unwrap();
    let output = Command::new(demo.binary())
        .arg("verify")
        .arg("--trust")
        .arg(demo.ca())
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains(&format!("  level: {level}\n")), "{said}");
    assert_eq!(
        said.matches("  ok       archive timestamp\n").count(),
        archive_stamps,
        "{said}"
    );
    openssl::verify_seal(&file, &demo.ca()).unwrap();
}

#[test]
fn evidence_grows_with_the_years() {
    let demo = Demo::start().unwrap();
    // Beyond what is held as a whole on its way.
    let (message, receipt) = documents(&demo, &Letter::new("nvak22s", "k archivaci").of_size(3 << 20));
    assert_holds(&demo, &message, "CAdES-T", 0);
    assert_holds(&demo, &receipt, "CAdES-B", 0);
    let (receipt, expires) = archive(&demo, &receipt).unwrap();
    assert_holds(&demo, &receipt, "CAdES-T", 0);

    assert_eq!(refused(archive(&demo, &message)), "2209");
    advance(&demo, DAY);
    let (archived, next) = archive(&demo, &message).unwrap();
    assert_holds(&demo, &archived, "CAdES-A", 1);
    assert_eq!(dm_dm_hash(&archived), dm_dm_hash(&message));
    // All of the demo's stamps rest on one certificate.
    assert_eq!(next, expires);
    assert_eq!(refused(archive(&demo, &archived)), "2206");

    // Its certificates last for thirty years; in the last eighteen months the next stamp is due.
    advance(&demo, 29 * 365 * DAY);
    let (twice, _) = archive(&demo, &archived).unwrap();
    assert_holds(&demo, &twice, "CAdES-A", 2);
    assert_eq!(dm_dm_hash(&twice), dm_dm_hash(&message));
    let (receipt, _) = archive(&demo, &receipt).unwrap();
    assert_holds(&demo, &receipt, "CAdES-A", 1);
    // Then it is too late.
    advance(&demo, 2 * 365 * DAY);
    assert_eq!(refused(archive(&demo, &twice)), "2205");
    assert_eq!(refused(archive(&demo, &message)), "2205");
}

/// The content of a document in a CMS signature of the system's key without any attribute of CAdES.
fn plain(demo: &Demo, document: &[u8]) -> Vec<u8> {
    let file = |name: &str| -> PathBuf { demo.data().join(name) };
    std::fs::write(file("document.zfo"), document).unwrap();
    std::fs::write(
        file("content.xml"),
        openssl::verify_seal(&file("document.zfo"), &demo.ca()).unwrap(),
    )
    .unwrap();
    let output = Command::new("openssl")
        .args([
            "cms",
            "-sign",
            "-binary",
            "-nodetach",
            "-md",
            "sha256",
            "-outform",
            "DER",
        ])
        .arg("-in")
        .arg(file("content.xml"))
        .arg("-signer")
        .arg(file("keys/seal.cert.pem"))
        .arg("-inkey")
        .arg(file("keys/seal.key.pem"))
        .arg("-out")
        .arg(file("plain.zfo"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(file("plain.zfo")).unwrap()
}

#[test]
fn the_two_services_send_to_each_other() {
    let demo = Demo::start().unwrap();
    let (message, receipt) = documents(&demo, &Letter::new("nvak22s", "přepečetění"));
    for document in [&message, &receipt] {
        assert_eq!(refused(resign(&demo, document)), "2204");
        let old = plain(&demo, document);
        assert_eq!(refused(archive(&demo, &old)), "2214");
        let (anew, valid_to) = resign(&demo, &old).unwrap();
        assert_holds(&demo, &anew, "CAdES-T", 0);
        assert_eq!(valid_to.len(), 10);
        assert_eq!(refused(resign(&demo, &anew)), "2204");
        assert_eq!(refused(archive(&demo, &anew)), "2209");
    }
    let mut touched = message.clone();
    let middle = touched.len() / 2;
    touched[middle] ^= 1;
    assert_eq!(refused(archive(&demo, &touched)), "2201");
    assert_eq!(refused(resign(&demo, &touched)), "2201");
    assert_eq!(refused(archive(&demo, b"nothing of the kind")), "2200");
    assert_eq!(refused(resign(&demo, &message[..middle])), "2200");
    // Another system's documents are unknown here, even those of the same authority: a new start has a new one.
    let (foreign, _) = documents(&Demo::start().unwrap(), &Letter::new("nvak22s", "jinde"));
    assert_eq!(refused(archive(&demo, &foreign)), "2201");
}

#[test]
fn without_an_authority_nothing_is_archived() {
    let folder = tempfile::tempdir().unwrap();
    let (message, receipt) = {
        let mut demo = DemoOptions::default().folder(folder.path()).start().unwrap();
        let documents = documents(&demo, &Letter::new("nvak22s", "bez razítka"));
        advance(&demo, DAY);
        demo.terminate().unwrap();
        documents
    };
    // Nothing listens there: port 9 (discard) is closed on any machine of ours.
    let demo = DemoOptions::default()
        .folder(folder.path())
        .argument("--tsa")
        .argument("http://127.0.0.1:9/tsr")
        .argument("--tsa-trust")
        .argument(folder.path().join("data/trust/ca.pem"))
        .start()
        .unwrap();
    assert_eq!(refused(archive(&demo, &message)), "2207");
    assert_eq!(refused(archive(&demo, &receipt)), "2207");
    let old = plain(&demo, &message);
    assert_eq!(refused(resign(&demo, &old)), "2207");
}

#[test]
fn a_long_document_is_archived_in_bounded_memory() {
    /// In bytes: less than the document, which is 27 MB, and than its base64.
    const ALLOWED: u64 = 24 << 20;
    let demo = Demo::start().unwrap();
    // A small one first: threads, pools and caches are part of idling.
    let (_, small) = documents(&demo, &Letter::new("nvak22s", "malá"));
    archive(&demo, &small).unwrap();
    let (message, _) = documents(&demo, &Letter::new("nvak22s", "velká").of_size(20 << 20));
    advance(&demo, DAY);
    let idle = demo.memory().unwrap().resident;
    demo.reset_peak().unwrap();
    let (archived, _) = archive(&demo, &message).unwrap();
    let growth = demo.memory().unwrap().peak.saturating_sub(idle);
    println!("idle {} MB, growth {} MB", idle >> 20, growth >> 20);
    assert!(growth < ALLOWED, "grew by {} MB", growth >> 20);
    assert_eq!(dm_dm_hash(&archived), dm_dm_hash(&message));
}
