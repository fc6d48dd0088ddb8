//! The report of a verification for people and for programs; `isds verify` only prints it.

use std::error::Error;
use std::fmt::Write as _;

use serde_json::{Value, json};
use wire::sealed_content::{SealedContent, SealedKind};

use crate::asn1::time::rfc3339;
use crate::verify::{Check, Found, FoundTimestamp, Level, Outcome, Refusal, Verdict, Verification};

/// The exit code of `isds verify` for one file.
#[must_use]
pub fn code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Trusted => 0,
        Verdict::Invalid => 1,
        Verdict::Unreadable => 2,
        Verdict::Intact => 3,
    }
}

/// The verdict in words.
#[must_use]
pub fn sentence(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Trusted => "valid and trusted",
        Verdict::Intact => "intact, issuer not checked",
        Verdict::Invalid => "NOT VALID",
        Verdict::Unreadable => "unreadable",
    }
}

/// The exit code for several files: the worst of them, where not valid is worse than unreadable, and that than unchecked.
pub fn exit_code(verdicts: impl IntoIterator<Item = Verdict>) -> u8 {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Trusted => 0,
        Verdict::Intact => 1,
        Verdict::Unreadable => 2,
        Verdict::Invalid => 3,
    };
    verdicts.into_iter().max_by_key(rank).map_or(0, code)
}

/// The report in lines: the verdict, what was found, then one line a check.
pub fn text(file: &str, verification: &Verification) -> String {
    let mut out = format!("{file}: {}\n", sentence(verification.verdict));
    for (label, value) in facts(&verification.found) {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {label}: {}", printable(&value));
    }
    for Check { name, outcome } in &verification.checks {
        let (word, why) = match outcome {
            Outcome::Ok => ("ok", String::new()),
            Outcome::Failed(refusal) => ("FAILED", format!(": {}", with_sources(refusal))),
            Outcome::Skipped(reason) => ("skipped", format!(": {}", reason.as_str())),
        };
        let _ = writeln!(out, "  {word:<7}  {}{why}", name.as_str());
    }
    out
}

/// The report as a JSON object; times in RFC 3339, digests in base64 as in the document.
pub fn json(file: &str, verification: &Verification) -> Value {
    let checks: Vec<Value> = verification
        .checks
        .iter()
        .map(|Check { name, outcome }| {
            let (word, reason) = match outcome {
                Outcome::Ok => ("ok", None),
                Outcome::Failed(refusal) => ("failed", Some(with_sources(refusal))),
                Outcome::Skipped(reason) => ("skipped", Some(reason.as_str().to_owned())),
            };
            json!({ "name": name.as_str(), "outcome": word, "reason": reason })
        })
        .collect();
    let found = &verification.found;
    json!({
        "file": file,
        "verdict": verification.verdict.as_str(),
        "exitCode": code(verification.verdict),
        "checks": checks,
        "document": found.content.as_ref().map(document),
        "seal": found.seal.as_ref().map(|seal| json!({
            "subject": seal.subject,
            "issuer": seal.issuer,
            "algorithm": seal.algorithm,
            "signingTime": found.signing_time.map(rfc3339),
        })),
        "level": found.level().map(Level::as_str),
        "signatureTimestamps": found.signature_timestamps.iter().map(timestamp).collect::<Vec<_>>(),
        "archiveTimestamps": found.archive_timestamps.iter().map(timestamp).collect::<Vec<_>>(),
        "messageTimestamp": found.message_timestamp.as_ref().map(timestamp),
        "ignoredAttributes": found.ignored_attributes,
    })
}

fn document(content: &SealedContent) -> Value {
    let events: Vec<Value> = content
        .events
        .iter()
        .map(|event| json!({ "time": rfc3339(event.time), "description": event.description }))
        .collect();
    json!({
        "kind": kind(content.kind),
        "dmID": content.dm_id,
        "hashAlgorithm": content.hash_algorithm,
        "hash": openssl::base64::encode_block(&content.hash),
        "status": content.status,
        "deliveryTime": content.delivery_time.map(rfc3339),
        "acceptanceTime": content.acceptance_time.map(rfc3339),
        "events": events,
    })
}

fn timestamp(found: &FoundTimestamp) -> Value {
    json!({
        "genTime": rfc3339(found.gen_time.0),
        "authority": found.authority,
        "issuer": found.issuer,
        "policy": found.policy,
        "authorityExpires": rfc3339(found.expires.0),
    })
}

fn kind(kind: SealedKind) -> &'static str {
    crate::ports::document_kind(kind).as_str()
}

fn facts(found: &Found) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(content) = &found.content {
        facts.push((
            "document",
            format!(
                "{}, dmID {}, state {}",
                kind(content.kind),
                content.dm_id,
                content.status
            ),
        ));
        facts.push((
            "dmHash",
            format!(
                "{} {}",
                content.hash_algorithm,
                openssl::base64::encode_block(&content.hash)
            ),
        ));
        let times = [
            ("delivered", content.delivery_time),
            ("accepted", content.acceptance_time),
        ];
        facts.extend(
            times
                .into_iter()
                .filter_map(|(label, time)| Some((label, rfc3339(time?)))),
        );
        facts.extend(
            content
                .events
                .iter()
                .map(|event| ("event", format!("{} {}", rfc3339(event.time), event.description))),
        );
    }
    if let Some(seal) = &found.seal {
        facts.push(("sealed by", seal.subject.clone()));
        facts.push(("certified by", seal.issuer.clone()));
        facts.push(("algorithm", seal.algorithm.clone()));
    }
    facts.extend(found.level().map(|level| ("level", level.as_str().to_owned())));
    facts.extend(
        found
            .signing_time
            .map(|time| ("signing time", format!("{} (claimed)", rfc3339(time)))),
    );
    let stamp = |found: &FoundTimestamp| format!("{} {}", rfc3339(found.gen_time.0), found.authority);
    facts.extend(
        found
            .signature_timestamps
            .iter()
            .map(|found| ("seal stamped", stamp(found))),
    );
    facts.extend(found.archive_timestamps.iter().map(|found| ("archived", stamp(found))));
    facts.extend(
        found
            .message_timestamp
            .iter()
            .map(|found| ("message stamped", stamp(found))),
    );
    facts.extend(
        found
            .ignored_attributes
            .iter()
            .map(|oid| ("not evaluated", format!("unsigned attribute {oid}"))),
    );
    facts
}

/// A refusal with all that caused it.
pub fn with_sources(refusal: &Refusal) -> String {
    let mut out = refusal.to_string();
    let mut source = refusal.source();
    while let Some(error) = source {
        let _ = write!(out, ": {error}");
        source = error.source();
    }
    out
}

/// A value from a file must not steer the terminal, nor fill it.
fn printable(value: &str) -> String {
    value
        .chars()
        .map(|letter| if letter.is_control() { '\u{fffd}' } else { letter })
        .take(500)
        .collect()
}
