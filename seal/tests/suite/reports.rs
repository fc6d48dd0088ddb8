//! The report as `isds verify` prints it.

use seal::report::{exit_code, json, text};
use seal::verify::{TrustRoots, Verdict, verify_sealed};

use crate::support::{Keys, message};

#[test]
fn a_trusted_message() {
    let keys = Keys::quick();
    let trust = TrustRoots::from_pem(&std::fs::read(keys.ca_file()).unwrap()).unwrap();
    let verification = verify_sealed(keys.sealed(message(&keys, "QUJD").as_bytes()).as_slice(), Some(&trust));
    let lines = text("a.zfo", &verification);
    assert_eq!(lines.lines().next(), Some("a.zfo: valid and trusted"));
    for line in [
        "  document: received message, dmID 1234567, state 4",
        "  delivered: 2026-11-22T04:00:00.123Z",
        "  sealed by: C=CZ, O=ISDS demo, CN=ISDS demo seal",
        "  algorithm: ECDSA 256 SHA-256",
        "  signing time: 2026-11-22T04:00:00Z (claimed)",
        "  message stamped: 2026-11-22T04:00:00.123Z C=CZ, O=ISDS demo, CN=ISDS demo timestamp authority",
        "  ok       message hash",
        "  ok       seal issuer",
        "  skipped  revocation: not checked offline",
    ] {
        assert!(lines.lines().any(|given| given == line), "{line}\n{lines}");
    }
    let object = json("a.zfo", &verification);
    assert_eq!(object["verdict"], "trusted");
    assert_eq!(object["exitCode"], 0);
    assert_eq!(object["document"]["dmID"], "1234567");
    assert_eq!(object["document"]["kind"], "received message");
    assert_eq!(object["seal"]["signingTime"], "2026-11-22T04:00:00Z");
    assert_eq!(object["signatureTimestamps"][0]["genTime"], "2026-11-22T04:00:00.123Z");
    assert_eq!(object["messageTimestamp"]["policy"], seal::tsp::builtin::DEMO_POLICY);
    let checks = object["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["outcome"] != "failed"));
}

#[test]
fn a_refusal_says_why_to_the_bottom() {
    let keys = Keys::quick();
    let mut sealed = keys.sealed(message(&keys, "QUJD").as_bytes());
    *sealed.last_mut().unwrap() ^= 1;
    let verification = verify_sealed(sealed.as_slice(), None);
    let reason = "the timestamp is not valid: the signature of the timestamp is not valid: the signature is wrong";
    assert!(text("a", &verification).contains(&format!("  FAILED   signature timestamp: {reason}\n")));
    let object = json("a", &verification);
    assert_eq!(object["exitCode"], 1);
    let failed: Vec<_> = object["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["outcome"] == "failed")
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["reason"], reason);
}

#[test]
fn values_of_a_file_do_not_steer_the_terminal() {
    let keys = Keys::quick();
    let content = message(&keys, "QUJD").replace("1234567", "12\u{1b}[2J\n34");
    let verification = verify_sealed(keys.sealed(content.as_bytes()).as_slice(), None);
    let lines = text("a", &verification);
    assert!(!lines.contains('\u{1b}'));
    assert!(lines.contains("dmID 12\u{fffd}[2J\u{fffd}34"), "{lines}");
}

#[test]
fn the_worst_file_decides() {
    use Verdict::{Intact, Invalid, Trusted, Unreadable};
    assert_eq!(exit_code([]), 0);
    assert_eq!(exit_code([Trusted, Trusted]), 0);
    assert_eq!(exit_code([Trusted, Intact]), 3);
    assert_eq!(exit_code([Intact, Unreadable, Trusted]), 2);
    assert_eq!(exit_code([Unreadable, Invalid, Intact]), 1);
}
