//! Sealed documents of the real system, from 2009 to 2018. They are not part of the project: the tests read them from the folder
//! that `ISDS_REFERENCE` names, and say so where it names none.

use std::fs::{self, File};
use std::path::PathBuf;

use seal::report;
use seal::verify::{CheckName, Level, Outcome, SkipReason, Verdict, verify_sealed};
use wire::sealed_content::SealedKind;

use crate::archive::{YEAR, archived, read, stamped};
use crate::support::{Keys, openssl_ok, text};

fn samples() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("ISDS_REFERENCE") else {
        println!("skipped: ISDS_REFERENCE is not set, so there are no real documents to read");
        return None;
    };
    Some(PathBuf::from(folder).join("zfo"))
}

fn outcome(verification: &seal::verify::Verification, name: CheckName) -> String {
    let check = verification.checks.iter().find(|check| check.name == name);
    match check.map(|check| &check.outcome) {
        Some(Outcome::Ok) => "ok".to_owned(),
        Some(Outcome::Skipped(reason)) => reason.as_str().to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn all_are_intact() {
    let Some(folder) = samples() else { return };
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "zfo") {
            let verification = verify_sealed(File::open(&path).unwrap(), None);
            let text = report::text(&path.to_string_lossy(), &verification);
            println!("{text}");
            assert_eq!(verification.verdict, Verdict::Intact, "{text}");
            assert_eq!(report::code(verification.verdict), 3);
            count += 1;
        }
    }
    assert!(count >= 3, "only {count} documents");
}

#[test]
fn sent_message_of_2018_with_both_timestamps() {
    let Some(folder) = samples() else { return };
    let verification = verify_sealed(File::open(folder.join("DZ_6452235.zfo")).unwrap(), None);
    let content = verification.found.content.as_ref().unwrap();
    assert_eq!(
        (content.kind, content.dm_id.as_str(), content.status),
        (SealedKind::Sent, "6452235", 4)
    );
    assert_eq!(content.hash_algorithm, "SHA-256");
    assert_eq!(content.delivery_time, Some(1_524_669_994_400_000));
    assert_eq!(
        verification.found.message_timestamp.as_ref().unwrap().gen_time.0,
        1_524_669_994_205_000
    );
    assert_eq!(verification.found.signature_timestamps.len(), 1);
    for name in [
        CheckName::MessageHash,
        CheckName::SealCertificate,
        CheckName::SignatureTimestamp,
        CheckName::MessageTimestamp,
    ] {
        assert_eq!(outcome(&verification, name), "ok", "{name:?}");
    }
}

#[test]
fn received_message_of_2010() {
    let Some(folder) = samples() else { return };
    let verification = verify_sealed(File::open(folder.join("received_message-330141.zfo")).unwrap(), None);
    let content = verification.found.content.as_ref().unwrap();
    assert_eq!(
        (content.kind, content.dm_id.as_str(), content.status),
        (SealedKind::Received, "330141", 6)
    );
    assert_eq!(outcome(&verification, CheckName::MessageHash), "ok");
    assert_eq!(
        outcome(&verification, CheckName::SignatureTimestamp),
        SkipReason::Absent.as_str()
    );
    assert_eq!(
        outcome(&verification, CheckName::SealCertificate),
        SkipReason::Absent.as_str()
    );
}

#[test]
fn delivery_info_of_2009() {
    let Some(folder) = samples() else { return };
    let verification = verify_sealed(File::open(folder.join("signed_delivered-DD_170272.zfo")).unwrap(), None);
    let content = verification.found.content.as_ref().unwrap();
    assert_eq!(
        (content.kind, content.dm_id.as_str(), content.status),
        (SealedKind::DeliveryInfo, "170272", 7)
    );
    assert_eq!(content.events.len(), 1);
    assert!(content.events[0].description.starts_with("EV1:"));
    assert_eq!(
        outcome(&verification, CheckName::MessageHash),
        SkipReason::Copy.as_str()
    );
    assert_eq!(outcome(&verification, CheckName::MessageTimestamp), "ok");
    assert_eq!(
        verification.found.seal.as_ref().unwrap().algorithm,
        "RSA PKCS#1 v1.5 2048 SHA-1"
    );
}

#[test]
fn a_changed_byte_in_each_is_noticed() {
    let Some(folder) = samples() else { return };
    for name in [
        "DZ_6452235.zfo",
        "received_message-330141.zfo",
        "signed_delivered-DD_170272.zfo",
    ] {
        let original = fs::read(folder.join(name)).unwrap();
        for part in 0..40 {
            let mut changed = original.clone();
            // Within the content, spread over it; the frame of the old files is not all covered by their signatures.
            changed[200 + part * (original.len() - 6000) / 40] ^= 1;
            let verdict = verify_sealed(changed.as_slice(), None).verdict;
            assert!(
                matches!(verdict, Verdict::Invalid | Verdict::Unreadable),
                "{name}, part {part}: {verdict:?}"
            );
        }
    }
}

/// Each of them, raised by an authority of the tests. (Whether its system would do so is another question: 2009 and 2010 made
/// signatures that are older than CAdES.)
#[test]
fn all_can_be_raised() {
    let Some(folder) = samples() else { return };
    // From 2000 to 2030, as far from today as the documents are.
    let keys = Keys::later(-20 * YEAR);
    for (name, level) in [
        ("DZ_6452235.zfo", Level::Stamped),
        ("received_message-330141.zfo", Level::Plain),
        ("signed_delivered-DD_170272.zfo", Level::Plain),
    ] {
        let original = fs::read(folder.join(name)).unwrap();
        let before = verify_sealed(original.as_slice(), None).found;
        assert_eq!(before.level(), Some(level), "{name}");
        let sealed = before.signing_time.unwrap();
        let mut document = original.clone();
        if level == Level::Plain {
            document = stamped(&keys, &document, sealed + 1_000_000);
        }
        for years in 1..=2 {
            document = archived(&keys, &document, sealed + years * YEAR);
            let after = verify_sealed(document.as_slice(), None);
            let lines = report::text(name, &after);
            assert_eq!(after.verdict, Verdict::Intact, "{lines}");
            let count = usize::try_from(years).unwrap();
            assert_eq!(after.found.archive_timestamps.len(), count, "{lines}");
        }
        // Content, certificates and all that was signed are in it, octet for octet.
        let (content, raised) = (read(&original).1, read(&document).1);
        assert_eq!(content, raised, "{name}");
        let file = keys.write("raised.zfo", &document);
        let verify = [
            "cms",
            "-verify",
            "-noverify",
            "-inform",
            "DER",
            "-in",
            text(&file),
            "-out",
            "/dev/null",
        ];
        assert!(openssl_ok(&verify).contains("CMS Verification successful"), "{name}");
        // And a changed octet of it is noticed.
        let mut changed = document.clone();
        let middle = document.windows(9).position(|window| window == b"<p:dmDm x").unwrap();
        changed[middle + 200] ^= 1;
        assert_ne!(verify_sealed(changed.as_slice(), None).verdict, Verdict::Intact);
    }
}
